// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace bourse::host {

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits; empty if the crypto library refuses
/// (a FIPS provider that failed its self-test, no memory).
std::string sha256_hex(std::string_view bytes);

}  // namespace bourse::host
