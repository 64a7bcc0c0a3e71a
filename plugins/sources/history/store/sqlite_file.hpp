// SPDX-License-Identifier: MIT
//
// sqlite_file.hpp - the files of a SQLite history before SQLite sees them: is it one of ours,
// whole, on a file system that can hold it; and who may write.
//
//   history.db           the database       history.db-wal, -shm   SQLite's, while it is open
//   history.db.lock      who writes         history.db.reserve     room for prune on a full disk
//
// Internal to the store: not seen by the layer.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "plugins/sources/history/store/result.hpp"

namespace bourse::history {

/// What a file is, by its first hundred bytes and its neighbours.
struct Inspected {
  bool exists = false;  ///< false also of an empty one without a trace of a history
  bool is_wal = false;
  bool has_log = false;  ///< a -wal that holds something: nobody closed it
  int schema = 0;
  dev_t device = 0;
  ino_t inode = 0;
};
/// kForeign, kNewer, kCorrupt: what must not be opened. The file is only read.
Result<Inspected> inspect(const std::string& file);

/// kRefused when the folder's file system breaks SQLite's log: those over a network, and FUSE.
Status check_file_system(const std::string& folder);

/// Locks on a file that end with the process. Two locks: who is the writer, and whose turn it is.
/// OFD locks, so two stores in one process exclude each other too. One thread at a time.
class LockFile {
 public:
  enum class Lock : std::uint8_t { kLease = 0, kTurn = 1 };

  explicit LockFile(std::string file) : file_(std::move(file)) {}
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  Status open();
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] bool try_take(Lock lock) noexcept;
  [[nodiscard]] bool take(Lock lock, std::chrono::milliseconds wait) noexcept;
  void release(Lock lock) noexcept;

  /// For others to read; the holder of the lease writes it.
  void say_who(const std::string& name) noexcept;
  /// Who holds the lease; "" when nobody does. Works on a file that is not open() too.
  [[nodiscard]] std::string who() const;

 private:
  std::string file_;
  int descriptor_ = -1;
};

/// Bytes that are set aside. Best effort: a disk that is full already has none.
class Reserve {
 public:
  static constexpr std::int64_t kBytes = 8 << 20;
  explicit Reserve(std::string file) : file_(std::move(file)) {}
  void take() noexcept;
  void give_up() noexcept;

 private:
  std::string file_;
};

}  // namespace bourse::history
