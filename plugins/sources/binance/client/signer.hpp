// SPDX-License-Identifier: MIT
//
// Signer: proves that a request comes from the owner of a key.
//
//   HMAC      HMAC-SHA256 with a shared secret, 64 hexadecimal digits
//   Ed25519   RFC 8032 over the payload itself, base64
//   RSA       RSASSA-PKCS1-v1_5 with SHA-256, 2048 to 4096 bit, base64
//
// Private keys are PKCS#8 PEM without a passphrase. Signers are immutable: use one from any number
// of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/secret.hpp"

namespace bourse::binance {

enum class KeyType : std::uint8_t { kHmac, kEd25519, kRsa };
std::string_view name_of(KeyType type) noexcept;

class Signer {
 public:
  virtual ~Signer() = default;
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  [[nodiscard]] virtual KeyType type() const noexcept = 0;
  /// The signature of exactly these bytes, not yet percent-encoded. Fails only when the
  /// cryptographic library does.
  [[nodiscard]] virtual Result<std::string> sign(std::string_view payload) const = 0;

 protected:
  Signer() = default;
};

/// `secret` holds either a PEM private key or, if it does not look like one, a shared secret.
Result<std::unique_ptr<Signer>> make_signer(Secret secret);

}  // namespace bourse::binance
