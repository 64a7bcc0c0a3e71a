// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/coverage.hpp"

#include <algorithm>
#include <optional>

namespace bourse::history {

namespace {

constexpr Millis kMinute = 60'000, kHour = 60 * kMinute, kDay = 24 * kHour;
/// What was empty at this age when it was asked stays so.
constexpr Millis kSettledAge = 30 * kDay;

Time clamped(Millis time) noexcept { return to_time(std::clamp(time, kMillisMin, kMillisMax)); }

/// Up to where what was empty at `asked_at` still counts as empty.
Millis empty_until(Millis asked_at, Millis now) noexcept {
  const Millis elapsed = now - asked_at;
  if (elapsed < 0) return kMillisMin;
  if (elapsed < kMinute) return kMillisMax;
  if (elapsed < kHour) return asked_at - kHour;
  if (elapsed < kDay) return asked_at - kDay;
  return asked_at - kSettledAge;
}

void append(std::vector<Span>& spans, Span span) {
  if (span.from >= span.to) return;
  if (!spans.empty() && spans.back().to >= span.from) {
    spans.back().to = std::max(spans.back().to, span.to);
  } else {
    spans.push_back(span);
  }
}

/// The parts of a piece that count at `now`: one, or two around an expired one.
void append_valid(std::vector<Span>& valid, const Interval& grid, const Covered& piece,
                  Millis now) {
  if (piece.state == State::kEmpty) {
    const Millis until = empty_until(piece.asked_at, now);
    append(valid, {piece.span.from, std::min(piece.span.to, until)});
    return;
  }
  const Millis settled = settled_until(grid, piece.asked_at);
  if (piece.span.to <= settled) return append(valid, piece.span);
  append(valid, {piece.span.from, std::min(piece.span.to, settled)});
  append(valid, {std::max({piece.span.from, settled, settled_until(grid, now)}), piece.span.to});
}

bool is_beyond_dates(const Interval& grid, const Covered& piece) noexcept {
  if (piece.state == State::kEmpty) return piece.span.to <= piece.asked_at - kSettledAge;
  return piece.span.to <= settled_until(grid, piece.asked_at);
}

/// Both as one; nullopt: they say different things, or do not touch.
std::optional<Covered> merged(const Interval& grid, const Covered& a, const Covered& b) {
  if (a.span.to != b.span.from || a.state != b.state || a.origin != b.origin) return std::nullopt;
  Covered both = a;
  both.span.to = b.span.to;
  if (a.asked_at == b.asked_at) return both;
  if (!is_beyond_dates(grid, a) || !is_beyond_dates(grid, b)) return std::nullopt;
  // Of empty ones the older date, so that nothing seems to have been asked later than it was.
  both.asked_at = a.state == State::kEmpty ? std::min(a.asked_at, b.asked_at)
                                           : std::max(a.asked_at, b.asked_at);
  if (!is_beyond_dates(grid, both)) return std::nullopt;
  return both;
}

void append(std::vector<Covered>& pieces, const Interval& grid, const Covered& piece) {
  if (piece.span.from >= piece.span.to) return;
  if (!pieces.empty()) {
    if (const auto both = merged(grid, pieces.back(), piece)) {
      pieces.back() = *both;
      return;
    }
  }
  pieces.push_back(piece);
}

bool gives_way(const Interval& grid, const Covered& kept, const Covered& fresh) noexcept {
  if (kept.state == State::kEmpty) return true;
  if (fresh.state != State::kKnown || stays(kept.kind, fresh.kind)) return false;
  // The same once more says nothing new, and a database that is told so writes nothing.
  return kept.origin != fresh.origin || !is_beyond_dates(grid, kept);
}

Covered clipped(Covered piece, Millis from, Millis to) noexcept {
  piece.span = {std::max(piece.span.from, from), std::min(piece.span.to, to)};
  return piece;
}

}  // namespace

Millis closed_until(const Interval& grid, Millis clock) noexcept {
  return to_millis(grid.floor(clamped(clock)));
}

Millis settled_until(const Interval& grid, Millis asked_at) noexcept {
  return to_millis(grid.previous(grid.floor(clamped(asked_at - kGrace))));
}

Span slot_of(const Interval& grid, Millis time) noexcept {
  const Time at = clamped(time);
  return {to_millis(grid.floor(at)), to_millis(grid.next(at))};
}

std::vector<Mark> proof(const Interval& grid, Span asked, std::span<const Millis> open_times,
                        bool is_complete) {
  std::vector<Mark> marks;
  Millis reached = asked.from;
  for (const Millis time : open_times) {
    if (time < asked.from || time >= asked.to || time < reached) continue;
    const Span slot = slot_of(grid, time);
    if (slot.from > reached) marks.push_back({{reached, slot.from}, State::kEmpty});
    const Millis to = std::min(slot.to, asked.to);
    if (!marks.empty() && marks.back().state == State::kKnown) {
      marks.back().span.to = to;
    } else {
      marks.push_back({{std::max(slot.from, asked.from), to}, State::kKnown});
    }
    reached = to;
  }
  if (is_complete && reached < asked.to) marks.push_back({{reached, asked.to}, State::kEmpty});
  return marks;
}

std::vector<Mark> proof_of_rows(const Interval& grid, std::span<const Millis> open_times) {
  std::vector<Mark> marks;
  for (const Millis time : open_times) {
    if (!marks.empty() && time < marks.back().span.to && time >= marks.back().span.from) continue;
    const Span slot = slot_of(grid, time);
    if (!marks.empty() && marks.back().span.to == slot.from) {
      marks.back().span.to = slot.to;
    } else {
      marks.push_back({slot, State::kKnown});
    }
  }
  return marks;
}

std::vector<Span> missing(const Interval& grid, Span asked, std::span<const Covered> covered,
                          Millis now) {
  std::vector<Span> valid;
  for (const Covered& piece : covered) append_valid(valid, grid, piece, now);
  std::vector<Span> holes;
  const auto hole = [&](Millis from, Millis to) {
    from = std::max(from, asked.from);
    to = std::min(to, asked.to);
    if (from < to) append(holes, {slot_of(grid, from).from, slot_of(grid, to - 1).to});
  };
  Millis reached = asked.from;
  for (const Span& span : valid) {
    hole(reached, span.from);
    reached = std::max(reached, span.to);
  }
  hole(reached, asked.to);
  return holes;
}

std::vector<Covered> with_fact(const Interval& grid, std::span<const Covered> covered,
                               const Covered& fact) {
  std::vector<Covered> out;
  out.reserve(covered.size() + 2);
  Millis reached = fact.span.from;  // up to where the fact has been laid down, or given way
  for (const Covered& piece : covered) {
    if (piece.span.to <= fact.span.from) {
      append(out, grid, piece);
      continue;
    }
    if (piece.span.from >= fact.span.to) {
      append(out, grid, clipped(fact, reached, fact.span.to));
      reached = fact.span.to;
      append(out, grid, piece);
      continue;
    }
    append(out, grid, clipped(piece, piece.span.from, fact.span.from));
    if (!gives_way(grid, piece, fact)) {
      append(out, grid, clipped(fact, reached, piece.span.from));
      append(out, grid, clipped(piece, fact.span.from, fact.span.to));
      reached = std::min(piece.span.to, fact.span.to);
    }
    if (piece.span.to > fact.span.to) {
      append(out, grid, clipped(fact, reached, fact.span.to));
      reached = fact.span.to;
      append(out, grid, clipped(piece, fact.span.to, piece.span.to));
    }
  }
  append(out, grid, clipped(fact, reached, fact.span.to));
  return out;
}

std::vector<Covered> without(std::span<const Covered> covered, Span span) {
  std::vector<Covered> out;
  out.reserve(covered.size() + 1);
  for (const Covered& piece : covered) {
    const Covered before = clipped(piece, kMillisMin, span.from);
    const Covered after = clipped(piece, span.to, kMillisMax);
    if (before.span.from < before.span.to) out.push_back(before);
    if (after.span.from < after.span.to) out.push_back(after);
  }
  return out;
}

bool stays(OriginKind kept, OriginKind fresh) noexcept { return kept < fresh; }

const Covered* piece_at(std::span<const Covered> covered, Millis time) noexcept {
  const auto after = std::ranges::upper_bound(covered, time, {},
                                              [](const Covered& piece) { return piece.span.from; });
  if (after == covered.begin()) return nullptr;
  const Covered& piece = *std::prev(after);
  return time < piece.span.to ? &piece : nullptr;
}

bool covers(std::span<const Covered> covered, Span span) noexcept {
  Millis reached = span.from;
  for (const Covered& piece : covered) {
    if (piece.span.to <= reached) continue;
    if (piece.span.from > reached) break;
    reached = piece.span.to;
    if (reached >= span.to) return true;
  }
  return reached >= span.to;
}

}  // namespace bourse::history
