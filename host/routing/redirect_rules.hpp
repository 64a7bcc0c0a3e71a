// SPDX-License-Identifier: MIT
//
// What must hold for the redirects of a configuration together.
#pragma once

#include <span>

#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/routing/generation.hpp"

namespace bourse::host {

/// Adds an error for each loop: redirects that lead to one another and never to an answer. `built`:
/// of which each of the generation's routes was made, in its order. What another host leads back
/// is not known here.
void check_redirects(const Generation& generation, std::span<const RouteConfig* const> built,
                     Diagnostics& diagnostics);

}  // namespace bourse::host
