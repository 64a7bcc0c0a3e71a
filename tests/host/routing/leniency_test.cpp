// SPDX-License-Identifier: MIT
//
// What clients write otherwise than the configuration: parameters that mean nothing, a slash too
// many, letters of the other case.
#include "host/routing/leniency.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/calls/job.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

constexpr const char* kLenientRoutes = R"(
  - {path: "/echo/{names}", run: echo, formats: [plain, data], ignore: [_, "utm_*"], case: {names: upper}}
  - {path: /strict, run: echo, format: plain}
  - {path: /moved, run: echo, formats: [plain, data], trailing-slash: redirect}
  - {path: /same, run: echo, formats: [plain, data], trailing-slash: same, case: {names: lower}}
  - {path: "/any/{names}", run: echo, formats: [plain, data], trailing-slash: redirect}
)";

std::shared_ptr<const Generation> lenient() {
  static const auto kGeneration = good_generation(with_feed("steady", "", kLenientRoutes));
  return kGeneration;
}

/// What the analysis is asked, spelt as a key of kept answers is made of it; or a failure's code.
std::string asked_of(const std::string& target) {
  const auto planned = plan(lenient(), {.target = target});
  if (!planned) return planned.failure().code;
  return planned->job.analysis_arguments.asked();
}

TEST(InCase, ChangesTheLettersOfAsciiAndNothingElse) {
  EXPECT_EQ(in_case("btcUsdt,1d-_", LetterCase::kUpper), "BTCUSDT,1D-_");
  EXPECT_EQ(in_case("BTC@[`{z", LetterCase::kLower), "btc@[`{z");
  EXPECT_EQ(in_case("\u5e01\u5b89usdt\u00e4", LetterCase::kUpper), "\u5e01\u5b89USDT\u00e4");
  EXPECT_EQ(in_case("", LetterCase::kUpper), "");
}

TEST(Ignore, LeavesOutWhatIsNamedAndWhatBeginsSo) {
  const std::string plain = asked_of("/echo/A");
  for (const char* more : {"_=17", "_=1&_=2", "utm_source=x&utm_=", "utm_medium=%3Cb%3E", "_"}) {
    EXPECT_EQ(asked_of("/echo/A?" + std::string(more)), plain) << more;
  }
  for (const char* more : {"utm=1", "__=1", "Utm_x=1", "fbclid=1", "_x=1"}) {
    EXPECT_EQ(asked_of("/echo/A?" + std::string(more)), "unknown_parameter") << more;
  }
  EXPECT_EQ(asked_of("/strict?_=1"), "unknown_parameter") << "another route";
}

TEST(Ignore, IsToldSoThatNoPlanIsRememberedForEach) {
  EXPECT_TRUE(plan(lenient(), {.target = "/echo/A?_=1"})->has_ignored);
  EXPECT_FALSE(plan(lenient(), {.target = "/echo/A"})->has_ignored);
  EXPECT_EQ(plan(lenient(), {.target = "/echo/A?_=1"})->shown_target, "/echo/A?_=1")
      << "the log says what was asked";
  EXPECT_EQ(plan(lenient(), {.target = "/echo/A?_=1"})->alternates.find("_=1"), std::string::npos);
}

TEST(Ignore, MayNotNameWhatTheRouteTakes) {
  for (const char* ignored : {"names", "\"na*\"", "format", "\"f*\""}) {
    const Built built = build(with_feed(
        "steady", "",
        "  - {path: /e, run: echo, format: plain, ignore: [" + std::string(ignored) + "]}\n"));
    EXPECT_EQ(built.generation, nullptr) << ignored;
    EXPECT_EQ(built.codes, std::vector<std::string>{"parameter_clash"}) << built.diagnostics;
  }
  const Built built = build(
      "sources: {feed: {use: steady}}\ndefaults: {source: feed, ignore: [names]}\nroutes:\n"
      "  - {path: /a, run: pure, format: plain, ignore: [_]}\n"
      "  - {path: /e, run: echo, format: plain}\n");
  EXPECT_NE(built.diagnostics.find("on the route \"/e\""), std::string::npos) << built.diagnostics;
}

TEST(LetterCase, IsReadBeforeItIsAskedSoThatAnswersAreShared) {
  EXPECT_EQ(asked_of("/echo/abc"), asked_of("/echo/ABC"));
  EXPECT_EQ(asked_of("/echo/aBc,d"), asked_of("/echo/ABC,D"));
  EXPECT_NE(asked_of("/echo/ABC"), asked_of("/echo/ABD"));
  EXPECT_EQ(asked_of("/same?names=ABC"), asked_of("/same?names=abc"));
  EXPECT_NE(asked_of("/strict?names=ABC"), asked_of("/strict?names=abc"));
}

TEST(LetterCase, IsOfTextsOfTheRouteOnly) {
  const auto codes = [](const std::string& rule) {
    return build(with_feed("steady", "",
                           "  - {path: /e, run: echo, format: plain, case: {" + rule + "}}\n"))
        .codes;
  };
  EXPECT_EQ(codes("nmes: upper"), std::vector<std::string>{"unknown_parameter"});
  EXPECT_EQ(codes("names: upper"), std::vector<std::string>());
  // The defaults are for all routes, and count where there is such a parameter.
  EXPECT_NE(build("sources: {feed: {use: steady}}\n"
                  "defaults: {source: feed, case: {names: upper, symbols: upper}}\n"
                  "routes:\n  - {path: /e, run: echo, format: plain}\n")
                .generation,
            nullptr);
}

TEST(TrailingSlash, IsAnotherPathWhereNothingElseIsSaid) {
  const auto planned = plan(lenient(), {.target = "/strict/?names=a"});
  ASSERT_FALSE(planned.ok());
  EXPECT_EQ(planned.failure().status, 404);
  EXPECT_EQ(planned.failure().message, "Nothing is served at \"/strict/\". Did you mean /strict?");
  EXPECT_EQ(asked_of("/nothing/"), "no_route");
  EXPECT_EQ(asked_of("/strict//"), "bad_target");
  EXPECT_EQ(asked_of("//"), "bad_target");
}

TEST(TrailingSlash, IsTheSameWhereTheRouteSaysSo) {
  EXPECT_EQ(asked_of("/same/?names=a"), asked_of("/same?names=a"));
  EXPECT_EQ(asked_of("/same.json/?names=a"), asked_of("/same?names=a"));
}

TEST(TrailingSlash, LeadsToThePathWithoutItAndNeverElsewhere) {
  const auto leads_to = [](const std::string& target) {
    const auto reached = reach(*lenient(), target);
    return without_slash_behind(*reached, target);
  };
  EXPECT_EQ(leads_to("/moved/"), "../moved");
  EXPECT_EQ(leads_to("/moved.json/?names=a%20b&x=%22"), "../moved.json?names=a%20b&x=%22");
  EXPECT_EQ(leads_to("/moved/?a=\xC3\xA4"), "../moved?a=%C3%A4");
  // A browser takes "/\" for "//", and then another host.
  EXPECT_EQ(leads_to("/any/%5Cevil.example/"), "../%5Cevil.example");
  EXPECT_EQ(leads_to("/any/\\evil.example/"), "../%5Cevil.example");
  EXPECT_EQ(leads_to("/any/%2F%2Fevil.example/"), "../%2F%2Fevil.example");
}

}  // namespace
}  // namespace bourse::host::test
