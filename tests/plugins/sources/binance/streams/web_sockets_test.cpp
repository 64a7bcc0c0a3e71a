// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/web_sockets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "tests/plugins/sources/binance/client/certificates.hpp"
#include "tests/plugins/sources/binance/client/scratch.hpp"
#include "tests/plugins/sources/binance/streams/web_socket_peer.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What came, for the test's thread to wait for.
class Heard final : public SocketEvents {
 public:
  void opened(std::uint64_t /*socket*/) override {
    const std::lock_guard lock(mutex_);
    ++opened_;
    changed_.notify_all();
  }
  void message(std::uint64_t /*socket*/, std::string& text) override {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(text));
    changed_.notify_all();
  }
  void ended(std::uint64_t /*socket*/, const Error& why) override {
    const std::lock_guard lock(mutex_);
    ends_.push_back(why);
    changed_.notify_all();
  }
  bool wait_open() {
    return wait([&] { return opened_ > 0; });
  }
  bool wait_messages(std::size_t count) {
    return wait([&] { return messages_.size() >= count; });
  }
  /// The first end there was.
  Error wait_end() {
    EXPECT_TRUE(wait([&] { return !ends_.empty(); }));
    const std::lock_guard lock(mutex_);
    return ends_.empty() ? Error{} : ends_.front();
  }
  std::vector<std::string> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::size_t ends() {
    const std::lock_guard lock(mutex_);
    return ends_.size();
  }

 private:
  template <class Done>
  bool wait(Done done) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(20), done);
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  int opened_ = 0;
  std::vector<std::string> messages_;
  std::vector<Error> ends_;
};

class WebSocketsTest : public testing::Test {
 protected:
  void TearDown() override {
    sockets_.reset();
    server_.reset();
  }
  void serve(std::function<void(Peer&)> what) { server_.emplace(std::move(what)); }
  WebSocketOptions plain() {
    WebSocketOptions options;
    options.origin = {.tls = false, .host = "127.0.0.1", .port = server_->port()};
    return options;
  }
  void connect(WebSocketOptions options) {
    auto made = WebSockets::make(std::move(options), heard_);
    ASSERT_TRUE(made) << made.error().text();
    sockets_ = *std::move(made);
    on_thread([this] { socket_ = sockets_->dial(1, "/stream?streams=btcusdt@miniTicker"); });
  }
  /// And waits until it is done.
  void on_thread(const std::function<void()>& what) {
    std::mutex mutex;
    std::condition_variable done;
    bool is_done = false;
    sockets_->post([&] {
      what();
      const std::lock_guard lock(mutex);
      is_done = true;
      done.notify_all();
    });
    std::unique_lock lock(mutex);
    ASSERT_TRUE(done.wait_for(lock, seconds(20), [&] { return is_done; }));
  }

  std::optional<RawServer> server_;
  Heard heard_;
  std::unique_ptr<WebSockets> sockets_;
  std::unique_ptr<Socket> socket_;
};

TEST_F(WebSocketsTest, MessagesComeAndGoAndPingsAreAnsweredWithTheirPayload) {
  std::string request;
  Frame first, second;
  serve([&](Peer& peer) {
    // Bytes that arrive with the 101 belong to the first frame.
    request = upgrade(peer, frame("one"));
    peer.send(frame("1753000000123", 9) + frame("two"));
    first = read_frame(peer);
    second = read_frame(peer);
    peer.send(frame("three"));
    peer.hang();
  });
  connect(plain());
  ASSERT_TRUE(heard_.wait_messages(2));
  on_thread([&] { socket_->send("subscribe"); });
  ASSERT_TRUE(heard_.wait_messages(3));
  EXPECT_THAT(heard_.messages(), ElementsAre("one", "two", "three"));
  EXPECT_THAT(request, HasSubstr("GET /stream?streams=btcusdt@miniTicker HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Host: 127.0.0.1:" + std::to_string(server_->port()) + "\r\n"));
  EXPECT_EQ(request.find("permessage-deflate"), std::string::npos);
  const Frame& pong = first.opcode == 10 ? first : second;
  const Frame& text = first.opcode == 10 ? second : first;
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "1753000000123");
  EXPECT_EQ(text.opcode, 1);
  EXPECT_EQ(text.payload, "subscribe");
}

TEST_F(WebSocketsTest, ARefusedUpgradeSaysWhatRestWouldSay) {
  struct Case {
    int status;
    ErrorKind kind;
  };
  for (const Case one : {Case{429, ErrorKind::kRateLimit}, Case{418, ErrorKind::kBanned},
                         Case{403, ErrorKind::kFirewall}, Case{451, ErrorKind::kGeoBlock},
                         Case{503, ErrorKind::kServer}}) {
    Heard heard;
    RawServer server([&](Peer& peer) {
      peer.read_request();
      peer.send(http(one.status, "<html>Blocked.</html>", "Retry-After: 77\r\n"));
    });
    WebSocketOptions options;
    options.origin = {.tls = false, .host = "127.0.0.1", .port = server.port()};
    auto made = WebSockets::make(options, heard);
    ASSERT_TRUE(made);
    std::unique_ptr<Socket> socket;
    (*made)->post([&] { socket = (*made)->dial(1, "/stream"); });
    const Error end = heard.wait_end();
    EXPECT_EQ(end.kind, one.kind) << end.text();
    EXPECT_EQ(end.http_status, one.status);
    if (one.status == 429) {
      EXPECT_EQ(end.retry_after, milliseconds(77'000));
    }
    made->reset();
  }
}

TEST_F(WebSocketsTest, AnAnswerThatIsNoUpgradeIsAnError) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.send(http(200, "hello"));
  });
  connect(plain());
  EXPECT_THAT(heard_.wait_end().message, HasSubstr("not as a WebSocket"));
}

TEST_F(WebSocketsTest, ACutInsideAFrameIsTheEndAndNoShortMessage) {
  serve([](Peer& peer) {
    upgrade(peer);
    peer.send(frame("whole") + frame("never whole").substr(0, 6));
  });
  connect(plain());
  EXPECT_EQ(heard_.wait_end().kind, ErrorKind::kNetwork);
  EXPECT_THAT(heard_.messages(), ElementsAre("whole"));
  EXPECT_EQ(heard_.ends(), 1U);
}

TEST_F(WebSocketsTest, TheServersCodeAndReasonAreTold) {
  serve([](Peer& peer) {
    upgrade(peer);
    peer.send(frame(std::string("\x03\xF0") + "Pong timeout", 8));  // 1008
    read_frame(peer);
  });
  connect(plain());
  const Error end = heard_.wait_end();
  EXPECT_THAT(end.message, HasSubstr("1008"));
  EXPECT_THAT(end.message, HasSubstr("Pong timeout"));
}

TEST_F(WebSocketsTest, AnUpgradeThatIsNeverAnsweredEnds) {
  serve([](Peer& peer) { peer.hang(); });
  WebSocketOptions options = plain();
  options.handshake = milliseconds(200);
  connect(options);
  EXPECT_EQ(heard_.wait_end().kind, ErrorKind::kNetwork);
}

/// Though its connection is open: not one byte, and no answer to our ping.
TEST_F(WebSocketsTest, AMutePeerIsFoundOut) {
  serve([](Peer& peer) {
    upgrade(peer);
    peer.hang();
  });
  WebSocketOptions options = plain();
  options.idle = milliseconds(300);
  connect(options);
  ASSERT_TRUE(heard_.wait_open());
  EXPECT_EQ(heard_.wait_end().kind, ErrorKind::kNetwork);
}

TEST_F(WebSocketsTest, AGoodbyeThatIsNotAnsweredEnds) {
  serve([](Peer& peer) {
    upgrade(peer);
    peer.hang();
  });
  WebSocketOptions options = plain();
  options.handshake = milliseconds(300);
  connect(options);
  ASSERT_TRUE(heard_.wait_open());
  on_thread([&] { socket_->close(); });
  heard_.wait_end();
  EXPECT_EQ(heard_.ends(), 1U);
}

TEST_F(WebSocketsTest, AMessageThatIsTooLongIsTheEnd) {
  serve([](Peer& peer) {
    upgrade(peer);
    peer.send(frame(std::string(2000, 'x')));
    peer.hang();
  });
  WebSocketOptions options = plain();
  options.message_bytes_max = 1000;
  connect(options);
  heard_.wait_end();
  EXPECT_THAT(heard_.messages(), IsEmpty());
}

TEST_F(WebSocketsTest, ADroppedSocketTellsNothingAndIsClosed) {
  std::atomic<bool> is_gone = false;
  serve([&](Peer& peer) {
    upgrade(peer);
    peer.hang();
    is_gone = true;
  });
  connect(plain());
  ASSERT_TRUE(heard_.wait_open());
  on_thread([&] { socket_.reset(); });
  ASSERT_TRUE(server_->wait_until_clients_know());
  EXPECT_EQ(heard_.ends(), 0U);
}

TEST_F(WebSocketsTest, ItsEndWaitsForNobody) {
  serve([](Peer& peer) { peer.hang(); });  // the upgrade is never answered
  connect(plain());
  const auto begin = steady_clock::now();
  sockets_.reset();
  socket_.reset();  // later than the thread
  EXPECT_LT(steady_clock::now() - begin, seconds(5));
  EXPECT_EQ(heard_.ends(), 0U);
}

TEST_F(WebSocketsTest, WhereNobodyListensIsAnError) {
  serve([](Peer&) {});
  WebSocketOptions options = plain();
  server_.reset();
  connect(options);
  EXPECT_EQ(heard_.wait_end().kind, ErrorKind::kNetwork);
}

// ---- TLS and proxies

class SecureWebSocketsTest : public WebSocketsTest {
 protected:
  void serve_tls(const std::string& names) {
    certificate_.emplace(names);
    context_ = certificate_->context();
    serve([this](Peer& peer) {
      if (!peer.start_tls(context_.get())) return;
      upgrade(peer);
      peer.send(frame("secret"));
      peer.hang();  // without close_notify at the end
    });
  }
  WebSocketOptions secure(bool trusted) {
    WebSocketOptions options;
    options.origin = {.tls = true, .host = "127.0.0.1", .port = server_->port()};
    if (trusted) options.authorities = scratch_.write("ca.pem", certificate_->pem());
    return options;
  }

  Scratch scratch_;
  std::optional<TestCertificate> certificate_;
  std::unique_ptr<SSL_CTX, FreeTls> context_;
};

TEST_F(SecureWebSocketsTest, ATrustedServerIsSpokenTo) {
  serve_tls("IP:127.0.0.1");
  connect(secure(true));
  EXPECT_TRUE(heard_.wait_messages(1));
}

TEST_F(SecureWebSocketsTest, ACertificateOfAnotherNameIsNotTrusted) {
  serve_tls("DNS:elsewhere.test");
  connect(secure(true));
  const Error end = heard_.wait_end();
  EXPECT_TRUE(end.permanent);
  EXPECT_THAT(end.message, HasSubstr("not trusted"));
  EXPECT_THAT(heard_.messages(), IsEmpty());
}

TEST_F(SecureWebSocketsTest, AnUnknownAuthorityIsNotTrusted) {
  serve_tls("IP:127.0.0.1");
  connect(secure(false));
  EXPECT_TRUE(heard_.wait_end().permanent);
}

TEST_F(SecureWebSocketsTest, AProxyIsAskedForATunnelToTheStreams) {
  std::string asked;
  RawServer proxy([&](Peer& peer) {
    asked = peer.read_request();
    peer.send("HTTP/1.1 407 No\r\n\r\n");
  });
  serve_tls("IP:127.0.0.1");
  WebSocketOptions options = secure(true);
  options.proxy = Proxy{.host = "127.0.0.1", .port = proxy.port(), .authorization = nullptr};
  connect(options);
  const Error end = heard_.wait_end();
  EXPECT_THAT(asked, HasSubstr("CONNECT 127.0.0.1:" + std::to_string(server_->port())));
  EXPECT_THAT(end.message, HasSubstr("407"));
  sockets_.reset();
}

}  // namespace
}  // namespace bourse::binance
