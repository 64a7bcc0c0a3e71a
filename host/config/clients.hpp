// SPDX-License-Identifier: MIT
//
// What routes do for clients beyond answering: pages of other origins, headers, lenient reading.
//
//   cors: {origins: ["https://app.example"] | "*", headers: [NAMES], max-age: 2h,
//          credentials: refuse|allow} | off
//   headers: {NAME: value}
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/diagnostic.hpp"

namespace bourse::host {

class Reader;
struct Node;

/// Which pages of other origins may read answers. https://fetch.spec.whatwg.org/#http-cors-protocol
struct CorsConfig {
  Mark mark = {};
  bool off = false;  ///< no other origin; then nothing of the below
  bool any = false;  ///< every origin; then `origins` is empty, and no credentials
  std::vector<std::string> origins = {};
  std::optional<std::vector<std::string>> headers = {};  ///< nothing: those that the host knows
  std::chrono::nanoseconds max_age{std::chrono::hours(2)};
  bool credentials = false;
};

/// A header of answers.
struct HeaderConfig {
  std::string name;
  std::string value;
};

/// Each may be said by a route; where it says nothing, `defaults` count.
struct ClientsConfig {
  std::optional<CorsConfig> cors = {};
  std::optional<std::vector<HeaderConfig>> headers = {};  ///< no name twice, whatever its case

  /// These, and of `defaults` what these do not say.
  [[nodiscard]] ClientsConfig over(const ClientsConfig& defaults) const;
};

/// Reads the keys above, of which `find` gives the values, or null.
void read_clients(Reader& reader, const std::function<const Node*(std::string_view)>& find,
                  ClientsConfig& clients);

}  // namespace bourse::host
