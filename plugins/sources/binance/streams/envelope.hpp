// SPDX-License-Identifier: MIT
//
// Envelope: a message of a combined stream, taken apart as far as needed to know whom it concerns.
//
//   {"stream":"btcusdt@trade","data":{...}}        data of a stream
//   {"result":null,"id":3}                         a command was carried out
//   {"result":["btcusdt@trade"],"id":4}            the answer to LIST_SUBSCRIPTIONS
//   {"code":2,"msg":"...","id":5}                  a command was refused; also
//   {"error":{...},"id":5}
//   {"stream":"!serverShutdown","data":{...}}      this connection ends soon; also the bare event
//
// Members may come in any order, with blanks between them; others are skipped. Data is not looked
// into: whoever reads it finds out whether it is JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::binance {

struct Envelope {
  enum class Kind : std::uint8_t { kData, kDone, kRefused, kShutdown, kUnreadable };
  Kind kind = Kind::kUnreadable;
  std::string stream;     ///< kData
  std::string_view data;  ///< kData: JSON, inside of the message
  std::int64_t id = 0;    ///< kDone, kRefused: of the command; 0: it has none
  std::optional<std::vector<std::string>> list;  ///< kDone: where the result is a list
  std::string reason;                            ///< kRefused, kUnreadable
};

/// Whatever bytes come, this ends in time linear to their number and allocates no more than that.
Envelope open_envelope(std::string_view message);

}  // namespace bourse::binance
