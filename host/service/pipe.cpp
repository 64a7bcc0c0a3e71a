// SPDX-License-Identifier: MIT
#include "host/service/pipe.hpp"

#include <utility>

namespace bourse::host {

/// The reading end.
class Pipe::Out final : public BodyStream {
 public:
  explicit Out(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
  ~Out() override { pipe_->leave(); }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;

  void open(std::weak_ptr<BodyWaker> waker) override { pipe_->open(std::move(waker)); }
  [[nodiscard]] Piece next(std::chrono::steady_clock::time_point) override { return pipe_->take(); }
  [[nodiscard]] bool gives_up() const noexcept override { return pipe_->gives_up_.load(); }
  [[nodiscard]] std::size_t held_bytes() const noexcept override {
    const std::lock_guard lock(pipe_->mutex_);
    return pipe_->held_;
  }

 private:
  const std::shared_ptr<Pipe> pipe_;
};

std::shared_ptr<BodyStream> Pipe::out() { return std::make_shared<Out>(shared_from_this()); }

void Pipe::open(std::weak_ptr<BodyWaker> waker) {
  const std::lock_guard lock(mutex_);
  waker_ = std::move(waker);
}

void Pipe::leave() noexcept {
  {
    const std::lock_guard lock(mutex_);
    is_gone_ = true;
    pieces_.clear();
    held_ = 0;
  }
  room_.notify_all();
}

// Without the lock: the connection may take at once, on this thread's behalf never, but others
// wait.
void Pipe::wake() {
  std::shared_ptr<BodyWaker> waker;
  {
    const std::lock_guard lock(mutex_);
    waker = waker_.lock();
  }
  if (waker) waker->wake();
}

BodyStream::Piece Pipe::take() {
  BodyStream::Piece piece;
  {
    const std::lock_guard lock(mutex_);
    if (!pieces_.empty()) {
      piece.bytes = std::move(pieces_.front());
      pieces_.pop_front();
      held_ -= piece.bytes->size();
      ++taken_;
    }
    if (pieces_.empty() && is_closed_) {
      piece.last = is_whole_;
      piece.broken = !is_whole_;
    }
  }
  room_.notify_one();
  return piece;
}

Pipe::Put Pipe::put(std::string bytes, Workers* workers) {
  auto piece = std::make_shared<const std::string>(std::move(bytes));
  bytes_.fetch_add(piece->size());
  {
    std::unique_lock lock(mutex_);
    if (held_ > kHeldMax && !is_gone_) {
      lock.unlock();
      const Workers::Waiting waiting(workers);
      lock.lock();
      std::uint64_t seen = taken_;
      auto until = std::chrono::steady_clock::now() + patience_;
      while (held_ > kHeldMax && !is_gone_) {
        if (room_.wait_until(lock, until) == std::cv_status::timeout && taken_ == seen) {
          gives_up_ = true;
          return Put::kSlow;
        }
        if (std::exchange(seen, taken_) != taken_) {
          until = std::chrono::steady_clock::now() + patience_;
        }
      }
    }
    if (is_gone_) return Put::kGone;
    held_ += piece->size();
    pieces_.push_back(std::move(piece));
  }
  wake();
  return Put::kTaken;
}

void Pipe::close(bool whole) {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    is_whole_ = whole;
  }
  wake();
}

}  // namespace bourse::host
