// SPDX-License-Identifier: MIT
#include "host/http/connection.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <ctime>
#include <utility>

#include "host/http/accept.hpp"
#include "host/http/problem.hpp"
#include "host/http/text.hpp"

namespace bourse::host {

namespace {

constexpr std::size_t kReadBytes = std::size_t{16} * 1024;     // of a header; held if not used
constexpr std::size_t kWriteBytesMax = std::size_t{1} << 20u;  // a turn, so that others get theirs
constexpr std::size_t kProgressBytes = std::size_t{256} * 1024;  // a write_timeout, see Limits
// Who has just connected has a request to send; while the server stops, this long.
constexpr std::chrono::milliseconds kFirstRequest{1000};
constexpr std::chrono::milliseconds kGuest{1000};  // a probe sends its request at once
constexpr std::size_t kDiscardBytesMax = std::size_t{64} << 20u;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

/// As send() does; one call of the kernel for what may be two parts.
ssize_t send_both(int descriptor, std::string_view head, std::string_view body) {
  constexpr int kHow = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (body.empty()) return ::send(descriptor, head.data(), head.size(), kHow);
  std::array<iovec, 2> parts{};
  parts[0] = {const_cast<char*>(head.data()), head.size()};
  parts[1] = {const_cast<char*>(body.data()), body.size()};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(descriptor, &message, kHow);
}

Failure memory_failure() {
  return {
      .status = BOURSE_UNAVAILABLE,
      .code = "overloaded",
      .message = "the server holds as much for its clients as it may (server.memory); try again",
      .retry_after = std::chrono::seconds(1)};
}

std::size_t bytes_left(const Exchange& exchange) {
  if (exchange.writer)
    return exchange.writer->bytes_left() + exchange.response.stream->held_bytes();
  if (exchange.started) {
    return exchange.unsent_head.size() + exchange.body_end - exchange.body_begin;
  }
  return exchange.response.body ? exchange.response.body->size() : 0;
}

/// Few headers have the name's length, so this costs next to nothing.
bool wants_page(const Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (equal_ignoring_case(name, "Accept")) return prefers_html(request.header("Accept"));
  }
  return false;
}

Failure timeout_failure(std::string_view part, std::chrono::milliseconds limit) {
  return {.status = 408,
          .code = "request_timeout",
          .message = "the " + std::string(part) + " of the request was not complete after " +
                     std::to_string(limit.count()) + " ms"};
}

}  // namespace

Connection::Connection(int descriptor, const Address& peer, Peers::Place place, IoThread& thread)
    : descriptor_(descriptor),
      peer_(peer),
      place_(std::move(place)),
      thread_(thread),
      began_(thread.now),
      reader_(thread.limits()) {
  set_deadline();
}

Connection::~Connection() {
  set_awaited(false);
  set_held(0, 0, 0);
  for (const auto& exchange : queue_) release(*exchange);
  if (guest_) --thread_.server.guests;
  thread_.counters.in_flight.subtract(queue_.size());
  thread_.counters.answers_lost.add(queue_.size());
  tell_gone();
  for (const auto& exchange : queue_) {
    exchange->connection = nullptr;
    // The mailbox may hold the exchange a while; whoever makes its body is to know now.
    if (exchange->answered) exchange->response.stream = nullptr;
  }
}

void Connection::tell_gone() noexcept {
  for (const auto& exchange : queue_) exchange->set_gone();
}

// ---- events ----

bool Connection::on_readable() {
  if (closing_) return discard();
  const std::size_t room = reader_.in_body() ? thread_.input.size() : kReadBytes;
  const ssize_t count = ::recv(descriptor_, thread_.input.data(), room, MSG_DONTWAIT);
  if (count > 0) return pump({thread_.input.data(), static_cast<std::size_t>(count)});
  if (count < 0) return would_block(errno);
  ended_ = true;
  closing_ = true;
  // A client that closed only its sending side still gets what it asked for, if that has an end.
  tell_gone();
  return !queue_.empty() && !is_telling() && pump({});
}

BodyStream* Connection::streaming() const noexcept {
  if (queue_.empty() || !queue_.front()->writer) return nullptr;
  return queue_.front()->response.stream.get();
}

bool Connection::is_telling() const noexcept {
  const BodyStream* const stream = streaming();
  return stream != nullptr && stream->tells_newest();
}

// Linux throws away what MSG_TRUNC reads from a TCP socket without copying it.
bool Connection::discard() {
  const ssize_t count =
      ::recv(descriptor_, thread_.input.data(), thread_.input.size(), MSG_DONTWAIT | MSG_TRUNC);
  if (count < 0) return would_block(errno);
  if (count == 0) {
    ended_ = true;
    tell_gone();
    return !lingering_ && !is_telling();
  }
  discarded_ += static_cast<std::size_t>(count);
  return !lingering_ || discarded_ < kDiscardBytesMax;
}

bool Connection::on_writable() { return pump({}); }

bool Connection::on_end() {
  end_known_ = true;
  tell_gone();
  return !is_telling();
}

bool Connection::on_answered() { return pump({}); }

// A request that has come already is answered. What comes later finds the connection closed, and is
// sent again by clients that know HTTP, except for the first request of a connection.
bool Connection::on_stopping() {
  if (!is_idle()) {
    BodyStream* const stream = streaming();
    if (stream != nullptr) stream->stopping();
    return stream == nullptr || pump({});
  }
  if (!on_readable()) return false;
  return !is_idle() || await_first_request() || shut_down();
}

bool Connection::is_idle() const noexcept {
  return queue_.empty() && !reader_.in_request() && !lingering_;
}

bool Connection::await_first_request() {
  if (requests_ > 0 || thread_.now - began_ >= kFirstRequest) return false;
  set_awaited(true);
  deadline_ = std::min(deadline_, began_ + kFirstRequest);
  return true;
}

void Connection::set_awaited(bool awaited) noexcept {
  if (awaited == awaited_) return;
  awaited_ = awaited;
  Counter& count = thread_.counters.awaited;
  awaited ? count.add() : count.subtract();
}

bool Connection::turn_away(const Failure& failure) {
  refuse(failure);
  return pump({});
}

void Connection::receive_guest(Failure failure) {
  guest_ = std::make_unique<const Failure>(std::move(failure));
  ++thread_.server.guests;
  deadline_ = std::min(deadline_, began_ + kGuest);
}

bool Connection::on_tick() {
  if (awaited_ && thread_.now - began_ >= kFirstRequest) set_awaited(false);
  if (thread_.now < deadline_) return blocked_ || streaming() == nullptr || pump({});
  Counters& counters = thread_.counters;
  switch (waiting_) {
    case Waiting::nothing:
      return true;
    case Waiting::request:
      if (guest_) return turn_away(*guest_);
      counters.idle_timeouts.add();
      return false;
    case Waiting::header:
      counters.request_timeouts.add();
      refuse(timeout_failure("header", thread_.limits().header_timeout));
      return pump({});
    case Waiting::body:
      counters.request_timeouts.add();
      refuse(timeout_failure("body", thread_.limits().body_timeout));
      return pump({});
    case Waiting::reader:
      counters.write_timeouts.add();
      return false;
    case Waiting::end:
      return false;
  }
  return false;
}

Connection::Interest Connection::interest() const noexcept {
  Interest interest;
  if (closing_) {
    interest.read = !ended_ && discarded_ < kDiscardBytesMax;
  } else {
    interest.read = may_take_request();
  }
  interest.write = blocked_;
  interest.end = !interest.read && !ended_ && !end_known_ && !queue_.empty();
  return interest;
}

// ---- reading ----

// Writes what can be written and reads what can be read, until neither leads any further.
bool Connection::pump(std::string_view input) {
  do {
    if (!flush() || !account()) return false;
  } while (may_take_request() && (!input.empty() || reader_.holds_input()) && take_request(input));
  if (!closing_) reader_.hold(input);
  if (reader_.wants_continue() && queue_.empty() && !closing_ && !send_continue()) return false;
  set_deadline();
  return account();
}

// A request with a body is answered before the next is read: so a connection never holds more
// than one body.
bool Connection::may_take_request() const noexcept {
  return !closing_ && !blocked_ && queue_.size() < thread_.limits().pipeline_depth_max &&
         unsent_ <= thread_.limits().pipeline_bytes_max &&
         (queue_.empty() || !queue_.back()->has_body);
}

// False: nothing more to take for now.
bool Connection::take_request(std::string_view& input) {
  switch (reader_.next(input)) {
    case RequestReader::Outcome::need_more:
      return false;
    case RequestReader::Outcome::request:
      hand_over();
      return true;
    case RequestReader::Outcome::refused:
      refuse(reader_.refusal());
      return true;
  }
  return false;
}

std::shared_ptr<Exchange> Connection::open_exchange() {
  auto exchange = std::make_shared<Exchange>(thread_.mailbox, this);
  queue_.push_back(exchange);
  thread_.counters.in_flight.add();
  set_awaited(false);
  return exchange;
}

// Told apart here and not when the connection came: whether it is a probe shows in what it asks.
bool Connection::is_shed(const Request& request) {
  const bool over = thread_.server.holdings.is_over();
  if (!guest_ && !over) return false;
  const std::string& probe = thread_.server.options.probe_target;
  const std::string_view path =
      std::string_view(request.target).substr(0, request.target.find('?'));
  if (!probe.empty() && path == probe) return false;
  if (!guest_) thread_.counters.shed.add();
  refuse(guest_ ? *guest_ : memory_failure(), request);
  return true;
}

void Connection::hand_over() {
  Request request = reader_.take();
  if (is_shed(request)) return;
  if (request.id.empty()) request.id = thread_.ids.next();
  request.peer = request.client = peer_;
  request.received = thread_.now;
  request.arrived = wall_time_point();

  const std::shared_ptr<Exchange> exchange = open_exchange();
  exchange->close = !reader_.keep_alive() || thread_.stopping() || guest_;
  exchange->http10 = reader_.http10();
  exchange->head_request = reader_.is_head();
  exchange->has_body = !request.body.empty();
  exchange->request_id = request.id;
  exchange->target = request.target;
  exchange->as_page = wants_page(request);
  closing_ = exchange->close;
  ++requests_;
  thread_.counters.requests.add();

  thread_.mailbox->busy = this;
  thread_.server.handler.handle(std::move(request), Responder(exchange));
  thread_.mailbox->busy = nullptr;
}

// The refusal takes its turn behind the answers that are still owed.
void Connection::refuse(const Failure& failure) {
  refuse(failure, reader_.in_request() ? reader_.incomplete() : Request{});
}

// `request`: what is known of it.
void Connection::refuse(const Failure& failure, Request request) {
  if (request.id.empty()) request.id = thread_.ids.next();
  request.peer = request.client = peer_;
  request.received = thread_.now;
  thread_.server.handler.refused(request, failure);
  const std::shared_ptr<Exchange> exchange = open_exchange();
  exchange->close = true;
  exchange->head_request = reader_.is_head();
  exchange->request_id = request.id;
  exchange->attach(thread_.server.handler.attached_to_refusal(request));
  exchange->response = problem_response(
      failure, {.request_id = exchange->request_id, .as_page = wants_page(request)});
  if (exchange->attached().by_origin) add_vary(exchange->response, "Origin");
  exchange->answered = true;
  closing_ = true;
  ++requests_;
  thread_.counters.requests_refused.add();
}

bool Connection::send_continue() {
  reader_.continue_sent();
  const ssize_t count =
      ::send(descriptor_, kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  // The buffer is empty here, all answers being sent: less than 25 bytes of room is an error.
  return count == static_cast<ssize_t>(kContinue.size());
}

// ---- writing ----

bool Connection::flush() {
  blocked_ = false;
  while (!queue_.empty() && queue_.front()->answered) {
    Exchange& exchange = *queue_.front();
    const Written written = write_some(exchange);
    if (written == Written::failed) return false;
    if (written == Written::part) return blocked_ = true;
    if (written == Written::waits) break;
    const bool last = exchange.close;
    release(exchange);
    exchange.response.stream = nullptr;  // here, and not where somebody wakes it
    exchange.connection = nullptr;       // who wakes it from now on finds nobody
    queue_.erase(queue_.begin());
    thread_.counters.in_flight.subtract();
    thread_.counters.answers.add();
    if (last) return shut_down();
  }
  progress_ = 0;
  return !ended_ || !queue_.empty();
}

void Connection::start_writing(Exchange& exchange) {
  const bool last_known = queue_.size() == 1 && !reader_.in_request() && !reader_.holds_input();
  if ((ended_ || thread_.stopping()) && last_known) exchange.close = true;
  if (exchange.response.stream && exchange.http10) exchange.close = closing_ = true;
  const HeadFacts facts{.request_id = exchange.request_id,
                        .head_request = exchange.head_request,
                        .http10 = exchange.http10,
                        .close = exchange.close,
                        .attached = exchange.attached().lines.get()};
  exchange.body_end =
      thread_.head_writer.write(exchange.response, facts, std::time(nullptr), thread_.head);
}

Connection::Written Connection::write_stream(Exchange& exchange) {
  BodyStream& stream = *exchange.response.stream;
  if (!exchange.writer) {
    start_writing(exchange);
    exchange.started = true;
    exchange.writer = std::make_unique<StreamWriter>(thread_.head, !exchange.http10);
    if (stream.tells_newest()) hold_little(descriptor_);
    stream.open(exchange.weak_from_this());
    if (thread_.stopping()) stream.stopping();
  }
  if (stream.gives_up()) return Written::failed;
  StreamWriter& writer = *exchange.writer;
  const std::uint64_t before = writer.bytes_sent();
  const auto step = writer.write(descriptor_, stream, thread_.now, kWriteBytesMax);
  progress_ += writer.bytes_sent() - before;
  switch (step) {
    case StreamWriter::Step::kAll:
      return Written::all;
    case StreamWriter::Step::kWaits:
      return Written::waits;
    case StreamWriter::Step::kBlocked:
      return Written::part;
    case StreamWriter::Step::kBroken:
      break;
  }
  if (writer.stream_broke() && exchange.http10) reset_on_close(descriptor_);
  return Written::failed;
}

// One call of the kernel for head and body, and no copy of either unless the socket is full.
Connection::Written Connection::write_some(Exchange& exchange) {
  if (exchange.response.stream && !exchange.head_request) return write_stream(exchange);
  std::string_view head = exchange.unsent_head;
  if (!exchange.started) {
    start_writing(exchange);
    head = thread_.head;
  }
  const std::size_t body_bytes = std::min(exchange.body_end - exchange.body_begin, kWriteBytesMax);
  const std::string_view body =
      body_bytes == 0
          ? std::string_view()
          : std::string_view(*exchange.response.body).substr(exchange.body_begin, body_bytes);
  ssize_t count = send_both(descriptor_, head, body);
  if (count < 0) {
    if (!would_block(errno)) return Written::failed;
    count = 0;
  }
  const auto sent = static_cast<std::size_t>(count);
  const std::size_t head_sent = std::min(sent, head.size());
  exchange.body_begin += sent - head_sent;
  if (head_sent == head.size() && exchange.body_begin == exchange.body_end) return Written::all;
  if (!exchange.started) thread_.counters.answers_slow.add();
  exchange.started = true;
  exchange.unsent_head = std::string(head.substr(head_sent));
  progress_ += sent;
  return Written::part;
}

// Counts what is held for this client, an answer from when it is there: it may wait behind one that
// is not. Gives up on the connection when that is too much for one.
bool Connection::account() {
  std::size_t unsent = 0;
  std::size_t held = 0;  // The whole of a body is held until its last byte is sent.
  std::size_t of_streams = 0;
  for (const auto& exchange : queue_) {
    if (!exchange->answered) continue;
    const std::size_t left = bytes_left(*exchange);
    unsent += left;
    // What all are told is one piece for all.
    const BodyStream* const stream = exchange->response.stream.get();
    if (stream != nullptr && !stream->tells_newest()) of_streams += left;
    if (!exchange->response.body) continue;
    held += exchange->response.body->size();
    if (exchange->waits) continue;
    thread_.waiting_bodies.add(*exchange->response.body);
    exchange->waits = true;
  }
  set_held(reader_.held_bytes() + of_streams, held, unsent);
  if (unsent_ <= thread_.limits().unsent_bytes_per_connection_max) return true;
  thread_.counters.overflows.add();
  return false;
}

void Connection::set_held(std::size_t of_reader, std::size_t of_answers,
                          std::size_t unsent) noexcept {
  const std::size_t held = of_reader + of_answers;
  if (of_reader == unread_ && held == held_ && unsent == unsent_) return;
  ServerState& server = thread_.server;
  server.holdings.change(unread_, of_reader);  // of the answers, their bodies: see WaitingBodies
  server.unsent_bytes.fetch_add(unsent - unsent_, std::memory_order_relaxed);  // wraps: fine
  place_.change(held_, held);
  thread_.held_bytes += held - held_;
  unread_ = of_reader;
  unsent_ = unsent;
  held_ = held;
}

void Connection::release(Exchange& exchange) noexcept {
  if (exchange.waits) thread_.waiting_bodies.remove(*exchange.response.body);
  exchange.waits = false;
}

// After the last answer. False when there is nothing to wait for.
bool Connection::shut_down() {
  closing_ = true;
  lingering_ = true;
  if (ended_) return false;
  ::shutdown(descriptor_, SHUT_WR);
  set_deadline();
  return true;
}

// ---- deadlines ----

Connection::Waiting Connection::waiting_for() const noexcept {
  if (lingering_) return Waiting::end;
  if (blocked_) return Waiting::reader;
  if (closing_ || !may_take_request()) return Waiting::nothing;
  if (reader_.wants_continue()) return Waiting::nothing;  // our turn, not the client's
  if (reader_.in_body()) return Waiting::body;
  if (reader_.in_request()) return Waiting::header;
  return queue_.empty() ? Waiting::request : Waiting::nothing;
}

// A deadline is set when what is waited for changes, not with each byte of it: a request that comes
// byte by byte has no more time than another.
void Connection::set_deadline() {
  const Waiting waiting = waiting_for();
  const bool same = waiting == waiting_ && waiting_request_ == requests_;
  if (same && !(waiting == Waiting::reader && progress_ >= kProgressBytes)) return;
  waiting_ = waiting;
  waiting_request_ = requests_;
  progress_ = 0;
  deadline_ = deadline_of(waiting);
  const bool asks =
      waiting == Waiting::request || waiting == Waiting::header || waiting == Waiting::body;
  if (guest_ && asks) deadline_ = std::min(deadline_, began_ + kGuest);
}

std::chrono::steady_clock::time_point Connection::deadline_of(Waiting waiting) const noexcept {
  const Limits& limits = thread_.limits();
  switch (waiting) {
    case Waiting::nothing:
      break;
    case Waiting::request:
      return thread_.now + limits.idle_timeout;
    case Waiting::header:
      return thread_.now + limits.header_timeout;
    case Waiting::body:
      return thread_.now + limits.body_timeout;
    case Waiting::reader:
      return thread_.now + limits.write_timeout;
    case Waiting::end:
      return thread_.now + limits.linger_timeout;
  }
  return std::chrono::steady_clock::time_point::max();
}

}  // namespace bourse::host
