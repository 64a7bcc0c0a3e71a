// SPDX-License-Identifier: MIT
#include "tests/exchange/limits.hpp"

#include <algorithm>

namespace bourse::fake_exchange {

std::int64_t Window::index(microseconds now) const { return now / length_; }

std::int64_t Window::add(std::int64_t count, microseconds now) {
  count_ = std::max<std::int64_t>(0, this->count(now) + count);
  index_ = index(now);
  return count_;
}

std::int64_t Window::count(microseconds now) const { return index(now) == index_ ? count_ : 0; }

microseconds Window::end(microseconds now) const { return length_ * (index(now) + 1); }

Limits::Client& Limits::client(const std::string& name) {
  constexpr std::size_t kClientsMax = 4'096;  // all of them on this machine
  if (clients_.size() >= kClientsMax && clients_.find(name) == clients_.end()) clients_.clear();
  return clients_[name];
}

Admission Limits::admit(const std::string& name, std::int64_t weight, microseconds now) {
  Client& c = client(name);
  const Admission admission = judge(c, weight, now);
  c.told_until = std::max(c.told_until, admission.until);
  return admission;
}

bool Limits::told_to_wait(const std::string& name, microseconds now) const {
  const auto found = clients_.find(name);
  return found != clients_.end() && now < found->second.told_until;
}

Admission Limits::judge(Client& c, std::int64_t weight, microseconds now) {
  if (now < c.firewall_until) return {Admission::Kind::kFirewall, c.firewall_until};
  if (now < c.banned_until) {
    if (++c.during_ban == options_.requests_until_firewall) {
      c.firewall_until = now + options_.firewall;
      return {Admission::Kind::kFirewall, c.firewall_until};
    }
    return {Admission::Kind::kBanned, c.banned_until};
  }
  const bool heavy = c.weight.add(weight, now) > options_.weight_per_minute;
  const bool many = c.raw.add(1, now) > options_.raw_per_5_minutes;
  if (heavy) return refuse(c, Admission::Kind::kTooMuchWeight, c.weight.end(now), now);
  if (many) return refuse(c, Admission::Kind::kTooManyRequests, c.raw.end(now), now);
  return {};
}

Admission Limits::refuse(Client& c, Admission::Kind kind, microseconds until, microseconds now) {
  c.during_wait = now < c.wait_until ? c.during_wait + 1 : 0;
  c.wait_until = until;
  if (c.during_wait < options_.requests_until_ban) return {kind, until};
  c.banned_until = now + ban_length(c.bans++);
  c.during_ban = c.during_wait = 0;
  return {Admission::Kind::kBanned, c.banned_until};
}

microseconds Limits::ban_length(std::int64_t bans_before) const {
  microseconds length = options_.first_ban;
  for (; bans_before > 0 && length < options_.longest_ban; --bans_before) length *= 2;
  return std::min<microseconds>(length, options_.longest_ban);
}

void Limits::use(const std::string& name, std::int64_t weight, microseconds now) {
  client(name).weight.add(weight, now);
}

std::int64_t Limits::used_weight(const std::string& name, microseconds now) const {
  const auto found = clients_.find(name);
  return found == clients_.end() ? 0 : found->second.weight.count(now);
}

void Limits::ban(const std::string& name, microseconds until) { client(name).banned_until = until; }

void Limits::add_orders(std::int64_t orders, microseconds now) {
  if (day_.add(orders, now) <= options_.orders_per_day) ten_seconds_.add(orders, now);
}

void Limits::reset() { *this = Limits(options_); }

}  // namespace bourse::fake_exchange
