// SPDX-License-Identifier: MIT
#include "tests/exchange/admin.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "host/parameters/time_text.hpp"
#include "tests/exchange/admin_streams.hpp"
#include "tests/exchange/exchange.hpp"
#include "tests/exchange/pages.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::string_view kRoot = "/_fake/";

using Done = std::string;
using std::chrono::milliseconds;

/// Refuses a command, in words for whoever typed it.
[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

Done ok() { return R"({"ok":true})"; }

std::optional<microseconds> time(Parameters& p, std::string_view name) {
  const auto text = p.find(name);
  if (!text) return std::nullopt;
  const auto parsed = host::parse_time(*text);
  if (!parsed.ns) refuse(std::string(name) + ": expected a time such as 2025-01-01T12:00:00Z");
  return microseconds{*parsed.ns / 1'000};
}

Done help(Exchange&, Parameters&);

Done state(Exchange& exchange, Parameters&) {
  JsonText json;
  json.object()
      .member("now", host::print_time(exchange.clock().now().count() * 1'000))
      .member("nowMicroseconds", exchange.clock().now().count())
      .member("clock", exchange.clock().stands() ? "stands" : "follows the machine")
      .member("skewMicroseconds", exchange.clock().skew().count())
      .member("usedWeight", exchange.used_weight())
      .member("weightLimit", exchange.limits().weight_per_minute)
      .member("requests", exchange.request_count())
      .member("requestsDuringWait", exchange.requests_during_wait())
      .member("connections", exchange.connections())
      .member("streamConnections", std::int64_t(exchange.streams().connections().size()))
      .key("faults")
      .array();
  for (const Fault& fault : exchange.faults().waiting()) {
    json.object()
        .member("kind", fault_name(fault.kind).name)
        .member("path", fault.path)
        .member("times", fault.times)
        .member("after", fault.after)
        .end_object();
  }
  return json.end_array().end_object().take();
}

/// Of a clock that begins somewhere: for differences.
std::int64_t since(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
}

Done requests(Exchange& exchange, Parameters& p) {
  const auto limit = static_cast<std::size_t>(p.integer("limit").value_or(100));
  std::vector<Record> all = exchange.requests();
  if (all.size() > limit) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(limit));
  JsonText json;
  json.array();
  for (const Record& r : all) {
    json.object()
        .member("number", r.number)
        .member("time", host::print_time(r.time.count() * 1'000))
        .member("realMicroseconds", since(r.real))
        .member("client", r.client)
        .member("port", std::int64_t{r.client_port})
        .member("method", r.method)
        .member("path", r.path)
        .member("query", r.query)
        .member("weight", r.weight)
        .member("status", r.status)
        .member("duringWait", r.during_wait)
        .key("faults")
        .array();
    for (const FaultKind kind : r.faults) json.text(fault_name(kind).name);
    json.end_array().end_object();
  }
  return json.end_array().take();
}

Done forget(Exchange& exchange, Parameters&) {
  exchange.forget_requests();
  return ok();
}

Done clock(Exchange& exchange, Parameters& p) {
  if (const auto text = p.find("set")) {
    if (*text == "real") {
      exchange.clock().follow_machine();
    } else {
      const auto time = host::parse_time(*text);
      if (!time.ns) refuse("set: expected real, or a time such as 2025-01-01T12:00:00Z");
      exchange.clock().set(microseconds{*time.ns / 1'000});
    }
  }
  exchange.clock().advance(read_duration(p, "advance"));
  if (!p.peek("skew").empty()) exchange.clock().set_skew(read_duration(p, "skew"));
  return state(exchange, p);
}

bool is_header_line(std::string_view text) {
  return text.empty() ||
         (text.find(": ") != std::string_view::npos && text.find_first_of("\r\n") == text.npos);
}

Done add_fault(Exchange& exchange, Parameters& p) {
  const auto kind = parse_fault(p.required("kind"));
  if (!kind) refuse("kind: there is no such fault; GET /_fake/ lists them");
  Fault fault{.kind = *kind};
  fault.path = p.find("path").value_or("");
  if (fault.kind == FaultKind::kHangUnread && !fault.path.empty()) {
    refuse("path: hang_unread never reads which path is asked for; leave it out");
  }
  fault.times = p.integer("times").value_or(1);
  fault.after = p.integer("after").value_or(0);
  fault.delay = std::chrono::duration_cast<milliseconds>(read_duration(p, "delay"));
  fault.status = static_cast<int>(p.integer("status").value_or(0));
  if (fault.status != 0 && (fault.status < 200 || fault.status > 599)) refuse("status: 200 to 599");
  // A code is negative as a rule, and integer() reads digits only.
  const std::string code = p.find("code").value_or("-1000");
  const auto parsed = Decimal::parse(code);
  if (!parsed || parsed->scale() != 0 || parsed->abs() > Decimal::of(1'000'000)) {
    refuse("code: expected a whole number such as -1000");
  }
  fault.code = static_cast<int>(parsed->coefficient());
  fault.text = p.find("text").value_or("");
  fault.header = p.find("header").value_or("");
  if (!is_header_line(fault.header)) refuse("header: expected one line such as Retry-After: 5");
  fault.bytes = p.integer("bytes").value_or(0);
  if (const auto at = time(p, "at")) fault.at = at->count();
  fault.age_us = read_duration(p, "age").count();
  exchange.faults().add(std::move(fault));
  return ok();
}

Done clear_faults(Exchange& exchange, Parameters&) {
  exchange.faults().clear();
  return ok();
}

Done set_limits(Exchange& exchange, Parameters& p) {
  using std::chrono::minutes;
  LimitOptions o = exchange.limits();
  o.weight_per_minute = p.integer("weight").value_or(o.weight_per_minute);
  o.raw_per_5_minutes = p.integer("raw").value_or(o.raw_per_5_minutes);
  o.orders_per_10_seconds = p.integer("orders_10s").value_or(o.orders_per_10_seconds);
  o.orders_per_day = p.integer("orders_1d").value_or(o.orders_per_day);
  o.requests_until_ban = p.integer("until_ban").value_or(o.requests_until_ban);
  o.requests_until_firewall = p.integer("until_firewall").value_or(o.requests_until_firewall);
  o.first_ban = minutes{p.integer("first_ban_minutes").value_or(o.first_ban.count())};
  o.longest_ban = minutes{p.integer("longest_ban_minutes").value_or(o.longest_ban.count())};
  if (p.boolean("reset", false)) exchange.reset_limits();
  exchange.set_weight_headers_on_errors(
      p.boolean("headers_on_errors", exchange.weight_headers_on_errors()));
  exchange.set_limits(o);
  return ok();
}

Done use_weight(Exchange& exchange, Parameters& p) {
  static_cast<void>(p.required("weight"));
  exchange.use_weight(*p.integer("weight"), p.find("client").value_or(""));
  return ok();
}

Done ban(Exchange& exchange, Parameters& p) {
  exchange.ban(read_duration(p, "length", std::chrono::minutes{2}), p.find("client").value_or(""));
  return ok();
}

Done add_orders(Exchange& exchange, Parameters& p) {
  static_cast<void>(p.required("count"));
  exchange.add_orders(*p.integer("count"));
  return ok();
}

Done set_latency(Exchange& exchange, Parameters& p) {
  exchange.set_latency(std::chrono::duration_cast<milliseconds>(read_duration(p, "length")));
  return ok();
}

Done set_key(Exchange& exchange, Parameters& p) {
  const std::string name = p.required("key");
  const auto secret = p.find("secret"), pem = p.find("public_pem");
  if (!secret == !pem) refuse("expected either secret (HMAC) or public_pem (RSA, Ed25519)");
  exchange.set_key(name, {secret ? Key::hmac(*secret) : Key::from_public_pem(*pem),
                          p.boolean("can_read", true), p.boolean("can_trade", true)});
  return ok();
}

Done set_balance(Exchange& exchange, Parameters& p) {
  Balance wanted{p.required("asset"), p.required("free"), p.find("locked").value_or("0.00000000")};
  for (const std::string& text : {wanted.free, wanted.locked}) {
    if (!Decimal::parse(text)) refuse("free, locked: expected decimal numbers");
  }
  Account account = exchange.account();
  const auto same = std::find_if(account.balances.begin(), account.balances.end(),
                                 [&](const Balance& b) { return b.asset == wanted.asset; });
  if (same != account.balances.end()) {
    *same = wanted;
  } else {
    account.balances.push_back(wanted);
  }
  exchange.set_account(std::move(account));
  return ok();
}

Done set_status(Exchange& exchange, Parameters& p) {
  const std::string symbol = p.required("symbol"), status = p.find("status").value_or("");
  exchange.set_status(symbol, status, time(p, "since"));
  return ok();
}

Done add_hole(Exchange& exchange, Parameters& p) {
  if (p.boolean("clear", false)) {
    exchange.clear_holes();
    return ok();
  }
  const std::string symbol = p.required("symbol");
  const auto from = time(p, "from"), to = time(p, "to");
  if (!from || !to) refuse("from, to: expected the times between which candles are missing");
  exchange.add_hole({symbol, from->count(), to->count()});
  return ok();
}

Done set_rates(Exchange& exchange, Parameters& p) {
  Account account = exchange.account();
  account.maker = p.find("maker").value_or(account.maker);
  account.taker = p.find("taker").value_or(account.taker);
  for (const std::string& text : {account.maker, account.taker}) {
    if (!Decimal::parse(text)) refuse("maker, taker: expected decimal numbers such as 0.0015");
  }
  exchange.set_account(std::move(account));
  return ok();
}

Done cut(Exchange& exchange, Parameters&) {
  exchange.cut_connections();
  return ok();
}

Done go_away(Exchange& exchange, Parameters& p) {
  const auto length = std::chrono::duration_cast<milliseconds>(read_duration(p, "length"));
  if (length < milliseconds{1}) refuse("length: expected a duration such as 500ms");
  exchange.go_away(length);
  return ok();
}

struct Command {
  std::string_view method, path, doc;
  Done (*run)(Exchange&, Parameters&);
};

constexpr std::array kCommands = {
    Command{"GET", "", "this list", help},
    Command{"GET", "state", "clock, used weight, faults that wait", state},
    Command{"GET", "requests", "limit=100: what arrived", requests},
    Command{"POST", "forget", "forgets what arrived", forget},
    Command{"POST", "clock", "set=2025-01-01T12:00:00Z or real; advance=1h; skew=-5s", clock},
    Command{"POST", "fault",
            "kind=... (below); path=/api/v3/klines or /api/v3/ticker*; times=1 (0: until cleared); "
            "after=0; delay=250ms; status, code, text, bytes where the kind says so; "
            "at=2020-12-21T14:00:00Z: the candle that is odd (else the middle one); "
            "age=1m: of old_book; header=Retry-After: 5. Of stream_...: path=/ws* or /stream is a "
            "connection, path=btcusdt@depth* an event of a stream",
            add_fault},
    Command{"POST", "clear", "takes all faults back", clear_faults},
    Command{"POST", "limits",
            "weight, raw, orders_10s, orders_1d, until_ban, until_firewall, first_ban_minutes, "
            "longest_ban_minutes, headers_on_errors=true, reset=true (forgets counts and bans)",
            set_limits},
    Command{"POST", "use", "weight=5000: used by others on this address", use_weight},
    Command{"POST", "ban", "length=2m", ban},
    Command{"POST", "orders", "count=5: placed by the account", add_orders},
    Command{"POST", "latency", "length=50ms before every answer", set_latency},
    Command{"POST", "key", "key, secret or public_pem; can_read, can_trade", set_key},
    Command{"POST", "balance", "asset, free, locked", set_balance},
    Command{"POST", "rates", "maker=0.0015, taker: of the account's commission", set_rates},
    Command{"POST", "status",
            "symbol, status=BREAK (none: its own); since=2024-06-17T03:00:00Z: nothing is known of "
            "the market from then on",
            set_status},
    Command{"POST", "hole",
            "symbol, from=2022-09-29, to=2023-03-12: candles in between are missing; clear=true: "
            "none any more",
            add_hole},
    Command{"GET", "streams", "stream connections: what each is subscribed to", list_streams},
    Command{"GET", "heard", "limit=100: what clients said on them, pings and pongs too",
            list_heard},
    Command{"POST", "stream_rules",
            "ping_every=20s (0s: never), pong_within=1m, life=24h, notice=10s, messages=5 (a "
            "second), streams=1024, connections=300 (in 5 minutes), wrapped_errors=true, "
            "lists_wrong_names=true",
            set_streams},
    Command{"POST", "shutdown", "notice=10s: all stream connections are told and end then",
            shut_streams_down},
    Command{"POST", "stream_close", "connection=1 (none: all), code=1001, text", close_streams},
    Command{"POST", "cut", "closes all connections but this one", cut},
    Command{"POST", "away", "length=500ms (real time): the same, and new ones are refused",
            go_away},
};

Done help(Exchange&, Parameters&) {
  std::string out = "A fake exchange. Its switches:\n\n";
  const auto line = [&out](std::string_view name, std::size_t width, std::string_view doc) {
    out += "  " + std::string(name) + std::string(width - std::min(width, name.size()), ' ') + " ";
    out += doc;
    out += '\n';
  };
  for (const Command& c : kCommands) {
    line(std::string(c.method) + " " + std::string(kRoot) + std::string(c.path), 22, c.doc);
  }
  out += "\nFaults:\n\n";
  for (const FaultName& fault : fault_names()) line(fault.name, 22, fault.doc);
  return out;
}

std::string problem(std::string_view text) {
  return JsonText().object().member("error", text).end_object().take();
}

}  // namespace

bool is_admin(const Request& request) { return request.path().starts_with(kRoot); }

Response administer(Exchange& exchange, const Request& request) {
  const std::string_view name = request.path().substr(kRoot.size());
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [name](const Command& c) { return c.path == name; });
  if (found == kCommands.end())
    return json(404, problem("no such command; GET /_fake/ lists them"));
  if (found->method != request.method) {
    return json(405, problem("this command is a " + std::string(found->method)));
  }
  try {
    Parameters parameters(request.query(), request.body);
    Response out = json(200, found->run(exchange, parameters));
    if (name.empty()) out.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
    parameters.check_all_read();
    return out;
  } catch (const ApiError& error) {
    return json(400, problem(error.message()));
  } catch (const std::exception& error) {
    return json(400, problem(error.what()));
  }
}

}  // namespace bourse::fake_exchange
