// SPDX-License-Identifier: MIT
#include "host/base/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace bourse::host {
namespace {

constexpr std::string_view kUnixWord = "unix";
constexpr std::array<char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xFF', '\xFF'};
constexpr std::size_t kBucketBytes = 8;  // of an IPv6 address: a /64

unsigned bits_of(Address::Family family) {
  return family == Address::Family::kIpv4 ? 32 : family == Address::Family::kIpv6 ? 128 : 0;
}

/// The first `bits` of it, and zeros.
std::array<char, 16> masked(std::array<char, 16> bytes, unsigned bits) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto left = static_cast<unsigned>(std::clamp<long>(long{bits} - 8 * long(i), 0, 8));
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) & (0xFF00U >> left));
  }
  return bytes;
}

void append_number(std::string& out, unsigned number) {
  std::array<char, 4> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

Failure bad_network(const std::string& why) {
  return {
      .status = BOURSE_BAD_PARAM, .code = "bad_network", .message = "this is no network: " + why};
}

}  // namespace

Address Address::unix_peer() noexcept {
  Address address;
  address.family_ = Family::kUnix;
  return address;
}

Address Address::of(const sockaddr_storage& peer) noexcept {
  Address address = unix_peer();
  if (peer.ss_family == AF_INET) {
    address.family_ = Family::kIpv4;
    std::memcpy(address.bytes_.data(), &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, 4);
  } else if (peer.ss_family == AF_INET6) {
    address.family_ = Family::kIpv6;
    std::memcpy(address.bytes_.data(), &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr, 16);
    if (std::equal(kMapped.begin(), kMapped.end(), address.bytes_.begin())) {
      address.family_ = Family::kIpv4;
      std::copy_n(address.bytes_.begin() + kMapped.size(), 4, address.bytes_.begin());
      std::fill(address.bytes_.begin() + 4, address.bytes_.end(), '\0');
    }
  }
  return address;
}

std::optional<Address> Address::parse(std::string_view text) noexcept {
  if (text == kUnixWord) return unix_peer();
  const std::size_t zone = text.find('%');
  const std::string_view number = text.substr(0, zone);
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (number.empty() || number.size() >= terminated.size()) return std::nullopt;
  if (number.find('\0') != number.npos) return std::nullopt;
  std::copy(number.begin(), number.end(), terminated.begin());
  sockaddr_storage peer{};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(peer);
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(peer);
  if (zone == text.npos && ::inet_pton(AF_INET, terminated.data(), &ipv4.sin_addr) == 1) {
    peer.ss_family = AF_INET;
  } else if (::inet_pton(AF_INET6, terminated.data(), &ipv6.sin6_addr) == 1) {
    if (zone != text.npos && zone + 1 == text.size()) return std::nullopt;
    peer.ss_family = AF_INET6;
  } else {
    return std::nullopt;
  }
  return of(peer);
}

std::string Address::text() const {
  if (family_ == Family::kUnix) return std::string(kUnixWord);
  std::string out;
  if (family_ == Family::kIpv4) {  // most are, and there is one in each line of the log
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) out += '.';
      append_number(out, static_cast<unsigned char>(bytes_[i]));
    }
  } else if (family_ == Family::kIpv6) {
    std::array<char, INET6_ADDRSTRLEN> shown{};
    out = ::inet_ntop(AF_INET6, bytes_.data(), shown.data(), shown.size());
  }
  return out;
}

Address Address::bucket() const noexcept {
  Address whole = *this;
  if (family_ == Family::kIpv6) {
    std::fill(whole.bytes_.begin() + kBucketBytes, whole.bytes_.end(), '\0');
  }
  return whole;
}

std::string_view Address::bytes() const noexcept {
  static_assert(sizeof(Address) == 17, "no padding: all bytes are the value's");
  return {reinterpret_cast<const char*>(this), sizeof *this};
}

std::string Address::bucket_text() const {
  return family_ == Family::kIpv6 ? bucket().text() + "/64" : text();
}

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address || text.find('%') != text.npos) {
    return bad_network(
        "write an address (10.0.0.1, 2001:db8::1), a network (10.0.0.0/8, "
        "2001:db8::/32), or unix");
  }
  Network network;
  network.first_ = *address;
  network.bits_ = bits_of(address->family());
  if (slash == text.npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() ||
      bits > network.bits_ || address->is_unix()) {
    return bad_network("after \"/\" comes a number of bits, at most " +
                       std::to_string(network.bits_));
  }
  network.bits_ = bits;
  network.first_.bytes_ = masked(address->bytes_, bits);
  if (network.first_ != *address) {
    return bad_network("the address has more bits than " + std::to_string(bits) +
                       "; the network is " + network.text());
  }
  return network;
}

bool Network::holds(const Address& address) const noexcept {
  return address.family_ == first_.family_ && masked(address.bytes_, bits_) == first_.bytes_;
}

bool Network::is_everybody() const noexcept { return bits_ == 0 && !first_.is_unix(); }

std::string Network::text() const {
  if (bits_ == bits_of(first_.family())) return first_.text();
  return first_.text() + "/" + std::to_string(bits_);
}

}  // namespace bourse::host
