// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/market.hpp"

#include <algorithm>

namespace bourse::synthetic {
namespace {

using detail::Int128;

constexpr std::int64_t kUnitE8 = 100'000'000;
constexpr std::int64_t kBlockDays = 512;
/// Deviation of the knots, in deviations of a day: about that of a bridge in the middle of a block.
constexpr std::int64_t kKnotDeviation = 12;
constexpr std::int64_t kOneQ32 = std::int64_t{1} << 32;

enum : std::uint64_t { kTagMarket = 1, kTagSymbol = 2, kTagVariance = 3, kTagOwn = 4 };

std::uint64_t tag_of(std::string_view text) noexcept {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

/// A deviation in 1/10000 (natural logarithm) as log2, Q28.
constexpr std::int64_t log_of_deviation(std::int64_t ten_thousandths) noexcept {
  constexpr std::int64_t kPerUnit = 38'727'063;  // 2^28 / ln 2 / 10^4, in 1/1000
  return ten_thousandths * kPerUnit / 1000;
}

/// Activity by hour of the day, UTC, 100 on average: Europe and America trade the most.
constexpr std::array<std::int64_t, 24> kHours = {105, 95,  92,  82,  78,  76,  80,  88,
                                                 95,  98,  97,  96,  105, 128, 145, 142,
                                                 130, 118, 108, 102, 98,  92,  80,  70};

/// Mean activity of the hours that a bar of `level` at `start` touches.
std::int64_t season(int level, std::int64_t start) noexcept {
  const std::int64_t hour = (start % kDaySeconds) / 3600;
  const std::int64_t n = std::max<std::int64_t>(kLevels[static_cast<std::size_t>(level)] / 3600, 1);
  std::int64_t sum = 0;
  for (std::int64_t h = hour; h < hour + n; ++h) sum += kHours[static_cast<std::size_t>(h)];
  return sum / n;
}

}  // namespace

/// A power of two of days inside a block, with the factors' levels at both ends.
struct Market::Stretch {
  std::int64_t start, days;
  Levels left, right;
  std::int64_t variance;  ///< of all its days together, Q32
};

Market::Market(std::uint64_t seed)
    : noise_(Stream(mix(seed)).child(0)), market_(noise_.child(kTagMarket)) {
  for (const Listing& listing : catalogue()) {
    symbols_.push_back(listing.numerator.empty() ? make_symbol(listing) : make_cross(listing));
    finish(symbols_.back());
  }
}

std::optional<std::size_t> Market::find(std::string_view symbol) const noexcept {
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    if (symbols_[i].listing->symbol == symbol) return i;
  }
  return std::nullopt;
}

Symbol Market::make_symbol(const Listing& listing) const {
  Symbol s;
  s.listing = &listing;
  const std::int64_t deviation = log_of_deviation(listing.daily_deviation);
  const std::int64_t common = listing.market_loading;
  const std::int64_t alone = square_root((10'000 - common * common) * 10'000);  // 1/10000
  s.factors[0] = {market_, deviation * common / 100, 0};
  s.factors[1] = {noise_.child(kTagSymbol).child(tag_of(listing.symbol)),
                  deviation * alone / 10'000, 0};
  s.n_factors = 2;
  s.log_price = log2_of(static_cast<std::uint64_t>(listing.price_e8)) -
                log2_of(static_cast<std::uint64_t>(listing.tick_e8));
  return s;
}

Symbol Market::make_cross(const Listing& listing) const {
  const Symbol& a = symbols_[find(listing.numerator).value()];
  const Symbol& b = symbols_[find(listing.denominator).value()];
  Symbol s;
  s.listing = &listing;
  s.factors[0] = {market_, a.factors[0].coefficient - b.factors[0].coefficient, 0};
  s.factors[1] = a.factors[1];
  s.factors[2] = {b.factors[1].noise, -b.factors[1].coefficient, 0};
  s.n_factors = 3;
  const auto log_e8 = [](const Symbol& leg) {
    return leg.log_price + log2_of(static_cast<std::uint64_t>(leg.listing->tick_e8));
  };
  s.log_price = log_e8(a) - log_e8(b) + log2_of(kUnitE8) -
                log2_of(static_cast<std::uint64_t>(listing.tick_e8));
  return s;
}

/// What follows from the factors and the price.
void Market::finish(Symbol& s) const {
  const Listing& listing = *s.listing;
  std::int64_t variance = 0;
  for (const Factor& f : s.factors) variance += f.coefficient * f.coefficient;
  s.log_deviation = square_root(variance);
  for (Factor& f : s.factors) f.loading = f.coefficient * kOneQ16 / s.log_deviation;
  s.own = noise_.child(kTagOwn).child(tag_of(listing.symbol));
  s.first_second = kFirstSecond + listing.first_day * kDaySeconds;
  if (listing.end != 0) s.end_second = listing.end;
  // One quote unit is 10^16 / (tick x lot) of what a Bar counts values in.
  const Int128 unit = Int128{kUnitE8} * kUnitE8 / (listing.tick_e8 * listing.lot_e8);
  const std::int64_t price = times_power_of_two(1, s.log_price);
  s.mean_lots = static_cast<std::int64_t>(unit * listing.daily_value / price);
  s.mean_trades =
      static_cast<std::int64_t>(Int128{listing.daily_value} * kUnitE8 / listing.trade_value_e8);
}

// ---- days ---------------------------------------------------------------------------------------

void Market::halve(const Symbol& symbol, const Stretch& s, std::int64_t first,
                   std::span<Midnight> out) const {
  const std::int64_t last = first + static_cast<std::int64_t>(out.size());
  if (s.start >= last || s.start + s.days <= first) return;
  if (s.days == 1) {
    out[static_cast<std::size_t>(s.start - first)] = {s.left, s.variance};
    return;
  }
  const std::int64_t half = s.days / 2;
  const std::uint64_t place = static_cast<std::uint64_t>(s.start * (2 * kBlockDays) + s.days);
  const std::int64_t leaning = normal(market_.child(kTagVariance).at(place));
  const std::int64_t weight =  // of the left half
      std::clamp<std::int64_t>(kOneQ16 / 2 + leaning / 8, kOneQ16 / 5, kOneQ16 * 4 / 5);
  const std::int64_t variance = (s.variance >> 16) * weight;
  const std::int64_t deviation = square_root((variance >> 16) * (kOneQ16 - weight));  // Q16
  Levels middle{};
  for (std::size_t f = 0; f < symbol.n_factors; ++f) {
    const std::int64_t straight = ((s.right[f] - s.left[f]) * weight) >> 16;
    const std::int64_t move = normal(symbol.factors[f].noise.at(place));
    middle[f] = s.left[f] + straight + ((deviation * move) >> 16);
  }
  halve(symbol, {s.start, half, s.left, middle, variance}, first, out);
  halve(symbol, {s.start + half, half, middle, s.right, s.variance - variance}, first, out);
}

std::vector<Market::Midnight> Market::midnights(const Symbol& symbol, std::int64_t first,
                                                std::int64_t last) const {
  std::vector<Midnight> out(static_cast<std::size_t>(last - first));
  const auto knot = [&](std::int64_t block) {
    Levels levels{};
    for (std::size_t f = 0; f < symbol.n_factors; ++f) {
      const auto place = static_cast<std::uint64_t>(block * kBlockDays * (2 * kBlockDays));
      levels[f] = kKnotDeviation * normal(symbol.factors[f].noise.at(place));
    }
    return levels;
  };
  for (std::int64_t block = first / kBlockDays; block * kBlockDays < last; ++block) {
    halve(symbol,
          {block * kBlockDays, kBlockDays, knot(block), knot(block + 1), kBlockDays * kOneQ32},
          first, out);
  }
  return out;
}

namespace {

std::int64_t price_of(const Symbol& symbol, const Levels& levels) {
  std::int64_t log = symbol.log_price;
  for (std::size_t f = 0; f < symbol.n_factors; ++f) {
    log += (symbol.factors[f].coefficient * levels[f]) >> 16;
  }
  // Twice the price plus one, halved: rounded to the nearest tick.
  return std::max<std::int64_t>((times_power_of_two(1 << 20, log) + (1 << 19)) >> 20, 16);
}

/// Lots and values of both flows, given the four prices.
void trade_day(const Symbol& symbol, const Stream& noise, std::int64_t day, std::int64_t nervous,
               Bar& bar) {
  constexpr std::int64_t kLotsMax = std::int64_t{1} << 47;
  constexpr std::int64_t kLogPerQ16 = std::int64_t{1} << (kLogBits - 16);
  const bool weekend = (kFirstDay + day + 3) % 7 >= 5;  // 1970-01-01 was a Thursday
  const std::int64_t log = normal(noise.at(2)) * kLogPerQ16 * 2 / 5;
  std::int64_t lots = times_power_of_two(symbol.mean_lots, log);
  // More on nervous days, and on days with a wide range (on average 1.6 deviations).
  const std::int64_t usual = bar.deviation * 8 / 5 / 256 + 1;
  const std::int64_t wide = std::min((bar.high - bar.low) * kOneQ16 / usual, 4 * kOneQ16);
  lots = static_cast<std::int64_t>((Int128{lots} * (kOneQ16 / 2 + nervous / 4 + wide / 4)) >> 16);
  if (weekend) lots = lots / 3 * 2;
  lots = std::clamp<std::int64_t>(lots, 2 * kLotsPerTrade * kTradesMin * 4, kLotsMax);
  const std::int64_t bought = kOneQ16 / 2 + normal(noise.at(3)) / 40;
  bar.buy.lots = static_cast<std::int64_t>((Int128{lots} * bought) >> 16);
  bar.sell.lots = lots - bar.buy.lots;

  const std::int64_t log_trades = normal(noise.at(4)) * kLogPerQ16 / 8;
  const Int128 trades = Int128{times_power_of_two(symbol.mean_trades, log_trades)} * lots /
                        std::max<std::int64_t>(symbol.mean_lots, 1);
  const std::int64_t most = std::min<std::int64_t>(
      std::min(bar.buy.lots, bar.sell.lots) / (2 * kLotsPerTrade), 9'000'000);
  bar.trades = trades > most ? most : std::max(static_cast<std::int64_t>(trades), kTradesMin);
  for (Flow Bar::*side : {&Bar::buy, &Bar::sell}) {
    Flow& f = bar.*side;
    const ValueRange range = value_range(f.lots, bar.low, bar.high, kDayLevel);
    const Int128 natural = Int128{f.lots} * (bar.open + bar.high + bar.low + bar.close) / 4;
    f.value = std::clamp(static_cast<std::int64_t>(natural), range.low, range.high);
  }
}

}  // namespace

Bar Market::make_day(const Symbol& symbol, std::int64_t day, const Midnight& begin,
                     const Midnight& end) const {
  constexpr std::int64_t kLn2 = 45'426;  // Q16
  const Stream noise = symbol.own.child(static_cast<std::uint64_t>(day));
  const std::int64_t nervous = square_root(begin.variance);  // Q16
  Bar bar;
  bar.open = price_of(symbol, begin.levels);
  bar.close = price_of(symbol, end.levels);
  const auto deviation = static_cast<std::int64_t>(
      (((Int128{bar.open} * symbol.log_deviation >> 8) * kLn2 >> 16) * nervous) >> 32);  // Q4
  bar.high = extreme(bar.open, bar.close, deviation, exponential(noise.at(0)));
  bar.low = -extreme(-bar.open, -bar.close, deviation, exponential(noise.at(1)));
  bar.low = std::max(bar.low, std::min(bar.open, bar.close) / 2);
  bar.deviation = deviation << 4;
  trade_day(symbol, noise, day, nervous, bar);
  return bar;
}

Bar Market::day(const Symbol& symbol, std::int64_t day) const {
  const auto ends = midnights(symbol, day, day + 2);
  return make_day(symbol, day, ends[0], ends[1]);
}

// ---- shorter bars -------------------------------------------------------------------------------

std::size_t Market::split_at(const Symbol& symbol, const Bar& bar, int level, std::int64_t start,
                             std::array<Bar, kChildrenMax>& children) const {
  const std::size_t n = children_of(level);
  const auto place = static_cast<std::uint64_t>(start * 16 + level);
  const std::int64_t length = kLevels[static_cast<std::size_t>(level) + 1];
  Shape shape;
  shape.own = symbol.own.child(place);
  const Stream common = market_.child(place);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t bits = common.at(i);
    const std::int64_t hour = season(level + 1, start + static_cast<std::int64_t>(i) * length);
    shape.variance[i] = (hour * static_cast<std::int64_t>(64 + (bits & 127))) >> 3;
    const auto own = static_cast<std::int64_t>(64 + (shape.own.at(24 + i) & 127));
    shape.activity[i] = (shape.variance[i] * own) >> 7;
  }
  if (bar.high != bar.low) {
    for (std::size_t f = 0; f < symbol.n_factors; ++f) {
      const Stream noise = symbol.factors[f].noise.child(place);
      const auto add = [&](std::int64_t& to, std::uint64_t index) {
        to += (symbol.factors[f].loading * normal(noise.at(index))) >> 16;
      };
      for (std::size_t i = 0; i + 1 < n; ++i) add(shape.moves[i], 32 + i);
      for (std::size_t i = 0; i < n; ++i) add(shape.spreads[i], 40 + i);
    }
  }
  split(bar, level, shape, {children.data(), n});
  return n;
}

void Market::cover(const Symbol& symbol, const Bar& bar, int level, int wanted, std::int64_t start,
                   std::int64_t from, std::int64_t to, const Emit& emit) const {
  const std::int64_t end = start + kLevels[static_cast<std::size_t>(level)];
  if (end <= from || start >= to) return;
  if (level >= wanted && start >= from && end <= to) {
    emit(start, bar);
    return;
  }
  std::array<Bar, kChildrenMax> children;
  const std::size_t n = split_at(symbol, bar, level, start, children);
  const std::int64_t length = kLevels[static_cast<std::size_t>(level) + 1];
  for (std::size_t i = 0; i < n; ++i) {
    cover(symbol, children[i], level + 1, wanted, start + static_cast<std::int64_t>(i) * length,
          from, to, emit);
  }
}

void Market::bars(const Symbol& symbol, int level, std::int64_t from, std::int64_t to,
                  const Emit& emit) const {
  from = std::max(from, symbol.first_second);
  to = std::min(to, symbol.end_second);
  if (from >= to) return;
  const std::int64_t first = day_of(from);
  const std::int64_t last = day_of(to - 1) + 1;
  const auto ends = midnights(symbol, first, last + 1);
  for (std::int64_t d = first; d < last; ++d) {
    const auto i = static_cast<std::size_t>(d - first);
    cover(symbol, make_day(symbol, d, ends[i], ends[i + 1]), kDayLevel, level,
          (kFirstDay + d) * kDaySeconds, from, to, emit);
  }
}

std::optional<Bar> Market::bar(const Symbol& symbol, std::int64_t from, std::int64_t to) const {
  std::optional<Bar> sum;
  bars(symbol, kDayLevel, from, to, [&sum](std::int64_t, const Bar& b) {
    if (sum) {
      sum->append(b);
    } else {
      sum = b;
    }
  });
  return sum;
}

}  // namespace bourse::synthetic
