// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/rows.hpp"

#include <algorithm>
#include <limits>

#include "plugins/sources/history/store/coverage.hpp"

namespace bourse::history {

namespace {

constexpr std::array<std::int64_t, Scale::kMax + 1> kPowers = [] {
  std::array<std::int64_t, Scale::kMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

std::optional<std::int64_t> narrowed(Int128 value) noexcept {
  if (value < std::numeric_limits<std::int64_t>::min() ||
      value > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

std::array<Decimal, kValues> values_of(const Candle& candle) noexcept {
  return {candle.open,
          candle.high,
          candle.low,
          candle.close,
          candle.volume,
          candle.quote_volume,
          candle.taker_base_volume,
          candle.taker_quote_volume};
}

void set_values(Candle& candle, const std::array<Decimal, kValues>& values) noexcept {
  candle.open = values[kOpen];
  candle.high = values[kHigh];
  candle.low = values[kLow];
  candle.close = values[kClose];
  candle.volume = values[kVolume];
  candle.quote_volume = values[kQuoteVolume];
  candle.taker_base_volume = values[kTakerBase];
  candle.taker_quote_volume = values[kTakerQuote];
}

bool is_in_range(Millis time) noexcept { return kMillisMin <= time && time <= kMillisMax; }

Error out_of_range(const Series& series, const Candle& candle) {
  return {ErrorKind::kInvalid,
          "a candle of " + series.key.symbol + " opens at " + std::to_string(candle.open_time) +
              " ms" +
              (candle.close_time ? " and closes at " + std::to_string(*candle.close_time) + " ms"
                                 : std::string()) +
              ", which is no candle",
          "look at what delivered it: times are milliseconds, and a candle closes after it opens"};
}

}  // namespace

int scale_of(const Scale& scale, std::size_t value) noexcept {
  if (value <= kClose) return scale.price;
  return value == kVolume || value == kTakerBase ? scale.base : scale.quote;
}

Result<Row> to_row(const Series& series, const Interval& grid, const Candle& candle) {
  if (!is_in_range(candle.open_time) ||
      (candle.close_time &&
       (!is_in_range(*candle.close_time) || *candle.close_time < candle.open_time))) {
    return out_of_range(series, candle);
  }
  Row row;
  row.open_time = candle.open_time;
  row.trades = candle.trades;
  if (candle.close_time && *candle.close_time != slot_of(grid, candle.open_time).to - 1) {
    row.close_time = candle.close_time;
  }
  const auto values = values_of(candle);
  bool is_odd =
      row.close_time || row.trades > std::numeric_limits<std::int32_t>::max() || row.trades < 0;
  for (std::size_t i = 0; i < kValues && !is_odd; ++i) {
    const auto value = scaled(values[i], scale_of(series.scale, i));
    is_odd = !value;
    row.values[i] = value.value_or(0);
  }
  if (is_odd) row.text = std::make_unique<const std::array<Decimal, kValues>>(values);
  return row;
}

Candle to_candle(const Series& series, const Row& row) {
  Candle candle;
  candle.open_time = row.open_time;
  candle.close_time = row.close_time;
  candle.trades = row.trades;
  if (row.is_text()) {
    set_values(candle, *row.text);
    return candle;
  }
  const auto at = [&](std::size_t value) {
    return *Decimal::make(row.values[value], scale_of(series.scale, value));
  };
  set_values(candle, {at(kOpen), at(kHigh), at(kLow), at(kClose), at(kVolume), at(kQuoteVolume),
                      at(kTakerBase), at(kTakerQuote)});
  return candle;
}

Row copy_of(const Row& row) {
  Row copy;
  copy.open_time = row.open_time;
  copy.close_time = row.close_time;
  copy.trades = row.trades;
  copy.values = row.values;
  if (row.is_text()) copy.text = std::make_unique<const std::array<Decimal, kValues>>(*row.text);
  return copy;
}

bool equal(const Row& a, const Row& b) noexcept {
  if (a.open_time != b.open_time || a.close_time != b.close_time || a.trades != b.trades ||
      a.is_text() != b.is_text()) {
    return false;
  }
  return a.is_text() ? *a.text == *b.text : a.values == b.values;
}

std::optional<std::int64_t> scaled(Decimal value, int scale) noexcept {
  const auto coefficient = narrowed(value.coefficient());
  if (!coefficient) {  // its zeros may be what is too much
    const auto exact = checked_rescale(value, scale, Rounding::kDown);
    if (!exact || *exact != value) return std::nullopt;
    return narrowed(exact->coefficient());
  }
  if (*coefficient == 0) return 0;
  const int shift = scale - value.scale();
  if (shift > Scale::kMax || shift < -Scale::kMax) return std::nullopt;
  if (shift < 0) {
    const std::int64_t power = kPowers[static_cast<std::size_t>(-shift)];
    if (*coefficient % power != 0) return std::nullopt;
    return *coefficient / power;
  }
  std::int64_t product = 0;
  if (__builtin_mul_overflow(*coefficient, kPowers[static_cast<std::size_t>(shift)], &product)) {
    return std::nullopt;
  }
  return product;
}

std::string decimal_text(Decimal value) {
  std::string text = value.text();
  if (value.scale() > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::optional<Decimal> decimal_of(std::string_view text) noexcept { return Decimal::parse(text); }

// ---- folding

std::array<Decimal, kValues> Fold::widened(const Series& series) const {
  std::array<Decimal, kValues> values;
  for (std::size_t i = 0; i < kValues; ++i) {
    const Int128 value = i <= kClose ? Int128{prices_[i]} : sums_[i - kVolume];
    values[i] = *Decimal::make(value, scale_of(series.scale, i));  // fewer than 2^63 parts of 2^63
  }
  return values;
}

void Fold::add_wide(const std::array<Decimal, kValues>& values) {
  auto& wide = *wide_;
  wide[kHigh] = std::max(wide[kHigh], values[kHigh]);
  wide[kLow] = std::min(wide[kLow], values[kLow]);
  wide[kClose] = values[kClose];
  for (std::size_t i = kVolume; i < kValues; ++i) {
    const auto sum = checked_add(wide[i], values[i]);
    is_beyond_ = is_beyond_ || !sum;
    if (sum) wide[i] = *sum;
  }
}

void Fold::add(const Series& series, const Row& row, std::int64_t parts) {
  const bool is_first = parts_ == 0;
  parts_ += parts;
  if (__builtin_add_overflow(trades_, row.trades, &trades_)) is_beyond_ = true;
  if (row.is_text() && !wide_) {
    wide_ = std::make_unique<std::array<Decimal, kValues>>(is_first ? *row.text : widened(series));
    if (is_first) return;
  }
  if (wide_) {
    if (row.is_text()) return add_wide(*row.text);
    Fold alone;
    alone.add(series, row);
    return add_wide(alone.widened(series));
  }
  if (is_first) {
    std::copy_n(row.values.begin(), prices_.size(), prices_.begin());
  } else {
    prices_[kHigh] = std::max(prices_[kHigh], row.values[kHigh]);
    prices_[kLow] = std::min(prices_[kLow], row.values[kLow]);
    prices_[kClose] = row.values[kClose];
  }
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += row.values[kVolume + i];
}

std::optional<Row> Fold::row(Millis open_time) const {
  if (parts_ == 0 || wide_ || is_beyond_) return std::nullopt;
  Row row;
  row.open_time = open_time;
  row.trades = trades_;
  std::copy(prices_.begin(), prices_.end(), row.values.begin());
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const auto sum = narrowed(sums_[i]);
    if (!sum) return std::nullopt;
    row.values[kVolume + i] = *sum;
  }
  return row;
}

std::optional<Candle> Fold::candle(const Series& series, Millis open_time) const {
  if (parts_ == 0 || is_beyond_) return std::nullopt;
  Candle candle;
  candle.open_time = open_time;
  candle.trades = trades_;
  set_values(candle, wide_ ? *wide_ : widened(series));
  return candle;
}

}  // namespace bourse::history
