// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/figures.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace bourse::binance {
namespace {

double seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

const char* name_of(LimitKind kind) noexcept {
  switch (kind) {
    case LimitKind::kRequestWeight:
      return "request_weight";
    case LimitKind::kRawRequests:
      return "raw_requests";
    case LimitKind::kOrders:
      return "orders";
    case LimitKind::kOther:
      break;
  }
  return "other";
}

void show_limits(const RateState& state, const Metrics& metrics) {
  const auto each = [&](const char* name, const char* help, auto value) {
    for (const RateState::Window& window : state.windows) {
      const std::string length = window_text(window.limit.window_ms);
      metrics.gauge(name, help, static_cast<double>(value(window)),
                    {{"limit", name_of(window.limit.kind)}, {"window", length}});
    }
  };
  using Window = RateState::Window;
  each("rate_used", "Used of a rate limit in its current window, by all on this IP address.",
       [](const Window& window) { return window.used; });
  each("rate_budget", "What this process uses of a rate limit at most.",
       [](const Window& window) { return window.budget; });
  each("rate_limit", "A rate limit of the exchange.",
       [](const Window& window) { return window.limit.limit; });
  metrics.gauge("rate_limits_assumed",
                "1 until the exchange has stated its limits; half the documented ones count then.",
                state.assumed ? 1 : 0);
}

void show_requests(const RateState& state, const Metrics& metrics) {
  metrics.gauge("requests_under_way", "Requests sent and not answered yet.",
                static_cast<double>(state.under_way));
  metrics.counter("requests_total", "Requests sent, retries included.",
                  static_cast<double>(state.requests));
  metrics.counter("rate_waits_total", "Requests that had to wait for a rate limit.",
                  static_cast<double>(state.waits));
  metrics.counter("rate_refusals_total",
                  "Requests not sent: no room before their deadline, or shut out.",
                  static_cast<double>(state.refusals));
}

void show_connections(const Exchange& exchange, const Metrics& metrics) {
  const Transport::State state = exchange.connections();
  const auto connections = [&](const char* which, std::size_t count) {
    metrics.gauge("connections", "Connections to the exchange, by state.",
                  static_cast<double>(count), {{"state", which}});
  };
  connections("busy", state.busy);
  connections("idle", state.idle);
  metrics.gauge("connection_queue", "Requests that wait for a connection.",
                static_cast<double>(state.waiting));
  metrics.counter("connections_opened_total", "Connections opened.",
                  static_cast<double>(state.opened));
  metrics.gauge("answer_bytes", "Memory of answers that are being received or read.",
                static_cast<double>(state.answer_bytes));
  metrics.counter("answer_refusals_total",
                  "Answers given up, as all together would have taken more than `answer_memory`.",
                  static_cast<double>(state.answer_refusals));
  // The others are never sent again.
  for (const ErrorKind kind :
       {ErrorKind::kNetwork, ErrorKind::kServer, ErrorKind::kUnknownOutcome, ErrorKind::kProtocol,
        ErrorKind::kRateLimit, ErrorKind::kAuthentication}) {
    metrics.counter("retries_total", "Requests sent again, by what had failed.",
                    static_cast<double>(exchange.retries(kind)), {{"reason", name_of(kind)}});
  }
}

void show_block(const Market& market, const RateState& state, const Metrics& metrics) {
  const ServerClock::State clock = market.exchange().clock_state();
  const Time wall = market.exchange().clock().wall();
  const std::int64_t left =
      state.blocked ? state.blocked_until.ns - wall.ns - clock.offset.count() : 0;
  metrics.gauge("blocked", "1 while the exchange wants no requests from this IP address.",
                state.blocked ? 1 : 0);
  metrics.gauge("blocked_seconds", "How long that lasts from now.",
                seconds_of(std::chrono::nanoseconds(std::max<std::int64_t>(0, left))));
  metrics.gauge("block_unsaved",
                "1 while that is not in its file, so that a restart would forget it.",
                state.unsaved ? 1 : 0);
  metrics.gauge("clock_known", "1 when the exchange's clock has been compared.",
                clock.known ? 1 : 0);
  if (!clock.known) return;
  metrics.gauge("clock_offset_seconds", "The exchange's clock minus this machine's.",
                seconds_of(clock.offset));
  metrics.gauge("clock_error_seconds", "By how much that may be wrong.", seconds_of(clock.error));
  metrics.gauge("clock_round_trip_seconds", "Round trip of that comparison.",
                seconds_of(clock.round_trip));
}

void show_caches(const Market& market, const Metrics& metrics) {
  const CandleStore::State candles = market.candle_state();
  metrics.gauge("candle_cache_bytes", "Memory that kept candles take.",
                static_cast<double>(candles.bytes));
  metrics.gauge("candle_cache_series", "Markets and intervals of which candles are kept.",
                static_cast<double>(candles.series));
  metrics.counter("candle_cache_hits_total", "Questions for candles answered from memory.",
                  static_cast<double>(candles.hits));
  metrics.counter("candle_cache_misses_total",
                  "Questions for candles for which the exchange was asked.",
                  static_cast<double>(candles.misses));
  metrics.counter("candles_kept_total", "Candles delivered from memory.",
                  static_cast<double>(candles.rows_known));
  metrics.counter("candles_asked_total", "Candles received from the exchange.",
                  static_cast<double>(candles.rows_asked));
  const Market::Counts answers = market.answer_counts();
  metrics.counter("answer_cache_hits_total", "Other questions answered from memory.",
                  static_cast<double>(answers.hits));
  metrics.counter("answer_cache_misses_total", "Other questions for which the exchange was asked.",
                  static_cast<double>(answers.misses));
}

void show_last_data(const FeedState& state, const Clock& clock, const Metrics& metrics) {
  if (!state.last_data) return;
  metrics.gauge("stream_data_age_seconds", "Since the last data of any stream.",
                std::max(0.0, seconds_of(clock.now() - *state.last_data)));
}

void show_streams(const Streams& streams, const Clock& clock, const Metrics& metrics) {
  const FeedState state = streams.state();
  metrics.gauge("stream_watches", "Questions that are watched.",
                static_cast<double>(streams.watches()));
  metrics.gauge("stream_connections", "Connections for streams that are open.",
                static_cast<double>(state.connections));
  metrics.gauge("streams", "Streams that are wanted, by state.", static_cast<double>(state.live),
                {{"state", "live"}});
  metrics.gauge("streams", "Streams that are wanted, by state.",
                static_cast<double>(state.streams - std::min(state.streams, state.live)),
                {{"state", "not_live"}});
  metrics.counter("stream_messages_total", "Messages of streams that came.",
                  static_cast<double>(state.messages));
  metrics.counter("stream_messages_unreadable_total", "Of those, what made no sense.",
                  static_cast<double>(state.unreadable));
  metrics.counter("stream_dials_total", "Attempts to connect for streams.",
                  static_cast<double>(state.dialled));
  metrics.counter("stream_cuts_total", "Connections for streams that ended and were not meant to.",
                  static_cast<double>(state.cuts));
  metrics.counter("stream_rotations_total",
                  "Connections for streams that were replaced before their day was over.",
                  static_cast<double>(state.rotations));
  metrics.counter("streams_lost_total",
                  "Streams that the exchange had forgotten, and were subscribed again.",
                  static_cast<double>(state.lost));
  for (std::size_t i = 0; i < kDoubts; ++i) {
    metrics.counter("stream_doubts_total",
                    "Times that a stream may have missed something, by reason.",
                    static_cast<double>(state.doubts.at(i)),
                    {{"reason", std::string(name_of(static_cast<Doubt>(i)))}});
  }
  show_last_data(state, clock, metrics);
}

void show_books(const Books& books, const Metrics& metrics) {
  const Books::State state = books.state();
  metrics.gauge("stream_books", "Order books that are watched, by state.",
                static_cast<double>(state.synced), {{"state", "synced"}});
  metrics.gauge("stream_books", "Order books that are watched, by state.",
                static_cast<double>(state.not_synced), {{"state", "not_synced"}});
  metrics.counter("stream_book_changes_total", "Changes of order books that were applied.",
                  static_cast<double>(state.counts.applied));
  metrics.counter("stream_book_snapshots_total", "Snapshots of order books that were asked for.",
                  static_cast<double>(state.counts.asked));
  const auto fault = [&](const char* reason, std::uint64_t count) {
    metrics.counter("stream_book_faults_total",
                    "Times that an order book had to be joined anew, by reason.",
                    static_cast<double>(count), {{"reason", reason}});
  };
  fault("gap", state.counts.gaps);
  fault("overflow", state.counts.overflows);
  fault("unreadable", state.counts.unreadable);
  fault("crossed", state.counts.crossed);
  fault("mismatch", state.counts.mismatched);
  fault("silent", state.counts.silences);
}

}  // namespace

std::string window_text(std::int64_t window_ms) {
  struct Unit {
    std::int64_t ms;
    char letter;
  };
  for (const Unit unit : {Unit{86'400'000, 'd'}, {3'600'000, 'h'}, {60'000, 'm'}, {1'000, 's'}}) {
    if (window_ms >= unit.ms && window_ms % unit.ms == 0) {
      return std::to_string(window_ms / unit.ms) + unit.letter;
    }
  }
  return std::to_string(window_ms) + "ms";
}

void show_figures(const Market& market, const Metrics& metrics) {
  const RateState state = market.exchange().rate_state();
  show_limits(state, metrics);
  show_requests(state, metrics);
  show_connections(market.exchange(), metrics);
  show_block(market, state, metrics);
  show_caches(market, metrics);
  if (const Streams* const streams = market.streams()) {
    show_streams(*streams, market.exchange().clock(), metrics);
    show_books(*market.books(), metrics);
  }
}

}  // namespace bourse::binance
