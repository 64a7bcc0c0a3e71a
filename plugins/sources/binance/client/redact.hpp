// SPDX-License-Identifier: MIT
//
// Error pages of proxies and firewalls like to repeat the request, with the key and the signature.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bourse::binance {

/// Replaces every one of `secrets`, and the value of every "signature=", of whatever request, by
/// "[removed]". One pass, whatever the text; empty secrets are skipped.
void redact(std::string& text, std::span<const std::string_view> secrets);

}  // namespace bourse::binance
