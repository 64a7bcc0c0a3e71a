// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace bourse::host {

/// What `bourse help NAME` tells beside the commands.
struct Topic {
  std::string_view name;
  std::string_view text;  ///< lines, each with its end
};

[[nodiscard]] std::span<const Topic> topics() noexcept;

}  // namespace bourse::host
