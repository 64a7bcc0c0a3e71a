// SPDX-License-Identifier: MIT
//
// What browsers are told beside the answer, by all that answers: T30 and T31 of the facts on HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/service/service.hpp"
#include "tests/host/support/fixture.hpp"
#include "tests/host/support/temp_folder.hpp"

namespace bourse::host::test {
namespace {

using testing::AnyOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kOne = "https://one.example";
constexpr const char* kTwo = "https://two.example";
const Headers kBrowser = {{"Accept", "text/html,application/xml;q=0.9,*/*;q=0.8"}};

class Clients : public testing::Test {
 protected:
  struct Told {
    Response response;
    std::string attached;
    [[nodiscard]] std::string allowed() const {
      const std::string name = "Access-Control-Allow-Origin: ";
      const std::size_t at = attached.find(name);
      return at == attached.npos
                 ? ""
                 : attached.substr(at + name.size(), attached.find('\r', at) - at - name.size());
    }
    [[nodiscard]] std::string vary() const { return header_of(response, "Vary"); }
  };

  static std::string yaml() {
    return R"(sources: {feed: {use: steady}}
defaults:
  source: feed
  cors: {origins: ["https://one.example", "https://two.example"]}
routes:
  - {path: /kept, run: pure, formats: [pure-plain, plain], cache: {fresh: 1h}}
  - {path: /mine, run: pure, format: pure-plain, access: {tokens: ["${TOKEN}"]}}
  - {path: /fails, run: fails, format: plain}
  - {path: /all, run: pure, format: pure-plain, cors: {origins: "*"}, headers: {X-Own: "1"}}
  - {path: /none, run: pure, format: pure-plain, cors: off}
  - {path: "/old/{names}", redirect: {to: "/echo/{names}", status: 308, max-age: 10m}}
  - {path: /robots.txt, text: "User-agent: *\nDisallow: /\n"}
  - {path: /inside.txt, text: {body: secret, max-age: 1h}, access: {tokens: ["${TOKEN}"]}}
  - {path: /few.txt, text: few, limits: {client: 2/1h}}
  - {path: /moved, run: pure, formats: [pure-plain, plain], trailing-slash: redirect, ignore: [_]}
)";
  }

  Told ask(const std::string& target, Headers headers = {}, const std::string& method = "GET") {
    auto sink = std::make_shared<TestSink>();
    service.handle(Request{.method = method,
                           .target = target,
                           .headers = std::move(headers),
                           .body = "",
                           .id = "id",
                           .peer = *Address::parse("127.0.0.1"),
                           .received = std::chrono::steady_clock::now()},
                   Responder(sink));
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr) << target;
    return {response == nullptr ? Response{} : *response, sink->attached_lines()};
  }
  Told from(const std::string& origin, const std::string& target, Headers headers = {},
            const std::string& method = "GET") {
    headers.emplace_back("Origin", origin);
    return ask(target, std::move(headers), method);
  }
  Told preflight(const std::string& origin, const std::string& target) {
    return from(origin, target,
                {{"Access-Control-Request-Method", "GET"},
                 {"Access-Control-Request-Headers", "authorization"}},
                "OPTIONS");
  }

  Service service{good_generation(yaml()),
                  Workers::Options{.computing = 1, .threads = 2, .queue = 10}};
};

TEST_F(Clients, EveryAnswerOfAnAllowListSaysSoWhateverItIs) {
  const std::string etag = header_of(ask("/kept").response, "ETag");
  struct Case {
    const char* target;
    int status;
    Headers headers = {};
    const char* method = "GET";
  };
  for (const auto& [target, status, headers, method] :
       {Case{"/kept", 200},
        {"/kept", 200},
        {"/kept", 304, {{"If-None-Match", etag}}},
        {"/kept", 412, {{"If-Match", "\"other\""}}},
        {"/kept", 406, {{"Accept", "application/pdf"}}},
        {"/kept?no=1", 400},
        {"/mine", 401},
        {"/mine", 401, {{"Authorization", "Bearer wrong-token-of-the-tests"}}},
        {"/fails?status=503", 503},
        {"/health", 200},
        // Made before any route was found: the policy of the defaults.
        {"/nothing", 404},
        {"/%zz", 400},
        {"/kept", 405, {}, "POST"},
        {"/nothing", 405, {}, "POST"}}) {
    const Told nobody = ask(target, headers, method);
    EXPECT_EQ(nobody.response.status, status) << target << body_of(nobody.response);
    EXPECT_EQ(nobody.allowed(), "") << target;
    EXPECT_THAT(nobody.vary(), AnyOf("Origin", EndsWith(", Origin"))) << target;
    const Told foreign = from("https://evil.example", target, headers, method);
    EXPECT_EQ(foreign.allowed(), "") << target;
    EXPECT_EQ(foreign.vary(), nobody.vary()) << target;
    for (const char* origin : {kOne, kTwo}) {
      const Told one = from(origin, target, headers, method);
      EXPECT_EQ(one.response.status, status) << target;
      EXPECT_EQ(one.allowed(), origin) << target;
      EXPECT_EQ(one.vary(), nobody.vary()) << target << ": and it is one line";
    }
  }
}

// What is kept ready to be sent again holds nothing of who asked.
TEST_F(Clients, AKeptAnswerGivesNobodysOriginToAnother) {
  for (int i = 0; i < 50; ++i) {
    for (const char* origin : {kOne, "", kTwo, "https://evil.example", kTwo, kOne}) {
      const Told told = *origin == '\0' ? ask("/kept") : from(origin, "/kept");
      const bool may = origin == std::string(kOne) || origin == std::string(kTwo);
      EXPECT_EQ(told.allowed(), may ? origin : "");
      EXPECT_EQ(header_of(told.response, "Access-Control-Allow-Origin"), "");
      EXPECT_EQ(told.vary(), "Accept, Accept-Encoding, Origin");
    }
  }
  EXPECT_THAT(header_of(ask("/kept").response, "Cache-Status"), HasSubstr("hit"));
}

TEST_F(Clients, APreflightNeedsNoToken) {
  for (const char* target : {"/mine", "/kept?no=1", "/nothing", "/kept"}) {
    const Told told = preflight(kOne, target);
    EXPECT_EQ(told.response.status, 204) << target;
    EXPECT_EQ(told.allowed(), kOne) << target;
    EXPECT_EQ(header_of(told.response, "Access-Control-Allow-Methods"), "GET, HEAD");
    EXPECT_THAT(header_of(told.response, "Access-Control-Allow-Headers"),
                HasSubstr("Authorization"));
    EXPECT_EQ(header_of(told.response, "Access-Control-Max-Age"), "7200");
    EXPECT_THAT(told.vary(), HasSubstr("Access-Control-Request-Headers"));
    EXPECT_EQ(header_of(told.response, "Location"), "");
  }
  const Told foreign = preflight("https://evil.example", "/mine");
  EXPECT_EQ(foreign.response.status, 204);
  EXPECT_EQ(foreign.allowed(), "");
  EXPECT_EQ(header_of(foreign.response, "Access-Control-Allow-Methods"), "");
  EXPECT_THAT(foreign.vary(), HasSubstr("Origin, Access-Control-Request-Method"));
}

TEST_F(Clients, OtherOptionsAreToldTheMethods) {
  const Told told = ask("/kept", {}, "OPTIONS");
  EXPECT_EQ(told.response.status, 204);
  EXPECT_EQ(header_of(told.response, "Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(header_of(told.response, "Access-Control-Allow-Methods"), "");
  EXPECT_EQ(told.vary(), "Origin");
}

TEST_F(Clients, ARoutesOwnPolicyTakesThePlaceOfTheDefaults) {
  for (const char* target : {"/all", "/all?no=1"}) {
    const Told all = ask(target);
    EXPECT_EQ(all.allowed(), "*") << target;
    EXPECT_THAT(all.vary(), Not(HasSubstr("Origin"))) << target;
    EXPECT_THAT(all.attached, HasSubstr("X-Own: 1\r\n")) << target;
  }
  EXPECT_EQ(preflight("https://evil.example", "/all").allowed(), "*");
  for (const char* target : {"/none", "/none?no=1"}) {
    const Told none = from(kOne, target);
    EXPECT_EQ(none.attached, "") << target;
    EXPECT_THAT(none.vary(), Not(HasSubstr("Origin"))) << target;
  }
  EXPECT_EQ(header_of(preflight(kOne, "/none").response, "Access-Control-Allow-Methods"), "");
}

TEST_F(Clients, OneOriginThatIsSentTwiceIsNone) {
  EXPECT_EQ(ask("/kept", {{"Origin", kOne}, {"Origin", kTwo}}).allowed(), "");
}

TEST_F(Clients, RefusalsOfTheFrontHaveThePolicyOfTheDefaults) {
  Request read;
  EXPECT_TRUE(service.attached_to_refusal(read).by_origin);
  EXPECT_EQ(service.attached_to_refusal(read).lines, nullptr);
  read.headers = {{"origin", kOne}};
  ASSERT_NE(service.attached_to_refusal(read).lines, nullptr);
  EXPECT_THAT(*service.attached_to_refusal(read).lines, HasSubstr(kOne));
}

TEST_F(Clients, ASlashBehindThePathLeadsToThePathForAWhileOnly) {
  for (const char* method : {"GET", "HEAD"}) {
    const Told told = from(kOne, "/moved/?names=a", {}, method);
    EXPECT_EQ(told.response.status, 301);
    EXPECT_EQ(header_of(told.response, "Location"), "../moved?names=a");
    EXPECT_EQ(header_of(told.response, "Cache-Control"), "max-age=3600");
    EXPECT_EQ(told.allowed(), kOne);
    EXPECT_EQ(told.vary(), "Origin");
  }
  EXPECT_EQ(ask("/kept/").response.status, 404);
  EXPECT_EQ(ask("/moved/", {}, "POST").response.status, 405);
}

// 6.7 of the facts: what means nothing does not split the shelf's keys.
TEST_F(Clients, WhatIsIgnoredIsAnsweredByTheSameKeptAnswer) {
  const std::string etag = header_of(ask("/moved").response, "ETag");
  for (int i = 0; i < 1000; ++i) {
    const Response again = ask("/moved?_=" + std::to_string(i)).response;
    EXPECT_EQ(header_of(again, "ETag"), etag);
    ASSERT_THAT(header_of(again, "Cache-Status"), HasSubstr("hit"));
  }
}

TEST_F(Clients, ARedirectTakesTheQueryAlong) {
  const Told told = from(kOne, "/old/a%2Fb?x=1&y=%20");
  EXPECT_EQ(told.response.status, 308);
  EXPECT_EQ(header_of(told.response, "Location"), "/echo/a%2Fb?x=1&y=%20");
  EXPECT_EQ(header_of(told.response, "Cache-Control"), "max-age=600");
  EXPECT_EQ(told.allowed(), kOne);
  EXPECT_EQ(ask("/old/a/").response.status, 404) << "trailing-slash: refuse";
}

TEST_F(Clients, ATextIsSentOnceAndThenOnlyItsTag) {
  const Response robots = ask("/robots.txt?v=1").response;
  EXPECT_EQ(robots.status, 200);
  EXPECT_EQ(body_of(robots), "User-agent: *\nDisallow: /\n");
  EXPECT_EQ(header_of(robots, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(header_of(robots, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header_of(robots, "Cache-Control"), "no-cache");
  const std::string etag = header_of(robots, "ETag");
  const Response same = ask("/robots.txt", {{"If-None-Match", etag}}).response;
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, nullptr);
  EXPECT_EQ(header_of(same, "ETag"), etag);
  EXPECT_EQ(ask("/robots.txt", {{"If-Match", "\"x\""}}).response.status, 412);
  EXPECT_EQ(ask("/robots.txt", {}, "POST").response.status, 405);
}

TEST_F(Clients, AFixedAnswerIsForThoseWithATokenWhereItSaysSo) {
  EXPECT_EQ(ask("/inside.txt").response.status, 401);
  EXPECT_NE(header_of(ask("/inside.txt").response, "WWW-Authenticate"), "");
  const Response inside =
      ask("/inside.txt", {{"Authorization", "Bearer a-token-of-the-tests"}}).response;
  EXPECT_EQ(body_of(inside), "secret");
  EXPECT_EQ(header_of(inside, "Cache-Control"), "private, no-store");
}

TEST_F(Clients, AFixedAnswerKeepsToTheLimitsOfItsRoute) {
  EXPECT_EQ(ask("/few.txt").response.status, 200);
  EXPECT_EQ(ask("/few.txt").response.status, 200);
  const Response third = ask("/few.txt").response;
  EXPECT_EQ(third.status, 429);
  EXPECT_NE(header_of(third, "Retry-After"), "");
  EXPECT_EQ(ask("/robots.txt").response.status, 200);
}

TEST_F(Clients, AFolderHidesItsNamesFromWhoHasNoToken) {
  const TempFolder folder;
  std::filesystem::create_directories(folder.path() / "site/doc");
  std::ofstream(folder.path() / "site/page.css") << "css";
  std::ofstream(folder.path() / "site/doc/index.html") << "<h1>";
  const std::string named = "folder: \"" + (folder.path() / "site").string() + "\"";
  service.serve(good_generation("routes:\n  - {path: /open, folder: {path: \"" +
                                (folder.path() / "site").string() +
                                "\", max-age: 10m}}\n  - {path: /inside, " + named +
                                ", access: {tokens: [\"${TOKEN}\"]}}\n"));
  const Response css = ask("/open/page.css").response;
  EXPECT_EQ(css.status, 200);
  EXPECT_EQ(body_of(css), "css");
  EXPECT_EQ(header_of(css, "Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(header_of(css, "Cache-Control"), "public, max-age=600");
  EXPECT_EQ(ask("/open/page.css", {{"If-None-Match", header_of(css, "ETag")}}).response.status,
            304);
  EXPECT_EQ(ask("/open/none.css").response.status, 404);
  const Response page = ask("/open/doc?x=1").response;
  EXPECT_EQ(page.status, 301);
  EXPECT_EQ(header_of(page, "Location"), "doc/?x=1");
  EXPECT_EQ(body_of(ask("/open/doc/").response), "<h1>");
  const Headers token = {{"Authorization", "Bearer a-token-of-the-tests"}};
  EXPECT_EQ(ask("/inside/page.css").response.status, 401);
  EXPECT_EQ(ask("/inside/none.css").response.status, 401)
      << "what is there, strangers do not learn";
  EXPECT_EQ(ask("/inside/doc").response.status, 401);
  EXPECT_EQ(ask("/inside/page.css", token).response.status, 200);
  EXPECT_EQ(ask("/inside/none.css", token).response.status, 404);
}

TEST_F(Clients, ABrowserIsShownAPageOfEveryProblem) {
  for (const auto& [target, status] : std::vector<std::pair<std::string, int>>{
           {"/nothing", 404}, {"/kept?no=1", 400}, {"/mine", 401}, {"/fails?status=503", 503}}) {
    const Response page = ask(target, kBrowser).response;
    EXPECT_EQ(page.status, status);
    EXPECT_EQ(header_of(page, "Content-Type"), "text/html; charset=utf-8") << target;
    EXPECT_EQ(header_of(page, "X-Content-Type-Options"), "nosniff");
    EXPECT_THAT(header_of(page, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(header_of(page, "Vary"), "Accept, Origin");
    const Response document = ask(target).response;
    EXPECT_EQ(header_of(document, "Content-Type"), "application/problem+json") << target;
    EXPECT_EQ(header_of(document, "Vary"), "Accept, Origin");
    EXPECT_EQ(body_of(document).back(), '\n');
  }
  EXPECT_NE(header_of(ask("/kept", kBrowser).response, "Content-Type"), "text/html; charset=utf-8");
}

}  // namespace
}  // namespace bourse::host::test
