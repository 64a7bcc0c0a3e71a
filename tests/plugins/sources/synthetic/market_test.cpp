// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/market.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace bourse::synthetic {
namespace {

constexpr std::int64_t kNewYear = 1'735'689'600;  // 2025-01-01T00:00:00Z

double price(const Symbol& s, std::int64_t ticks) {
  return static_cast<double>(ticks) * static_cast<double>(s.listing->tick_e8) / 1e8;
}

bool equal(const Bar& a, const Bar& b) {
  return a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close &&
         a.trades == b.trades && a.buy.lots == b.buy.lots && a.buy.value == b.buy.value &&
         a.sell.lots == b.sell.lots && a.sell.value == b.sell.value;
}

std::vector<double> daily_returns(const Market& market, const Symbol& symbol, std::int64_t days) {
  std::vector<double> out;
  market.bars(symbol, kDayLevel, kNewYear - days * kDaySeconds, kNewYear,
              [&](std::int64_t, const Bar& b) {
                out.push_back(std::log(static_cast<double>(b.close) / static_cast<double>(b.open)));
              });
  return out;
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  const auto n = static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    sx += x[i];
    sy += y[i];
    sxx += x[i] * x[i];
    syy += y[i] * y[i];
    sxy += x[i] * y[i];
  }
  return (sxy - sx * sy / n) / std::sqrt((sxx - sx * sx / n) * (syy - sy * sy / n));
}

TEST(Market, ListsTheMarketsThatTheAnalysesAskForByDefault) {
  const Market market(42);
  for (const char* name : {"BTCUSDT", "ETHUSDT", "BNBUSDT", "ADAUSDT", "XRPUSDT", "SOLUSDT",
                           "DOTUSDT", "LINKUSDT", "SHIBUSDT", "PEPEUSDT", "ETHBTC"}) {
    EXPECT_TRUE(market.find(name)) << name;
  }
  EXPECT_FALSE(market.find("btcusdt"));
  std::set<std::string_view> names;
  for (const Symbol& s : market.symbols()) names.insert(s.listing->symbol);
  EXPECT_EQ(names.size(), market.symbols().size());
  EXPECT_EQ(names.size(), 31u);
  EXPECT_TRUE(names.contains("币安人生USDT")) << "a name need not be ASCII";
}

TEST(Market, PricesSpanTenPowersOfTen) {
  const Market market(42);
  double lowest = 1e9, highest = 0;
  for (const Symbol& s : market.symbols()) {
    const Bar day = market.day(s, day_of(kNewYear));
    lowest = std::min(lowest, price(s, day.close));
    highest = std::max(highest, price(s, day.close));
  }
  EXPECT_LT(lowest, 0.0001);
  EXPECT_GT(highest, 50'000);
}

TEST(Market, ADayDoesNotDependOnWhatWasAskedWithIt) {
  const Market market(42);
  const Symbol& s = market.symbols()[1];
  int days = 0;
  market.bars(s, kDayLevel, kFirstSecond, kFirstSecond + 1600 * kDaySeconds,
              [&](std::int64_t start, const Bar& bar) {
                if (++days % 37 == 0) {
                  EXPECT_TRUE(equal(bar, market.day(s, day_of(start))));
                }
              });
  EXPECT_EQ(days, 1600);
}

TEST(Market, EachDayOpensWhereTheOneBeforeClosed) {
  const Market market(7);
  for (const Symbol& s : market.symbols()) {
    std::int64_t close = 0;
    market.bars(s, kDayLevel, kFirstSecond, kFirstSecond + 1200 * kDaySeconds,
                [&](std::int64_t, const Bar& bar) {
                  if (close != 0) {
                    EXPECT_EQ(bar.open, close);
                  }
                  close = bar.close;
                });
  }
}

TEST(Market, AnySpanIsTheSumOfItsSeconds) {
  const Market market(42);
  const Symbol& s = market.symbols()[4];
  const std::int64_t from = kNewYear - 1234, to = kNewYear + 777;  // across midnight
  std::optional<Bar> seconds;
  std::int64_t next = from;
  market.bars(s, kSecondLevel, from, to, [&](std::int64_t start, const Bar& bar) {
    EXPECT_EQ(start, next++);
    if (seconds) {
      seconds->append(bar);
    } else {
      seconds = bar;
    }
  });
  EXPECT_EQ(next, to);
  EXPECT_TRUE(equal(market.bar(s, from, to).value(), *seconds));
}

TEST(Market, HasNothingBeforeItsFirstDay) {
  const Market market(42);
  const Symbol& s = market.symbols()[0];
  EXPECT_FALSE(market.bar(s, 0, kFirstSecond));
  EXPECT_FALSE(market.bar(s, kNewYear, kNewYear));
  EXPECT_TRUE(equal(market.bar(s, -1'000'000'000'000, kFirstSecond + kDaySeconds).value(),
                    market.day(s, 0)));
}

TEST(Market, TradesFromItsFirstSecondToItsLast) {
  const Market market(42);
  const Symbol& late = market.symbols()[market.find("XRPUSDT").value()];
  EXPECT_FALSE(market.bar(late, kFirstSecond, kFirstSecond + 2 * kDaySeconds));
  EXPECT_TRUE(equal(market.bar(late, kFirstSecond, kFirstSecond + 3 * kDaySeconds).value(),
                    market.day(late, 2)));
  constexpr std::int64_t kEnd = 1'708'398'000;  // 2024-02-20T03:00:00Z
  const Symbol& stopped = market.symbols()[market.find("XMRUSDT").value()];
  EXPECT_FALSE(market.bar(stopped, kEnd, kNewYear));
  EXPECT_TRUE(equal(market.bar(stopped, kEnd - 10'800, kNewYear).value(),
                    market.bar(stopped, kEnd - 10'800, kEnd).value()));
}

TEST(Market, AnotherSeedIsAnotherHistory) {
  const Market a(1), b(2);
  EXPECT_NE(a.day(a.symbols()[0], 2000).close, b.day(b.symbols()[0], 2000).close);
}

TEST(Market, BitcoinAndEtherMoveTogetherAndOthersLessSo) {
  for (const std::uint64_t seed : {42u, 43u, 44u}) {
    const Market market(seed);
    const auto btc = daily_returns(market, market.symbols()[0], 1000);
    const double eth = correlation(btc, daily_returns(market, market.symbols()[1], 1000));
    EXPECT_GT(eth, 0.74) << seed;
    EXPECT_LT(eth, 0.90) << seed;
    for (std::size_t i = 2; i < 8; ++i) {
      const double other = correlation(btc, daily_returns(market, market.symbols()[i], 1000));
      EXPECT_GT(other, 0.4) << seed << ' ' << market.symbols()[i].listing->symbol;
      EXPECT_LT(other, 0.8) << seed << ' ' << market.symbols()[i].listing->symbol;
    }
  }
}

TEST(Market, DailyDeviationIsWhatTheCatalogueSays) {
  for (const char* name : {"BTCUSDT", "PEPEUSDT", "PAXGUSDT"}) {
    double squares = 0, n = 0;
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      const Market market(seed);
      const Symbol& s = market.symbols()[market.find(name).value()];
      for (const double r : daily_returns(market, s, 2500)) {
        squares += r * r;
        n += 1;
      }
      const auto promised = static_cast<double>(s.listing->daily_deviation) / 10'000;
      EXPECT_NEAR(std::sqrt(squares / n), promised, promised * 0.15) << name;
    }
  }
}

TEST(Market, QuietAndNervousDaysComeInClusters) {
  // Absolute returns of neighbouring days are correlated, returns themselves are not.
  double absolute = 0, plain = 0;
  constexpr int kSeeds = 8;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Market market(seed);
    auto today = daily_returns(market, market.symbols()[0], 2500);
    auto tomorrow = today;
    today.pop_back();
    tomorrow.erase(tomorrow.begin());
    plain += correlation(today, tomorrow) / kSeeds;
    for (double& r : today) r = std::fabs(r);
    for (double& r : tomorrow) r = std::fabs(r);
    absolute += correlation(today, tomorrow) / kSeeds;
  }
  EXPECT_GT(absolute, 0.08);
  EXPECT_NEAR(plain, 0, 0.04);
}

TEST(Market, ACrossIsTheQuotientOfItsLegsAtMidnight) {
  const Market market(42);
  for (const Symbol& cross : market.symbols()) {
    if (cross.listing->numerator.empty()) continue;
    const Symbol& a = market.symbols()[market.find(cross.listing->numerator).value()];
    const Symbol& b = market.symbols()[market.find(cross.listing->denominator).value()];
    for (std::int64_t day = 0; day < 2600; day += 97) {
      const double quotient = price(a, market.day(a, day).open) / price(b, market.day(b, day).open);
      const double tick = static_cast<double>(cross.listing->tick_e8) / 1e8;
      EXPECT_NEAR(price(cross, market.day(cross, day).open), quotient, tick + quotient * 1e-4)
          << cross.listing->symbol << " day " << day;
    }
  }
}

}  // namespace
}  // namespace bourse::synthetic
