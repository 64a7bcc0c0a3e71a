// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/http_connection.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

// The classes derived from below live in a library of their own, whatever our visibility is.
#pragma GCC visibility push(default)
#include <httplib.h>
#pragma GCC visibility pop

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace bourse::binance {
namespace {

using std::chrono::steady_clock;

/// httplib matches the first line with std::regex, which recurses for every byte.
constexpr std::size_t kFirstLineBytesMax = 512;
/// Headers, or what chunks need between two pieces of body.
constexpr std::size_t kHeadBytesMax = 32 * 1024;

/// What httplib reads from and writes to.
class Io final : public httplib::Stream {
 public:
  /// For the life of a connection.
  void connect(std::unique_ptr<binance::Stream> stream) { stream_ = std::move(stream); }
  [[nodiscard]] bool is_connected() const noexcept { return stream_ != nullptr; }

  void begin(const Call& call) {
    call_ = &call;
    problem_.reset();
    first_line_.clear();
    first_line_is_over_ = any_byte_ = closed_ = false;
    beside_body_ = 0;
    last_ = 0;
  }
  /// A piece of the body has come out at the other end.
  void body_goes_on() noexcept { beside_body_ = 0; }

  [[nodiscard]] std::optional<binance::Error>& problem() noexcept { return problem_; }
  [[nodiscard]] bool any_byte() const noexcept { return any_byte_; }
  [[nodiscard]] bool is_closed() const noexcept { return closed_; }
  /// The last that was read is an empty line, as behind the last chunk.
  [[nodiscard]] bool ends_with_empty_line() const noexcept { return last_ == 0x0D0A0D0AU; }
  /// Nothing came that was not asked for, and nothing is the matter.
  [[nodiscard]] bool is_quiet() { return at_ == size_ && !closed_ && stream_->is_quiet(); }
  [[nodiscard]] bool is_used_up() const noexcept { return at_ == size_ && !closed_; }

  ssize_t read(char* to, std::size_t bytes) override {
    if (problem_) return -1;
    if (at_ == size_ && !fill()) return problem_ ? -1 : 0;
    const std::size_t count = std::min(bytes, size_ - at_);
    const std::string_view piece(buffer_.data() + at_, count);
    if (!admit(piece)) return -1;
    std::copy(piece.begin(), piece.end(), to);
    at_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* bytes, std::size_t count) override {
    auto done = stream_->write({bytes, count}, *call_);
    if (done) return static_cast<ssize_t>(count);
    problem_ = std::move(done).error();
    return -1;
  }
  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  [[nodiscard]] socket_t socket() const override { return INVALID_SOCKET; }

 private:
  /// False: a problem, or the end.
  bool fill() {
    auto count = stream_->read(buffer_, *call_);
    at_ = size_ = 0;
    if (!count) {
      problem_ = std::move(count).error();
      return false;
    }
    closed_ = *count == 0;
    any_byte_ = any_byte_ || !closed_;
    size_ = *count;
    return !closed_;
  }
  bool admit(std::string_view piece) {
    for (const char c : piece.substr(piece.size() - std::min<std::size_t>(4, piece.size()))) {
      last_ = last_ << 8U | static_cast<unsigned char>(c);
    }
    beside_body_ += piece.size();
    if (!first_line_is_over_ && !admit_first_line(piece)) return false;
    if (beside_body_ <= kHeadBytesMax) return true;
    problem_ = spoilt_answer("The headers of the answer are too long.");
    return false;
  }
  bool admit_first_line(std::string_view piece) {
    const std::size_t end = piece.find('\n');
    first_line_.append(piece.substr(0, end));
    first_line_is_over_ = end != std::string_view::npos;
    if (first_line_.size() > kFirstLineBytesMax) {
      problem_ = spoilt_answer("The answer is not HTTP: its first line is too long.");
    } else if (first_line_is_over_ && first_line_.starts_with("HTTP/1.1 1")) {
      problem_ = spoilt_answer("The server sent an interim answer, which nobody asked for.");
    }
    return !problem_;
  }

  std::unique_ptr<binance::Stream> stream_;
  const Call* call_ = nullptr;
  std::optional<binance::Error> problem_;
  std::string first_line_;
  bool first_line_is_over_ = false, any_byte_ = false, closed_ = false;
  std::size_t beside_body_ = 0;
  std::uint32_t last_ = 0;  ///< four bytes
  std::array<char, 16 * 1024> buffer_;
  std::size_t at_ = 0, size_ = 0;
};

binance::Error untrusted(const std::string& host, long verdict) {
  const std::string why =
      verdict == X509_V_OK ? "it belongs to another name" : X509_verify_cert_error_string(verdict);
  binance::Error error =
      network_error("The certificate of " + host + " is not trusted: " + why + ".");
  error.advice =
      "Somebody may be reading along. Update ca-certificates, or name your company's authorities; "
      "the check cannot be switched off.";
  error.permanent = true;
  return error;
}

/// "7", or "7, 7" of who joined two equal lines; nullopt: no number, or several. RFC 9112,
/// section 6.3.
std::optional<std::uint64_t> one_length(std::string_view list) {
  std::optional<std::uint64_t> length;
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), value);
    const bool is_number = error == std::errc{} && end == item.data() + item.size();
    if (!is_number || (length && *length != value)) return std::nullopt;
    length = value;
    if (comma == std::string_view::npos) return length;
    list.remove_prefix(comma + 1);
  }
}

/// What is wrong with how an answer says where it ends; "": nothing. The library believes the first
/// thing that is said; whoever else reads along (a proxy) may believe another, and take the rest
/// for the next answer. RFC 9112, sections 6.1 and 6.3.
std::string framing_fault(const httplib::Response& in) {
  const auto [coding, codings_end] = in.headers.equal_range("Transfer-Encoding");
  const auto [length, lengths_end] = in.headers.equal_range("Content-Length");
  if (coding != codings_end) {
    if (length != lengths_end) {
      return "The answer has both a Content-Length and a Transfer-Encoding.";
    }
    if (in.version == "HTTP/1.0") return "The answer has a Transfer-Encoding and is HTTP/1.0.";
    const bool is_chunked = std::ranges::equal(
        coding->second, std::string_view("chunked"), {},
        [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    if (!is_chunked || std::next(coding) != codings_end) {
      return "The answer has another Transfer-Encoding than chunked.";
    }
    return {};
  }
  std::string all;
  for (auto one = length; one != lengths_end; ++one) {
    all += (all.empty() ? "" : ", ") + one->second;
  }
  if (length == lengths_end || one_length(all)) return {};
  return "The answer's Content-Length is not one number: " + printable(all, 64) + ".";
}

std::vector<std::pair<std::string, std::string>> headers_of(const httplib::Headers& headers) {
  std::vector<std::pair<std::string, std::string>> out;
  out.reserve(headers.size());
  for (const auto& [name, value] : headers) {
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out.emplace_back(std::move(lower), value);
  }
  return out;
}

/// Base is httplib::ClientImpl or httplib::SSLClient, of which two steps are replaced: where the
/// socket comes from, and what bytes are read from and written to.
template <class Base>
class Connection final : public HttpConnection, private Base {
  static constexpr bool kTls = std::is_same_v<Base, httplib::SSLClient>;
  using typename Base::Socket;

 public:
  Connection(Descriptor socket, const Origin& origin, const Options& options)
      : Base(origin.host, origin.port),
        origin_(origin),
        options_(options),
        connected_(std::move(socket)) {
    Base::set_keep_alive(true);
    Base::set_follow_location(false);
    Base::set_url_encode(false);  // what was signed goes out byte for byte
    Base::set_decompress(false);  // its own unpacking knows no limit
  }
  ~Connection() override {
    const NoPipeSignal guard;
    Base::stop();  // says good-bye while the signal is held back
    ERR_clear_error();
  }

  /// False: out of memory.
  bool secure() {
    if constexpr (kTls) {
      if (!harden(Base::ssl_context(), origin_.host)) return false;
      X509_STORE* const store = options_.trust->share();
      if (store == nullptr) return false;
      Base::set_ca_cert_store(store);
      // Already in the store; naming it keeps the library from reading all authorities again.
      Base::set_ca_cert_path({}, options_.trust->folder());
      Base::enable_server_certificate_verification(true);
    }
    return true;
  }

  Result<HttpResponse> exchange(const HttpRequest& request, const Call& call,
                                AnswerShare& share) override {
    const NoPipeSignal guard;
    ERR_clear_error();
    reusable_ = false;
    sent_ = false;
    refusal_.reset();
    const bool used = io_.is_connected();
    httplib::Request out = request_of(request);
    request_ = &request;
    out_ = &out;
    std::string body;
    bool too_long = false, no_room = false;
    std::string fault;
    out.response_handler = [&](const httplib::Response& head) {
      fault = framing_fault(head);
      return fault.empty();
    };
    out.content_receiver = [&](const char* bytes, std::size_t count, std::uint64_t, std::uint64_t) {
      io_.body_goes_on();
      too_long = count > options_.body_bytes_max - body.size();
      no_room = !too_long && !make_room(body, room_for(body, count), 0, share);
      if (too_long || no_room) return false;
      body.append(bytes, count);
      return true;
    };
    httplib::Response in;
    httplib::Error problem = httplib::Error::Unknown;
    const bool done = carry(out, in, problem, call);
    if (refusal_) {
      reusable_ = Base::is_socket_open() != 0;
      return *std::move(refusal_);
    }
    if (done && in.status > 0 && is_whole(in)) {
      reusable_ = Base::is_socket_open() != 0 && io_.is_used_up();
      return HttpResponse{
          .status = in.status, .headers = headers_of(in.headers), .body = std::move(body)};
    }
    binance::Error error = !fault.empty() ? spoilt_answer(std::move(fault))
                           : too_long     ? spoilt_answer("The answer is too long.")
                           : no_room      ? no_room_for_answer(share)
                                          : error_of(done ? httplib::Error::Read : problem, call);
    error.reach = sent_ ? Reach::kMaybe : Reach::kNotSent;
    error.stale_connection = used && sent_ && !io_.any_byte() && !error.deadline && !error.stopped;
    if (in.status > 0 && in.status != 200) {
      return HttpResponse{
          .status = in.status, .headers = headers_of(in.headers), .damage = std::move(error)};
    }
    return error;
  }
  [[nodiscard]] bool is_reusable() const override { return reusable_; }
  bool is_quiet() override {
    const NoPipeSignal guard;
    return reusable_ && io_.is_quiet();
  }

 private:
  /// What the buffer of a body grows to for `more` bytes.
  [[nodiscard]] std::size_t room_for(const std::string& body, std::size_t more) const noexcept {
    const std::size_t needed = body.size() + more;
    if (needed <= body.capacity()) return needed;
    return std::max(needed, grown(body.capacity(), options_.body_bytes_max));
  }

  httplib::Request request_of(const HttpRequest& request) const {
    httplib::Request out;
    out.method = request.method;
    out.headers = {{"Host", origin_.authority()},
                   {"User-Agent", "bourse-binance-client"},
                   {"Accept", "application/json"},
                   {"Accept-Encoding", "gzip"}};
    if (request.api_key != nullptr) {
      out.headers.emplace("X-MBX-APIKEY", std::string(request.api_key->reveal()));
    }
    return out;
  }

  /// Base::send(), while the watchdog looks at the handshake.
  bool carry(httplib::Request& out, httplib::Response& in, httplib::Error& problem,
             const Call& call) {
    try {
      if (kTls && connected_) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(
            std::max(call.deadline - steady_clock::now(), Instant::duration::zero()));
        Base::set_connection_timeout(
            static_cast<time_t>(std::min<std::int64_t>(left.count() + 1, 3600)), 0);
        Descriptor twin(::fcntl(connected_.get(), F_DUPFD_CLOEXEC, 0));
        if (!twin) return false;
        watch_ = options_.watchdog->watch(std::move(twin), call);
      }
      io_.begin(call);
      const bool done = Base::send(out, in, problem);
      watch_.reset();
      return done;
    } catch (const std::exception&) {  // no memory, no thread, or a regex that gives up
      watch_.reset();
      return false;
    }
  }

  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override {
    error = httplib::Error::Connection;
    if (!connected_) return false;  // never a second time: the pool makes a new one
    socket.sock = connected_.release();
    return true;
  }

  bool process_socket(const Socket& socket,
                      std::function<bool(httplib::Stream& stream)> callback) override {
    watch_.reset();  // from here on the stream minds the deadline
    if (!io_.is_connected()) {
      const int flags = ::fcntl(socket.sock, F_GETFL);
      static_cast<void>(::fcntl(socket.sock, F_SETFL, flags | O_NONBLOCK));
      io_.connect(kTls ? tls_stream(socket.sock, socket.ssl) : plain_stream(socket.sock));
    }
    auto target = target_now(*request_);
    if (!target) {
      refusal_ = std::move(target).error();
      return true;  // else the library would close the connection, which is as good as new
    }
    out_->path = *target;
    sent_ = true;
    return callback(io_);
  }

  /// The library takes chunks for complete when something else stands where the next should be.
  [[nodiscard]] bool is_whole(const httplib::Response& in) const {
    return !in.has_header("Transfer-Encoding") || io_.ends_with_empty_line();
  }

  binance::Error error_of(httplib::Error problem, const Call& call) {
    if (io_.problem()) return *std::move(io_.problem());
    if (problem == httplib::Error::SSLServerVerification) {
      if constexpr (kTls) return untrusted(origin_.host, Base::get_openssl_verify_result());
    }
    if (!sent_) {  // the watchdog may have ended it
      if (auto going = go_on(call, "shaking hands (TLS)"); !going) return std::move(going).error();
      return network_error("TLS with " + origin_.host + " failed: " + tls_failure() + ".");
    }
    if (io_.is_closed()) {
      return network_error("The connection was closed before the answer was complete.");
    }
    return spoilt_answer("The answer is not HTTP.");
  }

  const Origin origin_;
  const Options options_;
  Descriptor connected_;
  Io io_;
  std::unique_ptr<Watchdog::Watch> watch_;
  const HttpRequest* request_ = nullptr;  ///< under way
  httplib::Request* out_ = nullptr;       ///< as the library has it
  std::optional<binance::Error> refusal_;
  bool reusable_ = false, sent_ = false;
};

}  // namespace

Result<std::unique_ptr<HttpConnection>> HttpConnection::make(Descriptor socket,
                                                             const Origin& origin,
                                                             const Options& options) {
  if (options.trust == nullptr) {
    return std::unique_ptr<HttpConnection>(
        std::make_unique<Connection<httplib::ClientImpl>>(std::move(socket), origin, options));
  }
  auto connection =
      std::make_unique<Connection<httplib::SSLClient>>(std::move(socket), origin, options);
  if (!connection->secure()) return network_error("TLS is out of memory.");
  return std::unique_ptr<HttpConnection>(std::move(connection));
}

}  // namespace bourse::binance
