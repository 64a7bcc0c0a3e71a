// SPDX-License-Identifier: MIT
#include "host/cli/watch.hpp"

#include <fnmatch.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

/// For what no event tells of: file systems of a network, a file that is mounted by itself.
constexpr milliseconds kLooksEach{2000};
constexpr milliseconds kQuiet{200};
/// Who has written and not closed is waited for, but not for ever: a truncate() closes nothing.
constexpr milliseconds kWriterQuiet{2000};
/// Between two looks, when something else in the folder is written all the time.
constexpr milliseconds kPause{50};

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_MOVED_TO |
                                  IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |
                                  IN_MOVE_SELF | IN_ONLYDIR;

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

}  // namespace

Watch::Watch(Read read, Changed changed)
    : read_(std::move(read)),
      changed_(std::move(changed)),
      events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (stop_.number() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  if (events_.number() < 0) {
    log_event(BOURSE_LEVEL_WARN, "watch_without_events",
              {{"message", "the system gives none (" + std::string(std::strerror(errno)) +
                               "); files are looked at every two seconds"}});
  }
  (void)look(read_());  // who writes from now on is heard
  thread_ = std::thread([this] { loop(); });
}

Watch::~Watch() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.number(), &one, sizeof one);
  thread_.join();
}

// The system gives the same number for the same folder, so it is told of each again and again: one
// that was deleted and made anew is another one.
void Watch::listen_to(const fs::path& folder) {
  if (events_.number() >= 0) (void)::inotify_add_watch(events_.number(), folder.c_str(), kEvents);
}

// Listened to before it is looked at: what happens in between is heard.
Inputs Watch::look(const Inputs& read) {
  names_.clear();
  for (const auto& [file, unused] : read.files()) {
    listen_to(folder_of(file));
    names_.insert(file.filename().string());
  }
  patterns_.clear();
  for (const auto& [place, unused] : read.folders()) {
    listen_to(place.parent_path());
    patterns_.insert(place.filename().string());
  }
  return read.again();
}

bool Watch::fits_a_pattern(const std::string& name) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
  });
}

bool Watch::read_events() {
  alignas(inotify_event) std::array<char, 16384> buffer;
  bool touched = false;
  while (true) {
    const ssize_t bytes = ::read(events_.number(), buffer.data(), buffer.size());
    if (bytes <= 0) return touched;
    for (std::size_t at = 0; at < static_cast<std::size_t>(bytes);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const text = buffer.data() + at + sizeof event;
      const std::string name(event.len == 0 ? "" : text);
      at += sizeof event + event.len;
      if (!names_.contains(name) && !fits_a_pattern(name)) continue;
      touched = true;
      if ((event.mask & IN_MODIFY) != 0) {
        written_.insert(name);
      } else {
        written_.erase(name);
      }
    }
  }
}

bool Watch::await(milliseconds limit, bool* heard) {
  std::array<pollfd, 2> waits = {pollfd{stop_.number(), POLLIN, 0},
                                 pollfd{heard == nullptr ? -1 : events_.number(), POLLIN, 0}};
  (void)::poll(waits.data(), waits.size(), static_cast<int>(limit.count()));
  if (waits[0].revents != 0) return false;
  if (heard != nullptr && waits[1].revents != 0) *heard = true;
  return true;
}

/// Until nobody has touched anything for a while.
bool Watch::settle() {
  auto last = SteadyClock::now();
  while (true) {
    const auto until = last + (written_.empty() ? kQuiet : kWriterQuiet);
    const auto rest = std::chrono::ceil<milliseconds>(until - SteadyClock::now());
    if (rest <= milliseconds(0)) break;
    bool heard = false;
    if (!await(rest, &heard)) return false;
    if (heard && read_events()) last = SteadyClock::now();
  }
  written_.clear();
  return true;
}

void Watch::loop() {
  while (true) {
    Inputs now = look(read_());
    if (!difference(read_(), now, told_)) {
      bool heard = false;
      if (!await(kPause) || !await(kLooksEach, &heard)) return;
      if (heard) (void)read_events();
      continue;
    }
    Inputs before;
    do {
      before = std::move(now);
      if (!settle()) return;
      now = before.again();
    } while (difference(before, now));
    const auto what = difference(read_(), now, told_);  // none: it was put back, or read meanwhile
    told_ = std::move(now);
    if (what) changed_(*what);
  }
}

}  // namespace bourse::host
