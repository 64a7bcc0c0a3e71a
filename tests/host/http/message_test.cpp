// SPDX-License-Identifier: MIT
#include "host/http/message.hpp"

#include <gtest/gtest.h>

#include <set>

#include "host/http/request_id.hpp"

namespace bourse::host {
namespace {

struct CountingSink final : Responder::Sink {
  void send(Response response) override { statuses.push_back(response.status); }
  [[nodiscard]] bool gone() const noexcept override { return is_gone; }
  std::vector<int> statuses;
  bool is_gone = false;
};

TEST(Request, JoinsTheValuesOfAHeader) {
  Request request;
  request.headers = {{"A", "1"}, {"b", "2"}, {"a", ""}, {"A", "3"}};
  EXPECT_EQ(request.header("a"), "1, , 3");
  EXPECT_EQ(request.header("B"), "2");
  EXPECT_EQ(request.header("c"), "");
}

TEST(Vary, IsOneLineThatNamesEachOnce) {
  const auto varied = [](Response response) {
    add_vary(response, "Origin");
    std::string all;
    for (const auto& [name, value] : response.headers) {
      if (name == "Vary" || name == "vary") all += '|' + value;
    }
    return all;
  };
  EXPECT_EQ(varied({}), "|Origin");
  EXPECT_EQ(varied({.headers = {{"Vary", ""}}}), "|Origin");
  EXPECT_EQ(varied({.headers = {{"Age", "1"}, {"Vary", "Accept"}}}), "|Accept, Origin");
  EXPECT_EQ(varied({.headers = {{"vary", "Accept, origin"}}}), "|Accept, origin");
  EXPECT_EQ(varied({.headers = {{"Vary", "X-Origin"}}}), "|X-Origin, Origin");
  EXPECT_EQ(varied({.lines = std::make_shared<const std::string>("Vary: Origin\r\n")}), "")
      << "said there already";
}

TEST(Responder, AttachesNothingWhereThereIsNobody) {
  Responder().attach({.by_origin = true});
  const auto sink = std::make_shared<CountingSink>();
  Responder responder(sink);
  responder.attach({.by_origin = true});  // a sink need not know of it
  responder.send({.status = 204});
  EXPECT_EQ(sink->statuses, std::vector<int>({204}));
}

TEST(Responder, AnswersOnce) {
  const auto sink = std::make_shared<CountingSink>();
  {
    Responder responder(sink);
    Responder moved(std::move(responder));
    moved.send({.status = 204});
    EXPECT_TRUE(moved.gone()) << "nothing left to answer";
  }
  EXPECT_EQ(sink->statuses, std::vector<int>({204}));
}

TEST(Responder, Answers500WhenItIsDestroyedOrReplacedUnanswered) {
  const auto sink = std::make_shared<CountingSink>();
  Responder responder(sink);
  responder = Responder(sink);
  EXPECT_EQ(sink->statuses, std::vector<int>({500}));
  responder = {};
  EXPECT_EQ(sink->statuses, std::vector<int>({500, 500}));
}

TEST(Responder, TellsWhetherTheClientIsGoneAlsoThroughAWatch) {
  const auto sink = std::make_shared<CountingSink>();
  Responder responder(sink);
  const auto watch = responder.watch();
  EXPECT_FALSE(responder.gone());
  sink->is_gone = true;
  EXPECT_TRUE(responder.gone());
  EXPECT_TRUE(watch->gone());
  EXPECT_TRUE(Responder().gone());
}

TEST(RequestIds, AreUniqueAcrossLanesAndValid) {
  RequestIds first(~std::uint64_t{0} - 10, 0, 2);  // across the overflow, too
  RequestIds second(~std::uint64_t{0} - 10, 1, 2);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    for (const std::string& id : {first.next(), second.next()}) {
      EXPECT_TRUE(is_request_id(id)) << id;
      EXPECT_EQ(id.size(), 15u);
      seen.insert(id);
    }
  }
  EXPECT_EQ(seen.size(), 2000u);
  EXPECT_NE(RequestIds::random_start(), RequestIds::random_start());
}

}  // namespace
}  // namespace bourse::host
