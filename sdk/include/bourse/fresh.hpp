// SPDX-License-Identifier: MIT
//
// fresh.hpp - whether data is as new as it looks, by the rules of market.h, for every analysis that
// reads candles, tickers or books:
//
//   bourse::StaleNote stale;
//   if (bourse::stale_candles(newest_close, interval, bourse::clock_of(call, answer))) {
//     stale.add(symbol, newest_close, bourse::clock_of(call, answer), bourse::status_of(answer));
//   }
//   stale.say(call);   // one note `stale_data` that names the markets, or nothing
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bourse/call.hpp"
#include "bourse/interval.hpp"
#include "bourse/view.hpp"
#include "bourse/words.hpp"

namespace bourse::inline sdk_0_1 {

namespace detail {
inline constexpr std::int64_t kMinuteNs = 60'000'000'000;

/// "2 years", "36 days", "5 hours", "7 minutes", "1 second": whole units, the largest that two fit.
inline std::string age_text(std::int64_t ns) {
  struct Unit {
    std::int64_t ns;
    const char* name;
  };
  constexpr std::int64_t kHour = 60 * kMinuteNs, kDay = 24 * kHour;
  constexpr Unit kUnits[] = {{365 * kDay, " year"},
                             {kDay, " day"},
                             {kHour, " hour"},
                             {kMinuteNs, " minute"},
                             {kMinuteNs / 60, " second"}};
  for (const Unit& unit : kUnits) {
    if (ns < 2 * unit.ns && unit.ns > kMinuteNs / 60) continue;
    const std::int64_t count = ns / unit.ns;
    return std::to_string(count) + unit.name + (count == 1 ? "" : "s");
  }
  return {};
}

constexpr bool older(Time time, Time clock, std::int64_t than) noexcept {
  std::int64_t age = 0;
  if (__builtin_sub_overflow(clock.ns, time.ns, &age)) return clock.ns > time.ns;
  return age > than;
}
}  // namespace detail

/// What "now" is for the data of an answer: its source's clock (meta `clock`), or else the call's.
inline Time clock_of(const Call& call, ReportView answer) {
  const auto clock = answer.meta("clock");
  return clock && clock->type == BOURSE_TYPE_TIME ? Time{clock->as.i64} : call.now();
}
/// The market's status (meta `status`), or empty where the source does not know it.
inline std::string_view status_of(ReportView answer) {
  const auto status = answer.meta("status");
  return status && status->type == BOURSE_TYPE_TEXT ? view(status->as.text) : std::string_view();
}

/// The newest candle closed more than two intervals and five minutes ago.
inline bool stale_candles(Time newest_close, Interval interval, Time clock) noexcept {
  constexpr std::int64_t kMonth = 31 * 24 * 60 * detail::kMinuteNs;
  const std::int64_t two = 2 * interval.length().value_or(kMonth);
  const std::int64_t five_minutes = 5 * detail::kMinuteNs;
  return detail::older(newest_close, clock, two > five_minutes ? two : five_minutes);
}
/// The window of the ticker ended more than an hour ago. A market with few trades ends it minutes
/// ago, at its last one.
inline bool stale_ticker(Time close_time, Time clock) noexcept {
  return detail::older(close_time, clock, 60 * detail::kMinuteNs);
}
/// The book, or the price, is of more than five minutes ago.
inline bool stale_book(Time as_of, Time clock) noexcept {
  return detail::older(as_of, clock, 5 * detail::kMinuteNs);
}

/// Collects the markets whose data is old, and says it in one note. One thread.
class StaleNote {
 public:
  /// `newest`: the newest input of this market. `status` as status_of gives it, or empty.
  void add(std::string_view symbol, Time newest, Time clock, std::string_view status = {}) {
    std::int64_t age = 0;
    if (__builtin_sub_overflow(clock.ns, newest.ns, &age)) age = INT64_MAX;
    std::string text = std::string(symbol) + ": newest of " + time_text(newest) + ", " +
                       detail::age_text(age) + " before " + time_text(clock);
    if (!status.empty()) text += ", status " + std::string(status);
    markets_.add(text);
  }
  [[nodiscard]] std::size_t markets() const noexcept { return markets_.count(); }
  /// Nothing when no market was added.
  void say(const Call& call) const {
    if (markets_.count() == 0) return;
    call.warn("stale_data", "Old data, not the present: " + markets_.text() + ".");
  }

 private:
  NamedFew markets_{"; "};
};

/// Collects the markets that do not trade, however fresh their data is, and says it in one note.
class NotTradingNote {
 public:
  /// `status` as status_of gives it, or as the column `status` does; empty where nobody knows it.
  void add(std::string_view symbol, std::string_view status) {
    if (status.empty() || status == "TRADING") return;
    markets_.add(std::string(symbol) + " (" + std::string(status) + ")");
  }
  [[nodiscard]] std::size_t markets() const noexcept { return markets_.count(); }
  /// Nothing when all trade.
  void say(const Call& call) const {
    if (markets_.count() == 0) return;
    call.warn("not_trading", "Not trading now: " + markets_.text() + ".");
  }

 private:
  NamedFew markets_;
};

}  // namespace bourse::inline sdk_0_1
