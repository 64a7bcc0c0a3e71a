// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/signals.hpp"

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

/// Two rows of a market at 100 within bands of 90 and 110, averages at 100, nothing special.
struct Market {
  Doubles closes = {100, 100};
  Series series{2};
  Market() {
    set(Column::kRsi, 50);
    set(Column::kBollingerUpper, 110);
    set(Column::kBollingerLower, 90);
    set(Column::kSmaFast, 100);
    set(Column::kSmaSlow, 100);
    histogram(1, 1);
  }
  Market& set(Column column, double value) {
    series[column][1] = value;
    return *this;
  }
  Market& price(double value) {
    closes[1] = value;
    return *this;
  }
  Market& histogram(double before, double now) {
    series[Column::kMacdHistogram][0] = before;
    return set(Column::kMacdHistogram, now);
  }
  [[nodiscard]] Signals signals() const { return read_signals(closes, series); }
};

TEST(Signals, OfRsiBeginBeyond70And30) {
  const auto of = [](double rsi) { return Market().set(Column::kRsi, rsi).signals().rsi_signal; };
  EXPECT_EQ(of(70.0), "neutral");
  EXPECT_EQ(of(70.1), "overbought");
  EXPECT_EQ(of(30.0), "neutral");
  EXPECT_EQ(of(29.9), "oversold");
}

TEST(Signals, OnABandIsWithinTheBands) {
  const auto of = [](double price) { return Market().price(price).signals(); };
  EXPECT_EQ(of(110).bollinger_position, "within_bands");
  EXPECT_EQ(of(90).bollinger_position, "within_bands");
  EXPECT_EQ(of(110).volatility_regime, "normal");
  EXPECT_EQ(of(110.01).bollinger_position, "above_upper");
  EXPECT_EQ(of(110.01).volatility_regime, "high");
  EXPECT_EQ(of(89.99).bollinger_position, "below_lower");
  EXPECT_EQ(of(89.99).volatility_regime, "high");
}

TEST(Signals, ACrossIsAChangeOfSignInTheNewestRow) {
  const auto of = [](double before, double now) {
    return Market().histogram(before, now).signals().macd_cross;
  };
  EXPECT_EQ(of(-1, 1), "bullish");
  EXPECT_EQ(of(0, 1), "bullish");
  EXPECT_EQ(of(1, -1), "bearish");
  EXPECT_EQ(of(0, -1), "bearish");
  EXPECT_EQ(of(1, 2), "none");
  EXPECT_EQ(of(-1, -2), "none");
  EXPECT_EQ(of(1, 0), "none");
  EXPECT_EQ(of(0, 0), "none");
}

TEST(Signals, TrendsAreThePriceAgainstEachAverage) {
  const Signals up = Market().set(Column::kSmaFast, 99).set(Column::kSmaSlow, 101).signals();
  EXPECT_EQ(up.short_term_trend, "upward");
  EXPECT_EQ(up.long_term_trend, "downward");
  EXPECT_EQ(Market().signals().short_term_trend, "flat");
  EXPECT_EQ(Market().signals().long_term_trend, "flat");
}

TEST(Signals, OfUndefinedIndicatorsAreAbsent) {
  const Doubles closes = {1, 2};
  const Series undefined = compute(Walk(2).candles(), {});
  const Signals none = read_signals(closes, undefined);
  EXPECT_FALSE(none.rsi_signal || none.bollinger_position || none.macd_cross ||
               none.short_term_trend || none.long_term_trend || none.volatility_regime);
  EXPECT_FALSE(read_signals(Doubles{1}, compute(Walk(1).candles(), {})).macd_cross);
}

}  // namespace
}  // namespace bourse::technical
