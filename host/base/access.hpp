// SPDX-License-Identifier: MIT
//
// Who may use a route: those who know one of its tokens (RFC 6750, "Authorization: Bearer TOKEN").
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/failure.hpp"

namespace bourse::host {

/// The tokens of one route. Keeps their SHA-256 only. Immutable; any thread.
class AccessList {
 public:
  /// Everybody may.
  AccessList() = default;
  /// REQUIRES: not empty, each is_access_token.
  explicit AccessList(std::span<const std::string> tokens);

  [[nodiscard]] bool is_public() const noexcept { return digests_.empty(); }
  /// Why a request with this Authorization header may not pass: 401 "token_missing" or
  /// "token_refused"; nothing when it may. Takes the same time whatever the tokens have in common
  /// with what was sent, and whichever of them it is.
  [[nodiscard]] std::optional<Failure> refusal(std::string_view authorization) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest_of(std::string_view text);

  std::vector<Digest> digests_;
};

/// What a token must look like: 16 to 512 characters of A-Z a-z 0-9 - . _ ~ + / and then =.
[[nodiscard]] bool is_access_token(std::string_view text) noexcept;

}  // namespace bourse::host
