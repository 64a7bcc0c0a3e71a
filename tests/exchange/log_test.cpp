// SPDX-License-Identifier: MIT
//
// What the exchange remembers of its clients, and how it goes away and comes back.
#include <set>

#include "tests/exchange/fixture.hpp"
#include "tests/exchange/reserved_port.hpp"

namespace bourse::fake_exchange::test {
namespace {

using namespace std::chrono_literals;
using host::test::eventually;

TEST(Log, TellsWhatArrivedWhenByWhichConnectionAndWhatBecameOfIt) {
  Standing s;
  const auto before = std::chrono::steady_clock::now();
  Client client(s.exchange.port());
  client.send(wire({.target = "/api/v3/ping?a=%5B&b", .headers = {{"X-Odd", "yes"}}}));
  ASSERT_TRUE(client.read());
  s.exchange.clock().advance(2s);
  client.get("/api/v3/depth?symbol=BTCUSDT");
  ASSERT_TRUE(client.read());
  get(s.exchange, "/nowhere");
  const std::vector<Record> log = s.exchange.requests();
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[0].number, 1);
  EXPECT_EQ(log[0].client, "127.0.0.1");
  EXPECT_EQ(log[0].method, "GET");
  EXPECT_EQ(log[0].path, "/api/v3/ping");
  EXPECT_EQ(log[0].query, "a=%5B&b") << "raw";
  EXPECT_EQ(log[0].headers, (Headers{{"Host", "fake"}, {"X-Odd", "yes"}}));
  EXPECT_EQ(log[0].time, microseconds(kNoon));
  EXPECT_EQ(log[1].time, microseconds(kNoon + 2s));
  EXPECT_EQ(log[0].status, 400) << "ping has no parameters";
  EXPECT_EQ(log[1].status, 200);
  EXPECT_EQ(log[2].status, 404);
  EXPECT_EQ(log[1].weight, 5);
  EXPECT_EQ(log[2].weight, 0);
  EXPECT_EQ(log[0].client_port, log[1].client_port) << "one connection";
  EXPECT_NE(log[1].client_port, log[2].client_port);
  EXPECT_LE(before, log[0].real);
  EXPECT_LE(log[0].real, log[1].real);
  EXPECT_LE(log[2].real, std::chrono::steady_clock::now());
}

TEST(Log, HasTheTimeOfArrivalNotOfTheAnswer) {
  Standing s;
  s.exchange.set_latency(30ms);
  const auto begin = std::chrono::steady_clock::now();
  get(s.exchange, "/api/v3/ping");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
  get(s.exchange, "/api/v3/ping");
  const std::vector<Record> log = s.exchange.requests();
  EXPECT_GE(log[1].real - log[0].real, 30ms);
}

TEST(Log, HidesItselfAndSecretsFromTheSwitches) {
  const Standing s;
  signed_get(s.exchange, "/api/v3/account");
  const std::string json = get(s.exchange, "/_fake/requests").body;
  EXPECT_EQ(values(json, "*.path"), (std::vector<std::string>{"/api/v3/account"}));
  EXPECT_EQ(json.find(kExampleKey), std::string::npos);
  EXPECT_EQ(json.find(kExampleSecret), std::string::npos);
  EXPECT_EQ(value(json, "0.weight"), "20");
  EXPECT_EQ(value(json, "0.duringWait"), "false");
  const Record record = s.exchange.requests().at(0);
  EXPECT_EQ(value(json, "0.time"), "2025-01-01T12:00:00Z");
  EXPECT_EQ(value(json, "0.port"), std::to_string(record.client_port));
  EXPECT_EQ(value(json, "0.realMicroseconds"),
            std::to_string(
                std::chrono::duration_cast<microseconds>(record.real.time_since_epoch()).count()));
}

TEST(Waiting, WhoSendsDuringTheWaitOfA429IsCounted) {
  Standing s(ExchangeOptions{.limits = {.weight_per_minute = 10}});
  s.exchange.use_weight(10);
  get(s.exchange, "/api/v3/ping");
  EXPECT_EQ(s.exchange.requests_during_wait(), 0) << "could not know yet";
  s.exchange.clock().advance(59'999ms);
  get(s.exchange, "/api/v3/ping");
  get(s.exchange, "/api/v3/nowhere");
  EXPECT_EQ(s.exchange.requests_during_wait(), 2) << "whatever was asked for";
  s.exchange.clock().advance(1ms);
  get(s.exchange, "/api/v3/ping");
  EXPECT_EQ(s.exchange.requests_during_wait(), 2) << "the wait is over";
  std::vector<bool> marks;
  for (const Record& one : s.exchange.requests()) marks.push_back(one.during_wait);
  EXPECT_EQ(marks, (std::vector<bool>{false, true, true, false}));
  EXPECT_EQ(value(get(s.exchange, "/_fake/state").body, "requestsDuringWait"), "2");
  s.exchange.forget_requests();
  EXPECT_EQ(s.exchange.requests_during_wait(), 0);
}

TEST(Waiting, WhoSendsDuringABanIsCountedOnceItWasTold) {
  Standing s;
  s.exchange.ban(1h);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 418);
  EXPECT_EQ(s.exchange.requests_during_wait(), 0);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 418);
  EXPECT_EQ(s.exchange.requests_during_wait(), 1);
  s.exchange.clock().advance(1h);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 200);
  EXPECT_EQ(s.exchange.requests_during_wait(), 1);
}

TEST(Away, ConnectionsAreRefusedAndAfterwardsThePortIsTheSame) {
  Standing s;
  const std::uint16_t port = s.exchange.port();
  Client idle(port);
  idle.get("/api/v3/ping");
  ASSERT_TRUE(idle.read());
  s.exchange.use_weight(99);
  s.exchange.go_away();
  EXPECT_EQ(idle.read(), std::nullopt) << "cut";
  EXPECT_FALSE(Client(port).connected());
  EXPECT_EQ(s.exchange.request_count(), 1);
  s.exchange.come_back();
  EXPECT_EQ(s.exchange.port(), port);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").header("x-mbx-used-weight"), "101") << "kept";
}

TEST(Away, CanBeForAWhile) {
  Standing s;
  Client admin(s.exchange.port());
  admin.send("POST /_fake/away?length=1h HTTP/1.1\r\n\r\n");
  const auto answer = admin.read();
  ASSERT_TRUE(answer) << "the connection that asks for it is spared";
  EXPECT_EQ(answer->body, R"({"ok":true})");
  EXPECT_FALSE(Client(s.exchange.port()).connected());
  s.exchange.come_back();
  EXPECT_TRUE(Client(s.exchange.port()).connected());
  s.exchange.go_away(1ms);
  EXPECT_TRUE(eventually([&] { return Client(s.exchange.port()).connected(); })) << "by itself";
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 200);
  EXPECT_EQ(get(s.exchange, "/_fake/requests?limit=0").body, "[]");
  EXPECT_EQ(post(s.exchange, "/_fake/away").status, 400) << "for how long?";
}

TEST(Away, AnExchangeCanEndWhileItIs) {
  const ReservedPort reserved;
  const std::uint16_t port = reserved.number();
  auto s = std::make_unique<Standing>(ExchangeOptions{.port = port});
  s->exchange.go_away();
  s.reset();
  const Standing next(ExchangeOptions{.port = port});
  EXPECT_EQ(get(next.exchange, "/api/v3/ping").status, 200);
}

TEST(Away, ItsPortIsGivenToNobodyElse) {
  Standing s;
  s.exchange.go_away();
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 50; ++i) ports.insert(Standing().exchange.port());
  EXPECT_EQ(ports.count(s.exchange.port()), 0u);
  s.exchange.come_back();
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 200);
}

TEST(Cut, SparesWhoAsksForIt) {
  const Standing s;
  Client other(s.exchange.port());
  other.get("/api/v3/ping");
  ASSERT_TRUE(other.read());
  EXPECT_EQ(told(post(s.exchange, "/_fake/cut")), R"(200 {"ok":true})");
  EXPECT_EQ(other.read(), std::nullopt);
}

TEST(Unread, AConnectionThatEndsIsNoRequest) {
  Standing s;
  Client leaves(s.exchange.port());
  leaves.get("/api/v3/ping");
  ASSERT_TRUE(leaves.read());
  s.exchange.faults().add({.kind = FaultKind::kHangUnread});
  leaves.stop_sending();
  EXPECT_TRUE(leaves.is_closed());
  EXPECT_EQ(s.exchange.faults().met(FaultKind::kHangUnread), 0);
  Client asks(s.exchange.port());
  asks.get("/api/v3/ping");
  EXPECT_TRUE(eventually([&] { return s.exchange.faults().met(FaultKind::kHangUnread) == 1; }));
}

}  // namespace
}  // namespace bourse::fake_exchange::test
