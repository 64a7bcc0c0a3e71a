// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/retry.hpp"

#include <gtest/gtest.h>

#include "plugins/sources/binance/client/classify.hpp"
#include "tests/plugins/sources/binance/client/fakes.hpp"

namespace bourse::binance {
namespace {

const RetryOptions kOptions;

Error network(Reach reach) { return {.kind = ErrorKind::kNetwork, .reach = reach}; }
Error answered(int status, std::int64_t code = 0) {
  const std::string body = code == 0 ? "" : R"({"code":)" + std::to_string(code) + R"(,"msg":"x"})";
  return classify(answer(status, body), from_ms(kStartMs));
}

struct Row {
  const char* what;
  Error error;
  Next safe, unsafe;
};

// The table of retry.hpp, row by row.
TEST(Decide, FollowsTheTable) {
  const Row rows[] = {
      {"not sent", network(Reach::kNotSent), Next::kAfterPause, Next::kAfterPause},
      {"sent, no answer", network(Reach::kMaybe), Next::kAfterPause, Next::kReturnUnknown},
      {"500", answered(500), Next::kAfterPause, Next::kReturnUnknown},
      {"502", answered(502), Next::kAfterPause, Next::kReturnUnknown},
      {"504", answered(504), Next::kAfterPause, Next::kReturnUnknown},
      {"408", answered(408), Next::kAfterPause, Next::kReturnUnknown},
      {"-1000", answered(400, -1000), Next::kAfterPause, Next::kReturnUnknown},
      {"-1001", answered(500, -1001), Next::kAfterPause, Next::kReturnUnknown},
      {"-1006", answered(500, -1006), Next::kAfterPause, Next::kReturnUnknown},
      {"-1007", answered(408, -1007), Next::kAfterPause, Next::kReturnUnknown},
      {"-1016", answered(500, -1016), Next::kAfterPause, Next::kReturnUnknown},
      {"-1008", answered(500, -1008), Next::kAfterLongPause, Next::kReturnUnknown},
      {"503", answered(503), Next::kAfterLongPause, Next::kReturnUnknown},
      {"429", answered(429, -1003), Next::kAfterLimit, Next::kAfterLimit},
      {"-1015", answered(429, -1015), Next::kAfterLimit, Next::kAfterLimit},
      {"418", answered(418, -1003), Next::kReturn, Next::kReturn},
      {"403", answered(403), Next::kReturn, Next::kReturn},
      {"451", answered(451), Next::kReturn, Next::kReturn},
      {"-1021", answered(400, -1021), Next::kAfterClock, Next::kAfterClock},
      {"-1022", answered(400, -1022), Next::kReturn, Next::kReturn},
      {"-1121", answered(400, -1121), Next::kReturn, Next::kReturn},
      {"-2015", answered(401, -2015), Next::kReturn, Next::kReturn},
      {"404", answered(404), Next::kReturn, Next::kReturn},
      {"409", answered(409, -2021), Next::kReturn, Next::kReturn},
      {"redirection", answered(302), Next::kReturn, Next::kReturnUnknown},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(decide(row.error, {}, false, kOptions), row.safe) << row.what;
    EXPECT_EQ(decide(row.error, {}, true, kOptions), row.unsafe) << row.what;
  }
}

TEST(Decide, RepeatsAtOnceOnlyOnAStaleConnectionAndOnlyOnce) {
  Error stale = network(Reach::kMaybe);
  stale.stale_connection = true;
  EXPECT_EQ(decide(stale, {}, false, kOptions), Next::kAtOnce);
  EXPECT_EQ(decide(stale, {.attempts = 2, .at_once = true}, false, kOptions), Next::kAfterPause);
  EXPECT_EQ(decide(stale, {}, true, kOptions), Next::kReturnUnknown);
}

TEST(Decide, NeverRepeatsAnUntrustedCertificate) {
  Error certificate = network(Reach::kNotSent);
  certificate.permanent = true;
  EXPECT_EQ(decide(certificate, {}, false, kOptions), Next::kReturn);
}

TEST(Decide, RepeatsASenselessAnswerOnce) {
  const Error senseless = {.kind = ErrorKind::kProtocol, .http_status = 200};
  EXPECT_EQ(decide(senseless, {}, false, kOptions), Next::kAfterPause);
  EXPECT_EQ(decide(senseless, {.attempts = 2, .parsed = true}, false, kOptions), Next::kReturn);
  EXPECT_EQ(decide(senseless, {}, true, kOptions), Next::kReturnUnknown);
}

TEST(Decide, SetsTheClockOnce) {
  EXPECT_EQ(decide(answered(400, -1021), {.attempts = 2, .clock_set = true}, false, kOptions),
            Next::kReturn);
}

TEST(Decide, EndsWithTheAttemptsTheDeadlineAndTheCaller) {
  const Error server = answered(500);
  EXPECT_EQ(decide(server, {.attempts = 3}, false, kOptions), Next::kAfterPause);
  EXPECT_EQ(decide(server, {.attempts = 4}, false, kOptions), Next::kReturn);
  Error late = server;
  late.deadline = true;
  EXPECT_EQ(decide(late, {}, false, kOptions), Next::kReturn);
  Error stopped = server;
  stopped.stopped = true;
  EXPECT_EQ(decide(stopped, {}, false, kOptions), Next::kReturn);
  // That nobody knows is worth saying however it ended.
  EXPECT_EQ(decide(late, {.attempts = 4}, true, kOptions), Next::kReturnUnknown);
}

TEST(PauseBefore, GrowsByHalvesOfChanceUpToTheCap) {
  const auto at = [](int attempt, double unit) {
    return pause_before(attempt, false, unit, kOptions).count();
  };
  EXPECT_EQ(at(1, 0.0), 0);
  EXPECT_EQ(at(1, 0.999), 249);
  EXPECT_EQ(at(2, 0.5), 250);
  EXPECT_EQ(at(3, 0.5), 500);
  EXPECT_EQ(at(7, 0.5), 5000);
  EXPECT_EQ(at(1000, 0.5), 5000);
  EXPECT_EQ(pause_before(1, true, 0.5, kOptions).count(), 2000);
  EXPECT_EQ(pause_before(5, true, 0.5, kOptions).count(), 5000);
}

}  // namespace
}  // namespace bourse::binance
