// SPDX-License-Identifier: MIT
#include "host/routing/made.hpp"

#include <algorithm>

#include "host/plugins/digest.hpp"

namespace bourse::host {

// Lengths, so that no text can look like the next setting. The order of names means nothing, that
// of the items of one does.
std::string settings_mark(NamedTexts settings) {
  std::stable_sort(settings.begin(), settings.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string spelt;
  for (const auto& [name, text] : settings) {
    spelt += std::to_string(name.size()) + ':' + std::string(name);
    spelt += std::to_string(text.size()) + ':' + std::string(text);
  }
  return sha256_hex(spelt);
}

}  // namespace bourse::host
