// SPDX-License-Identifier: MIT
#include "host/base/suggest.hpp"

#include <algorithm>
#include <vector>

#include "host/base/ascii.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kGivenBytesMax = 64;
constexpr std::size_t kCandidatesMax = 1000;

/// The longest candidate that `given` begins with: "maximum" for "max".
template <class Name>
std::optional<std::string> beginning(std::string_view given, std::span<const Name> candidates) {
  constexpr std::size_t kTellingBytes = 3;
  std::optional<std::string> best;
  for (const std::string_view candidate :
       candidates.first(std::min(candidates.size(), kCandidatesMax))) {
    const bool begins = std::equal(
        candidate.begin(), candidate.end(), given.begin(),
        given.begin() + static_cast<std::ptrdiff_t>(std::min(candidate.size(), given.size())),
        [](char a, char b) { return lower_case(a) == lower_case(b); });
    if (!begins || candidate.size() < kTellingBytes) continue;
    if (!best || candidate.size() > best->size()) best = std::string(candidate);
  }
  return best;
}

template <class Name>
std::optional<std::string> nearest(std::string_view given, std::span<const Name> candidates) {
  if (given.empty() || given.size() > kGivenBytesMax) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate :
       candidates.first(std::min(candidates.size(), kCandidatesMax))) {
    const std::size_t longer = std::max(given.size(), candidate.size());
    const std::size_t shorter = std::min(given.size(), candidate.size());
    const std::size_t allowed = std::max<std::size_t>(1, longer / 3);
    if (longer - shorter > allowed) continue;  // the distance is at least this: spare the work
    const std::size_t distance = edit_distance(given, candidate);
    if (distance > allowed || distance >= given.size()) continue;
    if (!best || distance < best_distance) {
      best = std::string(candidate);
      best_distance = distance;
    }
  }
  return best ? best : beginning(given, candidates);
}

}  // namespace

// Optimal string alignment, the common form of Damerau-Levenshtein: three rows are enough, because
// a swap looks back two characters.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool equal = lower_case(a[i - 1]) == lower_case(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (equal ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower_case(a[i - 1]) == lower_case(b[j - 2]) &&
                           lower_case(a[i - 2]) == lower_case(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::optional<std::string> suggest(std::string_view given,
                                   std::span<const std::string> candidates) {
  return nearest(given, candidates);
}

std::optional<std::string> suggest(std::string_view given,
                                   std::span<const std::string_view> candidates) {
  return nearest(given, candidates);
}

}  // namespace bourse::host
