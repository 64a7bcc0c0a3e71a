// SPDX-License-Identifier: MIT
//
// Bodies that come in pieces. RFC 9112, section 7.1 (chunks); 9.3.1 (HTTP/1.0).
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <deque>

#include "tests/host/http/fixture.hpp"

namespace bourse::host::test {
namespace {

/// A body that a test writes. [any thread]
class Script final : public BodyStream {
 public:
  explicit Script(bool newest = false) : newest_(newest) {}
  ~Script() override { gone_->store(true); }

  void put(std::string bytes) { add({.bytes = body_of(std::move(bytes))}); }
  void end(std::string bytes = {}) { add({.bytes = body_of(std::move(bytes)), .last = true}); }
  void break_off() { add({.broken = true}); }
  /// Becomes true with the end of this object, which may outlive whoever asks.
  std::shared_ptr<const std::atomic<bool>> gone() const { return gone_; }
  [[nodiscard]] bool is_asked_to_stop() const { return stops_; }

  void open(std::weak_ptr<BodyWaker> waker) override {
    const std::lock_guard lock(mutex_);
    waker_ = std::move(waker);
  }
  Piece next(std::chrono::steady_clock::time_point) override {
    const std::lock_guard lock(mutex_);
    if (pieces_.empty()) return {};
    Piece piece = std::move(pieces_.front());
    pieces_.pop_front();
    return piece;
  }
  void stopping() noexcept override {
    stops_ = true;
    end();
  }
  [[nodiscard]] bool tells_newest() const noexcept override { return newest_; }

 private:
  void add(Piece piece) {
    std::shared_ptr<BodyWaker> waker;
    {
      const std::lock_guard lock(mutex_);
      pieces_.push_back(std::move(piece));
      waker = waker_.lock();
    }
    if (waker) waker->wake();
  }

  const bool newest_;
  std::mutex mutex_;
  std::deque<Piece> pieces_;
  std::weak_ptr<BodyWaker> waker_;
  std::atomic<bool> stops_{false};
  const std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
};

class StreamTest : public ServerTest {
 protected:
  /// Answers the next request with this body.
  void answer_held(const std::shared_ptr<BodyStream>& script) {
    auto held = handler.take_held();
    held.responder.send({.headers = {{"Content-Type", "text/plain"}}, .stream = script});
  }
  /// All that comes until the connection closes, or `text` is there.
  static std::string read_until(int socket, const std::string& text) {
    std::string all;
    std::array<char, 4096> buffer;
    while (all.find(text) == std::string::npos) {
      const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (count <= 0) break;
      all.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return all;
  }
};

TEST_F(StreamTest, PiecesAreChunksAsTheyCome) {
  Client client(port());
  client.get("/held");
  const auto script = std::make_shared<Script>();
  script->put("first");
  answer_held(script);
  const int socket = client.socket();
  const std::string head = read_until(socket, "first\r\n");
  EXPECT_NE(head.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos) << head;
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(head.ends_with("\r\n\r\n5\r\nfirst\r\n")) << head;
  script->put(std::string(300, 'x'));
  EXPECT_EQ(read_until(socket, "x\r\n"), "12c\r\n" + std::string(300, 'x') + "\r\n");
  script->end("z");
  EXPECT_EQ(read_until(socket, "0\r\n\r\n"), "1\r\nz\r\n0\r\n\r\n");
  client.get("/fixed");
  EXPECT_EQ(client.read()->body, "ok") << "the connection goes on";
}

TEST_F(StreamTest, AnEmptyOneIsItsEnd) {
  Client client(port());
  client.get("/held");
  const auto script = std::make_shared<Script>();
  script->end();
  answer_held(script);
  EXPECT_TRUE(read_until(client.socket(), "0\r\n\r\n").ends_with("\r\n\r\n0\r\n\r\n"));
}

TEST_F(StreamTest, TheHeaderGoesOutBeforeThereIsAPiece) {
  Client client(port());
  client.get("/held");
  const auto script = std::make_shared<Script>();
  answer_held(script);
  EXPECT_TRUE(read_until(client.socket(), "\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(StreamTest, ToHttp10ItIsPlainAndEndsWithTheConnection) {
  Client client(port());
  client.send("GET /held HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto script = std::make_shared<Script>();
  script->put("one ");
  answer_held(script);
  script->put("two ");
  script->end("three");
  const std::string all = read_until(client.socket(), "never");
  EXPECT_EQ(all.find("Transfer-Encoding"), std::string::npos);
  EXPECT_NE(all.find("\r\nConnection: close\r\n"), std::string::npos) << all;
  EXPECT_TRUE(all.ends_with("\r\n\r\none two three")) << all;
}

TEST_F(StreamTest, HeadHasItsHeaderAndNoneOfIt) {
  Client client(port());
  client.send("HEAD /held HTTP/1.1\r\nHost: t\r\n\r\n");
  std::shared_ptr<const std::atomic<bool>> gone;
  {
    const auto script = std::make_shared<Script>();
    gone = script->gone();
    script->put("never sent");
    answer_held(script);
  }
  const auto answer = client.read(true);
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->head.find("Transfer-Encoding: chunked"), std::string::npos);
  client.get("/fixed");
  EXPECT_EQ(client.read()->body, "ok");
  EXPECT_TRUE(eventually([&] { return gone->load(); }));
}

TEST_F(StreamTest, WhatBreaksOffHasNoEnd) {
  for (const char* version : {"1.1", "1.0"}) {
    Client client(port());
    client.send("GET /held HTTP/" + std::string(version) + "\r\nHost: t\r\n\r\n");
    const auto script = std::make_shared<Script>();
    script->put("half");
    answer_held(script);
    std::string all = read_until(client.socket(), "half");
    script->break_off();
    std::array<char, 64> rest;
    const ssize_t count = ::recv(client.socket(), rest.data(), rest.size(), 0);
    if (std::string_view(version) == "1.0") {
      EXPECT_EQ(count, -1) << "reset: an end would say that this is all";
    } else if (count > 0) {
      EXPECT_EQ(std::string(rest.data(), static_cast<std::size_t>(count)), "\r\n");
    }
  }
}

TEST_F(StreamTest, ASlowReaderGetsAllOfIt) {
  Client client(port());
  client.get("/held");
  const auto script = std::make_shared<Script>();
  std::string right;
  for (int i = 0; i < 64; ++i) {
    std::string piece(100'000, static_cast<char>('a' + i % 26));
    right += piece;
    script->put(std::move(piece));
  }
  script->end();
  answer_held(script);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const std::string all = read_until(client.socket(), "\r\n0\r\n\r\n");
  std::string body;
  std::size_t at = all.find("\r\n\r\n") + 4;
  while (at < all.size()) {
    const std::size_t size = std::stoul(all.substr(at), nullptr, 16);
    if (size == 0) break;
    at = all.find("\r\n", at) + 2;
    body += all.substr(at, size);
    at += size + 2;
  }
  EXPECT_TRUE(body == right);
}

TEST_F(StreamTest, RequestsBehindItAreAnsweredBehindIt) {
  Client client(port());
  client.get("/held");
  const auto script = std::make_shared<Script>();
  script->put("a");
  answer_held(script);
  client.get("/fixed");
  script->end("b");
  const std::string all = read_until(client.socket(), "\r\n\r\nok");
  EXPECT_NE(all.find("1\r\nb\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"), std::string::npos) << all;
}

TEST_F(StreamTest, WhoeverMakesItLearnsThatTheClientLeft) {
  for (const bool newest : {true, false}) {
    for (const bool resets : {true, false}) {
      std::shared_ptr<const std::atomic<bool>> gone;
      Client client(port());
      client.get("/held");
      {
        const auto script = std::make_shared<Script>(newest);
        gone = script->gone();
        script->put("a");
        answer_held(script);
      }
      read_until(client.socket(), "a\r\n");
      if (resets) {
        client.reset();
      } else if (newest) {
        client.stop_sending();  // it has no end: who sends no more is taken for gone
      } else {
        client.leave();
        continue;  // known when something is written
      }
      EXPECT_TRUE(eventually([&] { return gone->load(); })) << newest << resets;
    }
  }
}

TEST_F(StreamTest, AStopIsToldAndWaitsForTheEnd) {
  Client client(port());
  client.get("/held");
  const auto script = std::make_shared<Script>(true);
  script->put("a");
  answer_held(script);
  read_until(client.socket(), "a\r\n");
  server->stop_accepting();
  EXPECT_TRUE(server->drain(std::chrono::seconds(5)));
  EXPECT_TRUE(script->is_asked_to_stop());
  EXPECT_EQ(read_until(client.socket(), "0\r\n\r\n"), "0\r\n\r\n");
}

TEST_F(StreamTest, OneThatTellsTheNewestLeavesLittleInTheKernel) {
  Client client(port());
  const int small = 4096;
  ::setsockopt(client.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.get("/held");
  const auto script = std::make_shared<Script>(true);
  answer_held(script);
  std::size_t put = 0;
  // Asked for only when the one before is taken: what is not, stays here.
  for (int i = 0; i < 2000; ++i) {
    script->put(std::string(1000, 'x'));
    put += 1000;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(server->stats().unsent_bytes, 2000U) << "one piece at most";
}

}  // namespace
}  // namespace bourse::host::test
