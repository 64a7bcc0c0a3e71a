// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/bar.hpp"

#include <algorithm>
#include <cassert>

namespace bourse::synthetic {
namespace {

using detail::Int128;
using Weights = std::array<std::int64_t, kChildrenMax>;

/// Shares `total` out by weight, exactly: what rounding leaves goes to the heaviest.
Weights share(std::int64_t total, std::span<const std::int64_t> weights) {
  std::int64_t sum = 0;
  for (const std::int64_t w : weights) sum += w;
  Weights parts{};
  std::int64_t rest = total;
  std::size_t heaviest = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    parts[i] = total * weights[i] / sum;
    rest -= parts[i];
    if (weights[i] > weights[heaviest]) heaviest = i;
  }
  parts[heaviest] += rest;
  return parts;
}

/// The children that trade, in order of time. The others stay flat between them.
struct Active {
  std::array<std::size_t, kChildrenMax> index{};
  std::size_t count = 0;
};

/// All if there are trades enough, else as many as there are trades for, chosen by lot.
Active choose_active(std::int64_t trades, const Shape& shape, std::size_t n) {
  Active active;
  const auto wanted =
      static_cast<std::size_t>(std::min<std::int64_t>(trades / kTradesMin, static_cast<int>(n)));
  std::array<std::uint64_t, kChildrenMax> lot{};
  for (std::size_t i = 0; i < n; ++i) lot[i] = shape.own.at(i);
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t rank = 0;
    for (std::size_t j = 0; j < n; ++j) rank += lot[j] < lot[i] ? 1U : 0U;
    if (rank < wanted) active.index[active.count++] = i;
  }
  return active;
}

/// The bars that trade, side by side, and what is needed to draw them. Prices in Q8 count from the
/// parent's low.
struct Draft {
  std::array<Bar, kChildrenMax> bars{};
  std::size_t count = 0;
  std::int64_t origin = 0;     ///< the parent's low
  std::int64_t deviation = 0;  ///< of the path in the parent, Q8
  std::array<std::int64_t, kChildrenMax - 1> moves{};
  Weights spreads{}, variance{}, activity{};
  Weights weight{};  ///< activity, seen the range
  Weights part{};    ///< square root of each child's share of the variance, Q16
  Weights mean{};    ///< of each child's prices, Q8
  [[nodiscard]] std::span<Bar> all() { return {bars.data(), count}; }
};

/// A range is about 1.6 deviations of the path inside it. Q8.
constexpr std::int64_t kDeviationOfRange = 160;

/// Half way between what was expected and what the range says: with the range alone, its accidents
/// would multiply from level to level, and minutes would be either dead or wild.
std::int64_t deviation_inside(const Bar& bar) {
  const std::int64_t of_range = (bar.high - bar.low) * kDeviationOfRange;
  return std::clamp((bar.deviation + of_range) / 2, of_range * 3 / 4, of_range * 3 / 2);
}

Draft make_draft(const Bar& bar, const Shape& shape, const Active& active) {
  Draft draft;
  draft.count = active.count;
  draft.origin = bar.low;
  draft.deviation = deviation_inside(bar);
  std::int64_t total = 0;
  for (std::size_t i = 0; i < active.count; ++i) {
    draft.variance[i] = shape.variance[active.index[i]];
    draft.activity[i] = shape.activity[active.index[i]];
    draft.spreads[i] = shape.spreads[active.index[i]];
    total += draft.variance[i];
  }
  std::copy_n(shape.moves.begin(), draft.moves.size(), draft.moves.begin());
  for (std::size_t i = 0; i < active.count; ++i) {
    draft.part[i] = square_root((draft.variance[i] << 32) / total);
  }
  return draft;
}

/// Mean price of a flow, Q8, from the origin.
std::int64_t mean_price(std::int64_t lots, std::int64_t value, std::int64_t origin) {
  return static_cast<std::int64_t>(((Int128{value} - Int128{lots} * origin) << 8) / lots);
}

/// Corners of the path between the children, corner[0] the open; and their mean prices.
struct Path {
  std::array<std::int64_t, kChildrenMax + 1> corner{};  // Q8
  Weights mean{};                                       // Q8
};

/// A Brownian bridge from open to close, and its mean in each child given its ends there: normal
/// with a twelfth of the variance.
Path draw_bridge(const Bar& bar, const Draft& draft) {
  Path path;
  const std::size_t n = draft.count;
  path.corner[0] = (bar.open - draft.origin) * 256;
  path.corner[n] = (bar.close - draft.origin) * 256;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < n; ++i) total += draft.variance[i];
  std::int64_t rest = total;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const std::int64_t w = draft.variance[i];
    const std::int64_t drift = (path.corner[n] - path.corner[i]) * w / rest;
    const std::int64_t root = square_root(((w * (rest - w)) << 32) / (rest * total));
    path.corner[i + 1] =
        path.corner[i] + drift + ((((draft.deviation * root) >> 16) * draft.moves[i]) >> 16);
    rest -= w;
  }
  constexpr std::int64_t kRootOfTwelfth = 18'919;  // Q16
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t deviation =
        (((draft.deviation * draft.part[i]) >> 16) * kRootOfTwelfth) >> 16;
    path.mean[i] =
        (path.corner[i] + path.corner[i + 1]) / 2 + ((deviation * draft.spreads[i]) >> 16);
  }
  return path;
}

/// Bends the path so that its mean, weighted by activity, becomes `mean`. Corners and means are
/// jointly normal, so adding covariance / variance times what is missing makes a draw from the law
/// of paths into one from the law of paths with that mean (Matheron's rule).
void bend(const Draft& draft, std::int64_t mean, Path& path) {
  const std::size_t n = draft.count;
  std::int64_t variances = 0, activities = 0;
  for (std::size_t i = 0; i < n; ++i) {
    variances += draft.variance[i];
    activities += draft.activity[i];
  }
  Weights weight{}, time{};  // Q16: share of the activity; share of the variance up to the end
  std::int64_t passed = 0, missing = mean;
  for (std::size_t i = 0; i < n; ++i) {
    weight[i] = draft.activity[i] * kOneQ16 / activities;
    passed += draft.variance[i];
    time[i] = passed * kOneQ16 / variances;
    missing -= (weight[i] * path.mean[i]) >> 16;
  }
  std::array<std::int64_t, kChildrenMax + 1> of_corner{};  // covariance with the mean, Q16
  for (std::size_t j = 0; j + 1 < n; ++j) {
    for (std::size_t k = 0; k + 1 < n; ++k) {
      const std::int64_t bridge = std::min(time[j], time[k]) - ((time[j] * time[k]) >> 16);
      of_corner[j + 1] += (bridge * (weight[k] + weight[k + 1])) >> 17;
    }
  }
  Weights of_mean{};
  std::int64_t variance = 1;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t length = time[i] - (i == 0 ? 0 : time[i - 1]);
    of_mean[i] = (of_corner[i] + of_corner[i + 1]) / 2 + ((length * weight[i]) >> 16) / 12;
    variance += (weight[i] * of_mean[i]) >> 16;
  }
  const std::int64_t factor = missing * kOneQ16 / variance;
  for (std::size_t i = 0; i < n; ++i) {
    path.corner[i] += (factor * of_corner[i]) >> 16;
    path.mean[i] += (factor * of_mean[i]) >> 16;
  }
}

/// Keeps the path inside the parent's range.
void confine(const Bar& bar, const Draft& draft, Path& path) {
  const std::int64_t top = (bar.high - bar.low) * 256;
  for (std::size_t i = 0; i < draft.count; ++i) {
    path.corner[i] = std::clamp<std::int64_t>(path.corner[i], 0, top);
    path.mean[i] = std::clamp<std::int64_t>(path.mean[i], 0, top);
  }
}

/// Moves the path half the way to the parent's high (side > 0) or low.
void pull(const Bar& bar, const Draft& draft, int side, Path& path) {
  const std::int64_t target = side > 0 ? (bar.high - bar.low) * 256 : 0;
  for (std::size_t i = 0; i < draft.count; ++i) {
    if (i > 0) path.corner[i] += (target - path.corner[i]) / 2;
    path.mean[i] += (target - path.mean[i]) / 2;
  }
}

/// Opens, closes and mean prices.
void place(const Bar& bar, const Path& path, Draft& draft) {
  draft.mean = path.mean;
  std::int64_t price = bar.open;
  for (std::size_t i = 0; i < draft.count; ++i) {
    draft.bars[i].open = price;
    price = i + 1 == draft.count ? bar.close : draft.origin + ((path.corner[i + 1] + 128) >> 8);
    draft.bars[i].close = price;
    draft.bars[i].deviation = (draft.deviation * draft.part[i]) >> 16;
  }
}

/// Highs and lows: each child strays beyond its ends as a Brownian path does, and far enough for
/// its mean price, inside the parent's range; the one that comes nearest to the parent's high makes
/// it, and likewise the low.
void draw_extremes(const Bar& bar, const Stream& own, Draft& draft) {
  std::size_t highest = 0, lowest = 0;
  for (std::size_t i = 0; i < draft.count; ++i) {
    Bar& b = draft.bars[i];
    const std::uint64_t bits = own.at(8 + i);
    b.high = extreme(b.open, b.close, b.deviation >> 4, exponential(bits));
    b.low = -extreme(-b.open, -b.close, b.deviation >> 4, exponential(bits >> 32));
    const std::int64_t mean = draft.origin + (draft.mean[i] >> 8);
    b.high = std::min(bar.high, std::max(b.high, mean + (mean - b.low) * 3 / 5));
    b.low = std::max(bar.low, std::min(b.low, mean + 1 - (b.high - mean) * 3 / 5));
    if (b.high > draft.bars[highest].high) highest = i;
    if (b.low < draft.bars[lowest].low) lowest = i;
  }
  draft.bars[highest].high = bar.high;
  draft.bars[lowest].low = bar.low;
}

/// Wide bars trade more: between half and 3/2 of their activity, by range.
void weigh(Draft& draft) {
  std::int64_t total = 1;
  for (const Bar& b : draft.all()) total += b.high - b.low;
  for (std::size_t i = 0; i < draft.count; ++i) {
    const Bar& b = draft.bars[i];
    const std::int64_t relative =
        (b.high - b.low) * static_cast<std::int64_t>(draft.count) * 64 / total;
    draft.weight[i] = draft.activity[i] * (32 + std::min<std::int64_t>(relative, 128) / 2) / 64 + 1;
  }
}

void draw_trades(const Bar& bar, Draft& draft) {
  const auto n = static_cast<std::int64_t>(draft.count);
  const auto extra = share(bar.trades - kTradesMin * n, {draft.weight.data(), draft.count});
  for (std::size_t i = 0; i < draft.count; ++i) draft.bars[i].trades = kTradesMin + extra[i];
}

/// Makes heavier the children whose mean price lies where the flow's own mean is missing: who buys
/// at a high mean price has bought more while the price was high.
void tilt(std::int64_t missing, std::span<const std::int64_t> mean, Weights& weights) {
  std::int64_t total = 0, centre = 0, variance = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    total += weights[i];
    centre += mean[i] * weights[i];
  }
  centre /= total;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    variance += (mean[i] - centre) * (mean[i] - centre) / total * weights[i];
  }
  if (variance == 0) return;
  constexpr std::int64_t kMost = kOneQ16 / 2, kSteepest = std::int64_t{1} << 30;
  const std::int64_t slope =  // Q30; a steeper one tilts everything as far as it may
      std::clamp(missing * kSteepest / variance, -kSteepest, kSteepest);
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const std::int64_t by = std::clamp((slope * (mean[i] - centre)) >> 14, -kMost, kMost);
    weights[i] = std::max<std::int64_t>((weights[i] * (kOneQ16 + by)) >> 16, 1);
  }
}

/// Lots of one flow: each child gets its minimum, and the rest by weight.
void draw_lots(const Bar& bar, Flow Bar::*side, const Stream& own, Draft& draft) {
  const std::size_t n = draft.count;
  const Flow& flow = bar.*side;
  const std::int64_t free = flow.lots - kLotsPerTrade * bar.trades;
  Weights weights{};
  for (std::size_t i = 0; i < n; ++i) {
    const auto jitter = static_cast<std::int64_t>(96 + (own.at(16 + i) & 63));
    weights[i] = std::max<std::int64_t>((draft.weight[i] * jitter) >> 7, 1);
  }
  Weights lots = share(free, {weights.data(), n});
  std::int64_t missing = mean_price(flow.lots, flow.value, draft.origin);
  for (std::size_t i = 0; i < n; ++i) {
    lots[i] += kLotsPerTrade * draft.bars[i].trades;
    missing -= ((lots[i] << 14) / flow.lots * draft.mean[i]) >> 14;  // lots < 2^48
  }
  tilt(missing, {draft.mean.data(), n}, weights);
  lots = share(free, {weights.data(), n});
  for (std::size_t i = 0; i < n; ++i) {
    Bar& b = draft.bars[i];
    (b.*side).lots = kLotsPerTrade * b.trades + lots[i];
  }
}

/// Shares the value of one flow out so that it adds up and every mean price is where it must be:
/// each bar starts from its natural mean, and what is missing is taken from their slacks. Returns
/// 0, or the side, 1 or -1, on which the ranges of the bars are too narrow for it.
int draw_values(std::int64_t value, Flow Bar::*side, int level, Draft& draft) {
  std::array<ValueRange, kChildrenMax> ranges{};
  std::int64_t missing = value;
  for (std::size_t i = 0; i < draft.count; ++i) {
    Bar& b = draft.bars[i];
    Flow& f = b.*side;
    ranges[i] = value_range(f.lots, b.low, b.high, level);
    const Int128 natural = Int128{f.lots} * draft.origin + ((Int128{f.lots} * draft.mean[i]) >> 8);
    f.value = std::clamp(static_cast<std::int64_t>(natural), ranges[i].low, ranges[i].high);
    missing -= f.value;
  }
  const int sign = missing < 0 ? -1 : 1;
  Weights slack{};
  std::int64_t total = 0;
  for (std::size_t i = 0; i < draft.count; ++i) {
    const std::int64_t at = (draft.bars[i].*side).value;
    slack[i] = sign > 0 ? ranges[i].high - at : at - ranges[i].low;
    total += slack[i];
  }
  missing *= sign;
  if (missing > total) return sign;
  for (std::size_t i = 0; i < draft.count && missing > 0; ++i) {
    // Of what is still missing, by what slack is still there: the last bar takes exactly the rest.
    const auto part = static_cast<std::int64_t>((Int128{missing} * slack[i] + (total - 1)) /
                                                std::max<std::int64_t>(total, 1));
    (draft.bars[i].*side).value += sign * part;
    missing -= part;
    total -= slack[i];
  }
  return 0;
}

int draw_flows(const Bar& bar, const Stream& own, int level, Draft& draft) {
  draw_lots(bar, &Bar::buy, own.child(1), draft);
  draw_lots(bar, &Bar::sell, own.child(2), draft);
  const int side = draw_values(bar.buy.value, &Bar::buy, level, draft);
  return side != 0 ? side : draw_values(bar.sell.value, &Bar::sell, level, draft);
}

/// Draws the bars that trade. Where a path turns out not to allow the parent's mean price, it is
/// pulled to that side; where that does not help either, once in some thousand splits, each bar
/// gets the parent's whole range, for which there is always a solution (bar.hpp).
void draw(const Bar& bar, int level, const Shape& shape, Draft& draft) {
  constexpr int kPullsMax = 4;
  Path path = draw_bridge(bar, draft);
  bend(draft, mean_price(bar.lots(), bar.value(), draft.origin), path);
  confine(bar, draft, path);
  for (int pulls = 0; pulls <= kPullsMax; ++pulls) {
    place(bar, path, draft);
    draw_extremes(bar, shape.own, draft);
    weigh(draft);
    draw_trades(bar, draft);
    const int side = draw_flows(bar, shape.own, level, draft);
    if (side == 0) return;
    pull(bar, draft, side, path);
  }
  for (Bar& b : draft.all()) {
    b.high = bar.high;
    b.low = bar.low;
  }
  draw_flows(bar, shape.own, level, draft);
}

}  // namespace

ValueRange value_range(std::int64_t lots, std::int64_t low, std::int64_t high, int level) noexcept {
  const Int128 margin = Int128{lots} * (high - low) * inset(level);
  const auto units = static_cast<std::int64_t>((margin + 63) / 64);
  return {lots * low + units, lots * high - units};
}

void split(const Bar& bar, int level, const Shape& shape, std::span<Bar> children) {
  assert(children.size() == children_of(level));
  const Active active = choose_active(bar.trades, shape, children.size());
  std::int64_t price = bar.open;
  if (active.count < 2) {  // all of it falls to one child, or to none
    for (std::size_t i = 0; i < children.size(); ++i) {
      const bool trades = active.count == 1 && active.index[0] == i;
      children[i] = trades ? bar : Bar{price, price, price, price, 0, {}, {}, 0};
      price = children[i].close;
    }
    return;
  }
  Draft draft = make_draft(bar, shape, active);
  draw(bar, level + 1, shape, draft);
  for (std::size_t i = 0, next = 0; i < children.size(); ++i) {
    const bool trades = next < active.count && active.index[next] == i;
    children[i] = trades ? draft.bars[next++] : Bar{price, price, price, price, 0, {}, {}, 0};
    price = children[i].close;
  }
}

}  // namespace bourse::synthetic
