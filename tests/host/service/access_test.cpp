// SPDX-License-Identifier: MIT
//
// Routes that need a token, and data that only they may show.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "host/service/service.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

constexpr const char* kFeed = "sources: {feed: {use: watched-feed}}\ndefaults: {source: feed}\n";
constexpr const char* kAccess = "access: {tokens: [\"${TOKEN}\"]}";

class PrivateRoute : public testing::Test {
 protected:
  Service service{good_generation(std::string(kFeed) +
                                  "routes:\n"
                                  "  - {path: /diary, run: diary, formats: [plain, data], " +
                                  kAccess +
                                  "}\n"
                                  "  - {path: /echo, run: echo, format: plain, " +
                                  kAccess +
                                  "}\n"
                                  "  - {path: /sneak, run: sneak, format: plain}\n"),
                  Workers::Options{.computing = 1, .threads = 2, .queue = 10}};

  Response answer(const std::string& target, const std::string& authorization = {},
                  const std::string& method = "GET") {
    auto sink = std::make_shared<TestSink>();
    Request request;
    request.method = method;
    request.target = target;
    if (!authorization.empty()) request.headers = {{"authorization", authorization}};
    request.id = "id";
    request.received = std::chrono::steady_clock::now();
    service.handle(std::move(request), Responder(sink));
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr);
    return response == nullptr ? Response{} : *response;
  }
};

TEST_F(PrivateRoute, IsAnsweredToWhoHasAToken) {
  const Response response = answer("/diary", "Bearer a-token-of-the-tests");
  EXPECT_EQ(response.status, 200) << body_of(response);
  EXPECT_EQ(header_of(response, "Cache-Control"), "private, no-store")
      << "no cache on the way may keep it";
}

TEST_F(PrivateRoute, IsRefusedToOthersWithTheWayToAsk) {
  const std::string bare = "Bearer realm=\"bourse\"";
  for (const auto& [given, challenge] : std::vector<std::pair<std::string, std::string>>{
           {"", bare},
           {"Basic YTpi", bare},
           {"Bearer wrong-token-of-the-tests", bare + ", error=\"invalid_token\""}}) {
    for (const char* const method : {"GET", "HEAD"}) {
      const Response response = answer("/diary", given, method);
      EXPECT_EQ(response.status, 401) << given;
      EXPECT_EQ(header_of(response, "WWW-Authenticate"), challenge);
      EXPECT_EQ(header_of(response, "Cache-Control"), "no-store");
      EXPECT_EQ(body_of(response).find("a-token"), std::string::npos);
    }
  }
}

TEST_F(PrivateRoute, TellsNothingOfItsParametersToOthers) {
  EXPECT_EQ(answer("/echo?limit=0").status, 401);
  EXPECT_EQ(answer("/echo?format=none").status, 401);
  EXPECT_EQ(answer("/echo?limit=0", "Bearer a-token-of-the-tests").status, 400);
}

TEST_F(PrivateRoute, TakesNoTokenFromTheQuery) {
  EXPECT_EQ(answer("/echo?access_token=a-token-of-the-tests").status, 401);
}

TEST_F(PrivateRoute, PrivateDataIsKeptFromAnAnalysisThatDidNotSayItReadsIt) {
  const Response response = answer("/sneak");
  EXPECT_EQ(response.status, 403) << body_of(response);
  EXPECT_NE(body_of(response).find("\"code\":\"private_data\""), std::string::npos);
}

TEST(PrivateData, NeedsARouteWithAccess) {
  const Built built =
      build(std::string(kFeed) + "routes:\n  - {path: /diary, run: diary, format: plain}\n");
  EXPECT_EQ(built.codes, std::vector<std::string>{"private_without_access"});
  EXPECT_NE(built.diagnostics.find("test.yaml:5:25"), std::string::npos) << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("access: {tokens:"), std::string::npos) << built.diagnostics;
}

}  // namespace
}  // namespace bourse::host::test
