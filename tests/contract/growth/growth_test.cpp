// SPDX-License-Identifier: MIT
//
// This program is built twice, with the host as it is and with the host of a later minor, whose
// structs are longer (BOURSE_TEST_GROWN). Both load plugins of today's headers and of the later
// ones, and the same must come of it: what kitchen.c and kitchen_face.cpp say was read right, and
// was taken right.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/calls/call.hpp"
#include "host/calls/job.hpp"
#include "host/calls/sources.hpp"
#include "host/plugins/load.hpp"

namespace bourse::host::test {
namespace {

#ifdef BOURSE_TEST_GROWN
static_assert(BOURSE_ABI_MINOR == 1 && sizeof(bourse_failure::grown_field) == 8);
#else
static_assert(BOURSE_ABI_MINOR == 0);
#endif

Loaded load(const std::string& folder, const HostFunctions& functions = plugin_host()) {
  LoadRequest request;
  request.folders = {BOURSE_TEST_PLUGINS "/" + folder};
  request.host = &functions;
  return load_plugins(request);
}

std::string refusals_of(const Loaded& loaded) {
  std::string all;
  for (const Refusal& refusal : loaded.refusals) all += refusal.why.message + "\n";
  return all;
}

Arguments arguments(const std::vector<Parameter>& declared,
                    const std::map<std::string_view, std::string_view>& given = {}) {
  std::vector<std::string> names;
  std::vector<Value> values;
  for (const Parameter& parameter : declared) {
    std::vector<std::string_view> texts;
    if (const auto found = given.find(parameter.name); found != given.end()) {
      texts.push_back(found->second);
    }
    auto value = read_value(parameter, texts);
    EXPECT_TRUE(value.ok()) << parameter.name;
    names.push_back(parameter.name);
    values.push_back(value.ok() ? *std::move(value) : Value());
  }
  return {std::move(names), std::move(values)};
}

Context context() {
  Context made;
  made.request_id = "request-7";
  made.route = "/kitchen";
  made.authorized = true;
  made.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  made.language = "de-CH";
  made.now = 1234567890;
  return made;
}

std::shared_ptr<Instance> instance(std::shared_ptr<const Component> component) {
  if (component == nullptr) {
    ADD_FAILURE() << "the component is missing";
    return nullptr;
  }
  const Context around = context();
  const Arguments config = arguments(component->config);
  bourse_call call(around, *component);
  auto made = Instance::create(std::move(component), &call, config);
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.failure().message);
  return made.ok() ? *made : nullptr;
}

/// A layer named "market" over a source named "feed", and a question to the analysis, told in
/// lines.
Result<Rendered> ask(const Loaded& loaded) {
  const Catalog& catalog = *loaded.catalog;
  auto feed = std::make_shared<Source>("feed", instance(catalog.find_source("feed")));
  auto market = std::make_shared<Source>("market", instance(catalog.find_source("tenfold")), feed);
  Job job;
  job.analysis = instance(catalog.find_analysis("everything"));
  job.analysis_arguments = arguments(job.analysis->component().params, {{"word", "green"}});
  job.serializer = instance(catalog.find_serializer("lines"));
  job.serializer_arguments = arguments(job.serializer->component().params);
  job.source = market;
  job.sources = std::make_shared<const Sources>(Sources{{"feed", feed}, {"market", market}});
  return perform(job, context(), nullptr);
}

// Made by hand from what kitchen.c says: 100 is (1 + 2 + 3 + 4) x 10 of the layer, 10 is the same
// sum of the feed alone, which the layer lets through.
constexpr std::string_view kEverything =
    R"(report Everything test.kitchen/everything 88
meta quote CHF
note 30 salted It may be too much.
f_bool/1/0/A label/{quote}/what it means/percent 1
f_i64/2/0/A label/{quote}/what it means/percent 10
f_f64/3/0/A label/{quote}/what it means/percent 100
f_decimal/4/2/A label/{quote}/what it means/percent 10
f_time/5/0/A label/{quote}/what it means/percent null
f_text/6/0/A label/{quote}/what it means/percent a text
table all All types
f_bool/1/0/A label/{quote}/what it means/percent 1 0 1
f_i64/2/0/A label/{quote}/what it means/percent -1 null -1
f_f64/3/0/A label/{quote}/what it means/percent 0.5 -2 0.5
f_decimal/4/2/A label/{quote}/what it means/percent 125 -50 125
f_time/5/0/A label/{quote}/what it means/percent 1e+09 2e+09 1e+09
f_text/6/0/A label/{quote}/what it means/percent one  one
chart marks Marks kind 4 flags 1 axis 1 table all pane upper
channel 1 f_time A label
channel 2 f_f64 A label
channel 11 f_i64 A label
channel 13 f_text A label
level 30 low
level 70 high
guide 1.5e+09 then
range 0 100
)";

class Growth : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    loaded_ = load(GetParam());
    ASSERT_EQ(refusals_of(loaded_), "");
  }
  Loaded loaded_;
};

TEST_P(Growth, EverythingThatIsSaidIsTakenAndGivenAsItWas) {
  const auto rendered = ask(loaded_);
  ASSERT_TRUE(rendered.ok()) << rendered.failure().code << ": " << rendered.failure().message;
  EXPECT_EQ(rendered->bytes, kEverything);
  EXPECT_EQ(rendered->media_type, "text/plain; charset=utf-8");
  ASSERT_EQ(rendered->headers.size(), 1U);
  EXPECT_EQ(rendered->headers[0], (std::pair<std::string, std::string>("X-Kitchen", "long")));
}

TEST_P(Growth, WhatIsDeclaredIsReadToItsLastField) {
  const Plugin& plugin = *loaded_.catalog->plugins()[0];
  EXPECT_EQ(plugin.version + " " + plugin.vendor + " " + plugin.license + " " + plugin.url,
            "1.2.3 Bourse MIT https://example.org");
  EXPECT_NE(plugin.built_with, "");
  EXPECT_TRUE(plugin.notes.empty()) << plugin.notes[0];
  const auto analysis = loaded_.catalog->find_analysis("everything");
  EXPECT_TRUE(analysis->notes.empty()) << analysis->notes[0];
  EXPECT_EQ(analysis->parts, 15U);
  ASSERT_EQ(analysis->params.size(), 8U);
  const Parameter& number = analysis->params[1];
  EXPECT_EQ(number.label + "|" + number.doc + "|" + number.unit, "A label|A sentence.|s");
  EXPECT_EQ(*number.def + *number.min + *number.max, "719");
  EXPECT_TRUE(analysis->params[5].required);
  EXPECT_EQ(analysis->params[5].choices, (std::vector<std::string>{"red", "green"}));
  EXPECT_EQ(analysis->params[6].item, BOURSE_TYPE_TEXT);
  EXPECT_TRUE(analysis->params[7].secret);
  ASSERT_EQ(analysis->datasets.size(), 4U);
  EXPECT_EQ(analysis->datasets[0].doc, "What it is.");
  EXPECT_TRUE(analysis->datasets[0].params.at(1).optional);
  EXPECT_TRUE(analysis->datasets[0].fields.at(2).optional);
  EXPECT_EQ(analysis->datasets[0].fields.at(1).format, "percent");
  EXPECT_TRUE(analysis->datasets[3].optional);
  ASSERT_TRUE(analysis->returned);
  EXPECT_EQ(analysis->returned->scalars.size(), 6U);
  EXPECT_EQ(analysis->returned->scalars.at(3).scale, 2);
  ASSERT_EQ(analysis->returned->tables.size(), 1U);
  EXPECT_EQ(analysis->returned->tables[0].name, "told");
  EXPECT_EQ(analysis->returned->tables[0].label, "A label");
  EXPECT_TRUE(analysis->returned->tables[0].optional);
  EXPECT_EQ(analysis->returned->tables[0].fields.at(0).name, "f_bool");
  const auto feed = loaded_.catalog->find_source("feed");
  EXPECT_EQ(feed->flags, std::uint32_t{BOURSE_COMPONENT_SERIAL});
  EXPECT_TRUE(feed->datasets.at(2).is_private);
  const auto format = loaded_.catalog->find_serializer("lines");
  EXPECT_EQ(format->media_type + "|" + format->suffix, "text/plain; charset=utf-8|txt");
}

TEST_P(Growth, TheExtensionsOfAComponentAreReadAsFarAsTheyGo) {
  const Source feed("feed", instance(loaded_.catalog->find_source("feed")));
  const auto figures = feed.metrics(std::chrono::steady_clock::time_point::max(), {}, nullptr);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->dropped, 0U) << figures->why;
  ASSERT_EQ(figures->metrics.size(), 1U);
  const Metric& metric = figures->metrics[0];
  EXPECT_EQ(metric.name + "|" + metric.help, "stirred_total|How often it was stirred.");
  EXPECT_TRUE(metric.is_counter);
  EXPECT_EQ(metric.labels, (std::vector<std::pair<std::string, std::string>>{{"pot", "large"}}));
  EXPECT_EQ(metric.value, 12);

  EXPECT_EQ(feed.probe_offer().examples,
            (std::vector<std::pair<std::string, std::string>>{{"n", "2"}}));
  std::vector<Finding> findings;
  const auto probed =
      feed.probe(context(), [&](Finding found) { findings.push_back(std::move(found)); });
  ASSERT_TRUE(probed.ok()) << probed.failure().message;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].name + "|" + findings[0].text + "|" + findings[0].advice,
            "gas|it is off|turn it on");
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
}

TEST_P(Growth, AFailureIsReadToItsLastField) {
  Source feed("feed", instance(loaded_.catalog->find_source("feed")));
  bourse_query query = {};
  query.size = sizeof query;
  query.dataset = {"broken", 6};
  const auto answer = feed.fetch(context(), query, nullptr);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.failure().status, 451);
  EXPECT_EQ(answer.failure().code, "kitchen_closed");
  EXPECT_EQ(answer.failure().parameter, "n");
  EXPECT_EQ(answer.failure().retry_after, std::chrono::seconds(5));
}

INSTANTIATE_TEST_SUITE_P(Plugins, Growth,
                         testing::Values("today", "grown", "face_today", "face_grown"),
                         [](const auto& of) { return std::string(of.param); });

// A function that a host does not offer is NULL. The face does without those that a plugin can do
// without.
TEST(AHostThatOffersLess, IsEnoughForTheFaceOfTheContract) {
  HostFunctions less = plugin_host();
  less.table.log = nullptr;
  less.table.extension = nullptr;
  less.table.release = nullptr;
  less.table.fresh_until = nullptr;
  const Loaded loaded = load("face_today", less);
  ASSERT_EQ(refusals_of(loaded), "");
  const auto rendered = ask(loaded);
  ASSERT_TRUE(rendered.ok()) << rendered.failure().code << ": " << rendered.failure().message;
  EXPECT_EQ(rendered->bytes, kEverything);
}

TEST(GrowthOfAPlugin, ThatAsksForALaterMinorIsRefusedByAnOlderHostBeforeItsCodeRuns) {
  const Loaded loaded = load("newer");
#ifdef BOURSE_TEST_GROWN
  EXPECT_EQ(refusals_of(loaded), "");
  EXPECT_STREQ(std::getenv("BOURSE_TEST_TRACE"), "was here")
      << "else the other half proves nothing";
#else
  EXPECT_TRUE(loaded.catalog->plugins().empty());
  EXPECT_NE(refusals_of(loaded).find("needs ABI 1.1, this host has 1.0"), std::string::npos)
      << refusals_of(loaded);
  EXPECT_EQ(std::getenv("BOURSE_TEST_TRACE"), nullptr) << "its constructors ran";
#endif
}

}  // namespace
}  // namespace bourse::host::test
