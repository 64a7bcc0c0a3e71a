// SPDX-License-Identifier: MIT
//
// The exchange's error codes: what each means and whether it helps to try again.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

/// When a request that got this code may be sent again.
enum class Again : std::uint8_t {
  kNo,
  kSync,       ///< once, after reading the exchange's clock
  kWait,       ///< after the stated pause
  kSafe,       ///< if it changes nothing
  kSafeLong,   ///< if it changes nothing, after a long pause
  kOtherHost,  ///< if it changes nothing, preferably at another host
};

struct ErrorCode {
  std::int64_t code;
  std::string_view name;
  ErrorKind kind;
  Again again;
};

/// Null when the code is not known.
const ErrorCode* find_error_code(std::int64_t code) noexcept;

/// All known codes, highest (-1000) first.
std::span<const ErrorCode> error_codes() noexcept;

}  // namespace bourse::binance
