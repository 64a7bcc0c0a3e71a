// SPDX-License-Identifier: MIT
//
// Nobody may hold a connection for ever by doing nothing. The limits here are short, so that the
// tests are; none of them depends on anything happening *within* a time.
#include <chrono>
#include <string>

#include "tests/host/http/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

using DeadlineTest = ServerTest;

TEST_F(DeadlineTest, ClosesAnIdleConnectionWithoutAWord) {
  limits().idle_timeout = 50ms;
  Client fresh(port());
  EXPECT_TRUE(fresh.is_closed());
  Client used(port());
  used.get("/fixed");
  ASSERT_TRUE(used.read());
  EXPECT_TRUE(used.is_closed());
  EXPECT_EQ(server->stats().idle_timeouts, 2u);
}

TEST_F(DeadlineTest, Answers408ToAHeaderThatDoesNotEnd) {
  limits().header_timeout = 100ms;
  Client client(port());
  client.send("GET / HTTP/1.1\r\nHos");
  const auto answer = client.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->header("Content-Type"), "application/problem+json");
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(server->stats().request_timeouts, 1u);
}

// "Slowloris": each byte is news, the request never ends.
TEST_F(DeadlineTest, GivesNoMoreTimeToAHeaderThatComesByteByByte) {
  limits().header_timeout = 100ms;
  Client client(port());
  client.send("GET / HTTP/1.1\r\n");
  int bytes = 0;
  while (!client.is_readable(5ms) && bytes < 2000) {
    client.send("x");
    ++bytes;
  }
  EXPECT_EQ(client.read().value().status, 408);
  EXPECT_LT(bytes, 2000);
}

TEST_F(DeadlineTest, GivesNoMoreTimeToABodyThatComesByteByByte) {
  limits().body_timeout = 100ms;
  Client client(port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000\r\n\r\n");
  int bytes = 0;
  while (!client.is_readable(5ms) && bytes < 2000) {
    client.send("x");
    ++bytes;
  }
  EXPECT_EQ(client.read().value().status, 408);
  EXPECT_TRUE(handler.seen().empty());
}

TEST_F(DeadlineTest, HasPatienceWithAWorkerAndWithTheClientThatWaitsForIt) {
  limits().idle_timeout = limits().header_timeout = limits().body_timeout = 50ms;
  limits().write_timeout = limits().linger_timeout = 50ms;
  Client client(port());
  client.send("POST /held HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
  auto held = handler.take_held();
  // Other connections come and go by their deadlines meanwhile.
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Client(port()).is_closed());
  EXPECT_FALSE(held.responder.gone());
  held.responder.send({.body = body_of("at last")});
  EXPECT_EQ(client.read().value().body, "at last");
}

TEST_F(DeadlineTest, LingersOnlyForAWhileAfterTheLastAnswer) {
  limits().linger_timeout = 50ms;
  Client client(port());
  client.send("GET /fixed HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read().value().body, "ok");
  // The client does not close.
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
}

TEST_F(DeadlineTest, CutsOffAReaderThatTakesNothing) {
  limits().write_timeout = 100ms;
  auto body = body_of(std::string(20'000'000, 'x'));
  const std::weak_ptr<const std::string> watched = body;
  Client client(port(), 4096);
  client.get("/held");
  handler.take_held().responder.send({.body = std::move(body)});
  ASSERT_TRUE(eventually([&] { return server->stats().write_timeouts == 1; }));
  EXPECT_TRUE(eventually([&] { return watched.expired(); })) << "the body is let go";
  const Stats stats = server->stats();
  EXPECT_EQ(stats.unsent_bytes, 0u);
  EXPECT_EQ(stats.requests_in_flight, 0u);
  EXPECT_EQ(stats.answers_lost, 1u);
  EXPECT_LT(client.read_to_end().bytes.size(), 20'000'000u);
}

}  // namespace
}  // namespace bourse::host::test
