// SPDX-License-Identifier: MIT
//
// What a service manager is told of this process, by the protocol of sd_notify(3): datagrams to the
// socket that NOTIFY_SOCKET names, a path or "@" and an abstract name. Without that variable nobody
// is told anything, and all of this does nothing.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace bourse::host {

class ServiceManager {
 public:
  /// Takes what the environment says; the variables are gone then, so that no process started from
  /// here speaks for this one. What makes no sense is a line in the log, not an error. REQUIRES: no
  /// other thread was made.
  ServiceManager();
  /// Ends the watch.
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // Each takes a second at most, when the manager does not read, and then says so in the log. [any]

  /// It serves, for the first time or again after reloading(), whether that changed anything or
  /// was refused. `status` is a line for people.
  void ready(std::string_view status);
  /// A reload has begun; ready() must follow.
  void reloading();
  /// The end has begun, and will take no longer than that.
  void stopping(std::chrono::microseconds limit);

  /// If the manager wants signs of life: sends one now and at each half of the time that it allows,
  /// as long as `stuck` returns an empty text; a text says what does not move, for the log. `stuck`
  /// is called on a thread of this object until end_watch(), at most once in those halves; it must
  /// return at once. Once.
  void watch(std::function<std::string()> stuck);
  /// When it returns, `stuck` is called no more. Nothing without a watch.
  void end_watch();

  /// How long the manager waits for a sign of life; nothing: it does not.
  [[nodiscard]] std::optional<std::chrono::microseconds> patience() const { return patience_; }

 private:
  void tell(const std::string& message);
  void keep_watch();

  std::string socket_;  ///< empty: nobody to tell
  std::optional<std::chrono::microseconds> patience_;
  std::function<std::string()> stuck_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool ending_ = false;  // guarded by mutex_
  std::thread watch_;
};

}  // namespace bourse::host
