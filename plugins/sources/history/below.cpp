// SPDX-License-Identifier: MIT
#include "plugins/sources/history/below.hpp"

#include <algorithm>
#include <utility>

#include "bourse/fresh.hpp"

namespace bourse::history {
namespace {

/// A candle that is not whole is left out: it could not be compared.
bool is_whole(const std::vector<DecimalColumn>& values, std::size_t row) {
  return std::all_of(values.begin(), values.end(),
                     [row](const DecimalColumn& column) { return column.has(row); });
}

Page page_of(const TableView& table) {
  std::vector<DecimalColumn> values;
  for (const char* const name : {"open", "high", "low", "close", "volume", "quote_volume",
                                 "taker_base_volume", "taker_quote_volume"}) {
    values.push_back(table.decimals(name));
  }
  const auto opens = table.times("open_time");
  const auto closes = table.times("close_time");
  const auto trades = table.integers("trades");
  const auto closed = table.booleans("closed");
  Page page;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!is_whole(values, row)) continue;
    const Candle candle{.open_time = to_millis(Time{opens[row]}),
                        .close_time = to_millis(Time{closes[row]}),
                        .open = values[0][row],
                        .high = values[1][row],
                        .low = values[2][row],
                        .close = values[3][row],
                        .volume = values[4][row],
                        .quote_volume = values[5][row],
                        .trades = trades[row],
                        .taker_base_volume = values[6][row],
                        .taker_quote_volume = values[7][row]};
    const bool is_last = row + 1 == table.rows();
    if (closed[row] == 0 && is_last) {
      page.forming.push_back(candle);
    } else {
      page.rows.push_back(candle);
    }
  }
  // A source that gives them in another order is put right; one that gives one twice is not.
  std::stable_sort(page.rows.begin(), page.rows.end(),
                   [](const Candle& a, const Candle& b) { return a.open_time < b.open_time; });
  return page;
}

}  // namespace

std::optional<SourceLimit> limit_of(ReportView report) {
  const auto number = [report](const char* name) -> std::optional<double> {
    const auto meta = report.meta(name);
    if (!meta || meta->type != BOURSE_TYPE_F64 || !(meta->as.f64 >= 0)) return std::nullopt;
    return meta->as.f64;
  };
  const auto used = number("x_limit_used"), left = number("x_limit_left");
  if (!used || !left) return std::nullopt;
  return SourceLimit{*used, *left};
}

std::optional<Page> CallBelow::candles(const Question& question, const Asked& asked) {
  Query query("candles");
  query.with("symbol", question.key.symbol)
      .with("interval", question.key.interval)
      .with("limit", static_cast<std::int64_t>(asked.limit));
  if (asked.start) query.with("start", to_time(*asked.start));
  if (asked.end) query.with("end", to_time(*asked.end));
  const auto answers = call_.ask(std::span<const Query>(&query, 1));
  if (!answers[0].ok()) {
    failure_ = answers[0].error();
    return std::nullopt;
  }
  const ReportView report = answers[0].report();
  Page page = page_of(report.table(0));
  page.is_complete = report.table(0).rows() < asked.limit;
  page.clock = to_millis(clock_of(call_, report));
  look_at(report);
  call_.release(report);
  return page;
}

void CallBelow::look_at(ReportView report) {
  limit_ = limit_of(report);
  const std::string_view status = status_of(report);
  if (!status.empty()) status_ = status;
  for (const bourse_note* const wire : report.notes()) {
    Note note{wire->level, std::string(view(wire->code)), std::string(view(wire->text))};
    if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
      notes_.push_back(std::move(note));
    }
  }
}

void CallBelow::pass_on() const {
  if (status_) call_.meta("status", *status_);
  for (const Note& note : notes_) call_.note(note.level, note.code, note.text);
}

std::string CallBelow::why() const { return failure_ ? failure_->message() : std::string(); }

void CallBelow::fail() const { throw bourse::Error(*failure_); }

}  // namespace bourse::history
