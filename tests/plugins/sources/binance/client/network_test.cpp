// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/network.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/exchange/reserved_port.hpp"

namespace bourse::binance {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;

Address v4(const char* host, std::uint16_t port = 443) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET, host, &where.sin_addr), 1);
  Address address;
  std::memcpy(&address.storage, &where, sizeof where);
  address.size = sizeof where;
  return address;
}
Address v6(const char* host, std::uint16_t port = 443) {
  sockaddr_in6 where{};
  where.sin6_family = AF_INET6;
  where.sin6_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET6, host, &where.sin6_addr), 1);
  Address address;
  std::memcpy(&address.storage, &where, sizeof where);
  address.size = sizeof where;
  return address;
}
std::uint16_t port_of(const sockaddr_storage& where) {
  const auto* const in = reinterpret_cast<const sockaddr_in*>(&where);
  return ntohs(in->sin_port);  // at the same place in both families
}
/// To which port a socket is connected.
std::uint16_t peer_of(const Descriptor& socket) {
  sockaddr_storage where{};
  socklen_t size = sizeof where;
  EXPECT_EQ(::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&where), &size), 0);
  return port_of(where);
}

/// A port of this machine that takes connections, `family` being AF_INET or AF_INET6.
class Listening {
 public:
  explicit Listening(int family = AF_INET, int backlog = 16)
      : address(family == AF_INET ? v4("127.0.0.1", 0) : v6("::1", 0)),
        socket_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto* const where = reinterpret_cast<sockaddr*>(&address.storage);
    is_there = socket_ && ::bind(socket_.get(), where, address.size) == 0 &&
               ::listen(socket_.get(), backlog) == 0 &&
               ::getsockname(socket_.get(), where, &address.size) == 0;
  }
  [[nodiscard]] std::uint16_t port() const { return port_of(address.storage); }

  Address address;
  bool is_there = false;

 protected:
  Descriptor socket_;
};

/// An address that swallows what is sent to it: the line of those who wait to be let in is full, so
/// the system drops every further attempt without a word.
class BlackHole : public Listening {
 public:
  explicit BlackHole(int family = AF_INET) : Listening(family, 0) {
    if (!is_there) return;
    for (int i = 0; i < 16; ++i) {
      Descriptor one(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      static_cast<void>(
          ::connect(one.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size));
      pollfd question{.fd = one.get(), .events = POLLOUT, .revents = 0};
      const bool answered = ::poll(&question, 1, 100) > 0;
      waiting_.push_back(std::move(one));
      if (!answered) return;
    }
    ADD_FAILURE() << "the line does not become full";
  }
  /// Sends away all who wait, so that there is room.
  void open() {
    waiting_.clear();
    EXPECT_EQ(::fcntl(socket_.get(), F_SETFL, O_NONBLOCK), 0);
    while (Descriptor(::accept(socket_.get(), nullptr, nullptr))) {
    }
  }

 private:
  std::vector<Descriptor> waiting_;
};

std::vector<std::string> texts_of(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  for (const Address& address : addresses) {
    char text[INET6_ADDRSTRLEN] = {};
    const auto* const raw = reinterpret_cast<const char*>(&address.storage);
    const bool is_v4 = address.storage.ss_family == AF_INET;
    ::inet_ntop(address.storage.ss_family,
                raw + (is_v4 ? offsetof(sockaddr_in, sin_addr) : offsetof(sockaddr_in6, sin6_addr)),
                text, sizeof text);
    texts.emplace_back(text);
  }
  return texts;
}

// ---- the order of addresses (RFC 8305, section 4)

TEST(InTurn, FamiliesTakeTurnsBeginningWithThatOfTheFirst) {
  EXPECT_THAT(texts_of(in_turn({v6("2001:db8::1"), v6("2001:db8::2"), v6("2001:db8::3"),
                                v4("192.0.2.1"), v4("192.0.2.2")},
                               {})),
              ElementsAre("2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"));
  EXPECT_THAT(texts_of(in_turn({v4("192.0.2.1"), v4("192.0.2.2"), v6("2001:db8::1")}, {})),
              ElementsAre("192.0.2.1", "2001:db8::1", "192.0.2.2"));
  EXPECT_THAT(texts_of(in_turn({v4("192.0.2.1"), v4("192.0.2.2")}, {})),
              ElementsAre("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(in_turn({}, v4("192.0.2.1")).empty());
}

/// A content network sends eight addresses of IPv6, and those of IPv4 behind them.
TEST(InTurn, EightAreTriedAndThoseOfIpv4AreAmongThem) {
  std::vector<Address> many(9, v6("2001:db8::1"));
  many.push_back(v4("192.0.2.1"));
  many.push_back(v4("192.0.2.2"));
  const auto order = texts_of(in_turn(many, {}));
  EXPECT_EQ(order.size(), 8u);
  EXPECT_EQ(order[1] + " " + order[3], "192.0.2.1 192.0.2.2");
}

TEST(InTurn, WhatAnsweredComesFirstOrElseItsFamily) {
  const std::vector<Address> all = {v6("2001:db8::1"), v6("2001:db8::2"), v4("192.0.2.1"),
                                    v4("192.0.2.2")};
  EXPECT_THAT(texts_of(in_turn(all, v4("192.0.2.2"))),
              ElementsAre("192.0.2.2", "2001:db8::1", "192.0.2.1", "2001:db8::2"));
  EXPECT_THAT(texts_of(in_turn(all, v4("198.51.100.7"))),
              ElementsAre("192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2"))
      << "the name has other addresses now";
  EXPECT_THAT(texts_of(in_turn({v6("2001:db8::1")}, v4("192.0.2.2"))), ElementsAre("2001:db8::1"));
}

// ---- connecting

/// Long patience: what these tests wait for is the next address, not the end of one. A moment twice
/// as long as the usual one can be told from a machine that is busy.
constexpr Connector::Pace kPace{.next_after = 500ms, .patience = 20s};
static_assert(Connector::Pace{}.next_after == 250ms, "RFC 8305, section 8");

struct Connected {
  Result<Descriptor> socket;
  steady_clock::duration took;
};
Connected connect(Connector& connector, const std::vector<Address>& addresses,
                  std::chrono::nanoseconds time = 15s) {
  const auto begin = steady_clock::now();
  auto socket = connector.connect(addresses, within(time));
  return {std::move(socket), steady_clock::now() - begin};
}

TEST(Connector, ADeadFirstAddressCostsAMomentOnce) {
  const BlackHole dead;
  const Listening alive;
  Connector connector(kPace);
  const auto first = connect(connector, {dead.address, alive.address});
  ASSERT_TRUE(first.socket.ok()) << first.socket.error().text();
  EXPECT_EQ(peer_of(*first.socket), alive.port());
  EXPECT_GE(first.took, kPace.next_after);
  EXPECT_LT(first.took, 10s) << "not the patience with one address";
  const auto second = connect(connector, {dead.address, alive.address});
  ASSERT_TRUE(second.socket.ok());
  EXPECT_EQ(peer_of(*second.socket), alive.port());
  EXPECT_LT(second.took, kPace.next_after) << "it began with the one that had answered";
}

TEST(Connector, DeadIpv6IsWhatFamiliesTakeTurnsFor) {
  const BlackHole dead(AF_INET6), dead_too(AF_INET6);
  if (!dead.is_there) GTEST_SKIP() << "this machine has no IPv6, not even to itself";
  const Listening alive;
  Connector connector(kPace);
  // Three of IPv6 in front, as a resolver that prefers it sorts them.
  const auto found =
      connect(connector, {dead.address, dead_too.address, v6("::1", dead.port()), alive.address});
  ASSERT_TRUE(found.socket.ok()) << found.socket.error().text();
  EXPECT_EQ(peer_of(*found.socket), alive.port());
  EXPECT_LT(found.took, 3 * kPace.next_after) << "after one moment, not three";
}

TEST(Connector, AnAddressThatFailsIsFollowedAtOnce) {
  const fake_exchange::test::ReservedPort refused;
  const Listening alive;
  Connector connector({.next_after = 10s, .patience = 20s});
  const auto found = connect(
      connector, {v6("::1", refused.number()), v4("127.0.0.1", refused.number()), alive.address});
  ASSERT_TRUE(found.socket.ok()) << found.socket.error().text();
  EXPECT_EQ(peer_of(*found.socket), alive.port());
  EXPECT_LT(found.took, 5s);
}

/// The first one goes on while the others are tried, and may answer after all: the system sends
/// what was dropped once more after a second, and finds room by then.
TEST(Connector, TheAttemptsBeforeGoOn) {
  BlackHole late;
  const BlackHole dead;
  std::thread opening([&] {
    std::this_thread::sleep_for(400ms);  // both have been tried
    late.open();
  });
  Connector connector({.next_after = 100ms, .patience = 20s});
  const auto found = connect(connector, {late.address, dead.address});
  opening.join();
  ASSERT_TRUE(found.socket.ok()) << found.socket.error().text();
  EXPECT_EQ(peer_of(*found.socket), late.port());
}

TEST(Connector, EndsWithTheDeadlineWhateverIsUnderWay) {
  const BlackHole one, other;
  Connector connector(kPace);
  const auto found = connect(connector, {one.address, other.address}, 400ms);
  ASSERT_FALSE(found.socket.ok());
  EXPECT_TRUE(found.socket.error().deadline);
  EXPECT_EQ(found.socket.error().kind, ErrorKind::kNetwork);
  EXPECT_GE(found.took, 400ms);
  EXPECT_LT(found.took, 3s);
}

TEST(Connector, EndsSoonWhenTheCallerStops) {
  const BlackHole dead;
  Connector connector(kPace);
  int looks = 0;
  const Call call{.deadline = steady_clock::now() + 15s, .stopped = [&] { return ++looks > 2; }};
  const auto begin = steady_clock::now();
  const auto socket = connector.connect({dead.address}, call);
  ASSERT_FALSE(socket.ok());
  EXPECT_TRUE(socket.error().stopped);
  EXPECT_LT(steady_clock::now() - begin, 5s);
}

TEST(Connector, SaysOfEachAddressWhyItFailed) {
  const fake_exchange::test::ReservedPort refused;
  const BlackHole dead;
  Connector connector({.next_after = 10ms, .patience = 100ms});
  const auto both = connect(connector, {dead.address, v4("127.0.0.1", refused.number())}).socket;
  ASSERT_FALSE(both.ok());
  EXPECT_FALSE(both.error().deadline) << "patience was over, not the caller's time";
  EXPECT_THAT(both.error().message, HasSubstr("127.0.0.1: Connection refused"));
  EXPECT_THAT(both.error().message, HasSubstr("127.0.0.1: no answer within 100 ms"));
  const auto one = connect(connector, {v4("127.0.0.1", refused.number())}).socket;
  EXPECT_EQ(one.error().message, "The connection failed: Connection refused.");
  EXPECT_THAT(connect(connector, {}).socket.error().message, HasSubstr("no address"));
}

/// The one that answered may die as well: the next that answers takes its place.
TEST(Connector, WhatAnsweredIsForgottenWhenAnotherHasTo) {
  Connector connector(kPace);
  const Listening second;
  {
    const Listening first;
    const auto found = connect(connector, {first.address, second.address});
    EXPECT_EQ(peer_of(*found.socket), first.port());
    const BlackHole dead;
    EXPECT_EQ(peer_of(*connect(connector, {dead.address, second.address}).socket), second.port());
  }
  const BlackHole dead;
  const auto again = connect(connector, {dead.address, second.address});
  ASSERT_TRUE(again.socket.ok());
  EXPECT_LT(again.took, kPace.next_after);
}

/// An address may take connections of which nothing comes: who notices says so.
TEST(Connector, WhatIsOfNoUseIsTriedLast) {
  Connector connector(kPace);
  const Listening useless, good;
  const auto next = [&] {
    const auto found = connect(connector, {useless.address, good.address});
    return peer_of(*found.socket);
  };
  EXPECT_EQ(next(), useless.port()) << "nobody knows";
  connector.avoid(useless.address);
  EXPECT_EQ(next(), good.port());
  EXPECT_EQ(next(), good.port());
  connector.avoid(good.address);  // it became useless, too: the other one has its turn
  EXPECT_EQ(next(), useless.port());
  connector.avoid(useless.address);
  EXPECT_EQ(peer_of(*connect(connector, {useless.address}).socket), useless.port())
      << "better than none";
}

TEST(OtherSide, IsTheAddressOfThePeer) {
  Connector connector(kPace);
  const Listening one;
  const auto found = connect(connector, {one.address});
  const auto peer = other_side_of(found.socket->get());
  ASSERT_TRUE(peer);
  EXPECT_EQ(port_of(peer->storage), one.port());
  EXPECT_FALSE(other_side_of(-1));
}

}  // namespace
}  // namespace bourse::binance
