// SPDX-License-Identifier: MIT
//
// What a configuration was read from, and what that was when it was read.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace bourse::host {

/// Files, and of each its device, inode, size and times, or why they cannot be told.
using Files = std::map<std::filesystem::path, std::string>;

/// By the file or folder that is named: of a file itself, through all links; of a folder those of
/// its files whose names fit a pattern, under the folder and the pattern. Values.
class Inputs {
 public:
  /// They are looked at here: before they are read, so that what is written meanwhile is a change.
  void add_file(const std::filesystem::path& file);
  /// `pattern`: as fnmatch(3) has it; what begins with "." only fits a pattern that does.
  void add_folder(const std::filesystem::path& folder, const std::string& pattern);

  /// The same files and folders as they are now.
  [[nodiscard]] Inputs again() const;
  [[nodiscard]] const Files* find(const std::filesystem::path& place) const;

  using Places = std::map<std::filesystem::path, Files>;
  [[nodiscard]] const Places& files() const noexcept { return files_; }
  [[nodiscard]] const Places& folders() const noexcept { return folders_; }

 private:
  Places files_;
  Places folders_;
};

/// A file of `is` that is not what it was in `was`; what only one of them has counts for nothing,
/// and so does what is as it was in `known`.
[[nodiscard]] std::optional<std::filesystem::path> difference(const Inputs& was, const Inputs& is,
                                                              const Inputs& known = {});

}  // namespace bourse::host
