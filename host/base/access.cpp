// SPDX-License-Identifier: MIT
#include "host/base/access.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <new>

#include "host/base/ascii.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kTokenBytesMin = 16;
constexpr std::size_t kTokenBytesMax = 512;

Failure unauthorized(std::string code, std::string message) {
  return Failure{.status = 401, .code = std::move(code), .message = std::move(message)};
}

bool is_scheme(std::string_view text) noexcept { return equal_ignoring_case(text, "bearer"); }

}  // namespace

bool is_access_token(std::string_view text) noexcept {
  if (text.size() < kTokenBytesMin || text.size() > kTokenBytesMax) return false;
  const std::size_t end = text.find_last_not_of('=');
  if (end == std::string_view::npos) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end) + 1, [](char c) {
    return is_alphanumeric(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

AccessList::AccessList(std::span<const AccessToken> tokens) {
  for (const AccessToken& token : tokens) known_.push_back({token.name, digest_of(token.token)});
}

AccessList::Digest AccessList::digest_of(std::string_view text) {
  Digest digest{};
  unsigned int bytes = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &bytes, EVP_sha256(), nullptr) != 1 ||
      bytes != digest.size()) {
    throw std::bad_alloc();  // a half-made digest must let nobody in
  }
  return digest;
}

Result<AccessList::Pass> AccessList::admit(std::string_view authorization) const {
  if (is_public()) return Pass{};
  const std::size_t space = authorization.find(' ');
  if (space == std::string_view::npos || !is_scheme(authorization.substr(0, space))) {
    return unauthorized("token_missing",
                        "This route needs an access token: send it as \"Authorization: Bearer "
                        "TOKEN\". Whoever runs this server has it.");
  }
  std::string_view token = authorization.substr(space + 1);
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  // Digests are compared, not texts, so that not even a length tells anything.
  const Digest sent = digest_of(token);
  std::size_t found = known_.size();
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const Digest& digest = known_[i].digest;
    const bool same = CRYPTO_memcmp(digest.data(), sent.data(), sent.size()) == 0;
    const auto mask = ~(static_cast<std::size_t>(same) - 1);  // all ones, or none
    found = (found & ~mask) | (i & mask);
  }
  if (found < known_.size()) {
    const Known& by = known_[found];
    return Pass{.name = by.name,
                .key = {reinterpret_cast<const char*>(by.digest.data()), by.digest.size()}};
  }
  return unauthorized("token_refused", "The access token is not one of this route's.");
}

}  // namespace bourse::host
