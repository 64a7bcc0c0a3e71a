// SPDX-License-Identifier: MIT
//
// liquidity: asks for an order book (reading.hpp), computes (book.hpp, measures.hpp, impact.hpp)
// and says what came out (here and in tables.hpp).
#include "bourse/plugin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bourse/fresh.hpp"
#include "bourse/reads.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/liquidity/depths.hpp"
#include "plugins/analyses/liquidity/fields.hpp"
#include "plugins/analyses/liquidity/measures.hpp"
#include "plugins/analyses/liquidity/reading.hpp"
#include "plugins/analyses/liquidity/tables.hpp"

namespace bourse::liquidity {
namespace {

// ---- what is asked for --------------------------------------------------------------------------

std::vector<Decimal> read_sizes(const Values& values) {
  std::vector<Decimal> sizes;
  for (const bourse_value& item : values.list("trade_sizes")) {
    const Decimal size = Decimal::from_wire(item.as.dec, item.scale).value();
    if (size.sign() <= 0) {
      throw Error(BOURSE_BAD_PARAM, "trade_size_not_positive",
                  "trade_sizes: " + size.text() +
                      " is no size of a trade: each must be more than 0, in the quote asset")
          .blame("trade_sizes");
    }
    sizes.push_back(size);
  }
  return sizes;
}

// ---- what is said -------------------------------------------------------------------------------

/// With the field's decimals at least, as columns have.
void say_decimal(const Call& call, const Field& field, std::optional<Decimal> decimal) {
  if (decimal && decimal->scale() < field.scale) {
    decimal = decimal->rescaled(field.scale, Rounding::kDown);  // adds zeros
  }
  call.scalar(field, decimal);
}

void say_empty(const Call& call, const std::string& symbol, const Book& book) {
  if (book.two_sided()) return;
  const bool both = book.bids.empty() && book.asks.empty();
  call.warn("empty_book", "The order book of " + symbol + " has no " +
                              (both                ? "bids and no asks"
                               : book.bids.empty() ? "bids"
                                                   : "asks") +
                              ": without a mid there is no spread, no distance and no balance, and "
                              "its liquidity is " +
                              (is_one_sided(book) ? "poor."
                                                  : "not known, as levels may be there that did "
                                                    "not come."));
}

void say_crossed(const Call& call, const std::string& symbol, const Book& book) {
  if (!book.crossed()) return;
  call.warn("crossed_book", "The best bid of " + symbol +
                                " is not below its best ask: the source's book is inconsistent, "
                                "and numbers based on mid and spread mean little.");
}

void say_unusable(const Call& call, const Reading& reading) {
  if (reading.unusable != 0) {
    call.warn("unreadable_row", counted(reading.unusable, "row") +
                                    " of the answer, being no level of a book, left out; the first "
                                    "is " +
                                    reading.first_fault + ".");
  }
  if (reading.unsorted) {
    call.warn("unsorted_book",
              "The levels did not come in the order of their prices, and were brought to it.");
  }
}

/// "the 100 bids read reach 0.0123 % below mid"; empty when the side reaches far enough.
std::string how_far(const Side& side, Decimal mid) {
  if (side.reaches(mid, kDistances.back())) return "";
  const bool bid = side.kind() == SideKind::kBid;
  std::array<char, 32> reach{};
  std::snprintf(reach.data(), reach.size(), "%.3g",
                distance_percent(side.price(side.size() - 1), side.kind(), mid.to_double()));
  const bool one = side.size() == 1;
  return "the " + (one ? "only" : std::to_string(side.size())) + (bid ? " bid" : " ask") +
         (one ? " read reaches " : "s read reach ") + reach.data() + " % " +
         (bid ? "below" : "above") + " mid";
}

/// "0.5, 1, 2": the distances that one of the sides does not reach.
std::string unreached(const Book& book, Decimal mid) {
  std::string out;
  for (const Decimal distance : kDistances) {
    if (book.bids.reaches(mid, distance) && book.asks.reaches(mid, distance)) continue;
    out += out.empty() ? "" : ", ";
    std::array<char, 16> percent{};
    std::snprintf(percent.data(), percent.size(), "%g", distance.to_double());
    out += percent.data();
  }
  return out;
}

/// Where a longer book may come from; `parameter` lets more be read.
std::string remedy(const Reading& reading, const std::string& parameter) {
  const Beyond bids = reading.book.bids.beyond(), asks = reading.book.asks.beyond();
  if (!reading.short_because.empty()) {
    return "A longer book could not be had: " + reading.short_because;
  }
  if (bids != Beyond::kMore && asks != Beyond::kMore) {
    return "The source was asked for " + counted(reading.asked, "level") +
           " of each side and has no more of them.";
  }
  if (reading.asked >= kDepthMax) return "No source is asked for longer books.";
  return "A larger " + parameter + " (at most " + std::to_string(kDepthMax) + ") asks for more.";
}

/// Where the last level is a bound of what came, not of what there is.
void say_too_short(const Call& call, const Reading& reading) {
  const Book& book = reading.book;
  const auto mid = book.mid();
  if (!mid) return;
  std::string text = how_far(book.bids, *mid);
  const std::string asks = how_far(book.asks, *mid);
  if (!text.empty() && !asks.empty()) text += ", ";
  text += asks;
  if (text.empty()) return;
  text.front() = 'T';
  call.warn("book_too_short", text + ": what lies farther is not known, and null within " +
                                  unreached(book, *mid) + " %. " + remedy(reading, "read_limit"));
}

void say_unfilled(const Call& call, const Unfilled& unfilled, std::size_t trades,
                  const Reading& reading) {
  const std::string of_all = " of " + std::to_string(trades) + " trades are larger than ";
  if (unfilled.partial != 0) {
    call.warn("partial_fill", std::to_string(unfilled.partial) + of_all +
                                  "what their side of the book holds; their impact is that of the "
                                  "part in the column filled.");
  }
  if (unfilled.unknown == 0) return;
  call.warn("trade_too_large",
            std::to_string(unfilled.unknown) + of_all +
                "the levels read hold, and more may lie beyond: their impact is not known, and "
                "null. " +
                remedy(reading, "depth_limit"));
}

void say_spread(const Call& call, const Book& book) {
  const auto best = [](const Side& side) {
    return side.empty() ? std::nullopt : std::optional(side.price(0));
  };
  say_decimal(call, kBestBid, best(book.bids));
  say_decimal(call, kBestAsk, best(book.asks));
  const auto spread = spread_of(book);
  const auto real = [&spread](double Spread::*member) {
    return spread ? (*spread).*member : std::nan("");
  };
  say_decimal(call, kAbsolute, spread ? std::optional(spread->absolute) : std::nullopt);
  call.scalar(kPercent, real(&Spread::percent));
  call.scalar(kBasisPoints, real(&Spread::basis_points));
  call.scalar(kClassification, spread && !spread->classification.empty()
                                   ? std::optional(spread->classification)
                                   : std::nullopt);
  say_decimal(call, kMid, spread ? std::optional(spread->mid) : std::nullopt);
  call.scalar(kMicroprice, real(&Spread::microprice));
}

double reach_of(const Side& side, std::optional<Decimal> mid) {
  if (!mid || side.empty()) return std::nan("");
  return distance_percent(side.price(side.size() - 1), side.kind(), mid->to_double());
}

void say_side(const Call& call, const SideFields& fields, const Side& shown, const Side& read,
              std::optional<Decimal> mid) {
  call.scalar(fields.levels, shown.size());
  say_decimal(call, fields.base_total, shown.quantity());
  say_decimal(call, fields.quote_total, shown.value());
  call.scalar(fields.volume_weighted_price, volume_weighted_price(shown));
  call.scalar(fields.reach, reach_of(shown, mid));
  call.scalar(fields.levels_read, read.size());
  call.scalar(fields.read_reach, reach_of(read, mid));
}

void say_balance(const Call& call, const Book& book) {
  const auto balance = balance_of(book);
  const auto word = [&](const Field& field, std::string_view Balance::*member) {
    call.scalar(field, balance ? std::optional((*balance).*member) : std::nullopt);
  };
  call.scalar(kImbalance, balance ? balance->imbalance : std::nan(""));
  word(kDirection, &Balance::direction);
  call.scalar(kBidAskRatio, balance ? balance->bid_ask_ratio : std::nan(""));
  word(kDepthAsymmetry, &Balance::depth_asymmetry);
}

/// A market that has nobody on a side takes no trade there: 0, which is known.
void say_score(const Call& call, const Book& book) {
  const auto score = score_of(book);
  if (is_one_sided(book)) {
    call.scalar(kScore, 0.0);
    call.scalar(kQuality, std::string_view("poor"));
  } else {
    call.scalar(kScore, score ? score->score : std::nan(""));
    call.scalar(kQuality, score ? std::optional(score->quality) : std::nullopt);
  }
  say_decimal(call, kNear, score ? std::optional(score->near) : std::nullopt);
}

/// Of what moment the book is, where that is known, and whether the market trades.
void say_age(const Call& call, const std::string& symbol, ReportView answer) {
  const std::string_view status = status_of(answer);
  if (!status.empty()) call.meta("status", status);
  NotTradingNote halted;
  halted.add(symbol, status);
  halted.say(call);
  const Time made = answer.as_of();
  if (made.ns == 0) return;
  StaleNote stale;
  const Time clock = clock_of(call, answer);
  if (stale_book(made, clock)) stale.add(symbol, made, clock, status);
  stale.say(call);
}

void say_meta(const Call& call, const std::string& symbol, ReportView answer) {
  call.title(symbol + ": liquidity of the order book");
  call.meta("symbol", symbol);
  if (const auto id = answer.meta("last_update_id")) call.meta("last_update_id", *id);
  call.notes_of(answer);
}

struct Liquidity {
  static constexpr About about{
      .id = "liquidity",
      .title = "Liquidity",
      .doc =
          "The order book of one market: spread, depth and balance at fixed distances from mid, "
          "price impact of trades, and a score in the quote asset that compares markets.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr auto returns = kReturns;
  static constexpr std::array datasets{&reads<"order_book", "side", "price", "quantity">};

  void run(const Call& call, const Values& values) const {
    const std::string symbol(values.text("symbol"));
    const std::vector<Decimal> sizes = read_sizes(values);
    const std::int64_t depth_limit = values.integer("depth_limit");
    const std::int64_t read_limit = std::max(depth_limit, values.integer("read_limit"));
    const Reading reading =
        read_book(call, symbol, depth_limit, read_limit, *std::ranges::max_element(sizes));
    const Book& book = reading.book;
    const auto best = static_cast<std::size_t>(depth_limit);
    const Book shown{book.bids.best(best), book.asks.best(best)};
    call.poll();

    say_meta(call, symbol, reading.answer);
    say_age(call, symbol, reading.answer);
    say_unusable(call, reading);
    say_empty(call, symbol, book);
    say_crossed(call, symbol, book);
    say_too_short(call, reading);
    say_spread(call, book);
    say_side(call, kBidFields, shown.bids, book.bids, book.mid());
    say_side(call, kAskFields, shown.asks, book.asks, book.mid());
    say_balance(call, book);
    say_score(call, book);
    if (values.boolean("include_levels")) say_levels(call, shown);
    say_depth(call, shown);
    say_distances(call, book);
    say_unfilled(call, say_impact(call, book, sizes), 2 * sizes.size(), reading);
    say_charts(call);
  }
};

}  // namespace
}  // namespace bourse::liquidity

BOURSE_PLUGIN("bourse.liquidity", "0.1.0", bourse::liquidity::Liquidity)
