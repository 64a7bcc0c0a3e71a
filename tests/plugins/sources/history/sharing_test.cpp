// SPDX-License-Identifier: MIT
//
// What a backfill leaves of the source's limit to others.
#include <chrono>

#include "tests/plugins/sources/history/fixture.hpp"

namespace bourse::history {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::Step;
using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

/// A source that counts each question as a tenth of its limit, and begins anew after 400 ms.
class Sharing : public Layer {
 protected:
  static constexpr milliseconds kWindow{400};

  void limit_it() {
    begun_ = steady_clock::now();
    change_ = [this](const ReportPtr& report) {
      const auto window = (steady_clock::now() - begun_) / kWindow;
      if (static_cast<std::size_t>(window) >= used_.size()) {
        used_.resize(static_cast<std::size_t>(window) + 1);
      }
      const int used = ++used_[static_cast<std::size_t>(window)];
      const auto ends = begun_ + (window + 1) * kWindow;
      const double left = std::chrono::duration<double>(ends - steady_clock::now()).count();
      return host::Result<ReportPtr>(test::make_report([&](const Call& call) {
        const TableView table = ReportView(report->wire()).table(0);
        TableBuilder copy("candles", "Candles");
        std::vector<std::vector<bourse_value>> columns(table.columns());
        for (std::size_t column = 0; column < table.columns(); ++column) {
          for (std::size_t row = 0; row < table.rows(); ++row) {
            columns[column].push_back(table.cell(column, row));
          }
          copy.column(bourse::Field(table.field(column)), columns[column]);
        }
        call.add(copy);
        call.meta("clock", now_);
        call.meta("x_limit_used", (used + others_) / 10.0);
        call.meta("x_limit_left", left);
      }));
    };
  }
  /// 10 pages of minutes.
  std::vector<Step> backfill(const std::string& share) {
    std::vector<Step> steps;
    const auto done = layer_->perform("backfill",
                                      {{"symbols", "BTCUSDT"},
                                       {"start", "2025-06-01"},
                                       {"end", "2025-06-07T22:39:00Z"},
                                       {"share", share}},
                                      under(), &steps);
    EXPECT_TRUE(done) << (done ? "" : done.failure().message);
    return steps;
  }

  steady_clock::time_point begun_;
  std::vector<int> used_;  ///< of each window
  int others_ = 0;
};

TEST_F(Sharing, ABackfillUsesNoMoreThanItsShareOfEachWindow) {
  limit_it();
  const auto steps = backfill("0.3");
  int pages = 0;
  for (const int used : used_) {
    EXPECT_LE(used, 3);
    pages += used;
  }
  EXPECT_EQ(pages, 10);
  EXPECT_GE(used_.size(), 4U);
  EXPECT_THAT(steps,
              Contains(Field(&Step::text, AllOf(HasSubstr("waits 1 s"),
                                                HasSubstr("30 % of the source's limit is used")))));
}

TEST_F(Sharing, WhatOthersUseCountsToo) {
  limit_it();
  others_ = 2;
  backfill("0.3");
  for (const int used : used_) EXPECT_LE(used, 1);
}

TEST_F(Sharing, BelowItsShareItWaitsForNothing) {
  limit_it();
  const auto steps = backfill("1");
  EXPECT_THAT(steps, Not(Contains(Field(&Step::text, HasSubstr("waits")))));
}

}  // namespace
}  // namespace bourse::history
