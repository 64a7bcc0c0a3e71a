// SPDX-License-Identifier: MIT
//
// The threads that compute. At most `computing` of them burn the processor at once; the others that
// exist wait for a source. A thread about to wait gives its turn to another one for as long, so a
// slow upstream never idles the processor, and many waiting calls need no many computing threads.
//
// Threads are made when work finds a turn but no idle thread, up to `threads`, and stay.
//
// A call into a plugin may never return. One that is overdue (call_watch.hpp) loses its turn and no
// longer counts among the threads, as long as there are `substitutes`: another thread takes its
// place. When it returns after all, it waits for a turn as one that had waited for a source.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace bourse::host {

class CallWatch;

class Workers {
 public:
  struct Options {
    unsigned computing = 2;
    unsigned threads = 64;
    std::size_t queue = 1024;
    unsigned substitutes = 32;  ///< for threads whose calls do not return
  };
  using Task = std::function<void()>;

  explicit Workers(Options options);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// False when the queue is full or the pool stops: the task was not taken. What a task throws is
  /// logged and ends that task only. [any thread]
  [[nodiscard]] bool submit(Task task);
  /// Takes the task only if there is a thread for it besides those that queued tasks will need: for
  /// work that the caller will do itself if nobody helps. It goes before what waits in the queue,
  /// because it helps to finish what has begun. [any thread]
  [[nodiscard]] bool assist(Task task);
  /// Waits until nothing is queued and nothing runs. False: something still did after `limit`. Not
  /// from a task.
  [[nodiscard]] bool drain(std::chrono::nanoseconds limit);
  /// Runs what is queued, then ends the threads: a task that never returns keeps it for ever. Not
  /// from a task.
  void stop();

  [[nodiscard]] std::size_t queued() const;
  /// Grows whenever a task begins, ends, begins to wait or goes on. While tasks are queued and this
  /// stands still, nothing moves. [any thread]
  [[nodiscard]] std::uint64_t steps() const;

  /// A thread of the pool. It lives as long as the thread.
  struct Seat {
    Workers* pool = nullptr;
    bool waits = false;  ///< it has given up its turn; written by its own thread
    bool lost = false;   ///< a substitute has its place
    bool held = false;   ///< overdue, and there was no substitute for it
  };
  /// The one of the thread that asks; null where it is not of this pool.
  [[nodiscard]] Seat* seat_of_this_thread() noexcept;
  /// Its call does not return: somebody else gets its place. False: no substitute is left, and from
  /// now on it is `held`. Not of its own thread. REQUIRES: its call goes on.
  bool lose(Seat& seat);
  /// Its call has returned, or it had not lost anything. Waits for a turn. [its own thread]
  void regain(Seat& seat);
  /// Overdue calls hold all turns, or all threads: nothing is answered until one returns.
  [[nodiscard]] bool exhausted() const;
  struct Lost {
    unsigned now = 0;
    unsigned max = 0;
  };
  /// Of the substitutes.
  [[nodiscard]] Lost lost() const;
  /// The calls that the threads are in.
  [[nodiscard]] CallWatch& calls() noexcept { return *calls_; }
  [[nodiscard]] const CallWatch& calls() const noexcept { return *calls_; }

  /// In a task: from here to the end of the scope this thread waits, another may compute. Inside
  /// another Waiting, or on a thread that is not of the pool, it does nothing.
  class Waiting {
   public:
    explicit Waiting(Workers* workers);
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Workers* workers_;
  };
  /// Inside a Waiting of this thread, from here to the end of the scope it computes after all, and
  /// has a turn for it: what a waiting component asks may be one that does not wait. Elsewhere it
  /// does nothing.
  class Computing {
   public:
    explicit Computing(Workers* workers);
    ~Computing();
    Computing(const Computing&) = delete;
    Computing& operator=(const Computing&) = delete;

   private:
    Workers* workers_;
  };
  /// The same as Waiting for what is told to wait rather than waits here: call it before, destroy
  /// the result after, on the same thread. `workers` may be null.
  [[nodiscard]] static std::function<std::shared_ptr<void>()> pause_of(Workers* workers) {
    return [workers] { return std::make_shared<Waiting>(workers); };
  }

 private:
  void loop();
  void grow_if_needed() noexcept;
  void hand_on_turn();
  void give_turn_away();
  void take_turn_back();
  void await_turn(std::unique_lock<std::mutex>& lock, const Seat& seat);
  [[nodiscard]] std::size_t threads_max() const noexcept;

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable work_;    ///< a task and a turn may be there
  std::condition_variable resume_;  ///< a turn may be there for one who waited
  std::condition_variable quiet_;   ///< nothing may be queued nor running
  std::deque<Task> tasks_;
  std::vector<std::thread> threads_;
  std::vector<const Seat*> seats_;  ///< of the threads that have begun
  std::uint64_t steps_ = 0;
  unsigned turns_;         ///< free to take
  unsigned idle_ = 0;      ///< threads waiting for a task
  unsigned running_ = 0;   ///< tasks that have begun, waiting ones included
  unsigned resuming_ = 0;  ///< threads that want their turn back; they go first
  unsigned lost_ = 0;      ///< seats that are lost
  bool stopping_ = false;
  std::unique_ptr<CallWatch> calls_;  ///< its thread uses all of the above
};

}  // namespace bourse::host
