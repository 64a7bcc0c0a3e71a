// SPDX-License-Identifier: MIT
#include "plugins/analyses/coverage/timeline.hpp"

#include <algorithm>

#include "bourse/decimal.hpp"
#include "bourse/words.hpp"

namespace bourse::coverage {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000, kDay = 1440 * kMinute;

/// As short as parts of this length allow: "2025-01-06", "2025-01-06 12:40", or all of it.
std::string name_of(std::int64_t begin, Int128 length) {
  const std::string text = time_text(Time{begin});
  if (length >= kDay) return text.substr(0, 10);
  if (length >= kMinute) return text.substr(0, 10) + " " + text.substr(11, 5);
  return text;
}

}  // namespace

Timeline timeline(const std::vector<Known>& spans, std::size_t series, std::size_t parts) {
  Timeline made;
  made.known.resize(series);
  if (spans.empty()) return made;
  std::int64_t from = spans.front().from.ns, to = spans.front().to.ns;
  for (const Known& span : spans) {
    from = std::min(from, span.from.ns);
    to = std::max(to, span.to.ns);
  }
  const Int128 length = Int128{to} - from + 1;
  const auto count = static_cast<Int128>(parts);
  std::vector<Int128> bounds;
  for (Int128 i = 0; i <= count; ++i) bounds.push_back(from + length * i / count);
  for (std::size_t i = 0; i < parts; ++i) {
    made.begins.push_back(static_cast<std::int64_t>(bounds[i]));
    made.names.push_back(name_of(made.begins.back(), length / count));
  }
  for (auto& cells : made.known) cells.assign(parts, 0);
  for (const Known& span : spans) {
    for (std::size_t i = 0; i < parts; ++i) {
      const Int128 both = std::min(bounds[i + 1], Int128{span.to.ns} + 1) -
                          std::max(bounds[i], Int128{span.from.ns});
      if (both <= 0) continue;
      made.known[span.series][i] +=
          100.0 * (static_cast<double>(both) / static_cast<double>(bounds[i + 1] - bounds[i]));
    }
  }
  return made;
}

}  // namespace bourse::coverage
