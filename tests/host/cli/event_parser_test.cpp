// SPDX-License-Identifier: MIT
//
// Reference: HTML, section 9.2.6, and its examples.
#include "host/cli/event_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> read(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> events;
  EventParser parser([&](const StreamEvent& event) {
    events.push_back(event.type + '|' + event.id + '|' + event.data);
  });
  for (std::size_t i = 0; i < bytes.size(); i += piece) parser.feed(bytes.substr(i, piece));
  return events;
}

TEST(EventParser, ReadsWhatTheStandardShows) {
  const std::string_view stream =
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n";
  const std::vector<std::string> right = {"message|1|first event", "message||second event"};
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) EXPECT_EQ(read(stream, piece), right);
}

TEST(EventParser, LinesEndInAnyOfThreeWays) {
  for (const std::size_t piece : {1U, 2U, 1000U}) {
    EXPECT_EQ(read("data: a\rdata: b\r\ndata: c\n\r\n", piece),
              std::vector<std::string>{"message||a\nb\nc"});
    EXPECT_EQ(read("\xEF\xBB\xBF"
                   "data: a\n\n",
                   piece),
              std::vector<std::string>{"message||a"});
  }
}

TEST(EventParser, ATypeWithoutDataIsForgotten) {
  EXPECT_EQ(read("event: tick\n\ndata: x\n\n", 5), std::vector<std::string>{"message||x"});
  EXPECT_EQ(read("data\n\ndata\ndata\n\n", 4),
            (std::vector<std::string>{"message||", "message||\n"}))
      << "an example of the standard";
}

TEST(EventParser, AnIdStaysAndOneWithANulIsIgnored) {
  using namespace std::string_view_literals;
  EXPECT_EQ(read("id: \"7\"\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\n"sv, 3),
            (std::vector<std::string>{"message|\"7\"|a", "message|\"7\"|b", "message|\"7\"|c"}));
}

TEST(EventParser, RetryIsDigitsOnlyAndCountsAtOnce) {
  EventParser parser([](const StreamEvent&) {});
  parser.feed("retry: 12a\n");
  EXPECT_FALSE(parser.retry());
  parser.feed("retry: 2500\n");
  EXPECT_EQ(parser.retry(), 2500ms);
}

TEST(EventParser, WhatWasCutOffIsThrownAwayAndTheIdStays) {
  std::vector<std::string> events;
  EventParser parser([&](const StreamEvent& event) { events.push_back(event.data); });
  parser.feed("id: 1\ndata: a\n\ndata: half");
  parser.restart();
  parser.feed("data: b\n\n");
  EXPECT_EQ(events, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parser.last_id(), "1");
}

}  // namespace
}  // namespace bourse::host::test
