// SPDX-License-Identifier: MIT
//
// What a client sees on one connection: order, framing, refusals, and how it ends. The cases that
// Pistache's own HTTP layer gets wrong are all here or in the other files beside this one.
#include "host/http/connection.hpp"

#include <string>
#include <vector>

#include "tests/host/http/fixture.hpp"

namespace bourse::host::test {
namespace {

using ConnectionTest = ServerTest;

TEST_F(ConnectionTest, AnswersManyRequestsOnOneConnection) {
  Client client(port());
  for (int i = 0; i < 20; ++i) {
    client.get("/n" + std::to_string(i));
    const auto answer = client.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "GET\n/n" + std::to_string(i) + "\n");
    EXPECT_FALSE(answer->header("Connection"));
    EXPECT_TRUE(answer->header("Date"));
    EXPECT_EQ(answer->header("Server"), "bourse");
  }
  EXPECT_EQ(server->stats().connections_accepted, 1u);
}

TEST_F(ConnectionTest, AnswersFromOtherThreads) {
  Client client(port());
  for (int i = 0; i < 20; ++i) {
    client.get("/worker");
    const auto answer = client.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "worked");
  }
}

TEST_F(ConnectionTest, AnswersPipelinedRequestsInOrderThoughWorkersFinishInAnother) {
  Client client(port());
  std::string requests;
  for (int i = 0; i < 4; ++i) {
    requests += "GET /held" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  client.send(requests + "GET /fixed HTTP/1.1\r\nHost: h\r\n\r\n");
  std::vector<DirectedHandler::Held> held;
  for (int i = 0; i < 4; ++i) held.push_back(handler.take_held());
  for (const int i : {2, 0, 3, 1}) {
    held[static_cast<std::size_t>(i)].responder.send(
        {.body = body_of("answer " + held[static_cast<std::size_t>(i)].request.target)});
  }
  for (int i = 0; i < 4; ++i) {
    const auto answer = client.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "answer /held" + std::to_string(i));
  }
  EXPECT_EQ(client.read().value().body, "ok");
}

TEST_F(ConnectionTest, ReadsNoMoreThanTheAllowedDepthUntilItHasAnswered) {
  limits().pipeline_depth_max = 3;
  Client client(port());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += "GET /held HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(requests);
  ASSERT_TRUE(eventually([&] { return handler.held_count() == 3; }));
  for (int i = 0; i < 50; ++i) {
    EXPECT_LE(handler.held_count(), 3u);
    handler.take_held().responder.send({.body = body_of(std::to_string(i))});
    EXPECT_EQ(client.read().value().body, std::to_string(i));
  }
  EXPECT_EQ(server->stats().requests, 50u);
}

TEST_F(ConnectionTest, TakesNothingElseWhileARequestWithABodyIsUnanswered) {
  Client client(port());
  client.send("POST /held HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx" +
              std::string("GET /next HTTP/1.1\r\nHost: h\r\n\r\n"));
  auto held = handler.take_held();
  EXPECT_EQ(held.request.body, "x");
  EXPECT_EQ(handler.seen().size(), 1u);
  held.responder.send({});
  EXPECT_EQ(client.read().value().status, 200);
  EXPECT_EQ(client.read().value().body, "GET\n/next\n");
}

TEST_F(ConnectionTest, ReadsRequestsThatComeByteByByte) {
  Client client(port());
  client.send_byte_by_byte(
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
      "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read().value().body, "POST\n/a\nabcde");
  EXPECT_EQ(client.read().value().body, "GET\n/b\n");
}

// Pistache's parser loops for ever on this one.
TEST_F(ConnectionTest, ReadsAChunkThatIsSplitBetweenItsCrAndLf) {
  Client client(port());
  client.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r");
  // The server has read that when it has answered another client.
  Client other(port());
  other.get("/fixed");
  ASSERT_TRUE(other.read());
  client.send("\n0\r\n\r\n");
  EXPECT_EQ(client.read().value().body, "POST\n/a\nabc");
}

TEST_F(ConnectionTest, ClosesAfterTheAnswerWhenAsked) {
  Client client(port());
  client.send(
      "GET /fixed HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
      "GET /never HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answer = client.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(answer->body, "ok");
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(handler.seen().size(), 1u);
}

TEST_F(ConnectionTest, KeepsAnHttp10ConnectionOnlyWhenAsked) {
  Client keeping(port());
  for (int i = 0; i < 2; ++i) {
    keeping.send("GET /fixed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(keeping.read().value().header("Connection"), "keep-alive");
  }
  Client plain(port());
  plain.send("GET /fixed HTTP/1.0\r\n\r\n");
  EXPECT_EQ(plain.read().value().header("Connection"), "close");
  EXPECT_TRUE(plain.is_closed());
}

// Closing a socket with unread input resets it, and a reset throws the answer away.
TEST_F(ConnectionTest, DeliversTheWholeLastAnswerThoughInputIsLeftUnread) {
  handler.put_page("/page", {.body = body_of(std::string(2'000'000, 'p'))});
  Client client(port(), 4096);
  client.send("GET /page HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  client.send(std::string(100'000, 'x'));
  EXPECT_EQ(client.read().value().body.size(), 2'000'000u);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, AnswersHeadWithTheLengthOfTheBodyAndNoBody) {
  Client client(port());
  client.send("HEAD /fixed HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read(true).value().header("Content-Length"), "2");
  client.get("/fixed");
  EXPECT_EQ(client.read().value().body, "ok") << "the next answer begins where it must";
}

TEST_F(ConnectionTest, SendsNoBodyWith204And304) {
  handler.put_page("/204", {.status = 204, .body = body_of("hidden")});
  handler.put_page("/304", {.status = 304, .headers = {{"ETag", "\"e\""}}});
  Client client(port());
  for (const int status : {204, 304}) {
    client.get("/" + std::to_string(status));
    const auto answer = client.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
    EXPECT_FALSE(answer->header("Content-Length"));
  }
  client.get("/fixed");
  EXPECT_EQ(client.read().value().body, "ok");
}

TEST_F(ConnectionTest, AsksForTheBodyThatAClientHoldsBack) {
  Client client(port());
  client.send("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read().value().status, 100);
  client.send("abc");
  EXPECT_EQ(client.read().value().body, "PUT\n/a\nabc");
}

TEST_F(ConnectionTest, AsksForTheBodyOnlyAfterTheAnswersThatAreOwed) {
  Client client(port());
  client.get("/held");
  auto held = handler.take_held();
  client.send("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  Client other(port());
  other.get("/fixed");
  ASSERT_TRUE(other.read());
  held.responder.send({.status = 201});
  EXPECT_EQ(client.read().value().status, 201);
  EXPECT_EQ(client.read().value().status, 100);
  client.send("abc");
  EXPECT_EQ(client.read().value().body, "PUT\n/a\nabc");
}

TEST_F(ConnectionTest, RefusesATooLargeBodyBeforeItIsSent) {
  limits().body_bytes_max = 1000;
  Client client(port());
  client.send("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(client.read().value().status, 413);
  EXPECT_TRUE(client.is_closed());
}

struct Refusal {
  std::string request;
  int status;
};

TEST_F(ConnectionTest, RefusesWithAProblemAndCloses) {
  const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
  const std::vector<Refusal> refusals = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {get + "Host: h\r\n\r\n", 400},
      {get + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
      {get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {get + std::string("X: a\0b\r\n\r\n", 10), 400},
      {get + "X: a\rb\r\n\r\n", 400},
      {"GET / H\r\nHost: h\r\n\r\n", 400},
      {get + "Content-Length: 9999999\r\n\r\n", 413},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {get + "Expect: magic\r\n\r\n", 417},
      {get + "A: " + std::string(20000, 'a') + "\r\n\r\n", 431},
      {get + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505}};
  for (const Refusal& refusal : refusals) {
    Client client(port());
    client.send(refusal.request);
    const auto answer = client.read();
    ASSERT_TRUE(answer) << refusal.request;
    EXPECT_EQ(answer->status, refusal.status) << refusal.request;
    EXPECT_EQ(answer->header("Content-Type"), "application/problem+json");
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_NE(answer->body.find("\"status\":" + std::to_string(refusal.status)), std::string::npos);
    EXPECT_NE(answer->body.find("\"request_id\":\"" + answer->header("X-Request-Id").value()),
              std::string::npos);
    EXPECT_TRUE(client.is_closed()) << refusal.request;
  }
  EXPECT_TRUE(handler.seen().empty());
  EXPECT_EQ(server->stats().requests_refused, refusals.size());
}

// With Pistache's HTTP layer the rest of the body became the next requests.
TEST_F(ConnectionTest, NeverTakesTheRestOfARefusedBodyForARequest) {
  limits().body_bytes_max = 100;
  std::string inner;
  while (inner.size() < 200'000) inner += "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const std::string& framing :
       {"Content-Length: " + std::to_string(inner.size()) + "\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffff\r\n" + std::string()}) {
    Client client(port());
    client.send("POST / HTTP/1.1\r\nHost: h\r\n" + framing + inner);
    EXPECT_EQ(client.read().value().status, 413);
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_TRUE(handler.seen().empty());
}

TEST_F(ConnectionTest, RefusesAfterTheAnswersThatAreOwed) {
  Client client(port());
  client.get("/held");
  client.send("nonsense\r\n\r\n");
  auto held = handler.take_held();
  held.responder.send({.status = 202});
  EXPECT_EQ(client.read().value().status, 202);
  EXPECT_EQ(client.read().value().status, 400);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, Answers500ForAHandlerThatNeverDoes) {
  Client client(port());
  client.get("/lost");
  const auto answer = client.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_NE(answer->body.find("\"instance\":\"/lost\""), std::string::npos) << answer->body;
  EXPECT_NE(answer->body.find("\"request_id\":\"" + answer->header("X-Request-Id").value()),
            std::string::npos);
  client.get("/fixed");
  EXPECT_EQ(client.read().value().status, 200) << "the connection goes on";
}

TEST_F(ConnectionTest, SendsBackTheRequestIdOrMakesOne) {
  Client client(port());
  client.send("GET /fixed HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine-1\r\n\r\n");
  EXPECT_EQ(client.read().value().header("X-Request-Id"), "mine-1");
  client.send("GET /fixed HTTP/1.1\r\nHost: h\r\nX-Request-Id: <script>\r\n\r\n");
  const std::string made = client.read().value().header("X-Request-Id").value();
  client.get("/fixed");
  EXPECT_NE(client.read().value().header("X-Request-Id").value(), made);
  EXPECT_EQ(made.size(), 15u);
}

// Pistache's router recursed on each slash, until the stack ended.
TEST_F(ConnectionTest, HandsOverATargetOfManySlashes) {
  Client client(port());
  const std::string target(8000, '/');
  client.get(target);
  EXPECT_EQ(client.read().value().body, "GET\n" + target + "\n");
}

TEST_F(ConnectionTest, HandsOverTheRawTargetWithAllOfItsQuery) {
  Client client(port());
  client.get("/a%20b?x=1&x=2&%zz");
  EXPECT_EQ(client.read().value().body, "GET\n/a%20b?x=1&x=2&%zz\n");
  client.send("GET http://h/abs?q HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read().value().body, "GET\n/abs?q\n");
  client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read().value().body, "OPTIONS\n*\n");
}

TEST_F(ConnectionTest, TellsTheHandlerThePeerAndTheTime) {
  Client client(port());
  const auto before = std::chrono::steady_clock::now();
  client.get("/held");
  auto held = handler.take_held();
  EXPECT_EQ(held.request.peer.text(), "127.0.0.1");
  EXPECT_LE(before - held.request.received, std::chrono::milliseconds(0));
  EXPECT_LE(held.request.received, std::chrono::steady_clock::now());
  held.responder.send({});
}

TEST_F(ConnectionTest, StillAnswersAClientThatOnlyStoppedSending) {
  Client client(port());
  client.get("/held");
  auto held = handler.take_held();
  client.stop_sending();
  // The two cannot be told apart; see Responder::gone.
  EXPECT_TRUE(eventually([&] { return held.responder.gone(); }));
  held.responder.send({.body = body_of(std::string(1'000'000, 'x'))});
  const auto answer = client.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), 1'000'000u);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, AnswersAllThatCameBeforeTheClientStoppedSending) {
  Client client(port());
  std::string requests;
  for (int i = 0; i < 40; ++i) requests += "GET /worker HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(requests);
  client.stop_sending();
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(client.read()) << i;
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, TellsAWorkerWhenItsClientLeaves) {
  for (const std::string request : {"GET /held HTTP/1.1\r\nHost: h\r\n\r\n",
                                    "POST /held HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx",
                                    "GET /held HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}) {
    for (const bool hard : {false, true}) {
      Client client(port());
      client.send(request);
      auto held = handler.take_held();
      EXPECT_FALSE(held.responder.gone());
      if (hard) {
        client.reset();
      } else {
        client.leave();
      }
      EXPECT_TRUE(eventually([&] { return held.responder.gone(); })) << request << hard;
      held.responder.send({.body = body_of("for nobody")});
    }
  }
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
}

TEST_F(ConnectionTest, DropsAnUnfinishedRequestWhenTheClientLeaves) {
  for (const char* begun :
       {"GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx"}) {
    Client client(port());
    client.send(begun);
    client.stop_sending();
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_TRUE(handler.seen().empty());
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
}

}  // namespace
}  // namespace bourse::host::test
