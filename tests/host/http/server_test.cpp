// SPDX-License-Identifier: MIT
//
// Starting and stopping.
#include "host/http/server.hpp"

#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/host/http/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

std::string failure_of(const ServerOptions& options, Handler& handler) {
  const auto started = Server::start(options, handler);
  return started.ok() ? "it started" : started.failure().message;
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  const std::string taken = "127.0.0.1:" + std::to_string(port());
  EXPECT_NE(
      failure_of({.listen = {at(taken)}}, handler).find("another process listens there already"),
      std::string::npos)
      << failure_of({.listen = {at(taken)}}, handler);
  // 192.0.2.0/24 is for documentation: nobody has it (RFC 5737).
  EXPECT_NE(failure_of({.listen = {at("192.0.2.1:0")}}, handler).find("no network interface"),
            std::string::npos)
      << failure_of({.listen = {at("192.0.2.1:0")}}, handler);
}

TEST_F(ServerTest, RefusesOptionsThatMakeNoSense) {
  options.io_threads = 0;
  EXPECT_NE(failure_of(options, handler).find("I/O threads"), std::string::npos);
  options.io_threads = 1;
  limits().pipeline_depth_max = 0;
  EXPECT_NE(failure_of(options, handler).find("pipelined"), std::string::npos);
  limits() = {};
  limits().idle_timeout = 0ms;
  EXPECT_NE(failure_of(options, handler).find("time limits"), std::string::npos);
  limits() = {};
  limits().header_bytes_max = 10;
  EXPECT_NE(failure_of(options, handler).find("header bytes"), std::string::npos);
}

TEST_F(ServerTest, RefusesMoreConnectionsThanTheSystemHasDescriptorsFor) {
  limits().connections_max = 2'000'000'000;
  EXPECT_NE(failure_of(options, handler).find("open files"), std::string::npos);
}

TEST_F(ServerTest, RaisesTheLimitOfDescriptors) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 512);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  start();
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

TEST_F(ServerTest, ListensOnIpv6AndIpv4AtOnce) {
  options.listen = {at("[::]:0")};
  auto started = Server::start(options, handler);
  if (!started.ok()) GTEST_SKIP() << "no IPv6 here: " << started.failure().message;
  server = *std::move(started);
  Client client(server->port());
  client.get("/held");
  auto held = handler.take_held();
  EXPECT_EQ(held.request.peer.text(), "127.0.0.1") << "not ::ffff:127.0.0.1";
  held.responder.send({});
  EXPECT_TRUE(client.read());
}

TEST_F(ServerTest, FinishesWhatIsInFlightAndTakesNoMore) {
  Client idle(port());
  idle.get("/fixed");
  ASSERT_TRUE(idle.read());
  Client waiting(port());
  waiting.get("/held");
  auto held = handler.take_held();

  server->stop_accepting();
  EXPECT_TRUE(idle.is_closed());
  Client late(port());
  late.get("/fixed");
  EXPECT_EQ(late.read().value().status, 503);
  EXPECT_TRUE(late.is_closed());
  EXPECT_FALSE(server->drain(10ms)) << "one request is still in flight";

  std::thread worker([&] { held.responder.send({.body = body_of("done")}); });
  EXPECT_TRUE(server->drain(20s));
  worker.join();
  const auto answer = waiting.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(waiting.is_closed());
}

TEST_F(ServerTest, WaitsForSlowReadersWhenItDrains) {
  handler.put_page("/big", {.body = body_of(std::string(10'000'000, 'x'))});
  Client slow(port(), 4096);
  slow.get("/big");
  ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes > 0; }));
  server->stop_accepting();
  EXPECT_FALSE(server->drain(10ms));
  std::thread reader([&] { EXPECT_EQ(slow.read().value().body.size(), 10'000'000u); });
  EXPECT_TRUE(server->drain(20s));
  reader.join();
}

TEST_F(ServerTest, FinishesARequestThatWasBegunBeforeItStops) {
  Client client(port());
  client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx");
  Client other(port());
  other.get("/fixed");
  ASSERT_TRUE(other.read());
  server->stop_accepting();
  EXPECT_TRUE(other.is_closed());
  client.send("y");
  const auto answer = client.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "POST\n/a\nxy");
  EXPECT_EQ(answer->header("Connection"), "close");
}

TEST_F(ServerTest, ClosesEverythingWhenItStopsAndAnswersThatComeLaterAreForNobody) {
  Client waiting(port());
  waiting.get("/held");
  auto held = handler.take_held();
  server->stop();
  EXPECT_EQ(server->port(), 0);
  EXPECT_EQ(waiting.read_to_end().bytes, "");
  EXPECT_TRUE(held.responder.gone());
  held.responder.send({.body = body_of("too late")});
  server->stop();
  server.reset();
}

TEST_F(ServerTest, AResponderMayOutliveTheServer) {
  Client waiting(port());
  waiting.get("/held");
  auto held = handler.take_held();
  server.reset();
  EXPECT_TRUE(held.responder.gone());
}

TEST_F(ServerTest, FreesThePortWhenItStops) {
  const std::uint16_t used = port();
  {
    Client client(used);
    client.get("/fixed");
    ASSERT_TRUE(client.read());
  }
  server->stop();
  options.listen = {at("127.0.0.1:" + std::to_string(used))};
  start();
  Client client(used);
  client.get("/fixed");
  EXPECT_TRUE(client.read());
}

TEST_F(ServerTest, ManyMayRunInOneProcess) {
  std::vector<std::unique_ptr<Server>> servers;
  for (int i = 0; i < 10; ++i) {
    auto started = Server::start(options, handler);
    ASSERT_TRUE(started.ok()) << started.failure().message;
    servers.push_back(*std::move(started));
  }
  for (const auto& running : servers) {
    Client client(running->port());
    client.get("/worker");
    EXPECT_TRUE(client.read());
  }
}

TEST_F(ServerTest, StopsAtOnceAfterItsStart) {
  for (int i = 0; i < 20; ++i) {
    start();
    server.reset();
  }
}

TEST_F(ServerTest, CountsWhatItDoes) {
  Client client(port());
  client.get("/fixed");
  ASSERT_TRUE(client.read());
  client.get("/held");
  auto held = handler.take_held();
  Stats stats = server->stats();
  EXPECT_EQ(stats.connections_open, 1u);
  EXPECT_EQ(stats.requests, 2u);
  EXPECT_EQ(stats.requests_in_flight, 1u);
  EXPECT_EQ(stats.answers, 1u);
  held.responder.send({});
  ASSERT_TRUE(client.read());
  client.leave();
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
  EXPECT_EQ(server->stats().requests_in_flight, 0u);
}

}  // namespace
}  // namespace bourse::host::test
