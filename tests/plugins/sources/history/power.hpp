// SPDX-License-Identifier: MIT
//
// A disk that loses power: a VFS of SQLite's over the real one, which keeps what was written to
// each database and log since its last sync, and can say what a disk would hold if the power went
// now: what was synced, and of the rest any of it, pieces of sectors' size included.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace bourse::history {

class Power {
 public:
  /// What is on a disk, by the ending of the name: "" the database, "-wal" its log.
  using Disk = std::map<std::string, std::string>;

  /// All databases that the process opens from now on are on it, and must be closed before it goes.
  /// `file`: the one that is watched.
  /// `happens` is called before every write and every sync of it, under the lock.
  Power(std::string file, std::function<void()> happens);
  ~Power();
  Power(const Power&) = delete;
  Power& operator=(const Power&) = delete;

  /// From `happens`, or when nothing is written: the disk after a power cut, which `random`
  /// decides.
  [[nodiscard]] Disk cut(std::mt19937& random) const;

  // ---- the VFS
  struct Write {
    std::size_t at = 0;
    std::string bytes;
    bool is_cut = false;  ///< the file ends at `at` instead
  };
  struct Content {
    std::string synced;
    std::vector<Write> unsynced;
  };
  /// null: it is not watched.
  Content* content(const std::string& path);
  void before();  ///< REQUIRES: mutex
  void forget(const std::string& path);
  std::mutex mutex;

 private:
  std::string file_;
  std::function<void()> happens_;
  std::map<std::string, Content> contents_;
};

}  // namespace bourse::history
