// SPDX-License-Identifier: MIT
#pragma once

#include "host/config/config.hpp"
#include "host/parameters/parameter.hpp"

namespace bourse::host {

/// A rule of a route as narrow() takes it. `hidden` when any of its texts came out of the
/// environment.
[[nodiscard]] Narrowing to_narrowing(const ParamRule& rule);

}  // namespace bourse::host
