// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/tunnel.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

namespace bourse::binance {
namespace {

constexpr std::size_t kHeadBytesMax = 16 * 1024;

std::string request_text(const std::string& host_and_port, const Proxy& proxy) {
  std::string text;
  text.reserve(2 * host_and_port.size() + 1024);  // never grows, which would leave copies behind
  text.append("CONNECT ").append(host_and_port).append(" HTTP/1.1\r\nHost: ");
  text.append(host_and_port).append("\r\n");
  if (proxy.authorization != nullptr) {
    text.append("Proxy-Authorization: Basic ").append(proxy.authorization->reveal());
    text.append("\r\n");
  }
  return text.append("\r\n");
}

/// Up to and with the empty line. What follows belongs to the server behind, which does not speak
/// first: more than that is an error.
Result<std::string> read_head(Stream& stream, const Proxy& proxy, const Call& call) {
  std::string head;
  std::array<char, 2048> buffer{};
  while (true) {
    auto count = stream.read(buffer, call);
    if (!count) return std::move(count).error();
    if (*count == 0) return network_error("The proxy " + proxy.host + " closed the connection.");
    head.append(buffer.data(), *count);
    const std::size_t end = head.find("\r\n\r\n");
    if (end != std::string::npos && end == head.size() - 4) return head;
    if (end != std::string::npos || head.size() > kHeadBytesMax) {
      head.resize(std::min(end, head.size()));
      return head.substr(0, kHeadBytesMax);
    }
  }
}

/// 0: not HTTP.
int status_of(std::string_view head) noexcept {
  constexpr std::string_view kStart = "HTTP/1.";
  if (head.size() < 12 || head.substr(0, kStart.size()) != kStart || head[8] != ' ') return 0;
  int status = 0;
  const auto [end, error] = std::from_chars(head.data() + 9, head.data() + 12, status);
  return error == std::errc{} && end == head.data() + 12 ? status : 0;
}

}  // namespace

Status open_tunnel(Stream& stream, const std::string& host_and_port, const Proxy& proxy,
                   const Call& call) {
  std::string text = request_text(host_and_port, proxy);
  auto sent = stream.write(text, call);
  wipe(text);
  if (!sent) return sent;
  auto head = read_head(stream, proxy, call);
  if (!head) return std::move(head).error();
  const int status = status_of(*head);
  const bool whole = head->ends_with("\r\n\r\n");
  if (status / 100 == 2 && whole) return Done{};
  if (status == 0 || status / 100 == 2) {
    return network_error("The proxy " + proxy.host + " does not answer as a proxy should.");
  }
  Error error = network_error("The proxy " + proxy.host + " refused a tunnel to " + host_and_port +
                              " with status " + std::to_string(status) + ".");
  error.advice = status == 407 ? "Put user and password into HTTPS_PROXY."
                               : "Ask whoever runs the proxy, or list the host in NO_PROXY.";
  error.permanent = status == 407 || status == 403;
  return error;
}

}  // namespace bourse::binance
