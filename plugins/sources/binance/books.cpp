// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/books.hpp"

#include <algorithm>
#include <utility>

namespace bourse::binance {
namespace {

/// For a snapshot, which weighs up to 250 and may have to wait for the next minute.
constexpr std::chrono::seconds kPatience{75};
constexpr int kDepthMax = 5000;

}  // namespace

Books::Books(Client client, std::function<void(const std::string& symbol)> resubscribe)
    : client_(std::move(client)), resubscribe_(std::move(resubscribe)), random_(real_random()) {}

Books::~Books() { stop(); }

void Books::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Books::want(const std::string& symbol, int depth) {
  const std::lock_guard lock(mutex_);
  depth = std::clamp(depth, 1, kDepthMax);
  const auto [place, is_new] = entries_.try_emplace(symbol, BookOptions{.depth = depth}, random_);
  Entry& entry = place->second;
  if (is_new) entry.number = ++last_number_;
  const int deepest = entry.depths.empty() ? 0 : entry.depths.rbegin()->first;
  ++entry.depths[depth];
  if (!is_new && depth > deepest) entry.book.set_depth(depth);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
}

void Books::unwant(const std::string& symbol, int depth) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(symbol);
  if (found == entries_.end()) return;
  auto& depths = found->second.depths;
  const auto one = depths.find(std::clamp(depth, 1, kDepthMax));
  if (one != depths.end() && --one->second == 0) depths.erase(one);
  if (depths.empty()) {
    add(former_, found->second.book.counts());
    entries_.erase(found);
  }
}

bool Books::heard(const std::string& symbol, std::string_view data, std::uint64_t connection) {
  std::string text(data);
  auto message = parse_book_message(text);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(symbol);
  auto* const diff = message ? std::get_if<DepthDiff>(&message->event) : nullptr;
  const bool is_right = diff != nullptr && message->symbol == symbol;
  if (found == entries_.end()) return is_right;
  Entry& entry = found->second;
  if (entry.connection != connection) {
    entry.connection = connection;
    entry.book.began(connection, now());
  }
  if (is_right) {
    entry.book.diff(connection, std::move(*diff), now());
  } else {
    entry.book.lost(connection, now());
  }
  changed_.notify_all();
  return is_right;
}

void Books::doubted(const std::string& symbol) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(symbol);
  if (found == entries_.end() || !found->second.connection) return;
  found->second.book.ended(*std::exchange(found->second.connection, std::nullopt), now());
}

void Books::heard(const BookTickerEvent& top) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(top.symbol);
  if (found == entries_.end()) return;
  found->second.book.ticker({.id = top.update, .row = top}, now());
  changed_.notify_all();
}

std::optional<Books::Answer> Books::find(const std::string& symbol, int depth) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(symbol);
  if (found == entries_.end() || found->second.book.state() != BookState::kSynced) {
    return std::nullopt;
  }
  auto view = found->second.book.view(static_cast<std::size_t>(depth));
  if (!view || !view->is_complete) return std::nullopt;
  return Answer{.book = std::move(view->book), .at = view->event_time};
}

// ---- snapshots

void Books::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    Instant until = Instant::max();
    std::optional<std::string> dead;
    const auto snapshot = next_step(until, dead);
    if (dead) {
      lock.unlock();
      resubscribe_(*dead);
      lock.lock();
    } else if (snapshot) {
      fetch(lock, *snapshot);
    } else if (until == Instant::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, until);
    }
  }
}

/// What the first book has to have done that has something; else until when none has.
std::optional<Books::Snapshot> Books::next_step(Instant& until, std::optional<std::string>& dead) {
  for (auto& [symbol, entry] : entries_) {
    const BookStep step = entry.book.step(now());
    switch (step.kind) {
      case BookStep::Kind::kSnapshot:
        return Snapshot{
            .symbol = symbol, .book = entry.number, .ticket = step.ticket, .limit = step.limit};
      case BookStep::Kind::kResubscribe:
        dead = symbol;
        return std::nullopt;
      case BookStep::Kind::kWait:
        until = std::min(until, step.until);
    }
  }
  return std::nullopt;
}

void Books::fetch(std::unique_lock<std::mutex>& lock, const Snapshot& snapshot) {
  lock.unlock();
  const Call call{.deadline = client_.exchange().clock().now() + kPatience, .stopped = [this] {
                    const std::lock_guard own(mutex_);
                    return stopping_;
                  }};
  const auto book = client_.order_book(snapshot.symbol, snapshot.limit, call);
  lock.lock();
  const auto found = entries_.find(snapshot.symbol);
  if (found == entries_.end() || found->second.number != snapshot.book) return;
  if (book) {
    found->second.book.snapshot(snapshot.ticket, *book, now());
  } else {
    const auto pause = book.error().retry_after;
    found->second.book.snapshot_failed(snapshot.ticket, now(),
                                       pause ? std::optional(now() + *pause) : std::nullopt);
  }
}

void Books::add(BookCounts& to, const BookCounts& counts) {
  to.applied += counts.applied;
  to.gaps += counts.gaps;
  to.overflows += counts.overflows;
  to.unreadable += counts.unreadable;
  to.crossed += counts.crossed;
  to.mismatched += counts.mismatched;
  to.silences += counts.silences;
  to.asked += counts.asked;
  to.snapshots_failed += counts.snapshots_failed;
  to.snapshots_old += counts.snapshots_old;
  to.joined += counts.joined;
  to.refreshed += counts.refreshed;
}

Books::State Books::state() const {
  const std::lock_guard lock(mutex_);
  State state;
  state.counts = former_;
  for (const auto& [symbol, entry] : entries_) {
    ++(entry.book.state() == BookState::kSynced ? state.synced : state.not_synced);
    add(state.counts, entry.book.counts());
  }
  return state;
}

}  // namespace bourse::binance
