// SPDX-License-Identifier: MIT
//
// Binance: the source component, from questions about datasets to tables.
//
// Its time is the exchange's: what is closed, and what is new, is said by the exchange's clock
// (meta `clock`), not by Call::now; as_of is the time of the newest input. What it keeps, it says
// by fresh_until: closed candles for ever, the rest for as long as the same question is answered
// from memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/ext/metrics.hpp"
#include "bourse/ext/probe.hpp"
#include "bourse/ext/watch.hpp"
#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "plugins/sources/binance/market.hpp"
#include "plugins/sources/binance/settings.hpp"

namespace bourse::binance {

class Binance {
 public:
  static constexpr About about{
      .id = "binance",
      .title = "Binance Spot",
      .doc =
          "Market data of the Binance spot exchange, its data-only site or its testnet, and the "
          "balances of an account. Stays below the exchange's rate limits.",
      .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_BLOCKING};
  static constexpr const auto& config = kConfig;
  static constexpr std::array datasets{&bourse_candles,     &bourse_ticker_24h, &bourse_prices,
                                       &bourse_book_ticker, &bourse_order_book, &bourse_trades,
                                       &bourse_symbols,     &bourse_account};
  static constexpr std::array probe_examples{
      Example{"symbol", "BTCUSDT"}, Example{"symbols", "BTCUSDT,ETHUSDT"},
      Example{"interval", "1h"}, Example{"limit", "3"}, Example{"depth", "5"}};

  /// Sends nothing.
  Binance(const Values& values, Host host);
  /// The same from its parts, for tests.
  Binance(Settings settings, std::shared_ptr<Exchange> exchange);

  void fetch(bourse::Call& call, std::size_t dataset, const Values& values) const;
  /// By the exchange's streams; see watching.hpp for what can be watched.
  std::uint64_t watch(bourse::Call& call, std::size_t dataset, const Values& values,
                      Changed changed) const;
  void unwatch(std::uint64_t token) const;
  void collect(Metrics& metrics) const;
  void probe(bourse::Call& call, Findings& findings) const;

 private:
  using Fetch = void (Binance::*)(bourse::Call&, const Call&, const Values&) const;

  void fetch_candles(bourse::Call& call, const Call& limits, const Values& values) const;
  void fetch_tickers(bourse::Call& call, const Call& limits, const Values& values) const;
  void fetch_prices(bourse::Call& call, const Call& limits, const Values& values) const;
  void fetch_book_tickers(bourse::Call& call, const Call& limits, const Values& values) const;
  void fetch_order_book(bourse::Call& call, const Call& limits, const Values& values) const;
  void fetch_trades(bourse::Call& call, const Call& limits, const Values& values) const;
  void fetch_symbols(bourse::Call& call, const Call& limits, const Values& values) const;
  void fetch_account(bourse::Call& call, const Call& limits, const Values& values) const;

  [[nodiscard]] Call limits_of(const bourse::Call& call) const;
  [[noreturn]] void fail(const bourse::Call& call, const Call& limits, const Error& error,
                         const std::vector<std::string>& asked, const char* parameter) const;
  static void say_now(const bourse::Call& call, Time clock);
  /// Metas x_limit_used and x_limit_left: how much of the exchange's weight is used up, for who
  /// asks much and wants to leave the rest to others.
  void say_limit(const bourse::Call& call) const;
  void say_market(const bourse::Call& call, const std::string& symbol, Time clock) const;
  void say_good_until(const bourse::Call& call, Instant until) const;
  template <class Row>
  void note_absent(const bourse::Call& call, const Call& limits,
                   const std::vector<std::string>& asked, const std::vector<Row>& rows,
                   const std::vector<Rejected>& rejected) const;

  std::string block_file_;
  std::string key_type_;  ///< "": no key
  std::unique_ptr<Market> market_;
  /// Books that watches need, by their tokens.
  mutable std::mutex books_mutex_;
  mutable std::map<std::uint64_t, std::pair<std::string, int>> books_;
};

}  // namespace bourse::binance
