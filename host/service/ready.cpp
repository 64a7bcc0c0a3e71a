// SPDX-License-Identifier: MIT
#include "host/service/ready.hpp"

#include <utility>

#include "host/http/response_writer.hpp"

namespace bourse::host {
namespace {

/// What is held of one response, at most; and of what was asked, which strangers choose.
constexpr std::size_t kLinesBytesMax = 4096;
constexpr std::size_t kConditionsBytesMax = 256;

std::size_t bytes_of(const Conditions& conditions) noexcept {
  return conditions.if_match.size() + conditions.if_none_match.size() +
         conditions.accept_encoding.value_or("").size();
}

bool is_same(const std::weak_ptr<const Kept>& a, const KeptPtr& b) noexcept {
  return !a.owner_before(b) && !b.owner_before(a);
}

}  // namespace

Aspect aspect_of(const Look& look, const Tolerance& tolerance, Instant now) noexcept {
  using std::chrono::seconds;
  const Life& life = look.kept->life;
  return {.lifetime = lifetime(life, tolerance),
          .age = std::chrono::ceil<seconds>(age(life, now)),
          .left = std::chrono::floor<seconds>(left(life, tolerance, now)),
          .twins = look.kept->rendition->twins_there(),
          .by_floor = look.by_floor,
          .despite = look.despite};
}

std::size_t Ready::place_of(const Conditions& conditions) noexcept {
  return (conditions.if_none_match.empty() ? 0U : 1U) + (conditions.accept_encoding ? 2U : 0U);
}

std::optional<Response> Ready::find(const Conditions& conditions, const KeptPtr& kept,
                                    const Aspect& aspect) const {
  const auto given = places_[place_of(conditions)].load(std::memory_order_acquire);
  if (!given || !is_same(given->kept, kept) || given->aspect != aspect ||
      given->conditions != conditions) {
    return std::nullopt;
  }
  Response response{.status = given->status, .lines = given->lines};
  if (given->status == 304) return response;
  response.body = given->body.lock();
  return response.body ? std::optional(std::move(response)) : std::nullopt;
}

void Ready::add(const Conditions& conditions, const KeptPtr& kept, const Aspect& aspect,
                const Response& response) {
  if (response.status != 304 && (response.status != 200 || !response.body)) return;
  if (bytes_of(conditions) > kConditionsBytesMax) return;
  std::string lines = header_lines(response.headers);
  if (lines.size() > kLinesBytesMax) return;
  lines.shrink_to_fit();
  places_[place_of(conditions)].store(
      std::make_shared<const Given>(
          Given{.conditions = conditions,
                .kept = kept,
                .aspect = aspect,
                .status = response.status,
                .body = response.body,
                .lines = std::make_shared<const std::string>(std::move(lines))}),
      std::memory_order_release);
}

}  // namespace bourse::host
