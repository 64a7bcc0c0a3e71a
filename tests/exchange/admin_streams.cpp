// SPDX-License-Identifier: MIT
#include "tests/exchange/admin_streams.hpp"

#include <stdexcept>

#include "host/parameters/time_text.hpp"
#include "tests/exchange/exchange.hpp"

namespace bourse::fake_exchange {
namespace {

std::string done() { return R"({"ok":true})"; }

}  // namespace

microseconds read_duration(Parameters& p, std::string_view name, microseconds otherwise) {
  const auto text = p.find(name);
  if (!text) return otherwise;
  const auto value = parse_duration(*text);
  if (value) return *value;
  throw std::invalid_argument(std::string(name) +
                              ": expected a duration such as 250ms, -5s, 3m, 2h or 1d");
}

std::string list_streams(Exchange& exchange, Parameters&) {
  JsonText json;
  json.array();
  for (const StreamConnection& c : exchange.streams().connections()) {
    json.object()
        .member("connection", c.number)
        .member("client", c.client)
        .member("port", std::int64_t{c.client_port})
        .member("target", c.target)
        .member("combined", c.combined)
        .member("sent", c.sent)
        .member("received", c.received)
        .member("pings", c.pings)
        .member("pongs", c.pongs)
        .key("streams")
        .array();
    for (const std::string& name : c.streams) json.text(name);
    json.end_array().end_object();
  }
  return json.end_array().take();
}

std::string list_heard(Exchange& exchange, Parameters& p) {
  const auto limit = static_cast<std::size_t>(p.integer("limit").value_or(100));
  std::vector<StreamHeard> all = exchange.streams().heard();
  if (all.size() > limit) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(limit));
  JsonText json;
  json.array();
  for (const StreamHeard& heard : all) {
    const auto real =
        std::chrono::duration_cast<microseconds>(heard.real.time_since_epoch()).count();
    json.object()
        .member("connection", heard.connection)
        .member("time", host::print_time(heard.time.count() * 1'000))
        .member("realMicroseconds", real)
        .member("text", heard.text)
        .end_object();
  }
  return json.end_array().take();
}

std::string set_streams(Exchange& exchange, Parameters& p) {
  StreamOptions o = exchange.streams().options();
  o.ping_every = read_duration(p, "ping_every", o.ping_every);
  o.pong_within = read_duration(p, "pong_within", o.pong_within);
  o.life = read_duration(p, "life", o.life);
  o.notice = read_duration(p, "notice", o.notice);
  o.messages_per_second = p.integer("messages").value_or(o.messages_per_second);
  o.streams_max = static_cast<std::size_t>(
      p.integer("streams").value_or(static_cast<std::int64_t>(o.streams_max)));
  o.connections_per_5_minutes = p.integer("connections").value_or(o.connections_per_5_minutes);
  o.wrapped_errors = p.boolean("wrapped_errors", o.wrapped_errors);
  o.lists_wrong_names = p.boolean("lists_wrong_names", o.lists_wrong_names);
  exchange.streams().set_options(o);
  return done();
}

std::string shut_streams_down(Exchange& exchange, Parameters& p) {
  exchange.streams().shut_down(read_duration(p, "notice", exchange.streams().options().notice));
  return done();
}

std::string close_streams(Exchange& exchange, Parameters& p) {
  const std::int64_t number = p.integer("connection").value_or(0),
                     code = p.integer("code").value_or(1'001);
  if (code < 1'000 || code > 4'999) throw std::invalid_argument("code: 1000 to 4999");
  const std::string reason = p.find("text").value_or("");
  if (reason.size() > 123) throw std::invalid_argument("text: a close frame holds 123 bytes");
  if (!exchange.streams().close(number, static_cast<std::uint16_t>(code), reason)) {
    throw std::invalid_argument("connection: there is none of this number; GET /_fake/streams");
  }
  return done();
}

}  // namespace bourse::fake_exchange
