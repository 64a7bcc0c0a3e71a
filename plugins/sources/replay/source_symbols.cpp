// SPDX-License-Identifier: MIT
//
// The datasets of Source that say what a market is traded in: ticker_24h and symbols.
#include <numeric>

#include "bourse/fresh.hpp"
#include "bourse/market.h"
#include "bourse/table.hpp"
#include "bourse/words.hpp"
#include "plugins/sources/replay/assets.hpp"
#include "plugins/sources/replay/source.hpp"

namespace bourse::replay {
namespace {

using Text = std::optional<std::string_view>;

Text asset_of(const Market& market, std::string Assets::*which) {
  return market.assets ? Text((*market.assets).*which) : std::nullopt;
}

/// Note `ambiguous_assets`, of markets whose name can be split in more than one way.
class AmbiguousAssets {
 public:
  explicit AmbiguousAssets(const Recording& recording) : recording_(recording) {}
  void add(std::string_view symbol, const Market& market) {
    if (market.assets) return;
    std::string ways;
    const auto splits = splits_of(symbol, recording_.quotes);
    for (const Assets& split : splits) {
      ways += (ways.empty() ? "" : " or ") + split.base + "/" + split.quote;
    }
    if (splits.size() > 1) named_.add(std::string(symbol) + " (" + ways + ")");
  }
  void say(const Call& call) const {
    if (named_.count() == 0) return;
    call.warn("ambiguous_assets",
              "The assets cannot be told from the name: " + named_.text() +
                  ". A recorded answer of exchangeInfo, exchangeInfo.json, would say them.");
  }

 private:
  const Recording& recording_;
  NamedFew named_;
};

}  // namespace

/// Tickers that are not what they are called.
void Source::say_odd_tickers(const Call& call, const std::vector<Found<Ticker>>& rows) {
  constexpr std::int64_t kMinute = 60'000'000'000, kDay = 24 * 60 * kMinute;
  NamedFew partial, odd;
  for (const auto& row : rows) {
    const std::string name(row.symbol);
    const Ticker& ticker = row.data;
    if (ticker.odd()) odd.add(name);
    if (ticker.covered > kDay - kMinute) continue;
    partial.add(name + ": " + duration_text(ticker.covered) + " between " +
                time_text(ticker.open_time) + " and " + time_text(ticker.close_time));
  }
  if (partial.count() > 0) {
    call.warn("partial_window", "Made of less than 24 hours: " + partial.text() + ".");
  }
  if (odd.count() > 0) {
    call.warn("odd_candle",
              "Tickers have recorded prices or times that contradict each other; they are given as "
              "recorded: " +
                  odd.text() + ".");
  }
}

void Source::ticker_24h(Call& call, const Values& values) const {
  const auto rows =
      gather(call, values, "ticker and no candle of the last 24 hours",
             {&Market::bad_tickers, &Market::bad_candles}, recording_.bad_tickers,
             [this](const std::string& symbol, const Market&) {
               const auto found = tickers_.find(symbol);
               return found == tickers_.end() ? std::nullopt : std::optional(found->second);
             });
  const auto column = [&rows](std::optional<Decimal> Ticker::*member) {
    Decimals8 out;
    for (const auto& row : rows) out.push_back(row.data.*member);
    return out;
  };
  std::vector<std::string_view> names;
  std::vector<Text> quotes, statuses;
  std::vector<std::int64_t> begins, ends, trades;
  Newest newest;
  AmbiguousAssets ambiguous(recording_);
  for (const auto& row : rows) {
    names.push_back(row.symbol);
    quotes.push_back(asset_of(*row.market, &Assets::quote));
    statuses.push_back(status_of(*row.market));
    begins.push_back(row.data.open_time.ns);
    ends.push_back(row.data.close_time.ns);
    trades.push_back(row.data.trades);
    newest.add(row.data.close_time);
    ambiguous.add(row.symbol, *row.market);
  }
  call.add(
      TableBuilder("ticker_24h", "Last 24 hours")
          .column(bourse_ticker_24h_symbol, names)
          .column(bourse_ticker_24h_quote_asset, quotes)
          .column(bourse_ticker_24h_last, column(&Ticker::last))
          .column(bourse_ticker_24h_last_quantity, column(&Ticker::last_quantity))
          .column(bourse_ticker_24h_open, column(&Ticker::open))
          .column(bourse_ticker_24h_high, column(&Ticker::high))
          .column(bourse_ticker_24h_low, column(&Ticker::low))
          .column(bourse_ticker_24h_previous_close, column(&Ticker::previous_close))
          .column(bourse_ticker_24h_price_change, column(&Ticker::price_change))
          .column(bourse_ticker_24h_price_change_percent, column(&Ticker::price_change_percent))
          .column(bourse_ticker_24h_weighted_average, column(&Ticker::weighted_average))
          .column(bourse_ticker_24h_bid, column(&Ticker::bid))
          .column(bourse_ticker_24h_bid_quantity, column(&Ticker::bid_quantity))
          .column(bourse_ticker_24h_ask, column(&Ticker::ask))
          .column(bourse_ticker_24h_ask_quantity, column(&Ticker::ask_quantity))
          .column(bourse_ticker_24h_volume, column(&Ticker::volume))
          .column(bourse_ticker_24h_quote_volume, column(&Ticker::quote_volume))
          .column(bourse_ticker_24h_open_time, begins)
          .column(bourse_ticker_24h_close_time, ends)
          .column(bourse_ticker_24h_trades, trades)
          .column(bourse_ticker_24h_status, statuses));
  newest.say(call);
  say_odd_tickers(call, rows);
  ambiguous.say(call);
  say_left_out(call, "rules of these markets", recording_.bad_rules);
}

/// Status and rules are those of a recorded exchangeInfo, else null: nobody said them.
void Source::symbols(Call& call, const Values& values) const {
  std::vector<std::size_t> rows(names_.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (values.given("symbols")) rows = known_symbols(call, values.texts("symbols"), names_);
  std::vector<std::string_view> symbols;
  std::vector<const Market*> markets;
  Newest newest;
  AmbiguousAssets ambiguous(recording_);
  LeftOut left_out = recording_.bad_rules;
  for (const std::size_t row : rows) {
    const Market& market = recording_.markets.find(names_[row])->second;
    symbols.emplace_back(names_[row]);
    markets.push_back(&market);
    ambiguous.add(names_[row], market);
    left_out.add(market.bad_rules);
    if (market.rules) newest.add(market.rules->time);
  }
  const auto texts = [&](auto get) {
    std::vector<Text> out;
    for (const Market* market : markets) out.push_back(get(*market));
    return out;
  };
  const auto asset = [&](std::string Assets::*which) {
    return texts([=](const Market& market) { return asset_of(market, which); });
  };
  const auto order_types = [](const Market& market) {
    return market.rules && market.rules->order_types ? Text(*market.rules->order_types)
                                                     : std::nullopt;
  };
  const auto rule = [&](std::optional<Decimal> Rules::*which) {
    Decimals8 out;
    for (const Market* market : markets) {
      out.push_back(market->rules ? (*market->rules).*which : std::nullopt);
    }
    return out;
  };
  call.add(TableBuilder("symbols", "Symbols")
               .column(bourse_symbols_symbol, symbols)
               .column(bourse_symbols_status, texts(status_of))
               .column(bourse_symbols_base_asset, asset(&Assets::base))
               .column(bourse_symbols_quote_asset, asset(&Assets::quote))
               .column(bourse_symbols_tick_size, rule(&Rules::tick_size))
               .column(bourse_symbols_lot_step, rule(&Rules::lot_step))
               .column(bourse_symbols_minimum_quantity, rule(&Rules::minimum_quantity))
               .column(bourse_symbols_maximum_quantity, rule(&Rules::maximum_quantity))
               .column(bourse_symbols_minimum_notional, rule(&Rules::minimum_notional))
               .column(bourse_symbols_order_types, texts(order_types)));
  newest.say(call);
  ambiguous.say(call);
  say_left_out(call, "rules of these markets", left_out);
}

}  // namespace bourse::replay
