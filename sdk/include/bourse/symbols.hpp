// SPDX-License-Identifier: MIT
//
// symbols.hpp - what every source does with the markets it is asked for, as market.h demands it:
// each symbol once, in the order asked; unknown ones become notes `symbol_unavailable`, and when
// none is known the query fails with NOT_FOUND `symbol_not_found` and says which name was likely
// meant. And what may be the name of a market at all: symbol_fault.
//
//   for (const std::size_t i : known_symbols(call, values.texts("symbols"), names)) ...
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/call.hpp"
#include "bourse/detail/utf8.hpp"

namespace bourse::inline sdk_0_1 {

inline constexpr std::size_t kSymbolBytesMax = 40;

/// Why a text cannot be the name of a market, as the end of a sentence ("is empty"); nullptr when
/// it can: 1 to kSymbolBytesMax bytes of UTF-8; of ASCII only letters, digits, "-", "_" and "."; of
/// the rest everything that can be seen (an exchange may list 币安人生USDT). So a name can stand in
/// a path, a list and a message as it is.
constexpr const char* symbol_fault(std::string_view text) noexcept {
  if (text.empty()) return "is empty";
  if (text.size() > kSymbolBytesMax) return "is longer than 40 bytes";
  if (text == "." || text == "..") return "is a folder, not a name";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return "is not UTF-8";
    const char32_t point = detail::code_point(text.substr(0, length));
    if (point == ' ') return "has a blank";
    if (detail::is_hidden(point)) return "has a character that cannot be seen";
    const bool letter = (point >= 'A' && point <= 'Z') || (point >= 'a' && point <= 'z');
    const bool plain =
        letter || (point >= '0' && point <= '9') || point == '-' || point == '_' || point == '.';
    if (point < 0x80 && !plain) return "has punctuation other than - _ .";
    text.remove_prefix(length);
  }
  return nullptr;
}
constexpr bool is_symbol(std::string_view text) noexcept { return symbol_fault(text) == nullptr; }

/// What a list holds, each once, in order. Borrows.
template <class Names>
std::vector<std::string_view> each_once(const Names& names) {
  std::vector<std::string_view> once;
  for (const std::string_view name : names) {
    bool there = false;
    for (const std::string_view known : once) there = there || known == name;
    if (!there) once.push_back(name);
  }
  return once;
}

/// Whether a text names this symbol: not as a part of a longer name (BTC in ABTC-2).
inline bool names_symbol(std::string_view text, std::string_view symbol) noexcept {
  const auto is_part = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_';
  };
  for (std::size_t at = text.find(symbol); at != std::string_view::npos && !symbol.empty();
       at = text.find(symbol, at + 1)) {
    const std::size_t end = at + symbol.size();
    const bool begins = at == 0 || !is_part(text[at - 1]);
    if (begins && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

namespace detail {

/// Upper case, without what people put between the two assets: "btc/usdt" is "BTCUSDT".
inline std::string bare_symbol(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '/' || c == '-' || c == '_' || c == ':' || c == ' ') continue;
    out += 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

/// Whether one insertion, deletion, replacement or swap of neighbours turns one into the other.
inline bool one_slip(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  if (a.size() <= 1 && b.size() <= 1) return true;
  return a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0];
}

/// The size of the range when it is not there.
template <class Range, class T>
std::size_t index_in(const Range& range, const T& wanted) {
  std::size_t i = 0;
  for (const auto& item : range) {
    if (item == wanted) break;
    ++i;
  }
  return i;
}

}  // namespace detail

/// The market that was likely meant: the same letters in another spelling, else one slip away, else
/// the first that starts with it ("BTC").
template <class Names>
std::optional<std::string> near_symbol(std::string_view asked, const Names& known) {
  constexpr std::size_t kLengthMax = 40, kLengthMin = 3;
  const std::string bare = detail::bare_symbol(asked.substr(0, kLengthMax + 1));
  if (bare.size() > kLengthMax || bare.size() < kLengthMin) return std::nullopt;
  const auto first = [&known](const auto& fits) -> std::optional<std::string> {
    for (const std::string_view name : known) {
      if (fits(name)) return std::string(name);
    }
    return std::nullopt;
  };
  if (auto same = first([&](std::string_view name) { return name == bare; })) return same;
  if (auto slip = first([&](std::string_view name) { return detail::one_slip(bare, name); })) {
    return slip;
  }
  return first([&](std::string_view name) { return name.substr(0, bare.size()) == bare; });
}

/// 'There is no market "btcusdt"; did you mean BTCUSDT?', or else some of those there are. One that
/// is among the known ones was not found all the same: then it says that.
template <class Names>
std::string no_such_symbol(std::string_view asked, const Names& known) {
  constexpr std::size_t kShown = 5;
  if (detail::index_in(known, asked) != std::size(known)) {
    return "The market " + detail::quoted(asked) + " is listed, and was not found all the same.";
  }
  std::string text = "There is no market " + detail::quoted(asked);
  if (const auto near = near_symbol(asked, known)) return text + "; did you mean " + *near + "?";
  std::size_t n = 0;
  for (const std::string_view name : known) {
    if (n++ < kShown) text += (n == 1 ? "; there are " : ", ") + std::string(name);
  }
  if (n > kShown) text += " and " + std::to_string(n - kShown) + " more";
  return text + ".";
}

/// Index of the market in `known`. Throws NOT_FOUND `symbol_not_found`, which blames `parameter`.
template <class Names>
std::size_t known_symbol(std::string_view asked, const Names& known,
                         std::string parameter = "symbol") {
  const std::size_t found = detail::index_in(known, asked);
  if (found == std::size(known)) {
    throw Error(BOURSE_NOT_FOUND, "symbol_not_found", no_such_symbol(asked, known))
        .blame(std::move(parameter));
  }
  return found;
}

/// Indices in `known`, each once, in the order asked. The unknown ones become notes of the call's
/// report; throws NOT_FOUND when that is all of them.
template <class Names>
std::vector<std::size_t> known_symbols(const Call& call, const std::vector<std::string>& asked,
                                       const Names& known, std::string parameter = "symbols") {
  std::vector<std::size_t> indices;
  std::vector<std::string_view> missing;
  for (const std::string& name : asked) {
    const std::size_t found = detail::index_in(known, name);
    if (found == std::size(known)) {
      if (detail::index_in(missing, name) == missing.size()) missing.push_back(name);
      continue;
    }
    if (detail::index_in(indices, found) == indices.size()) indices.push_back(found);
  }
  if (indices.empty() && !missing.empty()) {
    std::string text = no_such_symbol(missing.front(), known);
    if (missing.size() > 1) {
      text += " The other " + std::to_string(missing.size() - 1) + " are not known either.";
    }
    throw Error(BOURSE_NOT_FOUND, "symbol_not_found", std::move(text)).blame(std::move(parameter));
  }
  for (const std::string_view name : missing) {
    call.warn("symbol_unavailable", no_such_symbol(name, known));
  }
  return indices;
}

}  // namespace bourse::inline sdk_0_1
