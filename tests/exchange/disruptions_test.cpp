// SPDX-License-Identifier: MIT
//
// Markets to which something happened: stopped ones, histories with holes, grids of their own,
// names that are not ASCII.
#include <set>

#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr const char* kOk = R"(200 {"ok":true})";

class Disruption : public testing::Test {
 protected:
  [[nodiscard]] std::string body(const std::string& target) const {
    const Answer answer = get(standing_.exchange, "/api/v3/" + target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  [[nodiscard]] std::vector<std::int64_t> opens(const std::string& query) const {
    std::vector<std::int64_t> out;
    for (const std::string& text : values(body("klines?" + query), "*.0")) {
      out.push_back(std::stoll(text));
    }
    return out;
  }
  [[nodiscard]] std::string command(const std::string& text) const {
    return told(post(standing_.exchange, "/_fake/" + text));
  }

  Standing standing_;
};

// ---- stopped markets

// XMRUSDT of the synthetic market ends at 2024-02-20T03:00:00Z. What the exchange says of such a
// market is what it said of BCCBTC on 2024-03-10: zeros, no trades, old times, a previous close.
TEST_F(Disruption, AMarketThatStoppedLongAgoHasAnEmptyTickerAndNoCandlesSince) {
  constexpr std::int64_t kEndMs = 1'708'398'000'000;
  EXPECT_EQ(value(body("exchangeInfo?symbol=XMRUSDT"), "symbols.0.status"), "BREAK");
  const std::string ticker = body("ticker/24hr?symbol=XMRUSDT");
  for (const char* const name :
       {"priceChange", "weightedAvgPrice", "lastPrice", "lastQty", "bidPrice", "bidQty", "askPrice",
        "askQty", "openPrice", "highPrice", "lowPrice", "volume", "quoteVolume"}) {
    EXPECT_EQ(value(ticker, name), "0.00000000") << name;
  }
  EXPECT_EQ(value(ticker, "count"), "0");
  EXPECT_EQ(value(ticker, "firstId") + value(ticker, "lastId"), "-1-1");
  EXPECT_EQ(value(ticker, "openTime"), std::to_string(kEndMs));
  EXPECT_EQ(value(ticker, "closeTime"), std::to_string(kEndMs + kDayMs));
  EXPECT_EQ(value(ticker, "prevClosePrice"), value(body("ticker/price?symbol=XMRUSDT"), "price"));
  EXPECT_EQ(value(body("ticker/bookTicker?symbol=XMRUSDT"), "bidPrice"), "0.00000000");
  EXPECT_EQ(opens("symbol=XMRUSDT&interval=1h&limit=2"),
            (std::vector<std::int64_t>{kEndMs - 7'200'000, kEndMs - 3'600'000}));
  EXPECT_TRUE(opens("symbol=XMRUSDT&interval=1h&startTime=" + std::to_string(kEndMs)).empty());
  EXPECT_EQ(value(body("depth?symbol=XMRUSDT"), "bids"), "[]");
}

TEST_F(Disruption, AnyMarketCanBeHaltedAtATime) {
  const std::string last = value(body("klines?symbol=ETHUSDT&interval=1h&limit=1&endTime=" +
                                      std::to_string(kNoonMs - 3 * 3'600'000 - 1)),
                                 "0.4");
  EXPECT_EQ(command("status?symbol=ETHUSDT&status=HALT&since=2025-01-01T09:00:00Z"), kOk);
  EXPECT_EQ(value(body("exchangeInfo?symbol=ETHUSDT"), "symbols.0.status"), "HALT");
  EXPECT_EQ(opens("symbol=ETHUSDT&interval=1h&limit=1").at(0), kNoonMs - 4 * 3'600'000);
  const std::string tickers =
      body("ticker/24hr?symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22,%22BNBUSDT%22%5D");
  EXPECT_EQ(values(tickers, "*.symbol"),
            (std::vector<std::string>{"BTCUSDT", "ETHUSDT", "BNBUSDT"}));
  EXPECT_EQ(
      values(tickers, "*.closeTime"),
      (std::vector<std::string>{std::to_string(kNoonMs), std::to_string(kNoonMs - 3 * 3'600'000),
                                std::to_string(kNoonMs)}));
  EXPECT_EQ(value(body("ticker/price?symbol=ETHUSDT"), "price"), last);
  EXPECT_LT(std::stoll(value(body("trades?symbol=ETHUSDT&limit=1"), "0.time")),
            kNoonMs - 3 * 3'600'000);
  EXPECT_EQ(opens("symbol=BTCUSDT&interval=1h&limit=1").at(0), kNoonMs - 3'600'000);
  EXPECT_EQ(command("status?symbol=ETHUSDT"), kOk);
  EXPECT_EQ(opens("symbol=ETHUSDT&interval=1h&limit=1").at(0), kNoonMs - 3'600'000);
}

// ---- holes

// From 2022-09-29 to 2023-03-12 is 164 days, as BTCUSDC's hole is.
constexpr std::int64_t kFromMs = 1'664'409'600'000, kToMs = 1'678'579'200'000;
constexpr const char* kHole = "hole?symbol=BTCUSDT&from=2022-09-29&to=2023-03-12";

TEST_F(Disruption, AHoleIsPassedOverAndPagesJoin) {
  static_assert(kToMs - kFromMs == 164 * kDayMs);
  ASSERT_EQ(command(kHole), kOk);
  const std::string days = "symbol=BTCUSDT&interval=1d&limit=4";
  const std::vector<std::int64_t> around = {kFromMs - 2 * kDayMs, kFromMs - kDayMs, kToMs,
                                            kToMs + kDayMs};
  EXPECT_EQ(opens(days + "&startTime=" + std::to_string(kFromMs - 2 * kDayMs)), around);
  EXPECT_EQ(opens(days + "&endTime=" + std::to_string(kToMs + kDayMs)), around);
  EXPECT_EQ(opens(days + "&startTime=" + std::to_string(kFromMs)).at(0), kToMs);
  EXPECT_EQ(opens(days + "&endTime=" + std::to_string(kToMs - 1)).back(), kFromMs - kDayMs);
  EXPECT_TRUE(opens(days + "&startTime=" + std::to_string(kFromMs) +
                    "&endTime=" + std::to_string(kToMs - 1))
                  .empty());
  const auto whole = opens("symbol=BTCUSDT&interval=1h&limit=1000&startTime=" +
                           std::to_string(kFromMs - 500 * 3'600'000ll));
  ASSERT_EQ(whole.size(), 1'000u);
  EXPECT_EQ(whole[499], kFromMs - 3'600'000);
  EXPECT_EQ(whole[500], kToMs);
  EXPECT_EQ(opens("symbol=ETHUSDT&interval=1d&limit=1&startTime=" + std::to_string(kFromMs)).at(0),
            kFromMs)
      << "another market has none";
  ASSERT_EQ(command("hole?clear=true"), kOk);
  EXPECT_EQ(opens(days + "&startTime=" + std::to_string(kFromMs)).at(0), kFromMs);
}

// September 2022 has 28 days before the hole, March 2023 has 20 after it.
TEST_F(Disruption, LongCandlesAreMadeOfTheDaysThatAHoleLeaves) {
  ASSERT_EQ(command(kHole), kOk);
  const std::string months =
      body("klines?symbol=BTCUSDT&interval=1M&limit=2&startTime=1661990400000");
  EXPECT_EQ(values(months, "*.0"), (std::vector<std::string>{"1661990400000", "1677628800000"}));
  const auto volume_of = [&](std::int64_t from, std::int64_t to) {
    Decimal sum;
    for (const std::string& text : values(
             body("klines?symbol=BTCUSDT&interval=1d&limit=100&startTime=" + std::to_string(from) +
                  "&endTime=" + std::to_string(to - 1)),
             "*.5")) {
      sum += Decimal::from(text);
    }
    return sum;
  };
  EXPECT_EQ(Decimal::from(value(months, "0.5")), volume_of(1'661'990'400'000, kFromMs));
  EXPECT_EQ(Decimal::from(value(months, "1.5")), volume_of(kToMs, 1'680'307'200'000));
  EXPECT_EQ(value(months, "1.6"), "1680307199999");
}

// ---- three days

TEST_F(Disruption, CandlesOfThreeDaysBeginWithEachMarketsFirstDay) {
  std::set<std::int64_t> residues;
  for (const char* const symbol : {"BTCUSDT", "XRPUSDT", "SOLUSDT"}) {
    const std::string query = std::string("symbol=") + symbol;
    const std::int64_t first = opens(query + "&interval=1d&limit=1&startTime=0").at(0);
    const auto threes = opens(query + "&interval=3d&limit=3&startTime=0");
    EXPECT_EQ(threes, (std::vector<std::int64_t>{first, first + 3 * kDayMs, first + 6 * kDayMs}));
    residues.insert(first / kDayMs % 3);
    // East of Greenwich the first day begins earlier.
    EXPECT_EQ(opens(query +
                    "&interval=3d&limit=1&timeZone=8&startTime=" + std::to_string(first + kDayMs)),
              std::vector<std::int64_t>{first + 3 * kDayMs - 8 * 3'600'000});
    const auto before = opens(query + "&interval=3d&limit=4");
    ASSERT_EQ(command(std::string("hole?symbol=") + symbol + "&from=2024-12-01&to=2024-12-02"),
              kOk);
    EXPECT_EQ(opens(query + "&interval=3d&limit=4"), before) << "a hole does not move the grid";
  }
  EXPECT_EQ(residues, (std::set<std::int64_t>{0, 1, 2}));
}

// ---- names

TEST_F(Disruption, ANameNeedNotBeAscii) {
  const std::string name = "%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT";
  EXPECT_EQ(value(body("ticker/price?symbol=" + name), "symbol"), "币安人生USDT");
  EXPECT_EQ(value(body("exchangeInfo?symbols=%5B%22" + name + "%22%5D"), "symbols.0.baseAsset"),
            "币安人生");
  EXPECT_EQ(opens("symbol=" + name + "&interval=1h&limit=7").size(), 7u);
  const std::vector<std::string> all = values(body("ticker/24hr"), "*.symbol");
  EXPECT_NE(std::find(all.begin(), all.end(), "币安人生USDT"), all.end());
}

// ---- the account

TEST_F(Disruption, TheAccountsRatesCanBeSet) {
  EXPECT_EQ(command("rates?maker=0.0015"), kOk);
  const std::string account = signed_get(standing_.exchange, "/api/v3/account").body;
  EXPECT_EQ(value(account, "makerCommission"), "15") << "basis points";
  EXPECT_EQ(value(account, "commissionRates.maker"), "0.0015");
  EXPECT_EQ(value(account, "commissionRates.taker"), "0.00100000") << "not named";
}

TEST_F(Disruption, RefusesInWords) {
  for (const char* const target :
       {"status?symbol=BTCUSDT&status=HALT&since=soon", "hole?symbol=BTCUSDT&from=2024-01-01",
        "hole?symbol=BTCUSDT&from=2024-01-02&to=2024-01-01", "hole?from=2024-01-01&to=2024-01-02",
        "rates?maker=much", "fault?kind=zero_prices&at=noon"}) {
    const Answer answer = post(standing_.exchange, std::string("/_fake/") + target);
    EXPECT_EQ(answer.status, 400) << target;
    EXPECT_GT(value(answer.body, "error").size(), 10u) << answer.body;
  }
}

}  // namespace
}  // namespace bourse::fake_exchange::test
