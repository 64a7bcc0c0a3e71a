// SPDX-License-Identifier: MIT
//
// The expected documents are written by hand from RFC 9457.
#include "host/http/problem.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/http/status.hpp"

namespace bourse::host {
namespace {

using namespace std::chrono_literals;

std::string header_of(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(Problem, SaysAllThatAFailureKnows) {
  const Failure failure{.status = BOURSE_NOT_FOUND,
                        .code = "unknown_symbol",
                        .message = "no symbol \"X\"",
                        .parameter = "symbol",
                        .retry_after = 1500ms,
                        .offer = {"A", "B"}};
  const Response response =
      problem_response(failure, {.request_id = "id", .instance = "/a?symbol=X"});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(header_of(response, "Content-Type"), "application/problem+json");
  const std::string wait = header_of(response, "Retry-After");
  EXPECT_TRUE(wait == "2" || wait == "3") << "whole seconds, rounded up, and spread: " << wait;
  EXPECT_EQ(*response.body,
            R"({"type":"urn:bourse:problem:unknown_symbol","title":"Not Found","status":404,)"
            R"("detail":"no symbol \"X\"","code":"unknown_symbol","instance":"/a?symbol=X",)"
            R"("request_id":"id","parameter":"symbol","offer":["A","B"],"retry_after":)" +
                wait + "}\n");
}

// 8.4 and 14.2 of the facts: who was refused together must not come back together.
TEST(Problem, WaitsAreSpreadWithinABoundAndNeverShorter) {
  struct Case {
    std::int64_t seconds, most;
  };
  for (const auto& [seconds, most] : {Case{1, 2}, {4, 5}, {40, 50}, {3600, 3630}}) {
    std::map<std::int64_t, int> told;
    for (int i = 0; i < 1000; ++i) ++told[spread_seconds(seconds, "id-" + std::to_string(i))];
    EXPECT_EQ(told.begin()->first, seconds);
    EXPECT_EQ(told.rbegin()->first, most);
    EXPECT_EQ(static_cast<std::int64_t>(told.size()), most - seconds + 1) << "each of them";
    // Of 1000 that are spread evenly over n, each has 1000/n; half as many again is 10 sigma for 2,
    // and 3 for 31.
    const auto fair = 1000 / (most - seconds + 1);
    for (const auto& [after, times] : told) EXPECT_LT(times, fair + fair / 2 + 10) << after;
    EXPECT_EQ(spread_seconds(seconds, "id-7"), spread_seconds(seconds, "id-7"));
    EXPECT_EQ(spread_seconds(seconds, ""), seconds) << "without an id there is nothing to tell by";
  }
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(spread_seconds(kMost, "id-1"), kMost);
}

TEST(Problem, LeavesOutWhatIsNotKnown) {
  const Response response =
      problem_response({.status = BOURSE_UNAVAILABLE, .code = "", .message = ""}, {});
  EXPECT_EQ(*response.body, R"({"type":"about:blank","title":"Service Unavailable","status":503})"
                            "\n");
  EXPECT_EQ(header_of(response, "Retry-After"), "");
}

TEST(Problem, RoundsAnyWaitUpToASecond) {
  for (const auto& [wait, seconds] : {std::pair{1ns, "1"}, {1000ms, "1"}, {1001ms, "2"}}) {
    const Failure failure{
        .status = BOURSE_TOO_MANY, .code = "", .message = "", .retry_after = wait};
    EXPECT_EQ(header_of(problem_response(failure, {}), "Retry-After"), seconds);
  }
}

// RFC 3629, section 4; the malformed sequences are those of section 10 and of Unicode's table 3-8.
TEST(Problem, ReplacesBytesThatAreNotUtf8) {
  const std::string bad = "\xEF\xBF\xBD";
  const auto detail = [](const std::string& text) {
    const Response response = problem_response({.status = 400, .code = "", .message = text}, {});
    const std::size_t begin = response.body->find("\"detail\":\"") + 10;
    return response.body->substr(begin, response.body->size() - begin - 3);
  };
  EXPECT_EQ(detail("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80");
  EXPECT_EQ(detail("a\xFF"), "a" + bad);
  EXPECT_EQ(detail("\x80"), bad);
  EXPECT_EQ(detail("\xC0\x80"), bad + bad) << "overlong";
  EXPECT_EQ(detail("\xE0\x80\x80"), bad + bad + bad) << "overlong";
  EXPECT_EQ(detail("\xED\xA0\x80"), bad + bad + bad) << "surrogate";
  EXPECT_EQ(detail("\xF4\x90\x80\x80"), bad + bad + bad + bad) << "past U+10FFFF";
  EXPECT_EQ(detail("\xE2\x82"), bad + bad) << "cut off";
  EXPECT_EQ(detail(std::string("\0\n", 2)), "\\u0000\\n");
}

TEST(Status, IsTheNumberOfTheFailureWhereThatIsAnErrorOfHttp) {
  for (const bourse_status status :
       {BOURSE_BAD_PARAM, BOURSE_FORBIDDEN, BOURSE_NOT_FOUND, BOURSE_UNPROCESSABLE, BOURSE_TOO_MANY,
        BOURSE_INTERNAL, BOURSE_UPSTREAM, BOURSE_UNAVAILABLE, BOURSE_DEADLINE}) {
    EXPECT_EQ(http_status(status), status);
  }
  EXPECT_EQ(http_status(BOURSE_CANCELLED), 503) << "499 is no status of HTTP";
  for (const bourse_status status : {0, 200, 399, 600, -1}) {
    EXPECT_EQ(http_status(status), 500) << status;
  }
}

TEST(Status, HasAPhraseForEveryNumber) {
  for (int status = 100; status < 600; ++status) EXPECT_FALSE(reason_phrase(status).empty());
}

// The registry of HTTP statuses at IANA.
TEST(Status, OfAPluginHasItsOwnName) {
  const std::vector<std::pair<int, std::string_view>> kRegistry = {
      {400, "Bad Request"},
      {402, "Payment Required"},
      {407, "Proxy Authentication Required"},
      {409, "Conflict"},
      {413, "Content Too Large"},
      {423, "Locked"},
      {425, "Too Early"},
      {429, "Too Many Requests"},
      {451, "Unavailable For Legal Reasons"},
      {507, "Insufficient Storage"},
      {511, "Network Authentication Required"}};
  for (const auto& [status, name] : kRegistry) EXPECT_EQ(reason_phrase(status), name) << status;
}

TEST(Status, WithoutANameHasThatOfItsClass) {
  for (const int status : {418, 430, 452, 498}) EXPECT_EQ(reason_phrase(status), "Client Error");
  for (const int status : {509, 520, 599}) EXPECT_EQ(reason_phrase(status), "Server Error");
}

TEST(Status, NamesTheProblemToo) {
  const auto title = [](bourse_status status) {
    const Response response = problem_response({.status = status, .code = "x", .message = "y"}, {});
    const std::string body = *response.body;
    const std::size_t at = body.find("\"title\":\"") + 9;
    return std::to_string(response.status) + " " + body.substr(at, body.find('"', at) - at);
  };
  EXPECT_EQ(title(451), "451 Unavailable For Legal Reasons");
  EXPECT_EQ(title(418), "418 Client Error");
  EXPECT_EQ(title(599), "599 Server Error");
  EXPECT_EQ(title(BOURSE_CANCELLED), "503 Service Unavailable");
}

}  // namespace
}  // namespace bourse::host
