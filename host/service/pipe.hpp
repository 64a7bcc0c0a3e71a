// SPDX-License-Identifier: MIT
//
// Between who writes a long answer, on a worker, and the connection that it goes to.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "host/calls/workers.hpp"
#include "host/http/message.hpp"

namespace bourse::host {

/// Holds little; a writer that is ahead waits. [any thread]
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  /// A reader that takes nothing for so long is cut off: who writes for it holds a thread.
  static constexpr std::chrono::seconds kPatience{10};
  static constexpr std::size_t kHeldMax = std::size_t{512} * 1024;

  explicit Pipe(std::chrono::milliseconds patience = kPatience) : patience_(patience) {}

  enum class Put : std::uint8_t {
    kTaken,
    kGone,  ///< the client has left
    kSlow   ///< it took nothing for too long; it is cut off
  };
  /// May wait; then another one has this thread's turn in `workers`, which may be null.
  Put put(std::string bytes, Workers* workers);
  /// Nothing more comes. `whole`: what was put is all; else the client must learn that it is not.
  void close(bool whole);

  /// For the response, once. When it goes, the client has it all or is gone.
  [[nodiscard]] std::shared_ptr<BodyStream> out();

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_.load(); }  ///< put so far

 private:
  class Out;

  BodyStream::Piece take();
  void open(std::weak_ptr<BodyWaker> waker);
  void leave() noexcept;
  void wake();

  const std::chrono::milliseconds patience_;
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<bool> gives_up_{false};
  mutable std::mutex mutex_;  ///< of the rest
  std::condition_variable room_;
  std::deque<std::shared_ptr<const std::string>> pieces_;
  std::size_t held_ = 0;
  std::uint64_t taken_ = 0;  ///< pieces
  std::weak_ptr<BodyWaker> waker_;
  bool is_closed_ = false;
  bool is_whole_ = false;
  bool is_gone_ = false;
};

}  // namespace bourse::host
