// SPDX-License-Identifier: MIT
//
// The built technical.so, run as the host runs it, on candles made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
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
using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Ne;
using testing::Not;

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kStart = 1'730'419'200'000'000'000;  // 2024-11-01T00:00:00Z

struct Candle {
  std::int64_t open_time;
  Decimal open, high, low;
  std::optional<Decimal> close;
  Decimal volume;
  bool closed = true;
};

/// Candles around whole cents, one an interval.
std::vector<Candle> market(std::size_t rows, std::int64_t start = kStart,
                           std::int64_t interval = kHour) {
  const Walk walk(rows, 21, 25);
  // A long walk may come below zero: it begins higher then.
  const double up = std::max(0.0, 100.0 - *std::min_element(walk.lows.begin(), walk.lows.end()));
  const auto cents = [](double v) {
    return Decimal::make(static_cast<std::int64_t>(v), 2).value();
  };
  std::vector<Candle> out;
  for (std::size_t row = 0; row < rows; ++row) {
    out.push_back({start + static_cast<std::int64_t>(row) * interval, cents(walk.lows[row] + up),
                   cents(walk.highs[row] + up), cents(walk.lows[row] + up),
                   cents(walk.closes[row] + up), cents(walk.volumes[row])});
  }
  return out;
}

constexpr std::int64_t kMillisecond = 1'000'000;

/// A source of these candles as market.h describes it; remembers what it was asked.
class Market {
 public:
  explicit Market(std::vector<Candle> candles, std::int64_t interval = kHour,
                  const Texts& settings = {})
      : technical_("technical.so", "technical", settings),
        candles_(std::move(candles)),
        interval_(interval) {
    if (!candles_.empty()) clock = Time{close_time(candles_.back())} + Duration(kMillisecond);
  }

  Result<ReportPtr> run(Texts params = {}) {
    params.emplace_back("symbol", "BTCUSDT");
    queries.clear();
    return technical_.run(
        params,
        [this](std::string_view dataset, const std::map<std::string, Value>& args) {
          EXPECT_EQ(dataset, "candles");
          queries.emplace_back();
          for (const auto& [name, value] : args) queries.back()[name] = value.canonical();
          return Result<ReportPtr>(answer(args));
        },
        &said);
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

  std::vector<std::map<std::string, std::string>> queries;  ///< of the last run
  test::Said said;
  std::optional<Time> clock;    ///< meta of its answers; just after the last candle
  std::string status;           ///< meta, unless empty
  std::size_t rows_max = 5000;  ///< of one answer
  std::vector<std::pair<std::string, std::string>> notes = {
      {"made_by_hand", "These candles were made by hand."}};

 private:
  [[nodiscard]] std::int64_t close_time(const Candle& candle) const {
    return (Time{candle.open_time} + Duration(interval_) + Duration(-kMillisecond)).ns;
  }
  [[nodiscard]] ReportPtr answer(const std::map<std::string, Value>& args) const {
    const auto number = [&](const char* name, std::int64_t otherwise) {
      const auto found = args.find(name);
      return found == args.end() ? otherwise : found->second.view().as.i64;
    };
    const std::int64_t start = number("start", std::numeric_limits<std::int64_t>::min());
    const std::int64_t end = number("end", std::numeric_limits<std::int64_t>::max());
    const auto limit = std::min(static_cast<std::size_t>(number("limit", 500)), rows_max);
    std::vector<Candle> rows;
    for (const Candle& candle : candles_) {
      if (start <= candle.open_time && candle.open_time <= end) rows.push_back(candle);
    }
    if (rows.size() > limit) {
      const auto surplus = static_cast<std::ptrdiff_t>(rows.size() - limit);
      if (args.contains("start"))
        rows.resize(limit);
      else
        rows.erase(rows.begin(), rows.begin() + surplus);
    }
    return report_of(rows);
  }
  [[nodiscard]] ReportPtr report_of(std::span<const Candle> candles) const {
    return test::make_report([&](const Call& call) {
      std::vector<std::int64_t> times, close_times, trades;
      std::vector<std::uint8_t> closed;
      std::vector<std::optional<Decimal>> opens, highs, lows, closes, volumes;
      for (const Candle& c : candles) {
        times.push_back(c.open_time);
        close_times.push_back(close_time(c));
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
          .column(Field(bourse_candles_close_time), close_times)
          .column(Field(bourse_candles_quote_volume), volumes)
          .column(Field(bourse_candles_trades), trades)
          .column(Field(bourse_candles_taker_base_volume), volumes)
          .column(Field(bourse_candles_taker_quote_volume), volumes)
          .column(Field(bourse_candles_closed), closed);
      call.add(table);
      if (!candles.empty()) {
        const Time close{close_times.back()};
        call.as_of(candles.back().closed ? close : std::min(close, clock.value_or(close)));
      }
      if (clock) call.meta("clock", *clock);
      if (!status.empty()) call.meta("status", status);
      for (const auto& [code, text] : notes) call.note(BOURSE_LEVEL_INFO, code, text);
    });
  }

  Component technical_;
  std::vector<Candle> candles_;
  std::int64_t interval_;
  ReportPtr last_;
};

std::string note_text(const bourse_report& report, std::string_view code) {
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    if (view(report.notes[i]->code) == code) return std::string(view(report.notes[i]->text));
  }
  return "";
}

using Query = std::map<std::string, std::string>;

TEST(Technical, AsksForTheShownCandlesAndTheirWarmUp) {
  Market hours(market(1000));
  hours.report();
  EXPECT_THAT(hours.queries,  // 100 + 766: series_test.cpp
              ElementsAre(Query{{"symbol", "BTCUSDT"}, {"interval", "1h"}, {"limit", "866"}}));
  Market fours(market(1000, kStart, 4 * kHour), 4 * kHour);
  fours.report({{"limit", "7"}, {"interval", "4h"}});
  EXPECT_THAT(fours.queries,
              ElementsAre(Query{{"symbol", "BTCUSDT"}, {"interval", "4h"}, {"limit", "773"}}));
}

TEST(Technical, AsksForTheStartOfTheFirstShownDayWhereOneQueryReachesIt) {
  Market candles(market(10));
  candles.report({{"interval", "1m"}});
  EXPECT_EQ(candles.queries.front().at("limit"), "1540");  // 100 + the 1440 minutes of a day
  candles.report({{"interval", "1s"}});
  EXPECT_EQ(candles.queries.front().at("limit"), "866");  // a day of seconds is 86,400
}

TEST(Technical, NeverAsksForMoreThanADatasetAllows) {
  Market candles(market(12'000));
  Texts largest = {{"limit", "7000"}};
  for (const Param& param : kParams) {
    const std::string name = param.name;
    if (param.type == BOURSE_TYPE_I64 && name != "limit" &&
        name.find("fast") == std::string::npos) {
      largest.emplace_back(name, param.max);
    }
  }
  candles.report(largest);
  ASSERT_EQ(candles.queries.size(), 3u);
  for (const Query& query : candles.queries) EXPECT_LE(std::stoul(query.at("limit")), 5000u);
}

// ---- pages --------------------------------------------------------------------------------------

TEST(Technical, PagesBackwardsByTheOpenTimesThatCame) {
  auto candles = market(9'000);
  candles.erase(candles.begin() + 3'000, candles.begin() + 3'400);  // a hole in the second page
  Market hours(std::move(candles));
  const bourse_report& report = hours.report({{"limit", "6000"}});
  const auto times = column_texts(report, "series", "open_time");
  ASSERT_EQ(times.size(), 6000u);
  EXPECT_EQ(times.front(), std::to_string(kStart + 2'600 * kHour));
  EXPECT_EQ(times.back(), std::to_string(kStart + 8'999 * kHour));
  EXPECT_EQ(std::set(times.begin(), times.end()).size(), 6000u);
  ASSERT_EQ(hours.queries.size(), 2u);
  EXPECT_EQ(hours.queries[0].at("limit"), "5000");
  EXPECT_FALSE(hours.queries[0].contains("end"));
  EXPECT_EQ(hours.queries[1].at("limit"), "1766");
  EXPECT_EQ(hours.queries[1].at("end"), "2025-04-16T15:59:59.999999999Z");  // by Python's datetime
  EXPECT_EQ(hours.said.released, 2u);
  EXPECT_THAT(note_text(report, "gaps"), HasSubstr("(400)"));
}

TEST(Technical, ShowsWhatLiesBetweenStartAndEndWithItsWarmUp) {
  Market hours(market(3'000));
  const auto whole = column_texts(hours.report({{"limit", "3000"}}), "series", "rsi");
  const bourse_report& report =
      hours.report({{"start", "2025-01-01"}, {"end", "2025-01-03T12:00:00Z"}, {"limit", "1000"}});
  const auto times = column_texts(report, "series", "open_time");
  ASSERT_EQ(times.size(), 61u);  // both ends included
  EXPECT_EQ(times.front(), std::to_string(kStart + 61 * 24 * kHour));
  EXPECT_EQ(column_texts(report, "series", "rsi"),
            std::vector(whole.begin() + 61 * 24, whole.begin() + 61 * 24 + 61));
  EXPECT_THAT(note_codes(report),
              ElementsAre("made_by_hand"));  // and once, though two answers said it
  ASSERT_EQ(hours.queries.size(), 2u);
  EXPECT_EQ(hours.queries[0].at("start"), "2025-01-01T00:00:00Z");
  EXPECT_EQ(hours.queries[0].at("end"), "2025-01-03T12:00:00Z");
  EXPECT_EQ(hours.queries[1].at("end"), "2024-12-31T23:59:59.999999999Z");
  EXPECT_FALSE(hours.queries[1].contains("start"));
  EXPECT_EQ(report.as_of, kStart + (61 * 24 + 61) * kHour - kMillisecond);
}

TEST(Technical, SaysWhereToGoOnWhenTheLimitIsReached) {
  auto candles = market(3'000);
  candles.erase(candles.begin() + 1'100, candles.begin() + 1'150);
  Market hours(std::move(candles));
  const std::string start = "2024-12-12T12:00:00Z";  // row 996: 41 days and a half
  const bourse_report& report =
      hours.report({{"start", start}, {"end", "2025-02-01"}, {"limit", "104"}});
  EXPECT_EQ(column_texts(report, "series", "close").size(), 104u);
  // Row 1100 is missing: the next is row 1150, 47 days and 22 hours after 2024-11-01.
  EXPECT_THAT(note_text(report, "limited"),
              AllOf(HasSubstr("limit of 104"), HasSubstr("start=2024-12-18T22:00:00Z")));
  EXPECT_THAT(note_codes(report), Not(Contains("stale_data")));
  const bourse_report& all =
      hours.report({{"start", start}, {"end", "2024-12-16T19:00:00Z"}, {"limit", "104"}});
  EXPECT_EQ(column_texts(all, "series", "close").size(), 104u);
  EXPECT_THAT(note_codes(all), Not(Contains("limited")));
}

TEST(Technical, AStartWithoutALimitShowsAllFromThere) {
  Market hours(market(3'000));
  const bourse_report& report = hours.report({{"start", "2025-01-01"}});
  const auto times = column_texts(report, "series", "open_time");
  ASSERT_EQ(times.size(), 3'000u - 61 * 24);
  EXPECT_EQ(times.front(), std::to_string(kStart + 61 * 24 * kHour));
  EXPECT_EQ(times.back(), std::to_string(kStart + 2'999 * kHour));
  EXPECT_THAT(note_codes(report), ElementsAre("made_by_hand"));
  EXPECT_EQ(column_texts(hours.report({{"start", "2025-01-01"}, {"end", "2025-01-31T23:59:59Z"}}),
                         "series", "close")
                .size(),
            31u * 24);
}

TEST(Technical, ShowsNoMoreThanTheOperatorAllowsAndSaysWhereToGoOn) {
  Market hours(market(3'000), kHour, {{"rows_max", "200"}});
  const bourse_report& from = hours.report({{"start", "2025-01-01"}});
  EXPECT_EQ(column_texts(from, "series", "close").size(), 200u);
  EXPECT_THAT(note_text(from, "limited"),  // 200 hours are 8 days and 8 hours
              AllOf(HasSubstr("limit of 200"), HasSubstr("start=2025-01-09T08:00:00Z")));
  const bourse_report& newest = hours.report({{"limit", "1000"}});
  EXPECT_EQ(column_texts(newest, "series", "close").size(), 200u);
  EXPECT_THAT(note_text(newest, "limited"),  // row 2799: 116 days and 15 hours
              AllOf(HasSubstr("at most 200"), HasSubstr("1000 were asked for"),
                    HasSubstr("end=2025-02-25T15:00:00Z")));
  EXPECT_THAT(note_codes(hours.report()), Not(Contains("limited")));
  EXPECT_EQ(column_texts(hours.report(), "series", "close").size(), 100u);
}

TEST(Technical, OnlyAnEndShowsTheNewestUpToThere) {
  Market hours(market(3'000));
  const bourse_report& report = hours.report({{"end", "2025-01-01"}});
  const auto times = column_texts(report, "series", "open_time");
  ASSERT_EQ(times.size(), 100u);
  EXPECT_EQ(times.back(), std::to_string(kStart + 61 * 24 * kHour));
  EXPECT_THAT(note_codes(report), ElementsAre("made_by_hand"));
}

TEST(Technical, FiftyThousandRowsAreOneReport) {
  Market hours(market(56'000));
  const bourse_report& report = hours.report({{"start", "2024-12-06"}});  // row 840
  const auto times = column_texts(report, "series", "open_time");
  ASSERT_EQ(times.size(), 50'000u);
  EXPECT_EQ(times.front(), std::to_string(kStart + 840 * kHour));
  EXPECT_EQ(times.back(), std::to_string(kStart + 50'839 * kHour));
  EXPECT_EQ(hours.queries.size(), 12u);
  EXPECT_EQ(hours.said.released, 12u);
  EXPECT_THAT(column_texts(report, "series", "macd_signal"), Each(Ne("null")));
}

TEST(Technical, GoesOnPastAShortAnswerThatLeftOutRows) {
  Market hours(market(9'000));
  hours.rows_max = 4'999;
  hours.notes = {{"unreadable_row", "One row was left out."}};
  const bourse_report& report = hours.report({{"limit", "8000"}});
  EXPECT_EQ(column_texts(report, "series", "close").size(), 8'000u);
  EXPECT_THAT(note_codes(report), ElementsAre("unreadable_row"));
}

TEST(Technical, AnAnswerThatBringsNothingNewIsTheLast) {
  // A source that takes no notice of what it is asked for.
  const Component technical("technical.so", "technical");
  for (const Texts& range :
       {Texts{{"limit", "20000"}}, Texts{{"start", "2024-11-02"}, {"limit", "20000"}}}) {
    Market hours(market(5'000));
    Texts params = range;
    params.emplace_back("symbol", "BTCUSDT");
    test::Said said;
    ReportPtr same;
    const auto result = technical.run(
        params,
        [&](std::string_view, const std::map<std::string, Value>&) {
          if (same == nullptr) {
            same = test::make_report([&](const Call& call) {
              std::vector<Time> times;
              std::vector<Decimal> prices;
              for (const Candle& c : market(5'000)) {
                times.push_back(Time{c.open_time});
                prices.push_back(*c.close);
              }
              TableBuilder table("candles", "Candles");
              table.column(Field(bourse_candles_open_time), times);
              for (const bourse_field* field :
                   {&bourse_candles_open, &bourse_candles_high, &bourse_candles_low,
                    &bourse_candles_close, &bourse_candles_volume}) {
                table.column(Field(*field), prices);
              }
              call.add(table);
            });
          }
          return Result<ReportPtr>(same);
        },
        &said);
    ASSERT_TRUE(result.ok()) << result.failure().message;
    EXPECT_LE(said.queries, 4u);  // what brings candles, and one more, on either side of start
    EXPECT_EQ(said.released, said.queries);
  }
}

TEST(Technical, AnEndBeforeItsStartIsTheRequestsFault) {
  Market hours(market(10));
  const Failure failure = hours.failure({{"start", "2024-12-02"}, {"end", "2024-12-01"}});
  EXPECT_EQ(failure.status, BOURSE_BAD_PARAM);
  EXPECT_EQ(failure.code, "parameters_disagree");
  EXPECT_EQ(failure.parameter, "end");
  EXPECT_THAT(failure.message, AllOf(HasSubstr("end (2024-12-01T00:00:00Z)"),
                                     HasSubstr("start (2024-12-02T00:00:00Z)")));
  EXPECT_THAT(hours.queries, IsEmpty());
}

TEST(Technical, ARangeWithoutCandlesSaysWhichOne) {
  Market hours(market(10));
  const Failure failure = hours.failure({{"start", "2020-01-01"}, {"end", "2020-02-01"}});
  EXPECT_EQ(failure.status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(failure.code, "no_history");
  EXPECT_THAT(failure.message, HasSubstr("from 2020-01-01T00:00:00Z to 2020-02-01T00:00:00Z"));
}

// ---- old data -----------------------------------------------------------------------------------

TEST(Technical, IsAsOfItsNewestInput) {
  Market closed(market(900));
  EXPECT_EQ(closed.report().as_of, kStart + 900 * kHour - kMillisecond);
  auto candles = market(900);
  candles.back().closed = false;
  Market forming(std::move(candles));
  forming.clock = Time{kStart + 899 * kHour + 20 * 60 * 1'000'000'000LL};
  EXPECT_EQ(forming.report().as_of, forming.clock->ns);
}

TEST(Technical, OldCandlesAreToldAndSoAreTheirSignals) {
  Market halted(market(900));
  halted.status = "BREAK";
  halted.clock = *halted.clock + Duration(730 * 24 * kHour);
  const bourse_report& report = halted.report();
  EXPECT_EQ(report.as_of, kStart + 900 * kHour - kMillisecond);
  EXPECT_THAT(note_text(report, "stale_data"),
              AllOf(HasSubstr("BTCUSDT"), HasSubstr("2024-12-08T11:59:59.999Z"),
                    HasSubstr("2 years"), HasSubstr("BREAK")));
  EXPECT_THAT(note_text(report, "stale_signals"), HasSubstr("2024-12-08T11:59:59.999Z"));
}

TEST(Technical, AMarketThatDoesNotTradeIsToldThoughItsCandlesAreFresh) {
  Market halted(market(900));
  halted.status = "HALT";
  const bourse_report& report = halted.report();
  EXPECT_THAT(note_codes(report), ElementsAre("made_by_hand", "not_trading"));
  EXPECT_THAT(note_text(report, "not_trading"), HasSubstr("BTCUSDT (HALT)"));
  EXPECT_THAT(note_codes(halted.report({{"end", "2024-12-05"}})), ElementsAre("made_by_hand"));
  halted.status = "TRADING";
  EXPECT_THAT(note_codes(halted.report()), ElementsAre("made_by_hand"));
}

TEST(Technical, FreshnessIsTheRuleOfTheDatasets) {
  // Two intervals and five minutes, against the source's clock.
  Market hours(market(900));
  const Time close{kStart + 900 * kHour - kMillisecond};
  hours.clock = close + Duration(2 * kHour);
  EXPECT_THAT(note_codes(hours.report()), Not(Contains("stale_data")));
  hours.clock = close + Duration(2 * kHour + 1);
  EXPECT_THAT(note_codes(hours.report()), Contains("stale_data"));
}

TEST(Technical, WithoutAClockOfTheSourceItsCallsTimeCounts) {
  Market hours(market(900));
  hours.clock.reset();  // the call is in 2026, the candles end in 2024
  EXPECT_THAT(note_codes(hours.report()), Contains("stale_data"));
}

TEST(Technical, ARangeOfThePastIsNotStaleUnlessTheMarketStoppedInIt) {
  Market hours(market(900));
  hours.clock = *hours.clock + Duration(730 * 24 * kHour);
  EXPECT_THAT(note_codes(hours.report({{"end", "2024-12-05"}})), Not(Contains("stale_data")));
  EXPECT_THAT(note_text(hours.report({{"end", "2025-01-08"}}), "stale_data"),
              HasSubstr("before 2025-01-08T00:00:00Z"));
}

// ---- what is shown ------------------------------------------------------------------------------

std::vector<std::string> note_texts(const bourse_report& report, std::string_view code) {
  std::vector<std::string> texts;
  for (const bourse_note* note : ReportView(report).notes()) {
    if (view(note->code) == code) texts.emplace_back(view(note->text));
  }
  return texts;
}

TEST(Technical, ShowsTheNewestRowsAndEveryValueOfThem) {
  Market hours(market(900));
  const bourse_report& report = hours.report({{"limit", "30"}});
  const auto times = column_texts(report, "series", "open_time");
  ASSERT_EQ(times.size(), 30u);
  EXPECT_EQ(times.back(), std::to_string(kStart + 899 * kHour));
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

std::vector<double> reals(const bourse_report& report, std::string_view column) {
  const auto values = TableView(*report.tables[0]).reals(column);
  return {values.begin(), values.end()};
}

TEST(Technical, NoBitOfAValueDependsOnHowManyRowsAreShown) {
  auto candles = market(2'000);
  candles.erase(candles.begin() + 1'700, candles.begin() + 1'725);
  Market hours(std::move(candles));
  std::map<std::string, std::vector<double>> most;
  for (std::size_t c = 0; c < kColumns; ++c) {
    const std::string name = name_of(static_cast<Column>(c));
    most[name] = reals(hours.report({{"limit", "1000"}}), name);
  }
  for (const std::size_t limit : {1u, 2u, 3u, 7u, 30u, 100u, 255u, 256u, 257u, 511u, 999u}) {
    const bourse_report& report = hours.report({{"limit", std::to_string(limit)}});
    for (auto& [name, values] : most) {
      if (name == "obv") continue;
      EXPECT_EQ(reals(report, name),
                std::vector(values.end() - static_cast<std::ptrdiff_t>(limit), values.end()))
          << name << ", limit " << limit;
    }
  }
}

TEST(Technical, TooLittleHistoryIsNullAndANoteWithTheReason) {
  Market young(market(30));
  const bourse_report& report = young.report();
  EXPECT_EQ(column_texts(report, "series", "rsi").size(), 30u);
  EXPECT_THAT(column_texts(report, "series", "sma_slow"), Each("null"));
  EXPECT_EQ(column_texts(report, "series", "rsi")[13], "null");
  EXPECT_NE(column_texts(report, "series", "rsi")[14], "null");
  EXPECT_EQ(scalar_text(report, "signals.long_term_trend"), "null");
  EXPECT_NE(scalar_text(report, "signals.rsi_signal"), "null");
  EXPECT_THAT(note_codes(report), Contains("insufficient_history"));
  EXPECT_THAT(
      note_text(report, "insufficient_history"),
      AllOf(HasSubstr("sma_slow (50)"), HasSubstr("macd_signal (34)"), HasSubstr("rsi (15)"),
            HasSubstr("history of BTCUSDT at this interval begins 2024-11-01T00:00:00Z"),
            HasSubstr("1 candle up to the first row")));
  for (std::size_t i = 0; i < report.tables[0]->n_fields; ++i) {
    EXPECT_THAT(column_texts(report, "series", report.tables[0]->fields[i]->name), Each(Ne("nan")));
  }
}

TEST(Technical, AHistoryThatSufficesForTheShownRowsIsNotCalledTooShort) {
  Market young(market(60));
  EXPECT_THAT(note_codes(young.report({{"limit", "10"}})), Not(Contains("insufficient_history")));
  EXPECT_THAT(note_text(young.report({{"limit", "12"}}), "insufficient_history"),
              AllOf(HasSubstr("49 candles up to the first row"), HasSubstr(" sma_slow (50).")));
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
    if (view(note->text).find("vwap is null") == std::string_view::npos) continue;
    said = true;
    EXPECT_THAT(std::string(view(note->text)),
                HasSubstr("history begins within it, 2024-11-01T20:00:00Z"));
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
    rising[row].close = rising[row].open = rising[row].high = rising[row].low =
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
  EXPECT_THAT(hours.queries, IsEmpty());  // refused before the source was troubled
}

TEST(Technical, ParametersOutOfBoundsAreRefused) {
  Market hours(market(10));
  for (const auto& [name, text] : Texts{{"limit", "0"},
                                        {"limit", "50001"},
                                        {"start", "yesterday"},
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

TEST(Technical, ARowThatCannotBeComputedWithCostsItselfAlone) {
  auto candles = market(60);
  candles[30].close.reset();
  candles[40].volume = Decimal::from("-1");
  candles[50].open_time = candles[49].open_time;
  Market hours(std::move(candles));
  const bourse_report& report = hours.report();
  EXPECT_EQ(column_texts(report, "series", "close").size(), 57u);
  EXPECT_THAT(
      note_text(report, "unreadable_row"),
      AllOf(HasSubstr("3 rows"), HasSubstr("2024-11-02T06:00:00Z"), HasSubstr("it lacks a price")));
  EXPECT_THAT(note_text(report, "gaps"), HasSubstr("3 gaps"));
}

TEST(Technical, NothingThatCanBeComputedWithIsTheSourcesFault) {
  auto candles = market(3);
  for (Candle& candle : candles) candle.close.reset();
  const Failure failure = Market(candles).failure();
  EXPECT_EQ(failure.status, BOURSE_UPSTREAM);
  EXPECT_EQ(failure.code, "bad_candle");
  EXPECT_THAT(failure.message, HasSubstr("it lacks a price"));
}

TEST(Technical, CandlesBehindAStretchThatCannotBeComputedWithAreFound) {
  auto candles = market(460);
  for (std::size_t row = 30; row < 430; ++row) candles[row].close.reset();
  Market hours(std::move(candles));
  hours.rows_max = 100;
  const bourse_report& report = hours.report();
  EXPECT_EQ(column_texts(report, "series", "close").size(), 60u);
  EXPECT_THAT(note_text(report, "unreadable_row"), HasSubstr("400 rows"));
}

TEST(Technical, ASourceOfNothingThatCanBeComputedWithIsNotAskedWithoutEnd) {
  auto candles = market(5000);
  for (Candle& candle : candles) candle.close.reset();
  Market hours(std::move(candles));
  hours.rows_max = 100;
  EXPECT_EQ(hours.failure().code, "bad_candle");
  EXPECT_LE(hours.queries.size(), 10u);
  EXPECT_EQ(hours.failure({{"start", "2024-11-01T00:00:00Z"}}).code, "bad_candle");
  EXPECT_LE(hours.queries.size(), 10u);
}

TEST(Technical, CandlesOutOfOrderArePutInOrderAndTold) {
  auto candles = market(60);
  std::swap(candles[20], candles[21]);
  Market hours(candles);
  const bourse_report& report = hours.report();
  const auto times = column_texts(report, "series", "open_time");
  EXPECT_EQ(times.size(), 60u);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_THAT(note_text(report, "odd_candle"), HasSubstr("order"));
}

TEST(Technical, ACandleThatContradictsItselfIsShownAsItCameAndTold) {
  auto candles = market(60);
  std::swap(candles[40].high, candles[40].low);
  candles[40].high = Decimal::from("1.00");
  candles[50].open = Decimal::from("99999.00");
  Market hours(std::move(candles));
  const bourse_report& report = hours.report();
  EXPECT_EQ(column_texts(report, "series", "high")[40], "1.00000000");
  EXPECT_EQ(column_texts(report, "series", "open")[50], "99999.00000000");
  EXPECT_THAT(
      note_text(report, "odd_candle"),
      AllOf(HasSubstr("contradict"), HasSubstr("2 candles"), HasSubstr("2024-11-02T16:00:00Z")));
  for (const char* column : {"stochastic_k", "stochastic_d"}) {
    for (const double value : reals(report, column)) {
      EXPECT_TRUE(std::isnan(value) || (0 <= value && value <= 100)) << value;
    }
  }
}

// The texts of the two sources, as they write them.
TEST(Technical, WhatTheSourceSaysOfAnOddCandleIsNotSaidAgain) {
  auto candles = market(60);
  std::swap(candles[40].high, candles[40].low);
  Market hours(std::move(candles));
  for (
      const char* said :
      {"1 candle of BTCUSDT (opens at 2024-11-02T16:00:00Z) has prices that contradict each other, "
       "or of zero though something was traded: shown as the exchange has them.",
       "3 candles of BTCUSDT (the first opens at 2024-11-02T16:00:00Z) have prices that contradict "
       "each other, or of zero though something was traded: shown as the exchange has them.",
       "1 candle of BTCUSDT has recorded prices that contradict each other, the first at "
       "2024-11-02T16:00:00Z; they are given as recorded."}) {
    hours.notes = {{"odd_candle", said}};
    EXPECT_THAT(note_codes(hours.report()), Contains("odd_candle").Times(1)) << said;
  }
  // Of another candle: no reason to keep silent.
  for (const char* said :
       {"1 candle of BTCUSDT has a recorded close time that is not in the candle, the first at "
        "2024-11-01T09:00:00Z; the last millisecond of the interval is given instead.",
        "1 candle of BTCUSDT (opens at 2024-11-01T09:00:00Z) has a close time that is not in the "
        "candle, as the exchange writes it: the candle's end stands there instead."}) {
    hours.notes = {{"odd_candle", said}};
    EXPECT_THAT(note_codes(hours.report()), Contains("odd_candle").Times(2)) << said;
  }
}

TEST(Technical, AVolumeWithoutAPriceDoesNotDragVwap) {
  auto candles = market(60);
  Market sound(candles);
  const auto before = reals(sound.report(), "vwap");
  const Decimal zero = Decimal::from("0");
  candles[47] = {candles[46].open_time + 1, zero, zero, zero, zero, Decimal::from("1000000")};
  candles.erase(candles.begin() + 48, candles.end());
  candles.insert(candles.begin() + 48, market(60)[47]);  // the same day goes on as it did
  Market odd(std::move(candles));
  const bourse_report& report = odd.report();
  const auto after = reals(report, "vwap");
  EXPECT_EQ(after[46], before[46]);
  EXPECT_EQ(after[47], before[46]);
  EXPECT_EQ(after[48], before[47]);
  EXPECT_THAT(note_texts(report, "odd_candle"),
              ElementsAre(AllOf(HasSubstr("price is 0"), HasSubstr("1 candle")),
                          AllOf(HasSubstr("vwap leaves out"), HasSubstr("1 candle"))));
  EXPECT_EQ(column_texts(report, "series", "volume")[47], "1000000.00000000");
}

TEST(Technical, AMarketWithoutTradesHasZeroPricesAndIsToldSo) {
  auto candles = market(30);
  const Decimal zero = Decimal::from("0");
  for (Candle& c : candles) c = {c.open_time, zero, zero, zero, zero, zero};
  Market quiet(std::move(candles));
  const bourse_report& report = quiet.report();
  EXPECT_THAT(column_texts(report, "series", "vwap"), Each("null"));
  EXPECT_EQ(column_texts(report, "series", "bollinger_bandwidth").back(), "0");
  EXPECT_THAT(note_text(report, "odd_candle"),
              AllOf(HasSubstr("30 candles"), Not(HasSubstr("vwap"))));
  EXPECT_EQ(note_texts(report, "odd_candle").size(), 1u);
}

TEST(Technical, CandlesOfThreeDaysHaveTheGridOfTheirMarket) {
  constexpr std::int64_t kDay = 24 * kHour;
  for (const std::int64_t day : {20028, 20029, 20030}) {  // 2024-11-01 and on
    Market threes(market(900, (day - 900 * 3) * kDay, 3 * kDay), 3 * kDay);
    EXPECT_THAT(note_codes(threes.report({{"interval", "3d"}})),
                Not(AnyOf(Contains("gaps"), Contains("insufficient_history"))));
  }
}

TEST(Technical, SurvivesTheEndsOfTimeAndOfNumbers) {
  auto candles = market(3);
  candles[0].open_time = std::numeric_limits<std::int64_t>::min();
  candles[1].open_time = 0;
  candles[2].open_time = std::numeric_limits<std::int64_t>::max();
  candles[2].close = candles[2].high = candles[2].volume =
      Decimal::from("999999999999999999999999999999");
  Market odd(std::move(candles));
  const bourse_report& report = odd.report({{"sma_fast", "2"}, {"sma_slow", "3"}});
  EXPECT_THAT(note_codes(report), Contains("gaps"));
  EXPECT_NE(column_texts(report, "series", "sma_slow").back(), "null");
}

}  // namespace
}  // namespace bourse::technical
