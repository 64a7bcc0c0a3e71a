// SPDX-License-Identifier: MIT
#include "host/routing/format.hpp"

#include <algorithm>
#include <cctype>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

/// Splits off what comes before `separator`, which does not count inside quotation marks.
std::string_view take(std::string_view& rest, char separator) {
  bool in_quotes = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\' && in_quotes) {
      ++i;
    } else if (rest[i] == '"') {
      in_quotes = !in_quotes;
    } else if (rest[i] == separator && !in_quotes) {
      const std::string_view part = rest.substr(0, i);
      rest.remove_prefix(i + 1);
      return trimmed(part);
    }
  }
  const std::string_view part = rest;
  rest = {};
  return trimmed(part);
}

/// "1", "0.25"; ".5" is not legal, and is what Java sends. In thousandths, or -1.
int parse_quality(std::string_view text) {
  int quality = 0;
  if (!text.empty() && (text[0] == '0' || text[0] == '1')) {
    quality = (text[0] - '0') * 1000;
    text.remove_prefix(1);
    if (text.empty()) return quality;
  } else if (text.size() < 2) {
    return -1;
  }
  if (text.empty() || text[0] != '.' || text.size() > 4) return -1;
  int weight = 100;
  for (const char digit : text.substr(1)) {
    if (digit < '0' || digit > '9') return -1;
    quality += (digit - '0') * weight;
    weight /= 10;
  }
  return quality <= 1000 ? quality : -1;
}

struct Range {
  std::string_view type, subtype;
  int parameters = 0;   ///< how many it demands, without q and "charset=utf-8", in which all is
  bool matches = true;  ///< its parameters are those of the media type
  int quality = 1000;   ///< -1: cannot be read
};

bool has_parameter(std::string_view media_type, std::string_view name, std::string_view value) {
  take(media_type, ';');
  while (!media_type.empty()) {
    std::string_view parameter = take(media_type, ';');
    const std::string_view parameter_name = take(parameter, '=');
    if (equal_ignoring_case(parameter_name, name) &&
        equal_ignoring_case(trimmed(parameter), value)) {
      return true;
    }
  }
  return false;
}

Range parse_range(std::string_view text, std::string_view media_type) {
  Range range;
  std::string_view full = take(text, ';');
  range.type = take(full, '/');
  range.subtype = trimmed(full);
  if (range.type == "*" && range.subtype.empty()) range.subtype = "*";  // Java's "*; q=.2"
  if (range.type.empty() || range.subtype.empty()) range.quality = -1;
  while (!text.empty()) {
    std::string_view value = take(text, ';');
    const std::string_view name = take(value, '=');
    value = trimmed(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (equal_ignoring_case(name, "q")) {
      range.quality = range.quality < 0 ? -1 : parse_quality(value);
      continue;
    }
    if (equal_ignoring_case(name, "charset") && equal_ignoring_case(value, "utf-8")) continue;
    ++range.parameters;
    range.matches = range.matches && has_parameter(media_type, name, value);
  }
  return range;
}

std::string list_of(std::span<const FormatOffer> offer) {
  std::string out;
  for (const FormatOffer& format : offer) {
    if (!out.empty()) out += ", ";
    out += format.id;
  }
  return out;
}

Failure not_acceptable(std::span<const FormatOffer> offer, const std::string& wanted) {
  Failure failure{.status = 406,
                  .code = "not_acceptable",
                  .message = wanted + " is not among the formats of this route: " + list_of(offer) +
                             ". Ask for one of these by ?format=, or by Accept."};
  for (const FormatOffer& format : offer) failure.offer.push_back(format.id);
  return failure;
}

std::optional<std::size_t> find(std::span<const FormatOffer> offer, std::string_view name,
                                std::string FormatOffer::*member) {
  const auto found = std::find_if(offer.begin(), offer.end(),
                                  [&](const FormatOffer& f) { return f.*member == name; });
  if (found == offer.end()) return std::nullopt;
  return static_cast<std::size_t>(found - offer.begin());
}

}  // namespace

int accept_quality(std::string_view accept, std::string_view media_type) {
  std::string_view rest = media_type;
  std::string_view full = take(rest, ';');
  const std::string_view type = take(full, '/');
  const std::string_view subtype = trimmed(full);
  int quality = 0;
  int best_rank = -1;
  bool any = false;
  while (!accept.empty()) {
    const std::string_view item = take(accept, ',');
    if (item.empty()) continue;
    any = true;
    const Range range = parse_range(item, media_type);
    if (range.quality < 0) return -1;
    const bool any_type = range.type == "*" && range.subtype == "*";
    const bool any_subtype = equal_ignoring_case(range.type, type) && range.subtype == "*";
    const bool exact =
        equal_ignoring_case(range.type, type) && equal_ignoring_case(range.subtype, subtype);
    if (!(any_type || any_subtype || exact)) continue;
    // Of a profile, say, that the format has not: better than nothing, but what is said of it
    // excludes nothing else.
    if (!range.matches && range.quality == 0) continue;
    const int rank = !range.matches ? 0 : any_type ? 1 : any_subtype ? 2 : 3 + range.parameters;
    if (rank > best_rank || (rank == best_rank && range.quality > quality)) {
      best_rank = rank;
      quality = range.quality;
    }
  }
  return any ? quality : 1000;
}

Result<std::size_t> choose_format(std::span<const FormatOffer> offer, const FormatWish& wish) {
  std::optional<std::size_t> by_suffix;
  if (wish.suffix) by_suffix = find(offer, *wish.suffix, &FormatOffer::suffix);
  if (wish.query) {
    const auto by_query = find(offer, *wish.query, &FormatOffer::id);
    if (!by_query) {
      Failure failure = not_acceptable(offer, in_quotes(*wish.query));
      failure.parameter = "format";
      return failure;
    }
    if (by_suffix && *by_suffix != *by_query) {
      return Failure{.status = BOURSE_BAD_PARAM,
                     .code = "format_conflict",
                     .message = "The path asks for " + offer[*by_suffix].id + ", the query for " +
                                offer[*by_query].id + ". Leave one of them out.",
                     .parameter = "format"};
    }
    return *by_query;
  }
  if (by_suffix) return *by_suffix;
  if (offer.size() == 1 || wish.accept.empty()) return std::size_t{0};
  std::size_t best = 0;
  int best_quality = 0;
  for (std::size_t i = 0; i < offer.size(); ++i) {
    const int quality = accept_quality(wish.accept, offer[i].media_type);
    if (quality < 0) return std::size_t{0};
    if (quality > best_quality) {
      best = i;
      best_quality = quality;
    }
  }
  if (best_quality == 0) return not_acceptable(offer, "Accept: " + printable(wish.accept));
  return best;
}

}  // namespace bourse::host
