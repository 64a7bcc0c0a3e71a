// SPDX-License-Identifier: MIT
#include "tests/exchange/channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <stdexcept>

namespace bourse::fake_exchange {
namespace {

using State = Moved::State;

class Plain : public Channel {
 public:
  explicit Plain(int socket) : socket_(socket) {}

  Moved greet() override { return {}; }
  Moved peek() override {
    char one = 0;
    return moved(::recv(socket_, &one, 1, MSG_DONTWAIT | MSG_PEEK), State::kWantsToRead);
  }
  Moved receive(std::span<char> room) override {
    return moved(::recv(socket_, room.data(), room.size(), MSG_DONTWAIT), State::kWantsToRead);
  }
  Moved send(std::string_view bytes) override {
    return moved(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT),
                 State::kWantsToWrite);
  }
  void farewell() override {}

 private:
  static Moved moved(ssize_t count, State otherwise) {
    if (count > 0) return {State::kDone, static_cast<std::size_t>(count)};
    const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {count < 0 && later ? otherwise : State::kOver};
  }

  int socket_;
};

/// OpenSSL writes with ::write: whoever uses this has blocked SIGPIPE.
class Encrypted : public Channel {
 public:
  Encrypted(SSL_CTX* context, int socket) : ssl_(SSL_new(context)) {
    if (!ssl_ || SSL_set_fd(ssl_.get(), socket) != 1) throw std::bad_alloc();
    // What could not be sent is tried again from wherever it lies then.
    SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }

  Moved greet() override {
    ERR_clear_error();
    return moved(SSL_accept(ssl_.get()));
  }
  Moved peek() override {
    char one = 0;
    ERR_clear_error();
    return moved(SSL_peek(ssl_.get(), &one, 1));
  }
  Moved receive(std::span<char> room) override {
    ERR_clear_error();
    return moved(SSL_read(ssl_.get(), room.data(), capped(room.size())));
  }
  Moved send(std::string_view bytes) override {
    ERR_clear_error();
    return moved(SSL_write(ssl_.get(), bytes.data(), capped(bytes.size())));
  }
  void farewell() override {
    if (SSL_is_init_finished(ssl_.get()) == 0 || broken_) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  static int capped(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
  }
  Moved moved(int result) {
    if (result > 0) return {State::kDone, static_cast<std::size_t>(result)};
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return {State::kWantsToRead};
      case SSL_ERROR_WANT_WRITE:
        return {State::kWantsToWrite};
      case SSL_ERROR_ZERO_RETURN:
        return {State::kOver};
      default:
        broken_ = true;  // after which OpenSSL wants no farewell
        return {State::kOver};
    }
  }

  std::unique_ptr<SSL, Free> ssl_;
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<Channel> plain_channel(int socket) { return std::make_unique<Plain>(socket); }

Tls::Tls(const std::string& certificate_file, const std::string& key_file)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  if (!context_) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context_.get(), certificate_file.c_str()) != 1) {
    throw std::invalid_argument("no certificate in PEM in \"" + certificate_file + "\"");
  }
  if (SSL_CTX_use_PrivateKey_file(context_.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::invalid_argument("no key in PEM that belongs to the certificate in \"" + key_file +
                                "\"");
  }
}

std::unique_ptr<Channel> Tls::channel(int socket) const {
  return std::make_unique<Encrypted>(context_.get(), socket);
}

}  // namespace bourse::fake_exchange
