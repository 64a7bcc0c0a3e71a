// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/request.hpp"

#include <algorithm>

namespace bourse::correlation {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr std::size_t kReturnsMin = 2;  // of one value nothing varies

std::vector<std::string> each_once(std::vector<std::string> symbols) {
  std::vector<std::string> out;
  for (std::string& symbol : symbols) {
    if (std::find(out.begin(), out.end(), symbol) == out.end()) out.push_back(std::move(symbol));
  }
  return out;
}

[[noreturn]] void refuse(std::int64_t days, Interval interval, std::size_t candles) {
  const bool few = candles < kReturnsMin;
  throw Error(BOURSE_BAD_PARAM, "interval_unsuitable",
              std::to_string(days) + " days are " + std::to_string(candles) + " candles of " +
                  std::string(interval.name()) +
                  (few ? ", and a correlation needs at least 2: ask for more days or a shorter "
                         "interval"
                       : ", and at most " + std::to_string(kCandlesMax - kCandlesBeside) +
                             " can be compared: ask for fewer days or a longer interval"))
      .blame("interval");
}

}  // namespace

std::size_t candles_in(std::int64_t days, Interval interval) noexcept {
  const std::int64_t length = interval.length().value_or(30 * kDay);
  // days <= 365, so the product is far from the range's end.
  return static_cast<std::size_t>(days * kDay / length);
}

double candles_a_year(Interval interval) noexcept {
  if (!interval.length()) return 12.0;
  return 365.0 * static_cast<double>(kDay) / static_cast<double>(*interval.length());
}

Request read_request(const Values& values) {
  const Interval interval =
      Interval::parse(values.text("interval")).value();  // checked by the host
  const std::int64_t days = values.integer("days");
  const std::size_t returns = candles_in(days, interval);
  if (returns < kReturnsMin || returns + kCandlesBeside > kCandlesMax) {
    refuse(days, interval, returns);
  }
  return {.symbols = each_once(values.texts("symbols")),
          .days = days,
          .interval = interval,
          .returns_asked = returns,
          .method = values.text("method") == "spearman" ? Method::kSpearman : Method::kPearson,
          .return_kind = values.text("returns") == "log" ? ReturnKind::kLog : ReturnKind::kSimple,
          .clusters = values.boolean("include_clusters")};
}

}  // namespace bourse::correlation
