// SPDX-License-Identifier: MIT
//
// The source against the fake exchange, whose streams and whose REST side tell of one market and
// one clock. After every fault of a stream that it knows, what is answered from streams is what a
// source without streams answers, in all cells, and costs no request any more. In between no candle
// is invented, no closed one is changed, and no crossed book shows.
//
// The market goes on by two seconds at a time, as candles are told every other second. What takes a
// while to be noticed takes a second or two here; the times that are meant are in the README.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "plugins/sources/binance/source.hpp"
#include "tests/exchange/fixture.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::binance {
namespace {

namespace fake = bourse::fake_exchange;

using fake::Fault;
using fake::FaultKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::column_texts;

constexpr std::size_t kWatched = 6;  ///< the first datasets of the source
/// Until the answers are those of REST again, and from streams. It takes up to eight seconds of a
/// machine that does nothing else.
constexpr seconds kPatience{30};
/// The market's two seconds.
constexpr milliseconds kBetweenSteps{50};
constexpr std::size_t kCandleSet = 0, kBookSet = 4;
constexpr std::array<const char*, kWatched> kStreamsOf = {
    "btcusdt@kline_1m",   "btcusdt@ticker",      "btcusdt@miniTicker",
    "btcusdt@bookTicker", "btcusdt@depth@100ms", "btcusdt@trade"};
constexpr std::array<const char*, kWatched> kPathsOf = {
    "/api/v3/klines", "/api/v3/ticker/24hr", "/api/v3/ticker/price", "/api/v3/ticker/bookTicker",
    "/api/v3/depth",  "/api/v3/trades"};

using Columns = std::map<std::string, std::vector<std::string>>;
struct Answer {
  std::string failure;
  Columns columns;
  bool operator==(const Answer&) const = default;
};

std::string text_of(const Answer& answer) {
  std::string text = answer.failure;
  for (const auto& [name, cells] : answer.columns) {
    text += "\n" + name + ":";
    for (const std::string& cell : cells) text += " " + cell;
  }
  return text;
}

/// A source and what it is asked.
class Asker {
 public:
  Asker(const std::string& url, bool streams) {
    Settings settings;
    settings.exchange = {.site = Site::kData, .base_url = url};
    settings.market.fresh = milliseconds(0);
    settings.market.candles.fresh = milliseconds(0);
    settings.market.keeper.prepare_after = milliseconds(0);
    StreamOptions& options = settings.market.streams;
    options.enabled = streams;
    options.origin = *parse_loopback(url);
    options.feed.suspect_after = seconds(2);
    options.feed.replace_after = seconds(4);
    options.feed.answer_patience = seconds(2);
    options.feed.settle = seconds(1);
    options.feed.patience.fill(seconds(3));
    auto exchange = Exchange::open(settings.exchange);
    EXPECT_TRUE(exchange);
    exchange_ = *std::move(exchange);
    source_.emplace(std::move(settings), exchange_);
  }

  void watch(std::size_t dataset) {
    use(dataset, [&](bourse::Call& call, const Values& values) {
      source_->watch(call, dataset, values, Changed(this, [](void*) {}));
    });
  }
  /// All cells of a dataset, or why there are none.
  Answer ask(std::size_t dataset) {
    Answer answer;
    const auto report = use(dataset, [&](bourse::Call& call, const Values& values) {
      try {
        source_->fetch(call, dataset, values);
      } catch (const bourse::Error& error) {
        answer.failure = std::string(error.code()) + ": " + error.message();
      }
    });
    if (!answer.failure.empty()) return answer;
    const TableView table(*report->wire().tables[0]);
    for (std::size_t i = 0; i < table.columns(); ++i) {
      const std::string name(table.field(i).name);
      answer.columns[name] = column_texts(report->wire(), table.name(), name);
    }
    return answer;
  }
  [[nodiscard]] bool knows_limits() const { return !exchange_->rate_state().assumed; }

 private:
  test::ReportPtr use(std::size_t dataset,
                      const std::function<void(bourse::Call&, const Values&)>& what) {
    const bourse_value symbol = value("BTCUSDT");
    const bourse_value both[] = {symbol, value("ETHUSDT")};
    bourse_value list{};
    list.type = BOURSE_TYPE_LIST;
    list.as.list = {both, 2};
    const std::map<std::string, bourse_value> given = {{"symbol", symbol},
                                                       {"symbols", list},
                                                       {"interval", value("1m")},
                                                       {"limit", value(std::int64_t{20})},
                                                       {"depth", value(std::int64_t{10})}};
    const std::vector<Param> declared = detail::declared(*Binance::datasets[dataset]);
    std::vector<bourse_value> values;
    for (const Param& param : declared) {
      const auto found = given.find(param.name);
      values.push_back(found == given.end() ? null_value() : found->second);
    }
    return test::make_report([&](const bourse::Call& borrowed) {
      bourse::Call call(borrowed.host(), borrowed.wire());
      what(call, Values(declared, values.data()));
    });
  }

  std::shared_ptr<Exchange> exchange_;
  std::optional<Binance> source_;
};

fake::ExchangeOptions without_limits() {
  fake::ExchangeOptions options;
  options.limits.weight_per_minute = 100'000'000;
  options.limits.raw_per_5_minutes = 100'000'000;
  options.book_levels = 90;  // fewer than a snapshot holds: all of them are known
  return options;
}

/// Made once: a connection may be made every 1.2 s only.
struct World {
  fake::test::Standing fake{without_limits()};
  Asker rest{fake.exchange.url(), false};
  Asker live{fake.exchange.url(), true};
};

struct FaultCase {
  friend void PrintTo(const FaultCase& one, std::ostream* out) { *out << one.name; }

  std::string name;
  std::vector<Fault> faults;
  int until_border_s = -1;  ///< begins so long before a minute's end
  bool cuts = false;        ///< and the connection is cut, so that the faults meet the next one
};

class StreamFaultTest : public testing::TestWithParam<FaultCase> {
 protected:
  static void SetUpTestSuite() {
    world_ = std::make_unique<World>();
    // Odd seconds: REST has no candle yet in the second in which it begins.
    world_->fake.exchange.clock().advance(seconds(1));
    for (std::size_t i = 0; i < kWatched; ++i) {
      world_->live.ask(i);
      world_->rest.ask(i);
      world_->live.watch(i);
    }
  }
  static void TearDownTestSuite() { world_.reset(); }

  static fake::Exchange& exchange() { return world_->fake.exchange; }
  static std::size_t asked(const char* path) {
    std::size_t count = 0;
    for (const auto& record : exchange().requests()) {
      // A local book asks for deeper ones, in the background.
      const bool is_snapshot = record.path == kPathsOf[kBookSet] && record.query.ends_with("=100");
      count += record.path == path && !is_snapshot ? 1U : 0U;
    }
    return count;
  }
  static void step(seconds by = seconds(2)) { exchange().clock().advance(by); }

  struct Look {
    std::string differs;  ///< what is not as REST has it
    std::string asks;     ///< what was asked for
  };
  /// What a step has told is on its way for a moment.
  Look look() {
    Look look;
    const auto end = steady_clock::now() + milliseconds(700);
    for (std::size_t i = 0; i < kWatched; ++i) {
      if (i == kBookSet && is_book_old()) continue;
      Answer live, rest = world_->rest.ask(i);
      while (true) {
        exchange().forget_requests();
        live = world_->live.ask(i);
        const bool is_free = asked(kPathsOf[i]) == 0;
        check(i, live, rest);
        if (live == rest || steady_clock::now() > end) {
          if (!is_free) look.asks += std::string(" ") + kPathsOf[i];
          break;
        }
        std::this_thread::sleep_for(milliseconds(5));
      }
      if (live == rest) continue;
      look.differs += std::string(Binance::datasets[i]->name) + "\nstreams: " + text_of(live) +
                      "\nREST: " + text_of(rest) + "\n";
    }
    return look;
  }
  /// REST's own snapshots are old, on command.
  static bool is_book_old() {
    for (const Fault& fault : exchange().faults().waiting()) {
      if (fault.kind == FaultKind::kOldBook) return true;
    }
    return false;
  }
  /// What must hold at any time, however stale the answer is.
  void check(std::size_t dataset, const Answer& live, const Answer& rest) {
    if (!live.failure.empty()) return;
    if (dataset == kCandleSet) check_candles(live.columns, rest.columns);
    if (dataset == kBookSet) check_book(live.columns);
  }
  void check_candles(const Columns& live, const Columns& rest) {
    std::map<std::string, std::size_t> rows;
    for (std::size_t i = 0; i < rest.at("open_time").size(); ++i) rows[rest.at("open_time")[i]] = i;
    for (std::size_t i = 0; i < live.at("open_time").size(); ++i) {
      if (live.at("closed")[i] != "true") continue;
      const auto row = rows.find(live.at("open_time")[i]);
      if (row == rows.end()) continue;  // older than what REST was asked for
      for (const auto& [name, cells] : live) {
        if (name == "closed") continue;  // the stream says so, where REST has only a clock
        ASSERT_EQ(cells[i], rest.at(name)[row->second])
            << name << " of the closed candle of " << live.at("open_time")[i];
      }
    }
  }
  static void check_book(const Columns& live) {
    Decimal bid, ask;
    for (std::size_t i = live.at("side").size(); i-- > 0;) {
      auto& best = live.at("side")[i] == "bid" ? bid : ask;
      best = *Decimal::parse(live.at("price")[i]);
    }
    ASSERT_LT(bid, ask) << "a crossed book shows";
  }

  static std::string unmet() {
    std::string text = "not met:";
    for (const Fault& fault : exchange().faults().waiting()) {
      text += " " + std::string(fake::fault_name(fault.kind).name) + " " +
              std::to_string(fault.times) + " times";
    }
    return text;
  }
  /// All is answered from streams, and as REST does, two steps in a row. Else what is not.
  std::string settle(seconds within) {
    const auto end = steady_clock::now() + within;
    Look last;
    for (int good = 0; good < 2;) {
      step();
      std::this_thread::sleep_for(kBetweenSteps);
      last = look();
      if (HasFailure()) return "see above";
      const bool is_over = exchange().faults().waiting().empty();
      good = last.differs.empty() && last.asks.empty() && is_over ? good + 1 : 0;
      if (last.differs.empty() && first_equal_ == steady_clock::time_point()) {
        first_equal_ = steady_clock::now();
      }
      if (!last.differs.empty()) first_equal_ = {};
      if (good == 0 && steady_clock::now() > end) {
        if (!is_over) return unmet();
        return last.differs.empty() ? "still asks for" + last.asks : last.differs;
      }
    }
    return {};
  }

  static std::unique_ptr<World> world_;
  steady_clock::time_point first_equal_;
};

std::unique_ptr<World> StreamFaultTest::world_;

TEST_P(StreamFaultTest, AfterItTheAnswersAreThoseOfRest) {
  const FaultCase& one = GetParam();
  for (int i = 0; i < 200 && !(world_->rest.knows_limits() && world_->live.knows_limits()); ++i) {
    std::this_thread::sleep_for(milliseconds(20));
  }
  ASSERT_EQ(settle(kPatience), "") << "before the fault";
  if (one.until_border_s >= 0) {
    const auto now = exchange().clock().market();
    const auto into = std::chrono::duration_cast<seconds>(now % std::chrono::minutes(1));
    step(seconds(59 - one.until_border_s) - into);
  }
  for (const Fault& fault : one.faults) exchange().faults().add(fault);
  if (one.cuts) exchange().streams().close(0, 1001, "away");
  const auto begun = steady_clock::now();
  first_equal_ = {};
  EXPECT_EQ(settle(kPatience), "");
  const auto took = std::chrono::duration_cast<milliseconds>(first_equal_ - begun);
  std::cout << one.name << ": equal after " << took.count() << " ms, live after "
            << std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun).count()
            << " ms\n";
  exchange().faults().clear();
}

/// Of each of the streams.
std::vector<Fault> each(FaultKind kind) {
  std::vector<Fault> faults;
  for (const char* stream : kStreamsOf) faults.push_back({.kind = kind, .path = stream});
  return faults;
}
std::vector<Fault> depth(FaultKind kind, std::int64_t times = 1) {
  return {{.kind = kind, .path = "btcusdt@depth*", .times = times}};
}
std::vector<Fault> connection(FaultKind kind) { return {{.kind = kind, .path = "btcusdt@ticker"}}; }
std::vector<Fault> opening(FaultKind kind, std::int64_t times = 1) {
  return {{.kind = kind, .path = "/stream", .times = times}};
}

std::vector<FaultCase> cases() {
  std::vector<FaultCase> all = {
      {.name = "Mute", .faults = connection(FaultKind::kStreamMute)},
      {.name = "Pings", .faults = connection(FaultKind::kStreamPings)},
      {.name = "Quiet", .faults = each(FaultKind::kStreamQuiet)},
      {
          .name = "OneQuiet",
          .faults = {{.kind = FaultKind::kStreamQuiet, .path = "btcusdt@depth*"}},
      },
      {.name = "Deaf", .faults = connection(FaultKind::kStreamDeaf)},
      {.name = "DeafFromTheStart", .faults = opening(FaultKind::kStreamDeaf), .cuts = true},
      {.name = "Gap", .faults = each(FaultKind::kStreamGap)},
      {.name = "Repeat", .faults = each(FaultKind::kStreamRepeat)},
      {.name = "Flood", .faults = each(FaultKind::kStreamFlood)},
      {.name = "Swap", .faults = each(FaultKind::kStreamSwap)},
      {.name = "Overlap", .faults = depth(FaultKind::kStreamOverlap)},
      {.name = "Crossing", .faults = depth(FaultKind::kStreamCrossing)},
      {
          .name = "OldBook",
          .faults = {{.kind = FaultKind::kStreamGap, .path = "btcusdt@depth*"},
                     {.kind = FaultKind::kOldBook,
                      .path = "/api/v3/depth",
                      .times = 3,
                      .age_us = 600'000'000}},
      },
      {.name = "WrongQuote",
       .faults = {{.kind = FaultKind::kStreamWrongQuote, .path = "btcusdt@bookTicker"}}},
      {
          .name = "WrongQuotes",
          .faults = {{.kind = FaultKind::kStreamWrongQuote,
                      .path = "btcusdt@bookTicker",
                      .times = 10}},
      },
      {.name = "NoEnd",
       .faults = {{.kind = FaultKind::kStreamNoEnd, .path = "btcusdt@kline_1m"}},
       .until_border_s = 4},
      {.name = "WrongJson", .faults = each(FaultKind::kStreamWrongJson)},
      {.name = "Half", .faults = opening(FaultKind::kStreamHalf), .cuts = true},
      {.name = "Refuse", .faults = opening(FaultKind::kStreamRefuse), .cuts = true},
      {.name = "NoAnswer", .faults = opening(FaultKind::kStreamNoAnswer), .cuts = true},
      {.name = "Close", .faults = connection(FaultKind::kStreamClose)},
      {.name = "Cut", .faults = connection(FaultKind::kStreamCut)},
      {.name = "Reset", .faults = connection(FaultKind::kStreamReset)},
      {.name = "CutFrame", .faults = connection(FaultKind::kStreamCutFrame)},
      {.name = "BadFrame", .faults = connection(FaultKind::kStreamBadFrame)},
      {.name = "NoFarewell", .faults = connection(FaultKind::kStreamNoFarewell)},
      {.name = "AcceptedAndCut", .faults = opening(FaultKind::kStreamCut, 2), .cuts = true}};
  return all;
}

INSTANTIATE_TEST_SUITE_P(Each, StreamFaultTest, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace bourse::binance
