// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/notes.hpp"

#include <algorithm>

#include "bourse/words.hpp"

namespace bourse::replay {
namespace {

/// The marked rows that are among `rows`.
std::pair<std::size_t, std::size_t> marked_in(const std::vector<std::size_t>& marked, Rows rows) {
  const auto first = std::lower_bound(marked.begin(), marked.end(), rows.first);
  const auto last = std::lower_bound(first, marked.end(), rows.first + rows.count);
  return {static_cast<std::size_t>(last - first), first == last ? 0 : *first};
}

void say_conflicts(const Call& call, std::string_view symbol, const Series& s, Rows rows) {
  if (rows.count == 0) return;
  const auto first =
      std::lower_bound(s.conflicts.begin(), s.conflicts.end(), s.open_time[rows.first]);
  const auto last =
      std::upper_bound(first, s.conflicts.end(), s.open_time[rows.first + rows.count - 1]);
  if (first == last) return;
  call.warn("conflicting_candles",
            counted(static_cast<std::size_t>(last - first), "candle") + " of " +
                std::string(symbol) + (last - first == 1 ? " is" : " are") +
                " recorded with different values, the first at " + time_text(Time{*first}) +
                "; the file whose name comes later was believed.");
}

/// At most this many lines, for a folder may hold 100,000 files.
constexpr std::size_t kLinesMax = 50;

void log_remark(Host host, const std::string& folder, const Remark& remark) {
  switch (remark.kind) {
    case Remark::Kind::kUnreadableFile:
      host.log(BOURSE_LEVEL_WARN, "a recorded file cannot be read and is left out",
               {{"folder", folder}, {"file", remark.file}, {"reason", remark.reason}});
      return;
    case Remark::Kind::kUnreadableRows:
      host.log(BOURSE_LEVEL_WARN, "rows of a recorded file cannot be read and are left out",
               {{"folder", folder},
                {"file", remark.file},
                {"rows", remark.rows},
                {"first", remark.reason}});
      return;
    case Remark::Kind::kMisnamed:
      host.log(BOURSE_LEVEL_WARN, "a file is passed over for its name",
               {{"folder", folder}, {"file", remark.file}, {"reason", remark.reason}});
      return;
    case Remark::Kind::kPassedOver:
      return;
  }
}

void log_passed_over(Host host, const std::string& folder, const Recording& recording) {
  NamedFew files;
  for (const Remark& remark : recording.remarks) {
    if (remark.kind != Remark::Kind::kPassedOver) continue;
    files.add(remark.file);
  }
  if (files.count() == 0) return;
  host.log(BOURSE_LEVEL_INFO, "files that are no recordings are passed over",
           {{"folder", folder}, {"count", files.count()}, {"files", files.text()}});
}

void log_odd_candles(Host host, const std::string& folder, const Recording& recording) {
  std::size_t mended = 0, odd = 0;
  NamedFew where;
  for (const auto& [symbol, market] : recording.markets) {
    for (const auto& [interval, series] : market.series) {
      mended += series.mended.size();
      odd += series.odd.size();
      const bool any = !series.mended.empty() || !series.odd.empty();
      if (any) where.add(symbol + " " + std::string(interval.name()));
    }
  }
  if (where.count() == 0) return;
  host.log(BOURSE_LEVEL_INFO, "recorded candles are odd",
           {{"folder", folder},
            {"close_times_mended", mended},
            {"prices_contradictory", odd},
            {"of", where.text()}});
}

}  // namespace

std::string duration_text(std::int64_t ns) {
  const std::int64_t minutes = ns / 60'000'000'000;
  const std::string hours = std::to_string(minutes / 60) + " h";
  const std::string rest = std::to_string(minutes % 60) + " min";
  if (minutes < 60) return rest;
  return minutes % 60 == 0 ? hours : hours + " " + rest;
}

std::string recorded_of(const Market& market) {
  std::vector<std::string> parts;
  std::string intervals;
  for (const auto& [interval, series] : market.series) {
    if (series.size() == 0) continue;
    intervals += (intervals.empty() ? "" : ", ") + std::string(interval.name());
  }
  if (!intervals.empty()) parts.push_back("candles of " + intervals);
  if (market.ticker) parts.emplace_back("a ticker");
  if (market.book) parts.emplace_back("an order book");
  if (market.rules) parts.emplace_back("its trading rules");
  if (parts.empty()) return "nothing";
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  }
  return text;
}

void say_odd_candles(const Call& call, std::string_view symbol, const Series& series, Rows rows) {
  const std::string of = " of " + std::string(symbol);
  if (const auto [count, first] = marked_in(series.mended, rows); count > 0) {
    call.warn("odd_candle", counted(count, "candle") + of + (count == 1 ? " has" : " have") +
                                " a recorded close time that is not in the candle, the first at " +
                                time_text(Time{series.open_time[first]}) +
                                "; the last millisecond of the interval is given instead.");
  }
  if (const auto [count, first] = marked_in(series.odd, rows); count > 0) {
    call.warn("odd_candle", counted(count, "candle") + of + (count == 1 ? " has" : " have") +
                                " recorded prices that contradict each other, the first at " +
                                time_text(Time{series.open_time[first]}) +
                                "; they are given as recorded.");
  }
  say_conflicts(call, symbol, series, rows);
}

void say_left_out(const Call& call, const std::string& what, const LeftOut& left_out) {
  if (left_out.rows > 0) {
    call.warn("unreadable_row", counted(left_out.rows, "row") + " of the recorded " + what +
                                    " cannot be read and " + (left_out.rows == 1 ? "is" : "are") +
                                    " left out, the first: " + left_out.first_row);
  }
  if (left_out.files > 0) {
    call.warn("unreadable_file", counted(left_out.files, "file") + " with " + what +
                                     " cannot be read and " + (left_out.files == 1 ? "is" : "are") +
                                     " left out, the first: " + left_out.first_file);
  }
}

std::string why_left_out(const LeftOut& left_out) {
  if (left_out.files > 0) return " Left out: " + left_out.first_file;
  return left_out.rows > 0 ? " Left out: " + left_out.first_row : std::string();
}

void log_remarks(Host host, const std::string& folder, const Recording& recording) {
  std::size_t lines = 0;
  for (const Remark& remark : recording.remarks) {
    if (remark.kind == Remark::Kind::kPassedOver) continue;
    if (lines++ < kLinesMax) log_remark(host, folder, remark);
  }
  if (lines > kLinesMax) {
    host.log(BOURSE_LEVEL_WARN, "more recorded files have faults than are listed here",
             {{"folder", folder}, {"more", lines - kLinesMax}});
  }
  log_passed_over(host, folder, recording);
  log_odd_candles(host, folder, recording);
}

}  // namespace bourse::replay
