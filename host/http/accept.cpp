// SPDX-License-Identifier: MIT
#include "host/http/accept.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "host/base/ascii.hpp"
#include "host/http/text.hpp"

namespace bourse::host {
namespace {

/// Names of one media type, the one that is registered today first. What the others were is in
/// IANA's registry, or in the headers of clients that are older than it.
constexpr std::array<std::array<std::string_view, 5>, 8> kNames = {{
    {"application/json", "text/json", "application/x-json", "text/x-json"},
    {"application/xml", "text/xml", "application/x-xml"},
    {"text/csv", "application/csv", "text/x-csv", "application/x-csv",
     "text/comma-separated-values"},
    {"text/tab-separated-values", "text/tsv"},
    {"application/yaml", "text/yaml", "application/x-yaml", "text/x-yaml"},
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"},
    {"image/png", "image/x-png"},
    {"image/jpeg", "image/jpg", "image/pjpeg"},
}};

bool are_names_of_one(std::string_view a, std::string_view b) {
  return std::any_of(kNames.begin(), kNames.end(), [&](const auto& names) {
    const auto has = [&](std::string_view name) {
      return std::any_of(names.begin(), names.end(), [&](std::string_view one) {
        return !one.empty() && equal_ignoring_case(one, name);
      });
    };
    return has(a) && has(b);
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
  std::string_view full;  ///< "text/csv", without parameters
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
  range.full = full;
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

constexpr int kNamed = 4;  ///< of Liking::exactness: not only "text/*" or "*/*"

/// How exactly a range names a media type; 0: not at all.
int exactness_of(const Range& range, std::string_view full) {
  std::string_view subtype = full;
  const std::string_view type = take(subtype, '/');
  const bool any_type = range.type == "*" && range.subtype == "*";
  const bool any_subtype = equal_ignoring_case(range.type, type) && range.subtype == "*";
  const bool exact =
      equal_ignoring_case(range.type, type) && equal_ignoring_case(range.subtype, trimmed(subtype));
  if (!any_type && !any_subtype && !exact && !are_names_of_one(range.full, full)) return 0;
  // Of a profile, say, that the format has not: better than nothing, but what is said of it
  // excludes nothing else.
  if (!range.matches) return range.quality == 0 ? 0 : 1;
  if (any_type) return 2;
  if (any_subtype) return 3;
  return exact ? kNamed + 1 + range.parameters : kNamed;
}

constexpr std::string_view kEvents = "text/event-stream";

/// `see` gets each media range, parameters included.
template <class See>
void for_each_range(std::string_view accept, const See& see) {
  while (!accept.empty()) see(take(accept, ','));
}

}  // namespace

Liking accept_liking(std::string_view accept, std::string_view media_type) {
  std::string_view rest = media_type;
  const std::string_view full = take(rest, ';');
  Liking liking;
  bool any = false;
  while (!accept.empty()) {
    const std::string_view item = take(accept, ',');
    if (item.empty()) continue;
    any = true;
    const Range range = parse_range(item, media_type);
    if (range.quality < 0) return {.quality = -1};
    const int exactness = exactness_of(range, full);
    if (exactness == 0) continue;
    const Liking by_range{.quality = range.quality, .exactness = exactness};
    if (std::tie(by_range.exactness, by_range.quality) >
        std::tie(liking.exactness, liking.quality)) {
      liking = by_range;
    }
  }
  return any ? liking : Liking{.quality = 1000};
}

bool prefers_html(std::string_view accept) {
  const Liking page = accept_liking(accept, "text/html");
  return page.exactness >= kNamed && page.quality > 0 &&
         page.is_more_than(accept_liking(accept, "application/problem+json")) &&
         page.is_more_than(accept_liking(accept, "application/json"));
}

bool prefers_events(std::string_view accept) {
  // Nearly all do not name it, and nobody writes it in capitals.
  const bool has_capitals = std::any_of(accept.begin(), accept.end(), is_upper);
  if (!has_capitals && accept.find(kEvents) == std::string_view::npos) return false;
  int most = 0;
  bool is_events = false;
  for_each_range(accept, [&](std::string_view range) {
    const std::string_view type = trimmed(range.substr(0, range.find(';')));
    const int quality = accept_quality(range, type);
    if (quality <= most) return;
    most = quality;
    is_events = equal_ignoring_case(type, kEvents);
  });
  return is_events;
}

std::string without_events(std::string_view accept) {
  std::string rest;
  for_each_range(accept, [&](std::string_view range) {
    if (equal_ignoring_case(trimmed(range.substr(0, range.find(';'))), kEvents)) return;
    rest.append(rest.empty() ? "" : ", ").append(trimmed(range));
  });
  return rest;
}

}  // namespace bourse::host
