// SPDX-License-Identifier: MIT
//
// Streams: what the exchange says by itself, for who watches questions and for who answers them.
//
// The first watch starts a thread and a connection; a minute after the last one ended the
// connection is closed, and the thread sleeps. What the streams say is kept here as the newest rows
// of each market, merged by what identifies them: tickers and prices by their time, best prices by
// the number of their update, trades by theirs. Candles go to whoever keeps candles. After any
// doubt nothing is known of a stream until its next data: then REST has to be asked.
//
// Any thread, unless it says otherwise.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugins/sources/binance/client/exchange.hpp"
#include "plugins/sources/binance/streams/events.hpp"
#include "plugins/sources/binance/streams/feed.hpp"
#include "plugins/sources/binance/streams/stream_name.hpp"
#include "plugins/sources/binance/streams/trade_tape.hpp"
#include "plugins/sources/binance/streams/web_sockets.hpp"

namespace bourse::binance {

struct StreamOptions {
  bool enabled = false;
  Origin origin = {};  ///< of the streams
  FeedOptions feed = {};
};

/// Where a site's streams are.
Origin stream_origin_of(Site site);
/// "wss://host:port" of any host, "ws://host:port" of this machine only, nothing behind the port.
Result<Origin> parse_stream_url(const std::string& url);

class Streams final : private FeedSink, private SocketEvents {
 public:
  /// Who keeps candles. Called on the streams' thread; must be quick.
  struct CandleKeeper {
    std::function<void(const CandleEvent& event)> heard;
    std::function<void(const std::string& symbol, Interval interval)> doubted;
  };
  /// Who keeps order books; likewise. `changed` returns false for what it cannot read.
  struct BookKeeper {
    std::function<bool(const std::string& symbol, std::string_view data, std::uint64_t connection)>
        changed;
    std::function<void(const std::string& symbol)> doubted;
    std::function<void(const BookTickerEvent& top)> top;
  };
  using Log = std::function<void(const FeedNews& news)>;

  /// Connects to nothing.
  Streams(StreamOptions options, std::shared_ptr<Exchange> exchange, CandleKeeper candles,
          BookKeeper books, Log log);
  ~Streams() override;
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  /// `changed` is called whenever one of these streams says something, may have, or is not live; it
  /// must be cheap and call nothing here. An error: there is no room for so many, or no thread.
  Result<std::uint64_t> watch(std::vector<StreamName> names, std::function<void()> changed);
  /// After it has returned, that `changed` is not called, and no such call is running. Waits for
  /// nothing else.
  void unwatch(std::uint64_t token);

  /// Grows with whatever this stream says or may have missed: an answer of REST that was asked for
  /// before may be an older one. The numbers of all streams are one row. 0: nothing was heard of
  /// it.
  [[nodiscard]] std::uint64_t moves(const StreamName& name) const;

  /// What the streams know; nullopt: nothing, or not surely the newest.
  [[nodiscard]] std::optional<TickerEvent> ticker(const std::string& symbol) const;
  [[nodiscard]] std::optional<PriceEvent> price(const std::string& symbol) const;
  [[nodiscard]] std::optional<BookTickerEvent> book_ticker(const std::string& symbol) const;

  /// The newest trades, oldest first.
  [[nodiscard]] std::optional<std::vector<Trade>> trades(const std::string& symbol,
                                                         std::size_t limit) const;
  /// What REST said of them, oldest first: the stream goes on from there.
  void join_trades(const std::string& symbol, const std::vector<Trade>& rows);

  /// What REST has just said of it, as a number that another answer hardly has too. Answers that
  /// differ while the stream is silent tell that its market moves.
  void seen(const StreamName& name, std::uint64_t answer);

  /// Somebody knows that this stream is dead, though nothing shows.
  void replace(const StreamName& name);

  [[nodiscard]] const Origin& origin() const noexcept { return options_.origin; }
  /// Of the last look, at most a second ago while there are streams.
  [[nodiscard]] FeedState state() const;
  [[nodiscard]] std::size_t watches() const;

 private:
  struct Watch {
    std::vector<std::string> streams;
    std::function<void()> changed;
  };
  template <class Event>
  using Newest = std::unordered_map<std::string, Event>;

  // FeedSink and SocketEvents, on the thread.
  bool heard(const std::string& stream, std::string_view data, std::uint64_t connection) override;
  void doubted(const std::string& stream, Doubt why) override;
  void news(const FeedNews& news) override;
  void shut_out(const Error& error) override;
  void opened(std::uint64_t socket) override;
  void message(std::uint64_t socket, std::string& text) override;
  void ended(std::uint64_t socket, const Error& why) override;

  Status start();
  void look();
  void tell(const std::string& stream);
  bool take(const StreamName& name, std::string_view data, std::uint64_t connection);
  bool take_candle(const StreamName& name, std::string_view data);
  bool take_ticker(const StreamName& name, std::string_view data);
  bool take_price(const StreamName& name, std::string_view data);
  bool take_top(const StreamName& name, std::string_view data);
  bool take_trade(const StreamName& name, std::string_view data);
  [[nodiscard]] Instant now() const { return std::chrono::steady_clock::now(); }

  const StreamOptions options_;
  const std::shared_ptr<Exchange> exchange_;
  const CandleKeeper candles_;
  const BookKeeper books_;
  const Log log_;
  const std::shared_ptr<Random> random_;

  // On the thread only.
  std::optional<Feed> feed_;
  bool is_ticking_ = false;

  mutable std::mutex data_mutex_;
  Newest<TickerEvent> tickers_;
  Newest<PriceEvent> prices_;
  Newest<BookTickerEvent> book_tickers_;
  std::unordered_map<std::string, TradeTape> tapes_;
  std::unordered_map<std::string, std::uint64_t> moves_;  ///< the number of its last one
  std::uint64_t moves_so_far_ = 0;
  std::unordered_map<std::string, std::uint64_t> seen_;  ///< by REST, of streams that are watched
  FeedState state_;

  /// Held while sinks are told, so that who ends a watch waits for that and nothing else.
  mutable std::mutex watch_mutex_;
  std::map<std::uint64_t, Watch> watches_;
  std::unordered_map<std::string, std::vector<std::uint64_t>> by_stream_;
  std::uint64_t last_token_ = 0;

  std::mutex start_mutex_;
  std::unique_ptr<WebSockets> sockets_;  ///< the last member: its thread uses all others
};

}  // namespace bourse::binance
