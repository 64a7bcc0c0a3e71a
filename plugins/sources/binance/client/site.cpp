// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/site.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace bourse::binance {
namespace {

struct SiteInfo {
  Site site;
  std::string_view name, host;
};
constexpr std::array<SiteInfo, 3> kSites = {{
    {Site::kTestnet, "testnet", "testnet.binance.vision"},
    {Site::kData, "data", "data-api.binance.vision"},
    {Site::kLive, "live", "api.binance.com"},
}};

std::uint16_t usual_port(bool tls) noexcept { return tls ? 443 : 80; }

bool is_loopback(const std::string& host) noexcept {
  if (host == "localhost" || host == "::1") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
}

/// "host", "host:port", "[::1]:port"; the port stays as it is when there is none.
bool split_authority(std::string_view text, Origin& origin) {
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    origin.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') return false;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    origin.host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (port.empty()) return true;
  port.remove_prefix(1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), origin.port);
  return error == std::errc{} && end == port.data() + port.size() && origin.port != 0;
}

std::string bracketed(const std::string& host) {
  if (host.find(':') == std::string::npos) return host;
  std::string text = "[";
  text.append(host).append("]");
  return text;
}

}  // namespace

std::string_view name_of(Site site) noexcept { return kSites[static_cast<std::size_t>(site)].name; }

Result<Site> parse_site(std::string_view name) {
  for (const SiteInfo& info : kSites) {
    if (info.name == name) return info.site;
  }
  return invalid("There is no site " + printable(name, 40) + ".",
                 "Say testnet (play money), data (public data, no key) or live (real money).");
}

std::string Origin::host_and_port() const {
  return bracketed(host).append(":").append(std::to_string(port));
}

std::string Origin::authority() const {
  return port == usual_port(tls) ? bracketed(host) : host_and_port();
}

Origin origin_of(Site site) {
  return {
      .tls = true, .host = std::string(kSites[static_cast<std::size_t>(site)].host), .port = 443};
}

Result<Origin> parse_loopback(std::string_view url) {
  Origin origin;
  const std::size_t mark = url.find("://");
  const std::string_view scheme = url.substr(0, mark);
  origin.tls = scheme == "https";
  origin.port = usual_port(origin.tls);
  const bool understood = mark != std::string_view::npos && (origin.tls || scheme == "http") &&
                          split_authority(url.substr(mark + 3), origin);
  if (!understood || !is_loopback(origin.host)) {
    return invalid("The base URL is not that of a server on this machine.",
                   "Custom URLs are for tests: http://127.0.0.1:PORT. Choose a site otherwise.");
  }
  return origin;
}

}  // namespace bourse::binance
