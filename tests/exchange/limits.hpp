// SPDX-License-Identifier: MIT
//
// What the exchange lets through. Windows are fixed and aligned to its clock: a minute runs from
// :00 to :59.999. Requests that are refused count as well. Over the limit: told to wait (429) until
// the window ends. Who goes on meanwhile is banned (418), each time for twice as long. Who goes on
// during a ban may end at the firewall (403). Weight and raw requests are counted by address,
// orders by account.
//
// Not safe on several threads at once. Times are microseconds since 1970.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace bourse::fake_exchange {

using std::chrono::microseconds;

struct LimitOptions {
  std::int64_t weight_per_minute = 6'000;
  std::int64_t raw_per_5_minutes = 300'000;
  std::int64_t orders_per_10_seconds = 100;
  std::int64_t orders_per_day = 200'000;
  /// The n-th request during the wait of a 429 is answered with a ban.
  std::int64_t requests_until_ban = 3;
  std::chrono::minutes first_ban{2}, longest_ban{4'320};
  /// The n-th request during a ban closes the firewall; 0: never.
  std::int64_t requests_until_firewall = 0;
  std::chrono::minutes firewall{5};
};

struct Admission {
  enum class Kind { kAdmitted, kTooMuchWeight, kTooManyRequests, kBanned, kFirewall };
  Kind kind = Kind::kAdmitted;
  microseconds until{0};  ///< end of the wait or of the ban
};

/// Counts in windows of one length, aligned to multiples of it since 1970.
class Window {
 public:
  explicit Window(microseconds length) : length_(length) {}

  /// Adds to the count of the window that holds `now`; never below zero. Returns the count.
  std::int64_t add(std::int64_t count, microseconds now);
  [[nodiscard]] std::int64_t count(microseconds now) const;
  [[nodiscard]] microseconds end(microseconds now) const;

 private:
  [[nodiscard]] std::int64_t index(microseconds now) const;

  microseconds length_;
  std::int64_t index_ = 0, count_ = 0;
};

class Limits {
 public:
  explicit Limits(LimitOptions options) : options_(options) {}

  /// Counts one request of this weight and says whether it may pass.
  Admission admit(const std::string& client, std::int64_t weight, microseconds now);
  /// Whether this client has been refused and told to wait, and that is not over.
  [[nodiscard]] bool told_to_wait(const std::string& client, microseconds now) const;
  /// Weight that others on the same address used.
  void use(const std::string& client, std::int64_t weight, microseconds now);
  [[nodiscard]] std::int64_t used_weight(const std::string& client, microseconds now) const;
  void ban(const std::string& client, microseconds until);

  /// Orders placed, or taken off the count when negative. While the day is full, the count of ten
  /// seconds stands still.
  void add_orders(std::int64_t orders, microseconds now);
  [[nodiscard]] std::int64_t orders_10s(microseconds now) const { return ten_seconds_.count(now); }
  [[nodiscard]] std::int64_t orders_1d(microseconds now) const { return day_.count(now); }
  [[nodiscard]] microseconds orders_10s_end(microseconds now) const {
    return ten_seconds_.end(now);
  }
  [[nodiscard]] microseconds orders_1d_end(microseconds now) const { return day_.end(now); }

  [[nodiscard]] const LimitOptions& options() const noexcept { return options_; }
  void set_options(LimitOptions options) { options_ = options; }
  /// Forgets every count and ban.
  void reset();

 private:
  struct Client {
    Window weight{std::chrono::minutes{1}}, raw{std::chrono::minutes{5}};
    microseconds wait_until{0}, banned_until{0}, firewall_until{0}, told_until{0};
    std::int64_t during_wait = 0, during_ban = 0, bans = 0;
  };
  Admission judge(Client& client, std::int64_t weight, microseconds now);
  Admission refuse(Client& client, Admission::Kind kind, microseconds until, microseconds now);
  [[nodiscard]] microseconds ban_length(std::int64_t bans_before) const;
  Client& client(const std::string& name);

  LimitOptions options_;
  std::map<std::string, Client> clients_;
  Window ten_seconds_{std::chrono::seconds{10}}, day_{std::chrono::days{1}};
};

}  // namespace bourse::fake_exchange
