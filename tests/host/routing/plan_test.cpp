// SPDX-License-Identifier: MIT
//
// From a target and an Accept header to what is run: what matches, and what must not.
#include "host/routing/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

class Plan : public testing::Test {
 protected:
  static const std::shared_ptr<const Generation>& generation() {
    static const auto kGeneration = good_generation(R"(
routes:
  - {path: /, run: echo, format: plain}
  - {path: "/echo/{symbol}", run: echo, formats: [data, plain]}
  - {path: "/echo/{symbol}/as-text", run: echo, format: plain}
  - {path: /echo, run: echo, formats: [data, plain]}
  - {path: /echo/report.json, run: echo, format: plain}
  - {path: /echo/literal, run: echo, formats: [plain, data]}
  - {path: /fixed, run: echo, formats: [plain, data], params: {limit: 7, side: {choices: [buy]}}}
  - {path: "/pick/{which}", run: {from: which, allow: [echo, fails], alias: {say: echo}}, formats: [plain, data]}
)");
    return kGeneration;
  }

  static Result<Planned> plan_of(const std::string& target, const std::string& accept = "") {
    return plan(generation(), {.target = target, .accept = accept});
  }

  /// "template analysis format arguments / serializer's arguments", or "status code parameter".
  static std::string summary(const std::string& target, const std::string& accept = "") {
    const auto planned = plan_of(target, accept);
    if (!planned) {
      const Failure& why = planned.failure();
      std::string out = std::to_string(why.status) + " " + why.code;
      return why.parameter.empty() ? out : out + " " + why.parameter;
    }
    const std::string shown = planned->job.serializer_arguments.canonical();
    return planned->route->path + " " + planned->job.analysis->component().id + " " +
           planned->route->offers[planned->format].id + " " +
           planned->job.analysis_arguments.canonical() + (shown.empty() ? "" : " / " + shown);
  }
};

TEST_F(Plan, FindsRouteAnalysisFormatAndArguments) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"/", "/ echo plain limit=100&names=a%2Cb&symbol=none / style=short"},
      {"/echo", "/echo echo data limit=100&names=a%2Cb&symbol=none"},
      {"/echo?limit=5&symbol=X", "/echo echo data limit=5&names=a%2Cb&symbol=X"},
      {"/echo?limit=007", "/echo echo data limit=7&names=a%2Cb&symbol=none"},
      {"/echo/BTC", "/echo/{symbol} echo data limit=100&names=a%2Cb&symbol=BTC"},
      {"/echo/BTC/as-text",
       "/echo/{symbol}/as-text echo plain limit=100&names=a%2Cb&symbol=BTC / style=short"},
      {"/echo?names=x&names=y", "/echo echo data limit=100&names=x%2Cy&symbol=none"},
      {"/echo?names=x,y", "/echo echo data limit=100&names=x%2Cy&symbol=none"},
      {"/echo?names=x,+y", "/echo echo data limit=100&names=x%2Cy&symbol=none"},
      {"/echo?names=x,%20y%20,z", "/echo echo data limit=100&names=x%2Cy%2Cz&symbol=none"},
      {"/echo?names=x,+,y", "400 bad_parameter names"},
      {"/echo?names=x,", "400 bad_parameter names"},
      {"/echo?symbol=a+b", "/echo echo data limit=100&names=a%2Cb&symbol=a%20b"},
      {"/echo?symbol=a%2Bb", "/echo echo data limit=100&names=a%2Cb&symbol=a%2Bb"},
      {"/echo/a+b", "/echo/{symbol} echo data limit=100&names=a%2Cb&symbol=a%2Bb"},
      {"/echo/a%2Fb", "/echo/{symbol} echo data limit=100&names=a%2Cb&symbol=a%2Fb"},
      {"/fixed", "/fixed echo plain limit=7&names=a%2Cb&symbol=none / style=short"},
      {"/pick/echo", "/pick/{which} echo plain limit=100&names=a%2Cb&symbol=none / style=short"},
      {"/pick/say", "/pick/{which} echo plain limit=100&names=a%2Cb&symbol=none / style=short"},
      {"/pick/fails", "/pick/{which} fails plain blame=&retry=0&status=404 / style=short"},
  };
  for (const auto& [target, expected] : cases) EXPECT_EQ(summary(target), expected) << target;
}

TEST_F(Plan, ALiteralSegmentBeatsAParameter) {
  EXPECT_EQ(plan_of("/echo/literal")->route->path, "/echo/literal");
  EXPECT_EQ(plan_of("/echo/literals")->route->path, "/echo/{symbol}");
}

TEST_F(Plan, ASuffixIsOneOnlyWhereThatFormatIsOffered) {
  const auto symbol_and_format = [](const std::string& target) {
    const auto planned = plan_of(target);
    if (!planned) return std::to_string(planned.failure().status) + " " + planned.failure().code;
    return planned->job.analysis_arguments[0].canonical() + " " +
           planned->route->offers[planned->format].id;
  };
  EXPECT_EQ(symbol_and_format("/echo/BTC.json"), "BTC data");
  EXPECT_EQ(symbol_and_format("/echo/BTC.txt"), "BTC plain");
  EXPECT_EQ(symbol_and_format("/echo.txt"), "none plain");
  EXPECT_EQ(symbol_and_format("/echo/BTC.pic"), "BTC.pic data") << "not offered: part of the name";
  EXPECT_EQ(symbol_and_format("/echo/BRK.B"), "BRK.B data") << "a name with a dot";
  EXPECT_EQ(symbol_and_format("/echo/BRK.B.txt"), "BRK.B plain");
  EXPECT_EQ(symbol_and_format("/echo/a.json.json"), "a.json data");
  EXPECT_EQ(symbol_and_format("/echo/BTC.JSON"), "BTC.JSON data") << "suffixes know their case";
  EXPECT_EQ(symbol_and_format("/echo/BTC."), "BTC. data");
  EXPECT_EQ(symbol_and_format("/echo/.json"), ".json data") << "nothing would be left";
  EXPECT_EQ(symbol_and_format("/echo/a.json/as-text"), "a.json plain") << "not the last segment";
  EXPECT_EQ(symbol_and_format("/fixed.txt"), "none plain");
  EXPECT_EQ(symbol_and_format("/fixed.pic"), "404 no_route");
  EXPECT_EQ(symbol_and_format("/echo/BTC/as-text.txt"), "404 no_route")
      << "a route of one `format` has no suffixes";
}

TEST_F(Plan, ATemplateThatSaysTheDotBeatsTheSuffix) {
  const auto planned = plan_of("/echo/report.json");
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->route->path, "/echo/report.json");
}

TEST_F(Plan, FormatIsSuffixThenQueryThenAcceptThenTheFirst) {
  const auto format_of = [](const std::string& target, const std::string& accept) {
    const auto planned = plan_of(target, accept);
    return planned.ok() ? planned->route->offers[planned->format].id : planned.failure().code;
  };
  EXPECT_EQ(format_of("/echo", ""), "data");
  EXPECT_EQ(format_of("/echo", "text/plain"), "plain");
  EXPECT_EQ(format_of("/echo", "text/plain;q=0.1, application/json;q=0.2"), "data");
  EXPECT_EQ(format_of("/echo?format=data", "text/plain"), "data");
  EXPECT_EQ(format_of("/echo.txt", "application/json"), "plain");
  EXPECT_EQ(format_of("/echo.txt?format=plain", ""), "plain");
  EXPECT_EQ(format_of("/echo.txt?format=data", ""), "format_conflict");
  EXPECT_EQ(format_of("/echo?format=pdf", ""), "not_acceptable");
  EXPECT_EQ(format_of("/echo", "image/png"), "not_acceptable");
  EXPECT_EQ(format_of("/", "image/png"), "plain") << "the only one, whatever Accept says";
  EXPECT_EQ(format_of("/?format=data", ""), "not_acceptable");
}

TEST_F(Plan, RefusesWhatDoesNotFit) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/none", "404 no_route"},
      {"/echo/a/b", "404 no_route"},
      {"/Echo", "404 no_route"},
      {"/echo/", "404 no_route"},
      {"//echo", "400 bad_target"},
      {"/echo/..", "400 bad_target"},
      {"/echo/%2e%2e", "400 bad_target"},
      {"/echo/%00", "400 bad_target"},
      {"/echo/%ff", "400 bad_target"},
      {"/echo?symbol=%zz", "400 bad_target"},
      {"/echo?limit=0", "400 parameter_out_of_range limit"},
      {"/echo?limit=1001", "400 parameter_out_of_range limit"},
      {"/echo?limit=ten", "400 bad_parameter limit"},
      {"/echo?limit=", "400 bad_parameter limit"},
      {"/echo?limit=1&limit=1", "400 repeated_parameter limit"},
      {"/echo?format=data&format=data", "400 repeated_parameter format"},
      {"/echo?side=hold", "400 bad_parameter side"},
      {"/echo?lmit=5", "400 unknown_parameter lmit"},
      {"/echo?Limit=5", "400 unknown_parameter Limit"},
      {"/echo?=5", "400 unknown_parameter"},
      {"/echo?style=long", "400 unknown_parameter style"},  // of the format that was not chosen
      {"/echo/BTC?symbol=BTC", "400 repeated_parameter symbol"},
      {"/fixed?limit=7", "400 fixed_parameter limit"},
      {"/fixed?side=sell", "400 bad_parameter side"},
      {"/pick/none", "404 unknown_analysis which"},
      {"/pick/ECHO", "404 unknown_analysis which"},
      {"/pick/echo?which=echo", "400 unknown_parameter which"},
      {"/echo?symbol=" + std::string(41, 'x'), "400 parameter_out_of_range symbol"},
  };
  for (const auto& [target, expected] : cases) EXPECT_EQ(summary(target), expected) << target;
  EXPECT_EQ(summary("/echo?style=long", "text/plain"),
            "/echo echo plain limit=100&names=a%2Cb&symbol=none / style=long");
}

TEST_F(Plan, OfThreeHundredParametersIsRefusedAtOnce) {
  std::string target = "/echo?names=a";
  for (int i = 0; i < 300; ++i) target += "&names=a";
  EXPECT_EQ(summary(target), "400 bad_target");
}

TEST_F(Plan, AnUnknownParameterIsToldWhatWasMeant) {
  const auto planned = plan_of("/echo?lmit=5");
  ASSERT_FALSE(planned.ok());
  EXPECT_EQ(planned.failure().message, "There is no parameter \"lmit\" here. Did you mean limit?");
  EXPECT_EQ(planned.failure().offer,
            (std::vector<std::string>{"format", "symbol", "limit", "names", "side", "key"}));
  const auto fixed = plan_of("/fixed?x=1");
  ASSERT_FALSE(fixed.ok());
  const auto& offer = fixed.failure().offer;
  EXPECT_EQ(std::count(offer.begin(), offer.end(), "limit"), 0) << "fixed: not for the client";
}

TEST_F(Plan, AnUnknownAnalysisIsToldTheKnownNames) {
  const auto planned = plan_of("/pick/ehco");
  ASSERT_FALSE(planned.ok());
  EXPECT_EQ(planned.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(planned.failure().message, "There is no analysis \"ehco\" here. Did you mean echo?");
  EXPECT_EQ(planned.failure().offer, (std::vector<std::string>{"echo", "fails", "say"}));
}

TEST_F(Plan, APathThatIsNotServedIsToldTheNearest) {
  const auto planned = plan_of("/ecco?symbol=hunter2");
  ASSERT_FALSE(planned.ok());
  EXPECT_EQ(planned.failure().message, "Nothing is served at \"/ecco\". Did you mean /echo?");
  EXPECT_FALSE(planned.failure().offer.empty());
}

TEST_F(Plan, LinksToTheSameReportInTheOtherFormats) {
  const auto links = [](const std::string& target) { return plan_of(target)->alternates; };
  EXPECT_EQ(links("/echo/BTC.json"), R"(<BTC?format=plain>; rel="alternate"; type="text/plain")");
  EXPECT_EQ(links("/echo/BTC?limit=5&format=plain"),
            R"(<?format=data&limit=5>; rel="alternate"; type="application/json")");
  EXPECT_EQ(links("/echo?symbol=a%20%22b%22%3E&names=x&names=y"),
            R"(<?format=plain&symbol=a%20%22b%22%3E&names=x&names=y>; rel="alternate"; )"
            R"(type="text/plain")");
  EXPECT_EQ(links("/"), "") << "there is one format";
}

TEST_F(Plan, LinksLeaveOutWhatOnlyThisFormatKnowsAndSecrets) {
  const auto planned = plan_of("/echo?format=plain&style=long&key=hunter2&limit=5");
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->alternates,
            R"(<?format=data&limit=5>; rel="alternate"; type="application/json")");
}

/// What a link of the serializer needs to lead to the same answer but for one thing.
TEST_F(Plan, KnowsTheQueryThatLeadsToTheSameAnswer) {
  const auto query = [](const std::string& target, const char* accept = "") {
    return plan_of(target, accept)->query;
  };
  EXPECT_EQ(query("/echo/BTC.txt?limit=5&style=long"), "limit=5&style=long") << "the path says it";
  EXPECT_EQ(query("/echo/BTC?limit=5&format=plain"), "format=plain&limit=5");
  EXPECT_EQ(query("/echo/BTC?limit=5", "text/plain"), "format=plain&limit=5");
  EXPECT_EQ(query("/echo?symbol=a%20%22b%22&key=hunter2"), "format=data&symbol=a%20%22b%22");
  EXPECT_EQ(query("/"), "") << "there is one format";
}

TEST_F(Plan, ShowsNoSecretInTheTarget) {
  const auto planned = plan_of("/echo?key=hunter2&symbol=a%20b");
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->shown_target, "/echo?key=***&symbol=a%20b");
  const auto key = planned->job.analysis_arguments;
  EXPECT_EQ(key[4].canonical(), "hunter2") << "the plugin gets it";
}

TEST_F(Plan, ShowsTheTargetInOneSpelling) {
  EXPECT_EQ(plan_of("/%65cho/%42TC.txt?limit=5&style=long")->shown_target,
            "/echo/BTC?limit=5&style=long");
  EXPECT_EQ(plan_of("/")->shown_target, "/");
}

TEST_F(Plan, AFailureShowsNoSecret) {
  const auto planned = plan_of("/echo?key=" + std::string(300, 'h'));
  ASSERT_FALSE(planned.ok());
  EXPECT_EQ(planned.failure().parameter, "key");
  EXPECT_EQ(planned.failure().message.find("hhh"), std::string::npos) << planned.failure().message;
}

}  // namespace
}  // namespace bourse::host::test
