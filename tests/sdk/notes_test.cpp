// SPDX-License-Identifier: MIT
#include "bourse/notes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "bourse/words.hpp"
#include "tests/sdk/fake_host.hpp"

namespace bourse {
namespace {

/// A source's answer with notes and nothing else. The view borrows.
class Told {
 public:
  Told& note(std::string_view code, std::string_view text) {
    notes_.push_back({sizeof(bourse_note), BOURSE_LEVEL_WARN, borrow(code), borrow(text)});
    return *this;
  }
  ReportView view() {
    for (const bourse_note& note : notes_) pointers_.push_back(&note);
    report_.size = sizeof report_;
    report_.n_notes = pointers_.size();
    report_.notes = pointers_.data();
    return ReportView(report_);
  }

 private:
  std::vector<bourse_note> notes_;
  std::vector<const bourse_note*> pointers_;
  bourse_report report_{};
};

TEST(TimeText, IsInUtcAsWritersOfReportsPutIt) {
  EXPECT_EQ(time_text(Time{1'733'054'400'000'000'000}), "2024-12-01T12:00:00Z");
}

TEST(NamedFew, NamesFiveAndCountsTheRest) {
  NamedFew names;
  EXPECT_EQ(names.text(), "");
  for (const char* name : {"A", "B", "C", "D", "E"}) names.add(name);
  EXPECT_EQ(names.text(), "A, B, C, D, E");
  names.add("F");
  EXPECT_EQ(names.text(), "A, B, C, D, E and 1 more");
  EXPECT_EQ(names.count(), 6U);
}

TEST(Counted, HasAnSButForOne) {
  EXPECT_EQ(counted(0, "candle"), "0 candles");
  EXPECT_EQ(counted(1, "candle"), "1 candle");
  EXPECT_EQ(counted(12, "candle"), "12 candles");
}

TEST(IsTold, ByCodeAndWholeName) {
  Told told;
  told.note("partial_window", "Less than 24 hours: ABTC-2 (3 hours), BTCUSDT.");
  const ReportView answer = told.view();
  EXPECT_TRUE(is_told(answer, "partial_window", "BTCUSDT"));
  EXPECT_FALSE(is_told(answer, "partial_window", "BTC"));
  EXPECT_FALSE(is_told(answer, "odd_candle", "BTCUSDT"));
}

TEST(SayMissing, WhatHasNeitherARowNorANote) {
  FakeHost host;
  const Call call(host.wire(), host.call());
  Told told;
  told.note("symbol_unavailable", "There is no market NOPE.").note("unreadable_row", "Of ODD: x.");
  const ReportView answer = told.view();
  const std::vector<std::string> there = {"A", "B"};
  say_missing(call, {"A", "B", "NOPE", "ODD"}, there, answer, "price");
  EXPECT_TRUE(host.notes.empty());
  say_missing(call, {"A", "C", "NOPE", "D"}, there, answer, "price");
  ASSERT_EQ(host.notes.size(), 2U);
  EXPECT_NE(host.notes[0].find("symbol_unavailable"), std::string::npos) << host.notes[0];
  EXPECT_NE(host.notes[0].find("C is left out: the source sent no price of it."), std::string::npos)
      << host.notes[0];
  EXPECT_NE(host.notes[1].find("D is left out"), std::string::npos) << host.notes[1];
}

TEST(UndeliveredNote, NamesAllOrSaysNothing) {
  FakeHost host;
  const Call call(host.wire(), host.call());
  UndeliveredNote note;
  note.say(call);
  EXPECT_TRUE(host.notes.empty());
  for (const char* column : {"a", "b", "c", "d", "e", "f"}) note.add(column);
  note.say(call);
  ASSERT_EQ(host.notes.size(), 1U);
  EXPECT_NE(host.notes[0].find("columns_unavailable"), std::string::npos) << host.notes[0];
  EXPECT_NE(host.notes[0].find("Null, because the source does not deliver it: a, b, c, d, e, f."),
            std::string::npos)
      << host.notes[0];
}

}  // namespace
}  // namespace bourse
