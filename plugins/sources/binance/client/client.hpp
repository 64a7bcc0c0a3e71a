// SPDX-License-Identifier: MIT
//
// Client: the exchange's data as checked models, one function for each kind.
//
//   auto exchange = Exchange::open({.site = Site::kData});
//   if (!exchange) return report(exchange.error());
//   Client client(*exchange);
//   auto candles = client.candles({.symbol = "BTCUSDT", .interval = *Interval::parse("1h"),
//                                  .limit = 2000}, within(5s));
//   if (!candles) return report(candles.error());       // .kind, .message, .advice, .until ...
//   for (const Decimal close : candles->close()) ...
//
// Calls block until they have the answer, an error or the deadline; make them from as many threads
// as you like. Limits, retries, clocks and connections are taken care of: see exchange.hpp.
//
// Weights, of the 6000 or so a minute that the exchange grants an IP address: candles 2 for each
// 1000; tickers 2 up to 20 symbols, 40 up to 100, else 80; prices and book tickers 2 or 4; order
// book 5, 25, 50 or 250, by depth; trades 25; exchange info and account 20.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bourse/interval.hpp"
#include "plugins/sources/binance/client/credentials.hpp"
#include "plugins/sources/binance/client/exchange.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

/// Without start: the newest `limit` candles up to end. With start: the oldest `limit` from there
/// up to end. Both ends count by open time and are inclusive.
struct CandlesRequest {
  std::string symbol;
  Interval interval;
  std::size_t limit = 500;  ///< 1 to kCandlesMax
  std::optional<Time> start = {};
  std::optional<Time> end = {};
};
inline constexpr std::size_t kCandlesMax = 100'000;
/// In one call of tickers(), prices(), book_tickers() or exchange_info().
inline constexpr std::size_t kSymbolsMax = 500;

/// Markets that exist, as somebody remembers them: all, or none when not all are known.
using KnownNames = std::function<std::shared_ptr<const std::vector<std::string>>(const Call& call)>;

class Client {
 public:
  /// `credentials` are needed by account() only. The exchange refuses a list for one unknown name
  /// in it: then those of the list that are among `known` are asked for; without `known`, all
  /// markets, at a weight of 80 for tickers.
  explicit Client(std::shared_ptr<Exchange> exchange, std::optional<Credentials> credentials = {},
                  KnownNames known = {})
      : exchange_(std::move(exchange)),
        credentials_(std::move(credentials)),
        known_(std::move(known)) {}

  /// Sets the clock and reads the rate limits. Not needed, but limits are halved until then: do it
  /// once, when there is time.
  Status prepare(const Call& call);

  Status ping(const Call& call);
  Result<Time> server_time(const Call& call);

  /// In pages of 1000. Fewer than `limit`: there are no more. Missing ones are reported, not made
  /// up; those that cannot be read do not count, and are listed.
  Result<Candles> candles(const CandlesRequest& request, const Call& call);

  /// Rows in the order asked, each symbol once; all markets when none is named. Symbols that do not
  /// exist are listed as missing; when none of them exists, that is the exchange's error -1121.
  Result<Rows<Ticker24h>> tickers(const std::vector<std::string>& symbols, const Call& call);
  Result<Rows<Price>> prices(const std::vector<std::string>& symbols, const Call& call);
  Result<Rows<BookTicker>> book_tickers(const std::vector<std::string>& symbols, const Call& call);
  /// The same for trading rules. Also takes the rate limits that come with them to heart.
  Result<ExchangeInfo> exchange_info(const std::vector<std::string>& symbols, const Call& call);

  /// `depth` levels of each side, 1 to 5000; thin markets have fewer.
  Result<OrderBook> order_book(const std::string& symbol, int depth, const Call& call);
  /// The newest `limit`, 1 to 1000, oldest first.
  Result<Trades> trades(const std::string& symbol, int limit, const Call& call);

  /// Of the key's owner; balances of zero are left out.
  Result<Account> account(const Call& call);

  [[nodiscard]] RateState rate_state() const { return exchange_->rate_state(); }
  [[nodiscard]] Exchange& exchange() const noexcept { return *exchange_; }

 private:
  template <class T, class Parse>
  Result<T> ask(const Exchange::Request& request, const Call& call, Parse parse);
  template <class Row>
  Result<Rows<Row>> ask_rows(Endpoint endpoint, const std::vector<std::string>& symbols,
                             Result<Rows<Row>> (*parse)(std::string& body), const Call& call);
  Result<std::vector<std::string>> existing(const std::vector<std::string>& symbols,
                                            const Call& call) const;
  Result<Candles> ask_page(const CandlesRequest& request, std::size_t rows,
                           std::optional<std::int64_t> start_ms, std::optional<std::int64_t> end_ms,
                           const Call& call);
  Result<std::vector<Candles>> pages_from(const CandlesRequest& request, const Call& call);
  Result<std::vector<Candles>> pages_up_to(const CandlesRequest& request, const Call& call);

  std::shared_ptr<Exchange> exchange_;
  std::optional<Credentials> credentials_;
  KnownNames known_;
};

}  // namespace bourse::binance
