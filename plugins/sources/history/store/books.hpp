// SPDX-License-Identifier: MIT
//
// books.hpp - the levels of a book as the databases hold them: JSON, [["70292.01","0.5"], ...],
// best first, as the exchange itself writes them. Both databases can take it apart in a query.
//
// Internal to the store: not seen by the layer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/sources/history/store/trades.hpp"

namespace bourse::history {

std::string levels_text(const std::vector<Level>& levels);
/// nullopt: damaged. White space between the parts does not matter: PostgreSQL puts some there.
std::optional<std::vector<Level>> levels_of(std::string_view text);

}  // namespace bourse::history
