// SPDX-License-Identifier: MIT
//
// Many connections: limits, several I/O threads, descriptors that are used again.
#include "host/http/front.hpp"

#include <dirent.h>
#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/host/http/fixture.hpp"

namespace bourse::host::test {
namespace {

using FrontTest = ServerTest;

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const directory = ::opendir("/proc/self/fd");
  while (directory && ::readdir(directory)) ++count;
  if (directory) ::closedir(directory);
  return count;
}

TEST_F(FrontTest, TurnsConnectionsAwayBeyondTheLimitAndTakesThemAgain) {
  limits().connections_max = 2;
  auto first = std::make_unique<Client>(port());
  Client second(port());
  for (Client* client : {first.get(), &second}) {
    client->get("/fixed");
    ASSERT_TRUE(client->read());
  }
  Client third(port());
  third.get("/fixed");
  const auto answer = third.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_THAT(answer->header("Retry-After"), testing::AnyOf("1", "2")) << "they come back apart";
  EXPECT_NE(answer->body.find("too_many_connections"), std::string::npos);
  EXPECT_TRUE(third.is_closed());
  third.leave();

  first.reset();
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 1; }));
  Client fourth(port());
  fourth.get("/fixed");
  EXPECT_EQ(fourth.read().value().status, 200);
  EXPECT_EQ(server->stats().connections_refused, 1u);
  EXPECT_EQ(server->stats().connections_accepted, 3u);
}

// What is attached to a request goes with whatever answers it (16.2 of the facts).
TEST_F(FrontTest, WhatIsAttachedGoesWithEveryAnswer) {
  Client client(port());
  for (const auto& [target, status] : std::vector<std::pair<std::string, int>>{
           {"/attached/well", 200}, {"/fixed", 200}, {"/attached/lost", 500}}) {
    client.get(target);
    const auto answer = client.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
    const bool attached = target != "/fixed";
    EXPECT_EQ(answer->header("X-Attached").has_value(), attached) << target;
    EXPECT_EQ(answer->header("Vary").value_or("").ends_with("Origin"), attached) << target;
  }
  EXPECT_TRUE(handler.refused_origins().empty());
}

TEST_F(FrontTest, WhatIsAttachedGoesWithRefusalsAsFarAsTheyWereRead) {
  limits().body_bytes_max = 10;
  Client large(port());
  large.send(
      "POST / HTTP/1.1\r\nHost: a\r\nOrigin: https://one.example\r\nContent-Length: 11\r\n\r\n");
  const auto too_large = large.read();
  ASSERT_TRUE(too_large);
  EXPECT_EQ(too_large->status, 413);
  EXPECT_EQ(too_large->header("X-Attached"), "yes");
  EXPECT_EQ(too_large->header("Vary"), "Accept, Origin");
  Client noise(port());
  noise.send("noise\r\n\r\n");
  const auto refused = noise.read();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(refused->header("X-Attached"), "yes");
  EXPECT_EQ(handler.refused_origins(), (std::vector<std::string>{"https://one.example", ""}));
}

TEST_F(FrontTest, ABrowserIsShownAPageOfWhatIsRefusedOrLost) {
  limits().body_bytes_max = 10;
  const std::string browser = "Accept: text/html,application/xml;q=0.9,*/*;q=0.8\r\n";
  Client client(port());
  client.send("GET /lost HTTP/1.1\r\nHost: a\r\n" + browser + "\r\n");
  client.send("POST / HTTP/1.1\r\nHost: a\r\n" + browser + "Content-Length: 11\r\n\r\n");
  for (const int status : {500, 413}) {
    const auto answer = client.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(answer->header("Content-Security-Policy"));
    EXPECT_EQ(answer->body.substr(0, 15), "<!DOCTYPE html>");
  }
}

TEST_F(FrontTest, SurvivesFarMoreConnectionsThanItsLimit) {
  limits().connections_max = 4;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<Client>(port()));
  ASSERT_TRUE(eventually([&] { return server->stats().connections_refused >= 196; }));
  clients.clear();
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
  Client after(port());
  after.get("/fixed");
  EXPECT_EQ(after.read().value().status, 200);
}

TEST_F(FrontTest, ServesManyClientsOnSeveralThreads) {
  options.io_threads = 3;
  const std::uint16_t where = port();
  std::atomic<int> right = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      for (int round = 0; round < 25; ++round) {
        Client client(where);
        for (int request = 0; request < 10; ++request) {
          const std::string target = "/" + std::to_string(i * 1000 + request);
          client.get(target);
          const auto answer = client.read();
          if (answer && answer->body == "GET\n" + target + "\n") ++right;
        }
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 1000);
  EXPECT_EQ(server->stats().connections_accepted, 100u);
}

// With Pistache's writer, the answer to a client that left could reach the next one, whose
// connection had got the same descriptor.
TEST_F(FrontTest, NeverGivesTheAnswerOfOneClientToAnother) {
  const std::uint16_t where = port();
  for (int round = 0; round < 50; ++round) {
    Client leaving(where);
    leaving.get("/held/left");
    auto left = handler.take_held();
    leaving.reset();
    ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
    Client staying(where);  // The kernel gives the lowest free descriptor: the same.
    staying.get("/held/stayed");
    auto stayed = handler.take_held();
    std::thread worker([&] { left.responder.send({.body = body_of("wrong")}); });
    worker.join();
    stayed.responder.send({.body = body_of("right")});
    const auto answer = staying.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "right");
  }
}

TEST_F(FrontTest, LeavesNoDescriptorBehindWhenClientsAbort) {
  const std::uint16_t where = port();
  handler.put_page("/big", {.body = body_of(std::string(3'000'000, 'x'))});
  Client(where).get("/fixed");
  ASSERT_TRUE(eventually([&] { return server->stats().answers == 1; }));
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    Client client(where, 4096);
    client.get(i % 2 == 0 ? "/big" : "/worker");
    if (i % 3 == 0) client.reset();
  }
  ASSERT_TRUE(eventually([&] { return server->stats().connections_accepted == 101; }));
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
  EXPECT_TRUE(eventually([&] { return open_descriptors() == before; }));
}

TEST_F(FrontTest, WorkersMayAnswerWhileClientsComeAndGo) {
  options.io_threads = 2;
  const std::uint16_t where = port();
  std::atomic<bool> done = false;
  std::thread worker([&] {
    while (!done || handler.held_count() > 0) {
      if (handler.held_count() == 0) {
        std::this_thread::yield();
        continue;
      }
      auto held = handler.take_held();
      held.responder.send({.body = body_of(held.request.target)});
    }
  });
  int wrong = 0;
  for (int i = 0; i < 1000; ++i) {
    Client client(where);
    const std::string target = "/held/" + std::to_string(i);
    client.get(target);
    if (i % 3 == 0) {
      client.reset();
      continue;
    }
    const auto answer = client.read();
    if (!answer || answer->body != target) ++wrong;
  }
  done = true;
  worker.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace bourse::host::test
