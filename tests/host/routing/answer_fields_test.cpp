// SPDX-License-Identifier: MIT
//
// What is expected is from the CORS protocol of the Fetch standard, and 16.2 to 16.5 of what was
// gathered of it.
#include "host/routing/answer_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace bourse::host {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

std::string lines(const AnswerFields& fields, std::string_view origin) {
  const Attached attached = fields.of(origin);
  return attached.lines ? *attached.lines : std::string();
}

std::string preflight(const AnswerFields& fields, std::string_view origin) {
  std::string all;
  for (const auto& [name, value] : fields.preflight(origin)) all += name + ": " + value + "\n";
  return all;
}

ClientsConfig for_one() {
  return {.cors = CorsConfig{.origins = {"https://one.example", "null"}, .max_age = 10min}};
}

TEST(AnswerFields, AreNoneWhereNothingIsSaid) {
  EXPECT_EQ(AnswerFields::make({}), nullptr);
  EXPECT_EQ(AnswerFields::make({.cors = CorsConfig{.off = true}}), nullptr);
  EXPECT_EQ(AnswerFields::make({.headers = std::vector<HeaderConfig>()}), nullptr);
}

TEST(AnswerFields, OfAListAreForTheOriginsInItAndSoIsVary) {
  const auto fields = AnswerFields::make(for_one());
  EXPECT_TRUE(fields->is_by_origin());
  for (const char* origin : {"https://one.example", "null"}) {
    EXPECT_THAT(lines(*fields, origin),
                HasSubstr("Access-Control-Allow-Origin: " + std::string(origin) + "\r\n"));
    EXPECT_TRUE(fields->of(origin).by_origin);
  }
  for (const char* origin :
       {"", "https://two.example", "http://one.example", "https://one.example:8443",
        "https://one.example.evil", "https://ONE.example", "https://one.example,null"}) {
    EXPECT_EQ(lines(*fields, origin), "") << origin;
    EXPECT_TRUE(fields->of(origin).by_origin) << "or a cache gives one to the other: " << origin;
  }
  EXPECT_THAT(lines(*fields, "null"), Not(HasSubstr("Credentials")));
}

TEST(AnswerFields, OfEveryOriginAreForAllAndVaryByNone) {
  const auto fields = AnswerFields::make({.cors = CorsConfig{.any = true}});
  for (const char* origin : {"", "https://one.example", "null"}) {
    EXPECT_THAT(lines(*fields, origin), HasSubstr("Access-Control-Allow-Origin: *\r\n"));
    EXPECT_FALSE(fields->of(origin).by_origin);
  }
}

TEST(AnswerFields, ExposeWhatScriptsWouldNotBeTold) {
  auto clients = for_one();
  clients.headers = std::vector<HeaderConfig>{{.name = "X-Own", .value = "v"}};
  const std::string plain = lines(*AnswerFields::make(clients), "null");
  for (const char* name :
       {"ETag", "Age", "Cache-Status", "Retry-After", "RateLimit", "RateLimit-Policy",
        "X-Request-Id", "Link", "Content-Disposition", "X-Own"}) {
    EXPECT_THAT(plain, testing::ContainsRegex("Expose-Headers: .*" + std::string(name)));
  }
  EXPECT_THAT(plain, testing::ContainsRegex("Expose-Headers: .*, \\*\r"));
  clients.cors->credentials = true;
  const std::string with = lines(*AnswerFields::make(clients), "null");
  EXPECT_THAT(with, HasSubstr("Access-Control-Allow-Credentials: true\r\n"));
  EXPECT_THAT(with, Not(HasSubstr("*"))) << "where there are credentials it is a name";
}

TEST(AnswerFields, HoldTheOperatorsHeadersForWhoever) {
  auto clients = for_one();
  clients.headers = std::vector<HeaderConfig>{{.name = "X-Frame-Options", .value = "DENY"},
                                              {.name = "X-B", .value = "c"}};
  const auto fields = AnswerFields::make(clients);
  for (const char* origin : {"", "null", "https://two.example"}) {
    EXPECT_THAT(lines(*fields, origin), testing::StartsWith("X-Frame-Options: DENY\r\nX-B: c\r\n"));
  }
  clients.cors.reset();
  const auto alone = AnswerFields::make(clients);
  EXPECT_EQ(lines(*alone, "null"), "X-Frame-Options: DENY\r\nX-B: c\r\n");
  EXPECT_FALSE(alone->is_by_origin());
  EXPECT_FALSE(alone->is_for_origins());
}

TEST(AnswerFields, AnswerABrowserThatAsksFirst) {
  auto clients = for_one();
  const auto fields = AnswerFields::make(clients);
  const std::string allowed = preflight(*fields, "https://one.example");
  EXPECT_THAT(allowed, HasSubstr("Access-Control-Allow-Methods: GET, HEAD\n"));
  EXPECT_THAT(allowed, HasSubstr("Access-Control-Max-Age: 600\n"));
  EXPECT_THAT(allowed, testing::ContainsRegex("Allow-Headers: .*Authorization"))
      << "a star would not be it";
  EXPECT_THAT(allowed, Not(HasSubstr("*")));
  EXPECT_THAT(allowed, HasSubstr("Vary: Origin, Access-Control-Request-Method, "
                                 "Access-Control-Request-Headers\n"));
  EXPECT_EQ(preflight(*fields, "https://two.example"),
            "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\n");
  clients.cors->headers = {"X-One", "X-Two"};
  EXPECT_THAT(preflight(*AnswerFields::make(clients), "null"),
              HasSubstr("Access-Control-Allow-Headers: X-One, X-Two\n"));
}

TEST(ClientsConfig, OfARouteGoesBeforeTheDefaultsAsAWhole) {
  ClientsConfig route;
  const ClientsConfig defaults{.cors = CorsConfig{.any = true},
                               .headers = std::vector<HeaderConfig>{{.name = "X-A", .value = "a"}}};
  EXPECT_TRUE(route.over(defaults).cors->any);
  EXPECT_EQ(route.over(defaults).headers->size(), 1U);
  route.cors = CorsConfig{.off = true};
  route.headers = std::vector<HeaderConfig>();
  EXPECT_TRUE(route.over(defaults).cors->off);
  EXPECT_TRUE(route.over(defaults).headers->empty());
}

}  // namespace
}  // namespace bourse::host
