// SPDX-License-Identifier: MIT
#include "tests/exchange/clock.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace bourse::fake_exchange {

microseconds Clock::market_locked() const {
  if (stands_at_) return *stands_at_;
  const auto machine = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<microseconds>(machine) + shift_;
}

microseconds Clock::now() const {
  const std::lock_guard lock(mutex_);
  return market_locked() + skew_;
}

microseconds Clock::market() const {
  const std::lock_guard lock(mutex_);
  return market_locked();
}

void Clock::set(microseconds time) {
  {
    const std::lock_guard lock(mutex_);
    stands_at_ = time;
  }
  tell();
}

void Clock::advance(microseconds by) {
  {
    const std::lock_guard lock(mutex_);
    (stands_at_ ? *stands_at_ : shift_) += by;
  }
  tell();
}

void Clock::follow_machine() {
  {
    const std::lock_guard lock(mutex_);
    stands_at_.reset();
    shift_ = microseconds{0};
  }
  tell();
}

void Clock::set_skew(microseconds skew) {
  {
    const std::lock_guard lock(mutex_);
    skew_ = skew;
  }
  tell();
}

void Clock::on_move(std::function<void()> told) {
  const std::lock_guard lock(mutex_);
  told_ = std::move(told);
}

/// Without the lock: who is told asks for the time.
void Clock::tell() const {
  std::function<void()> told;
  {
    const std::lock_guard lock(mutex_);
    told = told_;
  }
  if (told) told();
}

microseconds Clock::skew() const {
  const std::lock_guard lock(mutex_);
  return skew_;
}

bool Clock::stands() const {
  const std::lock_guard lock(mutex_);
  return stands_at_.has_value();
}

std::optional<microseconds> parse_duration(std::string_view text) {
  constexpr std::int64_t kLongest = std::int64_t{36'500} * 86'400 * 1'000'000;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 7> kUnits = {
      {{"", 1'000},
       {"us", 1},
       {"ms", 1'000},
       {"s", 1'000'000},
       {"m", 60'000'000},
       {"h", 3'600'000'000},
       {"d", 86'400'000'000}}};
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  for (const auto& [name, length] : kUnits) {
    if (unit != name) continue;
    if (count > kLongest / length || count < -kLongest / length) return std::nullopt;
    return microseconds{count * length};
  }
  return std::nullopt;
}

}  // namespace bourse::fake_exchange
