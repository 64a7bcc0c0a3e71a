// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/probe.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

#include "bourse/words.hpp"
#include "plugins/sources/binance/client/block_file.hpp"
#include "plugins/sources/binance/client/proxy.hpp"
#include "plugins/sources/binance/client/time_text.hpp"
#include "plugins/sources/binance/figures.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t kPings = 5;
/// A machine whose time of day is further off than this cannot tell when a candle ends.
constexpr std::chrono::seconds kOffsetMax{2};
/// Beyond this, most of the exchange's limit is used by others.
constexpr std::int64_t kUsedPercentMax = 80;
/// For a connection and the first word of a stream that speaks once a second.
constexpr std::chrono::seconds kStreamPatience{5};
constexpr const char* kLater = "Repair what failed above, then probe again.";

std::string ms_text(nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms",
                std::chrono::duration<double, std::milli>(time).count());
  return text;
}

std::string may(const std::optional<bool>& right) {
  return right ? (*right ? "may" : "may not") : "perhaps may";
}

std::string advice_of(const Error& error) {
  if (!error.advice.empty()) return error.advice;
  return error.kind == ErrorKind::kNetwork
             ? "Check the network, the firewall and the variables HTTPS_PROXY and NO_PROXY."
             : "Try again later.";
}

}  // namespace

void Prober::failed(const char* name, const Error& error) {
  findings_.fail(name, error.message, advice_of(error));
}

void Prober::skip_rest(const char* why) {
  for (const char* name : {"round trip", "clock", "limits", "key", "streams"}) {
    findings_.skipped(name, why, kLater);
  }
}

void Prober::run(const Call& call) {
  look_at_site();
  look_at_proxy();
  if (!look_at_block()) return skip_rest("nothing is sent while the exchange blocks this address");
  if (!look_at_connection(call)) return skip_rest("there is no connection");
  look_at_round_trips(call);
  look_at_clock(call);
  look_at_limits();
  look_at_key(call);
  look_at_streams(call);
}

void Prober::look_at_site() {
  const Exchange& exchange = market_.exchange();
  std::string what = "play money";
  if (exchange.site() == Site::kLive) what = "the live exchange, real money";
  if (exchange.site() == Site::kData) what = "the live market's public data, no account";
  findings_.pass("site", std::string(name_of(exchange.site())) + " (" + what + "), at " +
                             exchange.origin().host_and_port());
}

void Prober::look_at_proxy() {
  const auto proxy = proxy_for(market_.exchange().origin());
  if (!proxy) return failed("proxy", proxy.error());
  findings_.pass("proxy", *proxy ? (*proxy)->host + ":" + std::to_string((*proxy)->port)
                                 : std::string("none"));
}

bool Prober::look_at_block() {
  const RateState state = market_.exchange().rate_state();
  std::string memory = block_file_.empty() ? "no file remembers blocks across restarts"
                                           : "remembered in " + block_file_;
  if (state.unsaved) {
    memory = "not remembered in " + block_file_ + ": " + state.unsaved.message();
  }
  if (!state.blocked) {
    const BlockFile file(block_file_, market_.exchange().origin().host_and_port());
    const auto error = block_file_.empty() ? std::error_code() : file.try_out();
    if (!error) {
      findings_.pass("blocks", "none; " + memory);
    } else {
      findings_.fail(
          "blocks",
          "none, and none could be remembered: " + block_file_ +
              " cannot be written: " + error.message(),
          "Make room, or let this user write there, or name another file by `block_file` "
          "(`none`: a restart forgets them).");
    }
    return true;
  }
  findings_.fail("blocks",
                 "shut out (" + std::string(name_of(*state.blocked)) + ") until " +
                     time_text(whole_second(state.blocked_until)) + "; " + memory,
                 "Wait until then: asking on makes it longer, and a restart does not end it.");
  return false;
}

bool Prober::look_at_connection(const Call& call) {
  const Clock& clock = market_.exchange().clock();
  const Instant begin = clock.now();
  const auto done = market_.client().ping(call);
  if (!done) {
    failed("connection", done.error());
    return false;
  }
  findings_.pass("connection",
                 std::string(market_.exchange().origin().tls ? "TLS, certificate trusted; "
                                                             : "without TLS, on this machine; ") +
                     "first answer after " + ms_text(clock.now() - begin));
  return true;
}

void Prober::look_at_round_trips(const Call& call) {
  const Clock& clock = market_.exchange().clock();
  std::vector<nanoseconds> times;
  for (std::size_t i = 0; i < kPings; ++i) {
    const Instant begin = clock.now();
    const auto done = market_.client().ping(call);
    if (!done) return failed("round trip", done.error());
    times.push_back(clock.now() - begin);
  }
  std::ranges::sort(times);
  findings_.pass("round trip", "fastest " + ms_text(times.front()) + ", median " +
                                   ms_text(times[times.size() / 2]) + " of " +
                                   std::to_string(times.size()));
}

void Prober::look_at_clock(const Call& call) {
  const auto done = market_.client().prepare(call);
  const ServerClock::State clock = market_.exchange().clock_state();
  if (!clock.known) {
    if (!done) return failed("clock", done.error());
    return findings_.fail("clock", "the exchange did not say its time", "Try again later.");
  }
  const bool behind = clock.offset.count() >= 0;
  const nanoseconds apart = behind ? clock.offset : -clock.offset;
  const std::string text = "this machine is " + ms_text(apart) +
                           (behind ? " behind the exchange" : " ahead of the exchange") +
                           ", give or take " + ms_text(clock.error);
  if (apart <= kOffsetMax) return findings_.pass("clock", text);
  findings_.fail("clock", text,
                 "Set this machine's clock, best by NTP. Requests are signed with the exchange's "
                 "time all the same.");
}

void Prober::look_at_limits() {
  const RateState state = market_.exchange().rate_state();
  std::string text;
  bool scarce = false;
  for (const RateState::Window& window : state.windows) {
    const bool weight = window.limit.kind == LimitKind::kRequestWeight;
    if (!weight && window.limit.kind != LimitKind::kRawRequests) continue;
    text += (text.empty() ? "" : "; ") + std::string(weight ? "weight " : "requests ") +
            std::to_string(window.used) + " of " + std::to_string(window.limit.limit) + " in " +
            window_text(window.limit.window_ms) + ", we stop at " + std::to_string(window.budget);
    scarce = scarce || window.used * 100 > window.limit.limit * kUsedPercentMax;
  }
  if (state.assumed) {
    return findings_.fail("limits",
                          "the exchange did not state its limits; half the documented "
                          "ones count: " +
                              text,
                          "Try again later; exchangeInfo has to be reachable.");
  }
  if (!scarce) return findings_.pass("limits", text);
  findings_.fail("limits", text,
                 "Other programs on this IP address use most of the limit: stop some, or give "
                 "them more of it by `reserve`.");
}

/// Watches a market that trades all the time until its first word, as a page would.
void Prober::look_at_streams(const Call& call) {
  Streams* const streams = market_.streams();
  if (streams == nullptr) {
    return findings_.skipped("streams", "they are switched off", "Set streams to auto.");
  }
  const std::string where = streams->origin().host_and_port();
  Clock& clock = market_.exchange().clock();
  const Instant begin = clock.now();
  const auto token =
      streams->watch({{.kind = StreamKind::kMiniTicker, .symbol = "BTCUSDT"}}, [] {});
  if (!token) return failed("streams", token.error());
  const Call limited{.deadline = std::min(call.deadline, begin + kStreamPatience),
                     .stopped = call.stopped};
  while (!streams->price("BTCUSDT") && clock.now() < limited.deadline) {
    if (!wait_until(clock, clock.now() + milliseconds(20), limited)) break;
  }
  const bool heard = streams->price("BTCUSDT").has_value();
  const std::string problem = streams->state().problem;
  streams->unwatch(*token);
  if (heard) {
    return findings_.pass("streams",
                          "at " + where + ", first word after " + ms_text(clock.now() - begin));
  }
  if (!market_.exchange().options().base_url.empty()) {
    return findings_.skipped("streams", "this server for tests has none",
                             "Name one that has by stream_url.");
  }
  findings_.fail("streams", "nothing came from " + where + (problem.empty() ? "" : ": " + problem),
                 "Answers are asked for again in place of being watched. Allow WebSockets to that "
                 "host, name another by stream_url, or set streams to off.");
}

void Prober::look_at_key(const Call& call) {
  const Exchange& exchange = market_.exchange();
  if (key_type_.empty()) {
    const bool needs_none = exchange.site() == Site::kData;
    return findings_.skipped(
        "key", needs_none ? "this site takes none" : "none is configured",
        needs_none ? "For an account, set site to testnet or live and give a key."
                   : "Set api_key and api_secret (or private_key_file) for an account; market data "
                     "needs none.");
  }
  const auto account = market_.account(call);
  if (!account) return failed("key", account.error());
  const Account& data = account->data;
  std::string text = std::string(exchange.site() == Site::kLive ? "live" : "testnet") + ", " +
                     key_type_ + " key, account " + data.account_type.value_or("of unknown type") +
                     "; " + may(data.can_trade) + " trade, " + may(data.can_withdraw) + " withdraw";
  for (const std::string& one : data.permissions.value_or(std::vector<std::string>())) {
    text += ", " + one;
  }
  findings_.pass("key", text);
}

}  // namespace bourse::binance
