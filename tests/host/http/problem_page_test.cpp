// SPDX-License-Identifier: MIT
#include "host/http/problem_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "host/http/problem.hpp"
#include "host/http/response_writer.hpp"

namespace bourse::host {
namespace {

using testing::HasSubstr;
using testing::Not;

const Failure kMissing{.status = BOURSE_NOT_FOUND,
                       .code = "no_route",
                       .message = "Nothing is served at \"/x\".",
                       .offer = {"/v1/prices", "/v1/{symbol}/book", "//evil.example", "csv"}};

TEST(ProblemPage, SaysWhatTheDocumentSays) {
  const std::string page = problem_page(
      kMissing, {.status = 404, .title = "Not Found", .instance = "/x?y=1", .request_id = "id-1"});
  EXPECT_THAT(page, HasSubstr("<title>404 Not Found</title>"));
  EXPECT_THAT(page, HasSubstr("Nothing is served at &quot;/x&quot;."));
  EXPECT_THAT(page, HasSubstr("no_route"));
  EXPECT_THAT(page, HasSubstr("/x?y=1"));
  EXPECT_THAT(page, HasSubstr("id-1"));
  EXPECT_THAT(page, HasSubstr("<a href=\"/v1/prices\">"));
  EXPECT_THAT(page, HasSubstr("<code>/v1/{symbol}/book</code>"));
  EXPECT_THAT(page, Not(HasSubstr("Try again")));
}

TEST(ProblemPage, LinksOnlyToPathsOfThisServer) {
  const std::string page = problem_page(kMissing, {.status = 404, .title = "Not Found"});
  std::size_t links = 0;
  for (std::size_t at = page.find("href="); at != std::string::npos;
       at = page.find("href=", at + 1)) {
    ++links;
  }
  EXPECT_EQ(links, 1u);
}

TEST(ProblemPage, SaysWhenToTryAgain) {
  const auto page = [](std::int64_t seconds) {
    return problem_page({.status = 503, .code = "", .message = "busy"},
                        {.status = 503, .title = "Service Unavailable", .retry_after = seconds});
  };
  EXPECT_THAT(page(1), HasSubstr("<p>Try again in 1 second.</p>"));
  EXPECT_THAT(page(7), HasSubstr("<p>Try again in 7 seconds.</p>"));
}

// Whatever a client or a plugin says is text and nothing else.
TEST(ProblemPage, EscapesAllThatComesFromOutside) {
  const std::string hostile = "<script>alert(1)</script>'\"&\x1b[2J\n\xff\xe2\x80\xae";
  const std::string page = problem_page(
      {.status = 400,
       .code = hostile,
       .message = hostile,
       .parameter = hostile,
       .offer = {hostile, "/\"onclick=x " + hostile}},
      {.status = 400, .title = "Bad Request", .instance = hostile, .request_id = hostile});
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("\"onclick")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&#39;&quot;&amp;"));
  EXPECT_THAT(page, HasSubstr("\\u{202e}"));
  EXPECT_TRUE(std::all_of(page.begin(), page.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\n' || (byte >= 0x20 && byte != 0x7f);
  }));
}

TEST(ProblemPage, IsGivenToWhoPrefersItAndDependsOnAccept) {
  const auto header_of = [](const Response& response, std::string_view name) -> std::string {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  };
  const Response page = problem_response(kMissing, {.as_page = true});
  EXPECT_EQ(header_of(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(header_of(page, "Vary"), "Accept");
  EXPECT_EQ(header_of(page, "Cache-Control"), "no-store");
  EXPECT_EQ(header_of(page, "Content-Security-Policy"), problem_page_policy());
  EXPECT_EQ(page.body->back(), '\n');
  EXPECT_THAT(header_lines(page.headers), HasSubstr("Content-Security-Policy: "));
  const Response document = problem_response(kMissing, {.as_page = false});
  EXPECT_EQ(header_of(document, "Content-Type"), "application/problem+json");
  EXPECT_EQ(header_of(document, "Vary"), "Accept");
  EXPECT_EQ(header_of(document, "Content-Security-Policy"), "");
  EXPECT_EQ(document.body->back(), '\n');
  const Response always = problem_response(kMissing, {});
  EXPECT_EQ(header_of(always, "Content-Type"), "application/problem+json");
  EXPECT_EQ(header_of(always, "Vary"), "");
}

}  // namespace
}  // namespace bourse::host
