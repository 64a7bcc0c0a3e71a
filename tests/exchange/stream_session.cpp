// SPDX-License-Identifier: MIT
#include "tests/exchange/stream_session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/verb.hpp>
#include <limits>

#include "tests/exchange/json_text.hpp"
#include "tests/exchange/stream_faults.hpp"

namespace bourse::fake_exchange {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

constexpr std::size_t kMessageBytesMax = std::size_t{1} << 20;
constexpr std::size_t kQueueBytesMax = std::size_t{256} << 20;
constexpr std::chrono::seconds kHandshakeMax{5};  ///< of the close handshake as well
constexpr std::chrono::seconds kDrainMax{2};
constexpr std::chrono::milliseconds kPingPause{300};
constexpr std::uint16_t kPolicy = 1008, kGoingAway = 1001;

http::request<http::string_body> upgrade_of(const Request& request) {
  http::request<http::string_body> out{http::verb::get, request.target, 11};
  for (const auto& [name, value] : request.headers) out.insert(name, value);
  return out;
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    if (slash > 0) out.emplace_back(text.substr(0, slash));
    text.remove_prefix(std::min(text.size(), slash + 1));
  }
  return out;
}

/// The value of a parameter in a query, decoded; what cannot be decoded stays as it is.
std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), one.size() + 1));
    const std::size_t equals = std::min(one.find('='), one.size());
    if (one.substr(0, equals) != name) continue;
    const std::string_view value = one.substr(std::min(one.size(), equals + 1));
    return percent_decoded(value).value_or(std::string(value));
  }
  return {};
}

/// A plus is a plus here, as in "btcusdt@kline_1d@+08:00".
std::string plus_kept(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '+' ? std::string("%2B") : std::string(1, c);
  return out;
}

std::vector<std::string> streams_of(const Request& request) {
  constexpr std::string_view kRaw = "/ws/";
  const std::string path = plus_kept(request.path()), query = plus_kept(request.query());
  if (!path.starts_with(kRaw)) return split_names(parameter(query, "streams"));
  const std::string names = path.substr(kRaw.size());
  return split_names(percent_decoded(names).value_or(names));
}

bool in_microseconds(const Request& request) {
  const std::string unit = parameter(request.query(), "timeUnit");
  return unit == "MICROSECOND" || unit == "microsecond";
}

}  // namespace

void Streams::serve(const Request& request, Channel& channel, int socket, int stop,
                    std::string unread) {
  StreamSession(*this, request, channel, socket, stop, std::move(unread)).run();
}

StreamSession::StreamSession(Streams& streams, const Request& request, Channel& channel, int socket,
                             int stop, std::string unread)
    : streams_(streams),
      upgrade_(upgrade_of(request)),
      path_(request.path()),
      first_streams_(streams_of(request)),
      stop_(io_, ::dup(stop)),
      socket_(io_, socket, channel, std::move(unread)) {
  about_.client = request.client;
  about_.client_port = request.client_port;
  about_.target = request.target;
  about_.combined = request.path() == "/stream";
  about_.microseconds = in_microseconds(request);
}

void StreamSession::run() {
  watch_stop();
  websocket::stream_base::timeout limits{};
  limits.handshake_timeout = kHandshakeMax;
  limits.idle_timeout = websocket::stream_base::none();
  limits.keep_alive_pings = false;
  socket_.set_option(limits);
  socket_.auto_fragment(false);
  socket_.read_message_max(kMessageBytesMax);
  socket_.control_callback([this](websocket::frame_type kind, boost::beast::string_view payload) {
    heard_control(kind, {payload.data(), payload.size()});
  });
  join();
  socket_.async_accept(upgrade_, [this](ErrorCode error) {
    if (error) return end();
    open_ = true;
    pump();
    if (!closing_ && !ended_) read_next();
  });
  while (!ended_ && io_.run_one() > 0) {
  }
  streams_.remove(*this);
  io_.run_for(kDrainMax);  // whatever was under way ends before what it uses does
}

void StreamSession::watch_stop() {
  stop_.async_wait(asio::posix::stream_descriptor::wait_read, [this](ErrorCode error) {
    if (!error) end();
  });
}

/// Before the upgrade is answered: whoever has the answer misses nothing of what it subscribed to.
/// What there is to send waits until then.
void StreamSession::join() {
  const StreamOptions options = streams_.options();
  started_ = last_ping_ = streams_.clock().market();
  ends_ = started_ + options.life;
  set_due();
  const std::int64_t number = streams_.add(*this);
  note([number](StreamConnection& about) { about.number = number; });
  for (const Fault& fault : streams_.faults().take_stream(path_, [](FaultKind kind) {
         return acts_on_opening(kind) && kind != FaultKind::kStreamHalf;
       })) {
    meet(fault, "");
    end_by(fault, "");
  }
  if (first_streams_.size() > options.streams_max) return close_now(kPolicy, "Too many streams");
  subscribe_all(first_streams_);
}

/// Also called by itself when Beast has ended the connection, so more than once.
void StreamSession::end() {
  if (ended_) return;
  ended_ = true;
  socket_.next_layer().farewell();
  socket_.next_layer().shut();
  stop_waiting();
}

void StreamSession::stop_waiting() {
  ErrorCode ignored;
  stop_.cancel(ignored);
  flood_.cancel();
}

template <class Do>
void StreamSession::note(const Do& change) {
  const std::lock_guard lock(mutex_);
  change(about_);
}

StreamConnection StreamSession::now() const {
  const std::lock_guard lock(mutex_);
  return about_;
}

// ---- what the client says

void StreamSession::read_next() {
  socket_.async_read(buffer_, [this](ErrorCode error, std::size_t) {
    if (error) return end();
    const std::string text = boost::beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    read_message(text);
    if (!ended_) read_next();
  });
}

void StreamSession::hear(const std::string& what) {
  streams_.hear({now().number, std::chrono::steady_clock::now(), streams_.clock().market(), what});
}

/// Inside of a read: nothing is sent from here.
void StreamSession::heard_control(websocket::frame_type kind, std::string_view payload) {
  if (kind == websocket::frame_type::close) return hear("CLOSE");
  const bool ping = kind == websocket::frame_type::ping;
  hear(ping ? "PING" : "PONG");
  asio::post(io_, [this] { count_message(); });
  if (ping) return;
  const auto answered = std::find_if(pings_.begin(), pings_.end(),
                                     [payload](const Ping& p) { return p.payload == payload; });
  if (answered == pings_.end()) return;
  pings_.erase(pings_.begin(), answered + 1);
  note([](StreamConnection& about) { ++about.pongs; });
  set_due();
}

void StreamSession::count_message() {
  const Arrival now{std::chrono::steady_clock::now(), streams_.clock().market()};
  constexpr microseconds kSpan{std::chrono::seconds{1}};
  std::erase_if(arrivals_, [&now, kSpan](const Arrival& a) {
    return now.real - a.real >= kSpan || now.time - a.time >= kSpan;
  });
  arrivals_.push_back(now);
  const std::int64_t most = streams_.options().messages_per_second;
  if (static_cast<std::int64_t>(arrivals_.size()) > most) close_now(kPolicy, "Too many requests");
}

void StreamSession::read_message(const std::string& text) {
  hear(text);
  note([](StreamConnection& about) { ++about.received; });
  count_message();
  if (closing_ || ended_) return;
  for (const Fault& fault : streams_.faults().take_stream(path_, [](FaultKind kind) {
         return kind == FaultKind::kStreamRefuse || kind == FaultKind::kStreamNoAnswer;
       })) {
    if (fault.kind == FaultKind::kStreamNoAnswer) return;
    return send_text(stream_answer({.code = std::max(0, fault.code), .text = fault.text},
                                   streams_.options().wrapped_errors));
  }
  const StreamMessage message = read_stream_message(text);
  send_text(message.command ? answer(*message.command)
                            : stream_answer(message.error, streams_.options().wrapped_errors));
}

std::string StreamSession::answer(const StreamCommand& command) {
  switch (command.method) {
    case StreamCommand::Method::kSubscribe:
      return subscribe(command);
    case StreamCommand::Method::kUnsubscribe:
      unsubscribe_all(command.names);
      break;
    case StreamCommand::Method::kList:
      return stream_answer(listed(), command.id);
    case StreamCommand::Method::kSetProperty:
      note([&](StreamConnection& about) { about.combined = command.combined; });
      break;
    case StreamCommand::Method::kGetProperty:
      return stream_answer(now().combined ? "true" : "false", command.id);
  }
  return stream_answer("null", command.id);
}

std::string StreamSession::subscribe(const StreamCommand& command) {
  const StreamOptions options = streams_.options();
  if (now().streams.size() + wrong_names_.size() + command.names.size() > options.streams_max) {
    return stream_answer({.code = 2,
                          .text = "Invalid request: a connection has at most " +
                                  std::to_string(options.streams_max) + " streams",
                          .id = command.id},
                         options.wrapped_errors);
  }
  subscribe_all(command.names);
  return stream_answer("null", command.id);
}

void StreamSession::subscribe_all(const std::vector<std::string>& names) {
  if (names.empty()) return;
  const bool half =
      !streams_.faults()
           .take_stream(path_, [](FaultKind kind) { return kind == FaultKind::kStreamHalf; })
           .empty();
  for (std::size_t i = 0; i < names.size(); i += half ? 2 : 1) {
    const std::string& name = names[i];
    const StreamConnection about = now();
    if (std::find(about.streams.begin(), about.streams.end(), name) != about.streams.end()) {
      continue;
    }
    if (streams_.subscribe(*this, name)) {
      note([&name](StreamConnection& a) { a.streams.push_back(name); });
    } else if (std::find(wrong_names_.begin(), wrong_names_.end(), name) == wrong_names_.end()) {
      wrong_names_.push_back(name);
    }
  }
}

void StreamSession::unsubscribe_all(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    streams_.unsubscribe(*this, name);
    std::erase(wrong_names_, name);
    note([&name](StreamConnection& about) { std::erase(about.streams, name); });
  }
}

std::string StreamSession::listed() const {
  JsonText json;
  json.array();
  for (const std::string& name : now().streams) json.text(name);
  if (streams_.options().lists_wrong_names) {
    for (const std::string& name : wrong_names_) json.text(name);
  }
  return json.end_array().take();
}

// ---- what is sent

void StreamSession::receive(std::shared_ptr<const StreamEvents> events) {
  asio::post(io_, [this, events = std::move(events)] {
    for (const auto& event : *events) deliver(*event);
  });
}

void StreamSession::deliver(const StreamEvent& event) {
  const StreamConnection about = now();
  const bool wanted =
      std::find(about.streams.begin(), about.streams.end(), event.stream) != about.streams.end();
  if (!wanted) return;
  const std::shared_ptr<const std::string>& text = about.microseconds ? event.us : event.ms;
  const std::vector<Fault> faults = streams_.faults().take_stream(
      event.stream, [&event](FaultKind kind) { return acts_on_event(kind, event); });
  for (const Fault& fault : faults) meet(fault, event.stream);
  if (mute_ || quiet_.contains(event.stream)) return;
  if (faults.empty() && !held_) return send_event(event.stream, text);
  std::string bent = *text;
  std::int64_t copies = 1;
  bool swaps = false;
  for (const Fault& fault : faults) {
    bent = bent_text(fault, event, bent);
    copies *= copies_of(fault);
    swaps |= fault.kind == FaultKind::kStreamSwap;
  }
  const std::string whole = message(event.stream, bent);
  for (const Fault& fault : faults) end_by(fault, whole);
  if (swaps && !held_) {
    held_ = whole;
    return;
  }
  const auto shared = std::make_shared<const std::string>(whole);
  for (; copies > 0; --copies) enqueue({.body = shared});
  if (held_) send_text(*std::exchange(held_, std::nullopt));
}

/// What a fault changes from now on.
void StreamSession::meet(const Fault& fault, const std::string& stream) {
  switch (fault.kind) {
    case FaultKind::kStreamMute:
      mute_ = true;
      break;
    case FaultKind::kStreamQuiet:
      quiet_.insert(stream);
      break;
    case FaultKind::kStreamDeaf:
      socket_.next_layer().stop_reading();
      break;
    case FaultKind::kStreamPings:
      mute_ = true;
      flood_with_pings(fault.delay.count() > 0 ? fault.delay : kPingPause);
      break;
    case FaultKind::kStreamNoFarewell:
      socket_.next_layer().leave_out_farewell();
      break;
    default:
      break;
  }
}

/// Ends the connection if that is what the fault does; `text` is what would be sent without it.
void StreamSession::end_by(const Fault& fault, const std::string& text) {
  switch (fault.kind) {
    case FaultKind::kStreamClose:
      return close_now(fault.code > 0 ? static_cast<std::uint16_t>(fault.code) : kGoingAway,
                       fault.text);
    case FaultKind::kStreamBadFrame:
      return enqueue({.what = What::kRaw, .head = frame_of_no_kind()});
    case FaultKind::kStreamCutFrame:
      enqueue({.what = What::kRaw, .head = half_a_frame(text)});
      [[fallthrough]];
    case FaultKind::kStreamCut:
      enqueue({.what = What::kCut});
      break;
    case FaultKind::kStreamReset:
      enqueue({.what = What::kReset});
      break;
    default:
      return;
  }
  closing_ = true;  // nothing more behind it
}

void StreamSession::flood_with_pings(std::chrono::milliseconds pause) {
  if (ended_ || closing_) return;
  send_ping();
  flood_.expires_after(pause);
  flood_.async_wait([this, pause](ErrorCode error) {
    if (!error) flood_with_pings(pause);
  });
}

std::string StreamSession::message(const std::string& stream, std::string_view text) const {
  if (!now().combined) return std::string(text);
  return JsonText().object().member("stream", stream).key("data").raw(text).take() + "}";
}

void StreamSession::send_event(const std::string& stream, std::shared_ptr<const std::string> text) {
  Frame frame;
  frame.body = std::move(text);
  if (now().combined) {
    frame.head = JsonText().object().member("stream", stream).key("data").take();
    frame.tail = "}";
  }
  enqueue(std::move(frame));
}

void StreamSession::send_text(std::string text) { enqueue({.head = std::move(text)}); }

void StreamSession::send_ping() {
  last_ping_ = streams_.clock().market();
  pings_.push_back(
      {std::to_string(std::chrono::floor<std::chrono::milliseconds>(last_ping_).count()),
       last_ping_});
  note([](StreamConnection& about) { ++about.pings; });
  enqueue({.what = What::kPing, .head = pings_.back().payload});
}

void StreamSession::close_now(std::uint16_t code, const std::string& reason) {
  if (closing_) return;
  enqueue({.what = What::kClose, .head = reason, .code = code});
  closing_ = true;  // nothing more behind it
}

void StreamSession::enqueue(Frame frame) {
  if (closing_ || ended_) return;
  queued_bytes_ += frame.size();
  if (queued_bytes_ > kQueueBytesMax) return end();  // a client that does not read
  queue_.push_back(std::move(frame));
  pump();
}

void StreamSession::pump() {
  if (!open_ || writing_ || ended_ || queue_.empty()) return;
  writing_ = true;
  const Frame& frame = queue_.front();
  const auto done = [this](ErrorCode error, std::size_t = 0) { wrote(error); };
  switch (frame.what) {
    case What::kPing:
      return socket_.async_ping(websocket::ping_data(frame.head.data(), frame.head.size()), done);
    case What::kClose: {
      websocket::close_reason reason(frame.code);
      reason.reason.assign(frame.head.data(), frame.head.size());
      return socket_.async_close(reason, [this](ErrorCode) { end(); });
    }
    case What::kRaw:
      asio::async_write(socket_.next_layer(), asio::buffer(frame.head), done);
      return;
    case What::kCut:
      socket_.next_layer().leave_out_farewell();
      return end();
    case What::kReset:
      ended_ = true;
      socket_.next_layer().reset();
      return stop_waiting();
    default:
      break;
  }
  socket_.text(true);
  const std::array<asio::const_buffer, 3> pieces = {
      asio::buffer(frame.head), frame.body ? asio::buffer(*frame.body) : asio::const_buffer(),
      asio::buffer(frame.tail)};
  note([](StreamConnection& about) { ++about.sent; });
  socket_.async_write(pieces, done);
}

void StreamSession::wrote(ErrorCode error) {
  if (error) return end();
  writing_ = false;
  queued_bytes_ -= queue_.front().size();
  queue_.pop_front();
  pump();
}

// ---- time

void StreamSession::time_passed() {
  asio::post(io_, [this] { check_time(); });
}

void StreamSession::announce_end(microseconds notice) {
  asio::post(io_, [this, notice] {
    ends_ = streams_.clock().market() + notice;
    tell_of_end();
    check_time();
  });
}

void StreamSession::tell_of_end() {
  end_announced_ = true;
  const std::int64_t us = streams_.clock().now().count();
  const std::int64_t time = now().microseconds ? us : us / 1'000;
  JsonText json;
  json.object().member("e", "serverShutdown").member("E", time).end_object();
  send_event("!serverShutdown", std::make_shared<const std::string>(json.take()));
}

void StreamSession::close(std::uint16_t code, const std::string& reason) {
  asio::post(io_, [this, code, reason] { close_now(code, reason); });
}

void StreamSession::check_time() {
  if (ended_ || closing_) return;
  const StreamOptions options = streams_.options();
  const microseconds now = streams_.clock().market();
  if (!end_announced_ && ends_ - options.notice <= now) tell_of_end();
  if (ends_ <= now) return close_now(kGoingAway, "The connection has come to the end of its life");
  if (!pings_.empty() && pings_.front().sent + options.pong_within <= now) {
    return close_now(kPolicy, "Pong timeout");
  }
  if (options.ping_every.count() > 0 && last_ping_ + options.ping_every <= now) send_ping();
  set_due();
}

void StreamSession::set_due() {
  const StreamOptions options = streams_.options();
  microseconds next = end_announced_ ? ends_ : ends_ - options.notice;
  if (!pings_.empty()) next = std::min(next, pings_.front().sent + options.pong_within);
  if (options.ping_every.count() > 0) next = std::min(next, last_ping_ + options.ping_every);
  due_us_ = next.count();
}

}  // namespace bourse::fake_exchange
