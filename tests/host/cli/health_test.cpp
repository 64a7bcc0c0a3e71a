// SPDX-License-Identifier: MIT
#include "host/cli/health.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bourse::host::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{20'000};

/// Takes one connection, keeps what it is sent up to the empty line, sends the pieces, closes.
class FakeServer {
 public:
  explicit FakeServer(std::vector<std::string> pieces, bool answers = true)
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    if (answers) thread_ = std::thread([this, p = std::move(pieces)] { serve(p); });
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  ~FakeServer() {
    if (thread_.joinable()) thread_.join();
    close(listener_);
  }

  [[nodiscard]] HealthTarget target(std::string path = "/health") const {
    return {"127.0.0.1", port_, std::move(path)};
  }
  /// What the client sent. Call after the answer.
  std::string request() {
    if (thread_.joinable()) thread_.join();
    return request_;
  }

 private:
  void serve(const std::vector<std::string>& pieces) {
    pollfd wanted{listener_, POLLIN, 0};
    if (poll(&wanted, 1, static_cast<int>(kPatience.count())) != 1) return;
    const int fd = accept(listener_, nullptr, nullptr);
    std::array<char, 1024> buffer;
    while (request_.find("\r\n\r\n") == std::string::npos) {
      const ssize_t n = recv(fd, buffer.data(), buffer.size(), 0);
      if (n <= 0) break;
      request_.append(buffer.data(), static_cast<std::size_t>(n));
    }
    for (const std::string& piece : pieces) {
      // A client that has read enough is free to leave before the rest.
      if (send(fd, piece.data(), piece.size(), MSG_NOSIGNAL) < 0) break;
    }
    close(fd);
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::string request_;
  std::thread thread_;
};

TEST(HealthUrl, HasAnAddressAPortAndAPath) {
  const auto target = parse_health_url("http://127.0.0.1:8080/health");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "127.0.0.1");
  EXPECT_EQ(target->port, 8080);
  EXPECT_EQ(target->path, "/health");
}

TEST(HealthUrl, FillsInWhatIsLeftOut) {
  EXPECT_EQ(parse_health_url("http://127.0.0.1")->url(), "http://127.0.0.1:80/health");
  EXPECT_EQ(parse_health_url("http://localhost:9000")->url(), "http://127.0.0.1:9000/health");
  EXPECT_EQ(parse_health_url("http://[::1]")->url(), "http://[::1]:80/health");
  EXPECT_EQ(parse_health_url("http://[::1]:9000/")->url(), "http://[::1]:9000/");
  EXPECT_EQ(parse_health_url("http://127.0.0.1/a?b=c")->url(), "http://127.0.0.1:80/a?b=c");
}

TEST(HealthUrl, EverywhereMeansHere) {
  EXPECT_EQ(parse_health_url("http://0.0.0.0:1/x")->url(), "http://127.0.0.1:1/x");
  EXPECT_EQ(parse_health_url("http://[::]:1/x")->url(), "http://[::1]:1/x");
}

TEST(HealthUrl, RefusesWhatItCannotAsk) {
  for (const char* url : {"", "/health", "127.0.0.1:8080", "https://127.0.0.1/health", "http://",
                          "http:///health", "http://example.com/health", "http://127.0.0.1:0/",
                          "http://127.0.0.1:65536/", "http://127.0.0.1:80x/", "http://::1:80/",
                          "http://[::1/", "http://user@127.0.0.1/", "http://127.0.0.1/a b",
                          "http://127.0.0.1/\r\nX: y", "http://127.0.0.1:/", "HTTP://[]:1/"}) {
    const auto target = parse_health_url(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.failure().code, "bad_url");
  }
}

TEST(Health, TheStatusIsThatOfTheAnswer) {
  for (const int status : {200, 204, 301, 404, 503}) {
    FakeServer server({"HTTP/1.1 " + std::to_string(status) + " Whatever\r\n\r\n"});
    const auto answer = ask_health(server.target(), kPatience);
    ASSERT_TRUE(answer) << answer.failure().message;
    EXPECT_EQ(*answer, status);
  }
}

TEST(Health, AsksOnceAndClearly) {
  FakeServer server({"HTTP/1.1 200 OK\r\n\r\n"});
  const HealthTarget target = server.target("/health?full=1");
  ASSERT_TRUE(ask_health(target, kPatience));
  const std::string request = server.request();
  EXPECT_TRUE(request.starts_with("GET /health?full=1 HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nHost: 127.0.0.1:" + std::to_string(target.port) + "\r\n"),
            std::string::npos);
  EXPECT_NE(request.find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST(Health, AnAnswerMayComeInPieces) {
  FakeServer server({"HT", "TP/1.1 2", "0", "0 OK", "\r\n\r\n"});
  const auto answer = ask_health(server.target(), kPatience);
  ASSERT_TRUE(answer) << answer.failure().message;
  EXPECT_EQ(*answer, 200);
}

TEST(Health, WhatIsNotHttpIsNotHealthy) {
  for (const char* text : {"", "\n", "HTTP/1.1 200", "HTTP/2 200 OK\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
                           "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1  200 OK\r\n"}) {
    FakeServer server({text});
    EXPECT_FALSE(ask_health(server.target(), kPatience)) << text;
  }
  FakeServer endless({std::string(100'000, 'x')});
  EXPECT_FALSE(ask_health(endless.target(), kPatience));
}

TEST(Health, NobodyListeningIsSaidAtOnce) {
  HealthTarget target;
  {
    const FakeServer gone({}, false);
    target = gone.target();
  }
  const auto answer = ask_health(target, kPatience);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.failure().message.find("refused"), std::string::npos)
      << answer.failure().message;
}

TEST(Health, WhoNeverAnswersIsNotWaitedFor) {
  const FakeServer silent({}, false);  // the kernel takes the connection, nobody reads from it
  const auto answer = ask_health(silent.target(), milliseconds(50));
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.failure().message.find("in time"), std::string::npos);
}

TEST(Health, AsksThroughAUnixSocket) {
  const auto target = parse_health_url("unix:/run/bourse/bourse.sock");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->socket, "/run/bourse/bourse.sock");
  EXPECT_EQ(target->path, "/health");
  EXPECT_EQ(target->url(), "unix:/run/bourse/bourse.sock");
  const auto missing = ask_health({"", 0, "/health", "/no/such/socket"}, kPatience);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.failure().message.find("No such file"), std::string::npos)
      << missing.failure().message;
  for (const char* const url :
       {"unix:", "unix:run/b.sock", "unix:@b", "http://unix:/run/b.sock", "http://systemd:80/"}) {
    EXPECT_FALSE(parse_health_url(url).ok()) << url;
  }
}

}  // namespace
}  // namespace bourse::host::test
