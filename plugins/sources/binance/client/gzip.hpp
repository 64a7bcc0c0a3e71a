// SPDX-License-Identifier: MIT
//
// Bodies that may be compressed.
#pragma once

#include <cstddef>
#include <string>

#include "plugins/sources/binance/client/answer_budget.hpp"
#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

/// Unpacks what starts like gzip (1f 8b) and returns everything else as it is: labels lie, JSON
/// never starts so. Several members in a row count as one. An error when it is damaged, cut off, or
/// would have more than `bytes_max` bytes. `share` covers the body's capacity before and the
/// result's afterwards; it is an error as well when there is no room for what comes in between.
Result<std::string> unpacked(std::string body, std::size_t bytes_max, AnswerShare& share);

}  // namespace bourse::binance
