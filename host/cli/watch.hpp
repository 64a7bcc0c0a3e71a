// SPDX-License-Identifier: MIT
//
// Looks after what a configuration was read from, for those who write it: `bourse serve --watch`.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "host/cli/setup.hpp"
#include "host/http/descriptor.hpp"

namespace bourse::host {

/// What counts is what a file is (device, inode, size, times), not what the system tells of it: so
/// a file that an editor renames over the old one, a symbolic link above it that is turned (as
/// Kubernetes does with "..data") and a file of a network that tells nothing are all seen, the last
/// within two seconds. Of a folder, its "*.so" count.
class Watch {
 public:
  /// What to look at; asked before each look. A file or folder that is new in it is no change.
  using Where = std::function<Inputs()>;
  /// One of them is another than it was, and nobody has written for 200 ms. `what` is one that
  /// differs. Must return at once.
  using Changed = std::function<void(const std::filesystem::path& what)>;

  /// Both are called on a thread of this, which begins with a first look in the constructor.
  Watch(Where where, Changed changed);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  /// Of each file or folder that is looked at: the files that are it, and what each is.
  using Look = std::map<std::filesystem::path, std::map<std::filesystem::path, std::string>>;
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] Look look();
  void listen_to(const std::filesystem::path& folder);
  /// False: the watch ends.
  bool await(std::chrono::milliseconds limit, bool* heard = nullptr);
  bool settle();
  /// True: somebody touched what is looked at.
  bool read_events();
  void loop();

  const Where where_;
  const Changed changed_;
  Descriptor events_;  ///< inotify; none: every two seconds must do
  Descriptor stop_;
  std::set<std::string> names_;    ///< of the files that are looked at, without folder
  std::set<std::string> written_;  ///< of these, those that somebody has not closed yet
  Look known_;
  std::thread thread_;
};

}  // namespace bourse::host
