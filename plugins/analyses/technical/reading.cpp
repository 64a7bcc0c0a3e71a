// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/reading.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "bourse/fresh.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/technical/history.hpp"

namespace bourse::technical {
namespace {

std::string candles_of(const Wanted& wanted) {
  return std::string(wanted.interval.name()) + " candles of " + wanted.symbol;
}

// ---- rows ---------------------------------------------------------------------------------------

/// A column of decimals that may not be there.
class MaybeDecimals {
 public:
  MaybeDecimals(const TableView& table, const char* name, int& scale) {
    if (!table.find(name)) return;
    column_ = table.decimals(name);
    scale = std::max(scale, static_cast<int>(column_->scale()));
  }
  [[nodiscard]] std::optional<Decimal> at(std::size_t row) const {
    if (!column_ || !column_->has(row)) return std::nullopt;
    return (*column_)[row];
  }

 private:
  std::optional<DecimalColumn> column_;
};

/// The same for times, counts and flags.
template <class Cell>
class Maybe {
 public:
  Maybe(const TableView& table, const char* name,
        std::span<const Cell> (TableView::*column)(std::string_view) const) {
    const auto found = table.find(name);
    if (!found) return;
    cells_ = (table.*column)(name);
    valid_ = table.array(*found).valid;
  }
  [[nodiscard]] std::optional<Cell> at(std::size_t row) const {
    if (cells_.empty() || !is_valid(valid_, row)) return std::nullopt;
    return cells_[row];
  }

 private:
  std::span<const Cell> cells_;
  const std::uint8_t* valid_ = nullptr;
};

bool negative(const std::optional<Decimal>& value) noexcept { return value && value->sign() < 0; }

/// The rows of one answer.
class PageRows {
 public:
  PageRows(const TableView& table, Scales& scales)
      : open_times_(table, "open_time", &TableView::times),
        close_times_(table, "close_time", &TableView::times),
        opens_(table, "open", scales.open),
        highs_(table, "high", scales.high),
        lows_(table, "low", scales.low),
        closes_(table, "close", scales.close),
        volumes_(table, "volume", scales.volume),
        quote_volumes_(table, "quote_volume", scales.quote_volume),
        trades_(table, "trades", &TableView::integers),
        closed_(table, "closed", &TableView::booleans) {}

  [[nodiscard]] std::optional<std::int64_t> open_time(std::size_t row) const {
    return open_times_.at(row);
  }
  /// Nothing, and `why`, of a row that nothing can be computed with.
  [[nodiscard]] std::optional<Candle> candle(std::size_t row, const char*& why) const {
    const auto open = opens_.at(row), high = highs_.at(row), low = lows_.at(row);
    const auto close = closes_.at(row), volume = volumes_.at(row);
    if (!high || !low || !close) return why = "it lacks a price", std::nullopt;
    if (!volume) return why = "it lacks its volume", std::nullopt;
    for (const auto& value : {open, high, low, close, volume}) {
      if (negative(value)) return why = "a price or its volume is negative", std::nullopt;
    }
    std::optional<bool> closed;
    if (const auto flag = closed_.at(row)) closed = *flag != 0;
    return Candle{.open_time = *open_time(row),
                  .close_time = close_times_.at(row),
                  .open = open,
                  .high = *high,
                  .low = *low,
                  .close = *close,
                  .volume = *volume,
                  .quote_volume = quote_volumes_.at(row),
                  .trades = trades_.at(row),
                  .closed = closed};
  }

 private:
  Maybe<std::int64_t> open_times_, close_times_;
  MaybeDecimals opens_, highs_, lows_, closes_, volumes_, quote_volumes_;
  Maybe<std::int64_t> trades_;
  Maybe<std::uint8_t> closed_;
};

// ---- pages --------------------------------------------------------------------------------------

/// What one answer brought within the times asked for.
struct Came {
  std::vector<Candle> candles;
  std::optional<std::int64_t> oldest, newest;  ///< open times, of rows left out too
  bool more = false;                           ///< there may be
};

/// Answers in a row that bring nothing to compute with. A source that has only such would be asked
/// back to the beginning of time, an answer at a time.
class Barren {
 public:
  /// Rows to ask for next, when so many are wanted: after nothing, as many as there may be.
  [[nodiscard]] std::size_t rows(std::size_t wanted) const noexcept {
    return answers_ == 0 ? std::min(kPageRows, wanted) : kPageRows;
  }
  /// Whether that is enough of them.
  bool enough_with(const Came& came) noexcept {
    constexpr std::size_t kAnswersMax = 8;
    answers_ = came.candles.empty() ? answers_ + 1 : 0;
    return answers_ == kAnswersMax;
  }

 private:
  std::size_t answers_ = 0;
};

class Pages {
 public:
  Pages(const Call& call, const Wanted& wanted, Reading& reading)
      : call_(call), wanted_(wanted), reading_(reading) {}

  /// The newest `count` that opened at `end` or before, ascending. Says in the reading whether the
  /// source has none before them.
  std::vector<Candle> up_to(std::optional<Time> end, std::size_t count) {
    std::vector<std::vector<Candle>> pages;  // newest first
    std::size_t have = 0;
    Barren barren;
    reading_.from_the_beginning = false;
    while (have < count) {
      Came came = ask({}, end, barren.rows(count - have));
      if (barren.enough_with(came)) break;
      const std::size_t surplus = came.candles.size() - std::min(came.candles.size(), count - have);
      came.candles.erase(came.candles.begin(),
                         came.candles.begin() + static_cast<std::ptrdiff_t>(surplus));
      have += came.candles.size();
      if (!came.candles.empty()) pages.push_back(std::move(came.candles));
      if (have == count) break;
      if (!came.more || !came.oldest || *came.oldest <= kFirstTime.ns) {
        reading_.from_the_beginning = true;
        break;
      }
      end = Time{*came.oldest - 1};
    }
    std::vector<Candle> candles;
    candles.reserve(have);
    for (auto page = pages.rbegin(); page != pages.rend(); ++page) append(candles, *page);
    return candles;
  }

  /// The oldest `count` that opened at `start` or later, stopping at `end`.
  std::vector<Candle> from(Time start, std::optional<Time> end, std::size_t count) {
    std::vector<Candle> candles;
    Barren barren;
    while (candles.size() < count) {
      Came came = ask(start, end, barren.rows(count - candles.size()));
      if (barren.enough_with(came)) break;
      const std::size_t room = count - candles.size();
      if (came.candles.size() > room) came.candles.resize(room);
      append(candles, came.candles);
      if (!came.more || !came.newest || *came.newest >= kLastTime.ns) break;
      start = Time{*came.newest + 1};
      if (end && start > *end) break;
    }
    return candles;
  }

  [[nodiscard]] std::size_t rows_seen() const noexcept { return rows_seen_; }

 private:
  static void append(std::vector<Candle>& to, std::vector<Candle>& page) {
    to.insert(to.end(), std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
  }

  Came ask(std::optional<Time> start, std::optional<Time> end, std::size_t limit) {
    call_.poll();
    const Page answer = call_.page(Query("candles")
                                       .with("symbol", wanted_.symbol)
                                       .with("interval", wanted_.interval.name())
                                       .with("limit", limit)
                                       .with("start", start)
                                       .with("end", end));
    if (answer.tables() == 0) {
      throw Error(BOURSE_UPSTREAM, "bad_source",
                  "The source's answer for " + candles_of(wanted_) + " has no table.");
    }
    if (first_answer_) note_source(answer);
    first_answer_ = false;
    if (answer.as_of() > reading_.as_of) reading_.as_of = answer.as_of();
    const std::size_t left_out_before = reading_.left_out.count;
    Came came = read_rows(answer.table(0), start, end);
    // Fewer rows than asked for are the last ones: unless one of them was left out on the way.
    const bool rows_are_missing = keep_notes(answer);
    came.more = answer.table(0).rows() >= limit || rows_are_missing ||
                reading_.left_out.count != left_out_before;
    return came;
  }

  void note_source(const ReportView& answer) {
    reading_.clock = clock_of(call_, answer);
    reading_.status = status_of(answer);
    for (const char* name : {"open", "quote_volume", "trades", "closed"}) {
      if (answer.table(0).find(name)) continue;
      reading_.undelivered.add(name);
    }
  }

  /// Whether the source says that it left out rows.
  bool keep_notes(const ReportView& answer) {
    bool rows_are_missing = false;
    for (const bourse_note* note : answer.notes()) {
      Said said{note->level, std::string(view(note->code)), std::string(view(note->text))};
      rows_are_missing |= said.code == "unreadable_row" || said.code == "unreadable_file";
      const auto same = [&](const Said& other) {
        return other.code == said.code && other.text == said.text;
      };
      if (std::none_of(reading_.notes.begin(), reading_.notes.end(), same)) {
        reading_.notes.push_back(std::move(said));
      }
    }
    return rows_are_missing;
  }

  void leave_out(std::optional<std::int64_t> open_time, const char* why) {
    LeftOut& left_out = reading_.left_out;
    if (left_out.count++ == 0) left_out.why = why;
    if (open_time && (!left_out.first || *open_time < left_out.first->ns)) {
      left_out.first = Time{*open_time};
    }
  }

  Came read_rows(const TableView& table, std::optional<Time> start, std::optional<Time> end) {
    const PageRows rows(table, reading_.scales);
    rows_seen_ += table.rows();
    Came came;
    came.candles.reserve(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const auto time = rows.open_time(row);
      // What was not asked for is no new row: a source that sends it again and again ends a loop.
      if (time && ((start && *time < start->ns) || (end && *time > end->ns))) continue;
      const char* why = "it has no open time";
      auto candle = time ? rows.candle(row, why) : std::nullopt;
      if (time) {
        came.oldest = std::min(came.oldest.value_or(*time), *time);
        came.newest = std::max(came.newest.value_or(*time), *time);
      }
      if (candle) {
        came.candles.push_back(std::move(*candle));
      } else {
        leave_out(time, why);
      }
    }
    put_in_order(came.candles);
    return came;
  }

  /// The open time is a candle's identity: ascending, and each once.
  void put_in_order(std::vector<Candle>& candles) {
    const auto earlier = [](const Candle& a, const Candle& b) { return a.open_time < b.open_time; };
    if (!std::is_sorted(candles.begin(), candles.end(), earlier)) {
      reading_.disordered = true;
      std::stable_sort(candles.begin(), candles.end(), earlier);
    }
    const auto again = [&](const Candle& a, const Candle& b) {
      if (a.open_time != b.open_time) return false;
      leave_out(b.open_time, "another candle has its open time");
      return true;
    };
    candles.erase(std::unique(candles.begin(), candles.end(), again), candles.end());
  }

  const Call& call_;
  const Wanted& wanted_;
  Reading& reading_;
  bool first_answer_ = true;
  std::size_t rows_seen_ = 0;
};

// ---- the reading --------------------------------------------------------------------------------

/// " from 2024-11-01T00:00:00Z to 2024-11-02T00:00:00Z", or less of it.
std::string range_of(const Wanted& wanted) {
  std::string text;
  if (wanted.start) text += " from " + time_text(*wanted.start);
  if (wanted.end) text += (wanted.start ? " to " : " up to ") + time_text(*wanted.end);
  return text;
}

[[noreturn]] void fail_empty(const Wanted& wanted, const Reading& reading, bool rows_came) {
  const std::string what = candles_of(wanted) + range_of(wanted);
  if (rows_came && reading.left_out.count > 0) {
    throw Error(BOURSE_UPSTREAM, "bad_candle",
                "The source sent no " + what +
                    " that can be computed with. Of the first: " + reading.left_out.why + ".");
  }
  std::string reason = "the market has no history at this interval.";
  if (wanted.start || wanted.end) reason = "the market has no history there; ask for other times.";
  if (wanted.start && *wanted.start > reading.clock) {
    reason = "start is after the source's present, " + time_text(reading.clock) + ".";
  }
  throw Error(BOURSE_UNPROCESSABLE, "no_history", "There are no " + what + ": " + reason);
}

}  // namespace

Reading read_candles(const Call& call, const Wanted& wanted) {
  Reading reading;
  Pages pages(call, wanted, reading);
  reading.asked = wanted.limit + wanted.warm_up;
  if (!wanted.start) {
    reading.candles = pages.up_to(wanted.end, reading.asked);
    reading.first_shown = reading.candles.size() - std::min(wanted.limit, reading.candles.size());
    if (reading.candles.empty()) fail_empty(wanted, reading, pages.rows_seen() > 0);
    return reading;
  }
  // One more than is shown tells whether there are more, and where they begin.
  std::vector<Candle> shown = pages.from(*wanted.start, wanted.end, wanted.limit + 1);
  if (shown.empty()) fail_empty(wanted, reading, pages.rows_seen() > 0);
  if (shown.size() > wanted.limit) {
    reading.next = Time{shown.back().open_time};
    shown.pop_back();
  }
  if (*wanted.start <= kFirstTime) {
    reading.from_the_beginning = true;
  } else {
    reading.candles = pages.up_to(Time{wanted.start->ns - 1}, wanted.warm_up);
  }
  reading.first_shown = reading.candles.size();
  reading.asked = wanted.warm_up + shown.size();
  reading.candles.insert(reading.candles.end(), std::make_move_iterator(shown.begin()),
                         std::make_move_iterator(shown.end()));
  return reading;
}

// ---- as doubles ---------------------------------------------------------------------------------

History::History(const std::vector<Candle>& candles, Interval interval)
    : spacing_(least_spacing(interval)) {
  const auto column = [&](auto& out, auto value_of) {
    out.reserve(candles.size());
    for (const Candle& candle : candles) out.push_back(value_of(candle));
  };
  column(open_times_, [](const Candle& c) { return c.open_time; });
  column(highs_, [](const Candle& c) {
    return std::max({c.high, c.low, c.close, c.open.value_or(c.close)}).to_double();
  });
  column(lows_, [](const Candle& c) {
    return std::min({c.high, c.low, c.close, c.open.value_or(c.close)}).to_double();
  });
  column(closes_, [](const Candle& c) { return c.close.to_double(); });
  column(volumes_, [](const Candle& c) { return c.volume.to_double(); });
}

Candles History::candles() const noexcept {
  return {.open_times = open_times_,
          .highs = highs_,
          .lows = lows_,
          .closes = closes_,
          .volumes = volumes_,
          .spacing = spacing_};
}

bool contradicts_itself(const Candle& candle) noexcept {
  const Decimal open = candle.open.value_or(candle.close);
  return candle.high < candle.low || candle.close < candle.low || candle.close > candle.high ||
         open < candle.low || open > candle.high;
}

bool has_zero_price(const Candle& candle) noexcept {
  return candle.high.is_zero() || candle.low.is_zero() || candle.close.is_zero() ||
         (candle.open && candle.open->is_zero());
}

bool has_volume_without_price(const Candle& candle) noexcept {
  return candle.high.is_zero() && candle.low.is_zero() && candle.close.is_zero() &&
         (!candle.open || candle.open->is_zero()) && !candle.volume.is_zero();
}

}  // namespace bourse::technical
