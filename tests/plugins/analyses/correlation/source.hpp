// SPDX-License-Identifier: MIT
//
// The built plugin over a source whose candles are made by hand, and which keeps to market.h.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "tests/plugins/analyses/correlation/reference.hpp"
#include "tests/plugins/analyses/finite.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {

namespace reference = correlation::reference;

inline constexpr std::int64_t kHour = 3'600'000'000'000, kDay = 24 * kHour,
                              kMillisecond = 1'000'000;
inline constexpr std::int64_t kToday = 20'000 * kDay;  // 2024-10-04

struct Candle {
  std::int64_t time;
  std::optional<double> close;
  bool closed = true;
};
using Candles = std::vector<Candle>;

/// Newest last, the newest closed one opened `kToday`.
inline Candles daily(const std::vector<double>& closes) {
  Candles out;
  const auto n = static_cast<std::int64_t>(closes.size());
  for (std::int64_t i = 0; i < n; ++i) {
    out.push_back({kToday - (n - 1 - i) * kDay, closes[static_cast<std::size_t>(i)]});
  }
  return out;
}

/// Days that a market had no candle.
inline void take_out(Candles& candles, std::int64_t first_day, std::int64_t last_day) {
  std::erase_if(candles, [&](const Candle& c) {
    return c.time >= first_day * kDay && c.time <= last_day * kDay;
  });
}

/// What a source says of its data besides the rows.
struct Manner {
  Time clock{kToday + kDay + kHour};
  std::string note;
  std::map<std::string, std::string> notes, statuses;  ///< of one symbol
  std::map<std::string, Time> fails_before;  ///< what is asked of a symbol up to that time
  std::optional<Time> unreadable;            ///< the candle of this time is left out, with a note
  bool minds_limit = true, minds_cursor = true;
};

/// As market.h says it of `candles`.
inline Candles page_of(const Candles& candles, const std::map<std::string, host::Value>& args,
                       const Manner& manner) {
  const auto number = [&](const char* name, std::int64_t otherwise) {
    const auto found = args.find(name);
    return found == args.end() ? otherwise : found->second.view().as.i64;
  };
  const std::int64_t start = number("start", std::numeric_limits<std::int64_t>::min());
  const std::int64_t end = number("end", std::numeric_limits<std::int64_t>::max());
  const auto limit = static_cast<std::size_t>(number("limit", 500));
  Candles out;
  for (const Candle& c : candles) {
    if (!manner.minds_cursor || (c.time >= start && c.time <= end)) out.push_back(c);
  }
  if (!manner.minds_limit || out.size() <= limit) return out;
  if (args.contains("start")) {
    out.resize(limit);
  } else {
    out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return out;
}

/// The columns that the analysis reads; notes as a source would say them.
inline ReportPtr answer(Candles candles, const std::string& symbol, const Manner& manner) {
  const bool left_out = manner.unreadable && std::erase_if(candles, [&](const Candle& c) {
                                               return c.time == manner.unreadable->ns;
                                             }) != 0;
  return make_report([&](const Call& call) {
    if (left_out) call.warn("unreadable_row", "1 row cannot be read.");
    std::vector<std::int64_t> times;
    std::vector<std::optional<Decimal>> closes;
    std::vector<std::uint8_t> closed;
    for (const Candle& c : candles) {
      times.push_back(c.time);
      closes.push_back(c.close ? std::optional(Decimal::nearest(*c.close, 8)) : std::nullopt);
      closed.push_back(c.closed ? 1 : 0);
    }
    TableBuilder table("candles", "Candles");
    table.column(Field(bourse_candles_open_time), times)
        .column(Field(bourse_candles_close), closes)
        .column(Field(bourse_candles_closed), closed);
    call.add(table);
    call.meta("clock", manner.clock);
    if (const auto status = manner.statuses.find(symbol); status != manner.statuses.end()) {
      call.meta("status", status->second);
    }
    if (!manner.note.empty()) call.note(BOURSE_LEVEL_INFO, "synthetic_data", manner.note);
    if (const auto note = manner.notes.find(symbol); note != manner.notes.end()) {
      call.warn("odd_candle", note->second);
    }
    if (!times.empty()) call.as_of(manner.clock);
  });
}

inline host::Failure no_such_symbol(const std::string& symbol) {
  return {.status = BOURSE_NOT_FOUND,
          .code = "symbol_not_found",
          .message = "There is no market \"" + symbol + "\"."};
}

class CorrelationPlugin : public testing::Test {
 protected:
  Component component{"correlation.so", "correlation"};
  std::map<std::string, Candles> market;
  std::map<std::string, host::Failure> failures;
  Manner manner;
  std::vector<std::map<std::string, std::string>> asked;
  Said said;

  host::Result<ReportPtr> run(const Texts& params) { return run(component, params); }
  host::Result<ReportPtr> run(const Component& asking, const Texts& params) {
    asked.clear();
    return asking.run(
        params,
        [this](std::string_view dataset,
               const std::map<std::string, host::Value>& args) -> host::Result<ReportPtr> {
          EXPECT_EQ(dataset, "candles");
          auto& texts = asked.emplace_back();
          for (const auto& [name, value] : args) texts[name] = value.canonical();
          const std::string& symbol = texts["symbol"];
          if (const auto failure = failures.find(symbol); failure != failures.end()) {
            return failure->second;
          }
          const auto found = market.find(symbol);
          if (found == market.end()) return no_such_symbol(symbol);
          const auto fails = manner.fails_before.find(symbol);
          if (fails != manner.fails_before.end() && args.contains("end") &&
              args.at("end").view().as.i64 < fails->second.ns) {
            return host::Failure{
                .status = BOURSE_TOO_MANY, .code = "rate_limited", .message = "Wait a minute."};
          }
          return answer(page_of(found->second, args, manner), symbol, manner);
        },
        &said);
  }
  /// The market of reference.hpp: symbols S0 ... S4.
  void use_reference() {
    for (std::size_t m = 0; m < reference::kMarkets; ++m) {
      const auto* first = reference::kCloses.data() + m * reference::kTimes;
      market["S" + std::to_string(m)] = daily({first, first + reference::kTimes});
    }
  }
};

inline const Texts kAll = {{"symbols", "S0,S1,S2,S3,S4"}, {"days", "60"}};

inline std::string notes_text(const bourse_report& report) {
  std::string out;
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    out += std::string(view(report.notes[i]->code)) + ": " +
           std::string(view(report.notes[i]->text)) + "\n";
  }
  return out;
}

}  // namespace bourse::test
