// SPDX-License-Identifier: MIT
//
// Credentials: an API key and what signs for it, from the environment or from a private file.
//
//   auto credentials = Credentials::from_file("/etc/bourse/binance.key");
//
// The file must be readable by its owner only (chmod 600), the owner being the user who runs the
// program, or root. It holds
//
//   api_key=vmPUZE6mv9SD5VNHk4...
//   secret=NhqPtmdSJYdKjVHjA7...          (HMAC)
//
// or, in place of the second line, a PEM block: -----BEGIN PRIVATE KEY----- (Ed25519 or RSA).
// Lines that start with # and empty lines are skipped.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/secret.hpp"
#include "plugins/sources/binance/client/signer.hpp"

namespace bourse::binance {

/// Looks up an environment variable; "" when it is not set.
using Variables = std::function<std::string(const std::string& name)>;

/// The process's own variables.
Variables process_variables();

class Credentials {
 public:
  /// `secret` as in make_signer.
  static Result<Credentials> make(std::string_view api_key, Secret secret);
  static Result<Credentials> from_file(const std::string& path);
  /// BINANCE_KEY_FILE names a file as above. Otherwise BINANCE_API_KEY is the API key, and either
  /// BINANCE_API_SECRET the secret or BINANCE_PRIVATE_KEY_FILE a private file with the PEM block.
  static Result<Credentials> from_environment(const Variables& variable = process_variables());

  /// Goes into X-MBX-APIKEY, and nowhere else.
  [[nodiscard]] const Secret& api_key() const noexcept { return *api_key_; }
  [[nodiscard]] const Signer& signer() const noexcept { return *signer_; }

  /// Signed calls go to the live site only with a key of which this was said.
  void allow_live() noexcept { live_allowed_ = true; }
  [[nodiscard]] bool live_allowed() const noexcept { return live_allowed_; }

 private:
  Credentials(Secret api_key, std::unique_ptr<Signer> signer)
      : api_key_(std::make_shared<const Secret>(std::move(api_key))), signer_(std::move(signer)) {}

  std::shared_ptr<const Secret> api_key_;
  std::shared_ptr<const Signer> signer_;
  bool live_allowed_ = false;
};

/// The content of a file that only its owner can read, at most 16 KiB.
Result<Secret> read_private_file(const std::string& path);
/// The same, refused where it has no PEM block of a private key: a file with another text would be
/// taken for a secret to sign with, and told only by the exchange.
Result<Secret> read_private_key(const std::string& path);

}  // namespace bourse::binance
