// SPDX-License-Identifier: MIT
//
// Styles and scripts as a Content-Security-Policy names them.
#pragma once

#include <string>
#include <string_view>

namespace bourse::charting {

/// "sha256-" and the digest in base64, as a policy names a style or script (CSP 3, 2.3.1).
std::string source_hash(std::string_view text);

}  // namespace bourse::charting
