// SPDX-License-Identifier: MIT
//
// Reloads, one after the other on a thread of their own: one runs, and all who ask meanwhile share
// the next one, which sees what they changed before they asked.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/base/failure.hpp"
#include "host/http/message.hpp"

namespace bourse::host {

/// What is served, as operators know it.
struct Served {
  std::uint64_t generation = 1;  ///< counts from 1, the start
  std::string sha256 = {};       ///< of the configuration file
  std::int64_t since = 0;        ///< seconds since 1970, when it was taken
};

/// What became of a reload.
struct ReloadVerdict {
  bool taken = false;       ///< the new generation serves; else the old one goes on, whole
  Response response = {};   ///< what is told to who asked over HTTP
  std::string report = {};  ///< refused: why, in lines for people
};

/// 503 "no_reload".
[[nodiscard]] Failure no_reload_failure();

class Reloads {
 public:
  using Reload = std::function<ReloadVerdict()>;
  using Told = std::function<void(const ReloadVerdict&)>;

  struct Figures {
    std::uint64_t taken = 0;
    std::uint64_t refused = 0;
    std::int64_t last = 0;       ///< seconds since 1970, when the last one ended; 0: there was none
    bool last_was_taken = true;  ///< also when there was none: the start was one
    std::string report = {};     ///< of the last one, if it was refused
  };

  /// `reload` must not throw.
  explicit Reloads(Reload reload);
  ~Reloads();  ///< Waits for the one that runs, however long; see drain().
  Reloads(const Reloads&) = delete;
  Reloads& operator=(const Reloads&) = delete;

  /// `told` is called once, on the thread of the reloads, after the switch, or in drain(); it must
  /// return at once. False, and nobody is told: it stops, or too many wait. [any thread]
  [[nodiscard]] bool ask(Told told);
  [[nodiscard]] Figures figures() const;
  /// Takes no more, tells those that wait that none is taken (no_reload_failure) and waits for the
  /// one that runs. False: after `limit` it still did. May be called again.
  [[nodiscard]] bool drain(std::chrono::nanoseconds limit);

 private:
  void loop();

  const Reload reload_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Told> waiting_;
  Figures figures_;
  bool runs_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bourse::host
