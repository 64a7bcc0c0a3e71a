// SPDX-License-Identifier: MIT
#include "tests/plugins/sources/history/power.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

namespace bourse::history {

namespace {

constexpr std::size_t kSector = 512;

Power* the_power = nullptr;  // there is one at a time
sqlite3_vfs* real_vfs = nullptr;

struct File {
  sqlite3_file base;
  Power::Content* content;  ///< null: it is passed on alone
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return of(file)->real(); }

void apply(std::string& content, const Power::Write& write, std::size_t from, std::size_t to) {
  if (write.is_cut) {
    content.resize(write.at);
    return;
  }
  if (content.size() < write.at + to) content.resize(write.at + to);
  std::copy(write.bytes.begin() + static_cast<std::ptrdiff_t>(from),
            write.bytes.begin() + static_cast<std::ptrdiff_t>(to),
            content.begin() + static_cast<std::ptrdiff_t>(write.at + from));
}

void note(sqlite3_file* file, Power::Write write) {
  if (of(file)->content == nullptr) return;
  const std::unique_lock lock(the_power->mutex);
  the_power->before();
  of(file)->content->unsynced.push_back(std::move(write));
}

namespace calls {  // what they are called in the VFS, out of the way of others

int close(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
int read(sqlite3_file* file, void* to, int n, sqlite3_int64 at) {
  return real(file)->pMethods->xRead(real(file), to, n, at);
}
int write(sqlite3_file* file, const void* from, int n, sqlite3_int64 at) {
  const std::string bytes(static_cast<const char*>(from), static_cast<std::size_t>(n));
  note(file, {static_cast<std::size_t>(at), bytes});
  return real(file)->pMethods->xWrite(real(file), from, n, at);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  note(file, {static_cast<std::size_t>(size), {}, true});
  return real(file)->pMethods->xTruncate(real(file), size);
}
int sync(sqlite3_file* file, int flags) {
  if (Power::Content* const content = of(file)->content) {
    const std::unique_lock lock(the_power->mutex);
    the_power->before();
    for (const Power::Write& each : content->unsynced) {
      apply(content->synced, each, 0, each.bytes.size());
    }
    content->unsynced.clear();
  }
  return real(file)->pMethods->xSync(real(file), flags);
}
int size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock(sqlite3_file* file, int how) { return real(file)->pMethods->xLock(real(file), how); }
int unlock(sqlite3_file* file, int how) { return real(file)->pMethods->xUnlock(real(file), how); }
int check_lock(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int control(sqlite3_file* file, int what, void* with) {
  return real(file)->pMethods->xFileControl(real(file), what, with);
}
int sector(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int traits(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }
int map(sqlite3_file* file, int page, int n, int grows, void volatile** out) {
  return real(file)->pMethods->xShmMap(real(file), page, n, grows, out);
}
int lock_map(sqlite3_file* file, int at, int n, int flags) {
  return real(file)->pMethods->xShmLock(real(file), at, n, flags);
}
void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int unmap(sqlite3_file* file, int deletes) {
  return real(file)->pMethods->xShmUnmap(real(file), deletes);
}

/// Version 2: without mapping the database itself into memory, which nobody here does.
constexpr sqlite3_io_methods kMethods = {
    2,       close,  read,   write, truncate, sync,    size,  lock,    unlock, check_lock,
    control, sector, traits, map,   lock_map, barrier, unmap, nullptr, nullptr};

int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
  File* const mine = of(file);
  mine->base.pMethods = nullptr;
  const int code = real_vfs->xOpen(real_vfs, name, mine->real(), flags, out);
  if (mine->real()->pMethods == nullptr) return code;
  mine->base.pMethods = &kMethods;
  const bool is_watched = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
  const std::unique_lock lock(the_power->mutex);
  mine->content = is_watched && name != nullptr ? the_power->content(name) : nullptr;
  return code;
}
int remove(sqlite3_vfs*, const char* name, int syncs) {
  const std::unique_lock lock(the_power->mutex);
  the_power->forget(name);
  return real_vfs->xDelete(real_vfs, name, syncs);
}

}  // namespace calls

sqlite3_vfs* vfs() {
  static sqlite3_vfs mine = [] {
    real_vfs = sqlite3_vfs_find(nullptr);
    sqlite3_vfs copy = *real_vfs;
    copy.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
    copy.zName = "power";
    copy.pNext = nullptr;
    copy.xOpen = calls::open;
    copy.xDelete = calls::remove;
    return copy;
  }();
  return &mine;
}

}  // namespace

Power::Power(std::string file, std::function<void()> happens)
    : file_(std::move(file)), happens_(std::move(happens)) {
  the_power = this;
  sqlite3_vfs_register(vfs(), 1);
}

Power::~Power() {
  sqlite3_vfs_unregister(vfs());
  sqlite3_vfs_register(real_vfs, 1);
}

Power::Content* Power::content(const std::string& path) {
  if (path != file_ && path != file_ + "-wal") return nullptr;
  const auto [found, is_new] = contents_.try_emplace(path.substr(file_.size()));
  if (is_new) {  // what was there before it is watched is on the disk
    std::ifstream stream(path, std::ios::binary);
    found->second.synced.assign(std::istreambuf_iterator<char>(stream),
                                std::istreambuf_iterator<char>());
  }
  return &found->second;
}

void Power::before() { happens_(); }

void Power::forget(const std::string& path) {
  if (Content* const gone = content(path)) *gone = {};
}

Power::Disk Power::cut(std::mt19937& random) const {
  const auto draw = [&random](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  Disk disk;
  const std::size_t how = draw(4);
  for (const auto& [name, content] : contents_) {
    std::string& left = disk[name] = content.synced;
    for (const Write& write : content.unsynced) {
      if (how == 0) continue;  // nothing of it
      if (how == 1 || draw(2) == 0) {
        apply(left, write, 0, write.bytes.size());
      } else if (!write.is_cut && draw(2) == 0) {  // torn
        const std::size_t part = write.bytes.size() / kSector * kSector;
        const std::size_t middle = part == 0 ? 0 : draw(part / kSector + 1) * kSector;
        draw(2) == 0 ? apply(left, write, 0, middle)
                     : apply(left, write, middle, write.bytes.size());
      }
    }
  }
  return disk;
}

}  // namespace bourse::history
