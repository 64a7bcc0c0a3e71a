// SPDX-License-Identifier: MIT
//
// Who asked, where proxies stand in between: each adds the address that it got the request from to
// one field of the header. What it says is believed only as far as those who said it are trusted.
//
//   X-Forwarded-For: 203.0.113.7, 10.0.0.5        the peer is 10.0.0.9; 10.0.0.0/8 is trusted:
//                    ^ the client  ^ a proxy      from the right, the first who is not a proxy
//
// Only the field that is configured is read: whoever could choose another one, which the proxies
// hand on as it came, could choose his address.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/address.hpp"

namespace bourse::host {

enum class ForwardedField : std::uint8_t {
  kXForwardedFor,  ///< addresses with commas between, some with a port or brackets
  kForwarded       ///< RFC 7239: for=203.0.113.7;proto=https, for="[2001:db8::1]:4711"
};

class TrustedProxies {
 public:
  /// Nobody is trusted.
  TrustedProxies() = default;
  TrustedProxies(std::vector<Network> from, ForwardedField field)
      : from_(std::move(from)), field_(field) {}

  [[nodiscard]] bool trust(const Address& peer) const noexcept;
  /// The one field that is read: "X-Forwarded-For".
  [[nodiscard]] std::string_view field() const noexcept;
  /// `values`: of all lines of that field, joined by commas in their order. Of a peer that is not
  /// trusted they say nothing. A member that names no address (unknown, _hidden, or not understood)
  /// ends the walk: then it is the last one that was known, which is a proxy's.
  [[nodiscard]] Address client(const Address& peer, std::string_view values) const;

  bool operator==(const TrustedProxies&) const noexcept = default;

 private:
  std::vector<Network> from_;
  ForwardedField field_ = ForwardedField::kXForwardedFor;
};

}  // namespace bourse::host
