// SPDX-License-Identifier: MIT
//
// Books: the order books that somebody watches, kept from the streams and joined to snapshots of
// REST, one snapshot at a time for all of them.
//
// A book is there while it is wanted, and as deep as the deepest question for it. It answers only
// while it is surely the exchange's own; else REST is asked. Any thread; the snapshots are fetched
// by a thread of its own, which starts with the first book and ends with this.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "plugins/sources/binance/book/local_book.hpp"
#include "plugins/sources/binance/client/client.hpp"
#include "plugins/sources/binance/streams/events.hpp"

namespace bourse::binance {

class Books {
 public:
  struct State {
    std::size_t synced = 0, not_synced = 0;
    BookCounts counts = {};  ///< of all books there were
  };
  struct Answer {
    OrderBook book;
    std::optional<Time> at;  ///< of its newest change; nullopt: none came since the snapshot
  };

  /// `resubscribe`: the stream of that market is dead though the market moves; called on the
  /// thread of the snapshots. `clock`: of the streams.
  Books(Client client, std::function<void(const std::string& symbol)> resubscribe);
  ~Books();
  /// Ends its thread; nothing is fetched any more, and `resubscribe` is not called.
  void stop();
  Books(const Books&) = delete;
  Books& operator=(const Books&) = delete;

  /// One more wants it, so deep.
  void want(const std::string& symbol, int depth);
  void unwant(const std::string& symbol, int depth);

  /// A change of a connection. False: it cannot be read.
  bool heard(const std::string& symbol, std::string_view data, std::uint64_t connection);
  /// The stream may have missed something.
  void doubted(const std::string& symbol);
  /// Best prices, to check against.
  void heard(const BookTickerEvent& top);

  /// nullopt: REST has to be asked.
  [[nodiscard]] std::optional<Answer> find(const std::string& symbol, int depth) const;
  [[nodiscard]] State state() const;

 private:
  struct Entry {
    explicit Entry(const BookOptions& options, std::shared_ptr<Random> random)
        : book(options, std::move(random)) {}
    LocalBook book;
    std::map<int, int> depths;  ///< how many want it how deep
    std::optional<std::uint64_t> connection;
    std::uint64_t number = 0;  ///< no other book of this market has had it
  };
  struct Snapshot {
    std::string symbol;
    std::uint64_t book = 0;
    std::uint64_t ticket = 0;
    int limit = 0;
  };

  void run();
  std::optional<Snapshot> next_step(Instant& until, std::optional<std::string>& dead);
  void fetch(std::unique_lock<std::mutex>& lock, const Snapshot& snapshot);
  static void add(BookCounts& to, const BookCounts& counts);
  [[nodiscard]] static Instant now() { return std::chrono::steady_clock::now(); }

  Client client_;
  const std::function<void(const std::string& symbol)> resubscribe_;
  const std::shared_ptr<Random> random_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Entry> entries_;
  BookCounts former_;  ///< of books that are gone
  std::uint64_t last_number_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bourse::binance
