// SPDX-License-Identifier: MIT
//
// A client that reads slowly costs memory up to a limit, and nobody else anything. (Pistache's own
// writer turned in circles on one, and all other connections of its thread died.)
#include <ctime>
#include <string>

#include "tests/host/http/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

using SlowReaderTest = ServerTest;

constexpr std::size_t kBig = 50'000'000;

std::string pattern(std::size_t bytes) {
  std::string text(bytes, ' ');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

TEST_F(SlowReaderTest, BlocksNobodyElseAndGetsEverythingInTheEnd) {
  const auto big = body_of(pattern(kBig));
  handler.put_page("/big", {.body = big});
  Client slow(port(), 4096);
  slow.get("/big");
  ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes > 0; }));
  Client other(port());
  for (int i = 0; i < 500; ++i) {
    other.get("/fixed");
    ASSERT_TRUE(other.read());
  }
  const auto answer = slow.read();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == *big) << "not one byte lost or doubled";
  EXPECT_TRUE(eventually([&] { return server->stats().unsent_bytes == 0; }));
  slow.get("/fixed");
  EXPECT_EQ(slow.read().value().body, "ok") << "the connection goes on";
}

TEST_F(SlowReaderTest, DoesNotKeepTheThreadBusy) {
  handler.put_page("/big", {.body = body_of(std::string(kBig, 'x'))});
  Client slow(port(), 4096);
  slow.get("/big");
  ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes > 0; }));
  Client idle(port());
  const std::clock_t before = std::clock();
  EXPECT_FALSE(idle.is_readable(500ms));
  const double used = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  EXPECT_LT(used, 0.25) << "seconds of CPU in half a second in which nothing happens";
}

TEST_F(SlowReaderTest, GetsAnswersOfWorkersInOrderThoughTheFirstIsStuck) {
  const auto big = body_of(pattern(5'000'000));
  Client slow(port(), 4096);
  for (int i = 0; i < 3; ++i) slow.get("/held");
  std::vector<DirectedHandler::Held> held;
  for (int i = 0; i < 3; ++i) held.push_back(handler.take_held());
  held[0].responder.send({.body = big});
  ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes > 0; }));
  held[2].responder.send({.body = body_of("third")});
  held[1].responder.send({.body = body_of("second")});
  EXPECT_TRUE(slow.read().value().body == *big);
  EXPECT_EQ(slow.read().value().body, "second");
  EXPECT_EQ(slow.read().value().body, "third");
}

TEST_F(SlowReaderTest, IsCutOffWhenTooMuchWaitsForIt) {
  limits().unsent_bytes_per_connection_max = 1'000'000;
  handler.put_page("/big", {.body = body_of(std::string(kBig, 'x'))});
  Client slow(port(), 4096);
  slow.get("/big");
  EXPECT_TRUE(eventually([&] { return server->stats().overflows == 1; }));
  EXPECT_LT(slow.read_to_end().bytes.size(), kBig);
  EXPECT_EQ(server->stats().unsent_bytes, 0u);
}

TEST_F(SlowReaderTest, IsCutOffWhenTooMuchWaitsForAllTogether) {
  limits().memory_max = kBig + kBig / 2;
  handler.put_page("/big", {.body = body_of(std::string(kBig, 'x'))});
  handler.put_page("/bigger", {.body = body_of(std::string(kBig + kBig / 4, 'x'))});
  Client first(port(), 4096);
  first.get("/big");
  ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes > 0; }));
  Client second(port(), 4096);
  second.get("/bigger");
  EXPECT_TRUE(eventually([&] { return server->stats().overflows == 1; }));
  EXPECT_LT(second.read_to_end().bytes.size(), kBig);
  EXPECT_EQ(first.read().value().body.size(), kBig) << "who waits for less is served";
}

TEST_F(SlowReaderTest, MayLeaveInTheMiddle) {
  handler.put_page("/big", {.body = body_of(std::string(kBig, 'x'))});
  for (const bool hard : {false, true}) {
    Client slow(port(), 4096);
    slow.get("/big");
    ASSERT_TRUE(eventually([&] { return server->stats().unsent_bytes > 0; }));
    if (hard) {
      slow.reset();
    } else {
      slow.leave();
    }
    EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
    EXPECT_EQ(server->stats().unsent_bytes, 0u);
  }
}

}  // namespace
}  // namespace bourse::host::test
