// SPDX-License-Identifier: MIT
//
// `server: {api: ...}`: the pages that describe the routes: /, /docs and /openapi.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "host/config/diagnostic.hpp"

namespace bourse::host {

/// Which listener has the pages.
enum class ApiPlace : std::uint8_t { kPublic, kAdmin, kNowhere };

struct ApiConfig {
  Mark mark = {};
  ApiPlace pages = ApiPlace::kPublic;
  std::string title = "Bourse";
  /// Where clients reach the server, as they write it: "https://api.example.org/markets". Empty: as
  /// they reached the page.
  std::string url = {};
  /// The folder of swagger-ui's files; empty: the one beside the program.
  std::filesystem::path docs = {};
  bool has_explorer = true;  ///< false: `docs: off`, the plain page instead
};

class Reader;
struct Node;

/// `public`, `admin` or `off`, or a map.
void read_api(Reader& reader, const Node& node, ApiConfig& api);
/// After all of "server" was read.
void check_api(Reader& reader, const ApiConfig& api, bool has_admin);

}  // namespace bourse::host
