// SPDX-License-Identifier: MIT
//
// Connections that only read, each lent to one question at a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace bourse::history {

/// At most so many are open at the same time; those that nobody uses are kept for the next
/// question. All of it is safe to call from several threads; a loan belongs to one of them.
template <class Connection>
class Readers {
 public:
  explicit Readers(std::size_t max) : max_(std::max<std::size_t>(max, 1)) { idle_.reserve(max_); }

  /// A place among those that are open. It ends with its connection unless that is kept: what ends
  /// in the middle, by an exception too, leaves no connection in a state that nobody knows.
  class Loan {
   public:
    Loan(Readers& readers, std::unique_ptr<Connection> connection) noexcept
        : readers_(&readers), connection_(std::move(connection)) {}
    Loan(Loan&& other) noexcept
        : readers_(std::exchange(other.readers_, nullptr)),
          connection_(std::move(other.connection_)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (readers_ == nullptr) return;
      connection_.reset();
      readers_->end_one();
    }

    /// Is there a connection? Else one is to be opened and set.
    [[nodiscard]] bool is_set() const noexcept { return connection_ != nullptr; }
    void set(std::unique_ptr<Connection> connection) noexcept {
      connection_ = std::move(connection);
    }
    Connection& operator*() const noexcept { return *connection_; }
    Connection* operator->() const noexcept { return connection_.get(); }

    /// Gives it back for others to use. No more of this loan is used after it.
    void keep() noexcept { std::exchange(readers_, nullptr)->keep_one(std::move(connection_)); }

   private:
    Readers* readers_;
    std::unique_ptr<Connection> connection_;
  };

  /// Waits for a place, if there is none. Nothing: there was none for that long.
  [[nodiscard]] std::optional<Loan> borrow(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (!free_.wait_for(lock, wait, [this] { return !idle_.empty() || open_ < max_; })) return {};
    std::unique_ptr<Connection> connection;
    if (idle_.empty()) {
      ++open_;
    } else {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    return std::optional<Loan>(std::in_place, *this, std::move(connection));
  }

  /// Those that nobody uses now are closed.
  void drop_idle() {
    const std::scoped_lock lock(mutex_);
    open_ -= idle_.size();
    idle_.clear();
  }

 private:
  void end_one() noexcept {
    {
      const std::scoped_lock lock(mutex_);
      --open_;
    }
    free_.notify_one();
  }
  void keep_one(std::unique_ptr<Connection> connection) noexcept {
    {
      const std::scoped_lock lock(mutex_);
      idle_.push_back(std::move(connection));  // its room was set aside
    }
    free_.notify_one();
  }

  const std::size_t max_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t open_ = 0;  ///< idle ones too
};

}  // namespace bourse::history
