// SPDX-License-Identifier: MIT
//
// LocalBook: the order book of one market, kept from the changes that the exchange sends and
// joined to its snapshots, so that it is the exchange's own book, level by level and digit by
// digit.
//
//   LocalBook book({.depth = 100}, random);
//   book.began(7, now);                      // the stream of connection 7 is subscribed
//   book.diff(7, change, now);               // what came
//   book.ticker(top, now);                   // best prices, to check against; optional
//   const BookStep step = book.step(now);    // after each of these, and when `until` has come
//     kSnapshot     ask the exchange for `limit` levels, then snapshot() or snapshot_failed()
//     kResubscribe  the stream is dead though the market moves: begin a new connection
//     kWait         nothing until `until`
//   book.view(20)                            // what to answer with, and how good it is
//
// A change [U,u] against a book at L: u <= L is old and left out; U <= L+1 <= u is applied, also
// when U <= L, as quantities are absolute; U > L+1 is a gap. Changes are gathered from the first
// one of a connection, also while several snapshots in a row are too old to be joined to them. When
// one was missed, a new book is filled aside while the old one is shown as stale, and then takes
// its place; what shows is never half a book, and never goes back in time.
//
// A connection is known by a number that the caller gives, never the same one twice. What comes
// from a connection that is not followed any more is thrown away. One that begins while another is
// followed takes over as soon as its changes reach what the book holds: no snapshot, no gap. After
// the end of the one that is followed there is always a new snapshot.
//
// A snapshot that was cut at its limit knows no level beyond its worst price: the known range.
// Only levels inside it show. When they become few, a new snapshot is asked for, while the book
// goes on.
//
// No network, no threads, no clock: what time it is, is said with every call, and does not go back.
// One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/sources/binance/book/depth_book.hpp"
#include "plugins/sources/binance/book/depth_diff.hpp"
#include "plugins/sources/binance/book/ticker_check.hpp"
#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

enum class BookState : std::uint8_t {
  kSyncing,  ///< there is no book to show yet
  kSynced,   ///< it is the exchange's, as of the newest change that came
  kStale,    ///< it was; a new one is being joined where the reason is one that a snapshot cures
};
/// "syncing", "synced", "stale".
std::string_view name_of(BookState state) noexcept;

/// Why a book is not synced.
enum class BookReason : std::uint8_t {
  kNone,            ///< it is
  kNotConnected,    ///< no stream has begun, or it ended
  kNoSnapshot,      ///< the first snapshot has not come yet
  kSnapshotFailed,  ///< the exchange gave none, or one that makes no sense
  kSnapshotOld,     ///< the snapshot ends before the changes begin
  kGap,             ///< a change was missed
  kOverflow,        ///< too many changes came while no snapshot would fit
  kUnreadable,      ///< a change could not be read
  kCrossed,         ///< its best bid was not below its best ask; such a book does not show
  kMismatch,        ///< its best prices were not those of the ticker, three times
  kSilent,          ///< the market moves, but no change comes
  kReset,           ///< the exchange's numbers of updates have started anew
};
/// Words for a note: "an update was missed".
std::string_view words_of(BookReason reason) noexcept;

struct BookOptions {
  /// Levels of a side that questions ask for; snapshots are taken somewhat deeper. 1 to 5000.
  int depth = 100;
  /// How long the first change of a connection is awaited before the snapshot is asked for.
  std::chrono::milliseconds first_change{250};
  /// Between snapshots: doubled up to the most, up to a fifth longer or shorter by chance.
  std::chrono::milliseconds retry_first{250}, retry_max{5000};
  /// A book that was synced for so long begins with retry_first again.
  std::chrono::milliseconds calm{30'000};
  /// A market that moves without a change for so long has a dead stream.
  std::chrono::milliseconds silence{10'000};
  /// A market without any change for so long is compared with a small snapshot; zero: never.
  std::chrono::milliseconds prove{60'000};
  /// A snapshot that did not come for so long will not come.
  std::chrono::milliseconds answer{60'000};
  /// Changes that wait for a snapshot, and their levels: 16 bytes each. With more, all are dropped
  /// and gathering starts again.
  std::size_t changes_max = 10'000, rows_max = 1'000'000;
};

struct BookStep {
  enum class Kind : std::uint8_t { kWait, kSnapshot, kResubscribe };
  Kind kind = Kind::kWait;
  std::uint64_t ticket = 0;        ///< of kSnapshot: goes back with the answer
  int limit = 0;                   ///< of kSnapshot: 100, 500, 1000 or 5000, the steps of its price
  Instant until = Instant::max();  ///< of kWait: when to ask again, if nothing comes before
};

/// What a book has been through; they only grow.
struct BookCounts {
  std::uint64_t applied = 0;    ///< changes
  std::uint64_t old = 0;        ///< changes that were known already
  std::uint64_t foreign = 0;    ///< changes of a connection that is not followed
  std::uint64_t gaps = 0;       ///< changes that did not follow the one before
  std::uint64_t overflows = 0;  ///< times that BookOptions::changes_max or rows_max was not enough
  std::uint64_t unreadable = 0;
  std::uint64_t crossed = 0;
  std::uint64_t compared = 0;    ///< tickers with the number of a state of the book
  std::uint64_t mismatched = 0;  ///< of those: with other best prices
  std::uint64_t silences = 0;
  std::uint64_t asked = 0;              ///< snapshots
  std::uint64_t snapshots_failed = 0;   ///< not given, or senseless
  std::uint64_t snapshots_old = 0;      ///< before the changes
  std::uint64_t snapshots_foreign = 0;  ///< nobody waited for them any more
  std::uint64_t joined = 0;             ///< snapshots that became the book
  std::uint64_t refreshed = 0;          ///< of those: without leaving kSynced
  std::uint64_t handed_over = 0;        ///< connections that took over from another
};

/// What to answer with.
struct BookView {
  /// Best prices first, as the exchange's REST answer has it: the same levels with the same digits,
  /// when synced. Levels outside of the known range are left out.
  OrderBook book;
  BookState state = BookState::kSyncing;
  BookReason reason = BookReason::kNone;
  /// Whether both sides have the levels asked for, or all that there are. Otherwise REST knows
  /// more.
  bool is_complete = false;
  /// The worst price of a side that is known to be complete down to it; nullopt: all is known.
  std::optional<Decimal> bids_known_to, asks_known_to;
  std::optional<Time> event_time;  ///< `E` of the newest change; nullopt: none since the snapshot
  Instant changed_at;              ///< when that came, or the snapshot
  /// When the book was last known to be the exchange's: a change, a snapshot or a ticker said so.
  /// The age of a stale book counts from here.
  Instant confirmed_at;
};

class LocalBook {
 public:
  using Connection = std::uint64_t;

  /// `random` for the retries only.
  explicit LocalBook(const BookOptions& options, std::shared_ptr<Random> random);

  /// From now on changes of this connection come: its stream is subscribed.
  void began(Connection connection, Instant now);
  /// None come any more. Nothing happens when it is not followed.
  void ended(Connection connection, Instant now);

  void diff(Connection connection, DepthDiff diff, Instant now);
  /// A change came that could not be read.
  void lost(Connection connection, Instant now);
  /// Best prices, from any connection. They may be ahead of the changes; older ones are ignored.
  void ticker(const TopOfBook& top, Instant now);

  /// The answer to kSnapshot, one of these for each. An answer that nobody waits for is ignored.
  /// `limit`: how many levels a side were asked for, where not those of the step.
  void snapshot(std::uint64_t ticket, const OrderBook& book, Instant now,
                std::optional<int> limit = std::nullopt);
  /// `not_before`: when the exchange may be asked again.
  void snapshot_failed(std::uint64_t ticket, Instant now,
                       std::optional<Instant> not_before = std::nullopt);

  /// What to do now. Each kSnapshot and each kResubscribe is said once.
  BookStep step(Instant now);

  /// Another depth, of all questions that are there now. A deeper one takes a new snapshot, where
  /// what is known does not suffice.
  void set_depth(int depth);

  [[nodiscard]] BookState state() const noexcept;
  [[nodiscard]] BookReason reason() const noexcept;
  /// Grows when what view() says may have become something else.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  [[nodiscard]] const BookCounts& counts() const noexcept { return counts_; }
  /// Why the exchange's last snapshot was of no use, for a log; "" when none was. Not a sentence.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// What shows, with its levels outside of the known range; nullptr: kSyncing.
  [[nodiscard]] const DepthBook* book() const noexcept { return book_ ? &*book_ : nullptr; }
  /// nullopt: kSyncing. At most `depth` levels a side.
  [[nodiscard]] std::optional<BookView> view(std::size_t depth) const;

 private:
  /// Changes of a connection from its first one on, for a book that is not there yet.
  struct Join {
    Connection connection = 0;
    std::deque<DepthDiff> changes = {};  ///< each follows the one before
    std::size_t rows = 0;
    /// The update that the first change follows: what a snapshot has to reach. nullopt: any will
    /// do.
    std::optional<std::int64_t> from = {};
    /// False: the book that shows is what it will be joined to, once that has come so far.
    bool by_snapshot = true;
    Instant ask_at = {};        ///< no snapshot is asked for before
    bool awaits_first = false;  ///< it need not wait so long when a change has come
    bool is_refresh = false;    ///< of the connection that is followed
    int behind = 0;             ///< snapshots that were older than the book that shows
    int before = 0;             ///< changes in a row from before the first one
  };
  struct Question {
    std::uint64_t ticket = 0;
    int limit = 0;
    Instant asked_at;
    bool is_proof = false;
  };

  void follow(DepthDiff diff, Instant now);
  void applied(const DepthDiff& diff, Instant now);
  void gather(DepthDiff diff, Instant now);
  void revive();
  void start_again(std::optional<std::int64_t> from);
  void hand_over(Instant now);
  void fall(BookReason reason, Instant now, std::optional<std::int64_t> from = std::nullopt);
  void take(DepthBook fresh, Instant now);
  void fail(BookReason reason, Instant now);
  void prove(const OrderBook& book, Instant now);
  void compare_tickers(Instant now);
  void moved(std::int64_t id, Instant now);
  void set_reason(BookReason reason);
  void check_silence(Instant now);
  [[nodiscard]] std::optional<BookStep> due(Instant now);
  [[nodiscard]] Instant next_time() const;
  BookStep ask(int limit, bool is_proof, Instant now);
  [[nodiscard]] bool is_synced() const noexcept { return state() == BookState::kSynced; }
  [[nodiscard]] bool wants_refresh() const;
  [[nodiscard]] Instant prove_at() const;
  [[nodiscard]] int limit() const noexcept;
  [[nodiscard]] std::chrono::nanoseconds pause();
  [[nodiscard]] Instant earliest(Instant now);

  BookOptions options_;
  std::shared_ptr<Random> random_;
  std::optional<DepthBook> book_;       ///< what shows
  std::optional<Connection> followed_;  ///< whose changes are applied to it
  std::optional<Join> join_;
  std::optional<Question> question_;
  BookReason reason_ = BookReason::kNotConnected;
  std::string problem_;
  std::optional<Time> event_time_;
  Instant changed_at_, confirmed_at_, joined_at_, asked_at_, proved_at_, refresh_at_;
  /// Since when changes are awaited, and up to which update, because others say that it moves.
  std::optional<Instant> moved_at_;
  std::int64_t moved_to_ = 0;
  TickerCheck tickers_;
  int mismatches_ = 0;     ///< since it was joined
  int tries_ = 0;          ///< snapshots since it was calm
  int proofs_behind_ = 0;  ///< in a row
  int old_ = 0;            ///< changes in a row
  bool is_resubscribe_due_ = false;
  std::uint64_t tickets_ = 0, version_ = 0;
  BookCounts counts_;
};

}  // namespace bourse::binance
