// SPDX-License-Identifier: MIT
//
// The three kinds of keys with which the exchange's users sign, and whether a signature is right.
#pragma once

#include <string>
#include <string_view>

namespace bourse::fake_exchange {

/// What the exchange keeps of a key: the secret of HMAC, the public half of the others.
struct Key {
  enum class Kind { kHmac, kRsa, kEd25519 };
  Kind kind = Kind::kHmac;
  std::string secret;  ///< HMAC: the secret; else a PEM text, "-----BEGIN PUBLIC KEY-----..."

  static Key hmac(std::string secret) { return {Kind::kHmac, std::move(secret)}; }
  /// RSASSA-PKCS1-v1_5 with SHA-256, or pure Ed25519, whichever the PEM holds. Throws
  /// std::invalid_argument for anything else.
  static Key from_public_pem(std::string pem);
};

/// `signature` as it stands in the request after percent-decoding: hex in any case for HMAC, base64
/// for the others.
[[nodiscard]] bool signature_is_right(const Key& key, std::string_view payload,
                                      std::string_view signature);

/// 64 characters of A-Z, a-z, 0-9, as all published keys have.
[[nodiscard]] bool api_key_has_right_form(std::string_view api_key);

}  // namespace bourse::fake_exchange
