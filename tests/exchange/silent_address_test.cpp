// SPDX-License-Identifier: MIT
#include "tests/exchange/silent_address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>

#include "host/http/descriptor.hpp"
#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

constexpr int kPatienceMs = 200;

enum class Knock { kAccepted, kRefused, kNoAnswer };

Knock knock(const char* address, std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET, address, &to.sin_addr), 1);
  const host::Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::connect(client.number(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  pollfd watched{client.number(), POLLOUT, 0};
  if (::poll(&watched, 1, kPatienceMs) == 0) return Knock::kNoAnswer;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(client.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? Knock::kAccepted : Knock::kRefused;
}

TEST(SilentAddress, NeitherAcceptsNorRefusesHoweverOftenItIsAsked) {
  const SilentAddress silent("127.0.0.2");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(knock("127.0.0.2", silent.port()), Knock::kNoAnswer);
}

TEST(SilentAddress, IsBesideAnExchangeOnTheSamePort) {
  const Standing s;
  {
    const SilentAddress silent("127.0.0.2", s.exchange.port());
    EXPECT_EQ(silent.port(), s.exchange.port());
    EXPECT_EQ(knock("127.0.0.2", s.exchange.port()), Knock::kNoAnswer);
    EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 200);
  }
  EXPECT_EQ(knock("127.0.0.2", s.exchange.port()), Knock::kRefused) << "it is over";
}

TEST(SilentAddress, IsOfThisMachineOnly) {
  EXPECT_THROW(SilentAddress("192.0.2.1"), std::invalid_argument);
}

}  // namespace
}  // namespace bourse::fake_exchange::test
