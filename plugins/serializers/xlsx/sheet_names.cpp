// SPDX-License-Identifier: MIT
#include "plugins/serializers/xlsx/sheet_names.hpp"

#include <cstddef>

namespace bourse::xlsx {
namespace {

constexpr std::size_t kCharactersMax = 31;

/// ASCII only: Excel's own folding of other letters is not written down.
std::string plain(std::string_view wanted) {
  std::string out;
  for (const char c : wanted) {
    const bool refused =
        c < ' ' || c > '~' || std::string_view("[]:*?/\\'").find(c) != std::string_view::npos;
    out += refused ? '_' : c;
  }
  return out.empty() ? "Sheet" : out;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

}  // namespace

std::string SheetNames::take(std::string_view wanted, const std::string& suffix) {
  const std::string base = plain(wanted);
  for (std::size_t n = 1;; ++n) {
    const std::string end = (n == 1 ? "" : "~" + std::to_string(n)) + suffix;
    std::string name = base.substr(0, kCharactersMax - end.size()) + end;
    if (taken_.insert(lower(name)).second) return name;
  }
}

std::string SheetNames::add(std::string_view wanted) { return take(wanted, ""); }

std::string SheetNames::add_part(std::string_view wanted, std::size_t part) {
  return take(wanted, part == 1 ? "" : " (" + std::to_string(part) + ")");
}

}  // namespace bourse::xlsx
