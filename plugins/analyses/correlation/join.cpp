// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/join.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace bourse::correlation {
namespace {

/// A time, and the set of histories that have it: bit i for history i.
struct Moment {
  std::int64_t time;
  std::uint64_t owners;
};
using Moments = std::vector<Moment>;

constexpr std::uint64_t bit(std::size_t history) { return std::uint64_t{1} << history; }

Moments merged(const Moments& all, const std::vector<std::int64_t>& times, std::uint64_t owner) {
  Moments out;
  out.reserve(std::max(all.size(), times.size()) + 16);
  auto known = all.begin();
  for (const std::int64_t time : times) {
    while (known != all.end() && known->time < time) out.push_back(*known++);
    std::uint64_t owners = owner;
    if (known != all.end() && known->time == time) owners |= (known++)->owners;
    out.push_back({time, owners});
  }
  out.insert(out.end(), known, all.end());
  return out;
}

Moments frame_of(std::span<const History> histories, const Poll& poll) {
  Moments all;
  for (std::size_t h = 0; h < histories.size(); ++h) {
    if (poll) poll();
    all = merged(all, histories[h].times, bit(h));
  }
  const std::size_t most = std::max<std::size_t>(2, (histories.size() + 1) / 2);
  std::erase_if(all, [most](const Moment& m) {
    return static_cast<std::size_t>(std::popcount(m.owners)) < most;
  });
  return all;
}

std::size_t rows_of(const Moments& frame, std::uint64_t owners) {
  return static_cast<std::size_t>(
      std::count_if(frame.begin(), frame.end(),
                    [owners](const Moment& m) { return (m.owners & owners) == owners; }));
}

/// The one of `kept` with the fewest rows of the frame; of equals the last.
LeftOut shortest(const Moments& frame, std::uint64_t kept, std::size_t histories) {
  LeftOut least{0, frame.size() + 1};
  for (std::size_t h = 0; h < histories; ++h) {
    if ((kept & bit(h)) == 0) continue;
    const std::size_t rows = rows_of(frame, bit(h));
    if (rows <= least.rows) least = {h, rows};
  }
  return least;
}

/// Drops the times without a neighbour, and says of the others whether they follow.
void find_neighbours(Joined& joined, Interval grid) {
  const std::vector<std::int64_t> common = std::move(joined.times);
  joined.times.clear();
  const auto neighbours = [&](std::size_t later) {
    return later > 0 && later < common.size() &&
           grid.next(Time{common[later - 1]}) == grid.floor(Time{common[later]});
  };
  bool follows = false;
  for (std::size_t i = 0; i < common.size(); ++i) {
    const bool followed = neighbours(i + 1);
    if (follows || followed) {
      joined.times.push_back(common[i]);
      joined.follows.push_back(follows ? 1 : 0);
      joined.returns += follows ? 1 : 0;
    }
    follows = followed;
  }
}

/// Both are in order of time, and every common time is one of the history's.
void append_closes(const History& history, Joined& joined) {
  std::size_t row = 0;
  for (const std::int64_t time : joined.times) {
    while (history.times[row] != time) ++row;
    joined.closes.push_back(history.closes[row]);
  }
}

}  // namespace

Joined join(std::span<const History> histories, Interval grid, const Poll& poll) {
  assert(histories.size() <= kHistoriesMax);
  const Moments frame = frame_of(histories, poll);
  std::uint64_t kept = 0;
  for (std::size_t h = 0; h < histories.size(); ++h) kept |= bit(h);

  Joined joined;
  joined.frame_rows = frame.size();
  while (std::popcount(kept) > 2 && 2 * rows_of(frame, kept) < frame.size()) {
    if (poll) poll();
    joined.left_out.push_back(shortest(frame, kept, histories.size()));
    kept &= ~bit(joined.left_out.back().history);
  }
  for (const Moment& m : frame) {
    if ((m.owners & kept) == kept) joined.times.push_back(m.time);
  }
  find_neighbours(joined, grid);
  joined.closes.reserve(static_cast<std::size_t>(std::popcount(kept)) * joined.times.size());
  for (std::size_t h = 0; h < histories.size(); ++h) {
    if ((kept & bit(h)) == 0) continue;
    joined.kept.push_back(h);
    append_closes(histories[h], joined);
  }
  return joined;
}

}  // namespace bourse::correlation
