// SPDX-License-Identifier: MIT
#include "plugins/analyses/liquidity/impact.hpp"

#include <algorithm>
#include <cmath>

namespace bourse::liquidity {
namespace {

/// Below 1, even where total / size rounds to it: a part is never called the whole.
double share_below_one(double total, double size) noexcept {
  return std::min(total / size, std::nextafter(1.0, 0.0));
}

/// Average price of `size` quote units that end in the last of so many levels.
double average_of(const Side& side, std::size_t levels, double size) noexcept {
  const double last = side.price(levels - 1).to_double();
  if (levels == 1) return last;
  const double rest = size - side.value_of(levels - 1).to_double();
  return size / (side.quantity_of(levels - 1).to_double() + rest / last);
}

}  // namespace

Impact impact_of(const Side& side, Decimal size, std::optional<Decimal> mid) {
  if (side.empty()) {
    const double filled = side.beyond() == Beyond::kNothing ? 0.0 : std::nan("");
    return {std::nan(""), std::nan(""), filled, 0};
  }
  // Running values ascend and are exact, so the last level used is found, not walked to.
  Impact out{};
  out.levels = side.levels_worth(size);
  if (out.levels > side.size()) {
    if (side.beyond() != Beyond::kNothing) return {std::nan(""), std::nan(""), std::nan(""), 0};
    out.levels = side.size();
    out.filled = share_below_one(side.value().to_double(), size.to_double());
    out.average_price = side.value().to_double() / side.quantity().to_double();
  } else {
    out.filled = 1.0;
    out.average_price = average_of(side, out.levels, size.to_double());
  }
  const double middle = mid ? mid->to_double() : std::nan("");
  const double above = 100.0 * (out.average_price - middle) / middle;
  out.percent = side.kind() == SideKind::kAsk ? above : 0.0 - above;
  return out;
}

}  // namespace bourse::liquidity
