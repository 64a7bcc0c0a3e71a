// SPDX-License-Identifier: MIT
//
// Source: the datasets of market.h out of a recording, as it was known at one time. Any thread, but
// for show().
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/call.hpp"
#include "bourse/declare.hpp"
#include "bourse/host.hpp"
#include "bourse/symbols.hpp"
#include "plugins/sources/replay/candles.hpp"
#include "plugins/sources/replay/notes.hpp"
#include "plugins/sources/replay/recording.hpp"

namespace bourse::replay {

class Source {
 public:
  /// Reads the folder, as load() does, and logs what it has to say of it. `now`: the time at which
  /// the market is shown; without it, the end of the recording.
  Source(const std::string& folder, std::optional<Time> now, Host host);

  /// For who shows one time after another. It shows the end.
  Source(const std::string& folder, Host host);

  /// From now on the market as it was known at this time. REQUIRES: the second constructor, and
  /// that nobody else is in here.
  void show(Time now);
  /// The times at which something else is known.
  [[nodiscard]] std::vector<std::int64_t> steps() const { return steps_of(recording_); }

  /// What "now" is; 0: nothing recorded has a time.
  [[nodiscard]] Time clock() const noexcept { return now_; }

  // Each writes one dataset of market.h, its notes, its status, and its as_of where it is known.
  void candles(Call& call, const Values& values) const;
  void ticker_24h(Call& call, const Values& values) const;
  void prices(Call& call, const Values& values) const;
  void book_ticker(Call& call, const Values& values) const;
  void order_book(Call& call, const Values& values) const;
  void symbols(Call& call, const Values& values) const;

 private:
  using Decimals8 = std::vector<std::optional<Decimal>>;

  /// A market that has what was asked for.
  template <class T>
  struct Found {
    std::string_view symbol;
    const Market* market;
    T data;
  };
  struct Price {
    Decimal price;
    Time time;
  };
  /// Best bid and ask, and when they were.
  struct Top {
    std::optional<Decimal> bid, bid_quantity, ask, ask_quantity;
    std::optional<Time> time;
  };
  /// The newest of the times; nothing when one of them is not known.
  class Newest {
   public:
    void add(std::optional<Time> time) {
      known_ = known_ && time;
      if (time && (!newest_ || *newest_ < *time)) newest_ = time;
    }
    void say(const Call& call) const {
      if (known_ && newest_) call.as_of(*newest_);
    }

   private:
    bool known_ = true;
    std::optional<Time> newest_;
  };
  using Files = std::initializer_list<LeftOut Market::*>;

  [[nodiscard]] const Market& market_of(std::string_view symbol) const {
    return recording_.markets.find(names_[known_symbol(symbol, names_)])->second;
  }
  /// Borrowed; nothing where no exchangeInfo is recorded.
  static std::optional<std::string_view> status_of(const Market& market);
  static void say_status(const Call& call, const Market& market);
  static void say_odd_tickers(const Call& call, const std::vector<Found<Ticker>>& rows);

  // What is known of one market; nullopt when nothing is recorded.
  [[nodiscard]] std::optional<Ticker> ticker(const std::string& symbol, const Market& market,
                                             std::optional<Host> log) const;
  void find_tickers(std::optional<Host> log);
  static std::optional<Price> price(const Market& market);
  static std::optional<Top> top(const Market& market);

  void show(Call& call, const Series& series, Rows rows,
            const std::vector<std::uint8_t>& closed) const;
  void show_made(Call& call, const Market& market, std::string_view symbol, Interval base,
                 Interval interval, const CandleQuery& query) const;

  /// "No price of X is recorded before 2024-...; recorded of it: an order book."
  [[nodiscard]] Error not_recorded(const std::string& what, const std::string& symbol,
                                   const Market& market, const LeftOut& left_out) const;
  /// What `get` knows of each symbol asked, each once; what it does not know becomes a note, and
  /// the failure when that is all. What was left out of `files` of these markets is told, and of
  /// files of all of them.
  template <class Get>
  auto gather(const Call& call, const Values& values, const char* what, Files files,
              const LeftOut& of_all, const Get& get) const {
    using Data = typename decltype(get(std::string(), std::declval<const Market&>()))::value_type;
    std::vector<Found<Data>> out;
    std::vector<Error> missing;
    LeftOut left_out = of_all;
    const auto asked = values.texts("symbols");
    for (const std::string_view name : each_once(asked)) {
      const std::string symbol(name);
      const auto entry = recording_.markets.find(symbol);
      if (entry == recording_.markets.end()) {
        missing.emplace_back(BOURSE_NOT_FOUND, "symbol_not_found",
                             no_such_symbol(symbol, names_) + why_left_out(of_all));
        continue;
      }
      const Market& market = entry->second;
      LeftOut of_market;
      for (const auto file : files) of_market.add(market.*file);
      if (auto data = get(symbol, market)) {
        out.push_back({entry->first, &market, std::move(*data)});
        left_out.add(of_market);
      } else {
        if (of_market.empty()) of_market = of_all;
        missing.push_back(not_recorded(what, symbol, market, of_market));
      }
    }
    if (out.empty() && !missing.empty()) throw Error(missing.front()).blame("symbols");
    for (const Error& each : missing) call.warn("symbol_unavailable", each.message());
    say_left_out(call, "data of these markets", left_out);
    return out;
  }

  Recording recording_;
  Time now_;
  std::vector<std::string> names_;                      ///< of the markets, sorted
  std::map<std::string, Ticker, std::less<>> tickers_;  ///< recorded, else computed
};

}  // namespace bourse::replay
