// SPDX-License-Identifier: MIT
#include "host/base/listen_address.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace bourse::host {

namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kPassed = "systemd:";
constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kNameBytesMax = 255;  // FileDescriptorName= of systemd.socket(5)

Failure bad_address(std::string_view text, const std::string& why, std::string_view remedy) {
  return {.status = BOURSE_BAD_PARAM,
          .code = "bad_listen_address",
          .message = "cannot listen on \"" + std::string(text) + "\": " + why + "; " +
                     std::string(remedy)};
}

Failure bad_tcp(std::string_view text, const std::string& why) {
  return bad_address(text, why,
                     "write an address and a port, such as 127.0.0.1:8080 (this machine only), "
                     "0.0.0.0:8080 or [::]:8080 (all interfaces)");
}

Failure bad_unix(std::string_view text, const std::string& why) {
  return bad_address(text, why,
                     "write the path of the socket, such as unix:/run/bourse/bourse.sock");
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || error != std::errc{} || parsed_end != end) return std::nullopt;
  return port;
}

bool is_numeric(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored;
  return inet_pton(family, host.c_str(), ignored.data()) == 1;
}

Result<ListenAddress> parse_unix(std::string_view text) {
  const std::string_view path = text.substr(kUnix.size());
  if (path.starts_with('@')) {
    return bad_unix(text, "an abstract socket has no rights, so that everybody may connect to it");
  }
  if (!path.starts_with('/')) return bad_unix(text, "the path does not begin with \"/\"");
  if (path.ends_with('/')) return bad_unix(text, "the path names a folder");
  if (path.find('\0') != path.npos) return bad_unix(text, "the path holds a NUL");
  if (path.size() > kPathBytesMax) {
    return bad_unix(text, "the path has " + std::to_string(path.size()) +
                              " bytes, and the system takes at most " +
                              std::to_string(kPathBytesMax));
  }
  ListenAddress address;
  address.path = path;
  return address;
}

// What systemd accepts as FileDescriptorName=.
Result<ListenAddress> parse_passed(std::string_view text) {
  const std::string_view name = text.substr(kPassed.size());
  const auto legal = [](char c) { return c > ' ' && c <= '~' && c != ':'; };
  if (name.empty() || name.size() > kNameBytesMax ||
      !std::all_of(name.begin(), name.end(), legal)) {
    return bad_address(text, "this is not the name of sockets that can be passed",
                       "write FileDescriptorName= of the socket unit, which is the name of the "
                       "unit by default, such as systemd:bourse.socket");
  }
  ListenAddress address;
  address.passed = name;
  return address;
}

}  // namespace

std::string ListenAddress::text() const {
  if (!path.empty()) return std::string(kUnix) + path;
  if (!passed.empty()) return std::string(kPassed) + passed;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with(kUnix)) return parse_unix(text);
  if (text.starts_with(kPassed)) return parse_passed(text);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_tcp(text, "the port is missing");
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find(':') != std::string_view::npos) {
    return bad_tcp(text, "an IPv6 address needs brackets");
  }
  const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  if (!port) return bad_tcp(text, "the port is not a number from 0 to 65535");
  if (host.empty()) return bad_tcp(text, "the address before the port is missing");

  if (bracketed) host = host.substr(1, host.size() - 2);
  ListenAddress address{.host = host == "localhost" ? "127.0.0.1" : std::string(host),
                        .ipv6 = bracketed,
                        .port = *port};
  if (!is_numeric(bracketed ? AF_INET6 : AF_INET, address.host)) {
    return bad_tcp(text, bracketed ? "what is in brackets is not an IPv6 address"
                                   : "this is not an IPv4 address, and names are not looked up");
  }
  return address;
}

bool are_one(const ListenAddress& a, const ListenAddress& b) {
  if (!a.path.empty() || !b.path.empty()) return a.path == b.path;
  if (!a.passed.empty() || !b.passed.empty()) return a.passed == b.passed;
  const auto takes = [](const ListenAddress& all, const ListenAddress& one) {
    return all.host == "::" || (all.host == "0.0.0.0" && !one.ipv6);
  };
  return a.port != 0 && a.port == b.port && (a.host == b.host || takes(a, b) || takes(b, a));
}

Failure listen_failure(const ListenAddress& address, int error) {
  struct Remedy {
    int error;
    std::string sentence;
  };
  const bool is_unix = !address.path.empty();
  const std::array<Remedy, 6> remedies{{
      {EADDRINUSE, is_unix ? "somebody else has just begun to listen there"
                           : "another process listens there already; stop it (ss -ltnp shows it) "
                             "or choose another port"},
      {EACCES, is_unix ? "the server may not write in that folder; give it one of its own "
                         "(RuntimeDirectory= of systemd makes it)"
                       : "a port below 1024 is privileged; choose one above, or give the program "
                         "the capability CAP_NET_BIND_SERVICE"},
      {EADDRNOTAVAIL,
       "no network interface of this machine has this address; 0.0.0.0 listens on all of them"},
      {EAFNOSUPPORT, "this machine has no IPv6; listen on 0.0.0.0"},
      {ENOENT, "the folder does not exist; make it first"},
      {EPERM,
       "only root may give a file to somebody else; leave out \"owner\", and choose a "
       "\"group\" that the server belongs to"},
  }};
  std::string why = std::generic_category().message(error);
  for (const Remedy& remedy : remedies) {
    if (remedy.error == error) why += ": " + remedy.sentence;
  }
  return {.status = BOURSE_UNAVAILABLE,
          .code = "cannot_listen",
          .message = "cannot listen on " + address.text() + ": " + why};
}

}  // namespace bourse::host
