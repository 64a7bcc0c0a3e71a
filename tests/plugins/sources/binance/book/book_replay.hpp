// SPDX-License-Identifier: MIT
//
// Recordings of an exchange's streams, played to a LocalBook.
//
// A recording is JSON, one document a line, in the order in which they came:
//
//   {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate",...}}   a message of a stream, with
//   its
//   {"e":"depthUpdate",...}                                           wrapper or without;
//   bookTicker
//                                                                     likewise, to check against
//   {"lastUpdateId":160,"bids":[...],"asks":[...]}                    what REST answered at that
//   {"stream":"btcusdt@snapshot","data":{"lastUpdateId":...}}         moment, with or without
//   wrapper
//   {"connection":"ended"}                                            the connection was lost;
//   {"connection":"began"}                                            and is there again
//
// The first message or snapshot begins a connection. A snapshot goes to the book when it needs one,
// at the moment at which it would have asked for it; otherwise the book is compared with it, as
// soon as it has come to the same update. Messages of other kinds, and of other markets than the
// first (or the one that is named), are left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/sources/binance/book/local_book.hpp"

namespace bourse::binance {

struct ReplayOptions {
  std::string symbol = {};  ///< "": the first that comes
  /// How many levels the snapshots were asked for: a side with so many is not known beyond. 0: as
  /// many as they have, where that is a usual number, otherwise 5000.
  int limit = 0;
};

struct Replayed {
  std::unique_ptr<LocalBook> book;  ///< as it is at the end
  std::int64_t messages = 0, left_out = 0, snapshots = 0;
  std::int64_t compared = 0;              ///< snapshots whose update the book had come to
  std::vector<std::string> differences;   ///< between those and the book
  std::optional<std::string> unreadable;  ///< where it ended early, and why
};

Replayed replay_book(std::istream& recording, const ReplayOptions& options);

/// As REST would have answered.
std::string rest_text_of(const OrderBook& book);

}  // namespace bourse::binance
