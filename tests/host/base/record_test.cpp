// SPDX-License-Identifier: MIT
#include "host/base/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

namespace bourse::host {
namespace {

using testing::ElementsAre;

TEST(Record, WhatIsAppendedIsThereAtOnceForWhoOpenedTheSameMemory) {
  auto parent = Record::make(1000);
  ASSERT_TRUE(parent);
  auto child = Record::open(dup(parent->descriptor()));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->descriptor(), -1);
  child->append("one");
  EXPECT_EQ(parent->text(), "one\n");
  EXPECT_FALSE(parent->is_complete());
  child->append("two");
  child->complete();
  EXPECT_EQ(parent->text(), "one\ntwo\n");
  EXPECT_TRUE(parent->is_complete());
}

TEST(Record, ALineThatHasNoRoomIsLeftOutWholeAndNothingFollowsIt) {
  auto record = Record::make(8);
  ASSERT_TRUE(record);
  record->append("1234");
  record->append("12345");
  record->append("1");
  EXPECT_EQ(record->text(), "1234\n");
  EXPECT_TRUE(record->is_cut());
}

TEST(Record, LinesOfSeveralThreadsStayWhole) {
  auto record = Record::make(std::size_t{1} << 16);
  ASSERT_TRUE(record);
  std::vector<std::thread> threads;
  for (const char c : {'a', 'b', 'c', 'd'}) {
    threads.emplace_back([&record, c] {
      for (int i = 0; i < 200; ++i) record->append(std::string(20, c));
    });
  }
  for (auto& thread : threads) thread.join();
  const std::string text = record->text();
  ASSERT_EQ(text.size(), 4U * 200U * 21U);
  for (std::size_t at = 0; at < text.size(); at += 21) {
    EXPECT_EQ(text.substr(at, 21), std::string(20, text[at]) + "\n");
  }
}

TEST(Record, OtherDescriptorsAreRefused) {
  EXPECT_FALSE(Record::open(1'000'000));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(Record::open(ends[0]));
  close(ends[0]);
  close(ends[1]);
}

TEST(RecordLine, FieldsComeBackAsTheyWere) {
  EXPECT_THAT(record_fields(record_line({"finding", "", "a\tb\n\\c\\t", "\xff"})),
              ElementsAre("finding", "", "a\tb\n\\c\\t", "\xff"));
  EXPECT_EQ(record_line({"a\nb"}).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace bourse::host
