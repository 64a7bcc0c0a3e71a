// SPDX-License-Identifier: MIT
//
// Bodies that may be compressed.
#pragma once

#include <cstddef>
#include <string>

#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

/// Unpacks what starts like gzip (1f 8b) and returns everything else as it is: labels lie, JSON
/// never starts so. Several members in a row count as one. An error when it is damaged, cut off, or
/// would have more than `bytes_max` bytes.
Result<std::string> unpacked(std::string body, std::size_t bytes_max);

}  // namespace bourse::binance
