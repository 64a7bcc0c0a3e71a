// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/sqlite_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <thread>

#include "plugins/sources/history/store/database.hpp"

namespace bourse::history {

namespace {

constexpr std::size_t kHeader = 100;
constexpr off_t kWhoAt = 16;
constexpr std::size_t kWhoMax = 240;

class OpenFile {
 public:
  OpenFile(const std::string& file, int flags)
      : descriptor_(::open(file.c_str(), flags | O_CLOEXEC, 0660)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

using Header = std::array<unsigned char, kHeader>;

std::uint32_t big_endian(const Header& header, std::size_t at, std::size_t bytes = 4) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | header[at + i];
  return value;
}

bool exists(const std::string& file) noexcept {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0;
}

std::uint64_t size_of(const std::string& file) noexcept {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Error foreign(const std::string& file, const std::string& what) {
  return {ErrorKind::kForeign,
          file + " is " + what + ", not a history of ours; it is left as it is",
          "name another file in `database`, or move that one away"};
}

/// Whether a database that says nothing of its program has tables. Read without locks, journals or
/// a trace: it may be somebody else's, open at this moment.
bool has_tables(const std::string& file) {
  std::string uri = "file:";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : file) {
    if (c == '?' || c == '#' || c == '%') {
      const auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += kDigits[byte >> 4];
      uri += kDigits[byte & 15];
    } else {
      uri += c;
    }
  }
  uri += "?immutable=1";
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  bool found = true;
  if (sqlite3_open_v2(uri.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr) ==
          SQLITE_OK &&
      sqlite3_prepare_v2(db, "SELECT count(*) FROM sqlite_master", -1, &statement, nullptr) ==
          SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    found = sqlite3_column_int64(statement, 0) > 0;
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return found;
}

Result<Inspected> inspect_header(const std::string& file, const Header& header, Inspected found,
                                 std::uint64_t size) {
  if (std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
    return foreign(file, "a file of another kind");
  }
  const std::uint32_t application = big_endian(header, 68);
  if (application != 0 && application != kApplicationId) {
    return foreign(file, "a SQLite database of another program (application_id " +
                             std::to_string(application) + ")");
  }
  found.schema = static_cast<int>(big_endian(header, 60));
  if (application == kApplicationId && found.schema > kSchema) {
    return Error{ErrorKind::kNewer,
                 file + " was written by a later version of this program (schema " +
                     std::to_string(found.schema) + ", this one knows " + std::to_string(kSchema) +
                     "); it is left as it is",
                 "run that version, or name another file in `database`"};
  }
  // 1 means 65536. The number of pages counts only when nobody older wrote since (SQLite 3.7.0),
  // and a log may hold what the file lacks.
  const std::uint32_t page = big_endian(header, 16, 2);
  const std::uint64_t bytes = std::uint64_t{page == 1 ? 65'536 : page} * big_endian(header, 28);
  if (!found.has_log && big_endian(header, 24) == big_endian(header, 92) && bytes > size) {
    return Error{ErrorKind::kCorrupt,
                 file + " is cut off: it has " + std::to_string(size) + " of " +
                     std::to_string(bytes) + " bytes",
                 "restore a backup, or move it away and fill a new one with backfill and import"};
  }
  found.is_wal = header[18] == 2;
  if (application == 0 && !found.has_log && has_tables(file)) {
    return foreign(file, "a SQLite database of somebody else");
  }
  return found;
}

bool lock_byte(int descriptor, LockFile::Lock which, short type) noexcept {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(which);
  lock.l_len = 1;
  return ::fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

}  // namespace

Result<Inspected> inspect(const std::string& file) {
  Inspected found;
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return found;
    return Error{ErrorKind::kReadOnly, file + " cannot be looked at: " + std::strerror(errno),
                 "give this user rights on the folder and the file"};
  }
  if (!S_ISREG(status.st_mode)) return foreign(file, "no regular file");
  found.device = status.st_dev;
  found.inode = status.st_ino;
  found.has_log = size_of(file + "-wal") > 0;
  if (status.st_size == 0) {
    if (!found.has_log && !exists(file + ".lock") && !exists(file + ".reserve")) return found;
    return Error{ErrorKind::kCorrupt,
                 file + " has been emptied: a history was here, and it has 0 bytes",
                 "restore a backup; or delete it with what is beside it (-wal, .lock, .reserve) to "
                 "begin anew"};
  }
  found.exists = true;
  const OpenFile opened(file, O_RDONLY);
  if (opened.get() < 0) {
    return Error{ErrorKind::kReadOnly, file + " cannot be read: " + std::strerror(errno),
                 "give this user rights on the file"};
  }
  Header header{};
  const ssize_t got = ::pread(opened.get(), header.data(), header.size(), 0);
  if (got != static_cast<ssize_t>(header.size())) return foreign(file, "a file of another kind");
  return inspect_header(file, header, found, static_cast<std::uint64_t>(status.st_size));
}

Status check_file_system(const std::string& folder) {
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) return Done{};  // opening says what is wrong
  constexpr struct {
    std::uint32_t magic;
    const char* name;
  } kRefused[] = {{0x6969, "NFS"},       {0x517B, "SMB"},    {0xFF534D42, "CIFS"},
                  {0xFE534D42, "SMB"},   {0x01021997, "9p"}, {0x65735546, "FUSE"},
                  {0x00C36400, "CephFS"}};
  const auto magic = static_cast<std::uint32_t>(status.f_type);
  for (const auto& [refused, name] : kRefused) {
    if (magic != refused) continue;
    return Error{ErrorKind::kRefused,
                 folder + " is on a file system (" + name +
                     ") on which SQLite databases get damaged when two programs use them",
                 "put the database on a local disk or volume, or keep the history in PostgreSQL"};
  }
  return Done{};
}

// ---- locks

LockFile::~LockFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status LockFile::open() {
  if (descriptor_ >= 0) return Done{};
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
  if (descriptor_ >= 0) return Done{};
  const int error = errno;
  return Error{error == ENOSPC || error == EDQUOT ? ErrorKind::kFull : ErrorKind::kReadOnly,
               file_ + " cannot be opened for writing: " + std::strerror(error),
               "give this user rights on the folder: several files live there"};
}

bool LockFile::try_take(Lock lock) noexcept {
  return descriptor_ >= 0 && lock_byte(descriptor_, lock, F_WRLCK);
}

bool LockFile::take(Lock lock, std::chrono::milliseconds wait) noexcept {
  const auto until = std::chrono::steady_clock::now() + wait;
  while (!try_take(lock)) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void LockFile::release(Lock lock) noexcept {
  if (descriptor_ >= 0) static_cast<void>(lock_byte(descriptor_, lock, F_UNLCK));
}

void LockFile::say_who(const std::string& name) noexcept {
  if (descriptor_ < 0) return;
  const std::size_t bytes = std::min(name.size(), kWhoMax);
  if (::ftruncate(descriptor_, kWhoAt) != 0) return;
  [[maybe_unused]] const ssize_t written =  // a name that is not there is only not shown
      ::pwrite(descriptor_, name.data(), bytes, kWhoAt);
}

std::string LockFile::who() const {
  const OpenFile opened(file_, O_RDONLY);
  if (opened.get() < 0) return {};
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(Lock::kLease);
  lock.l_len = 1;
  if (::fcntl(opened.get(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return {};
  std::array<char, kWhoMax> text{};
  const ssize_t got = ::pread(opened.get(), text.data(), text.size(), kWhoAt);
  return got > 0 ? std::string(text.data(), static_cast<std::size_t>(got)) : "another process";
}

// ---- reserve

void Reserve::take() noexcept {
  if (size_of(file_) >= static_cast<std::uint64_t>(kBytes)) return;
  const OpenFile opened(file_, O_WRONLY | O_CREAT | O_NOFOLLOW);
  if (opened.get() < 0) return;
  if (::posix_fallocate(opened.get(), 0, kBytes) != 0) give_up();
}

void Reserve::give_up() noexcept { static_cast<void>(::unlink(file_.c_str())); }

}  // namespace bourse::history
