// SPDX-License-Identifier: MIT
//
// Addresses of network peers, and the networks that hold them.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/result.hpp"

struct sockaddr_storage;

namespace bourse::host {

/// A value of 17 bytes. An IPv4 address that is written as IPv6 (::ffff:10.0.0.1, which is how a
/// dual-stack socket calls it) is the IPv4 address. Zones (%eth0) are left out.
class Address {
 public:
  enum class Family : std::uint8_t {
    kNone,  ///< nobody knows
    kUnix,  ///< all who come through a unix socket: they have no address of their own
    kIpv4,
    kIpv6
  };

  Address() = default;
  [[nodiscard]] static Address unix_peer() noexcept;
  /// Of the other end of a socket; kUnix for what is neither IPv4 nor IPv6.
  [[nodiscard]] static Address of(const sockaddr_storage& peer) noexcept;
  /// "10.0.0.1", "2001:db8::1", "fe80::1%eth0"; "unix". Nothing for anything else, with brackets or
  /// a port too.
  [[nodiscard]] static std::optional<Address> parse(std::string_view text) noexcept;

  [[nodiscard]] Family family() const noexcept { return family_; }
  [[nodiscard]] bool is_unix() const noexcept { return family_ == Family::kUnix; }
  /// "10.0.0.1", "2001:db8::1" (RFC 5952), "unix", "".
  [[nodiscard]] std::string text() const;

  /// All whose addresses are one here count as one client: an IPv6 address stands for its /64,
  /// because whoever has one has the 2^64 beside it. Idempotent.
  [[nodiscard]] Address bucket() const noexcept;
  /// Equal exactly where the addresses are: a key for a hash. Borrows.
  [[nodiscard]] std::string_view bytes() const noexcept;
  /// The text of bucket(), as a network where it is one: "10.0.0.1", "2001:db8:0:1::/64".
  [[nodiscard]] std::string bucket_text() const;

  auto operator<=>(const Address&) const noexcept = default;

 private:
  friend class Network;
  std::array<char, 16> bytes_{};  ///< network byte order; the rest of an IPv4 address is 0
  Family family_ = Family::kNone;
};

/// "10.0.0.0/8", "2001:db8::/32", one address, or "unix": all who come through a unix socket.
class Network {
 public:
  /// Failure: a sentence that says what is wrong and what to write, without the text. A network of
  /// all addresses is read like any other.
  [[nodiscard]] static Result<Network> parse(std::string_view text);

  [[nodiscard]] bool holds(const Address& address) const noexcept;
  [[nodiscard]] bool is_everybody() const noexcept;  ///< a network of /0
  [[nodiscard]] std::string text() const;
  bool operator==(const Network&) const noexcept = default;

 private:
  Address first_;
  unsigned bits_ = 0;
};

}  // namespace bourse::host
