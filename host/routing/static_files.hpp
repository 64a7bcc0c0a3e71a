// SPDX-License-Identifier: MIT
//
// Bytes that are sent as they are: of a text, of a file, of all files of a folder. Files are read
// when a configuration is wired, as all else of it is: what is served changes by a reload, whole or
// not at all; no request touches a file, so none waits for a disk, and what a request names is
// looked up among the names that were found, so it can lead nowhere else.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::host {

struct Content {
  std::string media_type;
  std::shared_ptr<const std::string> bytes;
  std::string etag;  ///< strong, with its quotes: of the bytes alone
};

/// By their names below the folder: "css/page.css". UTF-8 without controls.
using FolderContent = std::map<std::string, Content, std::less<>>;

inline constexpr std::size_t kServedFileBytesMax = std::size_t{4} << 20U;
inline constexpr std::size_t kServedFolderBytesMax = std::size_t{32}
                                                     << 20U;  ///< all its files together
inline constexpr std::size_t kServedFilesMax = 1000;
inline constexpr std::size_t kServedLevelsMax = 16;

[[nodiscard]] Content content_of(std::string bytes, std::string media_type);

/// By the suffix of a file's name; "application/octet-stream" where it says nothing.
[[nodiscard]] std::string_view media_type_of(std::string_view file_name);

/// `media_type`: empty: by the suffix. Nothing: `fault` says why it cannot be served, such as "it
/// is no regular file". At most kServedFileBytesMax; links are followed, wherever they lead: the
/// configuration names it.
[[nodiscard]] std::optional<Content> read_served_file(const std::filesystem::path& file,
                                                      const std::string& media_type,
                                                      std::string& fault);

/// All files in it and in the folders below, but those whose names, or whose folders' names, begin
/// with a dot; ".well-known" is taken. Links are followed as long as they lead to something below
/// the folder, whatever changes meanwhile: the kernel resolves them beneath it (openat2). `faults`:
/// what is wrong, each a clause such as "\"a/b\" is a link that leads out of the folder"; a few of
/// many. Then what is returned is not whole.
[[nodiscard]] FolderContent read_served_folder(const std::filesystem::path& folder,
                                               std::vector<std::string>& faults);

}  // namespace bourse::host
