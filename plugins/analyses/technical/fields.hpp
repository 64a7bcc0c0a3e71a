// SPDX-License-Identifier: MIT
//
// The parameters and fields of the report: names are a contract with clients, texts are for people.
#pragma once

#include <array>

#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "plugins/analyses/technical/series.hpp"

namespace bourse::technical {

inline constexpr const char* kRsiMethods[] = {"wilder", "cutler", nullptr};

/// The upper bounds keep limit + warm-up below 56,000 candles, which are at most thirteen queries.
inline constexpr std::array kParams{
    Param("symbol", BOURSE_TYPE_TEXT, "Market, such as BTCUSDT.")
        .labelled("Market")
        .required()
        .bounds("1", "40"),
    Param("interval", BOURSE_TYPE_TEXT, "Length of a candle.")
        .labelled("Interval")
        .with_default("1h")
        .one_of(bourse_intervals),
    Param("limit", BOURSE_TYPE_I64,
          "Candles shown: the newest, up to end where that is given; with start, the oldest from "
          "there. Not given: 100, or with start all of them.")
        .labelled("Candles")
        .bounds("1", "50000"),
    Param("start", BOURSE_TYPE_TIME,
          "Earliest open time shown, inclusive. What indicators need before it is read as well.")
        .labelled("Start"),
    Param("end", BOURSE_TYPE_TIME, "Latest open time shown, inclusive; not before start.")
        .labelled("End"),
    Param("sma_fast", BOURSE_TYPE_I64, "Period of the fast simple average; less than sma_slow.")
        .labelled("SMA fast")
        .with_default("20")
        .bounds("2", "500"),
    Param("sma_slow", BOURSE_TYPE_I64, "Period of the slow simple average.")
        .labelled("SMA slow")
        .with_default("50")
        .bounds("2", "500"),
    Param("rsi_period", BOURSE_TYPE_I64, "Changes averaged by the RSI.")
        .labelled("RSI period")
        .with_default("14")
        .bounds("2", "100"),
    Param("rsi_method", BOURSE_TYPE_TEXT, "Smoothed average (wilder) or simple sums (cutler).")
        .labelled("RSI method")
        .with_default("wilder")
        .one_of(kRsiMethods),
    Param("macd_fast", BOURSE_TYPE_I64,
          "Period of the fast exponential average; less than macd_slow.")
        .labelled("MACD fast")
        .with_default("12")
        .bounds("2", "200"),
    Param("macd_slow", BOURSE_TYPE_I64, "Period of the slow exponential average.")
        .labelled("MACD slow")
        .with_default("26")
        .bounds("2", "200"),
    Param("macd_signal", BOURSE_TYPE_I64, "Period of the MACD's signal line.")
        .labelled("MACD signal")
        .with_default("9")
        .bounds("2", "100"),
    Param("bollinger_period", BOURSE_TYPE_I64, "Closes in the bands' mean and deviation.")
        .labelled("Bollinger period")
        .with_default("20")
        .bounds("2", "500"),
    Param("bollinger_deviations", BOURSE_TYPE_F64, "Deviations from the mean to each band.")
        .labelled("Bollinger deviations")
        .with_default("2")
        .bounds("0.1", "10"),
    Param("atr_period", BOURSE_TYPE_I64, "True ranges averaged by the ATR.")
        .labelled("ATR period")
        .with_default("14")
        .bounds("2", "100"),
    Param("stochastic_period", BOURSE_TYPE_I64, "Candles in the stochastic's range.")
        .labelled("Stochastic period")
        .with_default("14")
        .bounds("2", "500"),
    Param("stochastic_smoothing", BOURSE_TYPE_I64, "Smoothing of %K; 1 is the fast stochastic.")
        .labelled("%K smoothing")
        .with_default("3")
        .bounds("1", "100"),
    Param("stochastic_signal", BOURSE_TYPE_I64, "Smoothing of %D.")
        .labelled("%D smoothing")
        .with_default("3")
        .bounds("1", "100"),
};

inline constexpr std::size_t kLimitWithoutStart = 100;  ///< unless the request gives a limit

/// Of the configuration.
inline constexpr Param kRowsMax =
    Param("rows_max", BOURSE_TYPE_I64,
          "Candles that a report shows at most, whatever the request asks for.")
        .labelled("Rows at most")
        .with_default("50000")
        .bounds("100", "50000");

/// In the order of Column.
inline constexpr std::array<Field, kColumns> kIndicatorFields{
    Field("sma_fast", BOURSE_TYPE_F64)
        .labelled("SMA fast")
        .in("{quote}")
        .described("mean of the last sma_fast closes"),
    Field("sma_slow", BOURSE_TYPE_F64)
        .labelled("SMA slow")
        .in("{quote}")
        .described("mean of the last sma_slow closes"),
    Field("ema_fast", BOURSE_TYPE_F64)
        .labelled("EMA fast")
        .in("{quote}")
        .described("exponential average of closes, period macd_fast, begun with the first "
                   "macd_fast of them"),
    Field("ema_slow", BOURSE_TYPE_F64)
        .labelled("EMA slow")
        .in("{quote}")
        .described("exponential average of closes, period macd_slow, begun with the first "
                   "macd_slow of them"),
    Field("rsi", BOURSE_TYPE_F64).labelled("RSI").described("relative strength index, 0 to 100"),
    Field("macd", BOURSE_TYPE_F64)
        .labelled("MACD")
        .in("{quote}")
        .described("fast less slow exponential average, both begun with the slow one's first row, "
                   "as TA-Lib "
                   "does; where a market's history is young, not yet ema_fast - ema_slow"),
    Field("macd_signal", BOURSE_TYPE_F64)
        .labelled("MACD signal")
        .in("{quote}")
        .described("exponential average of macd"),
    Field("macd_histogram", BOURSE_TYPE_F64)
        .labelled("MACD histogram")
        .in("{quote}")
        .described("macd - macd_signal"),
    Field("bollinger_upper", BOURSE_TYPE_F64)
        .labelled("Upper band")
        .in("{quote}")
        .described("bollinger_middle + bollinger_deviations x population deviation"),
    Field("bollinger_middle", BOURSE_TYPE_F64)
        .labelled("Middle band")
        .in("{quote}")
        .described("mean of the last bollinger_period closes"),
    Field("bollinger_lower", BOURSE_TYPE_F64)
        .labelled("Lower band")
        .in("{quote}")
        .described("bollinger_middle - bollinger_deviations x population deviation"),
    Field("bollinger_percent_b", BOURSE_TYPE_F64)
        .labelled("%b")
        .described("0: close on the lower band, 1: on the upper; 0.5 where the bands coincide"),
    Field("bollinger_bandwidth", BOURSE_TYPE_F64)
        .labelled("Bandwidth")
        .in("%")
        .described("distance of the bands in percent of the middle"),
    Field("atr", BOURSE_TYPE_F64)
        .labelled("ATR")
        .in("{quote}")
        .described("average true range, smoothed as Wilder does"),
    Field("stochastic_k", BOURSE_TYPE_F64)
        .labelled("Stochastic %K")
        .described(
            "smoothed place of the close in the range, 0 to 100; 50 where the range is empty"),
    Field("stochastic_d", BOURSE_TYPE_F64).labelled("Stochastic %D").described("average of %K"),
    Field("obv", BOURSE_TYPE_F64)
        .labelled("OBV")
        .in("{base}")
        .described("on-balance volume; begins at the first candle read, so only changes matter"),
    Field("vwap", BOURSE_TYPE_F64)
        .labelled("VWAP")
        .in("{quote}")
        .described("volume-weighted average price since 00:00 UTC of the candle's day, of candles "
                   "that have a price"),
};

inline constexpr Field kLatestPrice = Field("current.latest_price", BOURSE_TYPE_DECIMAL)
                                          .labelled("Latest price")
                                          .in("{quote}")
                                          .described("close of the newest candle");
inline constexpr Field kCurrentVolume = Field("current.volume", BOURSE_TYPE_DECIMAL)
                                            .labelled("Volume")
                                            .in("{base}")
                                            .described("volume of the newest candle");
inline constexpr Field kChange24h =
    Field("current.change_24h_percent", BOURSE_TYPE_F64)
        .labelled("Change in 24 hours")
        .in("%")
        .described("against the close of the candle that opened 24 hours before the newest");
inline constexpr Field kRsiSignal =
    Field("signals.rsi_signal", BOURSE_TYPE_TEXT)
        .labelled("RSI signal")
        .described("overbought above 70, oversold below 30, neutral");
inline constexpr Field kBollingerPosition =
    Field("signals.bollinger_position", BOURSE_TYPE_TEXT)
        .labelled("Bollinger position")
        .described("above_upper, below_lower or within_bands");
inline constexpr Field kMacdCross =
    Field("signals.macd_cross", BOURSE_TYPE_TEXT)
        .labelled("MACD cross")
        .described("bullish or bearish when the newest candle changed the histogram's sign, none");
inline constexpr Field kShortTermTrend =
    Field("signals.short_term_trend", BOURSE_TYPE_TEXT)
        .labelled("Short-term trend")
        .described("price against sma_fast: upward, downward, flat");
inline constexpr Field kLongTermTrend =
    Field("signals.long_term_trend", BOURSE_TYPE_TEXT)
        .labelled("Long-term trend")
        .described("price against sma_slow: upward, downward, flat");
inline constexpr Field kVolatilityRegime =
    Field("signals.volatility_regime", BOURSE_TYPE_TEXT)
        .labelled("Volatility regime")
        .described(
            "high when the price is outside of the Bollinger bands, else normal; it does "
            "not measure how wide they are");

// ---- what a report holds

inline constexpr auto kReturns =
    Returns()
        .scalar(kLatestPrice, kCurrentVolume, kChange24h, kRsiSignal, kBollingerPosition,
                kMacdCross, kShortTermTrend, kLongTermTrend, kVolatilityRegime)
        .table("series", "Candles and indicators", bourse_candles_open_time, bourse_candles_open,
               bourse_candles_high, bourse_candles_low, bourse_candles_close, bourse_candles_volume,
               bourse_candles_quote_volume, bourse_candles_trades)
        .columns(kIndicatorFields)
        .columns(bourse_candles_closed);

}  // namespace bourse::technical
