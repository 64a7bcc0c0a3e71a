// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/web_sockets.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <list>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "plugins/sources/binance/client/classify.hpp"
#include "plugins/sources/binance/client/network.hpp"
#include "plugins/sources/binance/client/tls.hpp"
#include "plugins/sources/binance/client/tunnel.hpp"

namespace bourse::binance {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using Tcp = beast::tcp_stream;
using Tls = beast::ssl_stream<Tcp>;

/// A buffer that a long message has grown is given back.
constexpr std::size_t kBufferKept = std::size_t{1} << 20U;
constexpr std::size_t kReasonBytesMax = 200;

std::string text_of(const error_code& error) { return printable(error.message(), kReasonBytesMax); }

/// What an answer to the upgrade means that is not an agreement.
Error refused(const websocket::response_type& answer, Time now) {
  HttpResponse response{.status = static_cast<int>(answer.result_int()), .headers = {}};
  for (const auto& field : answer) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    response.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  const int status = response.status;
  Error error = status == 200 || status < 100
                    ? network_error("The server of the streams answered, but not as a WebSocket.")
                    : classify(response, now);
  error.http_status = status;
  error.reach = Reach::kAnswered;
  return error;
}

/// One connection. Held by its handlers, so that it goes when the last of them has run.
class Session {
 public:
  virtual ~Session() = default;
  virtual void start() = 0;
  virtual void send(std::string text) = 0;
  virtual void close() = 0;
  /// Tells nothing any more and cuts the connection.
  virtual void abandon() = 0;
};

/// A name of its own in the handshake is for names only.
bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

struct SessionSetup {
  std::uint64_t number = 0;
  std::string host, authority, target;
  WebSocketOptions options;
  SocketEvents* events = nullptr;
  std::function<Time()> wall;
};

template <class Layer>
class SessionOver final : public Session, public std::enable_shared_from_this<SessionOver<Layer>> {
  static constexpr bool kTls = std::is_same_v<Layer, Tls>;

 public:
  template <class... Args>
  SessionOver(SessionSetup setup, Args&&... args)
      : setup_(std::move(setup)), stream_(std::forward<Args>(args)...) {}

  void start() override {
    if constexpr (kTls) {
      if (!is_address(setup_.host)) {
        SSL_set_tlsext_host_name(stream_.next_layer().native_handle(), setup_.host.c_str());
      }
      lowest().expires_after(setup_.options.handshake);
      stream_.next_layer().async_handshake(asio::ssl::stream_base::client,
                                           [self = self()](const error_code& error) {
                                             if (error) return self->fail_handshake(error);
                                             self->upgrade();
                                           });
    } else {
      upgrade();
    }
  }
  void send(std::string text) override {
    outgoing_.push_back(std::move(text));
    if (outgoing_.size() == 1) write();
  }
  void close() override {
    if (over_ || closing_) return;
    closing_ = true;
    // A read is pending, which ends with this; whichever is told first is the end.
    stream_.async_close(websocket::close_code::normal, [self = self()](const error_code& error) {
      self->end(error, "while saying goodbye");
    });
  }
  void abandon() override {
    setup_.events = nullptr;
    cut();
  }

 private:
  auto self() { return this->shared_from_this(); }
  Tcp& lowest() { return beast::get_lowest_layer(stream_); }

  void fail_handshake(const error_code& error) {
    Error why = network_error("TLS with " + setup_.host + " failed: " + text_of(error) + ".");
    if constexpr (kTls) {
      const long verdict = SSL_get_verify_result(stream_.next_layer().native_handle());
      if (verdict != X509_V_OK) {
        why.message = "The certificate of " + setup_.host +
                      " is not trusted: " + X509_verify_cert_error_string(verdict) + ".";
        why.advice =
            "Somebody may be reading along. Update ca-certificates, or name your company's "
            "authorities; the check cannot be switched off.";
        why.permanent = true;
      }
    }
    tell_end(why);
  }

  void upgrade() {
    lowest().expires_never();  // from here on the WebSocket's own timer counts
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = setup_.options.handshake;
    timeout.idle_timeout = setup_.options.idle;
    timeout.keep_alive_pings = true;
    stream_.set_option(timeout);
    stream_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(http::field::user_agent, "bourse-binance-client");
    }));
    stream_.read_message_max(setup_.options.message_bytes_max);
    stream_.auto_fragment(false);
    stream_.async_handshake(answer_, setup_.authority, setup_.target,
                            [self = self()](const error_code& error) { self->upgraded(error); });
  }
  void upgraded(const error_code& error) {
    if (error == websocket::error::upgrade_declined)
      return tell_end(refused(answer_, setup_.wall()));
    if (error) return end(error, "during the upgrade to a WebSocket");
    answer_ = {};
    stream_.text(true);
    if (setup_.events != nullptr) setup_.events->opened(setup_.number);
    if (!over_ && setup_.events != nullptr) read();
  }

  void read() {
    stream_.async_read(buffer_, [self = self()](const error_code& error, std::size_t /*bytes*/) {
      if (error) return self->end(error, "while reading");
      self->deliver();
    });
  }
  void deliver() {
    std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > kBufferKept) buffer_.shrink_to_fit();
    if (setup_.events != nullptr) setup_.events->message(setup_.number, text);
    if (!over_ && setup_.events != nullptr) read();
  }
  void write() {
    stream_.async_write(asio::buffer(outgoing_.front()),
                        [self = self()](const error_code& error, std::size_t /*bytes*/) {
                          if (error) return self->end(error, "while sending");
                          self->outgoing_.pop_front();
                          if (!self->outgoing_.empty() && !self->over_) self->write();
                        });
  }

  void end(const error_code& error, const char* doing) {
    Error why =
        network_error("The connection ended " + std::string(doing) + ": " + text_of(error) + ".");
    const auto& reason = stream_.reason();
    if (reason.code != websocket::close_code::none) {
      why.message = "The server of the streams closed the connection with code " +
                    std::to_string(reason.code);
      const std::string words(reason.reason.data(), reason.reason.size());
      why.message += words.empty() ? "." : " (" + printable(words, kReasonBytesMax) + ").";
    }
    why.reach = Reach::kAnswered;
    tell_end(why);
  }
  void tell_end(const Error& why) {
    if (over_) return;
    cut();
    if (auto* const events = std::exchange(setup_.events, nullptr)) {
      events->ended(setup_.number, why);
    }
  }
  /// TLS alone would leave TCP open.
  void cut() {
    over_ = true;
    lowest().close();
  }

  SessionSetup setup_;
  websocket::stream<Layer> stream_;
  websocket::response_type answer_;
  beast::flat_buffer buffer_;
  std::deque<std::string> outgoing_;
  bool over_ = false, closing_ = false;
};

/// A connected socket, whatever its family.
Tcp adopt(asio::io_context& io, Descriptor socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  asio::ip::tcp::socket adopted(io);
  adopted.assign(address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(),
                 socket.release());
  return Tcp(std::move(adopted));
}

}  // namespace

class WebSockets::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(WebSocketOptions options, SocketEvents& events, std::shared_ptr<const TrustStore> trust)
      : options_(std::move(options)),
        events_(events),
        trust_(std::move(trust)),
        work_(asio::make_work_guard(io_)),
        timer_(io_) {}

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop() {
    stopping_ = true;
    asio::post(io_, [this] {
      timer_.cancel();
      task_ = nullptr;
      for (const auto& [number, session] : sessions_) {
        if (const auto alive = session.lock()) alive->abandon();
      }
      work_.reset();
    });
    thread_.join();
    for (Attempt& attempt : attempts_) attempt.thread.join();
  }

  void post(std::function<void()> what) { asio::post(io_, std::move(what)); }
  void every(std::chrono::milliseconds time, std::function<bool()> what) {
    pause_ = time;
    task_ = std::move(what);
    wait();
  }
  void dial(std::uint64_t number, const std::string& target) {
    sweep();
    std::erase_if(sessions_, [](const Open& open) { return open.second.expired(); });
    sessions_.emplace_back(number, std::weak_ptr<Session>());
    Attempt& attempt = attempts_.emplace_back();
    attempt.number = number;
    try {
      attempt.thread =
          std::thread([this, target, &attempt] { attempt_to_connect(attempt, target); });
    } catch (const std::system_error&) {
      attempts_.pop_back();
      asio::post(io_, [this, number] {
        events_.ended(number, network_error("There is no thread for another connection."));
      });
    }
  }
  void send(std::uint64_t number, std::string text) {
    if (const auto session = find(number)) session->send(std::move(text));
  }
  void close(std::uint64_t number) {
    if (const auto session = find(number)) session->close();
  }
  void drop(std::uint64_t number) {
    if (const auto session = find(number)) session->abandon();
    std::erase_if(sessions_, [&](const auto& entry) { return entry.first == number; });
    for (Attempt& attempt : attempts_) {
      if (attempt.number == number) attempt.given_up = true;
    }
  }

 private:
  using Open = std::pair<std::uint64_t, std::weak_ptr<Session>>;
  struct Attempt {
    std::uint64_t number = 0;
    std::thread thread;
    std::atomic<bool> given_up = false;
    bool done = false;  ///< its thread has nothing more to do
  };

  void attempt_to_connect(Attempt& attempt, const std::string& target) {
    auto connected = std::make_shared<Result<Descriptor>>(connect(attempt));
    asio::post(io_, [this, target, connected, &attempt] {
      attempt.done = true;
      begin(attempt.number, target, *connected);
    });
  }
  Result<Descriptor> connect(const Attempt& attempt) {
    const Call call{.deadline = std::chrono::steady_clock::now() + options_.connect,
                    .stopped = [this, &attempt] { return stopping_ || attempt.given_up; }};
    const auto& proxy = options_.proxy;
    auto addresses = resolver_.resolve(proxy ? proxy->host : options_.origin.host,
                                       proxy ? proxy->port : options_.origin.port, call);
    if (!addresses) return std::move(addresses).error();
    auto socket = connector_.connect(*std::move(addresses), call);
    if (!socket || !proxy) return socket;
    const auto stream = plain_stream(socket->get());
    if (auto open = open_tunnel(*stream, options_.origin.host_and_port(), *proxy, call); !open) {
      return std::move(open).error();
    }
    return socket;
  }
  void begin(std::uint64_t number, const std::string& target, Result<Descriptor>& connected) {
    const auto place = std::ranges::find(sessions_, number, &Open::first);
    if (place == sessions_.end() || stopping_) return;  // nobody wants it any more
    if (!connected) return events_.ended(number, connected.error());
    SessionSetup setup{.number = number,
                       .host = options_.origin.host,
                       .authority = options_.origin.authority(),
                       .target = target,
                       .options = options_,
                       .events = &events_,
                       .wall = [] { return real_clock()->wall(); }};
    auto session = make(std::move(setup), *std::move(connected));
    if (!session) return events_.ended(number, session.error());
    place->second = *session;
    (*session)->start();
  }
  Result<std::shared_ptr<Session>> make(SessionSetup setup, Descriptor socket) {
    if (!options_.origin.tls) {
      return std::shared_ptr<Session>(
          std::make_shared<SessionOver<Tcp>>(std::move(setup), adopt(io_, std::move(socket))));
    }
    // One for each connection, as REST has it: the name to be verified is in it.
    asio::ssl::context context(asio::ssl::context::tls_client);
    ERR_clear_error();
    X509_STORE* const store = trust_->share();
    if (store == nullptr || !harden(context.native_handle(), setup.host)) {
      return network_error("TLS is out of memory.");
    }
    SSL_CTX_set_cert_store(context.native_handle(), store);
    return std::shared_ptr<Session>(std::make_shared<SessionOver<Tls>>(
        std::move(setup), adopt(io_, std::move(socket)), context));
  }
  [[nodiscard]] std::shared_ptr<Session> find(std::uint64_t number) const {
    for (const auto& [its, session] : sessions_) {
      if (its == number) return session.lock();
    }
    return nullptr;
  }
  void wait() {
    timer_.expires_after(pause_);
    timer_.async_wait([this](const error_code& error) {
      if (error || !task_) return;
      if (task_()) return wait();
    });
  }
  /// Threads that have handed over what they had are over, or nearly.
  void sweep() {
    attempts_.remove_if([](Attempt& attempt) {
      if (attempt.done) attempt.thread.join();
      return attempt.done;
    });
  }
  /// What throws is out of memory; the connection that it happened to falls silent, and is replaced
  /// for that.
  void run() {
    while (true) {
      try {
        io_.run();
        return;
      } catch (...) {
      }
    }
  }

  const WebSocketOptions options_;
  SocketEvents& events_;
  const std::shared_ptr<const TrustStore> trust_;
  Resolver resolver_;
  Connector connector_{Connector::Pace{}};
  std::atomic<bool> stopping_ = false;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer timer_;
  std::chrono::milliseconds pause_{};
  std::function<bool()> task_;
  std::list<Open> sessions_;
  std::list<Attempt> attempts_;
  std::thread thread_;
};

namespace {

class Handle final : public Socket {
 public:
  using Act = std::function<void()>;
  Handle(std::function<void(std::string)> send, Act close, Act drop)
      : send_(std::move(send)), close_(std::move(close)), drop_(std::move(drop)) {}
  ~Handle() override { drop_(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  void send(std::string text) override { send_(std::move(text)); }
  void close() override { close_(); }

 private:
  const std::function<void(std::string)> send_;
  const Act close_, drop_;
};

}  // namespace

Result<std::unique_ptr<WebSockets>> WebSockets::make(WebSocketOptions options,
                                                     SocketEvents& events) {
  std::shared_ptr<const TrustStore> trust;
  if (options.origin.tls) {
    auto made = TrustStore::make(options.authorities);
    if (!made) return std::move(made).error();
    trust = *std::move(made);
  }
  auto impl = std::make_shared<Impl>(std::move(options), events, std::move(trust));
  impl->start();
  return std::unique_ptr<WebSockets>(new WebSockets(std::move(impl)));
}

WebSockets::WebSockets(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

WebSockets::~WebSockets() { impl_->stop(); }

void WebSockets::post(std::function<void()> what) { impl_->post(std::move(what)); }

void WebSockets::every(std::chrono::milliseconds time, std::function<bool()> what) {
  impl_->every(time, std::move(what));
}

std::unique_ptr<Socket> WebSockets::dial(std::uint64_t socket, const std::string& target) {
  const std::weak_ptr<Impl> held = impl_;
  const auto act = [held, socket](void (Impl::*what)(std::uint64_t)) {
    return [held, socket, what] {
      if (const auto impl = held.lock()) ((*impl).*what)(socket);
    };
  };
  auto handle = std::make_unique<Handle>(
      [held, socket](std::string text) {
        if (const auto impl = held.lock()) impl->send(socket, std::move(text));
      },
      act(&Impl::close), act(&Impl::drop));
  impl_->dial(socket, target);
  return handle;
}

}  // namespace bourse::binance
