// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/http_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <cstring>
#include <future>
#include <latch>
#include <thread>

#include "tests/exchange/reserved_port.hpp"
#include "tests/plugins/sources/binance/client/gzip_text.hpp"
#include "tests/plugins/sources/binance/client/keys.hpp"
#include "tests/plugins/sources/binance/client/raw_server.hpp"

namespace bourse::binance {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

constexpr HttpRequest kRequest{.method = "GET", .target = "/api/v3/time"};

std::shared_ptr<HttpTransport> transport_to(std::uint16_t port, TransportOptions options = {}) {
  return *HttpTransport::make({.tls = false, .host = "127.0.0.1", .port = port},
                              std::move(options));
}

/// The only request to a server that gives this answer and closes.
Result<HttpResponse> ask_once(const std::string& answer, TransportOptions options = {}) {
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.send(answer);
  });
  return transport_to(server.port(), std::move(options))->send(kRequest, within(10s));
}

// ---- what goes out

TEST(HttpTransport, SendsTheTargetByteForByte) {
  std::promise<std::string> sent;
  RawServer server([&](Peer& peer) {
    sent.set_value(peer.read_request());
    peer.send(http(200, "{}"));
  });
  const Secret key{std::string_view(kApiKey)};
  const std::string target =
      "/api/v3/x?symbols=%5B%22A%22%2C%22B%22%5D&a=%E8%BF%99~-_.&signature=%2Bab%2F%3D";
  const auto response =
      transport_to(server.port())
          ->send({.method = "GET", .target = target, .api_key = &key}, within(10s));
  ASSERT_TRUE(response.ok()) << response.error().text();
  const std::string head = sent.get_future().get();
  EXPECT_TRUE(head.starts_with("GET " + target + " HTTP/1.1\r\n")) << head;
  EXPECT_THAT(head, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(head, HasSubstr("X-MBX-APIKEY: " + std::string(kApiKey) + "\r\n"));
  EXPECT_THAT(head, HasSubstr("Accept-Encoding: gzip\r\n"));
  EXPECT_THAT(head, HasSubstr("Accept: application/json\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Connection:")));
}

TEST(HttpTransport, KeepsTheKeyToCallsThatNeedIt) {
  std::promise<std::string> sent;
  RawServer server([&](Peer& peer) {
    sent.set_value(peer.read_request());
    peer.send(http(200, "{}"));
  });
  ASSERT_TRUE(
      transport_to(server.port())->send({.method = "POST", .target = "/p?a=1"}, within(10s)).ok());
  const std::string head = sent.get_future().get();
  EXPECT_TRUE(head.starts_with("POST /p?a=1 HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 0\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("APIKEY")));
}

// ---- what comes in

TEST(HttpTransport, ReadsEveryKindOfBody) {
  struct Case {
    const char* what;
    std::string answer;
  };
  const Case cases[] = {
      {"length", http(200, "{\"a\":1}")},
      {"chunks",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n{\"a\r\n"
       "4\r\n\":1}\r\n0\r\n\r\n"},
      {"up to the end", "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}"},
      {"packed", http(200, gzipped("{\"a\":1}"), "Content-Encoding: gzip\r\n")},
      {"packed, unlabelled", http(200, gzipped("{\"a\":1}"))},
      {"falsely labelled", http(200, "{\"a\":1}", "Content-Encoding: gzip\r\n")},
      {"no reason", "HTTP/1.1 200 \r\nContent-Length: 7\r\n\r\n{\"a\":1}"},
  };
  for (const Case& one : cases) {
    const auto response = ask_once(one.answer);
    ASSERT_TRUE(response.ok()) << one.what << ": " << response.error().text();
    EXPECT_EQ(response->status, 200) << one.what;
    EXPECT_EQ(response->body, "{\"a\":1}") << one.what;
  }
}

TEST(HttpTransport, ReturnsAnyStatusWithItsHeaders) {
  const auto response =
      ask_once(http(418, "{\"code\":-1003}", "Retry-After: 120\r\nX-MBX-USED-WEIGHT-1M: 42\r\n"));
  ASSERT_TRUE(response.ok()) << response.error().text();
  EXPECT_EQ(response->status, 418);
  EXPECT_EQ(response->header("retry-after"), "120");
  EXPECT_EQ(response->header("x-mbx-used-weight-1m"), "42");
  EXPECT_EQ(response->header("absent"), "");
  EXPECT_EQ(ask_once("HTTP/1.1 204 No Content\r\n\r\n")->status, 204);
}

TEST(HttpTransport, DoesNotFollowRedirections) {
  std::atomic<int> requests = 0;
  RawServer server([&](Peer& peer) {
    while (!peer.read_request().empty()) {
      ++requests;
      peer.send(http(302, "", "Location: http://127.0.0.1:1/elsewhere\r\n"));
    }
  });
  const auto response = transport_to(server.port())->send(kRequest, within(10s));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(requests, 1);
}

TEST(HttpTransport, NoticesAnswersThatAreCutOrMakeNoSense) {
  struct Case {
    const char* what;
    std::string answer;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"cut in the first line", "HTTP/1.1 20"},
      {"cut in the headers", "HTTP/1.1 200 OK\r\nContent-Le"},
      {"cut after the headers", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"},
      {"length too large", "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"a\":1}"},
      {"cut in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"a\""},
      {"cut between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"},
      {"cut behind a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r"},
      {"chunk too long",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n"},
      {"no number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"},
      {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
      {"HTTP/2", "HTTP/2 200\r\n\r\n"},
      {"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
      {"damaged gzip", http(200, gzipped("{\"a\":1}").substr(0, 15))},
  };
  for (const Case& one : cases) {
    const auto response = ask_once(one.answer);
    ASSERT_FALSE(response.ok()) << one.what;
    EXPECT_EQ(response.error().kind, ErrorKind::kNetwork) << one.what;
    EXPECT_EQ(response.error().reach, Reach::kMaybe) << one.what;
    EXPECT_FALSE(response.error().stale_connection) << one.what;
    EXPECT_FALSE(response.error().deadline) << one.what;
  }
}

// RFC 9112, sections 6.1 and 6.3: an error that cannot be mended, but for equal lengths.
TEST(HttpTransport, NoticesAnswersThatSayTheirLengthInTwoWays) {
  const std::string ok = "HTTP/1.1 200 OK\r\n", body = "\r\n{\"a\":1}";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string chunks = "\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n";
  const std::pair<std::string, const char*> cases[] = {
      {ok + "Content-Length: 7\r\nContent-Length: 8\r\n" + body, "is not one number: 7, 8."},
      {ok + "Content-Length: 8\r\nContent-Length: 7\r\n" + body, "is not one number: 8, 7."},
      {ok + "content-length: 7\r\nX: y\r\nCONTENT-LENGTH: 6\r\n" + body, "7, 6."},
      {ok + "Content-Length: 7, 8\r\n" + body, "is not one number: 7, 8."},
      {ok + "Content-Length: 7,\r\n" + body, "is not one number"},
      {ok + "Content-Length: -7\r\n" + body, "is not one number: -7."},
      {ok + "Content-Length: +7\r\n" + body, "is not one number"},
      {ok + "Content-Length: 0x7\r\n" + body, "is not one number"},
      {ok + "Content-Length: 7 bytes\r\n" + body, "is not one number"},
      {ok + "Content-Length: 18446744073709551616\r\n" + body, "is not one number"},
      {ok + "Content-Length: 7\r\n" + chunked + chunks, "both"},
      {ok + chunked + "Content-Length: 7\r\n" + chunks, "both"},
      {ok + chunked + chunked + chunks, "another Transfer-Encoding"},
      {ok + "Transfer-Encoding: gzip, chunked\r\n" + chunks, "another Transfer-Encoding"},
      {ok + "Transfer-Encoding: identity\r\n" + body, "another Transfer-Encoding"},
      {"HTTP/1.0 200 OK\r\n" + chunked + chunks, "HTTP/1.0"},
  };
  for (const auto& [answer, message] : cases) {
    const auto response = ask_once(answer);
    ASSERT_FALSE(response.ok()) << answer;
    EXPECT_EQ(response.error().kind, ErrorKind::kNetwork) << answer;
    EXPECT_EQ(response.error().reach, Reach::kMaybe) << answer;
    EXPECT_FALSE(response.error().permanent) << answer;
    EXPECT_THAT(response.error().message, HasSubstr(message)) << answer;
  }
  for (const char* const same :
       {"Content-Length: 7\r\nContent-Length: 7\r\n", "Content-Length: 7, 7\r\n",
        "Content-Length: 7\r\nContent-Length:7 ,\t7\r\n", "Content-Length: 07\r\n"}) {
    const auto response = ask_once(ok + same + body);
    ASSERT_TRUE(response.ok()) << same << response.error().text();
    EXPECT_EQ(response->body, "{\"a\":1}") << same;
  }
  // Who says so says what to do next, whatever follows it.
  const auto ban = ask_once(
      "HTTP/1.1 418 I'm a teapot\r\nRetry-After: 120\r\nContent-Length: 7\r\n" + chunked + chunks);
  ASSERT_TRUE(ban.ok()) << ban.error().text();
  EXPECT_EQ(ban->status, 418);
  EXPECT_EQ(ban->header("retry-after"), "120");
  EXPECT_THAT(ban->damage->message, HasSubstr("both"));
}

// Of a damaged answer, the connection to the internet is the one thing that is known to be well.
TEST(HttpTransport, SendsNobodyToTheCablesForAnAnswerThatIsSpoilt) {
  for (const std::string& answer :
       {http(200, gzipped("{\"a\":1}").substr(0, 15)), std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
        http(200, std::string(1001, ' '))}) {
    const auto response = ask_once(answer, {.body_bytes_max = 1000});
    ASSERT_FALSE(response.ok()) << answer;
    EXPECT_THAT(response.error().advice, HasSubstr("proxy may change answers")) << answer;
  }
  EXPECT_THAT(ask_once("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n").error().advice,
              HasSubstr("connection to the internet"))
      << "it was cut off";
}

TEST(HttpTransport, DoesNotWaitForABodyWhoseLengthIsNotSaid) {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 8\r\n\r\n");
    peer.hang();
  });
  const auto start = steady_clock::now();
  EXPECT_FALSE(transport_to(server.port())->send(kRequest, within(30s)).ok());
  EXPECT_LT(steady_clock::now() - start, 10s);
}

// Four requests into a ban make it longer: that there is one must not get lost with the body.
TEST(HttpTransport, KeepsAStatusThatIsNot200WhenWhatFollowsIsDamaged) {
  const std::string head = "HTTP/1.1 418 I'm a teapot\r\nRetry-After: 120\r\n";
  struct Case {
    const char* what;
    std::string answer;
  };
  const Case cases[] = {
      {"length too large", head + "Content-Length: 8\r\n\r\n{\"a\":1}"},
      {"cut in a chunk", head + "Transfer-Encoding: chunked\r\n\r\n9\r\n{\"a\""},
      {"chunk too long", head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n"},
      {"damaged gzip", http(418, gzipped("{\"a\":1}").substr(0, 15), "Retry-After: 120\r\n")},
      {"too long", http(418, std::string(1001, ' '), "Retry-After: 120\r\n")},
      {"cut in the headers", head + "X-Mbx-U"},
  };
  for (const Case& one : cases) {
    const auto response = ask_once(one.answer, {.body_bytes_max = 1000});
    ASSERT_TRUE(response.ok()) << one.what << ": " << response.error().text();
    EXPECT_EQ(response->status, 418) << one.what;
    EXPECT_EQ(response->header("retry-after"), "120") << one.what;
    EXPECT_EQ(response->body, "") << one.what;
    ASSERT_TRUE(response->damage.has_value()) << one.what;
    EXPECT_EQ(response->damage->reach, Reach::kMaybe) << one.what;
  }
  EXPECT_FALSE(ask_once(http(418, "{}"))->damage.has_value());
}

TEST(HttpTransport, NoticesAResetInTheBody) {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[");
    peer.reset();
  });
  const auto response = transport_to(server.port())->send(kRequest, within(10s));
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().reach, Reach::kMaybe);
}

TEST(HttpTransport, StopsReadingBodiesAtTheLimit) {
  const TransportOptions options{.body_bytes_max = 1000};
  EXPECT_TRUE(ask_once(http(200, std::string(1000, ' ')), options).ok());
  for (const std::string& answer :
       {http(200, std::string(1001, ' ')),
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n" + std::string(2000, ' '),
        "HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, ' '),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7FFFFFFFFFFFFFFF\r\n" +
            std::string(2000, ' '),
        http(200, gzipped(std::string(1'000'000, ' ')).substr(0, 900))}) {
    const auto response = ask_once(answer, options);
    ASSERT_FALSE(response.ok());
    EXPECT_THAT(response.error().message, HasSubstr("too long"));
    EXPECT_EQ(response.error().reach, Reach::kMaybe);
  }
}

// A dozen connections with an answer each are more than one answer at its limit.
TEST(HttpTransport, AnswersTogetherHaveALimit) {
  std::promise<void> finish;
  const auto finished = finish.get_future().share();
  RawServer server([&](Peer& peer) {
    for (int answers = 0; !peer.read_request().empty(); ++answers) {
      const bool slow = peer.number == 0 && answers == 0;
      const std::string answer = http(200, std::string(600'000, ' '));
      peer.send(answer.substr(0, 500'000));
      if (slow) finished.wait();
      peer.send(answer.substr(500'000));
    }
  });
  // Alone it takes 1.6 MB, while its buffer grows from 0.5 to 1 MB; beside the first half of
  // another one that is 2.1 MB.
  const auto transport = transport_to(server.port(), {.answers_bytes_max = 1'800'000});
  auto first =
      std::async(std::launch::async, [&] { return transport->send(kRequest, within(30s)); });
  while (transport->state().answer_bytes < 400'000) std::this_thread::yield();
  const auto second = transport->send(kRequest, within(10s));
  finish.set_value();
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().no_room);
  EXPECT_EQ(second.error().kind, ErrorKind::kNetwork);
  EXPECT_EQ(second.error().reach, Reach::kMaybe);
  EXPECT_FALSE(second.error().permanent);
  EXPECT_THAT(second.error().message, HasSubstr("may take together: 1 MB"));
  {
    const auto response = first.get();
    ASSERT_TRUE(response.ok()) << response.error().text();
    EXPECT_GE(transport->state().answer_bytes, 600'000U) << "it has not been read yet";
  }
  EXPECT_EQ(transport->state().answer_bytes, 0U);
  EXPECT_EQ(transport->state().answer_refusals, 1);
  EXPECT_TRUE(transport->send(kRequest, within(10s)).ok()) << "there is room again";
}

TEST(HttpTransport, AnAnswerThatHasNoRoomEvenAloneIsNotAskedForAgain) {
  for (const std::string& answer :
       {http(200, std::string(600'000, ' ')), http(200, gzipped(std::string(1'200'000, ' ')))}) {
    const auto response = ask_once(answer, {.answers_bytes_max = std::size_t{1} << 20U});
    ASSERT_FALSE(response.ok());
    EXPECT_TRUE(response.error().no_room);
    EXPECT_TRUE(response.error().permanent);
    EXPECT_THAT(response.error().advice, HasSubstr("`answer_memory`"));
  }
}

// The HTTP library reads lines of any length into memory, and looks at the first one with a regular
// expression that recurses for every byte.
TEST(HttpTransport, StopsReadingHeadsThatDoNotEnd) {
  const std::string endless(4'000'000, 'a');
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 20'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  for (const std::string& answer :
       {"HTTP/1.1 200 " + endless, "HTTP/1.1 200 " + endless.substr(0, 1000) + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Long: " + endless, many,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;" + endless}) {
    RawServer server([&](Peer& peer) {
      peer.read_request();
      peer.send(answer);
      peer.hang();
    });
    const auto response = transport_to(server.port())->send(kRequest, within(20s));
    ASSERT_FALSE(response.ok());
    EXPECT_THAT(response.error().message, HasSubstr("too long"));
  }
  const auto large = ask_once(http(200, "{}", "X-Large: " + endless.substr(0, 8000) + "\r\n"));
  EXPECT_TRUE(large.ok()) << large.error().text();
}

// ---- time

TEST(HttpTransport, ASilentPeerDoesNotOutlastTheDeadline) {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.hang();
  });
  const auto start = steady_clock::now();
  const auto response = transport_to(server.port())->send(kRequest, within(500ms));
  EXPECT_LT(steady_clock::now() - start, 3s);
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().deadline);
  EXPECT_EQ(response.error().reach, Reach::kMaybe);
}

TEST(HttpTransport, ADrippingPeerDoesNotOutlastTheDeadline) {
  const std::string body(100'000, ' ');
  for (const std::string& answer :
       {std::string("HTTP/1.1 200 ") + std::string(400, 'x'),
        "HTTP/1.1 200 OK\r\nX: " + std::string(7000, 'x'), http(200, body)}) {
    RawServer server([&](Peer& peer) {
      peer.read_request();
      peer.drip(answer);
    });
    const auto start = steady_clock::now();
    const auto response = transport_to(server.port())->send(kRequest, within(500ms));
    EXPECT_LT(steady_clock::now() - start, 3s);
    ASSERT_FALSE(response.ok());
    EXPECT_TRUE(response.error().deadline) << response.error().text();
  }
}

TEST(HttpTransport, EndsSoonWhenTheCallerStops) {
  std::atomic<bool> stop = false;
  RawServer server([&](Peer& peer) {
    peer.read_request();
    stop = true;
    peer.hang();
  });
  Call call = within(60s);
  call.stopped = [&] { return stop.load(); };
  const auto response = transport_to(server.port())->send(kRequest, call);
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(response.error().stopped);
  EXPECT_FALSE(response.error().deadline);
}

TEST(HttpTransport, AConnectionThatIsRefusedHasSentNothing) {
  const fake_exchange::test::ReservedPort port;
  const auto response = transport_to(port.number())->send(kRequest, within(10s));
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().reach, Reach::kNotSent);
  EXPECT_FALSE(response.error().permanent);
  EXPECT_THAT(response.error().message, HasSubstr("refused"));
}

/// Of a name, or a proxy's name, with two addresses the second answers.
TEST(HttpTransport, TriesEveryAddressOfTheNameOfTheExchangeOrItsProxy) {
  RawServer server([](Peer& peer) {
    while (true) {
      const std::string head = peer.read_request();
      if (head.empty()) return;
      if (head.starts_with("CONNECT")) {
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
      } else {
        peer.send(http(200, "{}"));
      }
    }
  });
  const fake_exchange::test::ReservedPort refused;
  std::vector<std::string> asked;
  const auto resolve = [&](const std::string& host, std::uint16_t port, const Call&) {
    asked.push_back(host + ":" + std::to_string(port));
    std::vector<Address> addresses(2);
    for (Address& address : addresses) {
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      where.sin_port = htons(&address == addresses.data() ? refused.number() : server.port());
      std::memcpy(&address.storage, &where, sizeof where);
      address.size = sizeof where;
    }
    return Result<std::vector<Address>>(addresses);
  };
  const Origin origin{.tls = false, .host = "exchange.test", .port = 80};
  const auto direct = *HttpTransport::make(origin, {.resolve = resolve});
  const auto response = direct->send(kRequest, within(10s));
  ASSERT_TRUE(response.ok()) << response.error().text();
  const auto tunnelled = *HttpTransport::make(
      origin, {.proxy = Proxy{.host = "proxy.test", .port = 3128, .authorization = nullptr},
               .resolve = resolve});
  const auto through = tunnelled->send(kRequest, within(10s));
  ASSERT_TRUE(through.ok()) << through.error().text();
  EXPECT_EQ(asked, (std::vector<std::string>{"exchange.test:80", "proxy.test:3128"}));
}

TEST(HttpTransport, FindsNames) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "getaddrinfo_a works in a thread of glibc's own, in which TSan's malloc crashes";
#endif
  addrinfo* found = nullptr;
  const int unknown = ::getaddrinfo("localhost", nullptr, nullptr, &found);
  if (unknown != 0) {
    GTEST_SKIP() << "this machine does not know \"localhost\" itself (no /etc/hosts?): "
                 << ::gai_strerror(unknown);
  }
  ::freeaddrinfo(found);
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send(http(200, "{}"));
  });
  // ::1 may come first: nobody listens there, and the next address is tried.
  const auto transport =
      *HttpTransport::make({.tls = false, .host = "localhost", .port = server.port()}, {});
  const auto response = transport->send(kRequest, within(10s));
  EXPECT_TRUE(response.ok()) << response.error().text();
}

// ---- the pool

/// Answers every request with the number of its connection.
void count_connections(Peer& peer) {
  while (!peer.read_request().empty()) {
    if (!peer.send(http(200, std::to_string(peer.number)))) return;
  }
}

TEST(HttpPool, UsesAConnectionAgain) {
  RawServer server(count_connections);
  const auto transport = transport_to(server.port());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(transport->send(kRequest, within(10s))->body, "0");
  EXPECT_EQ(transport->state().opened, 1u);
  EXPECT_EQ(transport->state().idle, 1u);
  EXPECT_EQ(transport->state().busy, 0u);
  HttpRequest fresh = kRequest;
  fresh.fresh_connection = true;
  EXPECT_EQ(transport->send(fresh, within(10s))->body, "1");
}

TEST(HttpPool, DoesNotKeepConnectionsForLongerThanTheIdleLimit) {
  RawServer server(count_connections);
  const auto transport = transport_to(server.port(), {.idle_max = 0ms});
  EXPECT_EQ(transport->send(kRequest, within(10s))->body, "0");
  EXPECT_EQ(transport->send(kRequest, within(10s))->body, "1");
}

TEST(HttpPool, DoesNotKeepConnectionsThatThePeerIsDoneWith) {
  for (const std::string& answer : {http(200, "{}", "Connection: close\r\n"),
                                    std::string("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
                                    http(200, "{}") + "and more than its length says"}) {
    RawServer server([&](Peer& peer) {
      while (!peer.read_request().empty()) peer.send(answer);
    });
    const auto transport = transport_to(server.port());
    EXPECT_TRUE(transport->send(kRequest, within(10s)).ok());
    const auto second = transport->send(kRequest, within(10s));
    ASSERT_TRUE(second.ok()) << second.error().text();
    EXPECT_EQ(second->body, "{}");
    EXPECT_EQ(transport->state().opened, 2u);
  }
}

TEST(HttpPool, NoticesThatThePeerClosedAnIdleConnection) {
  for (const bool resets : {false, true}) {
    std::latch read(1);
    RawServer server([&](Peer& peer) {
      peer.read_request();
      peer.send(http(200, std::to_string(peer.number)));
      if (peer.number > 0) return peer.hang();
      read.wait();  // a reset would take the answer with it
      if (resets) peer.reset();
    });
    const auto transport = transport_to(server.port());
    const auto first = transport->send(kRequest, within(10s));
    read.count_down();
    ASSERT_TRUE(first.ok()) << first.error().text();
    ASSERT_TRUE(server.wait_until_clients_know());
    const auto second = transport->send(kRequest, within(10s));
    ASSERT_TRUE(second.ok()) << second.error().text();
    EXPECT_EQ(second->body, "1");
  }
}

TEST(HttpPool, TellsAStaleConnectionFromAFreshOne) {
  RawServer server([](Peer& peer) {
    if (peer.number == 0) {
      peer.read_request();
      peer.send(http(200, "{}"));
    }
    peer.read_request();  // and closes without a byte
  });
  const auto transport = transport_to(server.port());
  EXPECT_TRUE(transport->send(kRequest, within(10s)).ok());
  const auto stale = transport->send(kRequest, within(10s));
  ASSERT_FALSE(stale.ok());
  EXPECT_TRUE(stale.error().stale_connection);
  EXPECT_EQ(stale.error().reach, Reach::kMaybe);
  const auto fresh = transport->send(kRequest, within(10s));
  ASSERT_FALSE(fresh.ok());
  EXPECT_FALSE(fresh.error().stale_connection);
}

TEST(HttpPool, NeverOpensMoreConnectionsThanAllowed) {
  std::atomic<int> busy = 0, most = 0;
  RawServer server([&](Peer& peer) {
    while (!peer.read_request().empty()) {
      const int now = ++busy;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      --busy;
      if (!peer.send(http(200, "{}"))) return;
    }
  });
  const auto transport = transport_to(server.port(), {.connections_max = 2});
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        for (int j = 0; j < 5; ++j) answered += transport->send(kRequest, within(30s)).ok() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(answered, 40);
  EXPECT_LE(most, 2);
  EXPECT_LE(transport->state().idle, 2u);
  EXPECT_EQ(transport->state().busy, 0u);
}

// Whoever has just given a connection back is the quickest to take it again.
TEST(HttpPool, ServesCallersInTheOrderInWhichTheyCame) {
  std::latch arrived(1), go(1);
  std::mutex mutex;
  std::vector<std::string> order;
  RawServer server([&](Peer& peer) {
    for (std::string head; !(head = peer.read_request()).empty();) {
      {
        const std::lock_guard lock(mutex);
        order.push_back(head.substr(4, head.find(' ', 4) - 4));
      }
      if (order.size() == 1) {
        arrived.count_down();
        go.wait();
      }
      if (!peer.send(http(200, "{}"))) return;
    }
  });
  const auto transport = transport_to(server.port(), {.connections_max = 1});
  const auto ask = [&](std::string_view target) {
    EXPECT_TRUE(transport->send({.method = "GET", .target = target}, within(30s)).ok());
  };
  const auto wait_for_waiting = [&](std::size_t count) {
    while (transport->state().waiting < count) std::this_thread::yield();
  };
  {
    std::jthread first([&] {
      ask("/1");
      ask("/4");
    });
    arrived.wait();
    std::jthread second([&] { ask("/2"); });
    wait_for_waiting(1);
    std::jthread third([&] { ask("/3"); });
    wait_for_waiting(2);
    go.count_down();
  }
  EXPECT_THAT(order, testing::ElementsAre("/1", "/2", "/3", "/4"));
  EXPECT_EQ(transport->state().waiting, 0u);
}

TEST(HttpPool, WhoGivesUpLeavesTheLineToTheNext) {
  std::latch arrived(1), go(1);
  RawServer server([&](Peer& peer) {
    for (bool first = true; !peer.read_request().empty(); first = false) {
      if (first) {
        arrived.count_down();
        go.wait();
      }
      if (!peer.send(http(200, "{}"))) return;
    }
  });
  const auto transport = transport_to(server.port(), {.connections_max = 1});
  std::jthread first([&] { EXPECT_TRUE(transport->send(kRequest, within(30s)).ok()); });
  arrived.wait();
  auto impatient =
      std::async(std::launch::async, [&] { return transport->send(kRequest, within(100ms)).ok(); });
  while (transport->state().waiting < 1) std::this_thread::yield();
  auto patient =
      std::async(std::launch::async, [&] { return transport->send(kRequest, within(30s)).ok(); });
  EXPECT_FALSE(impatient.get());
  go.count_down();
  EXPECT_TRUE(patient.get());
}

TEST(HttpPool, WaitsForAConnectionUntilTheDeadlineOnly) {
  std::latch arrived(1);
  RawServer server([&](Peer& peer) {
    peer.read_request();
    arrived.count_down();
    peer.hang();
  });
  const auto transport = transport_to(server.port(), {.connections_max = 1});
  std::atomic<bool> stop = false;
  std::jthread first([&] {
    Call call = within(60s);
    call.stopped = [&] { return stop.load(); };
    EXPECT_FALSE(transport->send(kRequest, call).ok());
  });
  arrived.wait();
  const auto late = transport->send(kRequest, within(50ms));
  Call stopped = within(60s);
  stopped.stopped = [] { return true; };
  const auto gone = transport->send(kRequest, stopped);
  stop = true;
  ASSERT_FALSE(late.ok());
  EXPECT_TRUE(late.error().deadline);
  EXPECT_EQ(late.error().reach, Reach::kNotSent);
  ASSERT_FALSE(gone.ok());
  EXPECT_TRUE(gone.error().stopped);
}

}  // namespace
}  // namespace bourse::binance
