// SPDX-License-Identifier: MIT
//
// Routes that no analysis answers: a way elsewhere, a text, a file, all files of a folder.
//
//   redirect: "/new/{name}" | {to, status: 301|302|307|308, max-age: 1h}
//   text: "..." | {body, media-type: text/plain, max-age: 0s}
//   file: favicon.ico | {path, media-type, max-age: 0s}
//   folder: static | {path, max-age: 0s}
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "host/config/diagnostic.hpp"
#include "host/config/path_template.hpp"

namespace bourse::host {

class Reader;
struct Node;

/// The keys of a route that stand instead of `run`.
inline constexpr std::array<std::string_view, 4> kFixedKeys = {"redirect", "text", "file",
                                                               "folder"};

struct RedirectConfig {
  std::string authority = {};  ///< "https://other.example"; empty: this server
  PathTemplate path = {};      ///< its variables are the route's
  std::string query = {};      ///< with its "?"; may be empty
  int status = 301;
};

struct TextConfig {
  std::string body = {};
  std::string media_type = "text/plain; charset=utf-8";
};

struct FileConfig {
  std::filesystem::path path = {};  ///< joined with the folder of the configuration
  std::string media_type = {};      ///< empty: by the file's suffix
};

struct FolderConfig {
  std::filesystem::path path = {};  ///< joined with the folder of the configuration
};

struct FixedConfig {
  Mark mark = {};
  std::variant<RedirectConfig, TextConfig, FileConfig, FolderConfig> answer = {};
  std::chrono::nanoseconds max_age{};
};

/// `key`: one of kFixedKeys, of which `node` is the value. `path`: of the route; its variables are
/// those that a redirect may use; its text is empty where it is wrong, which has been reported.
FixedConfig read_fixed(Reader& reader, std::string_view key, const Node& node,
                       const PathTemplate& path);

}  // namespace bourse::host
