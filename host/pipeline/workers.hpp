// SPDX-License-Identifier: MIT
//
// The threads that compute. At most `computing` of them burn the processor at once; the others that
// exist wait for a source. A thread about to wait gives its turn to another one for as long, so a
// slow upstream never idles the processor, and many waiting calls need no many computing threads.
//
// Threads are made when work finds none idle, up to `threads`, and stay.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace bourse::host {

class Workers {
 public:
  struct Options {
    unsigned computing = 2;
    unsigned threads = 64;
    std::size_t queue = 1024;
  };
  using Task = std::function<void()>;

  explicit Workers(Options options);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// False when the queue is full or the pool stops: the task was not taken. [any thread]
  [[nodiscard]] bool submit(Task task);
  /// Takes the task only if a thread can start on it now: for work that the caller will do itself
  /// if nobody helps. [any thread]
  [[nodiscard]] bool assist(Task task);
  /// Runs what is queued, then ends the threads. Not from a task.
  void stop();

  [[nodiscard]] std::size_t queued() const;

  /// In a task: from here to the end of the scope this thread waits, another may compute. On a
  /// thread that is not of the pool it does nothing.
  class Waiting {
   public:
    explicit Waiting(Workers* workers);
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Workers* workers_;
  };

 private:
  void loop();
  void grow_if_needed();
  void hand_on_turn();

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable work_;    ///< a task and a turn may be there
  std::condition_variable resume_;  ///< a turn may be there for one who waited
  std::deque<Task> tasks_;
  std::vector<std::thread> threads_;
  unsigned turns_;         ///< free to take
  unsigned idle_ = 0;      ///< threads waiting for a task
  unsigned resuming_ = 0;  ///< threads that want their turn back; they go first
  bool stopping_ = false;
};

}  // namespace bourse::host
