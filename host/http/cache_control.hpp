// SPDX-License-Identifier: MIT
//
// Cache-Control, RFC 9111 section 5.2, and Cache-Status, RFC 9211: what requests ask, and what
// answers say.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bourse::host {

/// What a request asks of caches. Advice, all of it.
struct CacheWish {
  bool no_cache = false;
  bool no_store = false;
  bool only_if_cached = false;
  bool no_transform = false;
  std::optional<std::chrono::seconds> max_age = {};
  std::optional<std::chrono::seconds> min_fresh = {};
  std::optional<std::chrono::seconds> max_stale = {};  ///< without a number: as long as can be said

  bool operator==(const CacheWish&) const = default;
};

/// The field, several lines being joined. Names in any case; numbers may be quoted; a directive
/// with an argument that is no number, where it needs one, is as if it were absent; of a repeated
/// one the stricter counts. What stands inside a quoted argument is no directive.
[[nodiscard]] CacheWish parse_cache_wish(std::string_view field);

/// What an answer that everybody may have says of its freshness. Ages and lifetimes in whole
/// seconds: rounded so that no receiver keeps it too long.
struct CacheOffer {
  std::chrono::nanoseconds lifetime{0};  ///< from when it was computed
  std::chrono::nanoseconds stale_while_revalidate{0};
  std::chrono::nanoseconds stale_if_error{0};
};
/// What is told to others may not be called back, so it is for an hour at most, all together.
inline constexpr std::chrono::seconds kToldMax = std::chrono::hours(1);
/// "public, max-age=5, stale-while-revalidate=30"; "no-cache" for what is true for the moment only.
[[nodiscard]] std::string cache_control(const CacheOffer& offer);
/// "5": rounded up.
[[nodiscard]] std::string age_text(std::chrono::nanoseconds age);
/// For Cache-Status: rounded down, "-12" for what is stale since more than 11 s.
[[nodiscard]] std::string ttl_text(std::chrono::nanoseconds left);

}  // namespace bourse::host
