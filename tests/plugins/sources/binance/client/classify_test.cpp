// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/classify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugins/sources/binance/client/error_table.hpp"
#include "tests/plugins/sources/binance/client/fakes.hpp"

namespace bourse::binance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

const Time kNow = from_ms(kStartMs);

Error classified(int status, std::string body,
                 std::vector<std::pair<std::string, std::string>> headers = {}) {
  return classify(answer(status, std::move(body), std::move(headers)), kNow);
}
std::string error_body(std::int64_t code, const std::string& message = "x") {
  return R"({"code":)" + std::to_string(code) + R"(,"msg":")" + message + R"("})";
}

const std::string kFirewallPage =
    "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">\n<HTML><HEAD>"
    "<TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY><H1>403 ERROR</H1>"
    "</BODY></HTML>";

TEST(Classify, GivesEveryKnownCodeItsKind) {
  for (const DocumentedCode& code : documented_codes()) {
    const Error error = classified(400, error_body(code.code, "Some text."));
    EXPECT_EQ(group_of(error.kind), code.group) << code.code;
    EXPECT_EQ(error.code, code.code);
    EXPECT_EQ(error.code_name, code.name);
    EXPECT_THAT(error.message, HasSubstr("Some text."));
    EXPECT_EQ(error.reach, Reach::kAnswered);
  }
}

TEST(Classify, JudgesUnknownCodesByTheStatus) {
  const std::pair<int, ErrorKind> expected[] = {
      {400, ErrorKind::kValidation}, {401, ErrorKind::kAuthentication},
      {403, ErrorKind::kFirewall},   {404, ErrorKind::kValidation},
      {408, ErrorKind::kServer},     {409, ErrorKind::kValidation},
      {418, ErrorKind::kBanned},     {429, ErrorKind::kRateLimit},
      {451, ErrorKind::kGeoBlock},   {500, ErrorKind::kServer},
      {502, ErrorKind::kServer},     {503, ErrorKind::kServer},
      {301, ErrorKind::kProtocol},   {204, ErrorKind::kProtocol}};
  for (const auto& [status, kind] : expected) {
    EXPECT_EQ(classified(status, error_body(-9999)).kind, kind) << status;
    EXPECT_EQ(classified(status, "").kind, kind) << status;
    EXPECT_EQ(classified(status, "<html>").kind, kind) << status;
  }
}

TEST(Classify, KeepsTheStartOfAnOddBody) {
  const Error firewall = classified(403, kFirewallPage);
  EXPECT_THAT(firewall.body_start, HasSubstr("The request could not be satisfied"));
  EXPECT_EQ(classified(502, std::string(5000, 'x')).body_start, std::string(512, 'x'));
  EXPECT_THAT(classified(502, std::string("\x1f\x8b\0\xff", 4)).body_start, " ? ?");
  EXPECT_THAT(classified(400, error_body(-1121)).body_start, IsEmpty());
}

TEST(Classify, TakesTheLaterEndOfABan) {
  const std::string body =
      error_body(-1003,
                 "Way too much request weight used; IP banned until 1753000120000. Please use "
                 "WebSocket Streams for live updates to avoid bans.");
  EXPECT_EQ(to_ms(*classified(418, body, {{"retry-after", "60"}}).until), 1753000120000);
  EXPECT_EQ(to_ms(*classified(418, body, {{"retry-after", "180"}}).until), kStartMs + 180'000);
  EXPECT_EQ(to_ms(*classified(418, body).until), 1753000120000);
  EXPECT_EQ(*classified(418, body).retry_after, seconds(120));
}

TEST(Classify, AssumesAnEndWhereNoneIsStated) {
  EXPECT_EQ(*classified(418, "").retry_after, kBanPause);
  EXPECT_EQ(*classified(403, kFirewallPage).retry_after, kFirewallPause);
  EXPECT_EQ(*classified(403, "", {{"retry-after", "1"}}).retry_after, kFirewallPause);
  EXPECT_EQ(*classified(403, "", {{"retry-after", "900"}}).retry_after, seconds(900));
  EXPECT_EQ(*classified(451, "").retry_after, kGeoBlockPause);
  EXPECT_EQ(classified(429, "").retry_after, std::nullopt);
  EXPECT_EQ(classified(400, "").retry_after, std::nullopt);
}

TEST(Classify, DoesNotBelieveAbsurdEnds) {
  for (const char* text : {"99999999999", "9223372036854775807"}) {
    EXPECT_EQ(*classified(418, "", {{"retry-after", text}}).retry_after, kPauseMax) << text;
  }
  for (const char* text : {"99999999999999", "9223372036854775807"}) {
    EXPECT_EQ(*classified(418, error_body(-1003, std::string("banned until ") + text)).retry_after,
              kPauseMax)
        << text;
  }
  for (const char* text : {"", "-5", "soon", "99999999999999999999", "0"}) {
    EXPECT_EQ(*classified(418, "", {{"retry-after", text}}).retry_after, kBanPause) << text;
  }
  EXPECT_EQ(*classified(418, error_body(-1003, "banned until 1")).retry_after, kBanPause);
}

TEST(Classify, ReadsTheAnswerOfABlockedCountry) {
  const Error error = classified(
      451, "{\n  \"code\": 0,\n  \"msg\": \"Service unavailable from a restricted location\"\n}");
  EXPECT_EQ(error.kind, ErrorKind::kGeoBlock);
  EXPECT_EQ(error.code, 0);
  EXPECT_THAT(error.advice, HasSubstr("data-api.binance.vision"));
}

TEST(Classify, ListsTheFourCausesOfARejectedKey) {
  const Error error =
      classified(401, error_body(-2015, "Invalid API-key, IP, or permissions for action."));
  EXPECT_EQ(error.kind, ErrorKind::kAuthentication);
  EXPECT_THAT(error.advice, AllOf(HasSubstr("testnet"), HasSubstr("IP address"),
                                  HasSubstr("permission"), HasSubstr("deleted")));
}

TEST(Classify, KeepsTheRequestsName) {
  EXPECT_EQ(classified(500, "", {{"x-mbx-uuid", "8e3b8515-81f0"}}).request_id, "8e3b8515-81f0");
  EXPECT_EQ(classified(500, "", {{"x-mbx-uuid", std::string(500, 'a')}}).request_id.size(), 64u);
}

TEST(UsedWeights, AreReadFromAllTheirHeaders) {
  const auto used = used_weights(answer(200, "",
                                        {{"x-mbx-used-weight", "41"},
                                         {"x-mbx-used-weight-1m", "42"},
                                         {"x-mbx-used-weight-10s", "7"},
                                         {"x-mbx-used-weight-1d", "900"},
                                         {"x-mbx-order-count-10s", "3"}}));
  ASSERT_EQ(used.size(), 3u);
  EXPECT_EQ(used[0].window_ms, 60'000);
  EXPECT_EQ(used[0].used, 42);
  EXPECT_EQ(used[1].window_ms, 10'000);
  EXPECT_EQ(used[2].window_ms, 86'400'000);
}

TEST(UsedWeights, LeaveOutWhatMakesNoSense) {
  EXPECT_THAT(used_weights(answer(200, "",
                                  {{"x-mbx-used-weight-", "1"},
                                   {"x-mbx-used-weight-m", "1"},
                                   {"x-mbx-used-weight-1x", "1"},
                                   {"x-mbx-used-weight-0m", "1"},
                                   {"x-mbx-used-weight-99999999999999999999m", "1"},
                                   {"x-mbx-used-weight-1m", "many"},
                                   {"x-mbx-used-weight-1m", "-4"}})),
              IsEmpty());
}

}  // namespace
}  // namespace bourse::binance
