// SPDX-License-Identifier: MIT
//
// The small host does what the real one does, or tests with it would prove nothing: who is below,
// what the time is, what was said, and what was given back.
#include "tests/support/test_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bourse/market.h"

namespace bourse::test {
namespace {

using testing::ElementsAre;

host::Result<ReportPtr> exchange(std::string_view dataset,
                                 const std::map<std::string, host::Value>& args) {
  if (dataset == "symbols") return make_report([](const Call& call) { call.title("rules"); });
  if (args.at("symbols").canonical() == "NOSUCH") {
    return host::Failure{.status = BOURSE_NOT_FOUND,
                         .code = "symbol_not_found",
                         .message = "There is no NOSUCH.",
                         .parameter = "symbols",
                         .retry_after = std::chrono::seconds(3)};
  }
  return make_report([](const Call& call) {
    call.add(TableBuilder("prices", "Prices")
                 .column(Field(bourse_prices_symbol), std::vector<std::string>{"A", "B"})
                 .column(Field(bourse_prices_price),
                         std::vector{Decimal::from("10"), Decimal::from("0.5")}));
  });
}

class TestHost : public testing::Test {
 protected:
  Component layer_{BOURSE_HALF_PRICE, "half-price"};
};

TEST_F(TestHost, ALayerAsksTheSourceBelowAndGivesItsAnswerBack) {
  Said said;
  const auto report = layer_.fetch("prices", Texts{{"symbols", "A,B"}}, exchange, &said);
  ASSERT_TRUE(report.ok()) << report.failure().message;
  EXPECT_THAT(column_texts((*report)->wire(), "prices", "price"),
              ElementsAre("5.00000000", "0.25000000"));
  EXPECT_EQ(said.queries, 1u);
  EXPECT_EQ(said.released, 1u);
  EXPECT_EQ(said.fresh_until, kNow + std::chrono::seconds(7));
}

TEST_F(TestHost, TheTimeOfACallIsTheOneThatWasSet) {
  const Texts asked{{"symbols", "A"}};
  EXPECT_EQ((*layer_.fetch("prices", asked, exchange))->wire().as_of, kNow.ns);
  layer_.set_now(Time{1'000'000'000});
  EXPECT_EQ((*layer_.fetch("prices", asked, exchange))->wire().as_of, 1'000'000'000);
}

TEST_F(TestHost, WhatALayerDoesNotDeclareIsAnsweredBelowAndLayersLieOnEachOther) {
  const auto rules = layer_.fetch("symbols", Texts{}, exchange);
  ASSERT_TRUE(rules.ok());
  EXPECT_EQ(ReportView((*rules)->wire()).title(), "rules");
  const auto quarter =
      layer_.fetch("prices", Texts{{"symbols", "A,B"}}, Component::from(layer_, exchange));
  EXPECT_THAT(column_texts((*quarter)->wire(), "prices", "price"),
              ElementsAre("2.50000000", "0.12500000"));
}

TEST_F(TestHost, AFailureBelowComesThroughWithAllOfIt) {
  const auto failure = layer_.fetch("prices", Texts{{"symbols", "NOSUCH"}}, exchange).failure();
  EXPECT_EQ(failure.status, BOURSE_NOT_FOUND);
  EXPECT_EQ(failure.code, "symbol_not_found");
  EXPECT_EQ(failure.message, "There is no NOSUCH.");
  EXPECT_EQ(failure.parameter, "symbols");
  EXPECT_EQ(failure.retry_after, std::chrono::seconds(3));
}

TEST_F(TestHost, ASourceMayNotNameAnotherNorAskWhereNothingIsBelow) {
  const Component bold(BOURSE_HALF_PRICE, "half-price", {{"names_a_source", "true"}});
  const Texts asked{{"symbols", "A"}};
  EXPECT_EQ(bold.fetch("prices", asked, exchange).failure().code, "plugin_misuse");
  EXPECT_EQ(layer_.fetch("prices", asked).failure().code, "plugin_misuse");
}

TEST_F(TestHost, WhatIsLoggedTellsAboutWhichCallAndWhat) {
  ASSERT_TRUE(layer_.fetch("prices", Texts{{"symbols", "A"}}, exchange).ok());
  const auto lines = layer_.log();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].message, "made");
  EXPECT_FALSE(lines[0].in_call);
  EXPECT_EQ(lines[0].fields.at("names_a_source"), "false");
  EXPECT_EQ(lines[1].level, BOURSE_LEVEL_WARN);
  EXPECT_TRUE(lines[1].in_call);
  EXPECT_EQ(lines[1].fields.at("rows"), "2");
}

TEST_F(TestHost, WhatWasNoAnswerCannotBeGivenBack) {
  const ReportPtr other = make_report([](const Call&) {});
  static_cast<void>(make_report([&](const Call& call) {
    EXPECT_EQ(call.host()->release(call.wire(), &other->wire()), BOURSE_INTERNAL);
  }));
}

TEST(TestHostReports, CanLackColumnsAndDatasets) {
  const auto fewer = without_columns(exchange, {"price"});
  const std::map<std::string, host::Value> asked = {{"symbols", host::Value::text("A")}};
  const auto report = fewer("prices", asked);
  ASSERT_TRUE(report.ok());
  const TableView table = ReportView((*report)->wire()).table(0);
  EXPECT_EQ(table.columns(), 1u);
  EXPECT_FALSE(table.find("price"));
  EXPECT_THAT(column_texts((*report)->wire(), "prices", "symbol"), ElementsAre("A", "B"));
  EXPECT_EQ(without_dataset(exchange, "prices")("prices", asked).failure().code,
            "dataset_not_offered");
  EXPECT_TRUE(without_dataset(exchange, "trades")("prices", asked).ok());
}

}  // namespace
}  // namespace bourse::test
