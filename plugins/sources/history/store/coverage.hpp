// SPDX-License-Identifier: MIT
//
// coverage.hpp - the arithmetic of what is known. Pure: no database, no clock but the one given.
//
// A series' coverage is a list of Covered, sorted, disjoint. Known and empty are facts with a date;
// all else is unknown. Nothing here looks at the number of rows, or at the first and the last of
// them: 60 rows may be 59 and a duplicate, 59 may be complete, and two fetches with a month between
// them say nothing of that month.
//
// Two facts do not hold for ever:
//   empty    what was empty may come late. A slot that was asked for when it was younger than an
//   hour
//            holds for a minute; younger than a day: an hour; younger than 30 days: a day; an older
//            one holds for ever. An answer that is dated after `now` holds no more: the clock was
//            set back, or ahead, and its age is unknown.
//   known    late trades change the newest candles. One that was asked less than an interval and 10
//   s
//            after its close is asked once more, when that has passed; until then it is known.
#pragma once

#include <span>
#include <vector>

#include "plugins/sources/history/store/types.hpp"

namespace bourse::history {

/// How long after its close, beside one interval, a candle is asked once more.
inline constexpr Millis kGrace = 10'000;

/// From where `clock` falls into the candle that is still forming: nothing from here on is known,
/// whatever was answered. `clock` is the source's.
Millis closed_until(const Interval& grid, Millis clock) noexcept;
/// Candles that close at or before this were final when they were asked at `asked_at`.
Millis settled_until(const Interval& grid, Millis asked_at) noexcept;
/// The slot of the grid that holds a time: an off-grid candle's too.
Span slot_of(const Interval& grid, Millis time) noexcept;

/// What the answer to "candles from asked.from on, oldest first, none at or after asked.to" proves.
/// Each slot from asked.from to the last row was asked for: known where a row is, else empty.
/// Beyond the last row it proves nothing, unless `is_complete`: the source promises that it gave
/// all up to asked.to, as an empty answer to a bounded question does. (A page shorter than its
/// limit is no such promise with every source.) `open_times`: ascending, those outside of `asked`
/// are passed over.
std::vector<Mark> proof(const Interval& grid, Span asked, std::span<const Millis> open_times,
                        bool is_complete);
/// What a file proves: its rows, and nothing of where it has none.
std::vector<Mark> proof_of_rows(const Interval& grid, std::span<const Millis> open_times);

/// What of `asked` has to be asked for at `now`: sorted, disjoint, not touching, widened to whole
/// slots where `covered` ends inside of one. `covered`: at least all pieces that touch `asked`.
std::vector<Span> missing(const Interval& grid, Span asked, std::span<const Covered> covered,
                          Millis now);

/// `covered` after one more fact. Known takes the place of empty, never the other way round; of two
/// known, the more believed one stays, else the fresh one is there. Pieces that touch and say the
/// same merge: of one state and origin, dated alike, or beyond any date: known and settled, or
/// empty and older than 30 days when it was asked. REQUIRES: fact.span.from < fact.span.to.
std::vector<Covered> with_fact(const Interval& grid, std::span<const Covered> covered,
                               const Covered& fact);
/// `covered` without a span; for prune.
std::vector<Covered> without(std::span<const Covered> covered, Span span);

/// Whether what is kept stays when something fresh says otherwise of the same candle: it is
/// believed more. Of equally believed ones the fresh one counts, by the order in which they come
/// and not by their dates, so a clock that was set back changes nothing.
bool stays(OriginKind kept, OriginKind fresh) noexcept;

/// The piece that holds `time`; nullptr: unknown.
const Covered* piece_at(std::span<const Covered> covered, Millis time) noexcept;
/// Whether all of `span` is known or empty, dates aside.
bool covers(std::span<const Covered> covered, Span span) noexcept;

}  // namespace bourse::history
