// SPDX-License-Identifier: MIT
#include "host/http/cache_control.hpp"

#include <gtest/gtest.h>

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

std::optional<seconds> max_age(std::string_view field) { return parse_cache_wish(field).max_age; }

TEST(CacheWish, ReadsWhatRequestsMaySay) {
  const auto wish = parse_cache_wish(
      "no-cache, no-store, only-if-cached, no-transform, max-age=5, min-fresh=20, max-stale=3600");
  EXPECT_TRUE(wish.no_cache && wish.no_store && wish.only_if_cached && wish.no_transform);
  EXPECT_EQ(wish.max_age, 5s);
  EXPECT_EQ(wish.min_fresh, 20s);
  EXPECT_EQ(wish.max_stale, 3600s);
  const auto nothing = parse_cache_wish("");
  EXPECT_FALSE(nothing.no_cache || nothing.no_store || nothing.only_if_cached);
  EXPECT_EQ(nothing.max_age, std::nullopt);
}

// 4.4 of the facts: cases of http-tests/cache-tests (cc-parse, ccreq).
TEST(CacheWish, ReadsWhatIsWrittenOtherwise) {
  EXPECT_EQ(max_age("Max-Age=7"), 7s);
  EXPECT_EQ(max_age("max-age=\"5\""), 5s);
  EXPECT_EQ(max_age("max-age = 5"), 5s);
  EXPECT_EQ(max_age(" ,max-age=5 , x"), 5s);
  for (const char* const wrong : {"max-age=-1", "max-age=5.0", "max-age=5x", "max-age=", "max-age",
                                  "max-age='5'", "max_age=5", "xmax-age=5"}) {
    EXPECT_EQ(max_age(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(max_age("max-age=5x, max-age=6"), 6s);
  EXPECT_EQ(max_age("max-age=9, max-age=6, max-age=7"), 6s);
  EXPECT_EQ(max_age("max-age=99999999999999999999"), seconds(std::int64_t{1} << 31U))
      << "RFC 9111, 1.2.2";
}

TEST(CacheWish, WhatStandsInQuotesIsNoDirective) {
  EXPECT_EQ(max_age("ext=\"max-age=1, no-store\", max-age=5"), 5s);
  EXPECT_FALSE(parse_cache_wish("ext=\"a, no-store, b\"").no_store);
  EXPECT_FALSE(parse_cache_wish("ext=\"a\\\", no-store, b\"").no_store);
  EXPECT_EQ(max_age("ext=\"never closed, max-age=5"), std::nullopt);
}

TEST(CacheWish, MaxStaleWithoutANumberIsAnyTime) {
  EXPECT_EQ(parse_cache_wish("max-stale").max_stale, seconds(std::int64_t{1} << 31U));
  EXPECT_EQ(parse_cache_wish("max-stale=x").max_stale, std::nullopt);
}

// T1 of the facts: computed 4.2 s ago, true for 5 s.
TEST(CacheOffer, AgeIsRoundedUpAndTheLifetimeDown) {
  EXPECT_EQ(age_text(4200ms), "5");
  EXPECT_EQ(age_text(4s), "4");
  EXPECT_EQ(age_text(0s), "0");
  EXPECT_EQ(cache_control({.lifetime = 5s}), "public, max-age=5");
  EXPECT_EQ(cache_control({.lifetime = 5999ms}), "public, max-age=5");
  EXPECT_EQ(cache_control({.lifetime = 700ms}), "public, max-age=0");
  EXPECT_EQ(cache_control({.lifetime = 0s}), "no-cache") << "kept, asked again, gives 304s";
}

TEST(CacheOffer, WindowsFollowTheLifetime) {
  EXPECT_EQ(cache_control({.lifetime = 5s, .stale_while_revalidate = 30s, .stale_if_error = 10min}),
            "public, max-age=5, stale-while-revalidate=30, stale-if-error=600");
  EXPECT_EQ(cache_control({.lifetime = 5s, .stale_while_revalidate = 500ms}), "public, max-age=5");
}

// 3.8 of the facts.
TEST(CacheOffer, NobodyIsToldMoreThanAnHourAllTogether) {
  EXPECT_EQ(cache_control({.lifetime = std::chrono::nanoseconds::max(), .stale_if_error = 1h}),
            "public, max-age=3600");
  EXPECT_EQ(cache_control({.lifetime = 59min, .stale_if_error = 10min}),
            "public, max-age=3540, stale-if-error=60");
}

TEST(CacheStatus, TellsWhatIsLeftRoundedDown) {
  EXPECT_EQ(ttl_text(4999ms), "4");
  EXPECT_EQ(ttl_text(-11500ms), "-12");
  EXPECT_EQ(ttl_text(0s), "0");
}

}  // namespace
}  // namespace bourse::host::test
