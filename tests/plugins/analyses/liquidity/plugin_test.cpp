// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; books are made by hand.
#include "bourse/plugin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "bourse/market.h"
#include "tests/plugins/analyses/finite.hpp"
#include "tests/plugins/analyses/liquidity/reference.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace reference = liquidity::reference;

struct Row {
  const char* side;
  std::string price, quantity;
};

constexpr Time kSnapshot{1'700'000'000'000'000'000};  // 2023-11-14T22:13:20Z
constexpr std::int64_t kMinute = 60'000'000'000;

/// What a source says of a book besides its levels.
struct About {
  Time as_of = kSnapshot;
  std::optional<Time> clock = kSnapshot;
  std::optional<std::string> status;
  std::optional<bool> complete;
  bool unreadable = false;  ///< it left out levels
};

ReportPtr order_book(const std::vector<Row>& rows, const About& about) {
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
    if (about.as_of.ns != 0) call.as_of(about.as_of);
    if (about.clock) call.meta("clock", *about.clock);
    if (about.status) call.meta("status", std::string_view(*about.status));
    if (about.complete) call.meta("complete", *about.complete);
    call.meta("last_update_id", value(std::int64_t{42}));
    if (about.unreadable) call.warn("unreadable_row", "1 level cannot be read.");
    call.note(BOURSE_LEVEL_INFO, "synthetic_data", "Made up.");
  });
}

/// The best `depth` rows of each side, as an exchange cuts a book.
std::vector<Row> cut(const std::vector<Row>& book, std::int64_t depth) {
  std::vector<Row> out;
  std::map<std::string, std::int64_t> taken;
  for (const Row& row : book) {
    if (taken[row.side]++ < depth) out.push_back(row);
  }
  return out;
}

class LiquidityPlugin : public testing::Test {
 protected:
  Component component{"liquidity.so", "liquidity"};
  std::vector<Row> book;
  About about;
  std::vector<std::string> asked;      ///< depths
  std::optional<host::Failure> later;  ///< the answer to all questions but the first

  host::Result<ReportPtr> run(Texts params = {}, Said* said = nullptr) {
    asked.clear();
    params.emplace_back("symbol", "BTCUSDT");
    return component.run(
        params,
        [this](std::string_view dataset,
               const std::map<std::string, host::Value>& args) -> host::Result<ReportPtr> {
          EXPECT_EQ(dataset, "order_book");
          EXPECT_EQ(args.at("symbol").canonical(), "BTCUSDT");
          asked.push_back(args.at("depth").canonical());
          if (later && asked.size() > 1) return *later;
          return order_book(cut(book, std::stoll(asked.back())), about);
        },
        said);
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
  /// Around 10000: levels of quantity 1, each 0.01 (0.0001 %) away from the one before.
  void use_dense(int levels) {
    for (const auto& [side, sign] : {std::pair{"bid", -1}, std::pair{"ask", 1}}) {
      for (int i = 1; i <= levels; ++i) {
        const auto price = Decimal::make(Int128{1'000'000 + sign * i}, 2);
        book.push_back({side, price->text(), "1"});
      }
    }
  }
};

std::string note_text(const bourse_report& report, std::string_view code) {
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    if (view(report.notes[i]->code) == code) return std::string(view(report.notes[i]->text));
  }
  return "";
}

std::set<std::string> tables(const bourse_report& report) {
  std::set<std::string> out;
  for (std::size_t t = 0; t < report.n_tables; ++t) out.insert(report.tables[t]->name);
  return out;
}

TEST_F(LiquidityPlugin, AnswersWhatPythonsDecimalsSay) {
  use_reference();
  const auto report = answered({{"trade_sizes", "1000"}});
  const bourse_report& wire = report->wire();
  EXPECT_THAT(asked, ElementsAre("100"));  // they reach 2 %, and fill the trade
  EXPECT_EQ(Decimal::from(*scalar_text(wire, "spread.mid")), Decimal::from(reference::kMid));
  EXPECT_NEAR(*scalar_real(wire, "spread.percent"), reference::kSpreadPercent, 1e-16);
  EXPECT_NEAR(*scalar_real(wire, "balance.imbalance_within_1_percent"),
              reference::kWithin[3].imbalance, 1e-16);
  EXPECT_NEAR(*scalar_real(wire, "liquidity.score"), reference::kScore, 1e-13);
  EXPECT_EQ(wire.as_of, kSnapshot.ns);
  EXPECT_EQ(ReportView(wire).meta("last_update_id")->as.i64, 42);
  EXPECT_THAT(note_codes(wire), Contains("synthetic_data"));
  EXPECT_THAT(note_codes(wire), Not(Contains("stale_data")));
}

TEST_F(LiquidityPlugin, TotalsAreThoseOfTheLevelsShown) {
  use_reference();
  const auto report = answered({{"depth_limit", "120"}});
  const bourse_report& wire = report->wire();
  EXPECT_EQ(scalar_text(wire, "depth.bid.levels"), "120");
  EXPECT_EQ(Decimal::from(*scalar_text(wire, "depth.bid.quote_total")),
            Decimal::from(reference::kTotals[0].value));
  EXPECT_EQ(Decimal::from(*scalar_text(wire, "depth.ask.base_total")),
            Decimal::from(reference::kTotals[1].quantity));
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
  EXPECT_EQ(scalar_text(wire, "depth.bid.levels_read"), "2");
  EXPECT_EQ(scalar_text(wire, "depth.bid.read_reach_percent"), "2");
  EXPECT_EQ(scalar_text(wire, "depth.ask.reach_percent"), "3");
  EXPECT_EQ(scalar_text(wire, "depth.bid.volume_weighted_price"), "98.4");
  EXPECT_EQ(scalar_text(wire, "liquidity.depth_within_1_percent"), "349.50000000");
  EXPECT_EQ(scalar_text(wire, "liquidity.quality"), "poor");
}

TEST_F(LiquidityPlugin, APartialFillIsSaidInItsRowAndInANote) {
  use_small();
  about.complete = true;
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

TEST_F(LiquidityPlugin, ATradeThatMayFindMoreThanWasReadIsNullNotThePartThatCame) {
  use_dense(2'000);  // 100 levels hold 1,000,000 less a little, 1000 ten times that
  const auto report = answered({{"trade_sizes", "1000000,100000000"}, {"read_limit", "1000"}});
  const bourse_report& wire = report->wire();
  EXPECT_THAT(asked, ElementsAre("100", "1000"));
  for (const char* column : {"average_price", "impact_percent", "filled", "levels_used"}) {
    const auto texts = column_texts(wire, "impact", column);
    EXPECT_NE(texts[0], "null") << column;
    EXPECT_NE(texts[1], "null") << column;
    EXPECT_EQ(texts[2], "null") << column;
    EXPECT_EQ(texts[3], "null") << column;
  }
  EXPECT_THAT(note_text(wire, "trade_too_large"), HasSubstr("2 of 4 trades"));
  EXPECT_THAT(note_text(wire, "trade_too_large"), HasSubstr("A larger depth_limit (at most 5000)"));
  EXPECT_THAT(note_codes(wire), Not(Contains("partial_fill")));
}

TEST_F(LiquidityPlugin, AnEmptyBookIsNullAndPoorAndNotTight) {
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_THAT(note_codes(wire), Contains("empty_book"));
  for (const char* name :
       {"spread.best_bid", "spread.best_ask", "spread.absolute", "spread.percent", "spread.mid",
        "spread.basis_points", "spread.classification", "spread.microprice",
        "depth.bid.volume_weighted_price", "depth.ask.reach_percent",
        "depth.ask.read_reach_percent", "balance.imbalance_within_1_percent",
        "balance.direction_within_1_percent", "balance.bid_ask_ratio_within_1_percent",
        "balance.depth_asymmetry", "liquidity.depth_within_1_percent"}) {
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
  EXPECT_EQ(scalar_text(wire, "liquidity.depth_within_1_percent"), "null");
  EXPECT_EQ(scalar_text(wire, "liquidity.score"), "0");
  EXPECT_THAT(column_texts(wire, "levels", "distance_percent"), ElementsAre("null"));
  EXPECT_THAT(column_texts(wire, "distances", "ask_value"), Each("null"));
  EXPECT_THAT(column_texts(wire, "impact", "average_price"), ElementsAre("1.5", "null"));
  EXPECT_THAT(column_texts(wire, "impact", "impact_percent"), ElementsAre("null", "null"));
}

TEST_F(LiquidityPlugin, ASideOfWhichNothingIsKnownHasNoScoreInsteadOfNone) {
  const auto expect_unknown = [this](const char* why) {
    const auto report = answered({{"trade_sizes", "15"}});
    const bourse_report& wire = report->wire();
    EXPECT_THAT(note_text(wire, "empty_book"), HasSubstr("its liquidity is not known")) << why;
    EXPECT_EQ(scalar_text(wire, "liquidity.score"), "null") << why;
    EXPECT_EQ(scalar_text(wire, "liquidity.quality"), "null") << why;
    EXPECT_THAT(column_texts(wire, "impact", "filled"), ElementsAre("1", "null")) << why;
    EXPECT_THAT(column_texts(wire, "impact", "levels_used"), ElementsAre("1", "null")) << why;
    EXPECT_THAT(note_text(wire, "trade_too_large"), HasSubstr("1 of 2 trades")) << why;
    EXPECT_THAT(note_codes(wire), Not(Contains("partial_fill"))) << why;
  };
  book = {{"ask", "1.5", "100"}};
  about.complete = false;
  expect_unknown("a recording that has asks alone");
  about.complete.reset();
  book.push_back({"bid", "", "1"});
  expect_unknown("a bid without a price");
  book.back() = {"?", "1.4", "1"};
  expect_unknown("a row of an unknown side");
  book.pop_back();
  about.unreadable = true;
  expect_unknown("the source left out levels");
  // The exchange has no bids, and says so by what it sends.
  about.unreadable = false;
  const auto report = answered({{"trade_sizes", "15"}});
  EXPECT_EQ(scalar_text(report->wire(), "liquidity.score"), "0");
  EXPECT_THAT(column_texts(report->wire(), "impact", "filled"), ElementsAre("1", "0"));
  EXPECT_THAT(note_text(report->wire(), "partial_fill"), HasSubstr("1 of 2 trades"));
}

TEST_F(LiquidityPlugin, ACrossedBookIsSaidToBe) {
  book = {{"bid", "101", "1"}, {"ask", "100", "1"}};
  const auto report = answered();
  EXPECT_THAT(note_codes(report->wire()), Contains("crossed_book"));
  EXPECT_EQ(scalar_text(report->wire(), "spread.classification"), "null");
}

TEST_F(LiquidityPlugin, MeasuresAtFixedDistancesWhateverIsShown) {
  use_reference();
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "distances", "distance_percent"),
              ElementsAre("0.1", "0.25", "0.5", "1", "2"));
  const auto bids = column_texts(wire, "distances", "bid_value");
  const auto imbalances = column_texts(wire, "distances", "imbalance");
  for (std::size_t i = 0; i < std::size(reference::kWithin); ++i) {
    EXPECT_EQ(Decimal::from(bids[i]), Decimal::from(reference::kWithin[i].bid.value));
    EXPECT_NEAR(std::stod(imbalances[i]), reference::kWithin[i].imbalance, 1e-15);
  }
  // What said buy pressure with few levels and sell pressure with many says one thing now.
  for (const char* depth_limit : {"1", "10", "100", "1000", "5000"}) {
    const auto other = answered({{"depth_limit", depth_limit}});
    for (const char* column : {"bid_levels", "bid_quantity", "bid_value", "bid_concentration",
                               "ask_levels", "ask_value", "ask_concentration", "imbalance"}) {
      EXPECT_EQ(column_texts(other->wire(), "distances", column),
                column_texts(wire, "distances", column))
          << column << " with " << depth_limit;
    }
    for (const char* scalar :
         {"balance.imbalance_within_1_percent", "balance.direction_within_1_percent",
          "balance.depth_asymmetry", "liquidity.score", "liquidity.depth_within_1_percent"}) {
      EXPECT_EQ(scalar_text(other->wire(), scalar), scalar_text(wire, scalar)) << scalar;
    }
  }
}

TEST_F(LiquidityPlugin, ADepthLimitBoundsWhatIsShownNotWhatIsMeasured) {
  use_reference();
  const auto report = answered({{"depth_limit", "3"}, {"trade_sizes", "1000"}});
  const bourse_report& wire = report->wire();
  EXPECT_EQ(column_texts(wire, "levels", "side").size(), 6u);
  EXPECT_EQ(column_texts(wire, "depth", "side").size(), 6u);
  EXPECT_EQ(scalar_text(wire, "depth.bid.levels"), "3");
  EXPECT_EQ(scalar_text(wire, "depth.bid.levels_read"), "100");
  EXPECT_NE(scalar_text(wire, "liquidity.score"), "null");
  EXPECT_THAT(asked, ElementsAre("100"));
}

TEST_F(LiquidityPlugin, ReadsALongerBookWhereTheFirstDoesNotReach) {
  use_dense(30'000);  // 2 % are 20,000 levels
  Said said;
  const auto result = run({}, &said);
  ASSERT_TRUE(result.ok());
  const bourse_report& wire = (*result)->wire();
  EXPECT_THAT(asked, ElementsAre("100", "5000"));
  EXPECT_EQ(said.released, 1u) << "the shorter one is given back";
  // 5000 levels are 0.5 %. By hand: the bids within 0.1 % are 9999.99 ... 9990.
  EXPECT_THAT(
      column_texts(wire, "distances", "bid_value"),
      ElementsAre("9994995.00000000", "24968737.50000000", "49874975.00000000", "null", "null"));
  EXPECT_THAT(column_texts(wire, "distances", "bid_levels"),
              ElementsAre("1000", "2500", "5000", "null", "null"));
  EXPECT_EQ(scalar_text(wire, "balance.imbalance_within_1_percent"), "null");
  EXPECT_EQ(scalar_text(wire, "liquidity.score"), "null");
  EXPECT_EQ(scalar_text(wire, "liquidity.quality"), "null");
  EXPECT_THAT(note_text(wire, "book_too_short"),
              HasSubstr("The 5000 bids read reach 0.5 % below mid, the 5000 asks read reach 0.5 % "
                        "above mid: what lies farther is not known, and null within 1, 2 %."));
  EXPECT_EQ(scalar_text(wire, "depth.bid.levels"), "100");
}

TEST_F(LiquidityPlugin, ReadsNoMoreThanItMay) {
  use_dense(30'000);
  const auto report = answered({{"read_limit", "1000"}});
  EXPECT_THAT(asked, ElementsAre("100", "1000"));
  EXPECT_THAT(note_text(report->wire(), "book_too_short"),
              HasSubstr("null within 0.25, 0.5, 1, 2 %. A larger read_limit (at most 5000)"));
  answered({{"read_limit", "50"}, {"depth_limit", "20"}});
  EXPECT_THAT(asked, ElementsAre("50"));
  answered({{"read_limit", "50"}, {"depth_limit", "200"}});
  EXPECT_THAT(asked, ElementsAre("200")) << "what is to be shown is read";
}

TEST_F(LiquidityPlugin, ASideThatEndsIsWholeUnlessTheBookWasCut) {
  // Fewer than asked for, and not equally many: an exchange has no more.
  book = {{"bid", "99.99", "1"}, {"bid", "99.98", "1"}, {"ask", "100.01", "1"}};
  const auto whole = answered();
  EXPECT_THAT(column_texts(whole->wire(), "distances", "ask_value"), Each("100.01000000"));
  EXPECT_THAT(note_codes(whole->wire()), Not(Contains("book_too_short")));
  about.complete = false;  // a recording
  const auto cut_off = answered();
  EXPECT_THAT(column_texts(cut_off->wire(), "distances", "ask_value"), Each("null"));
  EXPECT_THAT(note_text(cut_off->wire(), "book_too_short"),
              HasSubstr("asked for 100 levels of each side and has no more"));
  EXPECT_THAT(asked, ElementsAre("100")) << "more would not come";
  about.complete.reset();
  book.pop_back();
  book.pop_back();
  book.push_back({"ask", "100.01", "1"});  // one each: nobody's market, but many a recorder's cut
  EXPECT_THAT(note_codes(answered()->wire()), Contains("book_too_short"));
  about.complete = true;
  EXPECT_THAT(note_codes(answered()->wire()), Not(Contains("book_too_short")));
}

TEST_F(LiquidityPlugin, WithoutTheLongerBookTheShorterIsAnswered) {
  use_dense(30'000);
  later = {.status = BOURSE_TOO_MANY, .code = "rate_limited", .message = "Wait 3 seconds."};
  const auto report = answered();
  EXPECT_THAT(asked, ElementsAre("100", "5000"));
  EXPECT_EQ(scalar_text(report->wire(), "depth.bid.levels_read"), "100");
  EXPECT_THAT(column_texts(report->wire(), "distances", "imbalance"), Each("null"));
  EXPECT_THAT(note_text(report->wire(), "book_too_short"),
              HasSubstr("A longer book could not be had: Wait 3 seconds."));
}

TEST_F(LiquidityPlugin, AnOldBookIsNotShownAsNew) {
  use_small();
  about.clock = Time{kSnapshot.ns + 5 * kMinute};
  EXPECT_THAT(note_codes(answered()->wire()), Not(Contains("stale_data")));
  about.clock = Time{kSnapshot.ns + 5 * kMinute + 1};
  about.status = "BREAK";
  const auto report = answered();
  EXPECT_THAT(note_text(report->wire(), "stale_data"), HasSubstr("BTCUSDT"));
  EXPECT_THAT(note_text(report->wire(), "stale_data"), HasSubstr("BREAK"));
  EXPECT_EQ(report->wire().as_of, kSnapshot.ns);
  about.clock.reset();  // the call's: 2026
  EXPECT_THAT(note_text(answered()->wire(), "stale_data"), HasSubstr("3 years"));
  about.as_of = Time{};  // nobody knows
  EXPECT_THAT(note_codes(answered()->wire()), Not(Contains("stale_data")));
  EXPECT_EQ(answered()->wire().as_of, 0);
}

TEST_F(LiquidityPlugin, AMarketThatDoesNotTradeIsSaidTo) {
  use_small();
  about.status = "HALT";
  const auto report = answered();
  EXPECT_THAT(note_text(report->wire(), "not_trading"), HasSubstr("BTCUSDT (HALT)"));
  EXPECT_EQ(view(ReportView(report->wire()).meta("status")->as.text), "HALT");
  about.status = "TRADING";
  EXPECT_THAT(note_codes(answered()->wire()), Not(Contains("not_trading")));
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

TEST_F(LiquidityPlugin, ARowThatIsNoLevelCostsItselfAndIsSaid) {
  const std::vector<Row> broken = {{"bid", "-1", "1"},
                                   {"middle", "1", "1"},
                                   {"ask", "", "1"},
                                   {"ask", "0", "1"},
                                   {"ask", "102", "-1"}};
  for (const Row& row : broken) {
    use_small();
    book.insert(book.begin() + 1, row);
    const auto report = answered();
    EXPECT_EQ(scalar_text(report->wire(), "depth.bid.quote_total"), "492.00000000");
    EXPECT_EQ(scalar_text(report->wire(), "depth.ask.quote_total"), "563.50000000");
    EXPECT_THAT(note_text(report->wire(), "unreadable_row"),
                HasSubstr("left out; the first is row 2, because it"));
  }
}

TEST_F(LiquidityPlugin, ABookOfWhichNothingIsALevelIsTheSourcesFault) {
  book = {{"bid", "0", "1"}, {"ask", "", "1"}};
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_UPSTREAM);
  EXPECT_EQ(report.failure().code, "bad_source");
  EXPECT_THAT(report.failure().message, HasSubstr("row 1, because its price is not positive"));
}

TEST_F(LiquidityPlugin, LevelsOutOfOrderAreSortedAndItIsSaid) {
  use_small();
  std::swap(book[0], book[1]);
  const auto report = answered();
  EXPECT_THAT(note_codes(report->wire()), Contains("unsorted_book"));
  EXPECT_EQ(scalar_text(report->wire(), "spread.best_bid"), "99.00000000");
  use_small();
  EXPECT_THAT(note_codes(answered()->wire()), Not(Contains("unsorted_book")));
}

TEST_F(LiquidityPlugin, QuantitiesAtTheSourcesLimitAreAnswered) {
  book = {{"bid", "0.00000001", "92233720368.54775807"},
          {"ask", "99999999999.99999999", "92233720368.54775807"}};
  const auto report = answered();
  EXPECT_EQ(column_texts(report->wire(), "levels", "quantity")[0], "92233720368.54775807");
}

}  // namespace
}  // namespace bourse::test
