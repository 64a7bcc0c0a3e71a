// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace bourse::host {

/// The names of what is in a folder, without "." and "..", in no order. Where it cannot be read,
/// `error` says why, and what was read until then is returned. (std::filesystem's iterator ends the
/// process where an allocation fails in libstdc++ 12: its noexcept functions allocate.)
[[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& folder,
                                                std::error_code& error);

}  // namespace bourse::host
