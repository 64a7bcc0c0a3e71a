// SPDX-License-Identifier: MIT
//
// What a source was asked, and how that ended, as figures.
#include "host/calls/fetches.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "host/calls/job.hpp"
#include "host/routing/plan.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;

Failure failure_of(bourse_status status, const char* code) {
  return {.status = status, .code = code, .message = "It is so."};
}

std::string shown(const Fetches& fetches, const std::set<std::string>& served = {"feed"}) {
  Exposition figures;
  fetches.expose(figures, served);
  return '\n' + figures.text();
}

TEST(Fetches, OneThatNobodyAskedIsNeitherUpNorDown) {
  Fetches fetches;
  (void)fetches.of("feed");
  EXPECT_THAT(shown(fetches), Not(HasSubstr("bourse_source_up")));
  EXPECT_THAT(shown(fetches),
              HasSubstr("\nbourse_source_fetch_seconds_count{source=\"feed\"} 0\n"));
}

TEST(Fetches, TheLastAnswerSaysWhetherItIsUp) {
  Fetches fetches;
  FetchesOf& feed = fetches.of("feed");
  const auto is_up = [&] {
    return shown(fetches).find("bourse_source_up{source=\"feed\"} 1\n") != std::string::npos;
  };
  feed.count(microseconds(1), nullptr);
  EXPECT_TRUE(is_up());
  const Failure banned = failure_of(BOURSE_UNAVAILABLE, "exchange_banned");
  feed.count(microseconds(1), &banned);
  EXPECT_THAT(shown(fetches), HasSubstr("\nbourse_source_up{source=\"feed\"} 0\n"));
  // A client that leaves says nothing of the source.
  const Failure left = failure_of(BOURSE_CANCELLED, "cancelled");
  feed.count(microseconds(1), &left);
  EXPECT_FALSE(is_up());
  // "There is no such market" is an answer.
  const Failure unknown = failure_of(BOURSE_NOT_FOUND, "symbol_not_found");
  feed.count(microseconds(1), &unknown);
  EXPECT_TRUE(is_up());
}

TEST(Fetches, ErrorsAreCountedByTheirCodesAndTimesTogether) {
  Fetches fetches;
  FetchesOf& feed = fetches.of("feed");
  const Failure banned = failure_of(BOURSE_UNAVAILABLE, "exchange_banned");
  feed.count(microseconds(2'000), nullptr);
  feed.count(microseconds(3'000), &banned);
  feed.count(microseconds(8'000'000), &banned);
  const std::string text = shown(fetches);
  for (const char* const line :
       {R"(bourse_source_errors_total{source="feed",code="exchange_banned"} 2)",
        R"(bourse_source_fetch_seconds_bucket{source="feed",le="0.0025"} 1)",
        R"(bourse_source_fetch_seconds_bucket{source="feed",le="0.005"} 2)",
        R"(bourse_source_fetch_seconds_sum{source="feed"} 8.005)",
        R"(bourse_source_fetch_seconds_count{source="feed"} 3)"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\n") + line + "\n"));
  }
}

TEST(Fetches, APluginThatMakesUpCodesMakesNoFiguresWithoutEnd) {
  Fetches fetches;
  FetchesOf& feed = fetches.of("feed");
  for (int i = 0; i < 1000; ++i) {
    const Failure failure = failure_of(BOURSE_UPSTREAM, ("code_" + std::to_string(i)).c_str());
    feed.count(microseconds(1), &failure);
  }
  const std::string text = shown(fetches);
  std::size_t lines = 0;
  for (auto at = text.find("bourse_source_errors_total{"); at != std::string::npos;
       at = text.find("bourse_source_errors_total{", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, FetchesOf::kCodesMax + 1);
  EXPECT_THAT(text, HasSubstr("code=\"other\"} " + std::to_string(1000 - FetchesOf::kCodesMax)));
}

TEST(Fetches, ASourceThatIsServedNoMoreKeepsItsCountsAndIsNotDown) {
  Fetches fetches;
  const Failure failed = failure_of(BOURSE_UPSTREAM, "exchange_failed");
  fetches.of("feed").count(microseconds(1), &failed);
  const std::string text = shown(fetches, {"another"});
  EXPECT_THAT(text, Not(HasSubstr("bourse_source_up{")));
  EXPECT_THAT(text, HasSubstr("code=\"exchange_failed\"} 1\n"));
  fetches.of("feed").forget_up();
  EXPECT_THAT(shown(fetches), Not(HasSubstr("bourse_source_up{")));
}

TEST(Fetches, ASourceCountsWhatItWasAskedAndNotWhatItIsNot) {
  Fetches fetches;
  Control control;
  const auto generation =
      good_generation(with_feed("prompt", "control: " + std::to_string(control.address()),
                                "  - {path: /two, run: two, format: plain}\n"));
  Source& feed = *generation->sources()->at("feed");
  const bourse_query good{sizeof good, 0, borrow("series"), {}, 0, nullptr};
  ASSERT_FALSE(feed.fetch(Context{}, good, nullptr).ok()) << "it has no name";
  feed.count_at(fetches.of("feed"));
  EXPECT_THAT(shown(fetches), HasSubstr("_count{source=\"feed\"} 0\n")) << "it was not asked";
  const bourse_arg args[] = {{borrow("name"), value("x")}};
  const bourse_query named{sizeof named, 0, borrow("series"), {}, 1, args};
  EXPECT_TRUE(feed.fetch(Context{}, named, nullptr).ok());
  EXPECT_THAT(shown(fetches), HasSubstr("_count{source=\"feed\"} 1\n"));
  EXPECT_THAT(shown(fetches), HasSubstr("bourse_source_up{source=\"feed\"} 1\n"));
}

}  // namespace
}  // namespace bourse::host::test
