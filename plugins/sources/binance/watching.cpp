// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/watching.hpp"

#include <string_view>
#include <utility>

#include "bourse/market.h"

namespace bourse::binance {
namespace {

/// Of one question. A list of all markets is not one to be watched.
constexpr std::size_t kMarketsMax = 500;

std::vector<StreamName> of_each(const Values& values, StreamKind kind) {
  const std::vector<std::string> symbols = values.texts("symbols");
  if (symbols.empty()) throw not_watched("All markets at once are not watched: name some.");
  if (symbols.size() > kMarketsMax) {
    throw not_watched("More than " + std::to_string(kMarketsMax) + " markets are not watched.");
  }
  std::vector<StreamName> names;
  for (const std::string& symbol : symbols) names.push_back({.kind = kind, .symbol = symbol});
  return names;
}

std::vector<StreamName> of_one(const Values& values, StreamKind kind) {
  return {{.kind = kind, .symbol = std::string(values.text("symbol"))}};
}

std::vector<StreamName> of_candles(const Values& values) {
  if (values.given("end")) throw not_watched("Candles up to an end are not watched.");
  std::vector<StreamName> names = of_one(values, StreamKind::kKline);
  names.front().interval = Interval::parse(values.text("interval")).value();
  return names;
}

}  // namespace

bourse::Error not_watched(std::string why) {
  return bourse::Error(BOURSE_UNPROCESSABLE, "not_watched", std::move(why));
}

std::vector<StreamName> streams_for(const bourse_dataset& dataset, const Values& values) {
  const std::string_view name = dataset.name;
  if (name == bourse_candles.name) return of_candles(values);
  if (name == bourse_ticker_24h.name) return of_each(values, StreamKind::kTicker);
  if (name == bourse_prices.name) return of_each(values, StreamKind::kMiniTicker);
  if (name == bourse_book_ticker.name) return of_each(values, StreamKind::kBookTicker);
  if (name == bourse_order_book.name) {
    std::vector<StreamName> names = of_one(values, StreamKind::kDepth);
    names.push_back({.kind = StreamKind::kBookTicker, .symbol = names.front().symbol});
    return names;
  }
  if (name == bourse_trades.name) return of_one(values, StreamKind::kTrade);
  throw not_watched("The exchange has no stream for " + std::string(name) + ".");
}

void log_news(const Host& host, const FeedNews& news) {
  using What = FeedNews::What;
  const auto connection = static_cast<std::int64_t>(news.connection);
  const auto streams = static_cast<std::int64_t>(news.streams);
  const auto of_connection = [&](std::int32_t level, std::string_view text) {
    host.log(level, text,
             {{"connection", connection}, {"streams", streams}, {"reason", news.reason}});
  };
  const auto of_stream = [&](std::string_view text) {
    host.log(BOURSE_LEVEL_WARN, text,
             {{"connection", connection}, {"stream", news.stream}, {"reason", news.reason}});
  };
  switch (news.what) {
    case What::kConnected:
      return host.log(BOURSE_LEVEL_INFO, "streams_connected",
                      {{"connection", connection}, {"streams", streams}});
    case What::kRotated:
      return host.log(BOURSE_LEVEL_INFO, "streams_rotated",
                      {{"connection", connection}, {"streams", streams}});
    case What::kCut:
      return of_connection(BOURSE_LEVEL_WARN, "streams_cut");
    case What::kRefused:
      return of_connection(BOURSE_LEVEL_WARN, "streams_unreachable");
    case What::kSilent:
      return of_stream("stream_silent");
    case What::kLost:
      return of_stream("stream_lost");
    case What::kNotCarried:
      return of_stream("stream_not_carried");
  }
}

}  // namespace bourse::binance
