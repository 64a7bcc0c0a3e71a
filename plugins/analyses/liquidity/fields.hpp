// SPDX-License-Identifier: MIT
//
// The parameters and fields of the report: names are a contract with clients, texts are for people.
// Units {base} and {quote} stand for the market's two assets, as in market.h.
#pragma once

#include <array>

#include "bourse/market.h"
#include "bourse/plugin.hpp"

namespace bourse::liquidity {

inline constexpr std::array kParams{
    Param("symbol", BOURSE_TYPE_TEXT, "Market, such as BTCUSDT.")
        .labelled("Market")
        .required()
        .bounds("1", "40"),
    Param("depth_limit", BOURSE_TYPE_I64, "Levels of each side.")
        .labelled("Levels")
        .with_default("100")
        .bounds("1", "5000"),
    Param("include_levels", BOURSE_TYPE_BOOL, "Whether the table of all levels is shown.")
        .labelled("With all levels")
        .with_default("true"),
    Param("trade_sizes", BOURSE_TYPE_LIST, "Trades whose impact is computed; each more than 0.")
        .labelled("Trade sizes")
        .list_of(BOURSE_TYPE_DECIMAL)
        .with_default("1000,10000,100000,1000000")
        .bounds("1", "20")
        .in("quote"),
};

// ---- scalars

inline constexpr Field kBestBid =
    Field("spread.best_bid", BOURSE_TYPE_DECIMAL).scaled(8).labelled("Best bid").in("{quote}");
inline constexpr Field kBestAsk =
    Field("spread.best_ask", BOURSE_TYPE_DECIMAL).scaled(8).labelled("Best ask").in("{quote}");
inline constexpr Field kAbsolute = Field("spread.absolute", BOURSE_TYPE_DECIMAL)
                                       .scaled(8)
                                       .labelled("Spread")
                                       .in("{quote}")
                                       .described("best ask - best bid");
inline constexpr Field kPercent =
    Field("spread.percent", BOURSE_TYPE_F64).labelled("Spread").in("%").described("of mid");
inline constexpr Field kBasisPoints =
    Field("spread.basis_points", BOURSE_TYPE_F64).labelled("Spread").in("bp").described("of mid");
inline constexpr Field kClassification =
    Field("spread.classification", BOURSE_TYPE_TEXT)
        .labelled("Spread is")
        .described(
            "tight below 0.05 %, normal below 0.1 %, wide; null without a spread, or when "
            "the book is crossed");
inline constexpr Field kMid = Field("spread.mid", BOURSE_TYPE_DECIMAL)
                                  .scaled(8)
                                  .labelled("Mid")
                                  .in("{quote}")
                                  .described("(best bid + best ask) / 2");
inline constexpr Field kMicroprice =
    Field("spread.microprice", BOURSE_TYPE_F64)
        .labelled("Microprice")
        .in("{quote}")
        .described("(bid x ask quantity + ask x bid quantity) / (bid quantity + ask quantity)");

/// The scalars that each side has.
struct SideFields {
  Field levels, base_total, quote_total, volume_weighted_price, concentration, reach;
};
constexpr SideFields side_fields(const char* levels, const char* base_total,
                                 const char* quote_total, const char* price,
                                 const char* concentration, const char* reach) {
  return {.levels = Field(levels, BOURSE_TYPE_I64).labelled("Levels").described("received"),
          .base_total = Field(base_total, BOURSE_TYPE_DECIMAL)
                            .scaled(8)
                            .labelled("Quantity")
                            .in("{base}")
                            .described("of all levels received"),
          .quote_total = Field(quote_total, BOURSE_TYPE_DECIMAL)
                             .scaled(8)
                             .labelled("Value")
                             .in("{quote}")
                             .described("of all levels received"),
          .volume_weighted_price = Field(price, BOURSE_TYPE_F64)
                                       .labelled("Volume-weighted price")
                                       .in("{quote}")
                                       .described("value / quantity"),
          .concentration = Field(concentration, BOURSE_TYPE_F64)
                               .labelled("Concentration")
                               .described("share of the quantity within 1 % of mid, 0 to 1"),
          .reach = Field(reach, BOURSE_TYPE_F64)
                       .labelled("Reach")
                       .in("%")
                       .described("distance of the last level from mid")};
}
inline constexpr SideFields kBidFields = side_fields(
    "depth.bid.levels", "depth.bid.base_total", "depth.bid.quote_total",
    "depth.bid.volume_weighted_price", "depth.bid.concentration", "depth.bid.reach_percent");
inline constexpr SideFields kAskFields = side_fields(
    "depth.ask.levels", "depth.ask.base_total", "depth.ask.quote_total",
    "depth.ask.volume_weighted_price", "depth.ask.concentration", "depth.ask.reach_percent");

inline constexpr Field kImbalance =
    Field("balance.imbalance", BOURSE_TYPE_F64)
        .labelled("Imbalance")
        .described("(bid - ask) / (bid + ask) of the base totals, -1 to 1");
inline constexpr Field kDirection =
    Field("balance.direction", BOURSE_TYPE_TEXT)
        .labelled("Direction")
        .described("buy_pressure above an imbalance of 0.1, sell_pressure below -0.1, balanced");
inline constexpr Field kBidAskRatio = Field("balance.bid_ask_ratio", BOURSE_TYPE_F64)
                                          .labelled("Bid to ask")
                                          .described("of the base totals");
inline constexpr Field kBookBalance =
    Field("balance.book_balance", BOURSE_TYPE_TEXT)
        .labelled("Book balance")
        .described("bid_heavy or ask_heavy when one base total is 1.2 times the other, balanced");
inline constexpr Field kDepthAsymmetry =
    Field("balance.depth_asymmetry", BOURSE_TYPE_TEXT)
        .labelled("Depth asymmetry")
        .described(
            "bid_deeper or ask_deeper when one side's value within 1 % of mid is 1.2 times "
            "the other's, symmetric");

inline constexpr Field kScore =
    Field("liquidity.score", BOURSE_TYPE_F64)
        .labelled("Liquidity score")
        .described("0 to 100: 100 x depth within 1 % / (that + 1,000,000), in the quote asset");
inline constexpr Field kQuality = Field("liquidity.quality", BOURSE_TYPE_TEXT)
                                      .labelled("Liquidity is")
                                      .described(
                                          "excellent above 80, good above 50, fair above "
                                          "20, poor");
inline constexpr Field kNear = Field("liquidity.depth_within_1_percent", BOURSE_TYPE_DECIMAL)
                                   .scaled(8)
                                   .labelled("Depth within 1 %")
                                   .in("{quote}")
                                   .described("value of both sides within 1 % of mid");

// ---- columns

inline constexpr Field kSide =
    Field("side", BOURSE_TYPE_TEXT).labelled("Side").described("bid or ask");
inline constexpr Field kLevel =
    Field("level", BOURSE_TYPE_I64).labelled("Level").described("1 is the best price of its side");
inline constexpr Field kPrice =
    Field("price", BOURSE_TYPE_DECIMAL).scaled(8).labelled("Price").in("{quote}");
inline constexpr Field kQuantity =
    Field("quantity", BOURSE_TYPE_DECIMAL).scaled(8).labelled("Quantity").in("{base}");
inline constexpr Field kCumulativeQuantity =
    Field("cumulative_quantity", BOURSE_TYPE_DECIMAL)
        .scaled(8)
        .labelled("Cumulative quantity")
        .in("{base}")
        .described("of this level and all better ones of its side");
inline constexpr Field kDistance = Field("distance_percent", BOURSE_TYPE_F64)
                                       .labelled("Distance from mid")
                                       .in("%")
                                       .described("of mid; negative beyond mid, in a crossed book");
inline constexpr Field kValue = Field("value", BOURSE_TYPE_DECIMAL)
                                    .scaled(8)
                                    .labelled("Value")
                                    .in("{quote}")
                                    .described("price x quantity");
inline constexpr Field kCumulativeValue =
    Field("cumulative_value", BOURSE_TYPE_DECIMAL)
        .scaled(8)
        .labelled("Cumulative value")
        .in("{quote}")
        .described("of this level and all better ones of its side");
inline constexpr Field kStepQuantity =
    Field("quantity", BOURSE_TYPE_DECIMAL)
        .scaled(8)
        .labelled("Quantity")
        .in("{base}")
        .described("of this level, and of those between it and the better one shown");

inline constexpr Field kBucket =
    Field("bucket", BOURSE_TYPE_TEXT).labelled("Distance").described("from mid");
inline constexpr Field kFrom = Field("from_percent", BOURSE_TYPE_I64)
                                   .labelled("From")
                                   .in("%")
                                   .described("exclusive; 0: from mid");
inline constexpr Field kTo = Field("to_percent", BOURSE_TYPE_I64)
                                 .labelled("To")
                                 .in("%")
                                 .described("inclusive; null: no bound");
inline constexpr Field kBucketLevels = Field("levels", BOURSE_TYPE_I64).labelled("Levels");
inline constexpr Field kBucketValue =
    Field("value", BOURSE_TYPE_DECIMAL).scaled(8).labelled("Value").in("{quote}");
inline constexpr Field kShare =
    Field("share", BOURSE_TYPE_F64).labelled("Share").described("of the side's quantity, 0 to 1");

inline constexpr Field kTradeSide =
    Field("side", BOURSE_TYPE_TEXT).labelled("Side").described("buy takes asks, sell takes bids");
inline constexpr Field kTradeSize =
    Field("trade_size", BOURSE_TYPE_DECIMAL).labelled("Trade size").in("{quote}");
inline constexpr Field kAveragePrice = Field("average_price", BOURSE_TYPE_F64)
                                           .labelled("Average price")
                                           .in("{quote}")
                                           .described("of the part that is filled");
inline constexpr Field kImpact =
    Field("impact_percent", BOURSE_TYPE_F64)
        .labelled("Impact")
        .in("%")
        .described("how much worse than mid the average price is; of the part that is filled");
inline constexpr Field kFilled =
    Field("filled", BOURSE_TYPE_F64)
        .labelled("Filled")
        .described("share of the size that the levels received hold, 0 to 1");
inline constexpr Field kLevelsUsed = Field("levels_used", BOURSE_TYPE_I64).labelled("Levels used");

}  // namespace bourse::liquidity
