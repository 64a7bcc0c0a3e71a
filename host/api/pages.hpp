// SPDX-License-Identifier: MIT
//
// The pages that describe the routes of a generation, made once and kept as bytes:
//
//   /openapi.json          for programs
//   /docs, /docs/...       for people, who can try requests there: swagger-ui from our own files;
//                          without these files, and at /docs/plain always, a plain page
//   /                      the routes, as HTML with a form for each, or JSON
//   /docs/open/ID          from the fields of such a form to the address that they make: 303
//
// A route of the configuration at one of these paths wins. Each page has an entity tag of its bytes
// alone, and is to be asked for again (no-cache).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/api/forms.hpp"
#include "host/http/message.hpp"
#include "host/routing/generation.hpp"

namespace bourse::host {

/// The files of swagger-ui, read once for the process and shared by generations.
struct ExplorerFiles {
  std::shared_ptr<const std::string> script = {}, style = {};
  std::shared_ptr<const std::string> script_gzip = {}, style_gzip = {};
  std::filesystem::path folder = {};  ///< where they were looked for
  [[nodiscard]] bool are_there() const noexcept { return script && style; }
};
/// Both files of a folder, or none of them: they are not there, cannot be read, or are larger than
/// 16 MiB.
[[nodiscard]] std::shared_ptr<const ExplorerFiles> read_explorer(
    const std::filesystem::path& folder);
/// share/bourse/docs beside the program's own folder.
[[nodiscard]] std::filesystem::path explorer_folder();

/// Immutable; any thread.
class ApiPages {
 public:
  /// Calls into serializers (openapi.hpp). `before`: those of the generation before, whose files
  /// are taken over where the folder is the same; may be null.
  ApiPages(const Generation& generation, const ApiPages* before);

  /// Which of the pages a target means, whatever its query; null: none. Of the listener that the
  /// configuration says.
  [[nodiscard]] std::optional<Response> answer(const Request& request, ApiPlace listener) const;

 private:
  struct Page {
    std::shared_ptr<const std::string> bytes;
    std::shared_ptr<const std::string> gzip;  ///< null: as they are
    std::string media_type;
    std::string version;  ///< of the entity tag
  };
  void add(const Generation& generation, const std::string& path, std::string media_type,
           std::shared_ptr<const std::string> bytes, std::shared_ptr<const std::string> gzip = {});
  void add_explorer(const Generation& generation);
  [[nodiscard]] std::optional<Response> open(std::string_view id, const Request& request) const;
  [[nodiscard]] Response response(const Page& page, const Request& request, bool by_accept) const;

  ApiConfig config_;
  std::shared_ptr<const ExplorerFiles> files_;  ///< null: not wanted
  std::map<std::string, Page, std::less<>> pages_;
  std::map<std::string, RouteForm, std::less<>> forms_;  ///< by the operation's id
};

}  // namespace bourse::host
