// SPDX-License-Identifier: MIT
//
// Which files the host is willing to run code from. A plugin runs with all rights of the host, so
// only those who could replace the host itself may be able to replace a plugin: root and the user
// the host runs as.
//
//   owner     of the file, and of its folder: root, or the effective user
//   group     may write only if it is the effective primary group: that is how Debian's umask 002
//             and user-private groups leave every fresh build; any other group may not
//   others    may never write, sticky bit or not
//   parents   of the folder: not writable by others, unless sticky (as /tmp is)
//
// Failures name the file and the command that helps. Codes: "no_such_folder", "not_a_folder",
// "cannot_open", "dangling_link", "outside_folder", "not_a_regular_file", "untrusted_owner",
// "group_writable", "world_writable", "too_large".
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

inline constexpr std::size_t kLibraryBytesMax = std::size_t{256} << 20;
inline constexpr std::size_t kFilesOfFolderMax = 1024;

/// The folder's canonical path, when it and its parents pass the rules.
Result<std::filesystem::path> open_folder(const std::filesystem::path& folder);

/// Paths of the entries "*.so" that are not hidden, whatever they are, sorted by name. More than
/// kFilesOfFolderMax is a failure, "too_many_files".
Result<std::vector<std::filesystem::path>> list_libraries(const std::filesystem::path& folder);

/// All bytes of a file that passes the rules. Symbolic links are followed, but must end inside
/// `folder`, which came from open_folder. Never blocks on FIFOs or devices. What is checked is what
/// is read: the rules are applied to the open descriptor.
Result<std::string> read_trusted(const std::filesystem::path& file,
                                 const std::filesystem::path& folder);

/// A path for a message: printable, whole.
std::string shown(const std::filesystem::path& path);

/// All bytes of a regular file, whoever owns it: for looking, not for running.
Result<std::string> read_any(const std::filesystem::path& file);

}  // namespace bourse::host
