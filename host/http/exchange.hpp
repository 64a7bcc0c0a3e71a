// SPDX-License-Identifier: MIT
//
// How an answer finds its way back. An Exchange is one request waiting for its answer: what a
// Responder holds, on whatever thread. Each I/O thread has a Mailbox; an answer given on another
// thread goes through it, so only the I/O thread ever touches a connection or its descriptor, and
// an answer that comes after its client left cannot reach the next client with the same number.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "host/http/descriptor.hpp"
#include "host/http/message.hpp"
#include "host/http/stream_writer.hpp"

namespace bourse::host {

class Connection;
class Mailbox;

class Exchange final : public Responder::Sink,
                       public BodyWaker,
                       public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Mailbox> mailbox, Connection* asked_on)
      : connection(asked_on), mailbox_(std::move(mailbox)) {}

  void send(Response answer) override;  // [any]; only the first counts
  void attach(Attached attached) override { attached_ = std::move(attached); }
  [[nodiscard]] bool gone() const noexcept override {
    return gone_.load(std::memory_order_relaxed);
  }
  void abandon() override;
  /// Of `response.stream`. REQUIRES: it was opened.
  void wake() noexcept override;  // [any]

  void set_gone() noexcept { gone_.store(true, std::memory_order_relaxed); }

  // The rest belongs to the I/O thread.

  Connection* connection;  ///< null once the connection is closed
  bool answered = false;   ///< `response` is there
  bool close = false;      ///< the connection closes after this answer
  bool head_request = false;
  bool http10 = false;
  bool has_body = false;  ///< the request had one
  bool as_page = false;   ///< a problem is to be one
  std::string request_id;
  std::string target;
  Response response;

  bool waits = false;  ///< `response` is counted among the WaitingBodies

  bool started = false;  ///< `response` is being written; the next three say how far
  std::string unsent_head;
  [[nodiscard]] const Attached& attached() const noexcept { return attached_; }
  std::size_t body_begin = 0;
  std::size_t body_end = 0;
  std::unique_ptr<StreamWriter> writer;  ///< of `response.stream`, from when that is written

 private:
  friend class Mailbox;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<Exchange> next_;    // in the mailbox; a chain, so that sending never allocates
  std::atomic<bool> queued_ = false;  // it is there
  Attached attached_;                 // set before the answer is given, read after
  std::atomic<bool> sent_ = false;
  std::atomic<bool> gone_ = false;
};

class Mailbox {
 public:
  /// Throws std::system_error when no descriptor is to be had.
  Mailbox();
  ~Mailbox() { close(); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Becomes ready, edge-triggered, when there is something to collect. It is never read: each
  /// write to an eventfd is an edge of its own.
  [[nodiscard]] int descriptor() const noexcept { return event_.number(); }
  void wake() noexcept;  // [any]

  void deliver(std::shared_ptr<Exchange> exchange) noexcept;  // [any]
  /// Nobody will collect any more: what is or comes in is dropped. [any]
  void close() noexcept;

  // The I/O thread:

  /// Says who it is. Before any Exchange is made.
  void adopt() noexcept { owner_ = std::this_thread::get_id(); }
  /// The oldest delivered, marked as answered, or null. The connection that is set as `busy` sees
  /// to its own answers and gets none here.
  [[nodiscard]] std::shared_ptr<Exchange> collect() noexcept;
  const Connection* busy = nullptr;

 private:
  struct Chain {
    std::shared_ptr<Exchange> first;
    Exchange* last = nullptr;
    void append(std::shared_ptr<Exchange> exchange) noexcept;
    [[nodiscard]] std::shared_ptr<Exchange> pop() noexcept;
  };

  Descriptor event_;
  std::thread::id owner_;
  Chain local_;  // of the I/O thread: collected, or answered on it
  std::mutex mutex_;
  Chain delivered_;  // by others; guarded by mutex_
  bool closed_ = false;
};

}  // namespace bourse::host
