// SPDX-License-Identifier: MIT
//
// Market: the whole synthetic exchange as a pure function of a seed and a time. Holds no history:
// each question is answered by drawing the few bars that it touches (see bar.hpp).
//
// PRICES AT MIDNIGHT are a Brownian motion with mean reversion, found in O(log): the days are cut
// into blocks of 512; at the knots between blocks each factor has an independent level, and inside
// a block it is a Brownian bridge, halved nine times (Levy's construction). At each halving the
// variance is divided unevenly between the halves, which clusters quiet and nervous days. A price
// is
//   log2 price = log2 base price + sum over factors of coefficient x level
// with the whole market as a factor common to all symbols and one factor of each symbol's own. A
// cross such as ETHBTC has the factors of ETHUSDT minus those of BTCUSDT, and so is their quotient.
//
// Days are numbered from kFirstDay, the exchange's first. Seconds are counted from 1970. Every
// function is safe on any thread at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "plugins/sources/synthetic/bar.hpp"
#include "plugins/sources/synthetic/catalogue.hpp"
#include "plugins/sources/synthetic/noise.hpp"

namespace bourse::synthetic {

/// The exchange's first day, 2017-08-17, in days since 1970-01-01. The markets are listed on this
/// day and the two after it, so that each market's candles of three days have a grid of their own.
inline constexpr std::int64_t kFirstDay = 17'395;
inline constexpr std::int64_t kFirstSecond = kFirstDay * kDaySeconds;
/// By this second every market has traded for a day.
inline constexpr std::int64_t kAllListed = kFirstSecond + 3 * kDaySeconds;
/// Later than any time that can be asked for; a day more still is a number.
inline constexpr std::int64_t kNever = std::int64_t{1} << 60;

/// The day that holds a second.
constexpr std::int64_t day_of(std::int64_t second) noexcept {
  return second / kDaySeconds - (second % kDaySeconds < 0 ? 1 : 0) - kFirstDay;
}

inline constexpr std::size_t kFactorsMax = 3;
using Levels = std::array<std::int64_t, kFactorsMax>;  ///< of the factors, Q16

struct Factor {
  Stream noise;
  std::int64_t coefficient = 0;  ///< log2 of the price for a level of 1, Q28
  std::int64_t loading = 0;      ///< share of the symbol's deviation, Q16, signed
};

struct Symbol {
  const Listing* listing = nullptr;
  std::array<Factor, kFactorsMax> factors{};
  std::size_t n_factors = 0;
  std::int64_t first_second = 0;                ///< of trading
  std::int64_t end_second = kNever;             ///< from here on nothing is traded any more
  std::int64_t log_price = 0;                   ///< log2 of the base price in ticks, Q28
  std::int64_t log_deviation = 0;               ///< of a day of average variance, log2, Q28
  std::int64_t mean_lots = 0, mean_trades = 0;  ///< of a day
  Stream own;
};

struct Trade {
  std::int64_t id = 0;
  std::int64_t time_ms = 0;
  std::int64_t price = 0, lots = 0;  ///< ticks, lots
  bool buyer_is_maker = false;
};

class Market {
 public:
  explicit Market(std::uint64_t seed);

  [[nodiscard]] std::span<const Symbol> symbols() const noexcept { return symbols_; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view symbol) const noexcept;

  /// Gets each bar in order of time, with its first second.
  using Emit = std::function<void(std::int64_t start, const Bar&)>;
  /// Covers [from, to), seconds, with bars: of `level` where a whole one fits in, else of finer
  /// levels. What lies before the market's first second, or from its end on, is left out.
  void bars(const Symbol& symbol, int level, std::int64_t from, std::int64_t to,
            const Emit& emit) const;
  /// [from, to) as one bar; nullopt when it is empty or the market did not trade then.
  [[nodiscard]] std::optional<Bar> bar(const Symbol& symbol, std::int64_t from,
                                       std::int64_t to) const;
  /// The newest trades before the second `to`, oldest first. Fewer only at the start of history,
  /// and the last ones of all where trading has ended.
  [[nodiscard]] std::vector<Trade> trades(const Symbol& symbol, std::int64_t to,
                                          std::size_t limit) const;

  /// The bar of a day: the root of its tree.
  [[nodiscard]] Bar day(const Symbol& symbol, std::int64_t day) const;
  /// Splits a bar of `level` that starts at `start`; returns how many children there are.
  std::size_t split_at(const Symbol& symbol, const Bar& bar, int level, std::int64_t start,
                       std::array<Bar, kChildrenMax>& children) const;

 private:
  struct Midnight {
    Levels levels{};
    std::int64_t variance = 0;  ///< of the day that follows, Q32, 1 on average
  };
  struct Stretch;

  [[nodiscard]] Symbol make_symbol(const Listing& listing) const;
  [[nodiscard]] Symbol make_cross(const Listing& listing) const;
  void finish(Symbol& symbol) const;
  [[nodiscard]] std::vector<Midnight> midnights(const Symbol& symbol, std::int64_t first,
                                                std::int64_t last) const;
  void halve(const Symbol& symbol, const Stretch& stretch, std::int64_t first,
             std::span<Midnight> out) const;
  [[nodiscard]] Bar make_day(const Symbol& symbol, std::int64_t day, const Midnight& begin,
                             const Midnight& end) const;
  void cover(const Symbol& symbol, const Bar& bar, int level, int wanted, std::int64_t start,
             std::int64_t from, std::int64_t to, const Emit& emit) const;

  Stream noise_;   ///< of the seed
  Stream market_;  ///< of what all symbols share
  std::vector<Symbol> symbols_;
};

/// The trades of one second, in order; ids are left 0. REQUIRES: a bar of kSecondLevel for which
/// bar.hpp's invariant holds.
void expand_second(const Symbol& symbol, const Bar& bar, std::int64_t second,
                   std::vector<Trade>& out);

}  // namespace bourse::synthetic
