// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/market.hpp"

#include <algorithm>
#include <future>
#include <unordered_set>
#include <utility>

#include "bourse/symbols.hpp"

namespace bourse::binance {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// Trading rules change seldom, and asking weighs as much as ten tickers.
constexpr seconds kRulesAge{60};
/// What was listed since then is unknown beside a name that is.
constexpr minutes kNamesAge{5};
constexpr minutes kNamesPause{1};  ///< after they could not be had
/// For how long a market that does not exist is not asked for again.
constexpr seconds kMissingAge{60};
constexpr std::size_t kMissingMax = 1000;
constexpr std::size_t kFactsMax = 20'000;
/// Markets open and close seldom.
constexpr std::chrono::hours kStatusAge{1};
/// Answers kept of each kind: a person's, not an archive.
constexpr std::size_t kAnswersMax = 64;
constexpr std::size_t kInfosMax = 8;
constexpr std::int64_t kBadSymbol = -1121;
/// The exchange's own limit, ^[A-Z0-9-_.]{1,20}$; what it is for other scripts is not known.
constexpr std::size_t kAsciiSymbolBytesMax = 20;

Error no_such_market(const std::string& symbol) {
  return {.kind = ErrorKind::kValidation,
          .message = "The exchange has no market " + printable(symbol, kSymbolBytesMax) + ".",
          .advice = "Check the spelling; testnet does not have every market.",
          .code = kBadSymbol,
          .code_name = "BAD_SYMBOL"};
}

/// What the exchange would refuse as malformed needs not be asked for. Names may be of any script;
/// Latin letters are upper case.
bool may_exist(const std::string& symbol) {
  if (!is_symbol(symbol)) return false;
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (symbol.size() > kAsciiSymbolBytesMax && std::ranges::all_of(symbol, is_ascii)) return false;
  return std::ranges::none_of(symbol, [](char c) { return 'a' <= c && c <= 'z'; });
}

template <class... Texts>
std::uint64_t number_of(const Texts&... texts) {
  std::string all;
  ((all += texts, all += ' '), ...);
  return std::hash<std::string>{}(all);
}
std::uint64_t number_of(const Ticker24h& row) {
  return number_of(std::to_string(row.trades), row.last.text(), row.volume.text());
}
std::uint64_t number_of(const Price& row) { return number_of(row.price.text()); }
std::uint64_t number_of(const BookTicker& row) {
  return number_of(row.bid.text(), row.bid_quantity.text(), row.ask.text(),
                   row.ask_quantity.text());
}

std::string key_of(const std::vector<std::string>& symbols) {
  std::string key;
  for (const std::string& symbol : symbols) key += symbol + ' ';
  return key;
}

}  // namespace

Market::Market(std::shared_ptr<Exchange> exchange, std::optional<Credentials> credentials,
               MarketOptions options)
    : exchange_(std::move(exchange)),
      clock_(exchange_, &exchange_->clock()),
      fresh_(options.fresh),
      client_(exchange_, std::move(credentials),
              [this](const Call& call) { return whole_names(call); }),
      keeper_(std::make_shared<Keeper>(Client(exchange_), options.keeper)),
      candles_(exchange_, keeper_, options.candles),
      tickers_(clock_, options.fresh, kAnswersMax),
      prices_(clock_, options.fresh, kAnswersMax),
      book_tickers_(clock_, options.fresh, kAnswersMax),
      infos_(clock_, kRulesAge, kInfosMax),
      order_books_(clock_, options.fresh, kAnswersMax),
      trades_(clock_, options.fresh, kAnswersMax) {
  if (!options.streams.enabled) return;
  books_ = std::make_unique<Books>(Client(exchange_), [this](const std::string& symbol) {
    streams_->replace({.kind = StreamKind::kDepth, .symbol = symbol});
  });
  streams_ = std::make_unique<Streams>(
      std::move(options.streams), exchange_,
      Streams::CandleKeeper{
          .heard =
              [this](const CandleEvent& event) {
                candles_.heard(event.symbol, event.interval, event.row, event.at);
              },
          .doubted = [this](const std::string& symbol,
                            Interval interval) { candles_.doubted(symbol, interval); }},
      Streams::BookKeeper{
          .changed =
              [this](const std::string& symbol, std::string_view data, std::uint64_t connection) {
                return books_->heard(symbol, data, connection);
              },
          .doubted = [this](const std::string& symbol) { books_->doubted(symbol); },
          .top = [this](const BookTickerEvent& top) { books_->heard(top); }},
      std::move(options.stream_log));
}

/// Books and streams call each other, so the books' own thread ends first.
Market::~Market() {
  if (books_ != nullptr) books_->stop();
}

// ---- what streams say

/// Part of a question's name: what was asked before the streams' last word is another question.
std::string Market::since(StreamKind kind, const std::vector<std::string>& symbols) const {
  if (streams_ == nullptr) return {};
  std::uint64_t last = 0;
  for (const std::string& symbol : symbols) {
    last = std::max(last, streams_->moves({.kind = kind, .symbol = symbol}));
  }
  return last == 0 ? std::string() : std::to_string(last);
}

/// What REST says of markets that are watched is a witness of whether they move.
template <class Row>
void Market::show(StreamKind kind, const std::vector<Row>& rows) const {
  if (streams_ == nullptr) return;
  for (const Row& row : rows) {
    streams_->seen({.kind = kind, .symbol = row.symbol}, number_of(row));
  }
}

/// An answer that is not kept here: whoever asks next gets a newer one. It says that it is good for
/// as long as others are.
template <class T>
typename Fresh<T>::Shared Market::shared(T answer) const {
  return {std::make_shared<const T>(std::move(answer)),
          clock_->now() + std::chrono::duration_cast<Instant::duration>(fresh_)};
}

std::optional<TickerListing> Market::streamed_tickers(
    const std::vector<std::string>& symbols) const {
  if (!without_facts(symbols).empty()) return std::nullopt;
  TickerListing listing{};
  for (const std::string& symbol : symbols) {
    const auto event = streams_->ticker(symbol);
    if (!event) return std::nullopt;
    listing.clock = std::max(listing.clock, event->at);
    listing.answer.rows.push_back(*event);
  }
  add_facts(listing);
  return listing;
}

std::optional<Listing<Price>> Market::streamed_prices(
    const std::vector<std::string>& symbols) const {
  Listing<Price> listing{};
  for (const std::string& symbol : symbols) {
    const auto event = streams_->price(symbol);
    if (!event) return std::nullopt;
    listing.clock = std::max(listing.clock, event->at);
    listing.answer.rows.push_back(*event);
  }
  return listing;
}

std::optional<Listing<BookTicker>> Market::streamed_book_tickers(
    const std::vector<std::string>& symbols, const Call& call) {
  Listing<BookTicker> listing{};
  for (const std::string& symbol : symbols) {
    const auto event = streams_->book_ticker(symbol);
    if (!event) return std::nullopt;
    listing.answer.rows.push_back(*event);
  }
  listing.clock = keeper_->time(call).stated;  // these have no time of their own
  return listing;
}

// ---- which markets there are

Status Market::check_symbol(const std::string& symbol) {
  if (without_missing({symbol}).empty()) return no_such_market(symbol);
  return Done{};
}

/// Each once, without those that are known not to exist.
std::vector<std::string> Market::without_missing(const std::vector<std::string>& symbols) {
  std::vector<std::string> wanted;
  std::unordered_set<std::string_view> seen;
  const std::lock_guard lock(mutex_);
  for (const std::string& symbol : symbols) {
    if (!seen.insert(symbol).second) continue;
    const auto found = missing_.find(symbol);
    const bool missing = !may_exist(symbol) ||
                         (found != missing_.end() && clock_->now() - found->second < kMissingAge);
    if (!missing) wanted.push_back(symbol);
  }
  return wanted;
}

void Market::remember_missing(const std::vector<std::string>& symbols) {
  const Instant now = clock_->now();
  const std::lock_guard lock(mutex_);
  for (const std::string& symbol : symbols) {
    if (missing_.size() >= kMissingMax) {
      std::erase_if(missing_, [&](const auto& entry) { return now - entry.second >= kMissingAge; });
    }
    if (missing_.size() < kMissingMax) missing_.insert_or_assign(symbol, now);
  }
}

std::shared_ptr<const std::vector<std::string>> Market::names(const Call& call) {
  static const auto kNone = std::make_shared<const std::vector<std::string>>();
  {
    const std::lock_guard lock(mutex_);
    if (are_names_fresh()) return named_.names;
    if (clock_->now() < names_not_before_) return named_.names ? named_.names : kNone;
  }
  const auto info = symbols({}, call);
  if (!info) {
    const std::lock_guard lock(mutex_);
    names_not_before_ = clock_->now() + kNamesPause;
    return named_.names ? named_.names : kNone;
  }
  auto names = std::make_shared<std::vector<std::string>>();
  for (const SymbolInfo& symbol : (*info)->symbols) names->push_back(symbol.symbol);
  bool is_whole = true;
  for (const Rejected& one : (*info)->rejected) {
    if (one.symbol.empty()) {
      is_whole = false;
    } else {
      names->push_back(one.symbol);
    }
  }
  const std::lock_guard lock(mutex_);
  named_ = {.names = std::move(names), .at = clock_->now(), .is_whole = is_whole};
  return named_.names;
}

/// For telling which markets do not exist; empty when that cannot be told.
std::shared_ptr<const std::vector<std::string>> Market::whole_names(const Call& call) {
  auto found = names(call);
  const std::lock_guard lock(mutex_);
  return named_.is_whole ? found : nullptr;
}

/// REQUIRES: locked.
bool Market::are_names_fresh() const {
  return named_.names && clock_->now() - named_.at < kNamesAge;
}

bool Market::knows_names() const {
  const std::lock_guard lock(mutex_);
  return are_names_fresh();
}

/// Those of which the quote asset is not known, or the status was told too long ago.
std::vector<std::string> Market::without_facts(const std::vector<std::string>& symbols) const {
  std::vector<std::string> unknown;
  const Instant now = clock_->now();
  const std::lock_guard lock(mutex_);
  for (const std::string& symbol : symbols) {
    const auto known = facts_.find(symbol);
    const bool old = known != facts_.end() && now - known->second.at >= kStatusAge;
    if (known == facts_.end() || (old && now >= statuses_not_before_)) unknown.push_back(symbol);
  }
  return unknown;
}

void Market::remember_facts(const ExchangeInfo& info) {
  const Instant now = clock_->now();
  const std::lock_guard lock(mutex_);
  for (const SymbolInfo& symbol : info.symbols) {
    if (facts_.size() >= kFactsMax && !facts_.contains(symbol.symbol)) continue;
    facts_.insert_or_assign(
        symbol.symbol,
        Facts{.quote_asset = symbol.quote_asset, .status = symbol.status_text, .at = now});
  }
}

std::optional<std::string> Market::status_of(const std::string& symbol) const {
  const Instant now = clock_->now();
  const std::lock_guard lock(mutex_);
  const auto known = facts_.find(symbol);
  if (known == facts_.end() || now - known->second.at >= kStatusAge) return std::nullopt;
  if (known->second.status.empty()) return std::nullopt;
  return known->second.status;
}

// ---- datasets

Result<CandleStore::Answer> Market::candles(const std::string& symbol, Interval interval,
                                            const CandleQuestion& question, const Call& call) {
  if (auto exists = check_symbol(symbol); !exists) return std::move(exists).error();
  auto answer = candles_.get(symbol, interval, question, call);
  if (!answer && answer.error().code == kBadSymbol) remember_missing({symbol});
  if (answer && streams_ != nullptr && !question.start && !question.end && !answer->rows.empty()) {
    const Candle& last = answer->rows.back();
    streams_->seen({.kind = StreamKind::kKline, .symbol = symbol, .interval = interval},
                   number_of(std::to_string(last.open_ms), std::to_string(last.trades)));
  }
  return answer;
}

/// Does not ask for what is known not to exist; whoever reads the answer sees that it is not there.
template <class Listed, class Look, class Ask>
Market::Answer<Listed> Market::list(Fresh<Listed>& kept, StreamKind kind,
                                    const std::vector<std::string>& symbols, const Call& call,
                                    const Look& look, const Ask& ask) {
  keeper_->wake();
  const std::vector<std::string> wanted = without_missing(symbols);
  if (wanted.empty() && !symbols.empty()) return no_such_market(symbols.front());
  if (streams_ != nullptr && !wanted.empty()) {
    if (auto streamed = look(wanted)) return shared(*std::move(streamed));
  }
  auto answer = kept.get(key_of(wanted) + since(kind, wanted), call,
                         [&](const Call& own) { return ask(wanted, own); });
  if (!answer && answer.error().code == kBadSymbol) remember_missing(wanted);
  return answer;
}

/// Why it could not be done, or "". A market that does not exist is none of its business.
std::string Market::ask_facts(const std::vector<std::string>& symbols, const Call& call) {
  const auto info = client_.exchange_info(symbols, call);
  if (info) remember_facts(*info);
  const bool no_such = !info && info.error().code == kBadSymbol;
  if (info) {
    remember_silence(symbols, info->missing);
  } else if (no_such) {
    remember_silence(symbols, symbols);
  } else if (info.error().kind == ErrorKind::kProtocol) {
    remember_silence(symbols, {});
  }
  if (info || no_such) return {};
  const std::lock_guard lock(mutex_);
  statuses_not_before_ = clock_->now() + kNamesPause;
  return info.error().message;
}

/// A market whose row cannot be read, or is gone, must not be asked about beside every ticker: for
/// a while it is known that nothing is known of it. Of the `missing`, which anybody can invent,
/// only those that were known before.
void Market::remember_silence(const std::vector<std::string>& symbols,
                              const std::vector<std::string>& missing) {
  const Instant now = clock_->now();
  const std::lock_guard lock(mutex_);
  for (const std::string& symbol : symbols) {
    const auto known = facts_.find(symbol);
    if (known != facts_.end()) {
      if (now - known->second.at < kStatusAge) continue;
      known->second.status.clear();
      known->second.at = now - kStatusAge + kNamesPause;
    } else if (facts_.size() < kFactsMax && std::ranges::find(missing, symbol) == missing.end()) {
      facts_[symbol] = {.quote_asset = {}, .status = {}, .at = now - kStatusAge + kNamesPause};
    }
  }
}

Result<TickerListing> Market::ask_tickers(const std::vector<std::string>& symbols,
                                          const Call& call) {
  // Who knows all names knows their quote assets: what is unknown then was invented, or is new.
  std::vector<std::string> unknown;
  if (!knows_names()) unknown = without_facts(symbols);
  std::future<std::string> problem;
  if (!unknown.empty()) {
    problem = std::async(std::launch::async, [&] { return ask_facts(unknown, call); });
  }
  auto tickers = client_.tickers(symbols, call);
  TickerListing listing;
  if (problem.valid()) listing.quote_assets_problem = problem.get();
  if (!tickers) return std::move(tickers).error();
  listing.answer = *std::move(tickers);
  show(StreamKind::kTicker, listing.answer.rows);
  remember_missing(listing.answer.missing);
  if (unknown.empty() && !symbols.empty()) {
    std::vector<std::string> found;
    for (const Ticker24h& row : listing.answer.rows) found.push_back(row.symbol);
    unknown = without_facts(found);
    if (!unknown.empty()) listing.quote_assets_problem = ask_facts(unknown, call);
  }
  listing.clock = keeper_->time(call).stated;
  add_facts(listing);
  return listing;
}

void Market::add_facts(TickerListing& listing) const {
  bool all_known = true;
  for (const Ticker24h& row : listing.answer.rows) {
    listing.statuses.push_back(status_of(row.symbol));
    const std::lock_guard lock(mutex_);
    const auto facts = facts_.find(row.symbol);
    const bool known = facts != facts_.end() && !facts->second.quote_asset.empty();
    all_known = all_known && known;
    listing.quote_assets.push_back(known ? std::optional(facts->second.quote_asset) : std::nullopt);
  }
  std::string& problem = listing.quote_assets_problem;
  if (all_known) {
    problem.clear();  // what failed was about nothing but statuses, which are null then
  } else if (problem.empty()) {
    problem = "its list of markets has no row of one of them that can be read.";
  }
}

Market::Answer<TickerListing> Market::tickers(const std::vector<std::string>& symbols,
                                              const Call& call) {
  return list(
      tickers_, StreamKind::kTicker, symbols, call,
      [&](const auto& wanted) { return streamed_tickers(wanted); },
      [&](const auto& wanted, const Call& own) { return ask_tickers(wanted, own); });
}

Market::Answer<Listing<Price>> Market::prices(const std::vector<std::string>& symbols,
                                              const Call& call) {
  return list(
      prices_, StreamKind::kMiniTicker, symbols, call,
      [&](const auto& wanted) { return streamed_prices(wanted); },
      [&](const auto& wanted, const Call& own) -> Result<Listing<Price>> {
        auto rows = client_.prices(wanted, own);
        if (!rows) return std::move(rows).error();
        show(StreamKind::kMiniTicker, rows->rows);
        remember_missing(rows->missing);
        return Listing<Price>{*std::move(rows), keeper_->time(own).stated};
      });
}

Market::Answer<Listing<BookTicker>> Market::book_tickers(const std::vector<std::string>& symbols,
                                                         const Call& call) {
  return list(
      book_tickers_, StreamKind::kBookTicker, symbols, call,
      [&](const auto& wanted) { return streamed_book_tickers(wanted, call); },
      [&](const auto& wanted, const Call& own) -> Result<Listing<BookTicker>> {
        auto rows = client_.book_tickers(wanted, own);
        if (!rows) return std::move(rows).error();
        show(StreamKind::kBookTicker, rows->rows);
        remember_missing(rows->missing);
        return Listing<BookTicker>{*std::move(rows), keeper_->time(own).stated};
      });
}

Market::Answer<ExchangeInfo> Market::symbols(const std::vector<std::string>& symbols,
                                             const Call& call) {
  return list(
      infos_, StreamKind::kTicker, symbols, call,
      [](const auto&) { return std::optional<ExchangeInfo>(); },
      [&](const auto& wanted, const Call& own) -> Result<ExchangeInfo> {
        auto info = client_.exchange_info(wanted, own);
        if (!info) return info;
        remember_missing(info->missing);
        remember_facts(*info);
        return info;
      });
}

Market::Answer<Dated<OrderBook>> Market::order_book(const std::string& symbol, int depth,
                                                    const Call& call) {
  if (auto exists = check_symbol(symbol); !exists) return std::move(exists).error();
  keeper_->wake();
  if (books_ != nullptr) {
    if (auto known = books_->find(symbol, depth)) {
      const Time at = known->at ? *known->at : keeper_->time(call).stated;
      return shared(Dated<OrderBook>{std::move(known->book), at});
    }
  }
  auto answer = order_books_.get(
      symbol + ' ' + std::to_string(depth) + ' ' + since(StreamKind::kDepth, {symbol}), call,
      [&](const Call& own) -> Result<Dated<OrderBook>> {
        auto book = client_.order_book(symbol, depth, own);
        if (!book) return std::move(book).error();
        if (streams_ != nullptr && book->last_update_id) {
          streams_->seen({.kind = StreamKind::kDepth, .symbol = symbol},
                         static_cast<std::uint64_t>(*book->last_update_id));
        }
        return Dated<OrderBook>{*std::move(book), keeper_->time(own).stated};
      });
  if (!answer && answer.error().code == kBadSymbol) remember_missing({symbol});
  return answer;
}

Market::Answer<Dated<Trades>> Market::trades(const std::string& symbol, int limit,
                                             const Call& call) {
  if (auto exists = check_symbol(symbol); !exists) return std::move(exists).error();
  keeper_->wake();
  if (streams_ != nullptr) {
    if (auto known = streams_->trades(symbol, static_cast<std::size_t>(limit))) {
      const Time at = std::ranges::max(*known, {}, &Trade::time).time;
      return shared(
          Dated<Trades>{{.rows = *std::move(known), .unreadable = 0, .unreadable_reason = {}}, at});
    }
  }
  auto answer =
      trades_.get(symbol + ' ' + std::to_string(limit) + ' ' + since(StreamKind::kTrade, {symbol}),
                  call, [&](const Call& own) -> Result<Dated<Trades>> {
                    auto trades = client_.trades(symbol, limit, own);
                    if (!trades) return std::move(trades).error();
                    if (streams_ != nullptr && !trades->rows.empty()) {
                      streams_->seen({.kind = StreamKind::kTrade, .symbol = symbol},
                                     static_cast<std::uint64_t>(trades->rows.back().id));
                    }
                    if (streams_ != nullptr && trades->unreadable == 0) {
                      streams_->join_trades(symbol, trades->rows);
                    }
                    return Dated<Trades>{*std::move(trades), keeper_->time(own).stated};
                  });
  if (!answer && answer.error().code == kBadSymbol) remember_missing({symbol});
  return answer;
}

Result<Dated<Account>> Market::account(const Call& call) {
  keeper_->wake();
  auto account = client_.account(call);
  if (!account) return std::move(account).error();
  return Dated<Account>{*std::move(account), keeper_->time(call).stated};
}

Market::Counts Market::answer_counts() const {
  Counts counts;
  const auto add = [&](const auto& kept) {
    const auto one = kept.counts();
    counts.hits += one.hits;
    counts.misses += one.misses;
  };
  add(tickers_);
  add(prices_);
  add(book_tickers_);
  add(infos_);
  add(order_books_);
  add(trades_);
  return counts;
}

}  // namespace bourse::binance
