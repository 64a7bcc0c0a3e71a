// SPDX-License-Identifier: MIT
//
// "250ms" and "64KiB": whole numbers with a unit.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bourse::host {

/// "250ms", "5s", "10m", "1h". Nothing when it is written otherwise; what is too long for the type
/// is its largest value, so that a check of the range reports it.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);
/// "4096", "64KiB", "1MiB", "2GiB". As above.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// The largest unit that needs no fraction: "90s", "1500ms", "0s".
[[nodiscard]] std::string print_duration(std::chrono::nanoseconds duration);
[[nodiscard]] std::string print_size(std::uint64_t bytes);

}  // namespace bourse::host
