// SPDX-License-Identifier: MIT
#include "host/routing/static_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/http/text.hpp"
#include "host/plugins/digest.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFaultsMax = 10;
constexpr int kReading = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

struct ServedSuffix {
  std::string_view suffix, media_type;
};

constexpr auto kSuffixes = std::to_array<ServedSuffix>({
    {"txt", "text/plain; charset=utf-8"},
    {"md", "text/markdown; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"htm", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"webmanifest", "application/manifest+json"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"pdf", "application/pdf"},
    {"wasm", "application/wasm"},
    {"ico", "image/vnd.microsoft.icon"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"svg", "image/svg+xml"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"ttf", "font/ttf"},
});

/// Closes it at the end.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

std::string too_large() { return "it is larger than 4 MiB"; }

/// What is wrong with it; empty: it was read.
std::string read_all(const Descriptor& file, const struct stat& facts, std::string& bytes) {
  if (facts.st_size > static_cast<off_t>(kServedFileBytesMax)) return too_large();
  // One more than it says shows whether it grows; those of /proc say that they are empty.
  std::size_t count = 0;
  bytes.resize(std::max<std::size_t>(static_cast<std::size_t>(facts.st_size), 4095) + 1);
  while (true) {
    const ssize_t more = ::read(file.number(), bytes.data() + count, bytes.size() - count);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return std::strerror(errno);
    if (more == 0) break;
    count += static_cast<std::size_t>(more);
    if (count > kServedFileBytesMax) return too_large();
    if (count == bytes.size()) bytes.resize(std::min(2 * count, kServedFileBytesMax + 1));
  }
  bytes.resize(count);
  bytes.shrink_to_fit();
  return {};
}

std::string no_file() { return "it is no regular file"; }

/// Reads all below one folder.
class FolderReader {
 public:
  FolderReader(const Descriptor& root, std::vector<std::string>& faults)
      : root_(root), faults_(faults) {}

  FolderContent read() && {
    read_below("", root_.number());
    return std::move(content_);
  }

 private:
  /// Of a file or folder there, as which device and number the kernel knows it.
  using Identity = std::pair<dev_t, ino_t>;

  void fault(const std::string& name, const std::string& what) {
    if (faults_.size() < kFaultsMax) faults_.push_back(in_quotes(name, 200) + " " + what);
  }
  void fault_of_all(std::string what) {
    if (!is_full_) faults_.push_back(std::move(what));
    is_full_ = true;
  }

  [[nodiscard]] static std::string words_of(int error) {
    if (error == EXDEV) return "is a link that leads out of the folder";
    if (error == ELOOP) return "is a link that leads in a circle";
    if (error == ENOENT) return "is a link that leads nowhere";
    if (error == ENXIO) return "is no regular file";
    if (error == ENOSYS) {
      return "cannot be opened safely, because this kernel has no openat2; name each file by "
             "`file` instead";
    }
    return std::string("cannot be read: ") + std::strerror(error);
  }

  [[nodiscard]] int open(const std::string& name) const {
    struct open_how how {};
    how.flags = static_cast<std::uint64_t>(kReading);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    constexpr int kTries = 8;  // EAGAIN: something was renamed meanwhile, so look again
    long opened = -1;
    for (int i = 0; i < kTries && (i == 0 || (opened < 0 && errno == EAGAIN)); ++i) {
      opened = ::syscall(SYS_openat2, root_.number(), name.c_str(), &how, sizeof how);
    }
    return static_cast<int>(opened);
  }

  /// `name`: below the root, empty for itself; `folder`: the same, stays open.
  void read_below(const std::string& name, int folder) {
    struct stat facts {};
    const int copy = ::openat(folder, ".", kReading | O_DIRECTORY);
    const OpenFolder entries(copy < 0 ? nullptr : ::fdopendir(copy));
    if (!entries || ::fstat(copy, &facts) != 0) {
      return fault(name.empty() ? "." : name, words_of(errno));
    }
    const Identity self{facts.st_dev, facts.st_ino};
    if (std::find(around_.begin(), around_.end(), self) != around_.end()) {
      return fault(name, "is a link that leads to a folder around it");
    }
    around_.push_back(self);
    if (around_.size() > kServedLevelsMax) {
      fault(name, "lies too deep: a folder may have 16 levels");
    } else {
      read_entries(name, *entries);
    }
    around_.pop_back();
  }

  void read_entries(const std::string& folder, DIR& entries) {
    while (!is_full_) {
      errno = 0;
      const struct dirent* const entry = ::readdir(&entries);
      if (entry == nullptr) {
        if (errno != 0) fault(folder.empty() ? "." : folder, words_of(errno));
        return;
      }
      const std::string_view name = entry->d_name;
      // What an editor, git or a mounted ConfigMap puts there is not for strangers.
      if (name.starts_with('.') && name != ".well-known") continue;
      const std::string below =
          folder.empty() ? std::string(name) : folder + '/' + std::string(name);
      if (!is_utf8(name) || has_control(name)) {
        fault(below, "has a name that is no UTF-8 or has control characters");
        continue;
      }
      read_entry(below);
    }
  }

  void read_entry(const std::string& name) {
    const Descriptor opened(open(name));
    struct stat facts {};
    if (!opened.is_open() || ::fstat(opened.number(), &facts) != 0) {
      return fault(name, words_of(errno));
    }
    if (S_ISDIR(facts.st_mode)) return read_below(name, opened.number());
    if (!S_ISREG(facts.st_mode)) return fault(name, "is no regular file");
    std::string bytes;
    if (const std::string why = read_all(opened, facts, bytes); !why.empty()) {
      return fault(name, "cannot be served: " + why);
    }
    bytes_ += bytes.size();
    if (content_.size() >= kServedFilesMax) return fault_of_all("it has more than 1000 files");
    if (bytes_ > kServedFolderBytesMax)
      return fault_of_all("its files are larger than 32 MiB together");
    content_.emplace(name, content_of(std::move(bytes), std::string(media_type_of(name))));
  }

  const Descriptor& root_;
  std::vector<std::string>& faults_;
  FolderContent content_;
  std::vector<Identity> around_;  ///< the folders that are being read
  std::size_t bytes_ = 0;
  bool is_full_ = false;
};

}  // namespace

Content content_of(std::string bytes, std::string media_type) {
  // Half of a SHA-256 tells any two texts apart.
  std::string etag = '"' + sha256_hex(bytes).substr(0, 32) + '"';
  return {.media_type = std::move(media_type),
          .bytes = std::make_shared<const std::string>(std::move(bytes)),
          .etag = std::move(etag)};
}

std::string_view media_type_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  const std::string_view suffix = dot == file_name.npos ? "" : file_name.substr(dot + 1);
  const auto* const found =
      std::find_if(kSuffixes.begin(), kSuffixes.end(),
                   [&](const ServedSuffix& s) { return equal_ignoring_case(s.suffix, suffix); });
  return found == kSuffixes.end() ? "application/octet-stream" : found->media_type;
}

std::optional<Content> read_served_file(const fs::path& file, const std::string& media_type,
                                        std::string& fault) {
  // Without waiting: a pipe that nobody writes to is no file to serve.
  const Descriptor opened(::open(file.c_str(), kReading));
  struct stat facts {};
  if (!opened.is_open() || ::fstat(opened.number(), &facts) != 0) {
    fault = errno == ENXIO ? no_file() : std::strerror(errno);
    return std::nullopt;
  }
  std::string bytes;
  fault = S_ISREG(facts.st_mode) ? read_all(opened, facts, bytes) : no_file();
  if (!fault.empty()) return std::nullopt;
  return content_of(std::move(bytes), media_type.empty()
                                          ? std::string(media_type_of(file.filename().string()))
                                          : media_type);
}

FolderContent read_served_folder(const fs::path& folder, std::vector<std::string>& faults) {
  const Descriptor root(::open(folder.c_str(), kReading | O_DIRECTORY));
  if (!root.is_open()) {
    faults.push_back(errno == ENOTDIR ? "it is no folder" : std::strerror(errno));
    return {};
  }
  return FolderReader(root, faults).read();
}

}  // namespace bourse::host
