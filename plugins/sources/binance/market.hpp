// SPDX-License-Identifier: MIT
//
// Market: what the datasets need of the exchange, with as few requests as possible.
//
// Equal questions are asked once; answers are good for `fresh`, those about trading rules longer.
// Which asset a market is quoted in is remembered, as that never changes, and its status for an
// hour; where they are not known they are asked for beside the ticker, not after it. A stranger's
// invented names cost no more than the exchange's refusal of them: see Client.
//
// What the exchange's streams say, because somebody watches, is answered from them without asking;
// where they do not say it, or may have missed something, the exchange is asked, and no answer is
// given again that is older than what a stream has said since. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/sources/binance/books.hpp"
#include "plugins/sources/binance/candle_store.hpp"
#include "plugins/sources/binance/client/client.hpp"
#include "plugins/sources/binance/fresh.hpp"
#include "plugins/sources/binance/keeper.hpp"
#include "plugins/sources/binance/streams/streams.hpp"

namespace bourse::binance {

struct MarketOptions {
  CandleStore::Options candles = {};
  std::chrono::nanoseconds fresh = std::chrono::seconds(1);
  KeeperOptions keeper = {};
  StreamOptions streams = {};
  Streams::Log stream_log = {};
};

/// Rows in the order asked, each market once, and when they were true by the exchange's clock.
template <class Row>
struct Listing {
  Rows<Row> answer;
  Time clock;
};
struct TickerListing {
  Rows<Ticker24h> answer;
  std::vector<std::optional<std::string>> quote_assets, statuses;  ///< of each row
  std::string quote_assets_problem;  ///< why some could not be had; or ""
  Time clock;                        ///< the exchange's, when it was asked
};
template <class T>
struct Dated {
  T data;
  Time clock;
};

class Market {
 public:
  template <class T>
  using Answer = Result<typename Fresh<T>::Shared>;

  Market(std::shared_ptr<Exchange> exchange, std::optional<Credentials> credentials,
         MarketOptions options);
  ~Market();
  Market(const Market&) = delete;
  Market& operator=(const Market&) = delete;

  Result<CandleStore::Answer> candles(const std::string& symbol, Interval interval,
                                      const CandleQuestion& question, const Call& call);
  /// Markets that do not exist are listed as missing. When none exists, that is the error -1121.
  Answer<TickerListing> tickers(const std::vector<std::string>& symbols, const Call& call);
  Answer<Listing<Price>> prices(const std::vector<std::string>& symbols, const Call& call);
  Answer<Listing<BookTicker>> book_tickers(const std::vector<std::string>& symbols,
                                           const Call& call);
  /// All when none is named.
  Answer<ExchangeInfo> symbols(const std::vector<std::string>& symbols, const Call& call);
  Answer<Dated<OrderBook>> order_book(const std::string& symbol, int depth, const Call& call);
  Answer<Dated<Trades>> trades(const std::string& symbol, int limit, const Call& call);
  /// Never kept.
  Result<Dated<Account>> account(const Call& call);

  /// Whether it trades, in the exchange's words, as far as an answer of the last hour has told:
  /// nobody is asked.
  [[nodiscard]] std::optional<std::string> status_of(const std::string& symbol) const;

  /// All markets' names, to find the one that was meant; at most five minutes old. Empty when they
  /// cannot be had: then an error says a little less.
  std::shared_ptr<const std::vector<std::string>> names(const Call& call);

  /// Null: switched off.
  [[nodiscard]] Streams* streams() const noexcept { return streams_.get(); }
  /// Null where there are no streams.
  [[nodiscard]] Books* books() const noexcept { return books_.get(); }
  /// An error for a market of which it is known that there is none.
  Status check_symbol(const std::string& symbol);

  /// For how long an answer that may change is given again.
  [[nodiscard]] std::chrono::nanoseconds fresh() const noexcept { return fresh_; }
  [[nodiscard]] Client& client() noexcept { return client_; }
  [[nodiscard]] const Client& client() const noexcept { return client_; }
  [[nodiscard]] Exchange& exchange() const noexcept { return *exchange_; }
  [[nodiscard]] CandleStore::State candle_state() const { return candles_.state(); }
  struct Counts {
    std::int64_t hits = 0, misses = 0;
  };
  [[nodiscard]] Counts answer_counts() const;

 private:
  struct Named {
    std::shared_ptr<const std::vector<std::string>> names;
    Instant at;
    bool is_whole = false;  ///< no row of the listing lacked its name
  };
  /// What the list of markets says of one; "": nothing that can be read.
  struct Facts {
    std::string quote_asset, status;
    Instant at;
  };

  template <class Listed, class Look, class Ask>
  Answer<Listed> list(Fresh<Listed>& kept, StreamKind kind, const std::vector<std::string>& symbols,
                      const Call& call, const Look& look, const Ask& ask);
  template <class T>
  [[nodiscard]] typename Fresh<T>::Shared shared(T answer) const;
  template <class Row>
  void show(StreamKind kind, const std::vector<Row>& rows) const;
  [[nodiscard]] std::string since(StreamKind kind, const std::vector<std::string>& symbols) const;
  [[nodiscard]] std::optional<TickerListing> streamed_tickers(
      const std::vector<std::string>& symbols) const;
  [[nodiscard]] std::optional<Listing<Price>> streamed_prices(
      const std::vector<std::string>& symbols) const;
  [[nodiscard]] std::optional<Listing<BookTicker>> streamed_book_tickers(
      const std::vector<std::string>& symbols, const Call& call);
  Result<TickerListing> ask_tickers(const std::vector<std::string>& symbols, const Call& call);
  std::string ask_facts(const std::vector<std::string>& symbols, const Call& call);
  std::vector<std::string> without_missing(const std::vector<std::string>& symbols);
  void remember_missing(const std::vector<std::string>& symbols);
  std::shared_ptr<const std::vector<std::string>> whole_names(const Call& call);
  [[nodiscard]] bool are_names_fresh() const;
  [[nodiscard]] bool knows_names() const;
  std::vector<std::string> without_facts(const std::vector<std::string>& symbols) const;
  void remember_facts(const ExchangeInfo& info);
  void remember_silence(const std::vector<std::string>& symbols,
                        const std::vector<std::string>& missing);
  void add_facts(TickerListing& listing) const;

  const std::shared_ptr<Exchange> exchange_;
  const std::shared_ptr<const Clock> clock_;
  const std::chrono::nanoseconds fresh_;
  Client client_;
  const std::shared_ptr<Keeper> keeper_;
  CandleStore candles_;
  Fresh<TickerListing> tickers_;
  Fresh<Listing<Price>> prices_;
  Fresh<Listing<BookTicker>> book_tickers_;
  Fresh<ExchangeInfo> infos_;
  Fresh<Dated<OrderBook>> order_books_;
  Fresh<Dated<Trades>> trades_;

  mutable std::mutex mutex_;
  std::map<std::string, Facts> facts_;
  std::map<std::string, Instant> missing_;  ///< and when that was seen
  Named named_;
  Instant names_not_before_{}, statuses_not_before_{};

  std::unique_ptr<Books> books_;
  std::unique_ptr<Streams> streams_;  ///< the last member: its thread tells candles and books
};

}  // namespace bourse::binance
