// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace bourse::binance {

std::string utc_text(Time time) {
  using namespace std::chrono;
  const sys_time<nanoseconds> instant{nanoseconds{time.ns}};
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(instant - day)};
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace bourse::binance
