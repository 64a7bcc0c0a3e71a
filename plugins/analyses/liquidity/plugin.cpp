// SPDX-License-Identifier: MIT
//
// liquidity: asks for an order book, computes (book.hpp, measures.hpp, impact.hpp) and says what
// came out (here and in tables.hpp).
#include "bourse/plugin.hpp"

#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bourse/reads.hpp"
#include "plugins/analyses/liquidity/fields.hpp"
#include "plugins/analyses/liquidity/measures.hpp"
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

// ---- what came ----------------------------------------------------------------------------------

[[noreturn]] void blame_source(const std::string& symbol, const std::string& fault) {
  throw Error(BOURSE_UPSTREAM, "bad_source",
              "The source sent an order book of " + symbol +
                  " that cannot be computed with: " + fault + ".");
}

Side read_side(const std::string& symbol, std::span<const Quote> quotes, SideKind kind) {
  if (const auto fault = find_fault(quotes, kind)) {
    blame_source(symbol, (kind == SideKind::kBid ? "of the bids, " : "of the asks, ") + *fault);
  }
  return Side(kind, quotes);
}

Book read_book(ReportView answer, const std::string& symbol) {
  if (answer.tables() == 0) blame_source(symbol, "it has no table");
  const TableView table = answer.table(0);
  const auto sides = table.texts("side");
  const DecimalColumn prices = table.decimals("price"), quantities = table.decimals("quantity");
  std::vector<Quote> bids, asks;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view side = table.has("side", row) ? view(sides[row]) : "";
    if ((side != "bid" && side != "ask") || !prices.has(row) || !quantities.has(row)) {
      blame_source(symbol, "row " + std::to_string(row + 1) +
                               " lacks its price, its quantity, or a side that is bid or ask");
    }
    (side == "bid" ? bids : asks).push_back({prices[row], quantities[row]});
  }
  return {read_side(symbol, bids, SideKind::kBid), read_side(symbol, asks, SideKind::kAsk)};
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
                              "its liquidity is poor.");
}

void say_crossed(const Call& call, const std::string& symbol, const Book& book) {
  if (!book.crossed()) return;
  call.warn("crossed_book", "The best bid of " + symbol +
                                " is not below its best ask: the source's book is inconsistent, "
                                "and numbers based on mid and spread mean little.");
}

/// The last level is a bound of what was received, not of what there is.
void say_limited(const Call& call, const Book& book, std::size_t limit) {
  const auto mid = book.mid();
  if (!mid) return;
  const auto cut_off = [&](const Side& side) {
    return side.size() >= limit && side.levels_within(*mid, 1) == side.size();
  };
  if (!cut_off(book.bids) && !cut_off(book.asks)) return;
  call.note(BOURSE_LEVEL_INFO, "depth_limited",
            "The " + std::to_string(limit) +
                " levels asked for end within 1 % of mid, so there is more depth than the score "
                "and the distribution know of: a larger depth_limit (at most 5000) shows it.");
}

void say_partial(const Call& call, std::size_t partial, std::size_t trades) {
  if (partial == 0) return;
  call.warn("partial_fill", std::to_string(partial) + " of " + std::to_string(trades) +
                                " trades are larger than the levels received can fill; their "
                                "impact is that of the part in the column filled.");
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

void say_side(const Call& call, const SideFields& fields, const Side& side,
              std::optional<Decimal> mid) {
  call.scalar(fields.levels, side.size());
  say_decimal(call, fields.base_total, side.quantity());
  say_decimal(call, fields.quote_total, side.value());
  call.scalar(fields.volume_weighted_price, volume_weighted_price(side));
  const bool measured = mid && !side.empty();
  call.scalar(fields.concentration,
              measured ? distribution_of(side, *mid).front().share : std::nan(""));
  call.scalar(fields.reach, measured ? distance_percent(side.price(side.size() - 1), side.kind(),
                                                        mid->to_double())
                                     : std::nan(""));
}

void say_balance(const Call& call, const Book& book) {
  const auto balance = balance_of(book);
  const auto word = [&](const Field& field, std::string_view Balance::*member) {
    call.scalar(field, balance ? std::optional((*balance).*member) : std::nullopt);
  };
  call.scalar(kImbalance, balance ? balance->imbalance : std::nan(""));
  word(kDirection, &Balance::direction);
  call.scalar(kBidAskRatio, balance ? balance->bid_ask_ratio : std::nan(""));
  word(kBookBalance, &Balance::book_balance);
  word(kDepthAsymmetry, &Balance::depth_asymmetry);
}

void say_score(const Call& call, const Book& book) {
  const Score score = score_of(book);
  call.scalar(kScore, score.score);
  call.scalar(kQuality, score.quality);
  say_decimal(call, kNear, score.near);
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
          "The order book of one market: spread, depth, balance, price impact of trades, and a "
          "score in the quote asset that compares markets.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr std::array datasets{&reads<"order_book", "side", "price", "quantity">};

  void run(const Call& call, const Values& values) const {
    const std::string symbol(values.text("symbol"));
    const std::vector<Decimal> sizes = read_sizes(values);
    const std::int64_t limit = values.integer("depth_limit");
    const ReportView answer =
        call.ask(Query("order_book").with("symbol", symbol).with("depth", limit));
    const Book book = read_book(answer, symbol);
    call.poll();

    say_meta(call, symbol, answer);
    say_empty(call, symbol, book);
    say_crossed(call, symbol, book);
    say_limited(call, book, static_cast<std::size_t>(limit));
    say_spread(call, book);
    say_side(call, kBidFields, book.bids, book.mid());
    say_side(call, kAskFields, book.asks, book.mid());
    say_balance(call, book);
    say_score(call, book);
    if (values.boolean("include_levels")) say_levels(call, book);
    say_depth(call, book);
    say_distribution(call, book);
    say_partial(call, say_impact(call, book, sizes), 2 * sizes.size());
    say_charts(call);
  }
};

}  // namespace
}  // namespace bourse::liquidity

BOURSE_PLUGIN("bourse.liquidity", "0.1.0", bourse::liquidity::Liquidity)
