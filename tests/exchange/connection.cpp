// SPDX-License-Identifier: MIT
#include "tests/exchange/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace bourse::fake_exchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kHeadBytesMax = 64 * 1024, kBodyBytesMax = 1024 * 1024;
constexpr seconds kGreetMax{30}, kIdleMax{120}, kReadMax{30}, kWriteMax{30}, kHangMax{120};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "GET /api/v3/time HTTP/1.1".
bool parse_request_line(std::string_view line, Request& out) {
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first + 1) return false;
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  out.minor_version = version.back() - '0';
  return !out.method.empty() && out.target.front() == '/' &&
         out.target.find(' ') == std::string::npos;
}

bool parse_head(std::string_view head, Request& out) {
  bool first = true;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    if (first) {
      if (!parse_request_line(line, out)) return false;
      first = false;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    out.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return !first;
}

}  // namespace

void ConnectionLoop::run() {
  if (!complete(kGreetMax, [this] { return channel_.greet(); })) return;
  while (serve_one()) {
  }
}

ConnectionLoop::Wait ConnectionLoop::wait(short events, milliseconds limit) const {
  std::array<pollfd, 2> watched = {{{socket_, events, 0}, {stop_, POLLIN, 0}}};
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    const int n = ::poll(watched.data(), watched.size(),
                         static_cast<int>(std::max<milliseconds::rep>(0, left.count())));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 || watched[1].revents != 0) return Wait::kStop;
    return n == 0 ? Wait::kTimeout : Wait::kReady;
  }
}

template <class Step>
std::optional<std::size_t> ConnectionLoop::complete(milliseconds limit, const Step& step) const {
  for (;;) {
    const Moved moved = step();
    if (moved.state == Moved::State::kDone) return moved.bytes;
    if (moved.state == Moved::State::kOver) return std::nullopt;
    const short events = moved.state == Moved::State::kWantsToRead ? POLLIN : POLLOUT;
    if (wait(events, limit) != Wait::kReady) return std::nullopt;
  }
}

bool ConnectionLoop::fill(milliseconds limit) {
  std::array<char, 16'384> room;
  const auto count = complete(limit, [&] { return channel_.receive(room); });
  if (!count) return false;
  buffer_.append(room.data(), *count);
  return true;
}

bool ConnectionLoop::read_head(std::string& head) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (buffer_.size() > kHeadBytesMax) return refuse(431);
    if (!fill(kReadMax)) return false;
  }
  if (end > kHeadBytesMax) return refuse(431);
  head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  return true;
}

bool ConnectionLoop::read_body(Request& request) {
  if (request.header("Transfer-Encoding")) return refuse(411);
  const auto text = request.header("Content-Length");
  if (!text) return true;
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
  if (error != std::errc{} || end != text->data() + text->size()) return refuse(400);
  if (length > kBodyBytesMax) return refuse(413);
  const auto expect = request.header("Expect");
  if (expect && equal_ignoring_case(*expect, "100-continue") &&
      !send_all("HTTP/1.1 100 Continue\r\n\r\n")) {
    return false;
  }
  while (buffer_.size() < length) {
    if (!fill(kReadMax)) return false;
  }
  request.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return true;
}

bool ConnectionLoop::serve_one() {
  if (buffer_.empty() && !complete(kIdleMax, [this] { return channel_.peek(); })) return false;
  if (handler_.leaves_unread()) {
    hang();
    return false;
  }
  std::string head;
  Request request;
  request.client = client_.address;
  request.client_port = client_.port;
  if (!read_head(head)) return false;
  if (!parse_head(head, request)) return refuse(400);
  if (!read_body(request)) return false;
  return perform(request, handler_.handle(request));
}

/// Answers what is no request, and ends the connection. Always false.
bool ConnectionLoop::refuse(int status) {
  const Delivery refusal = deliver(
      {.status = status}, Request{.headers = {{"Connection", "close"}}}, std::nullopt, false);
  if (send_all(refusal.bytes)) channel_.farewell();
  return false;
}

bool ConnectionLoop::perform(const Request& request, const Delivery& delivery) {
  if (!pause(delivery.delay) || !send_pieces(delivery)) return false;
  switch (delivery.end) {
    case Delivery::End::kStayOpen:
      return true;
    case Delivery::End::kHang:
      hang();
      return false;
    case Delivery::End::kReset:
      reset_on_close();
      return false;
    case Delivery::End::kUpgrade:
      handler_.speak(request, channel_, socket_, stop_, std::move(buffer_));
      return false;
    default:
      channel_.farewell();
      return false;
  }
}

bool ConnectionLoop::send_pieces(const Delivery& delivery) {
  std::string_view rest = delivery.bytes;
  const std::size_t piece = delivery.piece == 0 ? rest.size() : delivery.piece;
  for (bool first = true; !rest.empty(); first = false) {
    if (!first && !pause(delivery.pause)) return false;
    if (!send_all(rest.substr(0, piece))) return false;
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  const std::string blank(1 << 16, ' ');
  for (std::int64_t left = delivery.blanks; left > 0; left -= 1 << 16) {
    if (!send_all(std::string_view(blank).substr(0, static_cast<std::size_t>(left)))) return false;
  }
  return true;
}

bool ConnectionLoop::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = complete(kWriteMax, [&] { return channel_.send(bytes); });
    if (!count) return false;
    bytes.remove_prefix(*count);
  }
  return true;
}

/// False when it is time to go, or the client has gone.
bool ConnectionLoop::pause(milliseconds length) const {
  return length.count() <= 0 || wait(POLLRDHUP, length) == Wait::kTimeout;
}

void ConnectionLoop::hang() const { wait(POLLRDHUP, kHangMax); }

void ConnectionLoop::reset_on_close() const {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace bourse::fake_exchange
