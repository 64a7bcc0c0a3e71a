// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace bourse::binance {
namespace {

bool is_address(const std::string& host) noexcept {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

class TlsStream final : public Stream {
 public:
  TlsStream(int socket, SSL* ssl) : socket_(socket), ssl_(ssl) {}

  Status write(std::string_view bytes, const Call& call) override {
    while (!bytes.empty()) {
      const std::size_t part = std::min<std::size_t>(bytes.size(), kPartMax);
      int sent = 0;
      auto done = repeat(call, "sending", [&] {
        return sent = SSL_write(ssl_, bytes.data(), static_cast<int>(part));
      });
      if (!done) return done;
      if (closed_) return network_error("The peer closed the connection.");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return Done{};
  }
  Result<std::size_t> read(std::span<char> into, const Call& call) override {
    const std::size_t part = std::min<std::size_t>(into.size(), kPartMax);
    int received = 0;
    auto done = repeat(call, "waiting for the answer", [&] {
      return received = SSL_read(ssl_, into.data(), static_cast<int>(part));
    });
    if (!done) return std::move(done).error();
    return closed_ ? 0 : static_cast<std::size_t>(received);
  }
  bool is_quiet() override {
    char byte = 0;  // the look also takes in what the protocol sends by itself, as tickets
    const int result = SSL_peek(ssl_, &byte, 1);
    const bool quiet = result <= 0 && SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    return quiet;
  }

 private:
  static constexpr std::size_t kPartMax = 1U << 20U;

  /// Calls `step` until it has done something or the peer has closed, waiting in between.
  template <class Step>
  Status repeat(const Call& call, std::string_view doing, Step step) {
    while (true) {
      // Asked even when bytes are there: a peer that drips must not outlast the deadline.
      if (auto going = go_on(call, doing); !going) return going;
      ERR_clear_error();
      const int result = step();
      if (result > 0) return Done{};
      const int problem = SSL_get_error(ssl_, result);
      if (problem == SSL_ERROR_ZERO_RETURN) {
        closed_ = true;
        return Done{};
      }
      if (problem != SSL_ERROR_WANT_READ && problem != SSL_ERROR_WANT_WRITE) {
        return network_error("TLS failed while " + std::string(doing) + ": " + tls_failure() + ".");
      }
      const short events = problem == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      if (auto ready = wait_ready(socket_, events, call, doing); !ready) return ready;
    }
  }

  int socket_;
  SSL* ssl_;
  bool closed_ = false;
};

/// What X509_STORE_set_default_paths looks through as well.
std::string default_folder() {
  const char* const set = std::getenv(X509_get_default_cert_dir_env());
  return set != nullptr && *set != '\0' ? set : X509_get_default_cert_dir();
}

sigset_t pipe_signal() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

Result<std::shared_ptr<const TrustStore>> TrustStore::make(const std::string& authorities) {
  ERR_clear_error();
  X509_STORE* const store = X509_STORE_new();
  if (store == nullptr) return network_error("TLS is out of memory.");
  // The library adds `folder` to every connection's context, which is this same store. That it is
  // there already makes this a look, not a change, so connections do not race for it.
  std::shared_ptr<const TrustStore> trust(new TrustStore(store, default_folder()));
  if (X509_STORE_set_default_paths(store) != 1 ||
      X509_STORE_load_path(store, trust->folder().c_str()) != 1) {
    return network_error("TLS cannot be set up: " + tls_failure() + ".");
  }
  if (!authorities.empty() && X509_STORE_load_file(store, authorities.c_str()) != 1) {
    ERR_clear_error();
    return invalid("The file of authorities " + authorities + " cannot be read.",
                   "It must hold certificates in PEM form.");
  }
  ERR_clear_error();  // of default places that do not exist
  return trust;
}

TrustStore::~TrustStore() { X509_STORE_free(store_); }

X509_STORE* TrustStore::share() const noexcept {
  return X509_STORE_up_ref(store_) == 1 ? store_ : nullptr;
}

bool harden(SSL_CTX* context, const std::string& host) {
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
    return false;
  }
  X509_VERIFY_PARAM* const wanted = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(
      wanted, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int named = is_address(host)
                        ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str())
                        : X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size());
  static constexpr std::array<unsigned char, 9> kHttp = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return named == 1 && SSL_CTX_set_alpn_protos(context, kHttp.data(), kHttp.size()) == 0;
}

std::unique_ptr<Stream> tls_stream(int socket, SSL* tls) {
  return std::make_unique<TlsStream>(socket, tls);
}

std::string tls_failure() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection was closed" : reason;
}

NoPipeSignal::NoPipeSignal() noexcept {
  sigset_t pending;
  sigset_t before;
  sigpending(&pending);
  if (sigismember(&pending, SIGPIPE) == 1) return;  // of somebody who holds it back already
  const sigset_t pipe = pipe_signal();
  active_ = pthread_sigmask(SIG_BLOCK, &pipe, &before) == 0;
  was_blocked_ = active_ && sigismember(&before, SIGPIPE) == 1;
}

NoPipeSignal::~NoPipeSignal() {
  if (!active_) return;
  const sigset_t pipe = pipe_signal();
  const timespec at_once{};
  while (sigtimedwait(&pipe, nullptr, &at_once) < 0 && errno == EINTR) {
  }
  if (!was_blocked_) pthread_sigmask(SIG_UNBLOCK, &pipe, nullptr);
}

}  // namespace bourse::binance
