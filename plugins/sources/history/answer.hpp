// SPDX-License-Identifier: MIT
//
// Answers a question for candles from what is kept, asks below for what is missing, and keeps that.
//
// Nothing is asked below that is known, except the candle that forms and those that closed a moment
// ago. What is asked is kept in the transaction that says that it is known. Where the database
// fails, the answer is that of the source below, and a note says what was not kept; where the
// source below fails, the answer is what is kept, and a note says so.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugins/sources/history/question.hpp"
#include "plugins/sources/history/store/store.hpp"
#include "plugins/sources/history/store/timed_mutex.hpp"

namespace bourse::history {

struct Shown {
  std::vector<Candle> rows;                       ///< ascending
  Interval grid = Interval::parse("1m").value();  ///< the question's interval on the market's grid
  bool is_forming = false;                        ///< the last of them still forms
  Millis clock = 0;                               ///< the source's, or ours where it was not asked
  bool was_asked = false;                         ///< the source below was asked for some of it
  /// Parts of [first, last] row that are known to be without candles, or of which nothing is known
  /// and the source below failed.
  std::vector<Span> empty, unknown;
  std::uint64_t from_database = 0;  ///< of rows
  std::uint64_t kept_rows = 0;      ///< that were not kept before
  std::vector<Millis> revised;      ///< candles that differ from what was kept before
  std::optional<Error> unkept;      ///< why what was asked is not kept
  std::string failure;              ///< why the source below did not answer, or ""
};

/// Who fills a hole of a series holds its lock, so that a hole is asked for once. [any thread]
class SeriesLocks {
 public:
  std::shared_ptr<TimedMutex> of(const SeriesKey& key);

 private:
  std::mutex mutex_;
  std::map<SeriesKey, std::weak_ptr<TimedMutex>> locks_;
};

/// Answers one question. `store`: null where there is none, `why_not` says why. Throws what Below
/// throws, and its failure where nothing at all can be shown.
class Answering {
 public:
  /// `source`: whom below_ asks, as an origin. `clock_ahead`: of the source's clock before ours, as
  /// last seen; nullopt: nobody has asked it yet.
  Answering(Store* store, std::optional<Error> why_not, Below& below, SeriesLocks& locks,
            std::string_view source, std::optional<Millis> clock_ahead);

  Shown answer(const Question& question);

 private:
  bool find_series();
  bool begin_from_shorter();
  void begin_series(const Page& page);
  void straight();
  void forwards();
  Millis fill_forwards(Span hole);
  void fill_to_now(Millis at);
  Millis make_forwards(Span hole);
  void backwards();
  Millis fill_backwards(Span hole);
  Millis make_backwards(Span hole);
  Millis newest();
  void show_newest(Page& page, Millis from, Millis proven_from);
  Millis give_up_newest(Span span);

  bool ask(const Asked& asked, Page& page);
  void keep(const Page& page, Span asked, bool is_complete);
  std::vector<Span> holes(Span span);
  std::optional<std::vector<Candle>> kept(Span span, bool newest);
  std::optional<std::vector<Candle>> derived(Span span, std::size_t limit);
  std::optional<Span> known_of_shorter(Span hole, bool last);
  bool lock();
  void add(std::vector<Candle> rows);
  void add_before(std::vector<Candle> rows);
  void look_for_gaps();
  void stop_reading(Error error);

  [[nodiscard]] std::size_t wanted() const {
    return question_->limit - std::min(question_->limit, shown_.rows.size());
  }
  [[nodiscard]] Millis stop() const { return question_->end ? *question_->end + 1 : kMillisMax; }
  [[nodiscard]] Millis closed_to() const { return closed_until(grid_, shown_.clock); }

  Store* store_;  ///< null: nothing is read
  Below& below_;
  SeriesLocks& locks_;
  const std::string source_;
  std::optional<Millis> clock_ahead_;
  const Question* question_ = nullptr;
  std::optional<Series> series_;
  Interval grid_ = Interval::parse("1m").value();  ///< the question's, on the market's grid
  Shown shown_;
  std::shared_ptr<TimedMutex> lock_of_series_;
  std::unique_lock<TimedMutex> lock_;
};

}  // namespace bourse::history
