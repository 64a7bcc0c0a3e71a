// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/plugins/sources/binance/client/fakes.hpp"
#include "tests/plugins/sources/binance/client/keys.hpp"
#include "tests/plugins/sources/binance/client/samples.hpp"

namespace bourse::binance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Sent = FakeTransport::Sent;

constexpr std::int64_t kHourMs = 3'600'000;
/// 2025-07-20 08:00 UTC, the hour the tests start in.
constexpr std::int64_t kThisHour = kStartMs / kHourMs * kHourMs;

std::string value_of(const std::string& target, const std::string& name) {
  std::size_t at = target.find("?" + name + "=");
  if (at == std::string::npos) at = target.find("&" + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size() + 2;
  return target.substr(start, target.find('&', start) - start);
}

std::string row_at(std::int64_t open_ms) {
  return "[" + std::to_string(open_ms) + R"(,"1.0","2.0","0.5","1.5","10",)" +
         std::to_string(open_ms + kHourMs - 1) + R"(,"15",3,"4","6","0"])";
}

/// A market that began `hours` hours ago and has a candle for every hour but those in `missing`.
struct HourlyMarket {
  std::int64_t hours;
  std::vector<std::int64_t> missing = {};

  [[nodiscard]] std::string page(const std::string& target) const {
    const std::string start = value_of(target, "startTime"), end = value_of(target, "endTime");
    const auto limit = static_cast<std::size_t>(std::stoi(value_of(target, "limit")));
    std::vector<std::string> rows;
    for (std::int64_t hour = hours; hour >= 0; --hour) {
      const std::int64_t open = kThisHour - hour * kHourMs;
      if (std::find(missing.begin(), missing.end(), hour) != missing.end()) continue;
      if (!start.empty() && open < std::stoll(start)) continue;
      if (!end.empty() && open > std::stoll(end)) continue;
      if (!start.empty() && rows.size() == limit) break;
      rows.push_back(row_at(open));
    }
    if (rows.size() > limit) rows.erase(rows.begin(), rows.end() - static_cast<long>(limit));
    std::string text = "[";
    for (const std::string& row : rows) text += (text.size() > 1 ? "," : "") + row;
    return text + "]";
  }
};

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    transport->reply = [this](const Sent& sent) -> Result<HttpResponse> {
      if (sent.target.starts_with("/api/v3/time")) {
        return answer(200, R"({"serverTime":)" + std::to_string(clock->wall_ms()) + "}");
      }
      return reply(sent.target);
    };
  }
  [[nodiscard]] Call call() const { return {.deadline = clock->now() + seconds(60)}; }
  Result<Candles> candles(CandlesRequest request) { return client.candles(request, call()); }
  [[nodiscard]] std::string target(std::size_t i = 0) const { return transport->sent.at(i).target; }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<FakeTransport> transport = std::make_shared<FakeTransport>(clock);
  std::shared_ptr<Exchange> exchange = *Exchange::open(
      {}, {.clock = clock, .random = std::make_shared<FakeRandom>(), .transport = transport});
  Client client{exchange};
  std::function<Result<HttpResponse>(const std::string& target)> reply;
  const Interval hour = *Interval::parse("1h");
};

// ---- candles

TEST_F(ClientTest, TheNewestCandlesComeInPagesBackwards) {
  const HourlyMarket market{5000};
  reply = [&](const std::string& t) { return answer(200, market.page(t)); };
  const auto result = candles({.symbol = "BTCUSDT", .interval = hour, .limit = 2500});
  ASSERT_TRUE(result.ok()) << result.error().text();
  ASSERT_EQ(result->rows(), 2500u);
  EXPECT_EQ(result->open_time().back(), from_ms(kThisHour));
  EXPECT_EQ(result->open_time().front(), from_ms(kThisHour - 2499 * kHourMs));
  EXPECT_TRUE(result->gaps().empty());
  ASSERT_EQ(transport->sent.size(), 3u);
  EXPECT_EQ(target(0), "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=1000");
  EXPECT_EQ(value_of(target(1), "endTime"), std::to_string(kThisHour - 999 * kHourMs - 1));
  EXPECT_EQ(value_of(target(2), "limit"), "500");
  // 2 for every page.
  EXPECT_EQ(client.rate_state().windows[0].used, 6);
}

TEST_F(ClientTest, OnlyTheCandleOfThisHourIsStillOpen) {
  const HourlyMarket market{10};
  reply = [&](const std::string& t) { return answer(200, market.page(t)); };
  ASSERT_TRUE(client.exchange().set_clock(call()).ok());
  const auto result = candles({.symbol = "BTCUSDT", .interval = hour, .limit = 3});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->closed(), ElementsAre(1, 1, 0));
}

TEST_F(ClientTest, CandlesFromAStartComeInPagesForwards) {
  const HourlyMarket market{5000};
  reply = [&](const std::string& t) { return answer(200, market.page(t)); };
  const auto start = from_ms(kThisHour - 3000 * kHourMs - 1);
  const auto result =
      candles({.symbol = "BTCUSDT", .interval = hour, .limit = 1500, .start = start});
  ASSERT_TRUE(result.ok()) << result.error().text();
  ASSERT_EQ(result->rows(), 1500u);
  EXPECT_EQ(result->open_time().front(), from_ms(kThisHour - 3000 * kHourMs));
  EXPECT_EQ(result->open_time().back(), from_ms(kThisHour - 1501 * kHourMs));
  EXPECT_EQ(transport->sent.size(), 2u);
}

TEST_F(ClientTest, StopsWhereTheMarketBeginsAndEnds) {
  const HourlyMarket market{1200};
  reply = [&](const std::string& t) { return answer(200, market.page(t)); };
  EXPECT_EQ(candles({.symbol = "A", .interval = hour, .limit = 5000})->rows(), 1201u);
  EXPECT_EQ(transport->sent.size(), 2u);
  const auto both = candles({.symbol = "A",
                             .interval = hour,
                             .limit = 5000,
                             .start = from_ms(kThisHour - 9 * kHourMs),
                             .end = from_ms(kThisHour - 5 * kHourMs)});
  EXPECT_EQ(both->rows(), 5u);  // both ends count
  const auto future =
      candles({.symbol = "A", .interval = hour, .start = from_ms(kThisHour + kHourMs)});
  ASSERT_TRUE(future.ok()) << future.error().text();
  EXPECT_EQ(future->rows(), 0u);
}

TEST_F(ClientTest, ReportsGapsAlsoBetweenPages) {
  const HourlyMarket market{3000, {1000, 999, 5}};
  reply = [&](const std::string& t) { return answer(200, market.page(t)); };
  const auto result = candles({.symbol = "A", .interval = hour, .limit = 1500});
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_EQ(result->rows(), 1500u);
  ASSERT_EQ(result->gaps().size(), 2u);
  EXPECT_EQ(result->gaps()[0].after, from_ms(kThisHour - 1001 * kHourMs));
  EXPECT_EQ(result->gaps()[0].before, from_ms(kThisHour - 998 * kHourMs));
  EXPECT_EQ(result->gaps()[1].after, from_ms(kThisHour - 6 * kHourMs));
}

TEST_F(ClientTest, RefusesCandlesThatWereNotAskedFor) {
  reply = [&](const std::string&) { return answer(200, "[" + row_at(kThisHour - kHourMs) + "]"); };
  const auto old = candles({.symbol = "A", .interval = hour, .start = from_ms(kThisHour)});
  ASSERT_FALSE(old.ok());
  EXPECT_EQ(old.error().kind, ErrorKind::kProtocol);
  const auto recent =
      candles({.symbol = "A", .interval = hour, .end = from_ms(kThisHour - 2 * kHourMs)});
  ASSERT_FALSE(recent.ok());
  EXPECT_EQ(recent.error().kind, ErrorKind::kProtocol);
}

/// Five thousand rows a question, a thousand a request: over outages longer than a page's edge, and
/// with one exactly there, from either end and between both.
TEST_F(ClientTest, PagesJoinAcrossOutagesFromEitherEndAndBetweenBoth) {
  std::vector<std::int64_t> missing;
  for (std::int64_t back = 4800; back > 4650; --back) missing.push_back(back);  // before 4650 left
  for (std::int64_t back = 2003; back > 1996; --back) missing.push_back(back);
  missing.push_back(1);
  const HourlyMarket market{8000, missing};
  std::vector<std::int64_t> opens;
  for (std::int64_t back = market.hours; back >= 0; --back) {
    if (std::ranges::find(missing, back) == missing.end()) {
      opens.push_back(kThisHour - back * kHourMs);
    }
  }
  reply = [&](const std::string& t) { return answer(200, market.page(t)); };
  const auto opens_of = [&](CandlesRequest request, std::size_t requests) {
    request.symbol = "A";
    request.limit = 5000;
    transport->sent.clear();
    const auto result = candles(std::move(request));
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(transport->sent.size(), requests);
    std::vector<std::int64_t> found;
    for (const Time time : result->open_time()) found.push_back(to_ms(time));
    return found;
  };
  const auto slice = [&](std::size_t first, std::size_t last) {
    return std::vector<std::int64_t>(opens.begin() + static_cast<std::ptrdiff_t>(first),
                                     opens.begin() + static_cast<std::ptrdiff_t>(last));
  };
  const std::size_t all = opens.size();
  EXPECT_EQ(opens_of({.symbol = {}, .interval = hour}, 5), slice(all - 5000, all));
  EXPECT_EQ(opens_of({.symbol = {}, .interval = hour, .start = from_ms(opens[100])}, 5),
            slice(100, 5100));
  EXPECT_EQ(opens_of({.symbol = {}, .interval = hour, .end = from_ms(opens[6000] + 1)}, 5),
            slice(1001, 6001));
  EXPECT_EQ(opens_of({.symbol = {},
                      .interval = hour,
                      .start = from_ms(opens[200] - 1),
                      .end = from_ms(opens[4200])},
                     5),
            slice(200, 4201));
  // Both ends in the outage of 2003 to 1997 hours ago: nothing, and one request to know it.
  EXPECT_THAT(opens_of({.symbol = {},
                        .interval = hour,
                        .start = from_ms(kThisHour - 2003 * kHourMs),
                        .end = from_ms(kThisHour - 1997 * kHourMs)},
                       1),
              testing::IsEmpty());
}

/// A row that cannot be read does not count, and does not end the paging either.
TEST_F(ClientTest, CandlesThatCannotBeReadCostThemselves) {
  const HourlyMarket market{3000};
  const std::vector<std::int64_t> odd = {kThisHour, kThisHour - 999 * kHourMs,
                                         kThisHour - 1000 * kHourMs, kThisHour - 2000 * kHourMs};
  reply = [&](const std::string& t) {
    std::string page = market.page(t);
    for (const std::int64_t open : odd) {
      const std::string row = "[" + std::to_string(open) + ",\"";
      if (const std::size_t at = page.find(row); at != std::string::npos) {
        page.insert(at + row.size(), "x");
      }
    }
    return answer(200, page);
  };
  const auto newest = candles({.symbol = "A", .interval = hour, .limit = 1500});
  ASSERT_TRUE(newest.ok()) << newest.error().text();
  EXPECT_EQ(newest->rows(), 1500u);
  EXPECT_EQ(newest->open_time().front(), from_ms(kThisHour - 1502 * kHourMs));
  EXPECT_EQ(newest->unreadable().size(), 3u);
  const auto oldest = candles({.symbol = "A",
                               .interval = hour,
                               .limit = 2500,
                               .start = from_ms(kThisHour - 2000 * kHourMs)});
  ASSERT_TRUE(oldest.ok()) << oldest.error().text();
  EXPECT_EQ(oldest->rows(), 1997u);  // 2001 to the present, but for four
  EXPECT_EQ(oldest->unreadable().size(), 4u);
}

/// 2099-12-31 on one row: from a start, up to an end, and of the newest.
TEST_F(ClientTest, AWrongOpenTimeCostsItsCandleOnly) {
  const HourlyMarket market{3000};
  constexpr std::int64_t kFar = 4102358400000;
  for (const std::int64_t odd : {kThisHour, kThisHour - 700 * kHourMs, kThisHour - 999 * kHourMs}) {
    reply = [&](const std::string& t) {
      std::string page = market.page(t);
      const std::string row = row_at(odd);
      if (const std::size_t at = page.find(row); at != std::string::npos) {
        page.replace(at, row.size(), row_at(kFar));
      }
      return answer(200, page);
    };
    const auto expect = [&](CandlesRequest request, std::int64_t first, std::int64_t last) {
      request.symbol = "A";
      request.interval = hour;
      const auto result = candles(request);
      ASSERT_TRUE(result.ok()) << result.error().text();
      EXPECT_EQ(result->open_time().front(), from_ms(first));
      EXPECT_EQ(result->open_time().back(), from_ms(last));
      EXPECT_EQ(result->rows(), request.limit);
      if (!request.start) {
        EXPECT_GE(result->unreadable().size(), 1u);
      }
    };
    const std::int64_t newest = odd == kThisHour ? kThisHour - kHourMs : kThisHour;
    expect({.symbol = {}, .interval = hour, .limit = 2500}, kThisHour - 2500 * kHourMs, newest);
    expect({.symbol = {}, .interval = hour, .limit = 1100, .end = from_ms(kThisHour)},
           kThisHour - 1100 * kHourMs, newest);
    const std::int64_t start = kThisHour - 1500 * kHourMs;
    expect({.symbol = {}, .interval = hour, .limit = 1500, .start = from_ms(start)}, start, newest);
  }
}

/// The clock of this machine may stand in the past; before it is believed, the exchange is asked.
TEST_F(ClientTest, CandlesAreNotOfTheFutureBecauseThisMachineIsInThePast) {
  const HourlyMarket market{10};
  reply = [&](const std::string& t) { return answer(200, market.page(t)); };
  transport->reply = [&, this](const Sent& sent) -> Result<HttpResponse> {
    if (sent.target.starts_with("/api/v3/time")) {
      return answer(200, R"({"serverTime":)" + std::to_string(kStartMs) + "}");
    }
    return reply(sent.target);
  };
  clock->wall_shift = -std::chrono::hours(400 * 24);
  const auto result = candles({.symbol = "A", .interval = hour, .limit = 5});
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_EQ(result->rows(), 5u);
  EXPECT_TRUE(result->unreadable().empty());
}

/// One unreadable candle asked for a thousand times, one at a time, is a thousand requests.
TEST_F(ClientTest, WhatCannotBeReadIsNotAskedForRowByRow) {
  const HourlyMarket market{5000};
  std::size_t readable_from = 5000;  // hours ago; what is newer cannot be read
  reply = [&](const std::string& t) {
    std::string page = market.page(t);
    for (std::size_t back = 0; back < readable_from; ++back) {
      const std::string row =
          "[" + std::to_string(kThisHour - static_cast<std::int64_t>(back) * kHourMs) + ",\"";
      if (const std::size_t at = page.find(row); at != std::string::npos) {
        page.insert(at + row.size(), "x");
      }
    }
    return answer(200, page);
  };
  const auto none = candles({.symbol = "A", .interval = hour, .limit = 1});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().kind, ErrorKind::kProtocol);
  EXPECT_LE(transport->sent.size(), 4u) << "one of one row, one full page, asked again";
  transport->sent.clear();
  const auto up = candles(
      {.symbol = "A", .interval = hour, .limit = 1, .start = from_ms(kThisHour - 4000 * kHourMs)});
  EXPECT_FALSE(up.ok());
  EXPECT_LE(transport->sent.size(), 4u);
  transport->sent.clear();
  readable_from = 900;
  const auto one = candles({.symbol = "A", .interval = hour, .limit = 1});
  ASSERT_TRUE(one.ok()) << one.error().text();
  ASSERT_EQ(one->rows(), 1u);
  EXPECT_EQ(one->open_time()[0], from_ms(kThisHour - 900 * kHourMs));
  EXPECT_EQ(one->unreadable().size(), 900u);
  EXPECT_EQ(transport->sent.size(), 2u);
}

// A server that repeats a page for ever must not keep a caller for ever.
TEST_F(ClientTest, PagesThatDoNotAdvanceEnd) {
  ASSERT_TRUE(client.exchange().set_clock(call()).ok());
  transport->sent.clear();
  std::string page = "[";
  for (int i = 0; i < 1000; ++i)
    page += (i > 0 ? "," : "") + row_at(kThisHour + (i - 999) * kHourMs);
  page += "]";
  reply = [&](const std::string&) { return answer(200, page); };
  EXPECT_FALSE(candles({.symbol = "A", .interval = hour, .limit = 5000, .start = from_ms(0)}).ok());
  EXPECT_LE(transport->sent.size(), 4u);
  EXPECT_FALSE(candles({.symbol = "A", .interval = hour, .limit = 5000}).ok());
  EXPECT_LE(transport->sent.size(), 8u);
}

TEST_F(ClientTest, RefusesSenselessRequestsWithoutAskingAnybody) {
  const CandlesRequest good{.symbol = "A", .interval = hour};
  std::vector<CandlesRequest> bad(6, good);
  bad[0].symbol = "";
  bad[1].symbol = std::string(41, 'A');
  bad[2].limit = 0;
  bad[3].limit = kCandlesMax + 1;
  bad[4].start = from_ms(2000), bad[4].end = from_ms(1000);
  bad[5].start = from_ms(-1);
  for (const CandlesRequest& request : bad) {
    const auto result = candles(request);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind, ErrorKind::kValidation);
    EXPECT_FALSE(result.error().advice.empty());
  }
  EXPECT_FALSE(client.order_book("A", 0, call()).ok());
  EXPECT_FALSE(client.order_book("A", 5001, call()).ok());
  EXPECT_FALSE(client.trades("A", 1001, call()).ok());
  EXPECT_FALSE(client.trades("A\x01", 1, call()).ok());
  EXPECT_FALSE(client.prices({"A", ""}, call()).ok());
  EXPECT_FALSE(client.prices(std::vector<std::string>(1, std::string(50, 'x')), call()).ok());
  EXPECT_TRUE(transport->sent.empty());
}

// ---- rows about markets

std::string price_row(const std::string& symbol) {
  return R"({"symbol":")" + symbol + R"(","price":"1.00"})";
}

std::vector<std::string> symbols_of(const std::vector<Price>& rows) {
  std::vector<std::string> symbols;
  for (const Price& row : rows) symbols.push_back(row.symbol);
  return symbols;
}

TEST_F(ClientTest, AsksForOneSomeOrAllMarketsAndKeepsTheOrder) {
  reply = [&](const std::string& t) {
    if (!value_of(t, "symbol").empty()) return answer(200, price_row(value_of(t, "symbol")));
    return answer(200, "[" + price_row("A") + "," + price_row("B") + "," + price_row("C") + "]");
  };
  EXPECT_THAT(symbols_of(client.prices({"B"}, call())->rows), ElementsAre("B"));
  EXPECT_EQ(target(0), "/api/v3/ticker/price?symbol=B");
  EXPECT_THAT(symbols_of(client.prices({"C", "A", "C"}, call())->rows), ElementsAre("C", "A"));
  EXPECT_EQ(target(1), "/api/v3/ticker/price?symbols=%5B%22C%22%2C%22A%22%5D");
  EXPECT_THAT(symbols_of(client.prices({}, call())->rows), ElementsAre("A", "B", "C"));
  EXPECT_EQ(target(2), "/api/v3/ticker/price");
}

TEST_F(ClientTest, AsksForAllWhenThereAreTooManyNames) {
  std::vector<std::string> names;
  std::string all = "[";
  for (int i = 0; i < 101; ++i) {
    names.push_back("S" + std::to_string(i));
    all += (i > 0 ? "," : "") + price_row(names.back());
  }
  all += "," + price_row("OTHER") + "]";
  reply = [&](const std::string&) { return answer(200, all); };
  EXPECT_EQ(client.prices(names, call())->rows.size(), 101u);
  EXPECT_EQ(target(0), "/api/v3/ticker/price");
}

// The exchange refuses a list for one unknown name in it.
TEST_F(ClientTest, NamesTheMarketsThatDoNotExist) {
  reply = [&](const std::string& t) {
    if (t.find('?') != std::string::npos) {
      return answer(400, R"({"code":-1121,"msg":"Invalid symbol."})");
    }
    return answer(200, "[" + price_row("A") + "," + price_row("B") + "]");
  };
  const auto some = client.prices({"B", "NOPE"}, call());
  ASSERT_TRUE(some.ok()) << some.error().text();
  EXPECT_THAT(symbols_of(some->rows), ElementsAre("B"));
  EXPECT_THAT(some->missing, ElementsAre("NOPE"));
  EXPECT_EQ(transport->sent.size(), 2u);
  const auto none = client.prices({"NO", "NOPE"}, call());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, -1121);
  EXPECT_THAT(none.error().message, HasSubstr("NO"));
  const auto one = client.prices({"NOPE"}, call());
  ASSERT_FALSE(one.ok());
  EXPECT_EQ(one.error().code, -1121);
  EXPECT_EQ(transport->sent.size(), 5u);  // for a single one, its answer says it
}

/// While a row names no market, nobody knows which one it is of.
TEST_F(ClientTest, AMarketIsNotMissingWhileARowHasNoName) {
  reply = [&](const std::string& t) {
    if (t.find("exchangeInfo") != std::string::npos) {
      std::string body = kExchangeInfoBody;
      body.replace(body.find("\"symbol\":\"BTCUSDT\""), 18, "\"symbol\":7777777");
      return answer(200, body);
    }
    return answer(200, "[" + price_row("A B") + "," + price_row("A") + "]");
  };
  const auto prices = client.prices({"A", "B"}, call());
  ASSERT_TRUE(prices.ok()) << prices.error().text();
  EXPECT_THAT(symbols_of(prices->rows), ElementsAre("A"));
  EXPECT_THAT(prices->missing, testing::IsEmpty());
  ASSERT_EQ(prices->rejected.size(), 1u);
  EXPECT_EQ(prices->rejected[0].symbol, "B");
  EXPECT_EQ(prices->rejected[0].reason,
            "a row names no market: symbol is not what it should be: A B");
  const auto rest = client.prices({"A"}, call());
  EXPECT_TRUE(rest->rejected.empty()) << "what was asked for is all there";
  const auto info = client.exchange_info({"BTCUSDT", "NOPE"}, call());
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.error().kind, ErrorKind::kProtocol) << "not that there are none";
}

TEST_F(ClientTest, WhoKnowsTheNamesIsNotAskedForAllMarkets) {
  std::vector<std::string> known = {"A", "B", "C"};
  const KnownNames names = [&](const Call&) {
    return std::make_shared<const std::vector<std::string>>(known);
  };
  Client knowing(exchange, {}, names);
  reply = [&](const std::string& t) {
    if (t.find("NO") != std::string::npos) {
      return answer(400, R"({"code":-1121,"msg":"Invalid symbol."})");
    }
    return answer(200, "[" + price_row("A") + "," + price_row("B") + "]");
  };
  const auto some = knowing.prices({"B", "NOPE", "A"}, call());
  ASSERT_TRUE(some.ok()) << some.error().text();
  EXPECT_THAT(symbols_of(some->rows), ElementsAre("B", "A"));
  EXPECT_THAT(some->missing, ElementsAre("NOPE"));
  EXPECT_EQ(target(1), "/api/v3/ticker/price?symbols=%5B%22B%22%2C%22A%22%5D");
  EXPECT_EQ(knowing.prices({"NO", "NOPE"}, call()).error().code, -1121);
  ASSERT_EQ(transport->sent.size(), 3u);
  // Out of date: one of the names is gone.
  known = {"A", "B", "NOPE"};
  EXPECT_THAT(symbols_of(knowing.prices({"B", "NOPE"}, call())->rows), ElementsAre("B"));
  ASSERT_EQ(transport->sent.size(), 5u);
  EXPECT_EQ(target(4), "/api/v3/ticker/price");
  known.clear();
  EXPECT_THAT(symbols_of(knowing.prices({"B", "NOPE"}, call())->rows), ElementsAre("B"));
  EXPECT_EQ(target(6), "/api/v3/ticker/price");
}

TEST_F(ClientTest, ReadsTickers) {
  reply = [&](const std::string&) { return answer(200, "[" + kTickerBody + "]"); };
  const auto result = client.tickers({}, call());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->rows.at(0).last.text(), "69010.01000000");
  EXPECT_EQ(client.rate_state().windows[0].used, 80);
}

// ---- the rest

TEST_F(ClientTest, TakesTheRateLimitsFromExchangeInfo) {
  reply = [&](const std::string&) { return answer(200, kExchangeInfoBody); };
  EXPECT_TRUE(client.rate_state().assumed);
  ASSERT_TRUE(client.prepare(call()).ok());
  EXPECT_FALSE(client.rate_state().assumed);
  EXPECT_EQ(client.rate_state().windows[0].limit.limit, 6000);
  EXPECT_TRUE(client.exchange().clock_state().known);
  EXPECT_THAT(transport->sent.back().target,
              HasSubstr("exchangeInfo?symbol=BTCUSDT&showPermissionSets=false"));
}

TEST_F(ClientTest, ReadsOrderBookAndTrades) {
  reply = [&](const std::string& t) {
    return answer(200, t.starts_with("/api/v3/depth") ? kDepthBody : kTradesBody);
  };
  EXPECT_EQ(client.order_book("BTCUSDT", 500, call())->bids.size(), 2u);
  EXPECT_EQ(target(0), "/api/v3/depth?symbol=BTCUSDT&limit=500");
  EXPECT_EQ(client.trades("BTCUSDT", 2, call())->rows.size(), 2u);
  EXPECT_EQ(target(1), "/api/v3/trades?symbol=BTCUSDT&limit=2");
  EXPECT_EQ(client.rate_state().windows[0].used, 25 + 25);
}

TEST_F(ClientTest, TheAccountNeedsAKey) {
  reply = [&](const std::string&) { return answer(200, kAccountBody); };
  EXPECT_EQ(client.account(call()).error().kind, ErrorKind::kAuthentication);
  Client with_key(exchange, test_credentials());
  const auto account = with_key.account(call());
  ASSERT_TRUE(account.ok()) << account.error().text();
  EXPECT_EQ(account->balances.size(), 2u);
}

TEST_F(ClientTest, SymbolsOutsideAsciiAreEncoded) {
  reply = [&](const std::string&) { return answer(200, kTradesBody); };
  EXPECT_TRUE(client.trades("这是", 1, call()).ok());
  EXPECT_EQ(target(0), "/api/v3/trades?symbol=%E8%BF%99%E6%98%AF&limit=1");
}

}  // namespace
}  // namespace bourse::binance
