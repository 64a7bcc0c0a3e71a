// SPDX-License-Identifier: MIT
#include "plugins/analyses/liquidity/book.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bourse::liquidity {
namespace {

constexpr auto kPowers = [] {
  std::array<std::int64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

bool is_narrow(Int128 coefficient) noexcept {
  return static_cast<std::int64_t>(coefficient) == coefficient;
}

/// A coefficient without `zeros` zeros at its end; nullopt when it has fewer.
std::optional<Int128> without_zeros(Int128 coefficient, int zeros) noexcept {
  if (is_narrow(coefficient) && zeros < static_cast<int>(kPowers.size())) {  // nearly always
    const auto narrow = static_cast<std::int64_t>(coefficient);
    const std::int64_t power = kPowers[static_cast<std::size_t>(zeros)];
    return narrow % power == 0 ? std::optional<Int128>(narrow / power) : std::nullopt;
  }
  for (; zeros > 0; --zeros) {
    if (coefficient % 10 != 0) return std::nullopt;
    coefficient /= 10;
  }
  return coefficient;
}

/// The smallest scale, at least `least`, that holds the value.
int scale_of(const Decimal& value, int least) noexcept {
  int scale = least;
  while (scale < value.scale() && !without_zeros(value.coefficient(), value.scale() - scale)) {
    ++scale;
  }
  return scale;
}

/// REQUIRES: the scale holds the value. Throws DecimalError when it makes it too long.
Int128 at_scale(const Decimal& value, int scale) {
  if (value.scale() == scale) return value.coefficient();
  if (value.scale() > scale) return *without_zeros(value.coefficient(), value.scale() - scale);
  return value.rescaled(scale, Rounding::kDown).coefficient();
}

constexpr Int128 kLimit = Int128{10'000'000'000'000'000'000U} * 10'000'000'000'000'000'000U;

[[noreturn]] void too_long() {
  throw DecimalError(DecimalError::Kind::kRange,
                     "the levels of this order book add up to more than 38 digits");
}

/// REQUIRES: both within 0 .. kLimit.
Int128 sum(Int128 a, Int128 b) {
  if (a >= kLimit - b) too_long();
  return a + b;
}

/// REQUIRES: both within 0 .. kLimit.
Int128 product(Int128 a, Int128 b) {
  if (is_narrow(a) && is_narrow(b)) return a * b;  // below 2^126, and that is below kLimit
  if (b != 0 && a > (kLimit - 1) / b) too_long();
  return a * b;
}

bool is_better(const Decimal& price, const Decimal& than, SideKind kind) noexcept {
  return kind == SideKind::kBid ? price > than : price < than;
}

/// How many of 0 .. size - 1 satisfy what the first ones satisfy and the last ones do not.
/// (clang 14 cannot compile std::views::iota of this standard library.)
std::size_t count_first(std::size_t size, const auto& satisfies) {
  std::size_t low = 0, high = size;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (satisfies(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

std::optional<std::string_view> find_fault(const Quote& quote) noexcept {
  if (quote.price.sign() <= 0) return "its price is not positive";
  if (quote.quantity.sign() < 0) return "its quantity is negative";
  return std::nullopt;
}

bool bring_to_order(std::vector<Quote>& quotes, SideKind kind) {
  const auto before = [kind](const Quote& a, const Quote& b) {
    return is_better(a.price, b.price, kind);
  };
  if (std::is_sorted(quotes.begin(), quotes.end(), before)) return false;
  std::stable_sort(quotes.begin(), quotes.end(), before);
  return true;
}

Side::Side(SideKind kind, std::span<const Quote> quotes, Beyond beyond)
    : kind_(kind), beyond_(beyond) {
  for (const Quote& quote : quotes) {
    price_scale_ = scale_of(quote.price, price_scale_);
    quantity_scale_ = scale_of(quote.quantity, quantity_scale_);
  }
  if (price_scale_ + quantity_scale_ > Decimal::kScaleMax) too_long();
  levels_.reserve(quotes.size());
  Int128 quantity_sum = 0, value_sum = 0;
  for (const Quote& quote : quotes) {
    if (quote.quantity.is_zero()) continue;
    const Int128 price = at_scale(quote.price, price_scale_);
    const Int128 quantity = at_scale(quote.quantity, quantity_scale_);
    quantity_sum = sum(quantity_sum, quantity);
    value_sum = sum(value_sum, product(price, quantity));
    levels_.push_back({price, quantity, quantity_sum, value_sum});
  }
}

Decimal Side::bound(Decimal mid, Decimal percent) const {
  static constexpr Decimal kHundredth = *Decimal::make(1, 2);
  const Decimal hundred = Decimal::of(100);
  return mid * (kind_ == SideKind::kBid ? hundred - percent : hundred + percent) * kHundredth;
}

std::size_t Side::levels_within(Decimal mid, Decimal percent) const {
  const Decimal last = bound(mid, percent);
  return count_first(size(),
                     [&](std::size_t level) { return !is_better(last, price(level), kind_); });
}

bool Side::reaches(Decimal mid, Decimal percent) const {
  if (beyond_ == Beyond::kNothing) return true;
  return !empty() && !is_better(price(size() - 1), bound(mid, percent), kind_);
}

std::size_t Side::levels_worth(Decimal value) const noexcept {
  return 1 + count_first(size(), [&](std::size_t level) { return value_of(level + 1) < value; });
}

Side Side::best(std::size_t levels) const {
  Side out = *this;
  if (levels >= size()) return out;
  out.levels_.resize(levels);
  out.beyond_ = Beyond::kMore;
  return out;
}

bool Book::crossed() const noexcept { return two_sided() && bids.price(0) >= asks.price(0); }

std::optional<Decimal> Book::mid() const {
  if (!two_sided()) return std::nullopt;
  static constexpr Decimal kHalf = *Decimal::make(5, 1);
  return (bids.price(0) + asks.price(0)) * kHalf;
}

double distance_percent(Decimal price, SideKind kind, double mid) noexcept {
  const double above = 100.0 * (price.to_double() - mid) / mid;
  return kind == SideKind::kBid ? 0.0 - above : above;
}

}  // namespace bourse::liquidity
