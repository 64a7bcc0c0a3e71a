// SPDX-License-Identifier: MIT
//
// LocalBook against a market whose every state is known. All small schedules are tried; long ones
// are drawn by chance, with duplicates, overlaps, losses, late snapshots, cut snapshots, ends of
// connections and new ones beside old ones. Whatever shows must be the market's state at its
// number.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "plugins/sources/binance/book/local_book.hpp"
#include "tests/plugins/sources/binance/book/book_tools.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;

// ---- the model

using ModelSide = std::map<std::int64_t, std::int64_t>;  ///< quantities by price
struct ModelBook {
  std::int64_t id = 0;
  ModelSide bids, asks;
  friend bool operator==(const ModelBook&, const ModelBook&) = default;
};

void set(ModelSide& side, const std::vector<BookRow>& rows) {
  for (const BookRow& row : rows) {
    if (row.quantity == 0) {
      side.erase(row.price);
    } else {
      side[row.price] = row.quantity;
    }
  }
}

/// The procedure as it is written, in maps.
class Model {
 public:
  void diff(const DepthDiff& diff) {
    if (book) {
      if (diff.last <= book->id) return;
      if (diff.first <= book->id + 1) return apply(*book, diff);
      book.reset();
      gathered_.clear();
    }
    if (!gathered_.empty() && diff.last <= gathered_.back().last) return;
    if (!gathered_.empty() && diff.first > gathered_.back().last + 1) gathered_.clear();
    gathered_.push_back(diff);
  }
  void snapshot(ModelBook snapshot) {
    if (book || (!gathered_.empty() && snapshot.id + 1 < gathered_.front().first)) return;
    for (const DepthDiff& diff : gathered_) {
      if (diff.last > snapshot.id) apply(snapshot, diff);
    }
    book = std::move(snapshot);
    gathered_.clear();
  }
  std::optional<ModelBook> book;

 private:
  static void apply(ModelBook& book, const DepthDiff& diff) {
    set(book.bids, diff.bids);
    set(book.asks, diff.asks);
    book.id = diff.last;
  }
  std::vector<DepthDiff> gathered_;
};

// ---- the market

/// Each update changes one level; the state at each number is kept.
class Tape {
 public:
  using Update = std::tuple<bool, std::int64_t, std::int64_t>;  ///< is a bid, price, quantity
  explicit Tape(std::int64_t updates,
                const std::function<Update(std::int64_t, const ModelBook&)>& next,
                std::int64_t middle = 100, std::int64_t levels = 1) {
    states_.emplace_back();
    for (std::int64_t i = 1; i <= levels; ++i) {
      states_[0].bids[middle - i] = states_[0].asks[middle + i] = 1;
    }
    updates_.emplace_back();
    for (std::int64_t i = 1; i <= updates; ++i) {
      ModelBook state = states_.back();
      const Update update = next(i, state);
      const auto& [is_bid, price, quantity] = update;
      set(is_bid ? state.bids : state.asks, {{price, quantity}});
      state.id = i;
      updates_.push_back(update);
      states_.push_back(std::move(state));
    }
  }
  [[nodiscard]] const ModelBook& at(std::int64_t id) const {
    return states_.at(static_cast<std::size_t>(id));
  }

  /// What the exchange would send of the updates first to last: each touched level once.
  [[nodiscard]] DepthDiff diff(std::int64_t first, std::int64_t last) const {
    std::map<std::int64_t, std::int64_t> bids, asks;
    for (std::int64_t i = first; i <= last; ++i) {
      const auto& [is_bid, price, quantity] = updates_.at(static_cast<std::size_t>(i));
      (is_bid ? bids : asks)[price] = quantity;
    }
    DepthDiff diff;
    diff.first = first;
    diff.last = last;
    diff.time = Time{last};
    for (const auto& [price, quantity] : bids) diff.bids.push_back({price, quantity});
    for (const auto& [price, quantity] : asks) diff.asks.push_back({price, quantity});
    return diff;
  }
  [[nodiscard]] OrderBook snapshot(std::int64_t id, std::size_t limit) const {
    OrderBook book;
    book.last_update_id = id;
    const auto add = [limit](std::vector<Level>& levels, const auto& entry) {
      if (levels.size() < limit) {
        levels.push_back({Decimal::of(entry.first), Decimal::of(entry.second)});
      }
    };
    const ModelBook& state = at(id);
    for (auto bid = state.bids.rbegin(); bid != state.bids.rend(); ++bid) add(book.bids, *bid);
    for (const auto& ask : state.asks) add(book.asks, ask);
    return book;
  }

 private:
  std::vector<Update> updates_;
  std::vector<ModelBook> states_;
};

std::string text_of(const Tape& tape, std::int64_t id, std::size_t bids, std::size_t asks) {
  OrderBook book = tape.snapshot(id, 100'000);
  book.bids.resize(std::min(bids, book.bids.size()));
  book.asks.resize(std::min(asks, book.asks.size()));
  return text_of(book);
}

// ---- every small schedule

TEST(LocalBookModelTest, EveryOrderOfThreeChangesAndTwoSnapshotsIsJoinedAsTheProcedureSays) {
  const Tape tape(4, [](std::int64_t i, const ModelBook&) {
    return Tape::Update(i % 2 == 0, i % 2 == 0 ? 90 + i % 3 : 110 + i % 3, i % 4 == 3 ? 0 : i);
  });
  std::vector<DepthDiff> changes;
  for (std::int64_t first = 1; first <= 3; ++first) {
    for (std::int64_t last = first; last <= 3; ++last) changes.push_back(tape.diff(first, last));
  }
  const auto random = std::make_shared<EvenRandom>();
  std::int64_t runs = 0, synced = 0;
  const auto run = [&](const std::vector<const DepthDiff*>& three, std::int64_t id_a,
                       std::int64_t id_b, int place_a, int place_b) {
    LocalBook book({.depth = 5000}, random);
    Model model;
    Instant now = at(0);
    book.began(1, now);
    const auto give = [&](std::int64_t id) {
      model.snapshot(tape.at(id));
      if (book.state() == BookState::kSynced) return;
      BookStep step = book.step(now);
      while (step.kind == BookStep::Kind::kWait) now = step.until, step = book.step(now);
      ASSERT_EQ(step.kind, BookStep::Kind::kSnapshot);
      book.snapshot(step.ticket, tape.snapshot(id, 5000), now);
    };
    std::size_t next = 0;
    for (int place = 0; place < 5; ++place) {
      if (place == place_a) {
        give(id_a);
      } else if (place == place_b) {
        give(id_b);
      } else {
        model.diff(*three[next]);
        book.diff(1, *three[next++], now);
      }
      ++runs;
      const auto step = book.step(now);  // asks, perhaps: an answer that never comes
      if (step.kind == BookStep::Kind::kSnapshot) book.snapshot_failed(step.ticket, now);
      ASSERT_EQ(book.state() == BookState::kSynced, model.book.has_value());
      if (!model.book) continue;
      ++synced;
      ASSERT_EQ(*book.view(1)->book.last_update_id, model.book->id);
      ASSERT_EQ(*model.book, tape.at(model.book->id));
      ASSERT_EQ(text_of(book), text_of(tape, model.book->id, 5000, 5000));
    }
  };
  for (const DepthDiff& first : changes) {
    for (const DepthDiff& second : changes) {
      for (const DepthDiff& third : changes) {
        for (std::int64_t id_a = 1; id_a <= 4; ++id_a) {
          for (std::int64_t id_b = 1; id_b <= 4; ++id_b) {
            for (int place_a = 0; place_a < 5; ++place_a) {
              for (int place_b = place_a + 1; place_b < 5; ++place_b) {
                run({&first, &second, &third}, id_a, id_b, place_a, place_b);
                if (HasFatalFailure()) {
                  FAIL() << first.first << '-' << first.last << ' ' << second.first << '-'
                         << second.last << ' ' << third.first << '-' << third.last << ", " << id_a
                         << " at " << place_a << ", " << id_b << " at " << place_b;
                }
              }
            }
          }
        }
      }
    }
  }
  EXPECT_EQ(runs, 216 * 16 * 10 * 5);
  EXPECT_GT(synced, runs / 2);
}

// ---- long schedules by chance

/// A market whose best prices wander, with many levels on each side.
Tape wandering(std::mt19937& random, std::int64_t updates) {
  constexpr std::int64_t kMiddle = 10'000;
  const auto draw = [&random](std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random);
  };
  const auto next = [&, middle = kMiddle](std::int64_t,
                                          const ModelBook& state) mutable -> Tape::Update {
    if (draw(4) == 0) middle += draw(16) - 8;
    const bool is_bid = draw(1) == 0;
    // What stands in the way of the middle goes first, as it would by trades.
    if (!state.bids.empty() && state.bids.rbegin()->first >= middle) {
      return {true, state.bids.rbegin()->first, 0};
    }
    if (!state.asks.empty() && state.asks.begin()->first <= middle) {
      return {false, state.asks.begin()->first, 0};
    }
    const std::int64_t distance = 1 + draw(draw(3) == 0 ? 300 : 20);
    return {is_bid, is_bid ? middle - distance : middle + distance,
            draw(3) == 0 ? 0 : 1 + draw(99)};
  };
  return Tape(updates, next, kMiddle, 300);
}

/// One connection: what it sends, in pieces of its own.
struct Feed {
  LocalBook::Connection connection = 0;
  std::int64_t sent = 0;  ///< the last update that it sent or lost
};

struct Outcome {
  BookCounts counts;
  std::int64_t looks = 0, synced = 0;
};

Outcome run_by_chance(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto one_in = [&random](int n) {
    return std::uniform_int_distribution<int>(1, n)(random) == 1;
  };
  const auto draw = [&random](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  constexpr std::int64_t kUpdates = 3000;
  const Tape tape = wandering(random, kUpdates);
  LocalBook book({.depth = 50, .calm = milliseconds(500)}, std::make_shared<EvenRandom>());
  Instant now = at(0);
  struct Answer {
    Instant at;
    std::uint64_t ticket;
    std::int64_t id;
    int limit;
  };
  std::vector<Answer> answers;
  std::vector<Feed> feeds;
  LocalBook::Connection connections = 0;
  std::int64_t market = 200;
  Outcome outcome;

  const auto begin = [&] {
    feeds.push_back({++connections, market});
    book.began(connections, now);
  };
  const auto send = [&](Feed& feed, bool may_fail) {
    if (feed.sent >= market) return;
    const std::int64_t first = feed.sent + 1;
    const std::int64_t last = std::min(market, first + draw(0, 7));
    feed.sent = last;
    if (may_fail && one_in(60)) return;  // lost
    const DepthDiff diff =
        tape.diff(may_fail && one_in(20) ? std::max<std::int64_t>(1, first - 3) : first, last);
    book.diff(feed.connection, diff, now);
    if (may_fail && one_in(20)) book.diff(feed.connection, diff, now);
  };
  const auto look = [&] {
    ++outcome.looks;
    if (book.state() != BookState::kSynced) return;
    ++outcome.synced;
    const auto view = book.view(50);
    const std::int64_t id = *view->book.last_update_id;
    ASSERT_LE(id, market);
    ASSERT_EQ(text_of(view->book),
              text_of(tape, id, view->book.bids.size(), view->book.asks.size()));
    if (view->is_complete) {
      ASSERT_EQ(view->book.bids.size(), std::min<std::size_t>(50, tape.at(id).bids.size()));
      ASSERT_EQ(view->book.asks.size(), std::min<std::size_t>(50, tape.at(id).asks.size()));
    }
  };
  const auto take_steps = [&](bool may_fail) {
    for (BookStep step = book.step(now); step.kind != BookStep::Kind::kWait;
         step = book.step(now)) {
      if (step.kind != BookStep::Kind::kSnapshot) continue;
      // Made at some moment before it arrives; sometimes long before, sometimes never.
      const std::int64_t age = may_fail && one_in(3) ? draw(0, 60) : 0;
      if (may_fail && one_in(15)) {
        answers.push_back({now + milliseconds(draw(0, 300)), step.ticket, 0, step.limit});
      } else {
        answers.push_back({now + milliseconds(draw(0, 300)), step.ticket,
                           std::max<std::int64_t>(1, market - age), step.limit});
      }
    }
    for (std::size_t i = 0; i < answers.size();) {
      if (answers[i].at > now) {
        ++i;
        continue;
      }
      const Answer answer = answers[i];
      answers.erase(answers.begin() + static_cast<std::ptrdiff_t>(i));
      if (answer.id == 0) {
        book.snapshot_failed(answer.ticket, now);
      } else {
        book.snapshot(answer.ticket,
                      tape.snapshot(answer.id, static_cast<std::size_t>(answer.limit)), now);
      }
    }
  };

  begin();
  while (market < kUpdates) {
    now += milliseconds(draw(1, 40));
    market = std::min(kUpdates, market + draw(0, 4));
    for (Feed& feed : feeds) {
      if (!one_in(3)) send(feed, true);
    }
    if (one_in(200)) begin();
    if (one_in(50)) book.set_depth(static_cast<int>(draw(10, 90)));
    if (feeds.size() > 1 && one_in(30)) {
      book.ended(feeds.front().connection, now);
      feeds.erase(feeds.begin());
    }
    if (one_in(300) && !feeds.empty()) {
      book.ended(feeds.back().connection, now);
      feeds.pop_back();
    }
    // One that was taken over from is not followed again.
    if (feeds.empty() || book.reason() == BookReason::kNotConnected) begin();
    if (one_in(4) && market > 0) {
      const OrderBook top = tape.snapshot(market, 1);
      if (!top.bids.empty() && !top.asks.empty()) {
        book.ticker({.id = market,
                     .row = {"A", top.bids[0].price, top.bids[0].quantity, top.asks[0].price,
                             top.asks[0].quantity}},
                    now);
      }
    }
    take_steps(true);
    look();
    if (testing::Test::HasFatalFailure()) return outcome;
  }
  // Quiet now, and nothing fails: it must come to the end of the tape.
  for (int i = 0; i < 400; ++i) {
    now += milliseconds(100);
    for (Feed& feed : feeds) {
      while (feed.sent < market) send(feed, false);
    }
    take_steps(false);
    look();
  }
  EXPECT_EQ(book.state(), BookState::kSynced) << words_of(book.reason()) << "; " << book.problem();
  EXPECT_TRUE(book.book() != nullptr && book.book()->id() == kUpdates);
  outcome.counts = book.counts();
  return outcome;
}

TEST(LocalBookModelTest, WhateverHappensWhatShowsAsSyncedIsTheMarket) {
  Outcome sum;
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const Outcome one = run_by_chance(seed);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    sum.looks += one.looks;
    sum.synced += one.synced;
    const auto add = [&](std::uint64_t BookCounts::*count) {
      sum.counts.*count += one.counts.*count;
    };
    for (const auto count :
         {&BookCounts::gaps, &BookCounts::old, &BookCounts::foreign, &BookCounts::snapshots_old,
          &BookCounts::snapshots_failed, &BookCounts::snapshots_foreign, &BookCounts::refreshed,
          &BookCounts::handed_over, &BookCounts::compared, &BookCounts::mismatched,
          &BookCounts::crossed}) {
      add(count);
    }
  }
  // The schedules are worth something only if all of it has happened.
  EXPECT_GT(sum.synced, sum.looks / 2);
  EXPECT_GT(sum.counts.gaps, 10U);
  EXPECT_GT(sum.counts.old, 10U);
  EXPECT_GT(sum.counts.foreign, 10U);
  EXPECT_GT(sum.counts.snapshots_old, 5U);
  EXPECT_GT(sum.counts.snapshots_failed, 3U);
  EXPECT_GT(sum.counts.snapshots_foreign, 0U);
  EXPECT_GT(sum.counts.refreshed, 1U);
  EXPECT_GT(sum.counts.handed_over, 1U);
  EXPECT_GT(sum.counts.compared, 100U);
  EXPECT_EQ(sum.counts.mismatched, 0U);
  EXPECT_EQ(sum.counts.crossed, 0U);
}

}  // namespace
}  // namespace bourse::binance
