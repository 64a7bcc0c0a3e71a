// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/source.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <unordered_set>
#include <utility>

#include "bourse/symbols.hpp"
#include "bourse/words.hpp"
#include "plugins/sources/binance/client/time_text.hpp"
#include "plugins/sources/binance/failure.hpp"
#include "plugins/sources/binance/figures.hpp"
#include "plugins/sources/binance/oddities.hpp"
#include "plugins/sources/binance/probe.hpp"
#include "plugins/sources/binance/tables.hpp"
#include "plugins/sources/binance/watching.hpp"

namespace bourse::binance {
namespace {

/// Closed candles never change.
constexpr Time kForEver{std::numeric_limits<std::int64_t>::max()};
/// What is left of a call for telling why it failed.
constexpr std::chrono::milliseconds kLastWordsMax{50};

/// Rate limits and bans count for the whole process, whatever number of sources are configured, so
/// all of them share the exchange. What it holds are weak references: nothing outlives the sources.
Exchanges& exchanges() {
  static Exchanges shared;
  return shared;
}

std::shared_ptr<Exchange> opened(const ExchangeOptions& options) {
  auto exchange = exchanges().open(options);
  if (exchange) return *std::move(exchange);
  const Error& error = exchange.error();
  throw bourse::Error(BOURSE_UNPROCESSABLE, "bad_setting",
                      error.message + (error.advice.empty() ? "" : " " + error.advice));
}

std::int64_t clamped_ms(Time time, bool up) {
  const std::int64_t ms = to_ms(time);
  return std::max<std::int64_t>(0, up && from_ms(ms) < time ? ms + 1 : ms);
}

Settings with_log(Settings settings, Host host) {
  settings.market.stream_log = [host](const FeedNews& news) { log_news(host, news); };
  return settings;
}

/// A ban that a restart would forget, in the host's log; as a server has no figure that says why.
void tell_unsaved(const bourse::Call& call, Exchange& exchange) noexcept {
  try {
    const auto block = exchange.take_unsaved_block();
    if (!block) return;
    call.log(BOURSE_LEVEL_WARN, "a block by the exchange cannot be saved: a restart will forget it",
             {{"file", block->file},
              {"reason", block->why.message()},
              {"kind", name_of(block->kind)},
              {"until", time_text(block->until)}});
  } catch (...) {  // no memory for a line; the figure stands
  }
}

/// At the end of a call, whatever that is.
class Telling {
 public:
  Telling(const bourse::Call& call, Exchange& exchange) : call_(call), exchange_(exchange) {}
  ~Telling() { tell_unsaved(call_, exchange_); }
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;

 private:
  const bourse::Call& call_;
  Exchange& exchange_;
};

std::vector<std::string> unique(const std::vector<std::string>& symbols) {
  const auto once = each_once(symbols);
  return {once.begin(), once.end()};
}

}  // namespace

Binance::Binance(const Values& values, Host host)
    : Binance(with_log(read_settings(values), host), nullptr) {}

Binance::Binance(Settings settings, std::shared_ptr<Exchange> exchange)
    : block_file_(settings.exchange.block_file) {
  if (settings.credentials) key_type_ = name_of(settings.credentials->signer().type());
  if (exchange == nullptr) exchange = opened(settings.exchange);
  market_ = std::make_unique<Market>(std::move(exchange), std::move(settings.credentials),
                                     settings.market);
}

// ---- what all datasets share

Call Binance::limits_of(const bourse::Call& call) const {
  const auto* const host = call.host();
  auto* const wire = call.wire();
  // A little before the host's own end, which would say less about what took so long.
  const Instant::duration left = std::chrono::nanoseconds(call.ns_left());
  const auto ours = left - std::min<Instant::duration>(left / 20, kLastWordsMax);
  return {.deadline = market_->exchange().clock().now() + ours,
          .stopped = [host, wire] { return host->poll(wire, nullptr) == BOURSE_CANCELLED; }};
}

void Binance::fail(const bourse::Call& call, const Call& limits, const Error& error,
                   const std::vector<std::string>& asked, const char* parameter) const {
  if (error.stopped) call.poll();  // the host knows why
  if (is_unknown_symbol(error) && !asked.empty()) {
    throw symbols_not_found(asked, *market_->names(limits), parameter);
  }
  throw to_failure(error, market_->exchange().site());
}

/// What is kept is given again until then. The call's time may be another one than the machine's,
/// so the rest is counted from there; what the call has taken so far is on the safe side.
void Binance::say_good_until(const bourse::Call& call, Instant until) const {
  const auto left = until - market_->exchange().clock().now();
  if (left <= Instant::duration::zero()) return;
  call.fresh_until(call.now() + std::chrono::nanoseconds(left));
}

/// A note for every market that is not in the answer, and one about those that cannot be read.
template <class Row>
void Binance::note_absent(const bourse::Call& call, const Call& limits,
                          const std::vector<std::string>& asked, const std::vector<Row>& rows,
                          const std::vector<Rejected>& rejected) const {
  std::unordered_set<std::string_view> present;
  for (const Row& row : rows) present.insert(row.symbol);
  for (const Rejected& row : rejected) present.insert(row.symbol);
  note_rejected(call, rejected);
  for (const std::string& symbol : asked) {
    if (present.contains(symbol)) continue;
    call.warn("symbol_unavailable", no_such_symbol(symbol, *market_->names(limits)));
  }
}

/// Of what was true when it was asked for.
void Binance::say_now(const bourse::Call& call, Time clock) {
  call.as_of(clock);
  call.meta("clock", clock);
}

void Binance::say_market(const bourse::Call& call, const std::string& symbol, Time clock) const {
  call.meta("clock", clock);
  if (const auto status = market_->status_of(symbol))
    call.meta("status", std::string_view(*status));
}

void Binance::say_limit(const bourse::Call& call) const {
  const RateState state = market_->exchange().rate_state();
  const RateState::Window* fullest = nullptr;
  const auto used = [](const RateState::Window& window) {
    return static_cast<double>(window.used) / static_cast<double>(window.limit.limit);
  };
  for (const RateState::Window& window : state.windows) {
    if (window.limit.kind != LimitKind::kRequestWeight || window.limit.limit <= 0) continue;
    if (fullest == nullptr || used(window) > used(*fullest)) fullest = &window;
  }
  if (fullest == nullptr) return;
  call.meta("x_limit_used", used(*fullest));
  call.meta("x_limit_left", static_cast<double>(fullest->ends.ns - state.now.ns) / 1e9);
}

void Binance::fetch(bourse::Call& call, std::size_t dataset, const Values& values) const {
  static constexpr std::array<Fetch, datasets.size()> kFetch = {
      &Binance::fetch_candles,      &Binance::fetch_tickers,    &Binance::fetch_prices,
      &Binance::fetch_book_tickers, &Binance::fetch_order_book, &Binance::fetch_trades,
      &Binance::fetch_symbols,      &Binance::fetch_account};
  make_folder_of(block_file_);
  const Telling telling(call, market_->exchange());
  (this->*kFetch.at(dataset))(call, limits_of(call), values);
}

// ---- datasets

void Binance::fetch_candles(bourse::Call& call, const Call& limits, const Values& values) const {
  const std::string symbol(values.text("symbol"));
  CandleQuestion question{
      .limit = static_cast<std::size_t>(values.integer("limit")), .start = {}, .end = {}};
  if (values.given("start")) question.start = clamped_ms(values.time("start"), true);
  if (values.given("end")) question.end = clamped_ms(values.time("end"), false);
  // An empty span still has to be one of a market that exists.
  const bool nothing = (values.given("end") && values.time("end").ns < 0) ||
                       (question.start && question.end && *question.start > *question.end);
  if (nothing) question = {.limit = 1, .start = {}, .end = {}};
  auto answer =
      market_->candles(symbol, Interval::parse(values.text("interval")).value(), question, limits);
  if (!answer) fail(call, limits, answer.error(), {symbol}, "symbol");
  if (nothing) {
    answer->rows.clear();
    answer->unreadable = 0;
  }
  call.poll();
  // The newest input: the close of the newest candle, or the present while that one forms.
  if (!answer->rows.empty()) {
    call.as_of(std::min(from_ms(answer->rows.back().close_ms), answer->clock));
  }
  say_market(call, symbol, answer->clock);
  say_limit(call);
  note_oddities(call, symbol, *answer);
  if (!answer->settled) {
    say_good_until(call, answer->good_until);
  } else if (market_->exchange().site() != Site::kTestnet) {
    call.fresh_until(kForEver);
  } else if (market_->fresh().count() > 0) {  // that one is wiped now and then
    call.fresh_until(call.now() + market_->fresh());
  }
  add_candles(call, answer->rows);
}

void Binance::fetch_tickers(bourse::Call& call, const Call& limits, const Values& values) const {
  const std::vector<std::string> asked = unique(values.texts("symbols"));
  const auto found = market_->tickers(asked, limits);
  if (!found) fail(call, limits, found.error(), asked, "symbols");
  const TickerListing& listing = **found;
  note_absent(call, limits, asked, listing.answer.rows, listing.answer.rejected);
  if (!listing.quote_assets_problem.empty()) {
    call.warn("quote_asset_unknown",
              "What markets are quoted in is not known of all: " + listing.quote_assets_problem);
  }
  const std::vector<Ticker24h>& rows = listing.answer.rows;
  const auto newest = std::ranges::max_element(rows, {}, &Ticker24h::close_time);
  if (newest != rows.end()) call.as_of(newest->close_time);
  call.meta("clock", listing.clock);
  note_oddities(call, rows);
  say_good_until(call, found->good_until);
  add_tickers(call, listing);
}

void Binance::fetch_prices(bourse::Call& call, const Call& limits, const Values& values) const {
  const std::vector<std::string> asked = unique(values.texts("symbols"));
  const auto found = market_->prices(asked, limits);
  if (!found) fail(call, limits, found.error(), asked, "symbols");
  note_absent(call, limits, asked, (*found)->answer.rows, (*found)->answer.rejected);
  call.meta("clock", (*found)->clock);  // when they were made, the exchange does not say
  say_good_until(call, found->good_until);
  add_prices(call, (*found)->answer.rows);
}

void Binance::fetch_book_tickers(bourse::Call& call, const Call& limits,
                                 const Values& values) const {
  const std::vector<std::string> asked = unique(values.texts("symbols"));
  const auto found = market_->book_tickers(asked, limits);
  if (!found) fail(call, limits, found.error(), asked, "symbols");
  note_absent(call, limits, asked, (*found)->answer.rows, (*found)->answer.rejected);
  call.meta("clock", (*found)->clock);  // when they were made, the exchange does not say
  say_good_until(call, found->good_until);
  add_book_tickers(call, (*found)->answer.rows);
}

void Binance::fetch_order_book(bourse::Call& call, const Call& limits, const Values& values) const {
  const std::string symbol(values.text("symbol"));
  const auto found = market_->order_book(symbol, static_cast<int>(values.integer("depth")), limits);
  if (!found) fail(call, limits, found.error(), {symbol}, "symbol");
  call.as_of((*found)->clock);
  say_market(call, symbol, (*found)->clock);
  note_oddities(call, symbol, (*found)->data);
  say_good_until(call, found->good_until);
  add_order_book(call, (*found)->data);
}

void Binance::fetch_trades(bourse::Call& call, const Call& limits, const Values& values) const {
  const std::string symbol(values.text("symbol"));
  const auto found = market_->trades(symbol, static_cast<int>(values.integer("limit")), limits);
  if (!found) fail(call, limits, found.error(), {symbol}, "symbol");
  const Trades& trades = (*found)->data;
  const auto newest = std::ranges::max_element(trades.rows, {}, &Trade::time);
  if (newest != trades.rows.end()) call.as_of(newest->time);
  call.meta("clock", (*found)->clock);
  note_oddities(call, symbol, trades);
  say_good_until(call, found->good_until);
  add_trades(call, trades.rows);
}

void Binance::fetch_symbols(bourse::Call& call, const Call& limits, const Values& values) const {
  std::vector<std::string> asked;
  if (values.given("symbols")) asked = unique(values.texts("symbols"));
  const auto found = market_->symbols(asked, limits);
  if (!found) fail(call, limits, found.error(), asked, "symbols");
  note_absent(call, limits, asked, (*found)->symbols, (*found)->rejected);
  note_oddities(call, (*found)->symbols);
  if ((*found)->server_time.ns != 0) say_now(call, (*found)->server_time);
  say_good_until(call, found->good_until);
  add_symbols(call, (*found)->symbols);
}

void Binance::fetch_account(bourse::Call& call, const Call& limits, const Values&) const {
  if (key_type_.empty()) {
    const bool no_accounts = market_->exchange().site() == Site::kData;
    throw bourse::Error(BOURSE_UNPROCESSABLE, "not_configured",
                        no_accounts ? "The site for public data has no accounts: set site to "
                                      "testnet or live, and give a key."
                                    : "No key is configured: set api_key, and api_secret or "
                                      "private_key_file.");
  }
  const auto found = market_->account(limits);
  if (!found) fail(call, limits, found.error(), {}, "");
  say_now(call, found->clock);
  note_oddities(call, found->data);
  add_account(call, found->data);
}

// ---- watching

std::uint64_t Binance::watch(bourse::Call& /*call*/, std::size_t dataset, const Values& values,
                             Changed changed) const {
  Streams* const streams = market_->streams();
  if (streams == nullptr) {
    throw not_watched("The streams of this source are switched off: set streams to auto.");
  }
  std::vector<StreamName> names = streams_for(*datasets.at(dataset), values);
  for (const StreamName& name : names) {
    if (auto exists = market_->check_symbol(name.symbol); !exists) {
      throw not_watched(exists.error().message);
    }
  }
  auto token = streams->watch(std::move(names), [changed] { changed(); });
  if (!token) throw not_watched(token.error().message + " " + token.error().advice);
  if (std::string_view(datasets.at(dataset)->name) == bourse_order_book.name) {
    const std::string symbol(values.text("symbol"));
    const int depth = static_cast<int>(values.integer("depth"));
    market_->books()->want(symbol, depth);
    const std::lock_guard lock(books_mutex_);
    books_.emplace(*token, std::pair(symbol, depth));
  }
  return *token;
}

void Binance::unwatch(std::uint64_t token) const {
  Streams* const streams = market_->streams();
  if (streams == nullptr) return;
  streams->unwatch(token);
  std::unique_lock lock(books_mutex_);
  auto book = books_.extract(token);
  lock.unlock();
  if (!book.empty()) market_->books()->unwant(book.mapped().first, book.mapped().second);
}

// ---- for whoever runs it

void Binance::collect(Metrics& metrics) const { show_figures(*market_, metrics); }

void Binance::probe(bourse::Call& call, Findings& findings) const {
  make_folder_of(block_file_);
  Prober(*market_, key_type_, block_file_, findings).run(limits_of(call));
  call.poll();
}

}  // namespace bourse::binance
