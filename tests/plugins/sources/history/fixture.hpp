// SPDX-License-Identifier: MIT
//
// A history over the synthetic market: in a SQLite file, or in PostgreSQL where BOURSE_TEST_STORE
// says `postgres`. All tests of the program run over either.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/words.hpp"
#include "host/parameters/value.hpp"
#include "tests/plugins/sources/history/postgres_server.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::history {

using test::column_texts;
using test::Component;
using test::note_codes;
using test::ReportPtr;
using test::Texts;

using Args = std::map<std::string, host::Value>;

inline constexpr std::int64_t kSecond = 1'000'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
inline constexpr Time kNoon{1'767'182'400 * kSecond};  // 2025-12-31T12:00:00Z

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "bourse-history-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

inline constexpr const char* kColumns[] = {"open_time",
                                           "open",
                                           "high",
                                           "low",
                                           "close",
                                           "volume",
                                           "close_time",
                                           "quote_volume",
                                           "trades",
                                           "taker_base_volume",
                                           "taker_quote_volume",
                                           "closed"};

/// All cells of all columns.
inline std::map<std::string, std::vector<std::string>> cells(const ReportPtr& report) {
  std::map<std::string, std::vector<std::string>> all;
  for (const char* const column : kColumns)
    all[column] = column_texts(report->wire(), "candles", column);
  return all;
}

inline bool uses_postgres() {
  const char* const store = std::getenv("BOURSE_TEST_STORE");
  return store != nullptr && std::string_view(store) == "postgres";
}

class Layer : public testing::Test {
 protected:
  void SetUp() override {
    if (uses_postgres()) {
      const PostgresServer& server = PostgresServer::shared();
      if (!server.reason().empty()) GTEST_SKIP() << server.reason();
      database_ = server.new_database();
    }
    open_again();
    set_now(kNoon);
  }

  void set_now(Time now) {
    now_ = now;
    below_.set_now(now);
    layer_->set_now(now);
  }
  void open_again() { open_at(database_); }
  void open_at(const std::string& database) {
    layer_.reset();
    layer_.emplace("history.so", "history", Texts{{"database", database}});
    layer_->set_now(now_);
  }

  /// What the layer says; what it asks below is in asked_, as "start..end limit".
  host::Result<ReportPtr> ask(const Texts& params, const std::string& symbol = "BTCUSDT") {
    asked_.clear();
    Texts all{{"symbol", symbol}};
    all.insert(all.end(), params.begin(), params.end());
    return layer_->fetch("candles", all, under());
  }
  /// The source below, as the layer finds it.
  Component::Ask under() {
    return [this](std::string_view dataset, const Args& args) {
      const auto text = [&args](const char* name) {
        const auto found = args.find(name);
        return found == args.end() ? std::string() : found->second.canonical();
      };
      asked_.push_back(text("start") + ".." + text("end") + " " + text("limit"));
      if (fails_)
        return host::Result<ReportPtr>(
            host::Failure{.status = BOURSE_UNAVAILABLE, .code = "down", .message = "It is down."});
      auto answer = below_.fetch(dataset, args);
      return change_ && answer ? change_(*answer) : answer;
    };
  }
  ReportPtr shown(const Texts& params) {
    auto answer = ask(params);
    EXPECT_TRUE(answer) << (answer ? "" : answer.failure().message);
    return answer ? *answer : nullptr;
  }
  /// What `keep` and `change` make of the source's candles: those that it does not keep are left
  /// out, of the others `change` makes the close.
  static host::Result<ReportPtr> edited(const ReportPtr& report, Time clock,
                                        const std::function<bool(Time)>& keep,
                                        const std::function<Decimal(Time, Decimal)>& change) {
    return test::make_report([&](const Call& call) {
      const TableView table = ReportView(report->wire()).table(0);
      TableBuilder fewer("candles", "Candles");
      for (std::size_t column = 0; column < table.columns(); ++column) {
        std::vector<bourse_value> values;
        for (std::size_t row = 0; row < table.rows(); ++row) {
          const Time time{table.times("open_time")[row]};
          if (!keep(time)) continue;
          bourse_value cell = table.cell(column, row);
          if (std::string_view(table.field(column).name) == "close") {
            cell = value(change(time, table.decimals("close")[row]));
          }
          values.push_back(cell);
        }
        Field field("", BOURSE_TYPE_TEXT);
        static_cast<bourse_field&>(field) = table.field(column);
        fewer.column(field, values);
      }
      call.add(fewer);
      call.meta("clock", clock);
    });
  }
  /// The same cells as without the layer.
  void expect_same(const Texts& params) {
    Texts all{{"symbol", "BTCUSDT"}};
    all.insert(all.end(), params.begin(), params.end());
    const auto direct = below_.fetch("candles", all);
    ASSERT_TRUE(direct);
    const auto layered = shown(params);
    ASSERT_TRUE(layered);
    const auto expected = cells(*direct), said = cells(layered);
    for (const char* const column : kColumns) {
      ASSERT_EQ(expected.at(column).size(), said.at(column).size());
      for (std::size_t row = 0; row < said.at(column).size(); ++row) {
        ASSERT_EQ(expected.at(column)[row], said.at(column)[row])
            << column << " of row " << row << " of " << said.at(column).size();
      }
    }
  }

  Folder folder_;
  std::string database_ = "sqlite:" + (folder_ / "h.db");
  Time now_{};
  Component below_{"synthetic.so", "synthetic"};
  std::optional<Component> layer_;
  std::vector<std::string> asked_;
  bool fails_ = false;
  std::function<host::Result<ReportPtr>(const ReportPtr&)> change_;
};

}  // namespace bourse::history
