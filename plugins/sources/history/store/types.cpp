// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/types.hpp"

#include <algorithm>

#include "plugins/sources/history/store/trades.hpp"

namespace bourse::history {

namespace {

/// Decimals that count: of 1.25000 they are two.
int decimals_of(Decimal value) noexcept {
  Int128 coefficient = value.coefficient();
  int scale = value.scale();
  while (scale > 0 && coefficient % 10 == 0) {
    if (coefficient == 0) return 0;
    coefficient /= 10;
    --scale;
  }
  return std::clamp(scale, 0, Scale::kMax);
}

void widen(int& scale, std::initializer_list<Decimal> values) noexcept {
  for (const Decimal value : values) {
    if (value.scale() > scale) scale = std::max(scale, decimals_of(value));
  }
}

}  // namespace

Scale scale_of(std::span<const Candle> rows) noexcept {
  Scale scale{0, 0, 0};
  for (const Candle& row : rows) {
    widen(scale.price, {row.open, row.high, row.low, row.close});
    widen(scale.base, {row.volume, row.taker_base_volume});
    widen(scale.quote, {row.quote_volume, row.taker_quote_volume});
  }
  return scale;
}

Scale scale_of(std::span<const Trade> rows) noexcept {
  Scale scale{0, 0, 0};
  for (const Trade& row : rows) {
    widen(scale.price, {row.price});
    widen(scale.base, {row.quantity});
    widen(scale.quote, {row.quote_quantity});
  }
  return scale;
}

Interval Series::grid() const noexcept {
  const Interval interval = Interval::parse(key.interval).value();  // create() has checked it
  return anchor ? interval.anchored(to_time(*anchor)) : interval;
}

std::string_view name_of(OriginKind kind) noexcept {
  switch (kind) {
    case OriginKind::kApi:
      return "api";
    case OriginKind::kDailyFile:
      return "daily file";
    case OriginKind::kMonthlyFile:
      return "monthly file";
    case OriginKind::kRecording:
      break;
  }
  return "recording";
}

}  // namespace bourse::history
