// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/tls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <future>
#include <latch>
#include <thread>

#include "plugins/sources/binance/client/http_transport.hpp"
#include "tests/plugins/sources/binance/client/certificates.hpp"
#include "tests/plugins/sources/binance/client/keys.hpp"
#include "tests/plugins/sources/binance/client/scratch.hpp"

namespace bourse::binance {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

constexpr HttpRequest kRequest{.method = "GET", .target = "/api/v3/time"};

class TlsTest : public testing::Test {
 protected:
  /// To 127.0.0.1, believing the system's authorities and the certificate given.
  std::shared_ptr<HttpTransport> transport_to(std::uint16_t port,
                                              const TestCertificate* trusted = nullptr) {
    TransportOptions options;
    if (trusted != nullptr) options.authorities = scratch.write("trusted.pem", trusted->pem());
    auto made = HttpTransport::make({.tls = true, .host = "127.0.0.1", .port = port}, options);
    EXPECT_TRUE(made.ok()) << made.error().text();
    return *made;
  }
  /// Through a proxy on this machine, which must play the exchange as well.
  std::shared_ptr<HttpTransport> through_proxy(std::uint16_t port, const TestCertificate& trusted) {
    const Variables variables = [&](const std::string& name) {
      return name == "HTTPS_PROXY" ? "http://me:pass%20word@127.0.0.1:" + std::to_string(port) : "";
    };
    const Origin origin{.tls = true, .host = "exchange.test", .port = 443};
    auto proxy = proxy_for(origin, variables);
    EXPECT_TRUE(proxy.ok() && proxy->has_value());
    return *HttpTransport::make(
        origin,
        {.proxy = *std::move(proxy), .authorities = scratch.write("trusted.pem", trusted.pem())});
  }
  /// The error of one request to a server with that certificate.
  Error refusal_of(const TestCertificate& shown, const TestCertificate* trusted) {
    const auto context = shown.context();
    std::atomic<bool> sent = false;
    RawServer server([&](Peer& peer) {
      if (peer.start_tls(context.get())) sent = !peer.read_request().empty();
    });
    auto response = transport_to(server.port(), trusted)->send(kRequest, within(10s));
    EXPECT_FALSE(response.ok());
    EXPECT_FALSE(sent);
    return response.ok() ? Error{} : response.error();
  }

  Scratch scratch;
  const TestCertificate ours{"IP:127.0.0.1,DNS:exchange.test"};
};

TEST_F(TlsTest, TalksToAServerWithATrustedCertificate) {
  const auto context = ours.context();
  RawServer server([&](Peer& peer) {
    if (!peer.start_tls(context.get())) return;
    while (!peer.read_request().empty()) {
      peer.send(http(200, std::string(100'000, static_cast<char>('0' + peer.number))));
    }
  });
  const auto transport = transport_to(server.port(), &ours);
  for (int i = 0; i < 3; ++i) {
    const auto response = transport->send(kRequest, within(10s));
    ASSERT_TRUE(response.ok()) << response.error().text();
    EXPECT_EQ(response->body, std::string(100'000, '0'));
  }
  EXPECT_EQ(transport->state().opened, 1u);
}

TEST_F(TlsTest, SharesItsAuthoritiesAmongConnections) {
  const auto context = ours.context();
  RawServer server([&](Peer& peer) {
    if (!peer.start_tls(context.get())) return;
    while (!peer.read_request().empty()) peer.send(http(200, "{}"));
  });
  const auto transport = transport_to(server.port(), &ours);
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 6; ++i) {
      callers.emplace_back([&] {
        for (int j = 0; j < 3; ++j) answered += transport->send(kRequest, within(30s)).ok() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(answered, 18);
}

// A ban may arrive while others still shake hands.
TEST_F(TlsTest, TheGateIsAskedAfterTheHandshakeAndTheConnectionKept) {
  struct ClosedGate final : Gate {
    Result<std::string_view> may_leave() override {
      if (open) return kRequest.target;
      return Error{.kind = ErrorKind::kBanned, .message = "Closed."};
    }
    void arrived(const HttpResponse&) override {}
    std::atomic<bool> open = true;
  } gate;
  std::latch connected(1), closed(1);
  std::atomic<int> requests = 0;
  const auto context = ours.context();
  RawServer server([&](Peer& peer) {
    connected.count_down();
    closed.wait();
    if (!peer.start_tls(context.get())) return;
    for (; !peer.read_request().empty(); ++requests) peer.send(http(200, "{}"));
  });
  const auto transport = transport_to(server.port(), &ours);
  HttpRequest request = kRequest;
  request.gate = &gate;
  auto refused =
      std::async(std::launch::async, [&] { return transport->send(request, within(10s)); });
  connected.wait();
  gate.open = false;
  closed.count_down();
  const auto result = refused.get();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kBanned);
  EXPECT_EQ(result.error().reach, Reach::kNotSent);
  EXPECT_EQ(transport->state().idle, 1u);
  gate.open = true;
  EXPECT_TRUE(transport->send(request, within(10s)).ok());
  EXPECT_EQ(transport->state().opened, 1u);
  EXPECT_EQ(requests, 1);
}

TEST_F(TlsTest, AnUntrustedCertificateIsAPermanentError) {
  const Error error = refusal_of(ours, nullptr);
  EXPECT_EQ(error.kind, ErrorKind::kNetwork);
  EXPECT_TRUE(error.permanent);
  EXPECT_EQ(error.reach, Reach::kNotSent);
  EXPECT_THAT(error.message, HasSubstr("certificate of 127.0.0.1 is not trusted: self"));
  EXPECT_THAT(error.advice, HasSubstr("cannot be switched off"));
}

TEST_F(TlsTest, ACertificateMustBeForThisHostAndInForce) {
  const struct {
    const char* why;
    TestCertificate certificate;
  } cases[] = {
      {"IP address mismatch", TestCertificate{"IP:127.0.0.2"}},
      {"IP address mismatch", TestCertificate{"DNS:127.0.0.1"}},
      // Common names went out of use with RFC 2818, and browsers stopped to look at them.
      {"IP address mismatch", TestCertificate{"", "127.0.0.1"}},
      {"expired", TestCertificate{"IP:127.0.0.1", "Test", -7200, -3600}},
      {"not yet valid", TestCertificate{"IP:127.0.0.1", "Test", 3600, 7200}},
  };
  for (const auto& one : cases) {
    const Error error = refusal_of(one.certificate, &one.certificate);
    EXPECT_TRUE(error.permanent) << one.why;
    EXPECT_THAT(error.message, HasSubstr(one.why));
  }
}

TEST_F(TlsTest, RefusesOldVersions) {
  const auto context = ours.context();
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  RawServer server([&](Peer& peer) { peer.start_tls(context.get()); });
  const auto response = transport_to(server.port(), &ours)->send(kRequest, within(10s));
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().reach, Reach::kNotSent);
  EXPECT_FALSE(response.error().permanent);
}

TEST_F(TlsTest, AFailedHandshakeHasSentNothing) {
  for (const std::string answer : {"", "HTTP/1.1 400 Bad Request\r\n\r\n"}) {
    RawServer server([&](Peer& peer) { peer.send(answer); });
    const auto response = transport_to(server.port(), &ours)->send(kRequest, within(10s));
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind, ErrorKind::kNetwork);
    EXPECT_EQ(response.error().reach, Reach::kNotSent);
    EXPECT_FALSE(response.error().deadline);
    EXPECT_THAT(response.error().message, HasSubstr("TLS with 127.0.0.1 failed"));
  }
}

TEST_F(TlsTest, AHandshakeDoesNotOutlastTheDeadline) {
  // A record that announces 16 KB, whose bytes come one by one: each makes the library wait anew.
  const std::string record =
      std::string("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", 9) + std::string(16'000, 'x');
  for (const bool drips : {false, true}) {
    RawServer server([&](Peer& peer) {
      if (drips) peer.drip(record);
      peer.hang();
    });
    const auto start = steady_clock::now();
    const auto response = transport_to(server.port(), &ours)->send(kRequest, within(300ms));
    EXPECT_LT(steady_clock::now() - start, 3s);
    ASSERT_FALSE(response.ok());
    EXPECT_TRUE(response.error().deadline) << response.error().text();
    EXPECT_EQ(response.error().reach, Reach::kNotSent);
  }
}

/// Two addresses of the exchange, of which the first takes connections and says nothing.
TEST_F(TlsTest, AnAddressThatEndsNoHandshakeIsNotFirstForEver) {
  RawServer silent([](Peer& peer) { peer.hang(); });
  const auto context = ours.context();
  RawServer good([&](Peer& peer) {
    if (!peer.start_tls(context.get())) return;
    while (!peer.read_request().empty()) peer.send(http(200, "{}"));
  });
  const auto resolve = [&](const std::string&, std::uint16_t, const Call&) {
    std::vector<Address> addresses;
    for (const std::uint16_t port : {silent.port(), good.port()}) {
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      where.sin_port = htons(port);
      std::memcpy(&addresses.emplace_back().storage, &where, sizeof where);
      addresses.back().size = sizeof where;
    }
    return Result<std::vector<Address>>(addresses);
  };
  const auto transport = *HttpTransport::make(
      {.tls = true, .host = "exchange.test", .port = 443},
      {.authorities = scratch.write("trusted.pem", ours.pem()), .resolve = resolve});
  const auto first = transport->send(kRequest, within(300ms));
  ASSERT_FALSE(first.ok());
  EXPECT_TRUE(first.error().deadline);
  const auto second = transport->send(kRequest, within(10s));
  EXPECT_TRUE(second.ok()) << second.error().text();
}

TEST_F(TlsTest, AHandshakeEndsSoonWhenTheCallerStops) {
  std::atomic<bool> stop = false;
  RawServer server([&](Peer& peer) {
    stop = true;
    peer.hang();
  });
  Call call = within(60s);
  call.stopped = [&] { return stop.load(); };
  const auto response = transport_to(server.port(), &ours)->send(kRequest, call);
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().stopped);
}

TEST_F(TlsTest, ASilentOrDrippingPeerDoesNotOutlastTheDeadline) {
  const auto context = ours.context();
  for (const bool drips : {false, true}) {
    RawServer server([&](Peer& peer) {
      if (!peer.start_tls(context.get())) return;
      peer.read_request();
      if (drips) peer.drip(http(200, std::string(100'000, ' ')));
      peer.hang();
    });
    const auto start = steady_clock::now();
    const auto response = transport_to(server.port(), &ours)->send(kRequest, within(1500ms));
    EXPECT_LT(steady_clock::now() - start, 4500ms);
    ASSERT_FALSE(response.ok());
    EXPECT_TRUE(response.error().deadline);
    EXPECT_EQ(response.error().reach, Reach::kMaybe);
  }
}

// Without length, the end of the connection is the end of the body, and anybody on the way can make
// it end.
TEST_F(TlsTest, ABodyEndsWithAGoodByeOnly) {
  const auto context = ours.context();
  for (const bool polite : {false, true}) {
    RawServer server([&](Peer& peer) {
      if (!peer.start_tls(context.get())) return;
      peer.read_request();
      peer.send("HTTP/1.1 200 OK\r\n\r\n[1,2]");
      if (polite) peer.end_tls();
    });
    const auto response = transport_to(server.port(), &ours)->send(kRequest, within(10s));
    EXPECT_EQ(response.ok(), polite);
  }
}

TEST_F(TlsTest, NoticesThatThePeerClosedAnIdleConnection) {
  const auto context = ours.context();
  enum class End { kGoodBye, kClosed, kReset };
  for (const End end : {End::kGoodBye, End::kClosed, End::kReset}) {
    std::latch read(1);
    RawServer server([&](Peer& peer) {
      if (!peer.start_tls(context.get())) return;
      peer.read_request();
      peer.send(http(200, std::to_string(peer.number)));
      if (peer.number > 0) return peer.hang();
      read.wait();  // a reset would take the answer with it
      if (end == End::kGoodBye) peer.end_tls();
      if (end == End::kReset) peer.reset();
    });
    const auto transport = transport_to(server.port(), &ours);
    const auto first = transport->send(kRequest, within(10s));
    read.count_down();
    ASSERT_TRUE(first.ok()) << first.error().text();
    ASSERT_TRUE(server.wait_until_clients_know());
    const auto second = transport->send(kRequest, within(10s));
    ASSERT_TRUE(second.ok()) << second.error().text();
    EXPECT_EQ(second->body, "1");
  }
}

TEST_F(TlsTest, AuthoritiesThatCannotBeReadAreRefusedAtOnce) {
  for (const std::string& path : {scratch.path("absent.pem"), scratch.write("odd.pem", "hello")}) {
    const auto made =
        HttpTransport::make({.tls = true, .host = "127.0.0.1", .port = 1}, {.authorities = path});
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().kind, ErrorKind::kValidation);
    EXPECT_THAT(made.error().message, HasSubstr(path));
  }
}

// ---- proxies

TEST_F(TlsTest, GoesThroughAProxyWithoutShowingItsPasswordToTheExchange) {
  const auto context = ours.context();
  std::promise<std::pair<std::string, std::string>> seen;
  RawServer proxy([&](Peer& peer) {
    const std::string asked = peer.read_request();
    peer.send("HTTP/1.0 200 Tunnel opened\r\n\r\n");
    if (!peer.start_tls(context.get())) return;
    seen.set_value({asked, peer.read_request()});
    peer.send(http(200, "{}"));
  });
  const auto response = through_proxy(proxy.port(), ours)->send(kRequest, within(10s));
  ASSERT_TRUE(response.ok()) << response.error().text();
  const auto [asked, request] = seen.get_future().get();
  EXPECT_TRUE(
      asked.starts_with("CONNECT exchange.test:443 HTTP/1.1\r\nHost: exchange.test:443\r\n"))
      << asked;
  // base64 of "me:pass word", by `printf 'me:pass word' | base64`.
  EXPECT_THAT(asked, HasSubstr("Proxy-Authorization: Basic bWU6cGFzcyB3b3Jk\r\n"));
  EXPECT_TRUE(request.starts_with("GET /api/v3/time HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Host: exchange.test\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Proxy")));
}

TEST_F(TlsTest, SaysHowAProxyRefuses) {
  const struct {
    std::string answer, message;
    bool permanent;
  } cases[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\n\r\n", "407", true},
      {"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 4\r\n\r\nblah", "403", true},
      {"HTTP/1.0 502 Bad Gateway\r\n\r\n", "502", false},
      {"HTTP/1.1 200 OK\r\n\r\nand more", "as a proxy should", false},
      {"SSH-2.0\r\n\r\n", "as a proxy should", false},
      {std::string(200'000, 'a'), "as a proxy should", false},
      {"", "closed the connection", false},
  };
  for (const auto& one : cases) {
    RawServer proxy([&](Peer& peer) {
      peer.read_request();
      peer.send(one.answer);
    });
    const auto response = through_proxy(proxy.port(), ours)->send(kRequest, within(10s));
    ASSERT_FALSE(response.ok()) << one.message;
    const Error& error = response.error();
    EXPECT_THAT(error.message, HasSubstr(one.message));
    EXPECT_EQ(error.permanent, one.permanent) << one.message;
    EXPECT_EQ(error.reach, Reach::kNotSent);
    EXPECT_THAT(error.text(), Not(HasSubstr("pass word")));
    EXPECT_THAT(error.text(), Not(HasSubstr("bWU6cGFzcyB3b3Jk")));
  }
}

TEST_F(TlsTest, ASilentProxyDoesNotOutlastTheDeadline) {
  RawServer proxy([](Peer& peer) { peer.hang(); });
  const auto response = through_proxy(proxy.port(), ours)->send(kRequest, within(200ms));
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().deadline);
  EXPECT_EQ(response.error().reach, Reach::kNotSent);
}

// ---- SIGPIPE

bool pipe_is_pending() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGPIPE) == 1;
}

TEST(NoPipeSignal, TurnsTheSignalIntoAnError) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  {
    const NoPipeSignal guard;
    EXPECT_EQ(::write(ends[1], "x", 1), -1);  // would end the process
    EXPECT_TRUE(pipe_is_pending());
  }
  EXPECT_FALSE(pipe_is_pending());
  sigset_t now;
  pthread_sigmask(SIG_BLOCK, nullptr, &now);
  EXPECT_EQ(sigismember(&now, SIGPIPE), 0);
  ::close(ends[1]);
}

TEST(NoPipeSignal, LeavesASignalThatWasHeldBackBefore) {
  sigset_t pipe, before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  ::raise(SIGPIPE);
  { const NoPipeSignal guard; }
  EXPECT_TRUE(pipe_is_pending());
  int signal = 0;
  sigwait(&pipe, &signal);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace bourse::binance
