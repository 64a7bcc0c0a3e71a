// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/book/local_book.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// What the exchange gives for one price, and that price. Refreshes of one book cost at most 250 a
/// minute of it.
struct SnapshotSize {
  int limit, weight;
};
constexpr std::array<SnapshotSize, 4> kSizes{{{100, 5}, {500, 25}, {1000, 50}, {5000, 250}}};
constexpr milliseconds kRefreshPerWeight(60'000 / 250);
constexpr int kDeepest = 5000, kProofLimit = 100;
/// So often the book's best prices may be others than the ticker's.
constexpr int kMismatchesMax = 3;
/// So many snapshots in a row may come from before the book, out of somebody's cache; with more, it
/// is the exchange that counts anew.
constexpr int kBehindMax = 3;
/// So many changes in a row may be known already; with more, likewise. Those from before the first
/// one of a connection cannot be explained otherwise.
constexpr int kOldMax = 1000, kBeforeMax = 50;

/// A side is deep enough with a fifth more than is asked for; at depths where that would ask for
/// more than a snapshot has, with half of what it can have more.
std::size_t enough(int depth) {
  return static_cast<std::size_t>(std::min(depth + depth / 5, (depth + kDeepest) / 2));
}

bool is_equal(const std::vector<Level>& a, const std::vector<Level>& b) {
  return std::ranges::equal(a, b, [](const Level& x, const Level& y) {
    return x.price == y.price && x.quantity == y.quantity;
  });
}

}  // namespace

std::string_view name_of(BookState state) noexcept {
  switch (state) {
    case BookState::kSyncing:
      return "syncing";
    case BookState::kSynced:
      return "synced";
    case BookState::kStale:
      return "stale";
  }
  return "";
}

std::string_view words_of(BookReason reason) noexcept {
  switch (reason) {
    case BookReason::kNone:
      return "";
    case BookReason::kNotConnected:
      return "its stream is not connected";
    case BookReason::kNoSnapshot:
      return "its first snapshot has not come yet";
    case BookReason::kSnapshotFailed:
      return "the exchange gave no snapshot that can be used";
    case BookReason::kSnapshotOld:
      return "the exchange's snapshot was older than the updates";
    case BookReason::kGap:
      return "an update was missed";
    case BookReason::kOverflow:
      return "too many updates came before a snapshot did";
    case BookReason::kUnreadable:
      return "an update could not be read";
    case BookReason::kCrossed:
      return "its best bid was not below its best ask";
    case BookReason::kMismatch:
      return "its best prices were not those of the exchange";
    case BookReason::kSilent:
      return "the market moves, but its updates do not come";
    case BookReason::kReset:
      return "the exchange counts its updates anew";
  }
  return "";
}

LocalBook::LocalBook(const BookOptions& options, std::shared_ptr<Random> random)
    : options_(options), random_(std::move(random)) {
  assert(random_ != nullptr);
  set_depth(options.depth);
}

void LocalBook::set_depth(int depth) {
  const int before = std::exchange(options_.depth, std::clamp(depth, 1, kDeepest));
  if (options_.depth > before) refresh_at_ = Instant::min();
}

BookState LocalBook::state() const noexcept {
  if (!book_) return BookState::kSyncing;
  return reason_ == BookReason::kNone ? BookState::kSynced : BookState::kStale;
}
BookReason LocalBook::reason() const noexcept { return reason_; }

void LocalBook::set_reason(BookReason reason) {
  if (std::exchange(reason_, reason) != reason) ++version_;
}

// ---- connections

void LocalBook::began(Connection connection, Instant now) {
  is_resubscribe_due_ = false;
  question_.reset();
  join_ = Join{.connection = connection, .by_snapshot = !is_synced()};
  if (!join_->by_snapshot) return;
  join_->awaits_first = true;
  join_->ask_at = std::max(now + options_.first_change, earliest(now));
  if (!followed_) tickers_.clear();
  if (!book_ || reason_ == BookReason::kNotConnected) set_reason(BookReason::kNoSnapshot);
}

void LocalBook::ended(Connection connection, Instant now) {
  const bool is_joined = join_ && join_->connection == connection;
  if (followed_ != connection) {
    if (!is_joined) return;
    question_.reset();
    join_.reset();
    if (!followed_) set_reason(BookReason::kNotConnected);
    return;
  }
  if (join_ && !is_joined && !join_->by_snapshot && join_->changes.empty()) {
    // Nothing has come on the other one since it began, nor been missed: the next change tells.
    followed_ = join_->connection;
    join_.reset();
    ++counts_.handed_over;
    return;
  }
  if (is_joined) join_.reset();
  if (join_ && !join_->by_snapshot) ++counts_.gaps;  // between this one and the other
  fall(join_ ? BookReason::kGap : BookReason::kNotConnected, now);
}

/// Whose changes were applied is not followed any more: it takes a snapshot, if a connection is
/// there. `from`: what has been seen already of what will be gathered now.
void LocalBook::fall(BookReason reason, Instant now, std::optional<std::int64_t> from) {
  if (now - joined_at_ >= options_.calm) tries_ = 0;
  const auto connection = std::exchange(followed_, std::nullopt);
  moved_at_.reset();
  if (reason == BookReason::kReset) tickers_.clear();
  set_reason(reason);
  if (question_ && question_->is_proof) question_.reset();
  if (join_ && join_->is_refresh) join_.reset();
  if (join_ && join_->by_snapshot) return;  // of another connection, which goes on
  question_.reset();
  const bool has_ended = reason == BookReason::kNotConnected;
  if (!join_ && !has_ended) join_ = Join{.connection = *connection, .from = from};
  if (!join_) return;
  join_->by_snapshot = true;
  join_->ask_at = earliest(now);
}

// ---- changes

void LocalBook::diff(Connection connection, DepthDiff diff, Instant now) {
  if (followed_ == connection) {
    if (join_ && join_->is_refresh) gather(diff, now);
    follow(std::move(diff), now);
  } else if (join_ && join_->connection == connection) {
    gather(std::move(diff), now);
    hand_over(now);
  } else {
    ++counts_.foreign;
  }
}

void LocalBook::follow(DepthDiff diff, Instant now) {
  switch (book_->apply(diff)) {
    case DepthBook::Applied::kApplied:
      return applied(diff, now);
    case DepthBook::Applied::kOld:
      ++counts_.old;
      if (++old_ >= kOldMax) fall(BookReason::kReset, now);
      return;
    case DepthBook::Applied::kGap: {
      const Connection connection = *followed_;
      ++counts_.gaps;
      fall(BookReason::kGap, now);
      if (join_->connection == connection) gather(std::move(diff), now);
      return;
    }
    case DepthBook::Applied::kUnreadable:
      ++counts_.unreadable;
      return fall(BookReason::kUnreadable, now);
    case DepthBook::Applied::kCrossed:
      ++counts_.crossed;
      book_.reset();
      return fall(BookReason::kCrossed, now, diff.last);
  }
}

void LocalBook::applied(const DepthDiff& diff, Instant now) {
  ++counts_.applied;
  ++version_;
  old_ = 0;
  proofs_behind_ = 0;
  event_time_ = diff.time;
  changed_at_ = confirmed_at_ = now;
  if (reason_ == BookReason::kSilent) revive();
  if (moved_at_) moved_at_ = moved_to_ > book_->id() ? std::optional(now) : std::nullopt;
  compare_tickers(now);
  hand_over(now);
}

/// Nothing was missed in the silence. A connection that has begun since needs no snapshot either.
void LocalBook::revive() {
  set_reason(BookReason::kNone);
  is_resubscribe_due_ = false;
  if (!join_ || join_->is_refresh) return;
  question_.reset();
  join_->by_snapshot = false;
}

void LocalBook::lost(Connection connection, Instant now) {
  if (followed_ == connection) {
    ++counts_.unreadable;
    fall(BookReason::kUnreadable, now);
  } else if (join_ && join_->connection == connection) {
    ++counts_.unreadable;
    start_again(std::nullopt);
  }
}

void LocalBook::start_again(std::optional<std::int64_t> from) {
  join_->changes.clear();
  join_->rows = 0;
  join_->from = from;
  join_->before = 0;
}

void LocalBook::gather(DepthDiff diff, Instant now) {
  Join& join = *join_;
  if (diff.first < 1 || diff.last < diff.first) {
    ++counts_.unreadable;
    return start_again(std::nullopt);
  }
  const std::optional<std::int64_t> last =
      join.changes.empty() ? join.from : std::optional(join.changes.back().last);
  if (last && diff.last <= *last) {
    if (!join.is_refresh) ++counts_.old;
    if (join.from && diff.last <= *join.from && ++join.before >= kBeforeMax) {
      start_again(std::nullopt);  // what made it wait for so high a number made no sense
    }
    return;
  }
  join.before = 0;
  if (last && diff.first - 1 > *last) {
    if (!join.is_refresh) ++counts_.gaps;
    start_again(diff.first - 1);
  }
  if (join.changes.size() >= options_.changes_max || join.rows + diff.rows() > options_.rows_max) {
    ++counts_.overflows;
    start_again(diff.first - 1);
    if (!followed_) set_reason(BookReason::kOverflow);
  }
  if (!join.from) join.from = diff.first - 1;
  join.rows += diff.rows();
  join.changes.push_back(std::move(diff));
  if (std::exchange(join.awaits_first, false)) join.ask_at = earliest(now);
}

/// A connection that began beside the one that is followed takes its place, when its changes reach
/// what the book holds.
void LocalBook::hand_over(Instant now) {
  if (!join_ || join_->by_snapshot || !followed_ || join_->changes.empty()) return;
  if (*join_->from > book_->id()) return;
  const Connection connection = join_->connection;
  auto changes = std::move(join_->changes);
  join_.reset();
  followed_ = connection;
  ++counts_.handed_over;
  for (DepthDiff& change : changes) diff(connection, std::move(change), now);
}

// ---- snapshots

void LocalBook::snapshot(std::uint64_t ticket, const OrderBook& book, Instant now,
                         std::optional<int> limit) {
  if (!question_ || question_->ticket != ticket) {
    ++counts_.snapshots_foreign;
    return;
  }
  const Question question = *std::exchange(question_, std::nullopt);
  if (question.is_proof) return prove(book, now);
  assert(join_);
  problem_.clear();
  auto fresh = DepthBook::from(book, limit.value_or(question.limit), problem_);
  if (!fresh) {
    ++counts_.snapshots_failed;
    return fail(BookReason::kSnapshotFailed, now);
  }
  // Without changes the snapshot is the book; but not one from before what has been shown already.
  const bool is_behind = !join_->from && book_ && fresh->id() < book_->id();
  if ((join_->from && fresh->id() < *join_->from) || (is_behind && join_->behind++ < kBehindMax)) {
    ++counts_.snapshots_old;
    problem_ = "the snapshot of update " + std::to_string(fresh->id()) + " is older than update " +
               std::to_string(join_->from ? *join_->from : book_->id()) +
               ", which the updates follow";
    return fail(BookReason::kSnapshotOld, now);
  }
  take(*std::move(fresh), now);
}

void LocalBook::take(DepthBook fresh, Instant now) {
  const DepthDiff* newest = nullptr;
  for (const DepthDiff& change : join_->changes) {
    const auto applied = fresh.apply(change);
    if (applied == DepthBook::Applied::kOld) continue;
    if (applied == DepthBook::Applied::kApplied) {
      newest = &change;
      continue;
    }
    const bool is_crossed = applied == DepthBook::Applied::kCrossed;
    ++(is_crossed ? counts_.crossed : counts_.unreadable);
    start_again(join_->changes.back().last);
    return fail(is_crossed ? BookReason::kCrossed : BookReason::kUnreadable, now);
  }
  if (newest != nullptr) {
    event_time_ = newest->time;
  } else if (!join_->is_refresh) {
    event_time_.reset();
  }
  ++counts_.joined;
  if (join_->is_refresh) ++counts_.refreshed;
  followed_ = join_->connection;
  join_.reset();
  book_ = std::move(fresh);
  ++version_;
  changed_at_ = confirmed_at_ = joined_at_ = now;
  moved_at_.reset();
  mismatches_ = proofs_behind_ = old_ = 0;
  set_reason(BookReason::kNone);
  compare_tickers(now);
  if (followed_ && tickers_.newest() > book_->id()) moved(tickers_.newest(), now);
}

void LocalBook::snapshot_failed(std::uint64_t ticket, Instant now,
                                std::optional<Instant> not_before) {
  if (!question_ || question_->ticket != ticket) {
    ++counts_.snapshots_foreign;
    return;
  }
  const bool is_proof = std::exchange(question_, std::nullopt)->is_proof;
  ++counts_.snapshots_failed;
  if (is_proof) {
    if (not_before) proved_at_ = std::max(now, *not_before);
    return;
  }
  problem_ = "the exchange gave no snapshot";
  fail(BookReason::kSnapshotFailed, now);
  if (not_before) join_->ask_at = std::max(join_->ask_at, *not_before);
}

/// The same question again after a while; what the book lacks says why.
void LocalBook::fail(BookReason reason, Instant now) {
  if (!followed_) set_reason(reason);
  join_->awaits_first = false;
  join_->ask_at = now + pause();
}

/// A market without changes: a small snapshot says whether that is true.
void LocalBook::prove(const OrderBook& book, Instant now) {
  if (!book.last_update_id) {
    ++counts_.snapshots_failed;
  } else if (*book.last_update_id > book_->id()) {
    moved(*book.last_update_id, now);
  } else if (*book.last_update_id < book_->id()) {
    ++counts_.snapshots_old;
    if (++proofs_behind_ >= kBehindMax) fall(BookReason::kReset, now);
  } else {
    proofs_behind_ = 0;
    ++counts_.compared;
    const OrderBook own = book_->levels(kProofLimit);
    const bool is_deep = book_->has(kProofLimit);
    if (!is_deep || (is_equal(own.bids, book.bids) && is_equal(own.asks, book.asks))) {
      confirmed_at_ = now;
      return;
    }
    ++counts_.mismatched;
    fall(BookReason::kMismatch, now, book_->id());
  }
}

// ---- what others say

void LocalBook::ticker(const TopOfBook& top, Instant now) {
  if (!tickers_.add(top) || !followed_) return;
  if (top.id > book_->id()) return moved(top.id, now);
  compare_tickers(now);
}

void LocalBook::moved(std::int64_t id, Instant now) {
  moved_to_ = moved_at_ ? std::max(moved_to_, id) : id;
  if (!moved_at_) moved_at_ = now;
}

void LocalBook::compare_tickers(Instant now) {
  const auto agrees = tickers_.compare(*book_);
  if (!agrees) return;
  ++counts_.compared;
  if (*agrees) {
    confirmed_at_ = now;
    return;
  }
  ++counts_.mismatched;
  if (++mismatches_ >= kMismatchesMax) fall(BookReason::kMismatch, now, book_->id());
}

void LocalBook::check_silence(Instant now) {
  if (!is_synced() || !moved_at_ || now - *moved_at_ < options_.silence) return;
  ++counts_.silences;
  set_reason(BookReason::kSilent);
  is_resubscribe_due_ = true;
  if (join_ && join_->is_refresh) {  // it would show a book that nothing is applied to
    join_.reset();
    question_.reset();
  }
  if (join_ && !join_->by_snapshot) {  // the one beside it has nothing to wait for
    join_->by_snapshot = true;
    join_->ask_at = earliest(now);
    is_resubscribe_due_ = false;
  }
}

// ---- what to do

BookStep LocalBook::step(Instant now) {
  if (question_ && now - question_->asked_at >= options_.answer) {
    snapshot_failed(question_->ticket, now);
  }
  check_silence(now);
  if (std::exchange(is_resubscribe_due_, false)) return {.kind = BookStep::Kind::kResubscribe};
  if (const auto step = due(now)) return *step;
  return {.kind = BookStep::Kind::kWait, .until = next_time()};
}

std::optional<BookStep> LocalBook::due(Instant now) {
  const bool is_asking = question_ && !question_->is_proof;
  if (wants_refresh() && now >= refresh_at_) {
    join_ = Join{.connection = *followed_, .from = book_->id(), .ask_at = now, .is_refresh = true};
  }
  if (join_ && join_->by_snapshot && !is_asking && now >= join_->ask_at) {
    return ask(limit(), false, now);
  }
  if (!question_ && now >= prove_at()) return ask(kProofLimit, true, now);
  return std::nullopt;
}

Instant LocalBook::next_time() const {
  Instant next = Instant::max();
  if (question_) next = question_->asked_at + options_.answer;
  if (is_synced() && moved_at_) next = std::min(next, *moved_at_ + options_.silence);
  if (wants_refresh()) next = std::min(next, refresh_at_);
  const bool is_asking = question_ && !question_->is_proof;
  if (join_ && join_->by_snapshot && !is_asking) next = std::min(next, join_->ask_at);
  if (!question_) next = std::min(next, prove_at());
  return next;
}

BookStep LocalBook::ask(int limit, bool is_proof, Instant now) {
  question_ = Question{++tickets_, limit, now, is_proof};
  ++counts_.asked;
  if (is_proof) {
    proved_at_ = now;
  } else {
    ++tries_;
    asked_at_ = now;
    const auto size = std::ranges::find(kSizes, limit, &SnapshotSize::limit);
    refresh_at_ = now + kRefreshPerWeight * size->weight;
  }
  return {.kind = BookStep::Kind::kSnapshot, .ticket = question_->ticket, .limit = limit};
}

/// Twice the depth, so that levels may go for a while.
int LocalBook::limit() const noexcept {
  const auto size = std::ranges::find_if(
      kSizes, [this](const SnapshotSize& one) { return one.limit >= 2 * options_.depth; });
  return size == kSizes.end() ? kDeepest : size->limit;
}

bool LocalBook::wants_refresh() const {
  return is_synced() && !join_ && !book_->has(enough(options_.depth));
}

Instant LocalBook::prove_at() const {
  if (!is_synced() || join_ || moved_at_ || options_.prove.count() == 0) return Instant::max();
  return std::max(confirmed_at_, proved_at_) + options_.prove;
}

nanoseconds LocalBook::pause() {
  nanoseconds pause = options_.retry_first;
  for (int i = 1; i < tries_ && pause < options_.retry_max; ++i) pause *= 2;
  pause = std::min<nanoseconds>(pause, options_.retry_max);
  const double share = 0.8 + 0.4 * random_->unit();
  return nanoseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * share));
}

/// When a snapshot may be asked for that nobody has asked for yet: at once, but not again and
/// again.
Instant LocalBook::earliest(Instant now) {
  return tries_ == 0 ? now : std::max(now, asked_at_ + pause());
}

// ---- what shows

std::optional<BookView> LocalBook::view(std::size_t depth) const {
  if (!book_) return std::nullopt;
  return BookView{.book = book_->levels(depth),
                  .state = state(),
                  .reason = reason_,
                  .is_complete = book_->has(depth),
                  .bids_known_to = book_->bids_known_to(),
                  .asks_known_to = book_->asks_known_to(),
                  .event_time = event_time_,
                  .changed_at = changed_at_,
                  .confirmed_at = confirmed_at_};
}

}  // namespace bourse::binance
