// SPDX-License-Identifier: MIT
#include "plugins/sources/history/settings.hpp"

#include <charconv>
#include <string>

namespace bourse::history {
namespace {

constexpr Millis kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr Millis kLongest = 36'525 * kDay;

std::optional<Millis> unit_of(char letter) noexcept {
  switch (letter) {
    case 's':
      return kSecond;
    case 'm':
      return kMinute;
    case 'h':
      return kHour;
    case 'd':
      return kDay;
    case 'w':
      return 7 * kDay;
    default:
      return std::nullopt;
  }
}

std::optional<Millis> length(const Values& values, const char* name) {
  if (!values.given(name)) return std::nullopt;
  const std::string_view text = values.text(name);
  const auto parsed = parse_length(text);
  if (parsed) return parsed;
  throw bourse::Error(BOURSE_UNPROCESSABLE, "bad_setting",
                      std::string(name) + ": \"" + std::string(text) +
                          "\" is no length of time; write a whole number from 1 and s, m, h, d or "
                          "w, such as 30d.")
      .blame(name);
}

}  // namespace

std::optional<Millis> parse_length(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  const auto unit = unit_of(text.back());
  text.remove_suffix(1);
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, count);
  if (!unit || error != std::errc{} || parsed != end || count < 1 || count > kLongest / *unit) {
    return std::nullopt;
  }
  return count * *unit;
}

Keeping read_keeping(const Values& values) {
  Keeping keeping;
  for (const std::string& kind : values.texts("keep")) {
    if (kind == "candles") keeping.candles = true;
    if (kind == "trades") keeping.trades = true;
    if (kind == "books") keeping.books = true;
  }
  keeping.candles_for = length(values, "candles_for");
  keeping.trades_for = length(values, "trades_for");
  keeping.books_for = length(values, "books_for");
  keeping.books_every = length(values, "books_every").value();
  keeping.books_if_error = length(values, "books_if_error");
  const auto needs = [](bool is_given, bool is_kept, const char* name, const char* kind) {
    if (!is_given || is_kept) return;
    throw bourse::Error(BOURSE_UNPROCESSABLE, "bad_setting",
                        std::string(name) + " says something of " + kind +
                            ", which are not kept: name them in `keep`, or leave it out.")
        .blame(name);
  };
  needs(keeping.books_if_error.has_value(), keeping.books, "books_if_error", "books");
  return keeping;
}

}  // namespace bourse::history
