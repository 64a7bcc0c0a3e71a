// SPDX-License-Identifier: MIT
//
// Which streams tell that the answer to a question may have changed.
//
//   candles      kline of the interval     without an end: what has ended does not change
//   ticker_24h   ticker of each market     named ones only: there is no stream of all
//   prices       miniTicker of each
//   book_ticker  bookTicker of each
//   order_book   changes, ten times a second, and bookTicker to check the book against
//   trades       trade
//
// Trading rules and the account are not watched: the host asks again when its answer is old.
#pragma once

#include <string>
#include <vector>

#include "bourse/host.hpp"
#include "bourse/plugin.hpp"
#include "plugins/sources/binance/streams/feed.hpp"
#include "plugins/sources/binance/streams/stream_name.hpp"

namespace bourse::binance {

/// Of a question that is asked again in place of being watched.
bourse::Error not_watched(std::string why);

/// Never empty; throws not_watched().
std::vector<StreamName> streams_for(const bourse_dataset& dataset, const Values& values);

/// A line in the host's log.
void log_news(const Host& host, const FeedNews& news);

}  // namespace bourse::binance
