// SPDX-License-Identifier: MIT
//
// What each analysis declares that it reads, held against what it does: it needs no other column,
// needs each one that it calls required, and goes on without each one that it calls optional.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bourse/market.h"
#include "tests/plugins/analyses/finite.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

using Columns = std::vector<std::string>;

/// One person's own is not in the synthetic exchange.
ReportPtr account() {
  return make_report([](const Call& call) {
    call.add(TableBuilder("account", "Balances")
                 .column(Field(bourse_account_asset), std::vector<std::string>{"BTC", "USDT"})
                 .column(Field(bourse_account_free), std::vector{Decimal::of(2), Decimal::of(5)})
                 .column(Field(bourse_account_locked), std::vector{Decimal::of(1), Decimal()}));
  });
}

Component::Ask everything() {
  static const Component kSource("synthetic.so", "synthetic", {{"now", "2026-11-21T08:30:00Z"}});
  return [](std::string_view dataset,
            const std::map<std::string, host::Value>& args) -> host::Result<ReportPtr> {
    if (dataset == "account") return account();
    return kSource.fetch(dataset, args);
  };
}

/// Name of an analysis, and parameters that it can be asked with.
using Case = std::pair<const char*, Texts>;

class DeclaredColumns : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] host::Result<ReportPtr> run(const Component::Ask& ask) const {
    return component_.run(GetParam().second, ask);
  }
  /// Of all its datasets, those for which `wanted` says so.
  template <class Wanted>
  [[nodiscard]] Columns columns(const Wanted& wanted) const {
    Columns out;
    for (std::size_t d = 0; d < component_.wire().n_datasets; ++d) {
      const bourse_dataset& dataset = *component_.wire().datasets[d];
      for (std::size_t f = 0; f < dataset.n_fields; ++f) {
        if (wanted(dataset, *dataset.fields[f])) out.emplace_back(dataset.fields[f]->name);
      }
    }
    return out;
  }
  [[nodiscard]] Columns optional() const {
    return columns([](const bourse_dataset&, const bourse_field& field) {
      return (field.flags & BOURSE_FIELD_OPTIONAL) != 0;
    });
  }
  const Component component_{std::string(GetParam().first) + ".so", GetParam().first};
};

void expect_equal(const bourse_report& a, const bourse_report& b) {
  ASSERT_EQ(a.n_tables, b.n_tables);
  EXPECT_EQ(note_codes(a), note_codes(b));
  for (std::size_t s = 0; s < a.n_scalars; ++s) {
    EXPECT_EQ(scalar_text(a, a.scalars[s]->field->name), scalar_text(b, a.scalars[s]->field->name));
  }
  for (std::size_t t = 0; t < a.n_tables; ++t) {
    const bourse_table& table = *a.tables[t];
    ASSERT_EQ(table.n_fields, b.tables[t]->n_fields);
    for (std::size_t f = 0; f < table.n_fields; ++f) {
      const char* const column = table.fields[f]->name;
      EXPECT_EQ(column_texts(a, table.name, column), column_texts(b, table.name, column)) << column;
    }
  }
}

TEST_P(DeclaredColumns, AreAllThatItReads) {
  // Answers without any column of market.h that the analysis does not name.
  const auto named = columns([](const bourse_dataset&, const bourse_field&) { return true; });
  Columns others;
  for (const bourse_dataset* dataset : bourse_market_datasets) {
    for (std::size_t f = 0; f < dataset->n_fields; ++f) {
      if (std::find(named.begin(), named.end(), dataset->fields[f]->name) == named.end()) {
        others.emplace_back(dataset->fields[f]->name);
      }
    }
  }
  ASSERT_FALSE(others.empty());
  const auto all = run(everything()), few = run(without_columns(everything(), others));
  ASSERT_TRUE(all.ok()) << all.failure().message;
  ASSERT_TRUE(few.ok()) << few.failure().message;
  expect_equal((*all)->wire(), (*few)->wire());
}

TEST_P(DeclaredColumns, AreNeededUnlessTheyAreOptional) {
  const auto needed = columns([](const bourse_dataset& dataset, const bourse_field& field) {
    return ((dataset.flags | field.flags) & BOURSE_FIELD_OPTIONAL) == 0;
  });
  static_assert(int{BOURSE_FIELD_OPTIONAL} == int{BOURSE_DATASET_OPTIONAL});
  ASSERT_FALSE(needed.empty());
  for (const std::string& column : needed) {
    EXPECT_FALSE(run(without_columns(everything(), {column})).ok())
        << column << " is not needed: declare it optional";
  }
}

TEST_P(DeclaredColumns, CanBeMissingWhereTheyAreOptional) {
  const auto whole = run(everything());
  ASSERT_TRUE(whole.ok()) << whole.failure().message;
  std::vector<Columns> missing;
  for (const std::string& column : optional()) missing.push_back({column});
  missing.push_back(optional());
  for (const Columns& columns : missing) {
    const auto result = run(without_columns(everything(), columns));
    ASSERT_TRUE(result.ok()) << testing::PrintToString(columns) << ": " << result.failure().message;
    const bourse_report& wire = (*result)->wire();
    expect_finite(wire);
    // The report keeps its shape: what cannot be said is null.
    ASSERT_EQ(wire.n_tables, (*whole)->wire().n_tables);
    for (std::size_t t = 0; t < wire.n_tables; ++t) {
      ASSERT_EQ(wire.tables[t]->n_fields, (*whole)->wire().tables[t]->n_fields);
      for (std::size_t f = 0; f < wire.tables[t]->n_fields; ++f) {
        EXPECT_STREQ(wire.tables[t]->fields[f]->name, (*whole)->wire().tables[t]->fields[f]->name);
      }
    }
  }
}

TEST_P(DeclaredColumns, AreReadWithoutAnOptionalDataset) {
  for (std::size_t d = 0; d < component_.wire().n_datasets; ++d) {
    const bourse_dataset& dataset = *component_.wire().datasets[d];
    const auto result = run(without_dataset(everything(), dataset.name));
    EXPECT_EQ(result.ok(), (dataset.flags & BOURSE_DATASET_OPTIONAL) != 0) << dataset.name;
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachAnalysis, DeclaredColumns,
                         testing::Values(Case{"account", {}},
                                         Case{"correlation", {{"symbols", "BTCUSDT,ETHUSDT"}}},
                                         Case{"liquidity", {{"symbol", "BTCUSDT"}}},
                                         Case{"market-statistics", {}}, Case{"prices", {}},
                                         Case{"symbols", {}},
                                         Case{"technical", {{"symbol", "BTCUSDT"}}}),
                         [](const auto& one) {
                           std::string name = one.param.first;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// ---- what is said then, one by one

ReportPtr answer(const char* id, const Texts& params, const Component::Ask& ask) {
  const Component component(std::string(id) + ".so", id);
  auto result = component.run(params, ask);
  if (!result.ok()) {
    ADD_FAILURE() << result.failure().message;
    return make_report([](const Call&) {});
  }
  return *result;
}
std::string note_text(const bourse_report& report, std::string_view code) {
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    if (view(report.notes[i]->code) == code) return std::string(view(report.notes[i]->text));
  }
  return "";
}

TEST(LeftOutColumns, OfCandlesAreNullAndNamed) {
  const Columns left_out = {"quote_volume", "trades", "closed"};
  const auto report =
      answer("technical", {{"symbol", "BTCUSDT"}}, without_columns(everything(), left_out));
  const bourse_report& wire = report->wire();
  for (const std::string& column : left_out) {
    EXPECT_THAT(column_texts(wire, "series", column), Each("null")) << column;
  }
  EXPECT_THAT(column_texts(wire, "series", "volume"), Each(Not("null")));
  EXPECT_THAT(note_text(wire, "columns_unavailable"), HasSubstr("quote_volume, trades, closed"));
  EXPECT_THAT(note_codes(wire), Not(Contains("forming_candle"))) << "who could know?";
}

TEST(LeftOutColumns, OfTickersAreNullAndNamedAndTheirSumsSaySo) {
  const auto report = answer("market-statistics", {},
                             without_columns(everything(), {"quote_asset", "trades", "open"}));
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "tickers", "trades"), Each("null"));
  EXPECT_THAT(column_texts(wire, "tickers", "open"), Each("null"));
  EXPECT_THAT(note_text(wire, "columns_unavailable"), HasSubstr("trades, open"));
  EXPECT_THAT(column_texts(wire, "quote_volumes", "quote_asset"), testing::IsEmpty());
  EXPECT_THAT(note_codes(wire), Contains("quote_asset_unknown"));
}

TEST(LeftOutColumns, OfTheTimesOfTickersLeaveNothingToSayOfTheirAge) {
  const auto report = answer("market-statistics", {},
                             without_columns(everything(), {"open_time", "close_time", "status"}));
  EXPECT_THAT(column_texts(report->wire(), "tickers", "close_time"), Each("null"));
  EXPECT_THAT(note_text(report->wire(), "columns_unavailable"), HasSubstr("close_time"));
  EXPECT_THAT(note_codes(report->wire()), Not(Contains("stale_data")));
}

TEST(LeftOutColumns, OfRulesAreNullAndNamed) {
  const auto report = answer("symbols", {}, without_columns(everything(), {"lot_step"}));
  EXPECT_THAT(column_texts(report->wire(), "symbols", "lot_step"), Each("null"));
  EXPECT_THAT(column_texts(report->wire(), "symbols", "tick_size"), Each(Not("null")));
  EXPECT_THAT(note_text(report->wire(), "columns_unavailable"), HasSubstr("lot_step"));
}

TEST(LeftOutColumns, OfTheBookAreNullAndNamedAndItsSpreadStays) {
  const auto report = answer("prices", {}, without_columns(everything(), {"bid_quantity"}));
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "prices", "bid_quantity"), Each("null"));
  EXPECT_THAT(column_texts(wire, "prices", "ask_quantity"), Each(Not("null")));
  EXPECT_THAT(column_texts(wire, "prices", "spread_basis_points"), Each(Not("null")));
  EXPECT_THAT(note_text(wire, "columns_unavailable"), HasSubstr("bid_quantity"));
}

TEST(LeftOutDatasets, LeavePricesWithoutABookAndBalancesWithoutAValue) {
  const auto prices = answer("prices", {}, without_dataset(everything(), "book_ticker"));
  EXPECT_THAT(column_texts(prices->wire(), "prices", "price"), Each(Not("null")));
  EXPECT_THAT(column_texts(prices->wire(), "prices", "bid"), Each("null"));
  EXPECT_THAT(note_codes(prices->wire()), Contains("book_unavailable"));
  const auto balances = answer("account", {}, without_dataset(everything(), "prices"));
  EXPECT_THAT(column_texts(balances->wire(), "balances", "asset"), Contains("BTC"));
  EXPECT_THAT(note_codes(balances->wire()), Contains("prices_unavailable"));
  const auto guessed = answer("account", {}, without_dataset(everything(), "symbols"));
  EXPECT_THAT(column_texts(guessed->wire(), "balances", "route"), Contains("BTCUSDT"));
  EXPECT_THAT(note_codes(guessed->wire()), Contains("markets_unavailable"));
}

}  // namespace
}  // namespace bourse::test
