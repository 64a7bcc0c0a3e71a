// SPDX-License-Identifier: MIT
#include "host/cli/task_show.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <string>

namespace bourse::host {
namespace {

using namespace std::chrono_literals;

const TaskShow::Time kStart{};

TaskRun::State at(std::uint64_t done, std::string text = {}) {
  return {.progress = {.done = done, .total = 10, .text = std::move(text)}, .has_told = true};
}

struct Shown {
  explicit Shown(ProgressForm form, std::size_t columns = 80)
      : show(
            form, "feed", "fill", kStart, [this](std::string_view part) { text += part; },
            columns) {}
  std::string taken() { return std::exchange(text, {}); }
  std::string text;
  TaskShow show;
};

TEST(TaskShow, OfALogIsALineEachTenSeconds) {
  Shown shown(ProgressForm::kPlain);
  shown.show.look(kStart, at(0));
  shown.show.look(kStart + 9999ms, at(1));
  EXPECT_EQ(shown.taken(), "");
  shown.show.look(kStart + 10s, at(1, "one"));
  // 1 of 10 in 10 s: six a minute, and 90 s for the other nine.
  EXPECT_EQ(shown.taken(), "feed fill: 10.0 %, 60 %/min, 2 min left, one\n");
  shown.show.look(kStart + 19s, at(2));
  EXPECT_EQ(shown.taken(), "");
  shown.show.look(kStart + 20s, at(2));
  EXPECT_EQ(shown.taken().back(), '\n');
}

TEST(TaskShow, OfATerminalIsOneLineThatIsGoneAtTheEnd) {
  Shown shown(ProgressForm::kDrawn);
  shown.show.look(kStart, at(1));
  EXPECT_EQ(shown.taken(), "\rfeed fill: 10.0 %\x1b[K");
  shown.show.look(kStart + 100ms, at(2));
  EXPECT_EQ(shown.taken(), "") << "five times a second is enough";
  shown.show.say("log", "a line");
  EXPECT_EQ(shown.taken(), "\r\x1b[Ka line\n");
  shown.show.look(kStart + 200ms, at(2));
  EXPECT_EQ(shown.taken(), "\rfeed fill: 20.0 %\x1b[K");
  shown.show.end(kStart + 1s, at(10), TaskEnd::kSuccess, "done in 1 s", "");
  EXPECT_EQ(shown.taken(), "\r\x1b[Kfeed fill: done in 1 s\n");
}

TEST(TaskShow, TakesNoMoreThanALineOfTheTerminal) {
  Shown shown(ProgressForm::kDrawn, 20);
  shown.show.look(kStart, at(1, "somewhere far away"));
  EXPECT_EQ(shown.taken(), "\rfeed fill: 10.0 %, \x1b[K");
  shown.show.look(kStart + 1s, at(1, "\xe5\xb8\x81\xe5\xae\x89\xe4\xba\xba"));
  EXPECT_EQ(shown.taken(), "\rfeed fill: 10.0 %, \x1b[K") << "of a wide character, no half";
  Shown wider(ProgressForm::kDrawn, 24);
  wider.show.look(kStart, at(1, "\xe5\xb8\x81\xe5\xae\x89\xe4\xba\xba"));
  EXPECT_EQ(wider.taken(), "\rfeed fill: 10.0 %, \xe5\xb8\x81\xe5\xae\x89\x1b[K");
}

TEST(TaskShow, ForProgramsIsAnObjectALine) {
  Shown shown(ProgressForm::kJson);
  shown.show.look(kStart, {});
  EXPECT_EQ(shown.taken(), "") << "nothing has been told yet";
  shown.show.look(kStart, at(1, "a \"text\""));
  shown.show.look(kStart + 999ms, at(2));
  shown.show.say("log", "bytes \xff and \x1b");
  shown.show.say("failed", Failure{.code = "some_code", .message = "Why."});
  shown.show.end(kStart + 4s, at(5), TaskEnd::kCancelled, "stopped", "bourse task");
  std::vector<std::string> events;
  std::string text = shown.taken();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    ASSERT_NE(end, text.npos);
    rapidjson::Document json;
    json.Parse(text.c_str(), end);
    ASSERT_TRUE(json.IsObject()) << text;
    EXPECT_STREQ(json["source"].GetString(), "feed");
    EXPECT_STREQ(json["task"].GetString(), "fill");
    events.emplace_back(json["event"].GetString());
    if (events.back() == "progress") {
      EXPECT_STREQ(json["text"].GetString(), "a \"text\"");
    }
    if (events.back() == "cancelled") {
      EXPECT_EQ(json["percent"].GetDouble(), 50);
      EXPECT_EQ(json["per_second"].GetDouble(), 1);  // 4 more in 4 s
      EXPECT_EQ(json["seconds"].GetDouble(), 4);
      EXPECT_STREQ(json["resume"].GetString(), "bourse task");
    }
    text.erase(0, end + 1);
  }
  EXPECT_EQ(events, (std::vector<std::string>{"progress", "log", "failed", "cancelled"}));
}

}  // namespace
}  // namespace bourse::host
