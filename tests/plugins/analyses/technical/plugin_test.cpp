// SPDX-License-Identifier: MIT
//
// The built technical.so, run as the host runs it, on candles made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "bourse/market.h"
#include "plugins/analyses/technical/fields.hpp"
#include "tests/plugins/analyses/technical/columns.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::technical {
namespace {

using host::Failure;
using host::Result;
using host::Value;
using test::column_texts;
using test::Component;
using test::note_codes;
using test::ReportPtr;
using test::scalar_real;
using test::scalar_text;
using test::Texts;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Ne;

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kStart = 1'730'419'200'000'000'000;  // 2024-11-01T00:00:00Z

struct Candle {
  std::int64_t open_time;
  Decimal open, high, low, close, volume;
  bool closed = true;
};

/// Candles around whole cents, one an hour.
std::vector<Candle> market(std::size_t rows, std::int64_t start = kStart,
                           std::int64_t interval = kHour) {
  const Walk walk(rows, 21, 25);
  const auto cents = [](double v) {
    return Decimal::make(static_cast<std::int64_t>(v), 2).value();
  };
  std::vector<Candle> out;
  for (std::size_t row = 0; row < rows; ++row) {
    out.push_back({start + static_cast<std::int64_t>(row) * interval, cents(walk.lows[row]),
                   cents(walk.highs[row]), cents(walk.lows[row]), cents(walk.closes[row]),
                   cents(walk.volumes[row])});
  }
  return out;
}

ReportPtr report_of(std::span<const Candle> candles) {
  return test::make_report([&](const Call& call) {
    std::vector<std::int64_t> times, trades;
    std::vector<std::uint8_t> closed;
    std::vector<std::optional<Decimal>> opens, highs, lows, closes, volumes;
    for (const Candle& c : candles) {
      times.push_back(c.open_time);
      trades.push_back(7);
      closed.push_back(c.closed ? 1 : 0);
      opens.push_back(c.open);
      highs.push_back(c.high);
      lows.push_back(c.low);
      closes.push_back(c.close);
      volumes.push_back(c.volume);
    }
    TableBuilder table("candles", "Candles");
    table.column(Field(bourse_candles_open_time), times)
        .column(Field(bourse_candles_open), opens)
        .column(Field(bourse_candles_high), highs)
        .column(Field(bourse_candles_low), lows)
        .column(Field(bourse_candles_close), closes)
        .column(Field(bourse_candles_volume), volumes)
        .column(Field(bourse_candles_close_time), times)
        .column(Field(bourse_candles_quote_volume), volumes)
        .column(Field(bourse_candles_trades), trades)
        .column(Field(bourse_candles_taker_base_volume), volumes)
        .column(Field(bourse_candles_taker_quote_volume), volumes)
        .column(Field(bourse_candles_closed), closed);
    call.add(table);
    if (!candles.empty()) call.as_of(Time{candles.back().open_time});
    call.note(BOURSE_LEVEL_INFO, "made_by_hand", "These candles were made by hand.");
  });
}

/// A source of these candles that delivers the newest `limit`, and remembers what it was asked.
class Market {
 public:
  explicit Market(std::vector<Candle> candles) : candles_(std::move(candles)) {}

  Result<ReportPtr> run(Texts params = {}) {
    params.emplace_back("symbol", "BTCUSDT");
    static const Component technical("technical.so", "technical");
    return technical.run(
        params, [this](std::string_view dataset, const std::map<std::string, Value>& args) {
          EXPECT_EQ(dataset, "candles");
          for (const auto& [name, value] : args) asked[name] = value.canonical();
          const std::size_t limit = std::stoul(asked.at("limit"));
          return Result<ReportPtr>(
              report_of(std::span(candles_).last(std::min(limit, candles_.size()))));
        });
  }
  const bourse_report& report(Texts params = {}) {
    auto result = run(std::move(params));
    if (!result.ok()) ADD_FAILURE() << result.failure().message;
    last_ = *result;
    return last_->wire();
  }
  Failure failure(Texts params = {}) {
    auto result = run(std::move(params));
    EXPECT_FALSE(result.ok());
    return result.ok() ? Failure{} : result.failure();
  }

  std::map<std::string, std::string> asked;

 private:
  std::vector<Candle> candles_;
  ReportPtr last_;
};

std::string note_text(const bourse_report& report, std::string_view code) {
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    if (view(report.notes[i]->code) == code) return std::string(view(report.notes[i]->text));
  }
  return "";
}

TEST(Technical, AsksForTheShownCandlesAndTheirWarmUp) {
  Market hours(market(600));
  hours.report();
  EXPECT_EQ(hours.asked.at("symbol"), "BTCUSDT");
  EXPECT_EQ(hours.asked.at("interval"), "1h");
  EXPECT_EQ(hours.asked.at("limit"), "496");  // 100 + 396: series_test.cpp
  hours.report({{"limit", "7"}, {"interval", "4h"}});
  EXPECT_EQ(hours.asked.at("interval"), "4h");
  EXPECT_EQ(hours.asked.at("limit"), "403");
}

TEST(Technical, AsksForTheStartOfTheFirstShownDayWhereThatIsAffordable) {
  Market candles(market(10));
  candles.report({{"interval", "1m"}});
  EXPECT_EQ(candles.asked.at("limit"), "1540");  // 100 + the 1440 minutes of a day
  candles.report({{"interval", "1s"}});
  EXPECT_EQ(candles.asked.at("limit"), "496");  // a day of seconds is more than 5000
}

TEST(Technical, NeverAsksForMoreThanADatasetAllows) {
  Market candles(market(10));
  Texts largest = {{"limit", "1000"}};
  for (const Param& param : kParams) {
    const std::string name = param.name;
    if (param.type == BOURSE_TYPE_I64 && name != "limit" &&
        name.find("fast") == std::string::npos) {
      largest.emplace_back(name, param.max);
    }
  }
  for (const char* const* name = bourse_intervals; *name != nullptr; ++name) {
    Texts params = largest;
    params.emplace_back("interval", *name);
    candles.report(params);
    EXPECT_LE(std::stoul(candles.asked.at("limit")), 5000u);
    EXPECT_GE(std::stoul(candles.asked.at("limit")), 1000u + 2000u);
  }
}

TEST(Technical, ShowsTheNewestRowsAndEveryValueOfThem) {
  Market hours(market(600));
  const bourse_report& report = hours.report({{"limit", "30"}});
  const auto times = column_texts(report, "series", "open_time");
  ASSERT_EQ(times.size(), 30u);
  EXPECT_EQ(times.back(), std::to_string(kStart + 599 * kHour));
  const TableView series(*report.tables[0]);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < series.columns(); ++i) {
    names.emplace_back(series.field(i).name);
    EXPECT_THAT(column_texts(report, "series", names.back()), Each(AllOf(Ne("null"), Ne("nan"))))
        << names.back();
  }
  EXPECT_THAT(names,
              ElementsAre("open_time", "open", "high", "low", "close", "volume", "quote_volume",
                          "trades", "sma_fast", "sma_slow", "ema_fast", "ema_slow", "rsi", "macd",
                          "macd_signal", "macd_histogram", "bollinger_upper", "bollinger_middle",
                          "bollinger_lower", "bollinger_percent_b", "bollinger_bandwidth", "atr",
                          "stochastic_k", "stochastic_d", "obv", "vwap", "closed"));
  EXPECT_THAT(note_codes(report), ElementsAre("made_by_hand"));
  EXPECT_EQ(report.as_of, kStart + 599 * kHour);
  EXPECT_EQ(view(report.title), "BTCUSDT, 1h: technical analysis");
}

TEST(Technical, KeepsPricesExact) {
  auto candles = market(500);
  candles.back().close = candles.back().low = Decimal::from("0.10000001");
  candles.back().volume = Decimal::from("123456789012345678.12345678");
  Market hours(std::move(candles));
  const bourse_report& report = hours.report();
  EXPECT_EQ(column_texts(report, "series", "close").back(), "0.10000001");
  EXPECT_EQ(column_texts(report, "series", "volume").back(), "123456789012345678.12345678");
  EXPECT_EQ(scalar_text(report, "current.latest_price"), "0.10000001");
  EXPECT_EQ(scalar_text(report, "current.volume"), "123456789012345678.12345678");
}

TEST(Technical, AValueDoesNotDependOnHowManyRowsAreShown) {
  Market hours(market(1500));
  const auto rsi = [&](const char* limit, const char* column) {
    return std::stod(column_texts(hours.report({{"limit", limit}}), "series", column).back());
  };
  for (const char* column : {"rsi", "macd_signal", "ema_slow", "atr", "vwap", "bollinger_upper"}) {
    EXPECT_NEAR(rsi("1", column), rsi("1000", column), 1e-5) << column;
  }
}

TEST(Technical, TooLittleHistoryIsNullAndANote) {
  Market young(market(30));
  const bourse_report& report = young.report();
  EXPECT_EQ(column_texts(report, "series", "rsi").size(), 30u);
  EXPECT_THAT(column_texts(report, "series", "sma_slow"), Each("null"));
  EXPECT_EQ(column_texts(report, "series", "rsi")[13], "null");
  EXPECT_NE(column_texts(report, "series", "rsi")[14], "null");
  EXPECT_EQ(scalar_text(report, "signals.long_term_trend"), "null");
  EXPECT_NE(scalar_text(report, "signals.rsi_signal"), "null");
  EXPECT_THAT(note_codes(report), Contains("insufficient_history"));
  EXPECT_THAT(note_text(report, "insufficient_history"),
              AllOf(HasSubstr("sma_slow"), HasSubstr("macd_signal"), HasSubstr("rsi"),
                    HasSubstr("there are 30")));
  for (std::size_t i = 0; i < report.tables[0]->n_fields; ++i) {
    EXPECT_THAT(column_texts(report, "series", report.tables[0]->fields[i]->name), Each(Ne("nan")));
  }
}

TEST(Technical, OneCandleIsEnoughForAReport) {
  Market born(market(1));
  const bourse_report& report = born.report();
  EXPECT_EQ(column_texts(report, "series", "close").size(), 1u);
  EXPECT_NE(scalar_text(report, "current.latest_price"), "null");
  EXPECT_EQ(scalar_text(report, "signals.macd_cross"), "null");
  EXPECT_EQ(scalar_text(report, "current.change_24h_percent"), "null");
}

TEST(Technical, VwapOfADayWithoutItsStartIsNullNotWronglyAnchored) {
  Market late(market(60, kStart + 20 * kHour));  // 4 hours of the first day
  const auto vwap = column_texts(late.report(), "series", "vwap");
  EXPECT_THAT(std::vector(vwap.begin(), vwap.begin() + 4), Each("null"));
  EXPECT_THAT(std::vector(vwap.begin() + 4, vwap.end()), Each(Ne("null")));
  bool said = false;
  for (const auto* note : ReportView(late.report()).notes()) {
    said = said || view(note->text).find("vwap is null") != std::string_view::npos;
  }
  EXPECT_TRUE(said);
}

TEST(Technical, GapsAreANoteAndNothingIsInvented) {
  auto candles = market(600);
  candles.erase(candles.begin() + 590, candles.begin() + 593);
  Market hours(std::move(candles));
  const bourse_report& report = hours.report({{"limit", "20"}});
  EXPECT_THAT(note_codes(report), Contains("gaps"));
  EXPECT_THAT(note_text(report, "gaps"),
              AllOf(HasSubstr("1 gap "), HasSubstr("2024-11-25T14:00:00Z (3)")));
  EXPECT_EQ(column_texts(report, "series", "close").size(), 20u);
}

TEST(Technical, AFormingCandleIsFlagged) {
  auto candles = market(600);
  candles.back().closed = false;
  Market hours(std::move(candles));
  const bourse_report& report = hours.report({{"limit", "2"}});
  EXPECT_THAT(note_codes(report), Contains("forming_candle"));
  EXPECT_THAT(column_texts(report, "series", "closed"), ElementsAre("true", "false"));
}

TEST(Technical, Change24hIsByTimeNotByRowCount) {
  auto candles = market(600);
  candles[575].close = candles[575].high = Decimal::from("8000");  // 24 hours before row 599
  candles.back().close = candles.back().high = Decimal::from("9000");
  candles.erase(candles.begin() + 580, candles.begin() + 585);
  Market hours(candles);
  EXPECT_EQ(scalar_real(hours.report(), "current.change_24h_percent"), 12.5);

  candles.erase(candles.begin() + 575);
  Market without(std::move(candles));
  const bourse_report& report = without.report();
  EXPECT_EQ(scalar_text(report, "current.change_24h_percent"), "null");
  EXPECT_THAT(note_text(report, "change_24h_unavailable"), HasSubstr("2024-11-24T23:00:00Z"));
}

TEST(Technical, SaysTheNewestRowInWords) {
  std::vector<Candle> rising = market(600);
  for (std::size_t row = 0; row < rising.size(); ++row) {  // long up, a little down, a jump
    const std::size_t steps = row < 560 ? row : 1120 - row;
    const auto cents = static_cast<std::int64_t>(100'000 + 10 * steps + (row == 599 ? 9000 : 0));
    rising[row].open = rising[row].high = rising[row].low = rising[row].close =
        Decimal::make(cents, 2).value();
  }
  Market hours(std::move(rising));
  const bourse_report& report = hours.report();
  EXPECT_EQ(scalar_text(report, "signals.rsi_signal"), "overbought");
  EXPECT_EQ(scalar_text(report, "signals.bollinger_position"), "above_upper");
  EXPECT_EQ(scalar_text(report, "signals.volatility_regime"), "high");
  EXPECT_EQ(scalar_text(report, "signals.macd_cross"), "bullish");
  EXPECT_EQ(scalar_text(report, "signals.short_term_trend"), "upward");
  EXPECT_EQ(scalar_text(report, "signals.long_term_trend"), "upward");
}

TEST(Technical, ChartsArePricesVolumeRsiAndMacd) {
  Market hours(market(600));
  const bourse_report& report = hours.report();
  std::multiset<std::string> panes;
  for (std::size_t i = 0; i < report.n_charts; ++i) panes.insert(report.charts[i]->pane);
  EXPECT_THAT(panes, ElementsAre("macd", "macd", "price", "price", "price", "rsi", "volume"));
  for (std::size_t i = 0; i < report.n_charts; ++i) {
    const bourse_chart& chart = *report.charts[i];
    if (std::string_view(chart.name) != "rsi") continue;
    EXPECT_THAT(std::vector(chart.levels, chart.levels + chart.n_levels), ElementsAre(30, 70));
    EXPECT_THAT(std::vector(chart.range, chart.range + 2), ElementsAre(0, 100));
  }
}

TEST(Technical, PeriodsInTheWrongOrderAreTheRequestsFault) {
  Market hours(market(600));
  const Failure sma = hours.failure({{"sma_fast", "50"}});
  EXPECT_EQ(sma.status, BOURSE_BAD_PARAM);
  EXPECT_EQ(sma.parameter, "sma_fast");
  EXPECT_THAT(sma.message, AllOf(HasSubstr("sma_fast (50)"), HasSubstr("sma_slow (50)")));
  EXPECT_EQ(hours.failure({{"macd_slow", "12"}}).parameter, "macd_fast");
  EXPECT_THAT(hours.asked, IsEmpty());  // refused before the source was troubled
}

TEST(Technical, ParametersOutOfBoundsAreRefused) {
  Market hours(market(10));
  for (const auto& [name, text] : Texts{{"limit", "0"},
                                        {"limit", "1001"},
                                        {"interval", "7m"},
                                        {"rsi_method", "wilders"},
                                        {"rsi_period", "1"},
                                        {"bollinger_deviations", "0"},
                                        {"bollinger_deviations", "nan"}}) {
    const Failure failure = hours.failure({{name, text}});
    EXPECT_EQ(failure.status, BOURSE_BAD_PARAM) << name << "=" << text;
    EXPECT_EQ(failure.parameter, name);
  }
}

TEST(Technical, TheMethodOfTheRsiIsTheUsersChoice) {
  Market hours(market(600));
  const auto wilder = column_texts(hours.report(), "series", "rsi");
  const auto cutler = column_texts(hours.report({{"rsi_method", "cutler"}}), "series", "rsi");
  EXPECT_NE(wilder, cutler);
  EXPECT_THAT(cutler, Each(Ne("null")));
}

TEST(Technical, NoCandlesAtAllIsAnErrorNotAnEmptyReport) {
  const Failure failure = Market({}).failure();
  EXPECT_EQ(failure.status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(failure.code, "no_history");
  EXPECT_THAT(failure.message, HasSubstr("1h candles of BTCUSDT"));
}

TEST(Technical, AnUnknownSymbolIsPassedOnAsTheSourceSaidIt) {
  const Component technical("technical.so", "technical");
  const auto result = technical.run({{"symbol", "NOPE"}}, [](std::string_view, const auto&) {
    return Result<ReportPtr>(
        Failure{.status = BOURSE_NOT_FOUND, .code = "symbol_not_found", .message = "no NOPE"});
  });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(result.failure().code, "symbol_not_found");
}

TEST(Technical, BrokenCandlesAreTheSourcesFault) {
  auto candles = market(60);
  candles[30].open_time = candles[29].open_time;
  const Failure order = Market(candles).failure();
  EXPECT_EQ(order.status, BOURSE_UPSTREAM);
  EXPECT_EQ(order.code, "bad_candle");
  EXPECT_THAT(order.message, HasSubstr("2024-11-02T05:00:00Z"));
  candles = market(60);
  candles[59].high = Decimal::from("0");
  EXPECT_EQ(Market(candles).failure().code, "bad_candle");
}

TEST(Technical, SurvivesTheEndsOfTimeAndOfNumbers) {
  auto candles = market(3);
  candles[0].open_time = std::numeric_limits<std::int64_t>::min();
  candles[1].open_time = 0;
  candles[2].open_time = std::numeric_limits<std::int64_t>::max();
  candles[2].high = candles[2].close = candles[2].volume =
      Decimal::from("999999999999999999999999999999");
  Market odd(std::move(candles));
  const bourse_report& report = odd.report({{"sma_fast", "2"}, {"sma_slow", "3"}});
  EXPECT_THAT(note_codes(report), Contains("gaps"));
  EXPECT_NE(column_texts(report, "series", "sma_slow").back(), "null");
}

}  // namespace
}  // namespace bourse::technical
