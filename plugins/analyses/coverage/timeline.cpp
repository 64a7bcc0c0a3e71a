// SPDX-License-Identifier: MIT
#include "plugins/analyses/coverage/timeline.hpp"

#include <algorithm>
#include <limits>

namespace bourse::coverage {

Timeline timeline(const std::vector<Known>& spans, std::size_t series) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  Timeline made;
  for (const Known& span : spans) {
    made.times.push_back(span.from.ns);
    made.times.push_back(span.to.ns);
    // The instant after it is the first of which nothing is known.
    if (span.to.ns < std::numeric_limits<std::int64_t>::max()) made.times.push_back(span.to.ns + 1);
  }
  std::sort(made.times.begin(), made.times.end());
  made.times.erase(std::unique(made.times.begin(), made.times.end()), made.times.end());
  made.heights.assign(series, std::vector<double>(made.times.size(), kNone));
  for (const Known& span : spans) {
    const auto first = std::lower_bound(made.times.begin(), made.times.end(), span.from.ns);
    const auto end = std::upper_bound(first, made.times.end(), span.to.ns);
    const auto height = static_cast<double>(series - span.series);
    std::fill(made.heights[span.series].begin() + (first - made.times.begin()),
              made.heights[span.series].begin() + (end - made.times.begin()), height);
  }
  return made;
}

}  // namespace bourse::coverage
