// SPDX-License-Identifier: MIT
//
// The parameters and fields of the report: names are a contract with clients, texts are for people.
#pragma once

#include <array>

#include "bourse/market.h"
#include "bourse/plugin.hpp"

namespace bourse::correlation {

inline constexpr const char* kMethods[] = {"pearson", "spearman", nullptr};
inline constexpr const char* kReturnKinds[] = {"simple", "log", nullptr};

inline constexpr std::array kParams{
    Param("symbols", BOURSE_TYPE_LIST, "Markets, 2 to 50.")
        .labelled("Markets")
        .list_of(BOURSE_TYPE_TEXT)
        .with_default("BTCUSDT,ETHUSDT,BNBUSDT,ADAUSDT,XRPUSDT,SOLUSDT,DOTUSDT,LINKUSDT")
        .bounds("2", "50"),
    Param("days", BOURSE_TYPE_I64,
          "Length of the window, up to the newest candle or to end. Not used with start.")
        .labelled("Days")
        .with_default("30")
        .bounds("2", "3650")
        .in("d"),
    Param("interval", BOURSE_TYPE_TEXT,
          "Length of a candle, and so of a return. At least 3 returns; at most 50000 candles of a "
          "market, or what the operator allows.")
        .labelled("Interval")
        .with_default("1d")
        .one_of(bourse_intervals),
    Param("method", BOURSE_TYPE_TEXT, "Of the values (pearson) or of their ranks (spearman).")
        .labelled("Method")
        .with_default("pearson")
        .one_of(kMethods),
    Param("returns", BOURSE_TYPE_TEXT, "b / a - 1 (simple) or ln(b / a) (log).")
        .labelled("Returns")
        .with_default("simple")
        .one_of(kReturnKinds),
    Param("include_clusters", BOURSE_TYPE_BOOL, "Whether the table of clusters is shown.")
        .labelled("With clusters")
        .with_default("true"),
    Param("start", BOURSE_TYPE_TIME, "Open time of the first candle, inclusive. Instead of days.")
        .labelled("Start"),
    Param("end", BOURSE_TYPE_TIME, "Latest open time, inclusive; else the newest closed candle.")
        .labelled("End"),
};

inline constexpr Param kRowsMax =
    Param("rows_max", BOURSE_TYPE_I64,
          "Candles of one market that a request may make the analysis read, at most.")
        .labelled("Rows at most")
        .with_default("50000")
        .bounds("4", "50000");

// ---- scalars

inline constexpr Field kAssets = Field("summary.assets", BOURSE_TYPE_I64)
                                     .labelled("Assets")
                                     .described("markets that the answer is about");
inline constexpr Field kObservations = Field("summary.observations", BOURSE_TYPE_I64)
                                           .labelled("Observations")
                                           .described("returns of each market");
inline constexpr Field kFrom = Field("summary.from", BOURSE_TYPE_TIME)
                                   .labelled("From")
                                   .described("open time of the first candle used");
inline constexpr Field kTo = Field("summary.to", BOURSE_TYPE_TIME)
                                 .labelled("To")
                                 .described("open time of the last candle used");

inline constexpr Field kNotCompared =
    Field("summary.missing_returns", BOURSE_TYPE_I64)
        .labelled("Missing returns")
        .described("returns of the window that not every market has; none goes over a gap");

inline constexpr Field kAverage = Field("portfolio.average_correlation", BOURSE_TYPE_F64)
                                      .labelled("Average correlation")
                                      .described("over all pairs, without the diagonal");
inline constexpr Field kDiversification = Field("portfolio.diversification_score", BOURSE_TYPE_F64)
                                              .labelled("Diversification score")
                                              .described("1 - average correlation");
inline constexpr Field kMaximum =
    Field("portfolio.max_correlation", BOURSE_TYPE_F64).labelled("Highest correlation");
inline constexpr Field kMinimum =
    Field("portfolio.min_correlation", BOURSE_TYPE_F64).labelled("Lowest correlation");
inline constexpr Field kDeviation = Field("portfolio.correlation_deviation", BOURSE_TYPE_F64)
                                        .labelled("Deviation of correlations")
                                        .described("sample deviation over the pairs");
inline constexpr Field kFirstComponent =
    Field("portfolio.first_component_share", BOURSE_TYPE_F64)
        .labelled("Share of the first component")
        .described("largest eigenvalue of the correlation matrix / number of its assets");
inline constexpr Field kVolatility = Field("portfolio.equal_weight_volatility", BOURSE_TYPE_F64)
                                         .labelled("Equal-weight volatility")
                                         .in("%")
                                         .described("of equal weights, annualised by 365 days");
inline constexpr Field kDiversificationRatio =
    Field("portfolio.diversification_ratio", BOURSE_TYPE_F64)
        .labelled("Diversification ratio")
        .described("mean volatility of the assets / equal-weight volatility");

inline constexpr Field kCorrelationRegime =
    Field("regime.correlation_regime", BOURSE_TYPE_TEXT)
        .labelled("Correlation regime")
        .described(
            "highly_correlated above an average of 0.8, moderately_correlated above 0.5, "
            "diversified");
inline constexpr Field kDiversificationQuality =
    Field("regime.diversification_quality", BOURSE_TYPE_TEXT)
        .labelled("Diversification quality")
        .described("poor above an average of 0.8, moderate above 0.5, good");
inline constexpr Field kSystemicRisk =
    Field("regime.systemic_risk", BOURSE_TYPE_TEXT)
        .labelled("Systemic risk")
        .described("high above an average of 0.7, moderate above 0.4, low");

// ---- columns

inline constexpr Field kAsset1 = Field("asset_1", BOURSE_TYPE_TEXT).labelled("Asset 1");
inline constexpr Field kAsset2 = Field("asset_2", BOURSE_TYPE_TEXT).labelled("Asset 2");
inline constexpr Field kPair = Field("pair", BOURSE_TYPE_TEXT).labelled("Pair");
inline constexpr Field kCorrelation = Field("correlation", BOURSE_TYPE_F64)
                                          .labelled("Correlation")
                                          .described("-1 to 1; null where a series does not vary");
inline constexpr Field kPValue =
    Field("p_value", BOURSE_TYPE_F64)
        .labelled("p-value")
        .described("two-sided, by Student's t; null where there is no correlation");
inline constexpr Field kPairObservations =
    Field("observations", BOURSE_TYPE_I64).labelled("Observations").described("returns compared");
inline constexpr Field kClass =
    Field("class", BOURSE_TYPE_TEXT)
        .labelled("Class")
        .described("high above 0.8, moderate 0.5 to 0.8, low 0 to 0.5, negative below 0");

inline constexpr Field kAsset = Field("asset", BOURSE_TYPE_TEXT).labelled("Asset");
inline constexpr Field kMeanReturn = Field("mean_return_percent", BOURSE_TYPE_F64)
                                         .labelled("Mean return")
                                         .in("%")
                                         .described("per candle");
inline constexpr Field kReturnDeviation = Field("deviation_percent", BOURSE_TYPE_F64)
                                              .labelled("Deviation")
                                              .in("%")
                                              .described("sample deviation of the returns");
inline constexpr Field kAnnualVolatility = Field("annualised_volatility_percent", BOURSE_TYPE_F64)
                                               .labelled("Annualised volatility")
                                               .in("%")
                                               .described("deviation x sqrt(365 days / interval)");
inline constexpr Field kTotalReturn =
    Field("total_return_percent", BOURSE_TYPE_F64)
        .labelled("Total return")
        .in("%")
        .described("last close used against the first, over gaps as well");
inline constexpr Field kMaxDrawdown =
    Field("max_drawdown_percent", BOURSE_TYPE_F64)
        .labelled("Maximum drawdown (positive)")
        .in("%")
        .described(
            "deepest fall below an earlier close used, as a positive number: 25 is a loss of a "
            "quarter. A gap may hide a deeper one");
inline constexpr Field kMissingCandles =
    Field("missing_candles", BOURSE_TYPE_I64)
        .labelled("Missing candles")
        .described("candles of the window that the market has not, or has without a price");
inline constexpr Field kMissingReturns =
    Field("missing_returns", BOURSE_TYPE_I64)
        .labelled("Missing returns")
        .described("returns of the window that the market has not, as one of the two is missing");

// ---- what a report holds

inline constexpr auto kReturns =
    Returns()
        .scalar(kAssets, kObservations, kFrom, kTo, kNotCompared, kAverage, kDiversification,
                kMaximum, kMinimum, kDeviation, kFirstComponent, kVolatility, kDiversificationRatio,
                kCorrelationRegime, kDiversificationQuality, kSystemicRisk)
        .table("matrix", "Correlation of every asset with every other", kAsset1, kAsset2,
               kCorrelation)
        .table("pairs", "Pairs, the strongest first", kAsset1, kAsset2, kCorrelation, kPValue,
               kPairObservations)
        .table("strongest_pairs", "The strongest pairs, of either sign", kPair, kCorrelation)
        .table("clusters", "Pairs by class", kAsset1, kAsset2, kCorrelation, kClass)
        .optional()
        .table("assets", "Assets", kAsset, kMeanReturn, kReturnDeviation, kAnnualVolatility,
               kTotalReturn, kMaxDrawdown, kMissingCandles, kMissingReturns);

}  // namespace bourse::correlation
