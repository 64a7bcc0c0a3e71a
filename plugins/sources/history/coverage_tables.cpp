// SPDX-License-Identifier: MIT
#include "plugins/sources/history/coverage_tables.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/market.h"
#include "plugins/sources/history/must.hpp"

namespace bourse::history {
namespace {

/// Spans of one answer, of all series.
constexpr std::size_t kSpansMax = 100'000;

bool is_asked(const Values& values, const char* name, const std::string& text) {
  if (!values.given(name)) return true;
  const auto asked = values.texts(name);
  return std::find(asked.begin(), asked.end(), text) != asked.end();
}

std::vector<SeriesStatus> asked(const Call& call, const Values& values, Store& store,
                                const std::string& market) {
  auto all = must(store.status(to_millis(call.now())), "no_database");
  std::erase_if(all, [&](const SeriesStatus& each) {
    return is_bare(each) || !is_chosen(each.series.key, values, market);
  });
  return all;
}

/// Its last instant, one millisecond before its end.
Time last_of(Span span) { return to_time(span.to - 1); }

}  // namespace

bool is_chosen(const SeriesKey& key, const Values& values, const std::string& market) {
  return key.source == market && is_asked(values, "symbols", key.symbol) &&
         is_asked(values, "intervals", key.interval);
}

void say_coverage(Call& call, const Values& values, Store& store, const std::string& market) {
  std::vector<std::string> symbols, intervals;
  std::vector<std::optional<Time>> from, to;
  std::vector<std::int64_t> candles, gaps, unknown, empty, conflicts, behind;
  for (const SeriesStatus& each : asked(call, values, store, market)) {
    symbols.push_back(each.series.key.symbol);
    intervals.push_back(each.series.key.interval);
    from.push_back(each.known ? std::optional(to_time(each.known->from)) : std::nullopt);
    to.push_back(each.known ? std::optional(last_of(*each.known)) : std::nullopt);
    candles.push_back(static_cast<std::int64_t>(each.rows));
    gaps.push_back(static_cast<std::int64_t>(each.gaps));
    unknown.push_back(each.unknown_ms / 1000);
    empty.push_back(each.empty_ms / 1000);
    conflicts.push_back(static_cast<std::int64_t>(each.revisions));
    behind.push_back(static_cast<std::int64_t>(each.behind));
  }
  call.meta("clock", call.now());
  call.add(TableBuilder("coverage", "Coverage")
               .column(bourse_coverage_symbol, symbols)
               .column(bourse_coverage_interval, intervals)
               .column(bourse_coverage_from, from)
               .column(bourse_coverage_to, to)
               .column(bourse_coverage_candles, candles)
               .column(bourse_coverage_gaps, gaps)
               .column(bourse_coverage_unknown, unknown)
               .column(bourse_coverage_empty, empty)
               .column(bourse_coverage_conflicts, conflicts)
               .column(bourse_coverage_behind, behind));
}

void say_spans(Call& call, const Values& values, Store& store, const std::string& market) {
  std::vector<std::string> symbols, intervals, states;
  std::vector<std::int64_t> from, to;
  std::vector<std::optional<std::string>> origins;
  std::vector<std::optional<Time>> when;
  const auto add = [&](const SeriesKey& key, Span span, const Covered* piece) {
    symbols.push_back(key.symbol);
    intervals.push_back(key.interval);
    from.push_back(to_time(span.from).ns);
    to.push_back(last_of(span).ns);
    if (piece == nullptr) {
      states.emplace_back("unknown");
      origins.emplace_back();
      when.emplace_back();
    } else {
      states.emplace_back(piece->state == State::kKnown ? "known" : "empty");
      origins.emplace_back(std::string(name_of(piece->kind)));
      when.emplace_back(to_time(piece->asked_at));
    }
  };
  for (const SeriesStatus& each : asked(call, values, store, market)) {
    if (!each.known) continue;
    call.poll();
    Millis at = each.known->from;
    for (const Covered& piece : must(store.coverage(each.series.id, *each.known), "no_database")) {
      const Span span{std::max(piece.span.from, each.known->from),
                      std::min(piece.span.to, each.known->to)};
      if (span.from >= span.to) continue;
      if (at < span.from) add(each.series.key, {at, span.from}, nullptr);
      add(each.series.key, span, &piece);
      at = span.to;
    }
    if (symbols.size() > kSpansMax) {
      throw bourse::Error(BOURSE_UNPROCESSABLE, "too_many_spans",
                          "There are more than " + std::to_string(kSpansMax) +
                              " spans; ask for fewer symbols or intervals.")
          .blame("symbols");
    }
  }
  call.meta("clock", call.now());
  call.add(TableBuilder("spans", "Spans")
               .column(bourse_coverage_spans_symbol, symbols)
               .column(bourse_coverage_spans_interval, intervals)
               .column(bourse_coverage_spans_from, from)
               .column(bourse_coverage_spans_to, to)
               .column(bourse_coverage_spans_state, states)
               .column(bourse_coverage_spans_origin, origins)
               .column(bourse_coverage_spans_asked, when));
}

}  // namespace bourse::history
