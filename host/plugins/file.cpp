// SPDX-License-Identifier: MIT
#include "host/plugins/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include "host/base/folder.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

Failure refused(const fs::path& file, std::string code, const std::string& words) {
  return {
      .status = BOURSE_INTERNAL, .code = std::move(code), .message = shown(file) + ": " + words};
}

Failure cannot_open(const fs::path& file, int error) {
  return refused(file, "cannot_open",
                 "cannot be read (" + std::generic_category().message(error) + "); let user " +
                     std::to_string(geteuid()) + " read it");
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

// `what` is "file" or "folder".
Result<void> check_rights(const fs::path& path, const struct stat& facts, const char* what) {
  if (facts.st_uid != 0 && facts.st_uid != geteuid()) {
    return refused(
        path, "untrusted_owner",
        std::string("this ") + what + " belongs to user " + std::to_string(facts.st_uid) +
            ", who is neither root nor the user of this process; run: chown root " + shown(path));
  }
  if ((facts.st_mode & S_IWOTH) != 0) {
    return refused(path, "world_writable",
                   std::string("everyone may write to this ") + what +
                       ", so anyone could have put code there; check it and run: chmod o-w " +
                       shown(path));
  }
  if ((facts.st_mode & S_IWGRP) != 0 && facts.st_gid != getegid()) {
    return refused(path, "group_writable",
                   "group " + std::to_string(facts.st_gid) + " may write to this " + what +
                       " and is not the primary group of this process; run: chmod g-w " +
                       shown(path));
  }
  return {};
}

Result<void> check_folder(const fs::path& folder) {
  struct stat facts = {};
  if (stat(folder.c_str(), &facts) != 0) return cannot_open(folder, errno);
  return check_rights(folder, facts, "folder");
}

// A sticky parent lets nobody but the owner rename what is in it.
Result<void> check_parent(const fs::path& parent) {
  struct stat facts = {};
  if (stat(parent.c_str(), &facts) != 0) return cannot_open(parent, errno);
  if ((facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0) {
    return refused(parent, "world_writable",
                   "everyone may replace the folders in it, plugins included; run: chmod o-w " +
                       shown(parent));
  }
  return {};
}

bool is_inside(const fs::path& file, const fs::path& folder) {
  const auto [end, unused] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return end == folder.end();
}

Result<std::string> read_all(const fs::path& file, int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t n = read(fd, bytes.data() + filled, size - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannot_open(file, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  bytes.resize(filled);  // shrank meanwhile: the ELF reader will say that it was cut short
  return bytes;
}

Failure not_regular(const fs::path& file) {
  return refused(file, "not_a_regular_file",
                 "is a folder, pipe, socket or device; only regular files are loaded; move it "
                 "elsewhere");
}

Result<std::string> read_file(const fs::path& file, const bool trusted_only) {
  struct stat facts = {};
  // Looked at before it is opened, because opening a device may do something.
  if (stat(file.c_str(), &facts) != 0) return cannot_open(file, errno);
  if (!S_ISREG(facts.st_mode)) return not_regular(file);
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (trusted_only ? O_NOFOLLOW : 0);
  const Descriptor descriptor(open(file.c_str(), flags));
  if (descriptor.get() < 0 || fstat(descriptor.get(), &facts) != 0) {
    return cannot_open(file, errno);
  }
  if (!S_ISREG(facts.st_mode)) return not_regular(file);
  if (trusted_only) {
    if (auto rights = check_rights(file, facts, "file"); !rights) {
      return std::move(rights).failure();
    }
  }
  if (static_cast<std::uintmax_t>(facts.st_size) > kLibraryBytesMax) {
    return refused(file, "too_large",
                   "has " + std::to_string(facts.st_size) + " bytes, at most " +
                       std::to_string(kLibraryBytesMax) +
                       " are loaded; strip its debug information");
  }
  return read_all(file, descriptor.get(), static_cast<std::size_t>(facts.st_size));
}

}  // namespace

std::string shown(const fs::path& path) { return printable(path.string(), PATH_MAX); }

Result<fs::path> open_folder(const fs::path& folder) {
  std::error_code error;
  auto canonical = fs::canonical(folder, error);
  if (folder.empty() || error == std::errc::no_such_file_or_directory) {
    return refused(folder, "no_such_folder",
                   "there is no such folder of plugins; create it or correct the path");
  }
  if (error) return cannot_open(folder, error.value());
  if (!fs::is_directory(canonical, error)) {
    return refused(folder, "not_a_folder", "is not a folder; name the folder that holds plugins");
  }
  if (auto rights = check_folder(canonical); !rights) return std::move(rights).failure();
  for (auto parent = canonical.parent_path(); true; parent = parent.parent_path()) {
    if (auto rights = check_parent(parent); !rights) return std::move(rights).failure();
    if (parent == parent.root_path()) return canonical;
  }
}

Result<std::vector<fs::path>> list_libraries(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const std::string& name : names_in(folder, error)) {
    fs::path path = folder / name;
    if (path.extension() != ".so" || name.starts_with('.')) continue;
    if (files.size() == kFilesOfFolderMax) {
      return refused(folder, "too_many_files",
                     "holds more than " + std::to_string(kFilesOfFolderMax) +
                         " libraries; is "
                         "this the folder of plugins?");
    }
    files.push_back(std::move(path));
  }
  if (error) return cannot_open(folder, error.value());
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::string> read_trusted(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  std::error_code status_error;  // then it is no link that we could see
  const auto canonical = fs::canonical(file, error);
  if (error == std::errc::no_such_file_or_directory &&
      fs::is_symlink(fs::symlink_status(file, status_error))) {
    return refused(file, "dangling_link", "is a link to a file that does not exist; remove it");
  }
  if (error) return cannot_open(file, error.value());
  if (!is_inside(canonical, folder)) {
    return refused(file, "outside_folder",
                   "is a link to " + shown(canonical) + ", outside of " + shown(folder) +
                       "; copy the file instead");
  }
  // A link may lead into subfolders, which open_folder has not seen.
  for (auto parent = canonical.parent_path(); parent != folder; parent = parent.parent_path()) {
    if (auto rights = check_folder(parent); !rights) return std::move(rights).failure();
  }
  return read_file(canonical, true);
}

Result<std::string> read_any(const fs::path& file) { return read_file(file, false); }

}  // namespace bourse::host
