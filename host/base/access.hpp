// SPDX-License-Identifier: MIT
//
// Who may use a route: those who know one of its tokens (RFC 6750, "Authorization: Bearer TOKEN").
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

struct AccessToken {
  std::string name;  ///< for the log; may be empty
  std::string token;
};

/// The tokens of one route. Keeps their SHA-256 only. Immutable; any thread.
class AccessList {
 public:
  /// Everybody may.
  AccessList() = default;
  /// REQUIRES: not empty, each is_access_token.
  explicit AccessList(std::span<const AccessToken> tokens);

  /// By what a request passes. Lives as long as the list.
  struct Pass {
    std::string_view name = {};  ///< of its token
    /// The same for the same token, and nothing that gives it away: bytes, not text. Empty: the
    /// route is for everybody.
    std::string_view key = {};
  };

  [[nodiscard]] bool is_public() const noexcept { return known_.empty(); }
  /// Of its tokens.
  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }
  /// Whether a request with this Authorization header may pass; else 401 "token_missing" or
  /// "token_refused". Takes the same time whatever the tokens have in common with what was sent,
  /// and whichever of them it is.
  [[nodiscard]] Result<Pass> admit(std::string_view authorization) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Known {
    std::string name;
    Digest digest;
  };
  static Digest digest_of(std::string_view text);

  std::vector<Known> known_;
};

/// What a token must look like: 16 to 512 characters of A-Z a-z 0-9 - . _ ~ + / and then =.
[[nodiscard]] bool is_access_token(std::string_view text) noexcept;

}  // namespace bourse::host
