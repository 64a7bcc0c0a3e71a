// SPDX-License-Identifier: MIT
#include "host/http/cache_control.hpp"

#include <algorithm>
#include <charconv>

#include "host/http/text.hpp"

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// RFC 9111, 1.2.2: what is larger counts as this.
constexpr std::int64_t kSecondsMax = std::int64_t{1} << 31U;

struct Directive {
  std::string_view name;
  std::string_view argument;
  bool has_argument = false;
};

/// The end of a directive: the next comma outside quotation marks.
std::size_t directive_end(std::string_view text) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      return i;
    }
  }
  return text.size();
}

Directive parse_directive(std::string_view text) noexcept {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {.name = trimmed(text), .argument = {}};
  std::string_view argument = trimmed(text.substr(equals + 1));
  if (argument.size() >= 2 && argument.front() == '"' && argument.back() == '"') {
    argument = argument.substr(1, argument.size() - 2);
  }
  return {.name = trimmed(text.substr(0, equals)), .argument = argument, .has_argument = true};
}

std::optional<seconds> seconds_of(std::string_view text) noexcept {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return seconds(error == std::errc{} ? std::min(number, kSecondsMax) : kSecondsMax);
}

void take_smaller(std::optional<seconds>& known, std::optional<seconds> said) noexcept {
  if (said) known = known ? std::min(*known, *said) : said;
}

void apply(const Directive& directive, CacheWish& wish) noexcept {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(directive.name, name); };
  if (is("no-cache")) wish.no_cache = true;
  if (is("no-store")) wish.no_store = true;
  if (is("only-if-cached")) wish.only_if_cached = true;
  if (is("no-transform")) wish.no_transform = true;
  if (is("max-age")) take_smaller(wish.max_age, seconds_of(directive.argument));
  if (is("min-fresh")) {
    const auto said = seconds_of(directive.argument);
    if (said) wish.min_fresh = std::max(wish.min_fresh.value_or(seconds(0)), *said);
  }
  if (is("max-stale")) {
    take_smaller(wish.max_stale, directive.has_argument ? seconds_of(directive.argument)
                                                        : std::optional(seconds(kSecondsMax)));
  }
}

seconds whole(nanoseconds time) noexcept { return std::chrono::floor<seconds>(time); }

}  // namespace

CacheWish parse_cache_wish(std::string_view field) {
  CacheWish wish;
  while (!field.empty()) {
    const std::size_t end = directive_end(field);
    apply(parse_directive(field.substr(0, end)), wish);
    field.remove_prefix(std::min(end + 1, field.size()));
  }
  return wish;
}

std::string cache_control(const CacheOffer& offer) {
  if (offer.lifetime <= nanoseconds(0)) return "no-cache";
  const seconds max_age = std::min(whole(offer.lifetime), kToldMax);
  std::string text = "public, max-age=" + std::to_string(max_age.count());
  const auto add = [&](const char* name, nanoseconds window) {
    const seconds told = std::min(whole(window), kToldMax - max_age);
    if (told > seconds(0)) text += name + std::to_string(told.count());
  };
  add(", stale-while-revalidate=", offer.stale_while_revalidate);
  add(", stale-if-error=", offer.stale_if_error);
  return text;
}

std::string age_text(nanoseconds age) {
  return std::to_string(std::chrono::ceil<seconds>(age).count());
}

std::string ttl_text(nanoseconds left) {
  return std::to_string(std::min(whole(left), seconds(kSecondsMax)).count());
}

}  // namespace bourse::host
