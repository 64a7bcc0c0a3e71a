// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/notes.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "bourse/fresh.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/technical/history.hpp"
#include "plugins/analyses/technical/volume.hpp"

namespace bourse::technical {
namespace {

/// The end of the newest shown candle's time, as its source says it.
Time close_time(const Reading& reading, Interval interval) {
  const Candle& newest = reading.candles.back();
  if (newest.close_time) return Time{*newest.close_time};
  const Time open{newest.open_time};
  return interval.anchored(open).close_time(open);
}

bool forming(const Reading& reading) { return !reading.candles.back().closed.value_or(true); }

/// Names and needs of the columns that are null in this row, VWAP apart: "sma_slow (50), ...".
std::string null_columns(const Series& series, const Settings& settings, std::size_t row) {
  std::string names;
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto column = static_cast<Column>(c);
    if (column == Column::kVwap || !std::isnan(series[column][row])) continue;
    names += (names.empty() ? "" : ", ") + std::string(name_of(column)) + " (" +
             std::to_string(rows_needed(column, settings)) + ")";
  }
  return names;
}

void say_insufficient(const Call& call, const Request& request, const Reading& reading,
                      const Series& series) {
  const std::size_t first = reading.first_shown;
  const std::string columns = null_columns(series, request.settings, first);
  if (columns.empty()) return;
  const std::string begin = time_text(Time{reading.candles.front().open_time});
  const std::string up_to_first = counted(first + 1, "candle") + " up to the first row";
  const std::string reason =
      reading.from_the_beginning
          ? "the source's history of " + request.wanted.symbol + " at this interval begins " +
                begin + ", which makes " + up_to_first
          : "the source gave " + counted(reading.candles.size(), "candle") + " of the " +
                std::to_string(reading.asked) + " asked for, which makes " + up_to_first;
  call.warn("insufficient_history", "Null in the first rows, because " + reason +
                                        ". Candles that it takes: " + columns + ".");
}

/// VWAP has a reason of its own.
void say_unanchored(const Call& call, const Reading& reading, const Candles& candles) {
  if (reading.first_shown >= rows_without_day_start(candles.open_times)) return;
  const std::string begin = time_text(Time{reading.candles.front().open_time});
  call.warn("insufficient_history",
            "vwap is null in the first day shown: it is of the whole day, and " +
                (reading.from_the_beginning ? "the source's history begins within it, " + begin
                                            : "the candles read begin within it, " + begin +
                                                  "; a start at 00:00 UTC shows it") +
                ".");
}

/// "3 candles, the first opened 2024-11-01T00:00:00Z"; empty when there is none.
template <class Is>
std::string opened(const Reading& reading, Is is) {
  const auto& candles = reading.candles;
  const auto found = std::find_if(candles.begin(), candles.end(), is);
  if (found == candles.end()) return {};
  const auto n = static_cast<std::size_t>(std::count_if(found, candles.end(), is));
  return counted(n, "candle") + ", " + (n == 1 ? "opened " : "the first opened ") +
         time_text(Time{found->open_time});
}

/// Whether a note of the source names the first of these candles.
template <class Is>
bool told_by_source(const Reading& reading, Is is) {
  const auto& candles = reading.candles;
  const auto found = std::find_if(candles.begin(), candles.end(), is);
  if (found == candles.end()) return false;
  const std::string first = time_text(Time{found->open_time});
  return std::any_of(reading.notes.begin(), reading.notes.end(), [&](const Said& said) {
    return said.code == "odd_candle" && said.text.find(first) != std::string::npos;
  });
}

void say_odd(const Call& call, const Reading& reading) {
  const std::string odd = opened(reading, contradicts_itself);
  if (!odd.empty() && !told_by_source(reading, contradicts_itself)) {
    call.warn("odd_candle",
              "Prices contradict one another, open or close outside of low .. high, in " + odd +
                  ". Shown as they came; indicators take the largest for the high and the "
                  "smallest for the low.");
  }
  const std::string zero = opened(reading, has_zero_price);
  if (!zero.empty() && !told_by_source(reading, has_zero_price)) {
    call.warn("odd_candle",
              "A price is 0 in " + zero + ". Shown, and computed with, as they came.");
  }
  const std::string unpriced = opened(reading, has_volume_without_price);
  if (!unpriced.empty()) {
    call.warn("odd_candle",
              "vwap leaves out what has a volume and no price at all: " + unpriced + ".");
  }
}

void say_left_out(const Call& call, const Reading& reading) {
  if (reading.left_out.count != 0) {
    call.warn(
        "unreadable_row",
        counted(reading.left_out.count, "row") + " of the source's answers left out" +
            (reading.left_out.first ? ", the first opened " + time_text(*reading.left_out.first)
                                    : "") +
            ". Of one of them: " + reading.left_out.why + ".");
  }
  if (reading.disordered) {
    call.warn("odd_candle",
              "The source's candles did not come in the order of their open times: "
              "they have been put in it.");
  }
  reading.undelivered.say(call);
}

/// Freshness is asked of what reaches up to now, or up to the `end` that was asked for.
void say_stale(const Call& call, const Request& request, const Reading& reading) {
  if (reading.next) return;
  const Wanted& wanted = request.wanted;
  const Time until = wanted.end ? std::min(*wanted.end, reading.clock) : reading.clock;
  const Time newest = close_time(reading, wanted.interval);
  if (!stale_candles(newest, wanted.interval, until)) return;
  StaleNote note;
  note.add(wanted.symbol, newest, until, reading.status);
  note.say(call);
  call.warn("stale_signals", "current.* and signals.* speak of the candle that closed " +
                                 time_text(newest) + ", not of the present.");
}

/// A market that does not trade has no newer candles to come, though the newest be young.
void say_not_trading(const Call& call, const Wanted& wanted, const Reading& reading) {
  if (reading.next || (wanted.end && *wanted.end < reading.clock)) return;  // of another time
  NotTradingNote note;
  note.add(wanted.symbol, reading.status);
  note.say(call);
}

/// Where to go on, when there is more than is shown.
void say_limited(const Call& call, const Request& request, const Reading& reading) {
  const std::string limit = std::to_string(request.wanted.limit);
  if (reading.next) {
    call.warn("limited", "There are more candles than the limit of " + limit +
                             "; the next begin with start=" + time_text(*reading.next) + ".");
  } else if (request.asked > request.wanted.limit && reading.first_shown > 0) {
    const Candle& before = reading.candles[reading.first_shown - 1];
    call.warn("limited", "A report shows at most " + limit + " candles here, " +
                             std::to_string(request.asked) +
                             " were asked for; those before are shown with end=" +
                             time_text(Time{before.open_time}) + ".");
  }
}

}  // namespace

Time newest_input(const Reading& reading, Interval interval) {
  const Time close = close_time(reading, interval);
  if (forming(reading) && reading.as_of.ns != 0) return std::min(close, reading.as_of);
  return std::min(close, reading.clock);
}

void say_notes(const Call& call, const Request& request, const Reading& reading,
               const Candles& candles, const Series& series) {
  for (const Said& said : reading.notes) call.note(said.level, said.code, said.text);
  say_stale(call, request, reading);
  say_not_trading(call, request.wanted, reading);
  say_limited(call, request, reading);
  const Gaps gaps = find_gaps(candles.open_times, request.wanted.interval);
  if (gaps.count != 0) call.warn("gaps", describe(gaps));
  say_odd(call, reading);
  say_left_out(call, reading);
  if (forming(reading)) {
    call.note(BOURSE_LEVEL_INFO, "forming_candle",
              "The newest candle, opened " + time_text(Time{reading.candles.back().open_time}) +
                  ", is still forming: its row changes until it closes.");
  }
  say_insufficient(call, request, reading, series);
  say_unanchored(call, reading, candles);
}

}  // namespace bourse::technical
