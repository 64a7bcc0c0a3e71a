// SPDX-License-Identifier: MIT
#include "host/http/request_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cassert>
#include <functional>
#include <optional>
#include <utility>

#include "host/http/chunk_scanner.hpp"
#include "host/http/request_id.hpp"
#include "host/http/text.hpp"

namespace bourse::host {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BoostView = boost::beast::string_view;

namespace {

constexpr std::size_t kHeadersUsual = 8;

std::string_view view(BoostView text) { return {text.data(), text.size()}; }

Failure refuse(int status, std::string code, std::string message) {
  return {.status = status, .code = std::move(code), .message = std::move(message)};
}

Failure bad_request(std::string message) { return refuse(400, "bad_request", std::move(message)); }

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string bytes_text(std::size_t count) { return std::to_string(count) + " bytes"; }

// host [":" port] of RFC 9110, section 7.2; may be empty. What has a meaning elsewhere in a URL,
// and white space, has no place in it.
bool is_host(std::string_view text) {
  return text.find_first_of(" \t/\\?#@<>\"") == std::string_view::npos;
}

struct OriginForm {
  std::string target;
  std::optional<std::string> host;  // of absolute form
};

// "http://host/path" -> "/path" (RFC 9112, section 3.2.2); nothing: not of this form.
std::optional<OriginForm> from_absolute_form(std::string_view target) {
  const std::size_t mark = target.find("://");
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = target.substr(0, mark);
  if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) {
    return std::nullopt;
  }
  const std::string_view rest = target.substr(mark + 3);
  const std::size_t path_begin = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view host = rest.substr(0, path_begin);
  if (host.empty() || !is_host(host)) return std::nullopt;
  std::string path(rest.substr(path_begin));
  if (path.empty() || path.front() != '/') path.insert(path.begin(), '/');
  return OriginForm{std::move(path), std::string(host)};
}

// The third word of a first line, "HTTP/digit.digit"; empty: it is another one.
std::string_view version_in(std::string_view line) {
  for (int word = 0; word < 2; ++word) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return {};
    line.remove_prefix(space + 1);
  }
  const std::string_view version = line.substr(0, 8);
  const bool is_one = version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                      is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  return is_one ? version : std::string_view();
}

bool is_of_http1(std::string_view version) { return version.substr(0, 7) == "HTTP/1."; }

// RFC 9110, section 2.5: a later minor version is to be read as the latest that is known, and Beast
// knows none beyond 1.1. The first line with that, and its end; "": it is no such version. Nothing:
// the end of the line is still to come.
std::optional<std::string> line_as_http11(std::string_view bytes) {
  const std::string_view version = version_in(bytes.substr(0, bytes.find('\r')));
  if (!is_of_http1(version)) return "";
  const auto end = static_cast<std::size_t>(version.data() - bytes.data()) + version.size();
  const std::string_view behind = bytes.substr(end, 2);
  if (behind.empty() || behind == "\r") return std::nullopt;
  if (behind != "\r\n") return "";
  std::string line(bytes.substr(0, end + 2));
  line[end - 1] = '1';
  return line;
}

}  // namespace

// One request. Derives from Beast's basic_parser rather than using its request_parser, so that
// the fields go straight into the Request.
class RequestReader::Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(const Limits& limits) : limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(limits.body_bytes_max);
    eager(
        false);  // The body is looked at before it is put, and shows only once the header is read.
  }

  // Tells where the bytes of the coming put() are; see is_folded.
  void reads(std::string_view bytes) { input_ = bytes; }
  [[nodiscard]] bool header_complete() const { return header_complete_; }
  [[nodiscard]] std::size_t held_bytes() const noexcept {
    constexpr std::size_t kLine = sizeof(request.headers[0]);
    return header_bytes_ + request.headers.capacity() * kLine + request.body.capacity();
  }
  // Between chunks at least "0\r\n\r\n" is still to come, and Beast asserts that it has that much
  // when it looks at the last chunk for the second time. So it is not shown less.
  [[nodiscard]] bool wants_more_than(std::size_t count) const {
    return header_complete_ && chunked() && chunk_bytes_left_ == 0 && count < 5;
  }
  /// Of a chunked body, before it is put: what is wrong with bytes that were not seen yet.
  [[nodiscard]] std::string_view look_at_chunks(std::string_view bytes) {
    if (!header_complete_ || !chunked()) return {};
    const std::string_view fresh = bytes.substr(chunk_bytes_seen_);
    chunk_bytes_seen_ = bytes.size();
    return chunks_.scan(fresh);
  }
  void taken_up(std::size_t bytes) { chunk_bytes_seen_ -= std::min(chunk_bytes_seen_, bytes); }
  /// The first line is complete, and what makes it one of HTTP is missing: more will not help.
  [[nodiscard]] bool lacks_version(std::string_view bytes) const {
    const std::size_t end = bytes.find('\n');
    return !line_complete_ && end != std::string_view::npos &&
           bytes.substr(0, end).find(" HTTP/") == std::string_view::npos;
  }
  [[nodiscard]] Failure failure_of(error_code error, std::string_view unread) const;

  Request request;
  std::optional<Failure> refusal;
  bool started = false;
  bool taken = false;
  bool waits_for_continue = false;
  bool http10 = false;
  bool is_head = false;
  bool keeps_alive = false;

 private:
  void fail(Failure failure, error_code& error) {
    refusal = std::move(failure);
    error = http::make_error_code(http::error::bad_value);
  }

  void on_request_impl(http::verb, BoostView method, BoostView target, int version,
                       error_code& error) override;
  void on_field_impl(http::field field, BoostView name, BoostView value,
                     error_code& error) override;
  void on_header_impl(error_code& error) override;
  std::optional<Failure> check_target(std::string_view method, std::string_view target);
  std::optional<Failure> check_field(http::field field, std::string_view name,
                                     std::string_view value);
  std::optional<Failure> check_transfer_encoding(std::string_view value);
  std::optional<Failure> check_content_length(std::string_view value);
  std::optional<Failure> check_header() const;
  [[nodiscard]] bool is_folded(std::string_view name, std::string_view value) const;

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BoostView bytes, error_code&) override { return add_to_body(bytes); }
  void on_chunk_header_impl(std::uint64_t size, BoostView, error_code&) override {
    chunk_bytes_left_ = size;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, BoostView bytes, error_code&) override {
    chunk_bytes_left_ -= bytes.size();
    return add_to_body(bytes);
  }
  std::size_t add_to_body(BoostView bytes) {
    waits_for_continue = false;  // It did not wait: no 100 needed (RFC 9110, section 10.1.1).
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, BoostView, int, error_code&) override {}  // never of a request

  const Limits& limits_;
  std::string_view input_;
  std::size_t header_bytes_ = 0;
  unsigned hosts_ = 0;
  std::uint64_t chunk_bytes_left_ = 0;
  ChunkScanner chunks_{
      {.trailer_bytes = limits_.header_bytes_max, .trailer_lines = limits_.header_count_max}};
  std::size_t chunk_bytes_seen_ = 0;  // of the input that is not taken up
  bool line_complete_ = false;
  bool header_complete_ = false;
  bool has_length_ = false;
  bool has_encoding_ = false;
  std::optional<std::string> host_of_target_;
};

void RequestReader::Parser::on_request_impl(http::verb, BoostView method, BoostView target,
                                            int version, error_code& error) {
  line_complete_ = true;
  http10 = version == 10;
  is_head = view(method) == "HEAD";
  header_bytes_ = method.size() + target.size() + 12;  // " HTTP/1.1\r\n" and the space between
  if (auto failure = check_target(view(method), view(target))) fail(std::move(*failure), error);
}

std::optional<Failure> RequestReader::Parser::check_target(std::string_view method,
                                                           std::string_view target) {
  request.method = method;
  if (target.size() > limits_.target_bytes_max) {
    request.target = target.substr(0, limits_.target_bytes_max);
    return refuse(414, "target_too_long",
                  "the request target has more than " + bytes_text(limits_.target_bytes_max));
  }
  if (method == "CONNECT") {
    return refuse(501, "method_not_implemented", "this server is no proxy: CONNECT is not done");
  }
  if (target.front() == '/' || (target == "*" && method == "OPTIONS")) {
    request.target = target;
    return std::nullopt;
  }
  std::optional<OriginForm> origin = from_absolute_form(target);
  if (!origin) {
    return bad_request("the request target must begin with \"/\" or \"http://host\"");
  }
  request.target = std::move(origin->target);
  host_of_target_ = std::move(origin->host);
  return std::nullopt;
}

void RequestReader::Parser::on_field_impl(http::field field, BoostView name, BoostView value,
                                          error_code& error) {
  if (header_complete_) return;  // A trailer: nothing of ours is announced there; left out.
  header_bytes_ += name.size() + value.size() + 4;
  if (header_bytes_ > limits_.header_bytes_max ||
      request.headers.size() >= limits_.header_count_max) {
    return fail(failure_of(http::error::header_limit, {}), error);
  }
  if (is_folded(view(name), view(value))) {
    return fail(bad_request("a header is folded over several lines; put it on one"), error);
  }
  if (auto failure = check_field(field, view(name), view(value))) {
    return fail(std::move(*failure), error);
  }
  if (request.headers.empty()) request.headers.reserve(kHeadersUsual);
  request.headers.emplace_back(view(name), view(value));
}

// Beast unfolds: a value from several lines is put together elsewhere, or begins on a later line
// than the name. Both show in where the value is.
bool RequestReader::Parser::is_folded(std::string_view name, std::string_view value) const {
  const char* const name_end = name.data() + name.size();
  const char* const input_end = input_.data() + input_.size();
  const std::less<const char*> before;
  if (before(value.data(), name_end) || before(input_end, value.data() + value.size())) return true;
  return std::find(name_end, value.data(), '\n') != value.data();
}

std::optional<Failure> RequestReader::Parser::check_field(http::field field, std::string_view name,
                                                          std::string_view value) {
  switch (field) {
    case http::field::host:
      ++hosts_;
      if (hosts_ > 1) return bad_request("there is more than one Host header");
      if (!is_host(value)) return bad_request("the Host header is not a host and port");
      return std::nullopt;
    case http::field::content_length:
      return check_content_length(value);
    case http::field::transfer_encoding:
      return check_transfer_encoding(value);
    case http::field::expect:
      if (!equal_ignoring_case(value, "100-continue")) {
        return refuse(417, "expectation_failed", "the only expectation met here is 100-continue");
      }
      waits_for_continue = !http10;
      return std::nullopt;
    default:
      if (equal_ignoring_case(name, "X-Request-Id") && is_request_id(value)) request.id = value;
      return std::nullopt;
  }
}

std::optional<Failure> RequestReader::Parser::check_content_length(std::string_view value) {
  // Beast takes "5, 5" and two equal lines, as RFC 9110 allows. A proxy that reads them otherwise
  // would see other requests than we do.
  if (std::exchange(has_length_, true) || has_encoding_) {
    return bad_request("the length of the body is given more than once");
  }
  if (value.size() > 18 || !is_number(value)) {
    return bad_request("Content-Length is not a number of bytes");
  }
  return std::nullopt;
}

std::optional<Failure> RequestReader::Parser::check_transfer_encoding(std::string_view value) {
  if (std::exchange(has_encoding_, true) || has_length_) {
    return bad_request("the length of the body is given more than once");
  }
  if (http10) return bad_request("HTTP/1.0 has no Transfer-Encoding");
  if (!equal_ignoring_case(value, "chunked")) {
    return refuse(501, "unsupported_transfer_encoding",
                  "the only Transfer-Encoding understood here is chunked");
  }
  return std::nullopt;
}

std::optional<Failure> RequestReader::Parser::check_header() const {
  if (hosts_ == 0 && !http10) return bad_request("the Host header is missing");
  return std::nullopt;
}

void RequestReader::Parser::on_header_impl(error_code& error) {
  header_complete_ = true;
  keeps_alive = keep_alive();
  if (auto failure = check_header()) return fail(std::move(*failure), error);
  if (host_of_target_) {
    // RFC 9112, section 3.2.2: the host of the target wins.
    for (auto& [name, value] : request.headers) {
      if (equal_ignoring_case(name, "Host")) value = *host_of_target_;
    }
  }
}

Failure RequestReader::Parser::failure_of(error_code error, std::string_view unread) const {
  if (error == http::error::header_limit) {
    if (!line_complete_) {
      return refuse(414, "target_too_long",
                    "the request line has more than " + bytes_text(limits_.header_bytes_max));
    }
    return refuse(431, "header_too_large",
                  "the header has more than " + bytes_text(limits_.header_bytes_max) + " or " +
                      std::to_string(limits_.header_count_max) + " lines");
  }
  if (error == http::error::body_limit) {
    return refuse(413, "body_too_large",
                  "the body has more than " + bytes_text(limits_.body_bytes_max));
  }
  if (error == http::error::bad_version && !version_in(unread).empty() &&
      !is_of_http1(version_in(unread))) {
    return refuse(505, "version_not_supported", "this server speaks HTTP/1.1 and HTTP/1.0");
  }
  return bad_request("this is not HTTP as RFC 9112 has it: " + error.message());
}

// ---- the reader ----

RequestReader::RequestReader(const Limits& limits)
    : limits_(limits), parser_(std::make_unique<Parser>(limits)) {}

RequestReader::~RequestReader() = default;

RequestReader::Outcome RequestReader::next(std::string_view& input) {
  assert(!parser_->refusal);
  // Built in place: a connection allocates its parser once, not once a request.
  if (parser_->taken) {
    Parser* const parser = parser_.get();
    std::destroy_at(parser);
    std::construct_at(parser, limits_);
  }
  if (held_.empty()) {
    const Outcome outcome = parse(input);
    if (outcome == Outcome::need_more) hold(std::exchange(input, {}));
    return outcome;
  }
  hold(std::exchange(input, {}));
  return parse_held();
}

RequestReader::Outcome RequestReader::parse_held() {
  std::string_view rest = std::string_view(held_).substr(held_read_);
  const Outcome outcome = parse(rest);
  held_read_ = held_.size() - rest.size();
  if (rest.empty()) {
    held_ = {};  // gives the memory back: most connections are idle
    held_read_ = 0;
  }
  return outcome;
}

void RequestReader::hold(std::string_view input) {
  if (input.empty()) return;
  held_.erase(0, std::exchange(held_read_, 0));
  held_.append(input);
}

bool RequestReader::holds_input() const noexcept { return held_read_ < held_.size(); }

std::size_t RequestReader::held_bytes() const noexcept {
  return (held_.empty() ? 0 : held_.capacity()) + (in_request() ? parser_->held_bytes() : 0);
}

RequestReader::Outcome RequestReader::parse(std::string_view& bytes) {
  // RFC 9112, section 2.2: empty lines before a request are to be ignored.
  if (!parser_->started) {
    while (bytes.substr(0, 2) == "\r\n") bytes.remove_prefix(2);
  }
  while (!bytes.empty()) {
    if (!parser_->started && bytes == "\r") break;
    if (const auto problem = parser_->look_at_chunks(bytes); !problem.empty()) {
      parser_->refusal = bad_request(std::string(problem));
      return Outcome::refused;
    }
    if (parser_->wants_more_than(bytes.size())) break;
    parser_->started = true;
    parser_->reads(bytes);
    error_code error;
    const std::size_t consumed =
        parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    const std::string_view unread = bytes;
    if (error == http::error::bad_version) {
      const auto line = line_as_http11(bytes);
      if (!line) break;
      if (!line->empty()) {
        parser_->reads(*line);
        const std::size_t taken =
            parser_->put(boost::asio::const_buffer(line->data(), line->size()), error);
        bytes.remove_prefix(taken);
        if (error == http::error::need_more && taken == line->size()) continue;
      }
    }
    bytes.remove_prefix(consumed);
    parser_->taken_up(consumed);
    if (error == http::error::need_more) {
      if (!parser_->lacks_version(bytes)) break;
      parser_->refusal = bad_request("the request line does not end with \"HTTP/1.1\"");
      return Outcome::refused;
    }
    if (error) {
      if (!parser_->refusal) parser_->refusal = parser_->failure_of(error, unread);
      return Outcome::refused;
    }
    if (parser_->is_done()) return Outcome::request;
  }
  // Chunk headers and trailers have no bound of their own in Beast.
  if (parser_->header_complete() && bytes.size() > limits_.header_bytes_max) {
    parser_->refusal = bad_request("a chunk's header or the trailer is too long");
    return Outcome::refused;
  }
  return Outcome::need_more;
}

Request RequestReader::take() {
  assert(parser_->is_done());
  parser_->taken = true;
  return std::move(parser_->request);
}

const Request& RequestReader::incomplete() const noexcept { return parser_->request; }

bool RequestReader::keep_alive() const noexcept { return parser_->keeps_alive; }
bool RequestReader::http10() const noexcept { return parser_->http10; }
bool RequestReader::is_head() const noexcept { return parser_->is_head; }
bool RequestReader::in_request() const noexcept { return parser_->started && !parser_->taken; }
bool RequestReader::in_body() const noexcept {
  return in_request() && parser_->header_complete() && !parser_->is_done();
}
bool RequestReader::wants_continue() const noexcept {
  return in_body() && parser_->waits_for_continue;
}
void RequestReader::continue_sent() noexcept { parser_->waits_for_continue = false; }
const Failure& RequestReader::refusal() const noexcept { return *parser_->refusal; }

}  // namespace bourse::host
