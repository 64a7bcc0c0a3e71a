// SPDX-License-Identifier: MIT
//
// What the streams say when the market has moved from one second to another: the events of one
// stream, out of the same Market that REST asks. So what a stream said can be had by REST.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/exchange/book_tape.hpp"
#include "tests/exchange/market.hpp"
#include "tests/exchange/stream_name.hpp"

namespace bourse::fake_exchange {

/// One message of a stream.
struct StreamEvent {
  std::string stream;
  /// Its text in each unit of time; the same one where nobody asked for microseconds.
  std::shared_ptr<const std::string> ms, us;
  bool is_array = false;  ///< of several markets
  bool closes = false;    ///< a candle, with "x":true
  // Of a diff of a book, for faults.
  std::int64_t first_id = 0;  ///< 0: it is none
  std::string best_ask = {};  ///< price after it
};
using StreamEvents = std::vector<std::shared_ptr<const StreamEvent>>;

/// A publication: what happened after the second `from` and before the second `to` (both since
/// 1970), told at `event_us` of the exchange's clock. Remembers what several streams need. Borrows
/// all. Not safe on several threads at once.
class Publication {
 public:
  /// Books as the diffs have told them so far, by symbol.
  using Books = std::map<std::string, Depth, std::less<>>;
  /// What each stream said last, but for its times: who has nothing new says nothing.
  using Said = std::map<std::string, std::string, std::less<>>;

  /// `in_us`: whether somebody wants times in microseconds.
  Publication(const Market& before, const Market& after, std::int64_t event_us, bool in_us,
              Books& books, Said& said)
      : before_(before),
        after_(after),
        event_us_(event_us),
        in_us_(in_us),
        books_(books),
        said_(said) {}

  /// Appends the events of a stream in the order in which they happened. Throws ApiError where the
  /// source cannot deliver.
  void tell(const std::string& stream, const StreamName& name, StreamEvents& out);
  /// To be called when everything is told: books stand at the second `to` from now on.
  void finish();

 private:
  template <class Write>
  StreamEvent event(const std::string& stream, const Write& write) const;
  template <class Write>
  void tell_news(const std::string& stream, const Write& write, StreamEvents& out);
  [[nodiscard]] const std::vector<BookStep>& steps(const std::string& symbol, bool fast);
  [[nodiscard]] const std::vector<Trade>& trades(const std::string& symbol);
  [[nodiscard]] const Ticker& ticker(const std::string& symbol);
  [[nodiscard]] std::vector<std::string> all_symbols() const;
  [[nodiscard]] std::int64_t from_s() const;
  [[nodiscard]] std::int64_t to_s() const;

  void tell_trades(const std::string& stream, const StreamName& name, StreamEvents& out);
  void tell_candles(const std::string& stream, const StreamName& name, StreamEvents& out);
  void tell_ticker(const std::string& stream, const StreamName& name, StreamEvents& out);
  void tell_all_tickers(const std::string& stream, const StreamName& name, StreamEvents& out);
  void tell_quotes(const std::string& stream, const StreamName& name, StreamEvents& out);
  void tell_average(const std::string& stream, const StreamName& name, StreamEvents& out);
  void tell_depth(const std::string& stream, const StreamName& name, StreamEvents& out);
  void tell_top(const std::string& stream, const StreamName& name, StreamEvents& out);

  struct Moves {
    std::optional<std::vector<BookStep>> slow, fast;
    Depth after;
  };
  Moves& moves(const std::string& symbol);

  const Market& before_;
  const Market& after_;
  std::int64_t event_us_;
  bool in_us_;
  Books& books_;
  Said& said_;
  std::map<std::string, Moves, std::less<>> moves_;
  std::map<std::string, std::vector<Trade>, std::less<>> trades_;
  std::map<std::string, Ticker, std::less<>> tickers_;
};

}  // namespace bourse::fake_exchange
