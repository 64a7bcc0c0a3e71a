// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/streams.hpp"

#include <algorithm>
#include <utility>

#include "plugins/sources/binance/client/proxy.hpp"

namespace bourse::binance {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{200};
/// Moves are remembered of so many streams; then all are forgotten, and numbers go on.
constexpr std::size_t kMovesMax = 20'000;

/// The limit on connections is one of the address, so of all sources of the process.
DialPace& dial_pace() {
  static DialPace shared;
  return shared;
}

Error no_room() {
  return {.kind = ErrorKind::kValidation,
          .message = "There are too many streams: this question cannot be watched as well.",
          .advice = "Watch fewer markets."};
}

std::vector<std::string> texts_of(const std::vector<StreamName>& names) {
  std::vector<std::string> texts;
  for (const StreamName& name : names) texts.push_back(name.text());
  std::ranges::sort(texts);
  texts.erase(std::ranges::unique(texts).begin(), texts.end());
  return texts;
}

/// Keeps the newer one. During a rotation two connections say the same, one behind the other.
template <class Event, class Key>
void keep_newest(std::unordered_map<std::string, Event>& rows, Event event, Key key) {
  const auto [place, is_new] = rows.try_emplace(event.symbol, event);
  if (!is_new && key(place->second) <= key(event)) place->second = std::move(event);
}

template <class Event>
std::optional<Event> found_in(const std::unordered_map<std::string, Event>& rows,
                              const std::string& symbol) {
  const auto found = rows.find(symbol);
  return found == rows.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

Origin stream_origin_of(Site site) {
  // Port 443 rather than 9443: what proxies and firewalls let through.
  switch (site) {
    case Site::kTestnet:
      return {.tls = true, .host = "stream.testnet.binance.vision", .port = 443};
    case Site::kData:
      return {.tls = true, .host = "data-stream.binance.vision", .port = 443};
    case Site::kLive:
      break;
  }
  return {.tls = true, .host = "stream.binance.com", .port = 443};
}

Result<Origin> parse_stream_url(const std::string& url) {
  const auto wrong = [] {
    return invalid("The address of the streams is not one.",
                   "Write wss://HOST or wss://HOST:PORT; ws:// is for servers on this machine.");
  };
  if (url.starts_with("ws://")) {
    auto origin = parse_loopback("http://" + url.substr(5));
    if (!origin) return wrong();
    return origin;
  }
  if (!url.starts_with("wss://")) return wrong();
  const std::string rest = url.substr(6);
  if (auto here = parse_loopback("https://" + rest)) return here;
  const std::size_t colon = rest.find(':');
  Origin origin{.tls = true, .host = rest.substr(0, colon), .port = 443};
  const bool is_name = !origin.host.empty() && origin.host.size() <= 253 &&
                       std::ranges::all_of(origin.host, [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
                       });
  if (!is_name) return wrong();
  if (colon == std::string::npos) return origin;
  // The port's digits are read as those of an address of this machine are.
  auto port = parse_loopback("https://localhost" + rest.substr(colon));
  if (!port) return wrong();
  origin.port = port->port;
  return origin;
}

Streams::Streams(StreamOptions options, std::shared_ptr<Exchange> exchange, CandleKeeper candles,
                 BookKeeper books, Log log)
    : options_(std::move(options)),
      exchange_(std::move(exchange)),
      candles_(std::move(candles)),
      books_(std::move(books)),
      log_(std::move(log)),
      random_(real_random()) {}

Streams::~Streams() {
  // The thread first: what it uses is still there.
  sockets_.reset();
}

// ---- watching

Status Streams::start() {
  const std::lock_guard lock(start_mutex_);
  if (sockets_ != nullptr) return Done{};
  auto proxy = proxy_for(options_.origin);
  if (!proxy) return std::move(proxy).error();
  auto sockets = WebSockets::make({.origin = options_.origin,
                                   .proxy = *std::move(proxy),
                                   .authorities = exchange_->options().authorities},
                                  *this);
  if (!sockets) return std::move(sockets).error();
  sockets_ = *std::move(sockets);
  FeedSink& sink = *this;
  sockets_->post(
      [this, &sink] { feed_.emplace(options_.feed, *sockets_, dial_pace(), *random_, sink); });
  return Done{};
}

Result<std::uint64_t> Streams::watch(std::vector<StreamName> names, std::function<void()> changed) {
  if (auto started = start(); !started) return std::move(started).error();
  const std::vector<std::string> streams = texts_of(names);
  std::uint64_t token = 0;
  {
    const std::lock_guard lock(watch_mutex_);
    std::size_t fresh = 0;
    for (const std::string& stream : streams) fresh += by_stream_.contains(stream) ? 0U : 1U;
    if (by_stream_.size() + fresh > options_.feed.streams_max) return no_room();
    token = ++last_token_;
    watches_.emplace(token, Watch{.streams = streams, .changed = std::move(changed)});
    for (const std::string& stream : streams) by_stream_[stream].push_back(token);
  }
  sockets_->post([this, streams] {
    for (const std::string& stream : streams) {
      // Those that nobody wants any more have room of their own.
      if (!feed_->want(stream, now())) tell(stream);
    }
    if (!std::exchange(is_ticking_, true)) {
      sockets_->every(kBetweenLooks, [this] {
        look();
        return is_ticking_;
      });
    }
    look();
  });
  return token;
}

void Streams::unwatch(std::uint64_t token) {
  std::vector<std::string> streams;
  {
    const std::lock_guard lock(watch_mutex_);
    const auto found = watches_.find(token);
    if (found == watches_.end()) return;
    streams = std::move(found->second.streams);
    watches_.erase(found);
    for (const std::string& stream : streams) {
      const auto tokens = by_stream_.find(stream);
      std::erase(tokens->second, token);
      if (!tokens->second.empty()) continue;
      by_stream_.erase(tokens);
      const std::lock_guard data(data_mutex_);
      seen_.erase(stream);
    }
  }
  sockets_->post([this, streams] {
    for (const std::string& stream : streams) feed_->unwant(stream, now());
  });
}

std::size_t Streams::watches() const {
  const std::lock_guard lock(watch_mutex_);
  return watches_.size();
}

void Streams::look() {
  if (auto open = exchange_->still_open(); !open) feed_->stay_away(open.error(), now());
  feed_->tick(now());
  is_ticking_ = !feed_->is_idle();
  const std::lock_guard lock(data_mutex_);
  state_ = feed_->state();
}

FeedState Streams::state() const {
  const std::lock_guard lock(data_mutex_);
  return state_;
}

// ---- what comes, on the thread

void Streams::opened(std::uint64_t socket) { feed_->opened(socket, now()); }

void Streams::message(std::uint64_t socket, std::string& text) {
  feed_->message(socket, text, now());
}

void Streams::ended(std::uint64_t socket, const Error& why) { feed_->ended(socket, why, now()); }

void Streams::news(const FeedNews& news) {
  if (log_) log_(news);
}

void Streams::shut_out(const Error& error) { exchange_->shut_out(error); }

bool Streams::heard(const std::string& stream, std::string_view data, std::uint64_t connection) {
  const auto name = parse_stream(stream);
  if (!name || !take(*name, data, connection)) return false;  // a doubt follows, which is told
  {
    const std::lock_guard lock(data_mutex_);
    moves_[stream] = ++moves_so_far_;
  }
  tell(stream);
  return true;
}

bool Streams::take(const StreamName& name, std::string_view data, std::uint64_t connection) {
  switch (name.kind) {
    case StreamKind::kKline:
      return take_candle(name, data);
    case StreamKind::kTicker:
      return take_ticker(name, data);
    case StreamKind::kMiniTicker:
      return take_price(name, data);
    case StreamKind::kBookTicker:
      return take_top(name, data);
    case StreamKind::kTrade:
      return take_trade(name, data);
    case StreamKind::kDepth:
      return books_.changed(name.symbol, data, connection);
  }
  return false;
}

bool Streams::take_candle(const StreamName& name, std::string_view data) {
  const auto event = read_candle(data);
  if (!event || event->symbol != name.symbol) return false;
  if (event->interval.name() != name.interval->name()) return false;
  candles_.heard(*event);
  return true;
}

bool Streams::take_ticker(const StreamName& name, std::string_view data) {
  auto event = read_ticker(data);
  if (!event || event->symbol != name.symbol) return false;
  const std::lock_guard lock(data_mutex_);
  const auto known = tickers_.find(name.symbol);
  if (known != tickers_.end() && known->second.last_id < event->last_id) {
    feed_->traded(name.symbol, now());
  }
  keep_newest(tickers_, *std::move(event), [](const auto& one) { return one.at; });
  return true;
}

bool Streams::take_price(const StreamName& name, std::string_view data) {
  auto event = read_price(data);
  if (!event || event->symbol != name.symbol) return false;
  const std::lock_guard lock(data_mutex_);
  keep_newest(prices_, *std::move(event), [](const auto& one) { return one.at; });
  return true;
}

bool Streams::take_top(const StreamName& name, std::string_view data) {
  auto event = read_book_ticker(data);
  if (!event || event->symbol != name.symbol) return false;
  books_.top(*event);
  const std::lock_guard lock(data_mutex_);
  keep_newest(book_tickers_, *std::move(event), [](const auto& one) { return one.update; });
  return true;
}

bool Streams::take_trade(const StreamName& name, std::string_view data) {
  const auto event = read_trade(data);
  if (!event || event->symbol != name.symbol) return false;
  feed_->traded(name.symbol, now());
  const std::lock_guard lock(data_mutex_);
  if (event->is_exact) {
    tapes_[name.symbol].heard(*event);
  } else {
    tapes_.erase(name.symbol);  // REST knows what it rounds
  }
  return true;
}

void Streams::doubted(const std::string& stream, Doubt /*why*/) {
  const auto name = parse_stream(stream);
  if (!name) return;
  {
    const std::lock_guard lock(data_mutex_);
    if (name->kind == StreamKind::kTicker) tickers_.erase(name->symbol);
    if (name->kind == StreamKind::kMiniTicker) prices_.erase(name->symbol);
    if (name->kind == StreamKind::kBookTicker) book_tickers_.erase(name->symbol);
    if (name->kind == StreamKind::kTrade) tapes_.erase(name->symbol);
    if (moves_.size() > kMovesMax) moves_.clear();
    moves_[stream] = ++moves_so_far_;
  }
  if (name->kind == StreamKind::kKline) candles_.doubted(name->symbol, *name->interval);
  if (name->kind == StreamKind::kDepth) books_.doubted(name->symbol);
  tell(stream);
}

void Streams::tell(const std::string& stream) {
  const std::lock_guard lock(watch_mutex_);
  const auto tokens = by_stream_.find(stream);
  if (tokens == by_stream_.end()) return;
  for (const std::uint64_t token : tokens->second) watches_.at(token).changed();
}

// ---- what is known

std::uint64_t Streams::moves(const StreamName& name) const {
  const std::lock_guard lock(data_mutex_);
  if (moves_.empty()) return 0;
  const auto found = moves_.find(name.text());
  return found == moves_.end() ? 0 : found->second;
}

std::optional<std::vector<Trade>> Streams::trades(const std::string& symbol,
                                                  std::size_t limit) const {
  const std::lock_guard lock(data_mutex_);
  const auto tape = tapes_.find(symbol);
  return tape == tapes_.end() ? std::nullopt : tape->second.newest(limit);
}

void Streams::join_trades(const std::string& symbol, const std::vector<Trade>& rows) {
  const std::lock_guard lock(data_mutex_);
  if (const auto tape = tapes_.find(symbol); tape != tapes_.end()) tape->second.join(rows);
}

void Streams::seen(const StreamName& name, std::uint64_t answer) {
  const std::string stream = name.text();
  {
    const std::lock_guard lock(watch_mutex_);
    if (!by_stream_.contains(stream)) return;
  }
  {
    const std::lock_guard lock(data_mutex_);
    const auto [place, is_new] = seen_.try_emplace(stream, answer);
    if (is_new || std::exchange(place->second, answer) == answer) return;
  }
  sockets_->post([this, stream] { feed_->moved(stream, now()); });
}

void Streams::replace(const StreamName& name) {
  const std::lock_guard lock(start_mutex_);
  if (sockets_ == nullptr) return;
  sockets_->post([this, stream = name.text()] { feed_->replace(stream, now()); });
}

std::optional<TickerEvent> Streams::ticker(const std::string& symbol) const {
  const std::lock_guard lock(data_mutex_);
  return found_in(tickers_, symbol);
}

std::optional<PriceEvent> Streams::price(const std::string& symbol) const {
  const std::lock_guard lock(data_mutex_);
  return found_in(prices_, symbol);
}

std::optional<BookTickerEvent> Streams::book_ticker(const std::string& symbol) const {
  const std::lock_guard lock(data_mutex_);
  return found_in(book_tickers_, symbol);
}

}  // namespace bourse::binance
