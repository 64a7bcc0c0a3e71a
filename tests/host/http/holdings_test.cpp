// SPDX-License-Identifier: MIT
//
// One client that tries to take everything takes it from itself.
#include "host/http/holdings.hpp"

#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/host/http/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

using HoldingsTest = ServerTest;

constexpr std::size_t kMiB = std::size_t{1} << 20u;
constexpr std::size_t kPage =
    3 * kMiB;  // more than the kernel takes for a reader that does not read

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

// ---- memory ----

TEST_F(HoldingsTest, CountsAnAnswerThatWaitsBehindAnUnansweredOne) {
  handler.put_page("/page", {.body = body_of(std::string(kMiB, 'x'))});
  Client client(port());
  client.send(get("/held") + get("/page"));
  auto held = handler.take_held();
  EXPECT_TRUE(eventually([&] { return server->stats().unsent_bytes == kMiB; }))
      << server->stats().unsent_bytes;
  EXPECT_GE(server->stats().held_bytes, kMiB);
  held.responder.send({.body = body_of("first")});
  EXPECT_EQ(client.read().value().body, "first");
  EXPECT_EQ(client.read().value().body.size(), kMiB);
  EXPECT_TRUE(eventually([&] { return server->stats().held_bytes == 0; }));
  EXPECT_EQ(server->stats().unsent_bytes, 0u);
}

TEST_F(HoldingsTest, ReadsNoFurtherRequestsWhereAnswersPileUp) {
  limits().pipeline_bytes_max = 2 * kMiB;
  handler.put_page("/page", {.body = body_of(std::string(kMiB, 'x'))});
  Client client(port());
  std::string requests = get("/held");
  for (int i = 0; i < 10; ++i) requests += get("/page");
  client.send(requests);
  auto held = handler.take_held();
  ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes > 2 * kMiB; }));
  EXPECT_EQ(server->stats().requests, 4u) << "the one that is held, and three of a MiB each";
  held.responder.send({});
  for (int i = 0; i < 11; ++i) ASSERT_TRUE(client.read()) << i;
  EXPECT_EQ(server->stats().requests, 11u) << "it goes on when they are gone";
}

TEST_F(HoldingsTest, ClosesTheConnectionThatHoldsMostAndNobodyElse) {
  limits().memory_max = 16 * kMiB;
  for (int i = 0; i < 8; ++i) {
    handler.put_page("/big" + std::to_string(i), {.body = body_of(std::string(kPage, 'x'))});
  }
  handler.put_page("/small", {.body = body_of(std::string(kPage / 2, 's'))});
  Client small(port());
  small.send(get("/held") + get("/small"));
  auto held = handler.take_held();
  ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes > 0; }));

  std::vector<std::unique_ptr<Client>> greedy;
  std::vector<DirectedHandler::Held> never;
  for (int i = 0; i < 8; ++i) {
    greedy.push_back(std::make_unique<Client>(port(), 4096));
    greedy.back()->send(get("/held") + get("/big" + std::to_string(i)));
    never.push_back(handler.take_held());
  }
  ASSERT_TRUE(eventually([&] { return server->stats().overflows > 0; }));
  EXPECT_TRUE(eventually([&] { return server->stats().held_bytes <= 16 * kMiB; }));
  Client other(port());
  other.get("/fixed");
  EXPECT_EQ(other.read().value().status, 200);
  held.responder.send({});
  ASSERT_TRUE(small.read());
  EXPECT_EQ(small.read().value().body.size(), kPage / 2) << "who holds least keeps it";
}

// 192 connections that each leave a body of 16 kB unfinished.
TEST_F(HoldingsTest, BoundsWhatIsUnreadOfAllConnectionsTogether) {
  limits().memory_max = kMiB;
  const std::string part =
      "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 16000\r\n\r\n" + std::string(15'999, 'x');
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 192; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send(part);
  }
  ASSERT_TRUE(eventually([&] { return server->stats().overflows > 64; }));
  EXPECT_TRUE(eventually([&] { return server->stats().held_bytes <= kMiB; }))
      << server->stats().held_bytes;
  Client other(port());
  other.get("/fixed");
  EXPECT_EQ(other.read().value().status, 200);
}

TEST_F(HoldingsTest, RefusesABodyAtItsHeader) {
  Client client(port());
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1048576\r\n\r\n");
  EXPECT_EQ(client.read().value().status, 413) << "before a byte of it has come";
}

TEST_F(HoldingsTest, CountsAKeptAnswerOnceHoweverManyWaitForIt) {
  limits().memory_max = 2 * kPage;
  handler.put_page("/page", {.body = body_of(std::string(kPage, 'x'))});
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<DirectedHandler::Held> held;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send(get("/held") + get("/page"));
    held.push_back(handler.take_held());
  }
  ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes == 10 * kPage; }));
  EXPECT_LT(server->stats().held_bytes, kPage + kMiB);
  EXPECT_EQ(server->stats().overflows, 0u);
}

// Room is made at the end of a turn of the event loop; what comes in the same turn finds none.
TEST_F(HoldingsTest, Answers503AndProbesWhileThereIsNoRoom) {
  limits().memory_max = kMiB;
  options.probe_target = "/fixed";
  handler.put_page("/page", {.body = body_of(std::string(2 * kMiB, 'x'))});
  Client client(port());
  client.send(get("/held") + get("/page") + get("/fixed") + get("/other") + get("/fixed"));
  auto held = handler.take_held();
  EXPECT_TRUE(eventually([&] { return server->stats().overflows == 1; }));
  EXPECT_EQ(server->stats().shed, 1u);
  EXPECT_EQ(handler.seen(), (std::vector<std::string>{"GET /held", "GET /page", "GET /fixed"}));
}

// ---- connections ----

TEST_F(HoldingsTest, AnswersAProbeThoughAllConnectionsAreTaken) {
  limits().connections_max = 2;
  options.probe_target = "/fixed";
  Client first(port());
  Client second(port());
  ASSERT_TRUE(eventually([&] { return server->stats().connections_accepted == 2; }));
  for (int i = 0; i < 20; ++i) {
    Client probe(port());
    probe.get("/fixed");
    const auto answer = probe.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("Connection"), "close");
  }
  Client other(port());
  other.get("/other");
  EXPECT_EQ(other.read().value().status, 503);
  EXPECT_TRUE(other.is_closed());
  Client silent(port());
  EXPECT_EQ(silent.read().value().status, 503) << "after a second";
  EXPECT_EQ(server->stats().connections_accepted, 2u);
}

TEST_F(HoldingsTest, GivesOneAddressNoMoreConnectionsThanItsShare) {
  limits().connections_per_peer_max = 3;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->get("/fixed");
    ASSERT_EQ(clients.back()->read().value().status, 200);
  }
  Client fourth(port());
  fourth.get("/fixed");
  const auto answer = fourth.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 429);
  EXPECT_NE(answer->body.find("too_many_connections_of_one"), std::string::npos) << answer->body;
  EXPECT_TRUE(answer->header("Retry-After"));
  fourth.leave();
  clients.pop_back();
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 2; }));
  Client fifth(port());
  fifth.get("/fixed");
  EXPECT_EQ(fifth.read().value().status, 200) << "a place that was left is free";
}

TEST_F(HoldingsTest, LetsAProxyHaveAsManyAsThereAre) {
  limits().connections_per_peer_max = 1;
  options.is_shared = [](const Address& peer) { return peer.text() == "127.0.0.1"; };
  Client first(port());
  Client second(port());
  for (Client* client : {&first, &second}) {
    client->get("/fixed");
    EXPECT_EQ(client->read().value().status, 200);
  }
}

}  // namespace
}  // namespace bourse::host::test
