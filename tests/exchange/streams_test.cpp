// SPDX-License-Identifier: MIT
//
// The streams over real WebSockets: what they tell is what REST answers at that moment, and the
// rules of the connection.
#include <map>

#include "tests/exchange/certificate.hpp"
#include "tests/exchange/fixture.hpp"
#include "tests/exchange/stream_client.hpp"

namespace bourse::fake_exchange::test {
namespace {

using namespace std::chrono_literals;
using host::test::eventually;
using Texts = std::vector<std::string>;

constexpr const char* kDone = R"({"result":null,"id":1})";

class StreamsAtNoon : public testing::Test {
 protected:
  Exchange& exchange() { return standing_.exchange; }
  [[nodiscard]] StreamClient client(const std::string& target) {
    return {exchange().port(), target};
  }
  void advance(microseconds by) { exchange().clock().advance(by); }
  [[nodiscard]] std::string rest(const std::string& target) {
    const Answer answer = get(exchange(), "/api/v3/" + target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  /// The next text.
  static std::string next(StreamClient& client) { return client.read().value_or("(nothing)"); }
  static std::string subscribe(const std::string& names) {
    return R"({"method":"SUBSCRIBE","params":[)" + names + R"(],"id":1})";
  }

  Standing standing_;
};

/// A book kept by the exchange's procedure: the simplest thing that can be right.
class BookModel {
 public:
  explicit BookModel(const std::string& snapshot)
      : id_(std::stoll(value(snapshot, "lastUpdateId"))) {
    apply(snapshot, "bids", bids_);
    apply(snapshot, "asks", asks_);
  }
  /// False for a gap.
  bool apply(const std::string& event) {
    const std::int64_t first = std::stoll(value(event, "U")), last = std::stoll(value(event, "u"));
    if (last <= id_) return true;
    if (first > id_ + 1) return false;
    apply(event, "b", bids_);
    apply(event, "a", asks_);
    id_ = last;
    return true;
  }
  [[nodiscard]] std::int64_t id() const { return id_; }
  [[nodiscard]] bool is_crossed() const {
    return !bids_.empty() && !asks_.empty() && bids_.rbegin()->first >= asks_.begin()->first;
  }
  /// As the first levels of an answer of /depth.
  [[nodiscard]] std::string text(std::size_t levels) const {
    return R"({"lastUpdateId":)" + std::to_string(id_) + R"(,"bids":[)" +
           side(bids_.rbegin(), bids_.rend(), levels) + R"(],"asks":[)" +
           side(asks_.begin(), asks_.end(), levels) + "]}";
  }
  [[nodiscard]] std::string best_bid() const { return bids_.rbegin()->second.first; }
  [[nodiscard]] std::string best_ask() const { return asks_.begin()->second.first; }

 private:
  /// By price: its text, and the quantity's.
  using Levels = std::map<Decimal, std::pair<std::string, std::string>>;

  static void apply(const std::string& json, const std::string& name, Levels& side) {
    const Texts prices = values(json, name + ".*.0"), quantities = values(json, name + ".*.1");
    for (std::size_t i = 0; i < prices.size(); ++i) {
      const Decimal price = Decimal::parse(prices[i]).value();
      if (Decimal::parse(quantities[i]).value().is_zero()) {
        side.erase(price);
      } else {
        side[price] = {prices[i], quantities[i]};
      }
    }
  }
  template <class Iterator>
  static std::string side(Iterator begin, Iterator end, std::size_t levels) {
    std::string out;
    for (; begin != end && levels > 0; ++begin, --levels) {
      if (!out.empty()) out += ',';
      out += "[\"" + begin->second.first + "\",\"" + begin->second.second + "\"]";
    }
    return out;
  }

  std::int64_t id_;
  Levels bids_, asks_;
};

// ---- equality with REST

TEST_F(StreamsAtNoon, ABookOfSnapshotAndDiffsIsThatOfRestInEveryLevel) {
  StreamClient slow = client("/ws/btcusdt@depth"), fast = client("/ws/btcusdt@depth@100ms");
  BookModel by_seconds(rest("depth?symbol=BTCUSDT&limit=5000")), by_parts = by_seconds;
  for (int second = 1; second <= 5; ++second) {
    advance(1s);
    const std::string snapshot = rest("depth?symbol=BTCUSDT&limit=5000");
    const std::string event = next(slow);
    EXPECT_EQ(std::stoll(value(event, "U")), by_seconds.id() + 1);
    ASSERT_TRUE(by_seconds.apply(event));
    EXPECT_EQ(by_seconds.text(5'000), snapshot);
    while (by_parts.id() < by_seconds.id()) {
      const std::string part = next(fast);
      ASSERT_NE(part, "(nothing)");
      EXPECT_EQ(std::stoll(value(part, "U")), by_parts.id() + 1);
      ASSERT_TRUE(by_parts.apply(part)) << part.substr(0, 200);
      ASSERT_FALSE(by_parts.is_crossed()) << part.substr(0, 200);
    }
    EXPECT_EQ(by_parts.text(5'000), snapshot);
  }
}

TEST_F(StreamsAtNoon, ABookThatBeginsBetweenIsTheSame) {
  StreamClient stream = client("/ws/ethusdt@depth");
  advance(3s);
  const std::string early = next(stream);
  BookModel book(rest("depth?symbol=ETHUSDT&limit=5000"));
  EXPECT_EQ(value(early, "u"), std::to_string(book.id())) << "the snapshot holds it already";
  EXPECT_TRUE(book.apply(early));
  advance(7s);
  ASSERT_TRUE(book.apply(next(stream))) << "one event for all of the time";
  EXPECT_EQ(book.text(5'000), rest("depth?symbol=ETHUSDT&limit=5000"));
}

TEST_F(StreamsAtNoon, QuotesAreTheBooksBestAtTheirId) {
  StreamClient both = client("/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker");
  BookModel book(rest("depth?symbol=BTCUSDT&limit=5000"));
  std::map<std::string, std::string> quotes;
  int compared = 0;
  for (int second = 0; second < 4; ++second) {
    advance(1s);
    const std::string last = value(rest("depth?symbol=BTCUSDT&limit=5"), "lastUpdateId");
    // Quotes come first: streams are told in the order of their names.
    while (std::to_string(book.id()) != last) {
      const std::string text = next(both);
      ASSERT_NE(text, "(nothing)");
      const std::string data = text.substr(text.find("\"data\":") + 7);
      const std::string message = data.substr(0, data.size() - 1);
      if (value(text, "stream") == "btcusdt@bookTicker") {
        quotes[value(message, "u")] = value(message, "b") + " " + value(message, "a");
        continue;
      }
      ASSERT_TRUE(book.apply(message));
      const auto quote = quotes.find(std::to_string(book.id()));
      if (quote == quotes.end()) continue;
      EXPECT_EQ(quote->second, book.best_bid() + " " + book.best_ask());
      ++compared;
    }
  }
  EXPECT_GE(compared, 4);
  const std::string ticker = rest("ticker/bookTicker?symbol=BTCUSDT");
  EXPECT_EQ(quotes.rbegin()->second, value(ticker, "bidPrice") + " " + value(ticker, "askPrice"));
}

TEST_F(StreamsAtNoon, PartialBooksAreTheTopOfRest) {
  StreamClient top = client("/ws/btcusdt@depth5"), fast = client("/ws/btcusdt@depth20@100ms");
  advance(1s);
  EXPECT_EQ(next(top), rest("depth?symbol=BTCUSDT&limit=5"));
  const std::string whole = rest("depth?symbol=BTCUSDT&limit=20");
  std::string last = next(fast);
  while (last != "(nothing)" && value(last, "lastUpdateId") != value(whole, "lastUpdateId")) {
    last = next(fast);
  }
  EXPECT_EQ(last, whole);
}

/// The events of a closed candle's members in the order of a row of /klines.
Texts row_of(const std::string& event) {
  Texts out;
  for (const char* const name : {"t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B"}) {
    out.push_back(value(event, std::string("k.") + name));
  }
  return out;
}

TEST_F(StreamsAtNoon, AClosedCandleIsThatOfRest) {
  for (const char* const interval : {"1s", "1m", "1h"}) {
    StreamClient stream = client(std::string("/ws/btcusdt@kline_") + interval);
    const auto length = interval == std::string("1s")   ? 1s
                        : interval == std::string("1m") ? 60s
                                                        : 3600s;
    advance(length);
    const std::string event = next(stream);
    EXPECT_EQ(value(event, "e") + value(event, "s") + value(event, "k.i"),
              std::string("klineBTCUSDT") + interval);
    EXPECT_EQ(value(event, "k.x"), "true");
    EXPECT_EQ(row_of(event), values(rest("klines?symbol=BTCUSDT&limit=1&startTime=" +
                                         value(event, "k.t") + "&interval=" + interval),
                                    "0.*"))
        << interval;
    EXPECT_EQ(std::stoll(value(event, "k.L")) - std::stoll(value(event, "k.f")) + 1,
              std::stoll(value(event, "k.n")));
  }
}

TEST_F(StreamsAtNoon, AFormingCandleComesEveryTwoSecondsAndClosesOnce) {
  StreamClient stream = client("/ws/btcusdt@kline_1m");
  int forming = 0, closed = 0;
  for (int second = 1; second <= 64; ++second) advance(1s);
  std::string last_open = "0";
  while (const auto event = stream.read(500ms)) {
    value(*event, "k.x") == "true" ? ++closed : ++forming;
    if (value(*event, "k.x") == "true") {
      EXPECT_EQ(value(*event, "E"), "1735732860000");
    }
    EXPECT_GE(value(*event, "k.t"), last_open);
    last_open = value(*event, "k.t");
  }
  EXPECT_EQ(closed, 1);
  EXPECT_LE(forming, 29 + 2) << "at :02 ... :58, and :02, :04 of the next";
  EXPECT_GE(forming, 15) << "where something was traded";
}

TEST_F(StreamsAtNoon, CandlesThatAJumpPassedOverAllClose) {
  StreamClient stream = client("/ws/ethusdt@kline_1m"), far = client("/ws/ethusdt@kline_1m@+08:00");
  advance(10min);
  const std::string rows = rest("klines?symbol=ETHUSDT&interval=1m&limit=10");
  for (int i = 0; i < 10; ++i) {
    const std::string event = next(stream);
    EXPECT_EQ(row_of(event), values(rows, std::to_string(i) + ".*"));
    EXPECT_EQ(value(event, "k.x"), "true");
  }
  EXPECT_TRUE(stream.is_silent());
  EXPECT_EQ(far.read(std::size_t{10}).size(), 10u) << "minutes are the same everywhere";
}

TEST_F(StreamsAtNoon, CandlesOfAnotherZoneAreThoseOfRest) {
  StreamClient stream = client("/ws/btcusdt@kline_1d@+08:00");
  advance(4h);  // 00:00 in UTC+8
  const std::string event = next(stream);
  EXPECT_EQ(row_of(event),
            values(rest("klines?symbol=BTCUSDT&interval=1d&timeZone=8&limit=1&startTime=" +
                        value(event, "k.t")),
                   "0.*"));
  EXPECT_EQ(value(event, "k.x"), "true");
}

TEST_F(StreamsAtNoon, TradesAreThoseOfRest) {
  StreamClient stream = client("/ws/btcusdt@trade");
  advance(2s);
  const std::string all = rest("trades?symbol=BTCUSDT&limit=1000");
  const Texts ids = values(all, "*.id"), prices = values(all, "*.price"),
              quantities = values(all, "*.qty"), times = values(all, "*.time"),
              maker = values(all, "*.isBuyerMaker");
  std::size_t told = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (std::stoll(times[i]) < kNoonMs) continue;
    const std::string event = next(stream);
    EXPECT_EQ(event, R"({"e":"trade","E":1735732802000,"s":"BTCUSDT","t":)" + ids[i] + R"(,"p":")" +
                         prices[i] + R"(","q":")" + quantities[i] + R"(","T":)" + times[i] +
                         R"(,"m":)" + maker[i] + R"(,"M":true})");
    ++told;
  }
  EXPECT_GT(told, 10u);
  EXPECT_TRUE(stream.is_silent());
}

TEST_F(StreamsAtNoon, AggregateTradesAreThoseOfRest) {
  StreamClient stream = client("/ws/btcusdt@aggTrade");
  advance(1s);
  const std::string all =
      rest("aggTrades?symbol=BTCUSDT&limit=1000&startTime=" + std::to_string(kNoonMs));
  const Texts ids = values(all, "*.a");
  ASSERT_GT(ids.size(), 5u);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string event = next(stream), at = std::to_string(i) + ".";
    for (const char* const name : {"a", "p", "q", "f", "l", "T", "m", "M"}) {
      EXPECT_EQ(value(event, name), value(all, at + name));
    }
  }
  EXPECT_TRUE(stream.is_silent());
}

TEST_F(StreamsAtNoon, TickersAreThoseOfRest) {
  StreamClient day = client("/ws/btcusdt@ticker"), mini = client("/ws/btcusdt@miniTicker"),
               hour = client("/ws/btcusdt@ticker_1h"), all = client("/ws/!miniTicker@arr");
  advance(1s);
  const std::string rest_day = rest("ticker/24hr?symbol=BTCUSDT"), event = next(day);
  constexpr std::array<std::pair<const char*, const char*>, 20> kMembers = {
      {{"s", "symbol"},           {"p", "priceChange"},    {"P", "priceChangePercent"},
       {"w", "weightedAvgPrice"}, {"x", "prevClosePrice"}, {"c", "lastPrice"},
       {"Q", "lastQty"},          {"b", "bidPrice"},       {"B", "bidQty"},
       {"a", "askPrice"},         {"A", "askQty"},         {"o", "openPrice"},
       {"h", "highPrice"},        {"l", "lowPrice"},       {"v", "volume"},
       {"q", "quoteVolume"},      {"O", "openTime"},       {"C", "closeTime"},
       {"F", "firstId"},          {"n", "count"}}};
  for (const auto& [ours, theirs] : kMembers) {
    EXPECT_EQ(value(event, ours), value(rest_day, theirs)) << ours;
  }
  EXPECT_EQ(value(event, "L"), value(rest_day, "lastId"));
  const std::string small = next(mini);
  EXPECT_EQ(shape(small), "{e:text E:ms s:text c:d8 o:d8 h:d8 l:d8 v:d8 q:d8}");
  EXPECT_EQ(value(small, "c"), value(rest_day, "lastPrice"));
  EXPECT_EQ(value(small, "q"), value(rest_day, "quoteVolume"));
  const std::string window = next(hour), rest_hour = rest("ticker?symbol=BTCUSDT&windowSize=1h");
  EXPECT_EQ(value(window, "e"), "1hTicker");
  EXPECT_EQ(value(window, "o"), value(rest_hour, "openPrice"));
  EXPECT_EQ(value(window, "v"), value(rest_hour, "volume"));
  EXPECT_EQ(value(window, "O"), value(rest_hour, "openTime"));
  const Texts changed = values(next(all), "*.s");
  EXPECT_GT(changed.size(), 20u);
  EXPECT_NE(std::find(changed.begin(), changed.end(), "BTCUSDT"), changed.end());
}

TEST_F(StreamsAtNoon, AveragePricesAreThoseOfRest) {
  StreamClient stream = client("/ws/btcusdt@avgPrice");
  advance(1s);
  const std::string event = next(stream), answer = rest("avgPrice?symbol=BTCUSDT");
  EXPECT_EQ(event, R"({"e":"avgPrice","E":1735732801000,"s":"BTCUSDT","i":"5m","w":")" +
                       value(answer, "price") + R"(","T":)" + value(answer, "closeTime") + "}");
}

TEST_F(StreamsAtNoon, MessagesHaveTheMembersOfTheDocuments) {
  StreamClient stream = client("/ws/btcusdt@kline_1m");
  advance(2s);
  EXPECT_EQ(shape(next(stream)),
            "{e:text E:ms s:text k:{t:ms T:ms s:text i:text f:i L:i o:d8 c:d8 h:d8 l:d8 v:d8 n:i "
            "x:bool q:d8 V:d8 Q:d8 B:d0}}");
  StreamClient quote = client("/ws/btcusdt@bookTicker");
  advance(1s);
  EXPECT_EQ(shape(next(quote)), "{u:i s:text b:d8 B:d8 a:d8 A:d8}");
}

// ---- time

TEST_F(StreamsAtNoon, NothingComesWhileTheClockStands) {
  StreamClient stream = client("/ws/btcusdt@miniTicker");
  EXPECT_TRUE(stream.is_silent());
  advance(400ms);
  EXPECT_TRUE(stream.is_silent()) << "within a second nothing is new";
  advance(600ms);
  EXPECT_EQ(value(next(stream), "E"), "1735732801000");
}

TEST_F(StreamsAtNoon, AQuietMarketIsSilent) {
  StreamClient stream = client(
      "/stream?streams=xmrusdt@depth/xmrusdt@trade/xmrusdt@kline_1m/xmrusdt@bookTicker/"
      "xmrusdt@blockTrade");
  for (int i = 0; i < 3; ++i) advance(1min);
  EXPECT_TRUE(stream.is_silent());
}

TEST_F(StreamsAtNoon, AMarketThatStopsSaysNothingMore) {
  StreamClient stream = client("/ws/btcusdt@depth");
  exchange().set_status("BTCUSDT", "HALT", std::chrono::seconds{kNoon});
  advance(5s);
  EXPECT_TRUE(stream.is_silent());
}

TEST_F(StreamsAtNoon, TimesAreInMicrosecondsForWhoAsks) {
  StreamClient raw = client("/ws/btcusdt@kline_1m?timeUnit=MICROSECOND"),
               combined = client("/stream?streams=btcusdt@kline_1m&timeUnit=MICROSECOND"),
               usual = client("/ws/btcusdt@kline_1m");
  advance(1min);
  const std::string event = next(raw);
  EXPECT_EQ(value(event, "E"), "1735732860000000");
  EXPECT_EQ(value(event, "k.t"), "1735732800000000");
  EXPECT_EQ(value(event, "k.T"), "1735732859999999");
  EXPECT_EQ(next(combined), R"({"stream":"btcusdt@kline_1m","data":)" + event + "}");
  EXPECT_EQ(value(next(usual), "k.T"), "1735732859999");
}

TEST_F(StreamsAtNoon, AClockThatIsSetBackBeginsBooksAnew) {
  StreamClient stream = client("/ws/btcusdt@depth");
  advance(1s);
  const std::string before = next(stream);
  advance(-1min);
  EXPECT_TRUE(stream.is_silent());
  advance(1s);
  const std::string after = next(stream);
  EXPECT_LT(std::stoll(value(after, "u")), std::stoll(value(before, "U")));
}

TEST(Streams, ComeByThemselvesWhileTheClockFollowsTheMachine) {
  Exchange exchange;
  StreamClient stream(exchange.port(), "/ws/btcusdt@miniTicker");
  const std::string first = stream.read(5s).value_or(""), second = stream.read(5s).value_or("");
  EXPECT_EQ(value(first, "e"), "24hrMiniTicker");
  EXPECT_GT(value(second, "E"), value(first, "E"));
}

TEST(Streams, GoThroughTls) {
  const SelfSigned made;
  Standing s(ExchangeOptions{.certificate = made.certificate(), .key = made.key()});
  StreamClient stream(s.exchange.port(), StreamClient::Wish{.target = "/ws/btcusdt@depth",
                                                            .trusted = made.certificate()});
  ASSERT_TRUE(stream.opened());
  s.exchange.clock().advance(1s);
  EXPECT_EQ(value(stream.read().value_or("{}"), "e"), "depthUpdate");
  s.exchange.streams().close(0, 1000, "");
  EXPECT_EQ(stream.end(), "1000 ");
  EXPECT_TRUE(stream.ended_regularly());
}

// ---- connections and what is said on them

TEST_F(StreamsAtNoon, NamesMayBeEncoded) {
  StreamClient raw = client("/ws/btcusdt%40avgPrice"),
               combined =
                   client("/stream?streams=btcusdt%40avgPrice%2Fbtcusdt%40kline_1d%40%2B08:00");
  EXPECT_TRUE(eventually([&] { return exchange().streams().connections().size() == 2; }));
  const auto connections = exchange().streams().connections();
  EXPECT_EQ(connections.at(0).streams, Texts{"btcusdt@avgPrice"});
  EXPECT_EQ(connections.at(1).streams, (Texts{"btcusdt@avgPrice", "btcusdt@kline_1d@+08:00"}));
}

TEST_F(StreamsAtNoon, ARawConnectionTellsBareMessagesACombinedOneWrapsThem) {
  StreamClient raw = client("/ws"), combined = client("/stream");
  for (StreamClient* c : {&raw, &combined}) {
    EXPECT_EQ(c->ask(subscribe(R"("btcusdt@miniTicker")")), kDone);
  }
  advance(1s);
  const std::string bare = next(raw);
  EXPECT_EQ(next(combined), R"({"stream":"btcusdt@miniTicker","data":)" + bare + "}");
  EXPECT_EQ(raw.ask(R"({"method":"GET_PROPERTY","params":["combined"],"id":2})"),
            R"({"result":false,"id":2})");
  EXPECT_EQ(combined.ask(R"({"method":"GET_PROPERTY","params":["combined"],"id":"x"})"),
            R"({"result":true,"id":"x"})");
  EXPECT_EQ(raw.ask(R"({"method":"SET_PROPERTY","params":["combined",true],"id":1})"), kDone);
  advance(1s);
  EXPECT_TRUE(next(raw).starts_with(R"({"stream":"btcusdt@miniTicker","data":{)"));
}

TEST_F(StreamsAtNoon, SubscriptionsAreListedAndTakenBack) {
  StreamClient stream = client("/ws/btcusdt@miniTicker");
  EXPECT_EQ(stream.ask(subscribe(R"("btcusdt@avgPrice","ethusdt@avgPrice","btcusdt@avgPrice")")),
            kDone);
  constexpr const char* kList = R"({"method":"LIST_SUBSCRIPTIONS","id":7})";
  EXPECT_EQ(stream.ask(kList),
            R"({"result":["btcusdt@miniTicker","btcusdt@avgPrice","ethusdt@avgPrice"],"id":7})");
  EXPECT_EQ(stream.ask(R"({"method":"UNSUBSCRIBE","params":["btcusdt@avgPrice"],"id":1})"), kDone);
  EXPECT_EQ(stream.ask(kList), R"({"result":["btcusdt@miniTicker","ethusdt@avgPrice"],"id":7})");
  advance(1s);
  std::set<std::string> told;
  for (const std::string& text : stream.read(std::size_t{2})) {
    told.insert(value(text, "s") + value(text, "e"));
  }
  EXPECT_EQ(told, (std::set<std::string>{"BTCUSDT24hrMiniTicker", "ETHUSDTavgPrice"}));
  EXPECT_TRUE(stream.is_silent());
}

TEST_F(StreamsAtNoon, AWrongNameIsAcceptedAndStaysSilent) {
  StreamClient stream = client("/stream");
  EXPECT_EQ(stream.ask(subscribe(R"("BTCUSDT@trade","nope@trade","btcusdt@trades","!bookTicker")")),
            kDone);
  constexpr const char* kList = R"({"method":"LIST_SUBSCRIPTIONS","id":7})";
  EXPECT_EQ(stream.ask(kList), R"({"result":[],"id":7})");
  advance(2s);
  EXPECT_TRUE(stream.is_silent());
  StreamOptions options = exchange().streams().options();
  options.lists_wrong_names = true;
  exchange().streams().set_options(options);
  EXPECT_EQ(stream.ask(kList),
            R"({"result":["BTCUSDT@trade","nope@trade","btcusdt@trades","!bookTicker"],"id":7})");
}

TEST_F(StreamsAtNoon, MistakesAreAnsweredWithTheirCode) {
  StreamClient stream = client("/ws");
  EXPECT_EQ(stream.ask(R"({"method":"GET_PROPERTY","params":["speed"],"id":9})"),
            R"({"code":0,"msg":"Unknown property","id":9})");
  EXPECT_TRUE(stream.ask("{").starts_with(R"({"code":3,"msg":"Invalid JSON: )"));
  StreamOptions options = exchange().streams().options();
  options.wrapped_errors = true;
  exchange().streams().set_options(options);
  EXPECT_EQ(stream.ask(R"({"method":"GET_PROPERTY","params":["speed"],"id":9})"),
            R"({"error":{"code":0,"msg":"Unknown property"},"id":9})");
}

TEST_F(StreamsAtNoon, WhatIsNoUpgradeIsRefused) {
  EXPECT_EQ(get(exchange(), "/ws/btcusdt@trade").status, 400);
  EXPECT_EQ(post(exchange(), "/stream").status, 400);
  EXPECT_EQ(get(exchange(), "/wss").status, 404);
  EXPECT_EQ(client("/stream?streams=" + std::string(8'200, 'x')).status(), 414);
  const Answer no_key = ask(exchange(), {.target = "/ws",
                                         .headers = {{"Upgrade", "websocket"},
                                                     {"Connection", "Upgrade"},
                                                     {"Sec-WebSocket-Version", "13"}}});
  EXPECT_EQ(no_key.status, 400);
}

TEST_F(StreamsAtNoon, TheSixthMessageOfASecondEndsTheConnection) {
  StreamClient calm = client("/ws"), hasty = client("/ws");
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(calm.ask(R"({"method":"LIST_SUBSCRIPTIONS","id":1})"), R"({"result":[],"id":1})");
    if (i % 4 == 3) advance(1s);
  }
  EXPECT_EQ(calm.end(50ms), "open");
  for (int i = 0; i < 20; ++i) hasty.send(R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  EXPECT_EQ(hasty.end(), "1008 Too many requests");
}

TEST_F(StreamsAtNoon, PingsAndPongsOfTheClientCountAsMessages) {
  StreamClient pings = client("/ws"), pongs = client("/ws");
  pings.ping("hello");
  EXPECT_FALSE(pings.read(200ms));
  EXPECT_EQ(pings.control_frames(), Texts{"pong hello"});
  for (int i = 0; i < 20; ++i) pings.ping("");
  EXPECT_EQ(pings.end(), "1008 Too many requests");
  for (int i = 0; i < 20; ++i) pongs.pong("");
  EXPECT_EQ(pongs.end(), "1008 Too many requests");
}

TEST_F(StreamsAtNoon, AConnectionHasAtMost1024Streams) {
  std::string names;
  for (int i = 0; i < 1'024; ++i) names += (i == 0 ? "\"x" : ",\"x") + std::to_string(i) + "\"";
  StreamClient stream = client("/ws");
  EXPECT_EQ(stream.ask(subscribe(names)), kDone);
  EXPECT_EQ(stream.ask(subscribe("\"btcusdt@trade\"")),
            R"({"code":2,"msg":"Invalid request: a connection has at most 1024 streams","id":1})");
}

TEST_F(StreamsAtNoon, The301stConnectionOfFiveMinutesIsRefused) {
  StreamOptions options = exchange().streams().options();
  options.connections_per_5_minutes = 3;
  exchange().streams().set_options(options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client("/ws").opened());
  const StreamClient refused = client("/ws");
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.header("Retry-After"), "300");
  EXPECT_EQ(value(refused.body(), "code"), "-1003");
  advance(5min);
  EXPECT_TRUE(client("/ws").opened());
  EXPECT_EQ(StreamOptions{}.connections_per_5_minutes, 300);
}

// ---- the life of a connection

TEST_F(StreamsAtNoon, APingComesEvery20SecondsAndIsAnswered) {
  StreamClient stream = client("/ws");
  for (int i = 1; i <= 9; ++i) {
    advance(20s);
    const auto pongs = [&] {
      EXPECT_FALSE(stream.read(1ms));
      return exchange().streams().connections().at(0).pongs;
    };
    ASSERT_TRUE(eventually([&] { return pongs() == i; }));
  }
  EXPECT_EQ(stream.control_frames().at(0), "ping 1735732820000");
  EXPECT_EQ(stream.end(1ms), "open");
}

TEST_F(StreamsAtNoon, WhoDoesNotAnswerAPingForAMinuteIsCut) {
  StreamClient mute(exchange().port(), StreamClient::Wish{.target = "/ws", .reads = false});
  ASSERT_TRUE(eventually([&] { return exchange().streams().connections().size() == 1; }));
  advance(20s);
  ASSERT_TRUE(eventually([&] { return exchange().streams().connections().at(0).pings == 1; }));
  advance(59s);
  ASSERT_TRUE(eventually([&] { return exchange().streams().connections().at(0).pings == 2; }));
  advance(1s);
  EXPECT_EQ(mute.end(), "1008 Pong timeout");
}

TEST_F(StreamsAtNoon, APongOfAnotherPayloadDoesNotCount) {
  StreamClient wrong(exchange().port(), StreamClient::Wish{.target = "/ws", .reads = false});
  ASSERT_TRUE(eventually([&] { return exchange().streams().connections().size() == 1; }));
  advance(20s);
  wrong.pong("");
  wrong.pong("1735732819999");
  ASSERT_TRUE(eventually([&] { return exchange().streams().heard().size() == 2; }));
  EXPECT_EQ(exchange().streams().connections().at(0).pongs, 0);
  advance(1min);
  EXPECT_EQ(wrong.end(), "1008 Pong timeout");
}

TEST_F(StreamsAtNoon, AConnectionLivesADayAndIsToldBefore) {
  StreamClient raw = client("/ws"), combined = client("/stream");
  StreamOptions options = exchange().streams().options();
  options.ping_every = 0s;
  exchange().streams().set_options(options);
  advance(24h - 10s);
  EXPECT_EQ(next(raw), R"({"e":"serverShutdown","E":1735819190000})");
  EXPECT_EQ(next(combined),
            R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1735819190000}})");
  EXPECT_EQ(raw.end(50ms), "open");
  advance(10s);
  EXPECT_TRUE(raw.end().starts_with("1001 "));
  EXPECT_TRUE(combined.end().starts_with("1001 "));
  EXPECT_TRUE(eventually([&] { return exchange().streams().connections().empty(); }));
}

TEST_F(StreamsAtNoon, AConnectionThatIsLeftLeavesNothing) {
  for (int i = 0; i < 20; ++i) {
    StreamClient stream = client("/ws/btcusdt@trade");
    ASSERT_TRUE(stream.opened());
    const bool closes = i % 2 == 0;
    EXPECT_EQ(closes && stream.close(5s), closes);
  }
  EXPECT_TRUE(eventually([&] { return exchange().streams().connections().empty(); }));
  EXPECT_EQ(exchange().streams().opened(), 20);
  StreamClient cut = client("/ws/btcusdt@trade");
  exchange().cut_connections();
  EXPECT_EQ(cut.end(), "cut");
}

TEST_F(StreamsAtNoon, AnUpgradeIsInTheLogOfRequests) {
  const StreamClient stream = client("/stream?streams=btcusdt@trade");
  const auto seen = exchange().requests();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].path, "/stream");
  EXPECT_EQ(seen[0].status, 101);
  EXPECT_EQ(seen[0].weight, 0);
  EXPECT_EQ(exchange().used_weight(), 0);
}

}  // namespace
}  // namespace bourse::fake_exchange::test
