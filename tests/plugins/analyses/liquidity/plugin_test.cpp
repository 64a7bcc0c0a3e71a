// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; books are made by hand.
#include "bourse/plugin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "bourse/market.h"
#include "tests/plugins/analyses/finite.hpp"
#include "tests/plugins/analyses/liquidity/reference.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace reference = liquidity::reference;

struct Row {
  const char* side;
  std::string price, quantity;
};

ReportPtr order_book(const std::vector<Row>& rows) {
  return make_report([&](const Call& call) {
    std::vector<std::string_view> sides;
    std::vector<std::optional<Decimal>> prices, quantities;
    for (const Row& row : rows) {
      sides.emplace_back(row.side);
      const auto decimal = [](const std::string& text) { return Decimal::parse(text); };
      prices.push_back(decimal(row.price));  // "" is null
      quantities.push_back(decimal(row.quantity));
    }
    TableBuilder table("order_book", "Order book");
    table.column(Field(bourse_order_book_side), sides)
        .column(Field(bourse_order_book_price), prices)
        .column(Field(bourse_order_book_quantity), quantities);
    call.add(table);
    call.as_of(Time{1'700'000'000'000'000'000});
    call.meta("last_update_id", value(std::int64_t{42}));
    call.note(BOURSE_LEVEL_INFO, "synthetic_data", "Made up.");
  });
}

class LiquidityPlugin : public testing::Test {
 protected:
  Component component{"liquidity.so", "liquidity"};
  std::vector<Row> book;
  std::map<std::string, std::string> asked;

  host::Result<ReportPtr> run(Texts params = {}) {
    params.emplace_back("symbol", "BTCUSDT");
    return component.run(
        params,
        [this](std::string_view dataset,
               const std::map<std::string, host::Value>& args) -> host::Result<ReportPtr> {
          EXPECT_EQ(dataset, "order_book");
          for (const auto& [name, value] : args) asked[name] = value.canonical();
          return order_book(book);
        });
  }
  ReportPtr answered(const Texts& params = {}) {
    auto report = run(params);
    EXPECT_TRUE(report.ok()) << report.failure().message;
    expect_finite((*report)->wire());
    return *report;
  }
  void use_reference() {
    for (const auto& level : reference::kBids) book.push_back({"bid", level.price, level.quantity});
    for (const auto& level : reference::kAsks) book.push_back({"ask", level.price, level.quantity});
  }
  void use_small() {
    book = {{"bid", "99.00", "2.0"},
            {"bid", "98.00", "3.0"},
            {"ask", "101.00", "1.5"},
            {"ask", "103.00", "4.0"}};
  }
};

std::set<std::string> tables(const bourse_report& report) {
  std::set<std::string> out;
  for (std::size_t t = 0; t < report.n_tables; ++t) out.insert(report.tables[t]->name);
  return out;
}

TEST_F(LiquidityPlugin, AnswersWhatPythonsDecimalsSay) {
  use_reference();
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_EQ(asked["depth"], "100");
  EXPECT_EQ(Decimal::from(*scalar_text(wire, "spread.mid")), Decimal::from(reference::kMid));
  EXPECT_NEAR(*scalar_real(wire, "spread.percent"), reference::kSpreadPercent, 1e-16);
  EXPECT_EQ(Decimal::from(*scalar_text(wire, "depth.bid.quote_total")),
            Decimal::from(reference::kTotals[0].value));
  EXPECT_NEAR(*scalar_real(wire, "balance.imbalance"), reference::kImbalance, 1e-16);
  EXPECT_NEAR(*scalar_real(wire, "liquidity.score"), reference::kScore, 1e-13);
  EXPECT_EQ(wire.as_of, 1'700'000'000'000'000'000);
  EXPECT_EQ(ReportView(wire).meta("last_update_id")->as.i64, 42);
  EXPECT_THAT(note_codes(wire), Contains("synthetic_data"));
}

TEST_F(LiquidityPlugin, LevelsAreExactToTheLastDigit) {
  use_small();
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "levels", "side"), ElementsAre("bid", "bid", "ask", "ask"));
  EXPECT_THAT(column_texts(wire, "levels", "level"), ElementsAre("1", "2", "1", "2"));
  EXPECT_THAT(column_texts(wire, "levels", "price"),
              ElementsAre("99.00000000", "98.00000000", "101.00000000", "103.00000000"));
  EXPECT_THAT(column_texts(wire, "levels", "cumulative_quantity"),
              ElementsAre("2.00000000", "5.00000000", "1.50000000", "5.50000000"));
  EXPECT_THAT(column_texts(wire, "levels", "cumulative_value"),
              ElementsAre("198.00000000", "492.00000000", "151.50000000", "563.50000000"));
  EXPECT_THAT(column_texts(wire, "levels", "distance_percent"), ElementsAre("1", "2", "1", "3"));
  EXPECT_EQ(scalar_text(wire, "spread.best_bid"), "99.00000000");
}

TEST_F(LiquidityPlugin, ScalarsOfASmallBookByHand) {
  use_small();
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_EQ(scalar_text(wire, "spread.absolute"), "2.00000000");
  EXPECT_EQ(scalar_text(wire, "spread.classification"), "wide");
  EXPECT_EQ(scalar_text(wire, "depth.bid.levels"), "2");
  EXPECT_EQ(scalar_text(wire, "depth.bid.concentration"), "0.4");
  EXPECT_EQ(scalar_text(wire, "depth.ask.reach_percent"), "3");
  EXPECT_EQ(scalar_text(wire, "depth.bid.volume_weighted_price"), "98.4");
  EXPECT_EQ(scalar_text(wire, "liquidity.depth_within_1_percent"), "349.50000000");
  EXPECT_EQ(scalar_text(wire, "liquidity.quality"), "poor");
}

TEST_F(LiquidityPlugin, APartialFillIsSaidInItsRowAndInANote) {
  use_small();
  const auto report = answered({{"trade_sizes", "151.5,563.5,1127"}});
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "impact", "side"),
              ElementsAre("buy", "sell", "buy", "sell", "buy", "sell"));
  EXPECT_THAT(column_texts(wire, "impact", "trade_size"),
              ElementsAre("151.5", "151.5", "563.5", "563.5", "1127.0", "1127.0"));
  const auto filled = column_texts(wire, "impact", "filled");
  EXPECT_EQ(filled[0], "1");
  EXPECT_EQ(filled[2], "1");  // the asks hold 563.5
  EXPECT_NE(filled[3], "1");  // the bids 492
  EXPECT_EQ(filled[4], "0.5");
  EXPECT_EQ(column_texts(wire, "impact", "levels_used")[0], "1");
  EXPECT_THAT(note_codes(wire), Contains("partial_fill"));
  const auto enough = answered({{"trade_sizes", "1"}});
  EXPECT_THAT(note_codes(enough->wire()), Not(Contains("partial_fill")));
}

TEST_F(LiquidityPlugin, AnEmptyBookIsNullAndPoorAndNotTight) {
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_THAT(note_codes(wire), Contains("empty_book"));
  for (const char* name :
       {"spread.best_bid", "spread.best_ask", "spread.absolute", "spread.percent", "spread.mid",
        "spread.basis_points", "spread.classification", "spread.microprice",
        "depth.bid.volume_weighted_price", "depth.ask.concentration", "depth.ask.reach_percent",
        "balance.imbalance", "balance.direction", "balance.bid_ask_ratio", "balance.book_balance",
        "balance.depth_asymmetry"}) {
    EXPECT_EQ(scalar_text(wire, name), "null") << name;
  }
  EXPECT_EQ(scalar_text(wire, "liquidity.score"), "0");
  EXPECT_EQ(scalar_text(wire, "liquidity.quality"), "poor");
  EXPECT_EQ(scalar_text(wire, "depth.bid.levels"), "0");
  EXPECT_EQ(column_texts(wire, "impact", "filled")[0], "0");
  EXPECT_EQ(column_texts(wire, "impact", "average_price")[0], "null");
}

TEST_F(LiquidityPlugin, OneSideAloneKeepsWhatItKnows) {
  book = {{"ask", "1.5", "100"}};
  const auto report = answered({{"trade_sizes", "15"}});
  const bourse_report& wire = report->wire();
  EXPECT_THAT(note_codes(wire), Contains("empty_book"));
  EXPECT_EQ(scalar_text(wire, "spread.best_ask"), "1.50000000");
  EXPECT_EQ(scalar_text(wire, "spread.best_bid"), "null");
  EXPECT_EQ(scalar_text(wire, "depth.ask.base_total"), "100.00000000");
  EXPECT_EQ(scalar_text(wire, "depth.ask.concentration"), "null");
  EXPECT_EQ(scalar_text(wire, "liquidity.score"), "0");
  EXPECT_THAT(column_texts(wire, "levels", "distance_percent"), ElementsAre("null"));
  EXPECT_THAT(column_texts(wire, "distribution", "share"), IsEmpty());
  EXPECT_THAT(column_texts(wire, "impact", "average_price"), ElementsAre("1.5", "null"));
  EXPECT_THAT(column_texts(wire, "impact", "impact_percent"), ElementsAre("null", "null"));
}

TEST_F(LiquidityPlugin, ACrossedBookIsSaidToBe) {
  book = {{"bid", "101", "1"}, {"ask", "100", "1"}};
  const auto report = answered();
  EXPECT_THAT(note_codes(report->wire()), Contains("crossed_book"));
  EXPECT_EQ(scalar_text(report->wire(), "spread.classification"), "null");
}

TEST_F(LiquidityPlugin, ABookCutOffWithinOnePercentSaysThatItsScoreIsTooLow) {
  book = {{"bid", "99.99", "1"}, {"ask", "100.01", "1"}};
  EXPECT_THAT(note_codes(answered({{"depth_limit", "1"}})->wire()), Contains("depth_limited"));
  EXPECT_THAT(note_codes(answered({{"depth_limit", "2"}})->wire()),
              Not(Contains("depth_limited")));  // there is no more
  EXPECT_EQ(asked["depth"], "2");
}

TEST_F(LiquidityPlugin, DistributionsAreOverAllLevels) {
  use_reference();
  const auto report = answered();
  const auto levels = column_texts(report->wire(), "distribution", "levels");
  ASSERT_EQ(levels.size(), 8u);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    EXPECT_EQ(levels[i], std::to_string(reference::kBuckets[i].levels));
  }
}

TEST_F(LiquidityPlugin, DepthIsCumulativeStepsByAscendingPrice) {
  use_small();
  const auto report = answered({{"include_levels", "false"}});
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "depth", "side"), ElementsAre("bid", "bid", "ask", "ask"));
  EXPECT_THAT(column_texts(wire, "depth", "price"),
              ElementsAre("98.00000000", "99.00000000", "101.00000000", "103.00000000"));
  EXPECT_THAT(column_texts(wire, "depth", "cumulative_quantity"),
              ElementsAre("5.00000000", "2.00000000", "1.50000000", "5.50000000"));
  EXPECT_THAT(column_texts(wire, "depth", "quantity"),
              ElementsAre("3.00000000", "2.00000000", "1.50000000", "4.00000000"));
  EXPECT_THAT(column_texts(wire, "depth", "level"), ElementsAre("2", "1", "1", "2"));
}

TEST_F(LiquidityPlugin, ALongBookIsDrawnInFewerStepsThatKeepItsSums) {
  for (int i = 0; i < 5000; ++i) book.push_back({"bid", std::to_string(10000 - i), "1"});
  for (int i = 1; i <= 5000; ++i) book.push_back({"ask", std::to_string(10000 + i), "2"});
  const auto report = answered({{"depth_limit", "5000"}, {"include_levels", "false"}});
  const bourse_report& wire = report->wire();
  const auto sums = column_texts(wire, "depth", "cumulative_quantity");
  ASSERT_EQ(sums.size(), 400u);
  EXPECT_EQ(sums.front(), "5000.00000000");
  EXPECT_EQ(sums.back(), "10000.00000000");
  Decimal quantities;
  for (const auto& text : column_texts(wire, "depth", "quantity"))
    quantities += Decimal::from(text);
  EXPECT_EQ(quantities, Decimal::of(15'000));
  EXPECT_FALSE(tables(wire).contains("levels"));
}

TEST_F(LiquidityPlugin, ChartsNameColumnsThatAreThereWithoutLevelsToo) {
  use_small();
  const auto report = answered({{"include_levels", "false"}});
  const bourse_report& wire = report->wire();
  ASSERT_EQ(wire.n_charts, 2u);
  EXPECT_EQ(wire.charts[0]->kind, BOURSE_CHART_AREA);
  EXPECT_EQ(wire.charts[1]->kind, BOURSE_CHART_BAR);
  for (std::size_t c = 0; c < wire.n_charts; ++c) {
    for (std::size_t i = 0; i < wire.charts[c]->n_channels; ++i) {
      const auto& channel = *wire.charts[c]->channels[i];
      EXPECT_THAT(column_texts(wire, wire.charts[c]->table, channel.field), Not(IsEmpty()));
      // Bars by price would be one block on a coin that costs 0.00001.
      if (wire.charts[c]->kind == BOURSE_CHART_BAR && channel.role == BOURSE_ROLE_X) {
        EXPECT_STREQ(channel.field, "level");
      }
    }
  }
}

TEST_F(LiquidityPlugin, TradeSizesMustBePositive) {
  for (const char* sizes : {"0", "1000,-5"}) {
    const auto report = run({{"trade_sizes", sizes}});
    ASSERT_FALSE(report.ok()) << sizes;
    EXPECT_EQ(report.failure().status, BOURSE_BAD_PARAM);
    EXPECT_EQ(report.failure().parameter, "trade_sizes");
    EXPECT_THAT(report.failure().message, HasSubstr("more than 0"));
  }
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(LiquidityPlugin, AnUnknownSymbolIsNotFound) {
  const auto report = component.run({{"symbol", "NOPE"}}, [](auto, const auto&) {
    return host::Result<ReportPtr>(host::Failure{.status = BOURSE_NOT_FOUND,
                                                 .code = "symbol_not_found",
                                                 .message = "There is no market \"NOPE\"."});
  });
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(report.failure().code, "symbol_not_found");
}

TEST_F(LiquidityPlugin, ABrokenBookIsTheSourcesFault) {
  const std::vector<std::vector<Row>> broken = {{{"bid", "1", "1"}, {"bid", "2", "1"}},
                                                {{"bid", "-1", "1"}},
                                                {{"middle", "1", "1"}},
                                                {{"ask", "", "1"}},
                                                {{"ask", "1", "-1"}}};
  for (const auto& rows : broken) {
    book = rows;
    const auto report = run();
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.failure().status, BOURSE_UPSTREAM);
    EXPECT_EQ(report.failure().code, "bad_source");
  }
}

TEST_F(LiquidityPlugin, QuantitiesAtTheSourcesLimitAreAnswered) {
  book = {{"bid", "0.00000001", "92233720368.54775807"},
          {"ask", "99999999999.99999999", "92233720368.54775807"}};
  const auto report = answered();
  EXPECT_EQ(column_texts(report->wire(), "levels", "quantity")[0], "92233720368.54775807");
}

}  // namespace
}  // namespace bourse::test
