// SPDX-License-Identifier: MIT
//
// What answers a route instead of an analysis: a way elsewhere, bytes, the files of a folder.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/routing/router.hpp"
#include "host/routing/static_files.hpp"
#include "host/routing/target.hpp"

namespace bourse::host {

struct Redirect {
  std::string authority;  ///< empty: this server
  PathTemplate path;
  std::string query;  ///< with its "?"; may be empty
  int status = 301;
};

struct Folder {
  std::size_t depth = 0;  ///< segments of the route's path
  FolderContent files;
};

/// A folder with this is one that has a page.
inline constexpr std::string_view kIndexFile = "index.html";

struct FixedAnswer {
  /// What is at a path.
  struct Hit {
    int status = 200;
    const Content* content = nullptr;  ///< of the answer; null: it is elsewhere,
    std::string location = {};         ///< ...there
  };

  std::variant<Redirect, Content, Folder> answer;
  std::chrono::seconds max_age{0};

  /// `match` and `target`: by which the route was found for `raw`. Of a redirect, the values of its
  /// variables stand escaped in the way, and the query goes along. Nothing: the folder has no such
  /// file.
  [[nodiscard]] std::optional<Hit> at(const Router::Match& match, const Target& target,
                                      std::string_view raw) const;
  /// "301 to /new/{name}", "text/plain; charset=utf-8, 26 bytes", "12 files, 4711 bytes".
  [[nodiscard]] std::string description() const;
  /// Two that are equal answer the same.
  [[nodiscard]] std::string spelling() const;
};

/// `path`: of the route. Null after an error: a file or a folder that cannot be served.
[[nodiscard]] std::shared_ptr<const FixedAnswer> make_fixed(const FixedConfig& from,
                                                            const PathTemplate& path,
                                                            Diagnostics& diagnostics);

}  // namespace bourse::host
