// SPDX-License-Identifier: MIT
//
// Reference: HTML, section 9.2 (server-sent events), by hand.
#include "host/live/event.hpp"

#include <gtest/gtest.h>

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

TEST(EventText, IsALineForEachFieldAndAnEmptyOneBehind) {
  EXPECT_EQ(event_text("answer", "\"abc\"", "{}"), "id: \"abc\"\nevent: answer\ndata: {}\n\n");
  EXPECT_EQ(event_text("bye", "", "{}"), "event: bye\ndata: {}\n\n");
}

TEST(EventText, EachLineOfTheDataIsALineOfItsOwnWhateverEndsIt) {
  EXPECT_EQ(event_text("report", "", "{\n \"a\": 1\n}\n"),
            "event: report\ndata: {\ndata:  \"a\": 1\ndata: }\n\n");
  EXPECT_EQ(event_text("report", "", "a\rb\r\nc"), "event: report\ndata: a\ndata: b\ndata: c\n\n");
  EXPECT_EQ(event_text("report", "", ""), "event: report\ndata: \n\n");
}

// Python's splitlines() ends a line at these, and JSON may hold them as they are.
TEST(EventText, WhatSomeClientsTakeForAnEndOfLineIsEscaped) {
  EXPECT_EQ(event_text("report", "", "{\"a\":\"x\xE2\x80\xA8y\xE2\x80\xA9z\xC2\x85w\"}"),
            "event: report\ndata: {\"a\":\"x\\u2028y\\u2029z\\u0085w\"}\n\n");
  // Others that begin with the same bytes stay: U+20AC, U+00E9, U+2030.
  EXPECT_EQ(event_text("report", "", "\xE2\x82\xAC\xC3\xA9\xE2\x80\xB0\xC2\xA3"),
            "event: report\ndata: \xE2\x82\xAC\xC3\xA9\xE2\x80\xB0\xC2\xA3\n\n");
}

TEST(EventText, RetryIsDigitsOnly) { EXPECT_EQ(retry_text(2500ms), "retry: 2500\n\n"); }

TEST(EventText, WhatIsToldIsJson) {
  EXPECT_EQ(news_json({.href = "/a?b=\"c\"",
                       .etag = "\"v\"",
                       .as_of = 1'700'000'000'000'000'000,
                       .now = 1'700'000'001'000'000'000}),
            "{\"etag\":\"\\\"v\\\"\",\"as_of\":\"2023-11-14T22:13:20Z\","
            "\"now\":\"2023-11-14T22:13:21Z\",\"href\":\"/a?b=\\\"c\\\"\"}");
  EXPECT_EQ(news_json({.href = "/a", .etag = "\"v\"", .now = 1'700'000'001'000'000'000}),
            "{\"etag\":\"\\\"v\\\"\",\"now\":\"2023-11-14T22:13:21Z\",\"href\":\"/a\"}")
      << "an unknown time is left out";
  EXPECT_EQ(failed_json("/a", "{\"status\":503}"),
            "{\"href\":\"/a\",\"problem\":{\"status\":503}}");
  EXPECT_EQ(bye_json("stopping", "so"), "{\"code\":\"stopping\",\"message\":\"so\"}");
}

}  // namespace
}  // namespace bourse::host::test
