// SPDX-License-Identifier: MIT
#include "host/routing/leniency.hpp"

#include <algorithm>

namespace bourse::host {

std::string in_case(std::string_view text, LetterCase letters) {
  std::string read(text);
  const char first = letters == LetterCase::kUpper ? 'a' : 'A';
  const int step = letters == LetterCase::kUpper ? 'A' - 'a' : 'a' - 'A';
  for (char& c : read) {
    if (c >= first && c <= first + 25) c = static_cast<char>(c + step);
  }
  return read;
}

bool leave_out_ignored(const Route& route, NamedTexts& texts) {
  if (route.ignored.empty()) return false;
  return std::erase_if(texts, [&](const auto& text) {
           return std::any_of(
               route.ignored.begin(), route.ignored.end(),
               [&](const IgnoreConfig& ignored) { return ignored.matches(text.first); });
         }) > 0;
}

void spell_in_case(const Route& route, NamedTexts& texts) {
  for (const CaseConfig& rule : route.cases) {
    for (auto& [name, text] : texts) {
      if (name == rule.parameter) text = in_case(text, rule.letters);
    }
  }
}

}  // namespace bourse::host
