// SPDX-License-Identifier: MIT
//
// What routes do for clients beyond answering: pages of other origins, headers, lenient reading.
//
//   cors: {origins: ["https://app.example"] | "*", headers: [NAMES], max-age: 2h,
//          credentials: refuse|allow} | off
//   headers: {NAME: value}
//   ignore: [_, "utm_*"]                                    # parameters that mean nothing
//   trailing-slash: refuse | redirect | same
//   case: {PARAMETER: upper | lower}                        # how its letters are read
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

/// A parameter that clients send and nobody reads: a name, or the beginning of names and "*".
struct IgnoreConfig {
  std::string text;
  Mark mark = {};
  [[nodiscard]] bool matches(std::string_view name) const noexcept;
};

/// What "/a/" is where "/a" is served.
enum class TrailingSlash { kRefuse, kRedirect, kSame };

enum class LetterCase { kUpper, kLower };

/// The letters A to Z of a parameter are read as if they were written so.
struct CaseConfig {
  std::string parameter;
  LetterCase letters = LetterCase::kUpper;
  Mark mark = {};
};

/// Each may be said by a route; where it says nothing, `defaults` count.
struct ClientsConfig {
  std::optional<CorsConfig> cors = {};
  std::optional<std::vector<HeaderConfig>> headers = {};  ///< no name twice, whatever its case
  std::optional<std::vector<IgnoreConfig>> ignore = {};
  std::optional<TrailingSlash> trailing_slash = {};  ///< nothing: kRefuse
  std::optional<std::vector<CaseConfig>> letter_case = {};

  /// These, and of `defaults` what these do not say.
  [[nodiscard]] ClientsConfig over(const ClientsConfig& defaults) const;
};

/// Reads the keys above, of which `find` gives the values, or null.
void read_clients(Reader& reader, const std::function<const Node*(std::string_view)>& find,
                  ClientsConfig& clients);

}  // namespace bourse::host
