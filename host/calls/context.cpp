// SPDX-License-Identifier: MIT
#include "host/calls/context.hpp"

#include <algorithm>
#include <utility>

#include "host/base/failures.hpp"

namespace bourse::host {
namespace {

constexpr bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

constexpr bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

void Stages::join(std::string leader) {
  const std::lock_guard lock(mutex_);
  joined_ = std::move(leader);
}

std::string Stages::joined() const {
  const std::lock_guard lock(mutex_);
  return joined_;
}

bourse_status Context::poll() const noexcept {
  if (client && client->gone()) return BOURSE_CANCELLED;
  if (party) {
    if (const bourse_status status = party->poll(); status != BOURSE_OK) return status;
  }
  if (deadline == std::chrono::steady_clock::time_point::max()) return BOURSE_OK;
  return std::chrono::steady_clock::now() < deadline ? BOURSE_OK : BOURSE_DEADLINE;
}

std::chrono::nanoseconds Context::left() const noexcept {
  const auto end = party ? std::min(deadline, party->deadline()) : deadline;
  if (end == std::chrono::steady_clock::time_point::max()) return std::chrono::hours(24 * 365);
  const auto left = end - std::chrono::steady_clock::now();
  return std::max<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0));
}

bool is_traceparent(std::string_view text) noexcept {
  constexpr std::size_t kLength = 55;  // "00-" 32 "-" 16 "-01"
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const auto version = text.substr(0, 2);
  const auto trace = text.substr(3, 32);
  const auto parent = text.substr(36, 16);
  const auto flags = text.substr(53, 2);
  if (!is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(parent) ||
      !is_lower_hex(flags) || version == "ff" || is_zero(trace) || is_zero(parent)) {
    return false;
  }
  return text.size() == kLength || (version != "00" && text[kLength] == '-');
}

Failure explained(Failure failure, const Context& context, std::string_view who) {
  const bool unexplained = failure.origin == Origin::kSilent || failure.origin == Origin::kCutOff;
  const bool host_said = failure.origin == Origin::kHost && failure.status == BOURSE_DEADLINE;
  // That the client left is nobody's fault, least of all of the plugin that noticed.
  if (unexplained && failure.status == BOURSE_CANCELLED && context.poll() == BOURSE_CANCELLED) {
    return cancelled_failure();
  }
  // A deadline that a plugin met elsewhere, at its exchange say, it tells of itself.
  if ((context.poll() == BOURSE_DEADLINE && !host_said) ||
      (failure.status == BOURSE_DEADLINE && unexplained)) {
    Failure over = deadline_failure();
    over.message += " " + std::string(who) + " was at work.";
    return over;
  }
  return failure;
}

}  // namespace bourse::host
