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
    Param("depth_limit", BOURSE_TYPE_I64,
          "Levels of each side that are shown and summed up; what is measured at fixed distances "
          "does not depend on it.")
        .labelled("Levels")
        .with_default("100")
        .bounds("1", "5000"),
    Param("read_limit", BOURSE_TYPE_I64,
          "Levels of each side that may be asked for, so that the book reaches 2 % from mid; no "
          "more than that takes, and never fewer than depth_limit. An exchange charges a book of "
          "5000 levels fifty times as much as one of 100.")
        .labelled("Levels to read")
        .with_default("5000")
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
  Field levels, base_total, quote_total, volume_weighted_price, reach, levels_read, read_reach;
};
constexpr SideFields side_fields(const char* levels, const char* base_total,
                                 const char* quote_total, const char* price, const char* reach,
                                 const char* levels_read, const char* read_reach) {
  return {.levels = Field(levels, BOURSE_TYPE_I64)
                        .labelled("Levels")
                        .described("the best ones, at most depth_limit"),
          .base_total = Field(base_total, BOURSE_TYPE_DECIMAL)
                            .scaled(8)
                            .labelled("Quantity")
                            .in("{base}")
                            .described("of these levels"),
          .quote_total = Field(quote_total, BOURSE_TYPE_DECIMAL)
                             .scaled(8)
                             .labelled("Value")
                             .in("{quote}")
                             .described("of these levels"),
          .volume_weighted_price = Field(price, BOURSE_TYPE_F64)
                                       .labelled("Volume-weighted price")
                                       .in("{quote}")
                                       .described("value / quantity"),
          .reach = Field(reach, BOURSE_TYPE_F64)
                       .labelled("Reach")
                       .in("%")
                       .described("distance of the last of these levels from mid"),
          .levels_read = Field(levels_read, BOURSE_TYPE_I64)
                             .labelled("Levels read")
                             .described("all that distances and impact are measured on"),
          .read_reach = Field(read_reach, BOURSE_TYPE_F64)
                            .labelled("Reach read")
                            .in("%")
                            .described("distance of the last level read from mid")};
}
inline constexpr SideFields kBidFields =
    side_fields("depth.bid.levels", "depth.bid.base_total", "depth.bid.quote_total",
                "depth.bid.volume_weighted_price", "depth.bid.reach_percent",
                "depth.bid.levels_read", "depth.bid.read_reach_percent");
inline constexpr SideFields kAskFields =
    side_fields("depth.ask.levels", "depth.ask.base_total", "depth.ask.quote_total",
                "depth.ask.volume_weighted_price", "depth.ask.reach_percent",
                "depth.ask.levels_read", "depth.ask.read_reach_percent");

inline constexpr Field kImbalance =
    Field("balance.imbalance_within_1_percent", BOURSE_TYPE_F64)
        .labelled("Imbalance within 1 %")
        .described("(bid - ask) / (bid + ask) of the values within 1 % of mid, -1 to 1");
inline constexpr Field kDirection =
    Field("balance.direction_within_1_percent", BOURSE_TYPE_TEXT)
        .labelled("Direction within 1 %")
        .described("buy_pressure above an imbalance of 0.1, sell_pressure below -0.1, balanced");
inline constexpr Field kBidAskRatio =
    Field("balance.bid_ask_ratio_within_1_percent", BOURSE_TYPE_F64)
        .labelled("Bid to ask within 1 %")
        .described("of the values within 1 % of mid");
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

inline constexpr Field kWithin = Field("distance_percent", BOURSE_TYPE_F64)
                                     .labelled("Within")
                                     .in("%")
                                     .described("from mid to so far, inclusive");
inline constexpr Field kWithinImbalance =
    Field("imbalance", BOURSE_TYPE_F64)
        .labelled("Imbalance")
        .described("(bid - ask) / (bid + ask) of the values, -1 to 1");

/// The columns that each side has in the table `distances`.
struct WithinFields {
  Field levels, quantity, value, concentration;
};
constexpr WithinFields within_fields(const char* levels, const char* quantity, const char* value,
                                     const char* concentration) {
  return {
      .levels = Field(levels, BOURSE_TYPE_I64).labelled("Levels"),
      .quantity = Field(quantity, BOURSE_TYPE_DECIMAL).scaled(8).labelled("Quantity").in("{base}"),
      .value = Field(value, BOURSE_TYPE_DECIMAL)
                   .scaled(8)
                   .labelled("Value")
                   .in("{quote}")
                   .described("null: the levels read do not reach so far"),
      .concentration = Field(concentration, BOURSE_TYPE_F64)
                           .labelled("Concentration")
                           .described("share of the value within 2 % of mid, 0 to 1")};
}
inline constexpr WithinFields kBidWithin =
    within_fields("bid_levels", "bid_quantity", "bid_value", "bid_concentration");
inline constexpr WithinFields kAskWithin =
    within_fields("ask_levels", "ask_quantity", "ask_value", "ask_concentration");

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
inline constexpr Field kFilled = Field("filled", BOURSE_TYPE_F64)
                                     .labelled("Filled")
                                     .described(
                                         "share of the size that the side holds, 0 to 1; null: "
                                         "more than the levels read hold, and "
                                         "more may lie beyond them");
inline constexpr Field kLevelsUsed = Field("levels_used", BOURSE_TYPE_I64).labelled("Levels used");

// ---- what a report holds

inline constexpr auto kReturns =
    Returns()
        .scalar(kBestBid, kBestAsk, kAbsolute, kPercent, kBasisPoints, kClassification, kMid,
                kMicroprice)
        .scalar(kBidFields.levels, kBidFields.base_total, kBidFields.quote_total,
                kBidFields.volume_weighted_price, kBidFields.reach, kBidFields.levels_read,
                kBidFields.read_reach)
        .scalar(kAskFields.levels, kAskFields.base_total, kAskFields.quote_total,
                kAskFields.volume_weighted_price, kAskFields.reach, kAskFields.levels_read,
                kAskFields.read_reach)
        .scalar(kImbalance, kDirection, kBidAskRatio, kDepthAsymmetry, kScore, kQuality, kNear)
        .table("levels", "Levels", kSide, kLevel, kPrice, kQuantity, kCumulativeQuantity, kDistance,
               kValue, kCumulativeValue)
        .optional()
        .table("depth", "Cumulative depth", kSide, kLevel, kPrice, kStepQuantity,
               kCumulativeQuantity, kCumulativeValue)
        .table("distances", "Depth by distance from mid", kWithin, kBidWithin.levels,
               kBidWithin.quantity, kBidWithin.value, kBidWithin.concentration, kAskWithin.levels,
               kAskWithin.quantity, kAskWithin.value, kAskWithin.concentration, kWithinImbalance)
        .table("impact", "Price impact of trades", kTradeSide, kTradeSize, kAveragePrice, kImpact,
               kFilled, kLevelsUsed);

}  // namespace bourse::liquidity
