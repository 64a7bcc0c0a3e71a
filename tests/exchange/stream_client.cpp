// SPDX-License-Identifier: MIT
#include "tests/exchange/stream_client.hpp"

#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <functional>

namespace bourse::fake_exchange::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kOpenMax{20};

/// The same whether there is TLS below or not.
class Socket {
 public:
  using Done = std::function<void(ErrorCode)>;
  virtual ~Socket() = default;
  virtual void open(std::uint16_t port, const std::string& target, Done done) = 0;
  virtual void read(beast::flat_buffer& into, Done done) = 0;
  virtual void write(const std::string& text, Done done) = 0;
  virtual void ping(const websocket::ping_data& payload, bool pong, Done done) = 0;
  virtual void close(Done done) = 0;
  virtual void cut() = 0;
  [[nodiscard]] virtual websocket::close_reason reason() const = 0;
  [[nodiscard]] virtual bool ended_regularly() { return true; }

  websocket::response_type answer;
  std::function<void(websocket::frame_type, std::string)> on_control;
};

template <class Below>
class SocketOver : public Socket {
 public:
  template <class... Arguments>
  explicit SocketOver(Arguments&&... arguments) : ws_(std::forward<Arguments>(arguments)...) {}

  void open(std::uint16_t port, const std::string& target, Done done) override {
    beast::get_lowest_layer(ws_).async_connect(
        tcp::endpoint(asio::ip::address_v4::loopback(), port),
        [this, target, done](ErrorCode error) {
          if (error) return done(error);
          beast::get_lowest_layer(ws_).expires_never();
          greet([this, target, done](ErrorCode e) { e ? done(e) : upgrade(target, done); });
        });
  }
  void read(beast::flat_buffer& into, Done done) override {
    ws_.async_read(into, [done](ErrorCode error, std::size_t) { done(error); });
  }
  void write(const std::string& text, Done done) override {
    ws_.text(true);
    ws_.async_write(asio::buffer(text), [done](ErrorCode error, std::size_t) { done(error); });
  }
  void ping(const websocket::ping_data& payload, bool pong, Done done) override {
    pong ? ws_.async_pong(payload, done) : ws_.async_ping(payload, done);
  }
  void close(Done done) override { ws_.async_close(websocket::close_code::normal, done); }
  void cut() override {
    ErrorCode ignored;
    beast::get_lowest_layer(ws_).socket().close(ignored);
  }
  [[nodiscard]] websocket::close_reason reason() const override { return ws_.reason(); }

 protected:
  virtual void greet(Done done) = 0;
  websocket::stream<Below> ws_;

 private:
  void upgrade(const std::string& target, Done done) {
    websocket::stream_base::timeout limits{};
    limits.handshake_timeout = kOpenMax;
    limits.idle_timeout = websocket::stream_base::none();
    ws_.set_option(limits);
    ws_.read_message_max(std::size_t{64} << 20);
    ws_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
      if (on_control) on_control(kind, std::string(payload));
    });
    ws_.async_handshake(answer, "127.0.0.1", target, [done](ErrorCode error) { done(error); });
  }
};

class PlainSocket : public SocketOver<beast::tcp_stream> {
 public:
  using SocketOver::SocketOver;

 protected:
  void greet(Done done) override { done({}); }
};

class TlsSocket : public SocketOver<beast::ssl_stream<beast::tcp_stream>> {
 public:
  using SocketOver::SocketOver;
  [[nodiscard]] bool ended_regularly() override {
    return (SSL_get_shutdown(ws_.next_layer().native_handle()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 protected:
  void greet(Done done) override {
    ws_.next_layer().async_handshake(asio::ssl::stream_base::client,
                                     [done](ErrorCode error) { done(error); });
  }
};

bool is_answer(const std::string& text) {
  return text.starts_with("{\"result\":") || text.starts_with("{\"code\":") ||
         text.starts_with("{\"error\":");
}

}  // namespace

struct StreamClient::Connection {
  explicit Connection(const Wish& wish) : tls(asio::ssl::context::tls_client) {
    if (wish.trusted.empty()) {
      socket = std::make_unique<PlainSocket>(io);
      return;
    }
    tls.load_verify_file(wish.trusted);
    tls.set_verify_mode(asio::ssl::verify_peer);
    socket = std::make_unique<TlsSocket>(io, tls);
  }

  /// Runs until `done`, the end of the connection, or for so long.
  bool run(milliseconds wait, const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    while (!done()) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left.count() <= 0) return false;
      io.restart();
      io.run_one_for(left);
    }
    return true;
  }
  void start_reading() {
    if (!opened || std::exchange(reading, true)) return;
    read_on();
  }
  void read_on() {
    socket->read(buffer, [this](ErrorCode error) {
      if (error) {
        over = true;
        return;
      }
      texts.push_back(beast::buffers_to_string(buffer.data()));
      buffer.consume(buffer.size());
      read_on();
    });
  }

  asio::io_context io{1};
  asio::ssl::context tls;
  std::unique_ptr<Socket> socket;
  beast::flat_buffer buffer;
  std::deque<std::string> texts;
  std::vector<std::string> controls;
  bool opened = false, reading = false, over = false;
};

StreamClient::StreamClient(std::uint16_t port, const Wish& wish)
    : connection_(std::make_unique<Connection>(wish)) {
  Connection& c = *connection_;
  c.socket->answer.result(0u);  // until there is an answer
  c.socket->on_control = [&c](websocket::frame_type kind, std::string payload) {
    if (kind == websocket::frame_type::ping) c.controls.push_back("ping " + payload);
    if (kind == websocket::frame_type::pong) c.controls.push_back("pong " + payload);
  };
  bool done = false;
  c.socket->open(port, wish.target, [&](ErrorCode error) {
    c.opened = !error;
    done = true;
  });
  c.run(kOpenMax, [&] { return done; });
  if (wish.reads) c.start_reading();
}

StreamClient::~StreamClient() {
  connection_->socket->cut();
  connection_->io.restart();
  connection_->io.run_for(milliseconds{100});
}

bool StreamClient::opened() const { return connection_->opened; }
int StreamClient::status() const { return connection_->socket->answer.result_int(); }
std::string StreamClient::body() const { return connection_->socket->answer.body(); }
std::string StreamClient::header(std::string_view name) const {
  return std::string(connection_->socket->answer[beast::string_view(name.data(), name.size())]);
}

void StreamClient::send(std::string_view text) {
  bool done = false;
  const std::string bytes(text);
  connection_->socket->write(bytes, [&](ErrorCode) { done = true; });
  connection_->run(kOpenMax, [&] { return done; });
}

void StreamClient::ping(std::string_view payload) {
  bool done = false;
  connection_->socket->ping({payload.data(), payload.size()}, false,
                            [&](ErrorCode) { done = true; });
  connection_->run(kOpenMax, [&] { return done; });
}

void StreamClient::pong(std::string_view payload) {
  bool done = false;
  connection_->socket->ping({payload.data(), payload.size()}, true,
                            [&](ErrorCode) { done = true; });
  connection_->run(kOpenMax, [&] { return done; });
}

std::string StreamClient::ask(std::string_view text) {
  Connection& c = *connection_;
  send(text);
  std::string out;
  c.run(kOpenMax, [&] {
    for (auto i = c.texts.begin(); i != c.texts.end(); ++i) {
      if (!is_answer(*i)) continue;
      out = *i;
      c.texts.erase(i);
      return true;
    }
    return c.over;
  });
  return out;
}

std::optional<std::string> StreamClient::read(milliseconds wait) {
  Connection& c = *connection_;
  c.start_reading();
  c.run(wait, [&c] { return c.over || !c.texts.empty(); });
  if (c.texts.empty()) return std::nullopt;
  std::string out = std::move(c.texts.front());
  c.texts.pop_front();
  return out;
}

std::vector<std::string> StreamClient::read(std::size_t count) {
  std::vector<std::string> out;
  while (out.size() < count) {
    auto text = read();
    if (!text) break;
    out.push_back(std::move(*text));
  }
  return out;
}

bool StreamClient::is_silent(milliseconds wait) {
  Connection& c = *connection_;
  c.start_reading();
  return !c.run(wait, [&c] { return !c.texts.empty(); });
}

std::string StreamClient::end(milliseconds wait) {
  Connection& c = *connection_;
  c.start_reading();
  c.run(wait, [&c] { return c.over; });
  if (!c.over) return "open";
  const websocket::close_reason reason = c.socket->reason();
  if (reason.code == websocket::close_code::none) return "cut";
  return std::to_string(reason.code) + " " + std::string(reason.reason.c_str());
}

std::vector<std::string> StreamClient::control_frames() const { return connection_->controls; }

bool StreamClient::close(milliseconds wait) {
  bool closed = false;
  connection_->socket->close([&](ErrorCode error) { closed = !error; });
  connection_->run(wait, [&] { return closed; });
  return closed;
}

bool StreamClient::ended_regularly() const { return connection_->socket->ended_regularly(); }

}  // namespace bourse::fake_exchange::test
