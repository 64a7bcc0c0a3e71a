// SPDX-License-Identifier: MIT
//
// The parameters and fields of the report: names are a contract with clients, texts are for people.
#pragma once

#include <array>

#include "bourse/market.h"
#include "bourse/plugin.hpp"

namespace bourse::market_statistics {

inline constexpr std::array kParams{
    Param("symbols", BOURSE_TYPE_LIST, "Markets; named twice, they count once.")
        .labelled("Markets")
        .list_of(BOURSE_TYPE_TEXT)
        .with_default("BTCUSDT,ETHUSDT,BNBUSDT,ADAUSDT,XRPUSDT")
        .bounds("1", "100"),
    Param("include_volume", BOURSE_TYPE_BOOL, "Volumes of each market and their sums.")
        .labelled("With volumes")
        .with_default("true"),
    Param("top", BOURSE_TYPE_I64, "Rows in each ranking.")
        .labelled("Ranks")
        .with_default("3")
        .bounds("1", "20"),
};

inline constexpr Field kTotalSymbols = Field("summary.total_symbols", BOURSE_TYPE_I64)
                                           .labelled("Symbols")
                                           .described("rows of tickers");
inline constexpr Field kAverageChange =
    Field("summary.average_price_change_percent", BOURSE_TYPE_F64)
        .labelled("Average change")
        .in("%")
        .described("mean over the traded markets, each counting the same");
inline constexpr Field kMaxChange =
    Field("summary.max_price_change_percent", BOURSE_TYPE_F64).labelled("Largest change").in("%");
inline constexpr Field kMinChange =
    Field("summary.min_price_change_percent", BOURSE_TYPE_F64).labelled("Smallest change").in("%");
inline constexpr Field kAverageVolatility =
    Field("summary.average_volatility_percent", BOURSE_TYPE_F64)
        .labelled("Average volatility")
        .in("%")
        .described("mean over the traded markets, each counting the same");
inline constexpr Field kMaxVolatility =
    Field("summary.max_volatility_percent", BOURSE_TYPE_F64).labelled("Largest volatility").in("%");
inline constexpr Field kMinVolatility = Field("summary.min_volatility_percent", BOURSE_TYPE_F64)
                                            .labelled("Smallest volatility")
                                            .in("%");

inline constexpr Field kSentiment =
    Field("market.sentiment", BOURSE_TYPE_TEXT)
        .labelled("Sentiment")
        .described("bullish or bearish; neutral while the average change is below 0.05 %");
inline constexpr Field kSentimentStrength = Field("market.sentiment_strength", BOURSE_TYPE_F64)
                                                .labelled("Sentiment strength")
                                                .in("%")
                                                .described("size of the average change");
inline constexpr Field kAdvancers =
    Field("market.advancers", BOURSE_TYPE_I64).labelled("Advancers").described("markets that rose");
inline constexpr Field kDecliners =
    Field("market.decliners", BOURSE_TYPE_I64).labelled("Decliners").described("markets that fell");
inline constexpr Field kUnchanged = Field("market.unchanged", BOURSE_TYPE_I64)
                                        .labelled("Unchanged")
                                        .described("traded markets that did neither");
inline constexpr Field kBreadth =
    Field("market.breadth", BOURSE_TYPE_F64)
        .labelled("Breadth")
        .described("(advancers - decliners) / traded markets, -1 to 1");
inline constexpr Field kRegime =
    Field("market.regime", BOURSE_TYPE_TEXT)
        .labelled("Regime")
        .described("high_volatility where the average volatility is above 5 %, normal_volatility");
inline constexpr Field kUniformity =
    Field("market.uniformity", BOURSE_TYPE_TEXT)
        .labelled("Uniformity")
        .described(
            "uniform where changes deviate by less than 2 percentage points, divergent; "
            "null for fewer than two traded markets");

inline constexpr Field kVolatility =
    Field("volatility_percent", BOURSE_TYPE_F64)
        .labelled("Volatility")
        .in("%")
        .described("(high - low) / low; null of an inactive market");
inline constexpr Field kQuoteAsset = Field("quote_asset", BOURSE_TYPE_TEXT).labelled("Quote asset");
inline constexpr Field kQuoteVolume =
    Field("quote_volume", BOURSE_TYPE_DECIMAL)
        .labelled("Quote volume")
        .in("{quote}")
        .described("sum over the traded markets priced in the asset");
inline constexpr Field kSymbols = Field("symbols", BOURSE_TYPE_I64)
                                      .labelled("Symbols")
                                      .described("how many traded markets were summed");

// ---- what a report holds

inline constexpr std::array kRankingFields{
    Field(bourse_ticker_24h_symbol), Field(bourse_ticker_24h_last),
    Field(bourse_ticker_24h_price_change_percent), kVolatility};
inline constexpr auto kReturns =
    Returns()
        .scalar(kTotalSymbols, kAverageChange, kMaxChange, kMinChange, kAverageVolatility,
                kMaxVolatility, kMinVolatility, kSentiment, kSentimentStrength, kAdvancers,
                kDecliners, kUnchanged, kBreadth, kRegime, kUniformity)
        .table("tickers", "Last 24 hours", bourse_ticker_24h_symbol, bourse_ticker_24h_last,
               bourse_ticker_24h_open, bourse_ticker_24h_high, bourse_ticker_24h_low,
               bourse_ticker_24h_price_change, bourse_ticker_24h_price_change_percent,
               bourse_ticker_24h_weighted_average)
        .columns(Field(bourse_ticker_24h_volume).optional(),
                 Field(bourse_ticker_24h_quote_volume).optional(), kVolatility,
                 bourse_ticker_24h_trades, bourse_ticker_24h_close_time)
        .table("top_performers", "Top performers")
        .columns(kRankingFields)
        .table("worst_performers", "Worst performers")
        .columns(kRankingFields)
        .table("most_volatile", "Most volatile")
        .columns(kRankingFields)
        .table("quote_volumes", "Volume by quote asset", kQuoteAsset, kQuoteVolume, kSymbols)
        .optional();

}  // namespace bourse::market_statistics
