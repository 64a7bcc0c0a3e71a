// SPDX-License-Identifier: MIT
//
// What time it is.
#pragma once

#include <cstdint>

namespace bourse::host {

/// ns since 1970-01-01 UTC.
[[nodiscard]] std::int64_t wall_clock() noexcept;

}  // namespace bourse::host
