// SPDX-License-Identifier: MIT
#include "host/plugins/private_copy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#ifndef MFD_EXEC  // Linux 6.3; glibc 2.36 does not know it yet
#define MFD_EXEC 0x0010U
#endif

namespace bourse::host {
namespace {

Failure cannot_copy(const std::string& where, int error) {
  return {.status = BOURSE_INTERNAL,
          .code = "cannot_copy",
          .message = "cannot be copied " + where + " (" + std::generic_category().message(error) +
                     "); allow memfd_create, or set XDG_RUNTIME_DIR to a writable folder that is "
                     "not mounted noexec"};
}

// 0, or errno.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

// File-name characters only; the rest of a name is for people, so losing some is fine.
std::string file_name(std::string_view name, std::string_view digest) {
  std::string result;
  for (const char c : name.substr(0, 64)) result += (c <= ' ' || c > '~' || c == '/') ? '_' : c;
  return result.append(".").append(digest.substr(0, 16));
}

}  // namespace

PrivateCopy::PrivateCopy(PrivateCopy&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      folder_(std::exchange(other.folder_, {})),
      path_(std::exchange(other.path_, {})) {}

PrivateCopy& PrivateCopy::operator=(PrivateCopy&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(folder_, other.folder_);
  std::swap(path_, other.path_);
  return *this;
}

PrivateCopy::~PrivateCopy() {
  if (fd_ >= 0) close(fd_);
  if (!folder_.empty()) {
    std::error_code ignored;  // a folder that cannot be removed harms nobody
    std::filesystem::remove_all(folder_, ignored);
  }
}

void PrivateCopy::keep_for_ever() noexcept {
  fd_ = -1;
  folder_.clear();
}

Result<PrivateCopy> PrivateCopy::make(std::string_view bytes, std::string_view name,
                                      std::string_view digest, Where where) {
  const auto full_name = file_name(name, digest);
  if (where == Where::kMemoryOrFolder) {
    if (auto copy = in_memory(bytes, full_name)) return copy;
  }
  return in_folder(bytes, full_name);
}

PrivateCopy PrivateCopy::in_place(const std::filesystem::path& file) {
  PrivateCopy none;
  none.path_ = file;
  return none;
}

Result<PrivateCopy> PrivateCopy::in_memory(std::string_view bytes, const std::string& name) {
  PrivateCopy copy;
  constexpr unsigned int kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  copy.fd_ = memfd_create(name.c_str(), kFlags | MFD_EXEC);
  if (copy.fd_ < 0 && errno == EINVAL) copy.fd_ = memfd_create(name.c_str(), kFlags);
  if (copy.fd_ < 0) return cannot_copy("to memory", errno);
  if (const int error = write_all(copy.fd_, bytes); error != 0) {
    return cannot_copy("to memory", error);
  }
  if (fcntl(copy.fd_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return cannot_copy("to memory", errno);
  }
  copy.path_ = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(copy.fd_);
  if (access(copy.path_.c_str(), R_OK) != 0) return cannot_copy("to memory", errno);  // no /proc
  return copy;
}

Result<PrivateCopy> PrivateCopy::in_folder(std::string_view bytes, const std::string& name) {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::filesystem::path parent = runtime != nullptr && *runtime == '/' ? runtime : "/tmp";
  std::string folder = (parent / "bourse-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return cannot_copy("to " + parent.string(), errno);
  PrivateCopy copy;
  copy.folder_ = folder;
  copy.path_ = copy.folder_ / name;
  const int fd = open(copy.path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0500);
  if (fd < 0) return cannot_copy("to " + folder, errno);
  const int write_error = write_all(fd, bytes);
  if (close(fd) != 0 || write_error != 0) {
    return cannot_copy("to " + folder, write_error != 0 ? write_error : errno);
  }
  return copy;
}

}  // namespace bourse::host
