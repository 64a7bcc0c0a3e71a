// SPDX-License-Identifier: MIT
//
// Certificates made on the spot, for tests of TLS: good ones, and ones that a client must refuse.
#pragma once

#include <chrono>
#include <string>

namespace bourse::fake_exchange::test {

/// Signed by itself: who is to trust it is given its file as that of an authority. Its files last
/// as long as it does, in a folder that others cannot read.
class SelfSigned {
 public:
  struct Wish {
    std::string name = "127.0.0.1";                  ///< the host's address or DNS name
    std::chrono::hours valid_from{-1}, valid_to{1};  ///< from now
  };
  SelfSigned() : SelfSigned(Wish()) {}
  /// Throws std::runtime_error.
  explicit SelfSigned(const Wish& wish);
  ~SelfSigned();
  SelfSigned(const SelfSigned&) = delete;
  SelfSigned& operator=(const SelfSigned&) = delete;

  [[nodiscard]] const std::string& certificate() const noexcept { return certificate_; }
  [[nodiscard]] const std::string& key() const noexcept { return key_; }

 private:
  std::string folder_, certificate_, key_;
};

}  // namespace bourse::fake_exchange::test
