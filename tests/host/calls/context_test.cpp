// SPDX-License-Identifier: MIT
#include "host/calls/context.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "host/base/failures.hpp"

namespace bourse::host {
namespace {

class Waiting final : public Responder::Sink {
 public:
  explicit Waiting(bool gone) : gone_(gone) {}
  void send(Response) override {}
  [[nodiscard]] bool gone() const noexcept override { return gone_; }
  void abandon() override {}

 private:
  const bool gone_;
};

Context of_client(bool gone, std::chrono::seconds left = std::chrono::hours(1)) {
  Context context;
  context.client = std::make_shared<const Waiting>(gone);
  context.deadline = std::chrono::steady_clock::now() + left;
  return context;
}

Failure of(bourse_status status, Origin origin) {
  return {.status = status, .code = "plugin_failed", .message = "It failed.", .origin = origin};
}

// A plugin that is told to stop returns 499 and says nothing: it did as it was asked.
TEST(Explained, ACallWhoseClientLeftIsNotThePluginsFault) {
  for (const Origin origin : {Origin::kSilent, Origin::kCutOff}) {
    const Failure why = explained(of(BOURSE_CANCELLED, origin), of_client(true), "\"acme\"");
    EXPECT_EQ(why.status, BOURSE_CANCELLED);
    EXPECT_EQ(why.code, "cancelled");
    EXPECT_EQ(why.message, "The client went away.");
  }
}

TEST(Explained, APluginThatSaysCancelledToAClientWhoWaitsIsToBlame) {
  const Failure why = explained(of(BOURSE_CANCELLED, Origin::kSilent), of_client(false), "\"a\"");
  EXPECT_EQ(why.code, "plugin_failed");
}

TEST(Explained, WhatAPluginSaysOfItselfStandsThoughTheClientLeft) {
  for (const Origin origin : {Origin::kPlugin, Origin::kThrew, Origin::kMisuse}) {
    EXPECT_EQ(explained(of(BOURSE_CANCELLED, origin), of_client(true), "\"a\"").code,
              "plugin_failed");
    EXPECT_EQ(explained(of(BOURSE_UPSTREAM, origin), of_client(true), "\"a\"").code,
              "plugin_failed");
  }
}

TEST(Explained, AnOverrunSaysWhoWasAtWork) {
  const Context over = of_client(false, std::chrono::seconds(-1));
  const std::string expected = deadline_failure().message + " The analysis \"slow\" was at work.";
  for (const bourse_status status : {BOURSE_UPSTREAM, BOURSE_DEADLINE}) {
    const Failure why = explained(of(status, Origin::kSilent), over, "The analysis \"slow\"");
    EXPECT_EQ(why.status, BOURSE_DEADLINE);
    EXPECT_EQ(why.message, expected);
  }
  // A deadline of its own, met elsewhere while ours was not over, it tells of itself.
  EXPECT_EQ(explained(of(BOURSE_DEADLINE, Origin::kPlugin), of_client(false), "").message,
            "It failed.");
}

TEST(Explained, OtherFailuresAreGivenBackAsTheyAre) {
  EXPECT_EQ(explained(of(BOURSE_UPSTREAM, Origin::kSilent), of_client(false), "").message,
            "It failed.");
}

}  // namespace
}  // namespace bourse::host
