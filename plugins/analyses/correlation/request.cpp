// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/request.hpp"

#include <algorithm>

#include "bourse/symbols.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/correlation/window.hpp"

namespace bourse::correlation {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;

[[noreturn]] void refuse(const Request& request) {
  const bool few = request.returns_asked < kReturnsMin;
  throw Error(BOURSE_BAD_PARAM, "interval_unsuitable",
              std::to_string(request.days) + " days are " + std::to_string(request.returns_asked) +
                  " candles of " + std::string(request.interval.name()) +
                  (few ? ", and a correlation needs at least 3 returns, as that of two is always 1 "
                         "or -1: ask for more days or a shorter interval"
                       : ", and at most " + std::to_string(request.rows_max - 1) +
                             " can be compared: ask for fewer days or a longer interval"))
      .blame("interval");
}

void require_order(const Request& request) {
  if (!request.start || !request.end || *request.start <= *request.end) return;
  throw Error(BOURSE_BAD_PARAM, "window_empty",
              "start (" + time_text(*request.start) + ") is after end (" + time_text(*request.end) +
                  "): exchange them, or leave one of them out")
      .blame("start");
}

}  // namespace

std::size_t candles_in(std::int64_t days, Interval interval) noexcept {
  const std::int64_t length = interval.length().value_or(30 * kDay);
  // days <= 3650, so the product is far from the range's end.
  return static_cast<std::size_t>(days * kDay / length);
}

double candles_a_year(Interval interval) noexcept {
  if (!interval.length()) return 12.0;
  return 365.0 * static_cast<double>(kDay) / static_cast<double>(*interval.length());
}

void require_room(const Request& request, Time last, std::string_view what) {
  const Window window = window_from(request.interval, *request.start, last);
  if (window.places <= request.rows_max) return;
  throw Error(BOURSE_BAD_PARAM, "window_too_long",
              "From " + time_text(*request.start) + " to " + std::string(what) + " (" +
                  time_text(last) + ") are " + std::to_string(window.places) + " candles of " +
                  std::string(request.interval.name()) + ", and at most " +
                  std::to_string(request.rows_max) +
                  " of a market are read: ask for a shorter window or a longer interval")
      .blame("start");
}

Request read_request(const Call& call, const Values& values, std::size_t rows_max) {
  const Interval interval =
      Interval::parse(values.text("interval")).value();  // checked by the host
  const std::int64_t days = values.integer("days");
  const auto start = values.maybe<Time>("start");
  const std::vector<std::string> named = values.texts("symbols");
  const std::vector<std::string_view> symbols = each_once(named);
  Request request{
      .symbols = {symbols.begin(), symbols.end()},
      .days = days,
      .start = start,
      .end = values.maybe<Time>("end"),
      .interval = interval,
      .returns_asked = start ? 0 : candles_in(days, interval),
      .rows_max = rows_max,
      .method = values.text("method") == "spearman" ? Method::kSpearman : Method::kPearson,
      .return_kind = values.text("returns") == "log" ? ReturnKind::kLog : ReturnKind::kSimple,
      .clusters = values.boolean("include_clusters")};
  require_order(request);
  if (!start && (request.returns_asked < kReturnsMin || request.returns_asked + 1 > rows_max)) {
    refuse(request);
  }
  // Who gives both is told before anything is asked. The clock is looked at only where it decides.
  if (start && request.end &&
      window_from(interval, *start, *request.end).places > request.rows_max) {
    require_room(request, std::min(*request.end, call.now()),
                 *request.end < call.now() ? "the end" : "now");
  }
  return request;
}

}  // namespace bourse::correlation
