// SPDX-License-Identifier: MIT
//
// The exchange through TLS, as a client of OpenSSL sees it that checks certificates.
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include <memory>
#include <optional>

#include "tests/exchange/certificate.hpp"
#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

using namespace std::chrono_literals;
using host::test::eventually;

/// Verifies the chain and the name, as a client of the exchange has to.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const std::string& trusted, const std::string& name)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    // OpenSSL writes its farewell even to a connection that was reset.
    sigset_t pipes;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipes, nullptr);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (!trusted.empty()) SSL_CTX_load_verify_file(context_.get(), trusted.c_str());
    bio_.reset(BIO_new_ssl_connect(context_.get()));
    BIO_set_conn_hostname(bio_.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
    BIO_get_ssl(bio_.get(), &ssl_);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), name.c_str());
    connected_ = BIO_do_connect(bio_.get()) == 1 && BIO_do_handshake(bio_.get()) == 1;
  }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] long verdict() const { return SSL_get_verify_result(ssl_); }
  void send(std::string_view bytes) {
    BIO_write(bio_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  void get(const std::string& target) {
    send("GET " + target + " HTTP/1.1\r\nConnection: close\r\n\r\n");
  }
  /// Up to the end.
  std::string read() {
    std::string out;
    std::array<char, 4'096> room;
    for (int n = 0; (n = BIO_read(bio_.get(), room.data(), room.size())) > 0;) {
      out.append(room.data(), static_cast<std::size_t>(n));
    }
    return out;
  }
  /// Whether the other side said that the end was meant.
  [[nodiscard]] bool ended_regularly() const {
    return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  struct Free {
    void operator()(BIO* bio) const { BIO_free_all(bio); }
  };
  std::shared_ptr<SSL_CTX> context_;
  std::unique_ptr<BIO, Free> bio_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

ExchangeOptions encrypted_by(const SelfSigned& made) {
  return {.certificate = made.certificate(), .key = made.key()};
}

class Encrypted : public testing::Test {
 protected:
  TlsClient client() { return {exchange().port(), made_.certificate(), "127.0.0.1"}; }
  Exchange& exchange() { return standing_.exchange; }

  SelfSigned made_;
  Standing standing_{encrypted_by(made_)};
};

TEST_F(Encrypted, AClientThatTrustsItIsServed) {
  EXPECT_EQ(exchange().url(), "https://127.0.0.1:" + std::to_string(exchange().port()));
  TlsClient one = client();
  ASSERT_TRUE(one.connected());
  one.send("GET /api/v3/ping HTTP/1.1\r\n\r\n");
  one.get("/api/v3/time");
  const std::string bytes = one.read();
  EXPECT_NE(bytes.find("\r\n\r\n{}HTTP/1.1 200 OK\r\n"), std::string::npos) << "kept alive";
  EXPECT_NE(bytes.find(R"({"serverTime":1735732800000})"), std::string::npos);
  EXPECT_TRUE(one.ended_regularly());
  EXPECT_EQ(exchange().connections(), 1);
}

TEST_F(Encrypted, AClientThatDoesNotTrustItNeverSendsARequest) {
  const TlsClient stranger(exchange().port(), "", "127.0.0.1");
  EXPECT_FALSE(stranger.connected());
  EXPECT_EQ(stranger.verdict(), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  const TlsClient misled(exchange().port(), made_.certificate(), "127.0.0.2");
  EXPECT_EQ(misled.verdict(), X509_V_ERR_IP_ADDRESS_MISMATCH);
  EXPECT_EQ(exchange().request_count(), 0);
}

TEST(Certificates, CanBeOutOfDate) {
  const SelfSigned old({.valid_from = -48h, .valid_to = -24h});
  const Standing s(encrypted_by(old));
  const TlsClient client(s.exchange.port(), old.certificate(), "127.0.0.1");
  EXPECT_FALSE(client.connected());
  EXPECT_EQ(client.verdict(), X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST_F(Encrypted, WhoSpeaksPlainlyIsNotAnswered) {
  Client plain(exchange().port());
  plain.get("/api/v3/ping");
  EXPECT_EQ(plain.read(), std::nullopt);
  EXPECT_EQ(exchange().request_count(), 0);
}

TEST_F(Encrypted, ALongAnswerArrivesWhole) {
  exchange().faults().add({.kind = FaultKind::kHuge, .bytes = 3'000'000});
  TlsClient one = client();
  one.get("/api/v3/ping");
  const std::string bytes = one.read();
  EXPECT_EQ(bytes.size() - bytes.find("\r\n\r\n") - 4, 3'000'002u);
}

TEST_F(Encrypted, AResetIsNoRegularEnd) {
  exchange().faults().add({.kind = FaultKind::kResetMidBody});
  TlsClient one = client();
  one.get("/api/v3/klines?symbol=BTCUSDT&interval=1h");
  static_cast<void>(one.read());
  EXPECT_FALSE(one.ended_regularly());
}

TEST_F(Encrypted, EveryFaultActsAndTheNextRequestIsRight) {
  for (const FaultName& name : fault_names()) {
    if (name.stage == FaultStage::kStream) continue;  // of another test
    exchange().faults().add({.kind = name.kind, .delay = 1ms, .text = "/", .bytes = 4'096});
    {
      TlsClient one = client();
      one.get("/api/v3/exchangeInfo?symbol=BTCUSDT");
      ASSERT_TRUE(eventually([&] { return exchange().faults().met(name.kind) == 1; })) << name.name;
    }
    TlsClient next = client();
    next.get("/api/v3/ping");
    EXPECT_TRUE(next.read().ends_with("\r\n\r\n{}")) << name.name;
  }
}

TEST(Certificates, ThatCannotBeReadAreRefusedInWords) {
  const SelfSigned one, other;
  const auto why = [](const std::string& certificate, const std::string& key) {
    try {
      const Standing s(ExchangeOptions{.certificate = certificate, .key = key});
      return std::string("accepted");
    } catch (const std::invalid_argument& refused) {
      return std::string(refused.what()).substr(0, 14);
    }
  };
  EXPECT_EQ(why("/nonexistent", one.key()), "no certificate");
  EXPECT_EQ(why(one.certificate(), ""), "no key in PEM ");
  EXPECT_EQ(why(one.certificate(), other.key()), "no key in PEM ") << "of another certificate";
}

}  // namespace
}  // namespace bourse::fake_exchange::test
