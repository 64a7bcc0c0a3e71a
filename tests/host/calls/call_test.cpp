// SPDX-License-Identifier: MIT
//
// Who speaks, and what a call keeps.
#include "host/calls/call.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "bourse/report.hpp"
#include "host/calls/context.hpp"
#include "host/calls/job.hpp"
#include "host/observe/log.hpp"
#include "host/plugins/load.hpp"
#include "tests/host/plugins/sandbox.hpp"

namespace bourse::host::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// The lines that are logged while it lives.
class Lines {
 public:
  Lines() {
    set_line_writer([this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    });
  }
  ~Lines() { set_line_writer({}); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  /// The one line with these words; empty when there is none.
  [[nodiscard]] std::string with(const std::string& words) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(lines_.begin(), lines_.end(), [&](const std::string& line) {
      return line.find(words) != std::string::npos;
    });
    return found == lines_.end() ? "" : *found;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

Loaded load(const Sandbox& sandbox) {
  return load_plugins({.folders = {sandbox.plugins()}, .host = &plugin_host()});
}

Failure refusal_of(const std::string& fixture_name) {
  const Sandbox sandbox;
  sandbox.add(fixture_name);
  const Loaded loaded = load(sandbox);
  EXPECT_EQ(loaded.refusals.size(), 1U);
  return loaded.refusals.empty() ? Failure{} : loaded.refusals[0].why;
}

/// The report of an analysis without parameters, as "name=text" lines.
std::string said(const std::shared_ptr<const Component>& analysis, const Context& context) {
  const Context start{.request_id = "", .route = "start"};
  bourse_call call(start, *analysis);
  auto instance = Instance::create(analysis, &call, {});
  if (!instance) return instance.failure().message;
  Job job;
  job.analysis = *instance;
  job.sources = std::make_shared<Sources>();
  const auto answer = analyse(job, context, nullptr);
  if (!answer) return answer.failure().code;
  std::string lines;
  const bourse_report& report = answer->report->wire();
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    lines += std::string(report.scalars[i]->field->name) + "=" +
             std::string(view(report.scalars[i]->value.as.text)) + "\n";
  }
  return lines;
}

// ---- who speaks ---------------------------------------------------------------------------------

TEST(PluginHost, NamesThePluginThatSpeaksWhereverItSpeaks) {
  Lines lines;
  const Sandbox sandbox;
  sandbox.add("speaks");
  const Loaded loaded = load(sandbox);
  ASSERT_TRUE(loaded.refusals.empty()) << loaded.refusals[0].why.message;
  EXPECT_THAT(lines.with("said in the entry"), HasSubstr("plugin=fixture.speaks"));
  EXPECT_THAT(lines.with("said on a thread"), HasSubstr("plugin=fixture.speaks"));
  EXPECT_THAT(lines.with("said in init"), HasSubstr("component=fixture.speaks"));
  Context context;
  context.request_id = "r1";
  EXPECT_THAT(said(loaded.catalog->find_analysis("speaks"), context), HasSubstr("id=r1\n"));
  EXPECT_THAT(lines.with("said in create"), HasSubstr("component=fixture.speaks/speaks"));
  EXPECT_THAT(lines.with("said in run"),
              AllOf(HasSubstr("component=fixture.speaks/speaks"), HasSubstr("request_id=r1")));
  EXPECT_THAT(lines.with("said by a copy"), Not(HasSubstr("plugin="))) << "a copy is nobody's";
  EXPECT_NE(lines.with("said by a copy"), "");
}

TEST(PluginHost, IsAnotherForEveryPlugin) {
  Lines lines;
  const Sandbox sandbox;
  sandbox.add("speaks_too");
  const Loaded loaded = load(sandbox);
  ASSERT_TRUE(loaded.refusals.empty()) << loaded.refusals[0].why.message;
  EXPECT_THAT(lines.with("said on a thread"), HasSubstr("plugin=fixture.speaks-too"));
}

TEST(PluginHost, ARefusalQuotesWhatWasSaid) {
  const Lines quiet;
  EXPECT_THAT(refusal_of("refuses_by_log").message,
              HasSubstr("refuses to be loaded: needs a processor with AVX2"));
  EXPECT_THAT(refusal_of("refuses").message, HasSubstr("logged no reason"));
  const Failure by_fail = refusal_of("failing_init_by_fail");
  EXPECT_EQ(by_fail.code, "init_failed");
  EXPECT_THAT(by_fail.message, HasSubstr("its init failed with status 403: The license has "
                                         "expired; renew it. [no_license]"));
  EXPECT_THAT(refusal_of("failing_init_by_log").message,
              HasSubstr("its init failed with status 503: the device is locked"));
  EXPECT_THAT(refusal_of("failing_init").message,
              HasSubstr("its init failed with status 503 and did not say why"));
}

// ---- who asks -----------------------------------------------------------------------------------

constexpr const char* kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Request, IsToldToWhoeverAsksForTheExtension) {
  const Lines quiet;
  const Sandbox sandbox;
  sandbox.add("speaks");
  const Loaded loaded = load(sandbox);
  Context context;
  context.request_id = "r7";
  context.trace = kTrace;
  context.language = "de-CH, de;q=0.9";
  EXPECT_EQ(said(loaded.catalog->find_analysis("speaks"), context),
            std::string("id=r7\ntrace=") + kTrace + "\nlanguage=de-CH, de;q=0.9\n");
  context.trace = "00-nonsense";
  context.language = "";
  EXPECT_EQ(said(loaded.catalog->find_analysis("speaks"), context), "id=r7\ntrace=\nlanguage=\n");
}

// T29 of the facts on HTTP.
TEST(Request, ATraceparentIsAsTheW3cSays) {
  const std::string good = kTrace;  // the example of W3C Trace Context, 3.2.4
  const auto with = [&](std::size_t at, const std::string& text) {
    return std::string(good).replace(at, text.size(), text);
  };
  EXPECT_TRUE(is_traceparent(good));
  EXPECT_TRUE(is_traceparent(with(53, "00")));
  EXPECT_TRUE(is_traceparent(with(0, "cc"))) << "a later version";
  EXPECT_TRUE(is_traceparent(with(0, "cc") + "-what-the-future-will-be-like"));
  EXPECT_FALSE(is_traceparent(with(0, "cc") + ".what"));
  EXPECT_FALSE(is_traceparent(good + "-more")) << "version 00 has nothing more";
  EXPECT_FALSE(is_traceparent(good + ", " + good)) << "two lines, joined";
  EXPECT_FALSE(is_traceparent(with(0, "ff")));
  EXPECT_FALSE(is_traceparent(with(3, std::string(32, '0')))) << "no trace id";
  EXPECT_FALSE(is_traceparent(with(36, std::string(16, '0')))) << "no parent id";
  EXPECT_FALSE(is_traceparent(with(3, "0AF7"))) << "lower case only";
  EXPECT_FALSE(is_traceparent(with(35, "_")));
  EXPECT_FALSE(is_traceparent(good.substr(0, 54)));
  EXPECT_FALSE(is_traceparent(""));
  EXPECT_FALSE(is_traceparent(with(53, "\n1")));
}

// ---- what is kept -------------------------------------------------------------------------------

ReportPtr report_of(std::size_t text_bytes) {
  ReportBuilder builder("test/kept", "Kept");
  const std::string text(text_bytes, 'x');
  bourse_meta meta = {sizeof meta, 0, borrow("text"), value(std::string_view(text))};
  EXPECT_EQ(builder.meta(&meta), BOURSE_OK);
  auto report = builder.finish(0);
  EXPECT_TRUE(report.ok());
  return *std::move(report);
}

TEST(KeptAnswers, AreCountedUntilTheyAreGivenBack) {
  const ReportPtr one = report_of(1000);
  const ReportPtr two = report_of(1000);
  ASSERT_GE(one->bytes(), 1000U);
  KeptAnswers kept(one->bytes() + two->bytes());
  EXPECT_TRUE(kept.keep(one));
  EXPECT_TRUE(kept.keep(two));
  EXPECT_EQ(kept.bytes(), one->bytes() + two->bytes());
  EXPECT_FALSE(kept.keep(report_of(0))) << "full";
  EXPECT_TRUE(kept.release(&one->wire()));
  EXPECT_EQ(kept.bytes(), two->bytes());
  EXPECT_TRUE(kept.keep(report_of(10)));
  EXPECT_FALSE(kept.release(&one->wire())) << "it was given back";
  EXPECT_FALSE(kept.release(nullptr));
}

TEST(KeptAnswers, OneAnswerToTwoQueriesIsKeptUntilBothGiveItBack) {
  const ReportPtr report = report_of(100);
  KeptAnswers kept(report->bytes());
  EXPECT_TRUE(kept.keep(report));
  EXPECT_TRUE(kept.keep(report)) << "it costs nothing the second time";
  EXPECT_EQ(kept.bytes(), report->bytes());
  EXPECT_TRUE(kept.release(&report->wire()));
  EXPECT_EQ(report.use_count(), 2);
  EXPECT_TRUE(kept.release(&report->wire()));
  EXPECT_EQ(report.use_count(), 1);
  EXPECT_EQ(kept.bytes(), 0U);
}

TEST(KeptAnswers, FailuresCountTooAndTellAll) {
  KeptAnswers kept(1000);
  const bourse_failure* const wire = kept.keep({.status = BOURSE_TOO_MANY,
                                                .code = "slow_down",
                                                .message = "Slower, please.",
                                                .parameter = "limit",
                                                .retry_after = std::chrono::seconds(3)});
  ASSERT_NE(wire, nullptr);
  EXPECT_EQ(wire->size, sizeof(bourse_failure));
  EXPECT_EQ(wire->status, BOURSE_TOO_MANY);
  EXPECT_EQ(view(wire->code), "slow_down");
  EXPECT_EQ(view(wire->message), "Slower, please.");
  EXPECT_EQ(view(wire->param), "limit");
  EXPECT_EQ(wire->retry_after, 3'000'000'000);
  while (kept.keep({.status = BOURSE_INTERNAL, .code = "c", .message = "m"}) != nullptr) {
  }
  EXPECT_LE(kept.bytes(), 1000U);
  EXPECT_EQ(view(wire->code), "slow_down") << "it stays where it is";
}

// ---- what a call ends with
// ------------------------------------------------------------------------

Failure silent(bourse_status status) {
  return Failure{
      .status = status, .code = "plugin_failed", .message = "", .origin = Origin::kSilent};
}

TEST(Call, EveryAnswerIsFilledHoweverManyAreAskedFor) {
  const Context context;
  bourse_call call(context, "test.plugin/analysis");
  std::vector<bourse_answer> answers(BOURSE_MAX_QUERIES + 1);
  EXPECT_EQ(plugin_host().table.query(&call, answers.size(), nullptr, answers.data()),
            BOURSE_INTERNAL);
  for (const bourse_answer& answer : answers) {
    ASSERT_EQ(answer.report, nullptr);
    ASSERT_NE(answer.failure, nullptr);
  }
}

TEST(Call, OfAFailAndAFailedQueryTheOneCountsThatAgreesWithTheStatus) {
  const Context context;
  bourse_call call(context, "test.plugin/analysis");
  call.failure = Failure{.status = 404, .code = "old", .message = "", .origin = Origin::kPlugin};
  call.query_failure = Failure{.status = 422, .code = "asked", .message = ""};
  EXPECT_EQ(call.outcome(silent(422))->code, "asked");
  EXPECT_EQ(call.outcome(silent(404))->code, "old");
  EXPECT_EQ(call.outcome(silent(503))->code, "old") << "what was said by fail says most";
}

TEST(Call, AMisuseIsLoggedAlsoWhereTheClientIsToldSomethingElse) {
  Lines lines;
  const Context context{.request_id = "r1", .route = "/r"};
  bourse_call call(context, "test.plugin/analysis");
  call.misuse = Failure{.status = 500,
                        .code = "plugin_misuse",
                        .message = "release: not an answer of this call",
                        .origin = Origin::kMisuse};
  call.failure = Failure{.status = 404, .code = "mine", .message = "", .origin = Origin::kPlugin};
  EXPECT_EQ(call.outcome(silent(404))->code, "mine");
  EXPECT_THAT(lines.with("plugin_misuse"),
              AllOf(HasSubstr("release: not an answer"), HasSubstr("test.plugin/analysis")));
}

}  // namespace
}  // namespace bourse::host::test
