// SPDX-License-Identifier: MIT
#include "tests/exchange/delivery.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
constexpr std::size_t kWrongBy = 10;  ///< of a wrong Content-Length

/// A message whose framing can be bent before it is put together.
struct Message {
  std::string version = "HTTP/1.1";
  int status = 200;
  Headers headers;
  std::string body;
  std::optional<std::size_t> length;  ///< Content-Length; nothing: none is sent
  bool chunked = false;

  [[nodiscard]] std::string head() const {
    std::string out = version + " " + std::to_string(status) + " ";
    out += reason_phrase(status);
    out += "\r\n";
    for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
    if (chunked) out += "Transfer-Encoding: chunked\r\n";
    if (length) out += "Content-Length: " + std::to_string(*length) + "\r\n";
    return out + "\r\n";
  }
};

std::string in_hex(std::size_t number) {
  std::string out;
  do {
    out.insert(out.begin(), "0123456789abcdef"[number % 16]);
    number /= 16;
  } while (number != 0);
  return out;
}

/// Chunks of 1, 2, 3, 5, 8, 13, ... bytes: so that borders fall everywhere.
std::string in_chunks(std::string_view body) {
  std::string out;
  std::size_t size = 1, next = 2;
  while (!body.empty()) {
    const std::string_view part = body.substr(0, size);
    out += in_hex(part.size()) + "\r\n";
    out += part;
    out += "\r\n";
    body.remove_prefix(part.size());
    size = std::exchange(next, size + next);
  }
  return out + "0\r\n\r\n";
}

bool accepts_gzip(const Request& request) {
  const auto accepted = request.header("Accept-Encoding");
  return accepted && accepted->find("gzip") != std::string_view::npos;
}

void compress_body(Message& message, std::int64_t blanks = 0) {
  message.body = gzipped(message.body, blanks);
  message.length = message.body.size();
}

void label_gzip(Message& message) { message.headers.emplace_back("Content-Encoding", "gzip"); }

void bend_encoding(Message& message, const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kGzipBad:
      compress_body(message);
      // Past the header of ten bytes; near the end, so that much comes out before it fails.
      message.body[std::max<std::size_t>(10, message.body.size() - 9)] ^= 0x55;
      label_gzip(message);
      break;
    case FaultKind::kGzipFalse:
      label_gzip(message);
      break;
    case FaultKind::kGzipUnlabelled:
      compress_body(message);
      break;
    case FaultKind::kGzipBomb:
      compress_body(message, fault.bytes > 0 ? fault.bytes : 64 * kMebibyte);
      label_gzip(message);
      break;
    default:
      compress_body(message);
      label_gzip(message);
  }
}

void frame_in_chunks(Message& message, bool broken) {
  message.length.reset();
  message.chunked = true;
  std::string framed = in_chunks(message.body);
  if (broken) framed.replace(0, framed.find('\r'), "zz");
  message.body = std::move(framed);
}

std::string header_filler(std::int64_t bytes) {
  std::string out;
  for (int i = 0; static_cast<std::int64_t>(out.size()) < bytes; ++i) {
    out += "X-Filler-" + std::to_string(i) + ": " + std::string(1'000, 'x') + "\r\n";
  }
  return out;
}

using End = Delivery::End;

/// What the kind does to a message that would be right without it.
Delivery bend(Message message, const Fault& fault) {
  Delivery out;
  out.delay = fault.delay;
  const std::size_t half = message.body.size() / 2;
  switch (fault.kind) {
    case FaultKind::kDrip:
      out.delay = std::chrono::milliseconds{0};
      out.pause = fault.delay;
      out.piece = static_cast<std::size_t>(std::max<std::int64_t>(1, fault.bytes));
      break;
    case FaultKind::kHang:
      return {.delay = fault.delay, .bytes = {}, .end = End::kHang};
    case FaultKind::kResetBefore:
      return {.delay = fault.delay, .bytes = {}, .end = End::kReset};
    case FaultKind::kCloseBefore:
      return {.delay = fault.delay, .bytes = {}, .end = End::kClose};
    case FaultKind::kNotHttp:
      return {.delay = fault.delay, .bytes = "SSH-2.0-OpenSSH_9.2\r\n\x01\x02", .end = End::kClose};
    case FaultKind::kResetMidBody:
      message.body.resize(half);
      out.end = End::kReset;
      break;
    case FaultKind::kCloseMidBody:
      message.body.resize(half);
      out.end = End::kClose;
      break;
    case FaultKind::kTruncatedJson:
      message.body.resize(half);
      message.length = half;
      break;
    case FaultKind::kLengthTooLong:
      *message.length += kWrongBy;
      out.end = End::kClose;
      break;
    case FaultKind::kLengthTooShort:
      *message.length -= std::min(kWrongBy, *message.length);
      break;
    case FaultKind::kGzip:
    case FaultKind::kGzipBad:
    case FaultKind::kGzipFalse:
    case FaultKind::kGzipUnlabelled:
    case FaultKind::kGzipBomb:
      bend_encoding(message, fault);
      break;
    case FaultKind::kChunked:
      frame_in_chunks(message, false);
      break;
    case FaultKind::kChunkedBroken:
      frame_in_chunks(message, true);
      out.end = End::kClose;
      break;
    case FaultKind::kHttp10:
      message.version = "HTTP/1.0";
      message.length.reset();
      out.end = End::kClose;
      break;
    case FaultKind::kClose:
      message.headers.emplace_back("Connection", "close");
      out.end = End::kClose;
      break;
    case FaultKind::kCloseSilently:
      out.end = End::kClose;
      break;
    case FaultKind::kHuge:
      out.blanks = fault.bytes > 0 ? fault.bytes : 64 * kMebibyte;
      *message.length += static_cast<std::size_t>(out.blanks);
      break;
    default:
      break;
  }
  out.bytes = message.head();
  if (fault.kind == FaultKind::kHugeHead) {
    out.bytes.insert(out.bytes.size() - 2,
                     header_filler(fault.bytes > 0 ? fault.bytes : kMebibyte));
  }
  out.bytes += message.body;
  return out;
}

bool is_about_encoding(FaultKind kind) {
  return FaultKind::kGzip <= kind && kind <= FaultKind::kGzipBomb;
}

bool wants_close(const Request& request) {
  const auto connection = request.header("Connection");
  if (request.minor_version == 0) {
    return !connection || !equal_ignoring_case(*connection, "keep-alive");
  }
  return connection && equal_ignoring_case(*connection, "close");
}

}  // namespace

Delivery deliver(Response response, const Request& request, const std::optional<Fault>& fault,
                 bool compress) {
  constexpr std::size_t kWorthIt = 1'024;
  Message message{.status = response.status,
                  .headers = std::move(response.headers),
                  .body = std::move(response.body),
                  .length = {}};
  message.length = message.body.size();
  const bool bent = fault && is_about_encoding(fault->kind);
  if (compress && !bent && message.body.size() >= kWorthIt && accepts_gzip(request)) {
    compress_body(message);
    label_gzip(message);
  }
  if (wants_close(request)) message.headers.emplace_back("Connection", "close");
  Delivery out = bend(std::move(message), fault ? *fault : Fault{.kind = FaultKind::kSlow});
  if (out.end == End::kStayOpen && wants_close(request)) out.end = End::kClose;
  return out;
}

std::string gzipped(std::string_view bytes, std::int64_t blanks) {
  constexpr int kGzipHeader = 16, kWindowBits = 15, kMemoryLevel = 8;
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, kWindowBits + kGzipHeader, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out;
  std::array<char, 16'384> room;
  const auto feed = [&](std::string_view part, int flush) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(room.data());
      stream.avail_out = static_cast<uInt>(room.size());
      deflate(&stream, flush);
      out.append(room.data(), room.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  };
  feed(bytes, Z_NO_FLUSH);
  const std::string blank(1 << 16, ' ');
  for (; blanks > 0; blanks -= static_cast<std::int64_t>(blank.size())) {
    feed(std::string_view(blank).substr(0, static_cast<std::size_t>(blanks)), Z_NO_FLUSH);
  }
  feed({}, Z_FINISH);
  deflateEnd(&stream);
  return out;
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 418:
      return "I'm a teapot";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

}  // namespace bourse::fake_exchange
