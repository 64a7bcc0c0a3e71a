// SPDX-License-Identifier: MIT
//
// The very bytes that were checked, at a path that dlopen takes and nobody else can write to.
// Loading the original path instead would be wrong twice: the file may have been replaced since it
// was checked, and glibc answers a path that it has open already with the old code.
//
// In memory (memfd_create), preferred: needs no writable file system, works where /tmp is mounted
// noexec, leaves nothing behind when the process is killed, and is sealed, so that not even this
// process can change it. The path is /proc/PID/fd/N, so N stays open as long as the library is
// loaded: were N reused, glibc would take the next library for this one. It is not /proc/self: a
// debugger opens the path that the loader tells it, and its own descriptor N is something else.
// /proc/PID/maps shows "/memfd:NAME.DIGEST (deleted)".
// In a folder, where memfd_create is forbidden: a fresh 0700 folder in $XDG_RUNTIME_DIR or /tmp,
// removed with this object.
// In place there is no copy: for tools that look for a file by the name in /proc/PID/maps
// (valgrind, perf, a debugger with a core). Then what is loaded is what is at the path at that
// moment, which need not be what was checked a moment before.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "host/base/result.hpp"

namespace bourse::host {

class PrivateCopy {
 public:
  enum class Where { kMemoryOrFolder, kFolder };

  /// `name` (any text) and the start of `digest` make up the name that debuggers show. Failure:
  /// "cannot_copy".
  static Result<PrivateCopy> make(std::string_view bytes, std::string_view name,
                                  std::string_view digest, Where where = Where::kMemoryOrFolder);
  /// The file itself.
  static PrivateCopy in_place(const std::filesystem::path& file);
  PrivateCopy(PrivateCopy&& other) noexcept;
  PrivateCopy& operator=(PrivateCopy&& other) noexcept;
  ~PrivateCopy();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Leave it where it is for the rest of the process: the library refused to be unloaded, so its
  /// path must never mean anything else.
  void keep_for_ever() noexcept;
  /// The same, of a process that ends soon: what would be left behind on disk is removed all the
  /// same.
  void keep_until_end() noexcept { fd_ = -1; }

 private:
  PrivateCopy() = default;
  static Result<PrivateCopy> in_memory(std::string_view bytes, const std::string& name);
  static Result<PrivateCopy> in_folder(std::string_view bytes, const std::string& name);

  int fd_ = -1;                   // in memory: what the path refers to
  std::filesystem::path folder_;  // in a folder: what to remove
  std::filesystem::path path_;
};

}  // namespace bourse::host
