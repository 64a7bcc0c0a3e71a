// SPDX-License-Identifier: MIT
//
// Looks after what a configuration was read from, for those who write it: `bourse serve --watch`.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "host/cli/inputs.hpp"
#include "host/http/descriptor.hpp"

namespace bourse::host {

/// What counts is what a file is, not what the system tells of it: so a file that an editor renames
/// over the old one, a symbolic link above it that is turned (as Kubernetes does with "..data") and
/// a file of a network that tells nothing are all seen, the last within two seconds.
class Watch {
 public:
  /// What was read last, and what it was then.
  using Read = std::function<Inputs()>;
  /// One of them is another than the one that was read, and nobody has written for 200 ms. `what`
  /// is one that differs. Told once, until it is another one again. Must return at once.
  using Changed = std::function<void(const std::filesystem::path& what)>;

  /// Both are called on a thread of this, `read` in the constructor as well.
  Watch(Read read, Changed changed);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  [[nodiscard]] Inputs look(const Inputs& read);
  void listen_to(const std::filesystem::path& folder);
  /// False: the watch ends.
  bool await(std::chrono::milliseconds limit, bool* heard = nullptr);
  bool settle();
  [[nodiscard]] bool fits_a_pattern(const std::string& name) const;
  /// True: somebody touched what is looked at.
  bool read_events();
  void loop();

  const Read read_;
  const Changed changed_;
  Descriptor events_;  ///< inotify; none: every two seconds must do
  Descriptor stop_;
  std::set<std::string> names_;     ///< of the files that are looked at, without folder
  std::set<std::string> patterns_;  ///< of names in the folders that are looked at
  std::set<std::string> written_;   ///< of these, those that somebody has not closed yet
  Inputs told_;                     ///< what they were when a change was told last
  std::thread thread_;
};

}  // namespace bourse::host
