// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/proxy.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

namespace bourse::binance {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// "binance.com" and ".binance.com" both mean that name and all names below it.
bool is_exempt(const std::string& host, std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string name = lower(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    std::erase_if(name, [](char c) { return c == ' ' || c == '\t'; });
    if (name == "*") return true;
    if (!name.empty() && name.front() == '.') name.erase(0, 1);
    if (name.empty()) continue;
    if (host == name) return true;
    if (host.size() > name.size() && host.ends_with(name) &&
        host[host.size() - name.size() - 1] == '.') {
      return true;
    }
  }
  return false;
}

std::string first_set(const Variables& variable, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = variable(name); !value.empty()) return value;
  }
  return {};
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::shared_ptr<const Secret> basic(std::string_view user_and_password) {
  std::string plain = percent_decoded(user_and_password);
  std::string text(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(plain.data()),
                                     static_cast<int>(plain.size()));
  wipe(plain);
  text.resize(static_cast<std::size_t>(length));
  return std::make_shared<const Secret>(Secret::take(text));
}

/// [http://][user:password@]host[:port][/]
std::optional<Proxy> parse(std::string_view url) {
  const std::size_t mark = url.find("://");
  if (mark != std::string_view::npos) {
    if (lower(url.substr(0, mark)) != "http") return std::nullopt;
    url.remove_prefix(mark + 3);
  }
  if (!url.empty() && url.back() == '/') url.remove_suffix(1);
  Proxy proxy;
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    proxy.authorization = basic(url.substr(0, at));
    url.remove_prefix(at + 1);
  }
  const std::size_t colon = url.rfind(':');
  if (colon != std::string_view::npos && url.find(']', colon) == std::string_view::npos) {
    const std::string_view port = url.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), proxy.port);
    if (error != std::errc{} || end != port.data() + port.size() || proxy.port == 0) {
      return std::nullopt;
    }
    url = url.substr(0, colon);
  }
  if (url.size() > 2 && url.front() == '[' && url.back() == ']') {
    url = url.substr(1, url.size() - 2);
  }
  proxy.host = url;
  const bool odd = url.find_first_of(" \t\r\n/?#@") != std::string_view::npos;
  return url.empty() || odd ? std::nullopt : std::optional(std::move(proxy));
}

}  // namespace

Result<std::optional<Proxy>> proxy_for(const Origin& origin, const Variables& variable) {
  if (!origin.tls) return std::optional<Proxy>();
  if (origin.host == "localhost" || origin.host == "::1" || origin.host.starts_with("127.")) {
    return std::optional<Proxy>();
  }
  std::string url = first_set(variable, {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"});
  if (url.empty() || is_exempt(lower(origin.host), first_set(variable, {"NO_PROXY", "no_proxy"}))) {
    return std::optional<Proxy>();
  }
  auto proxy = parse(url);
  wipe(url);
  if (!proxy) {  // the text may hold a password: it is not shown
    return invalid("HTTPS_PROXY (or ALL_PROXY) does not name an HTTP proxy.",
                   "Write http://host:port or http://user:password@host:port.");
  }
  return proxy;
}

}  // namespace bourse::binance
