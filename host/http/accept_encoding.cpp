// SPDX-License-Identifier: MIT
#include "host/http/accept_encoding.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <utility>

#include "host/http/text.hpp"

namespace bourse::host {
namespace {

constexpr int kLastChoice = 0;  // thousandths, below the least that can be said, 1

/// In thousandths; nothing when it is no weight. ".5" is none by the RFC, and occurs.
std::optional<int> weight_of(std::string_view text) noexcept {
  int weight = 0;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '0' || text[at] == '1')) weight = (text[at++] - '0') * 1000;
  if (at == text.size()) return text.empty() ? std::nullopt : std::optional(weight);
  if (text[at++] != '.' || text.size() - at > 3) return std::nullopt;
  for (int unit = 100; at < text.size(); ++at, unit /= 10) {
    if (!is_digit(text[at])) return std::nullopt;
    weight += (text[at] - '0') * unit;
  }
  return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

struct Member {
  std::string_view name;
  int weight = 1000;
};

std::optional<Member> parse_member(std::string_view text) noexcept {
  const std::size_t semicolon = text.find(';');
  Member member{.name = trimmed(text.substr(0, semicolon))};
  if (member.name != "*" && !is_token(member.name)) return std::nullopt;
  if (semicolon == std::string_view::npos) return member;
  const std::string_view parameter = trimmed(text.substr(semicolon + 1));
  const std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  if (!equal_ignoring_case(trimmed(parameter.substr(0, equals)), "q")) return std::nullopt;
  const auto weight = weight_of(trimmed(parameter.substr(equals + 1)));
  if (!weight) return std::nullopt;
  member.weight = *weight;
  return member;
}

/// What the field says, each in thousandths; nothing where it does not name it.
struct Said {
  std::array<std::optional<int>, CodingRanking::kOfferedMax> offered = {};
  std::optional<int> identity = {};
  std::optional<int> others = {};  ///< "*"
};

/// Of several members with one name the last counts.
Said read_field(std::string_view field, std::span<const std::string_view> offered) noexcept {
  Said said;
  while (!field.empty()) {
    const std::size_t comma = std::min(field.find(','), field.size());
    const auto member = parse_member(field.substr(0, comma));
    field.remove_prefix(std::min(comma + 1, field.size()));
    if (!member) continue;
    const std::string_view name =
        equal_ignoring_case(member->name, "x-gzip") ? "gzip" : member->name;
    if (name == "*") said.others = member->weight;
    if (equal_ignoring_case(name, "identity")) said.identity = member->weight;
    for (std::size_t i = 0; i < offered.size(); ++i) {
      if (equal_ignoring_case(name, offered[i])) said.offered[i] = member->weight;
    }
  }
  return said;
}

}  // namespace

CodingRanking rank_codings(bool is_there, std::string_view field,
                           std::span<const std::string_view> offered) noexcept {
  assert(offered.size() <= CodingRanking::kOfferedMax);
  CodingRanking ranking;
  field = trimmed(field);
  if (!is_there || field.empty()) {
    ranking.add(CodingRanking::kAsTheyAre);
    return ranking;
  }
  const Said said = read_field(field, offered);
  struct Way {
    int weight;
    std::size_t index;
  };
  std::array<Way, CodingRanking::kOfferedMax + 1> ways{};
  std::size_t n = 0;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const int weight = said.offered[i].value_or(said.others.value_or(0));
    if (weight > 0) ways[n++] = {weight, i};
  }
  // Liked as much as a coding they come after it: that is shorter.
  if (said.identity.value_or(said.others.value_or(1)) > 0) {
    ways[n++] = {said.identity.value_or(kLastChoice), CodingRanking::kAsTheyAre};
  }
  // By insertion: it is stable, and allocates nothing.
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t j = i; j > 0 && ways[j].weight > ways[j - 1].weight; --j) {
      std::swap(ways[j], ways[j - 1]);
    }
  }
  for (std::size_t i = 0; i < n; ++i) ranking.add(ways[i].index);
  return ranking;
}

bool is_compressible(std::string_view media_type) noexcept {
  const std::string_view type = trimmed(media_type.substr(0, media_type.find(';')));
  constexpr std::array<std::string_view, 6> kTypes = {"application/json",       "application/xml",
                                                      "application/javascript", "application/yaml",
                                                      "application/x-ndjson",   "image/svg+xml"};
  const auto is = [&](std::string_view known) { return equal_ignoring_case(type, known); };
  const auto ends = [&](std::string_view suffix) {
    return type.size() > suffix.size() &&
           equal_ignoring_case(type.substr(type.size() - suffix.size()), suffix);
  };
  return equal_ignoring_case(type.substr(0, 5), "text/") || ends("+json") || ends("+xml") ||
         std::any_of(kTypes.begin(), kTypes.end(), is);
}

}  // namespace bourse::host
