// SPDX-License-Identifier: MIT
//
// What the connections of a server hold for their clients, in bytes: requests that are not
// complete, answers that cannot be sent yet. Beyond the server's bound those go that hold most, so
// that a client which takes everything takes it from itself.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "host/base/address.hpp"
#include "host/http/message.hpp"

namespace bourse::host {

/// Of one server. [any]
class Holdings {
 public:
  explicit Holdings(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] bool is_over() const noexcept { return bytes() > bytes_max_; }
  /// As much as it is brought down to, once it is over: who comes next shall find room.
  [[nodiscard]] bool is_relieved() const noexcept { return bytes() <= bytes_max_ - bytes_max_ / 8; }
  void change(std::size_t from, std::size_t to) noexcept {
    bytes_.fetch_add(to - from, std::memory_order_relaxed);  // wraps: fine
  }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> bytes_ = 0;
};

/// The bodies that wait on one I/O thread, each counted once however many connections wait with it:
/// a kept answer is the same bytes for all of them.
class WaitingBodies {
 public:
  explicit WaitingBodies(Holdings& server) : server_(server) {}

  void add(const std::string& body);
  /// REQUIRES: added as often before.
  void remove(const std::string& body) noexcept;

 private:
  Holdings& server_;
  std::unordered_map<const std::string*, unsigned> waiting_;
};

/// Those who are connected from one address.
struct Peer {
  std::size_t connections = 0;         ///< guarded by Peers
  std::atomic<std::size_t> bytes = 0;  ///< held for all its connections
};

/// Who is connected, by address; of one server. [any]
class Peers {
 public:
  /// A connection's place among those of its peer, which it gives back.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&& other) noexcept;
    ~Place() { leave(); }

    /// How many were connected from there when it came, this one included.
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] std::size_t bytes() const noexcept {
      return peer_ ? peer_->bytes.load(std::memory_order_relaxed) : 0;
    }
    void change(std::size_t from, std::size_t to) noexcept {
      if (peer_) peer_->bytes.fetch_add(to - from, std::memory_order_relaxed);  // wraps: fine
    }

   private:
    friend class Peers;
    void leave() noexcept;
    Peers* peers_ = nullptr;
    std::string key_;  ///< Address::bytes() of the bucket
    std::shared_ptr<Peer> peer_;
    std::size_t count_ = 0;
  };

  /// Those who are one by Address::bucket() are one peer.
  [[nodiscard]] Place come(const Address& address);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Peer>> known_;  ///< those that are connected
};

}  // namespace bourse::host
