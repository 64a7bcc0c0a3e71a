// SPDX-License-Identifier: MIT
//
// CandleStore: candles from memory where they are known, from the exchange where not.
//
// Closed candles are kept by market and interval, in bounded memory; the series that nobody asked
// for longest goes first. What may still change is asked for each time, unless it was within
// `fresh` and no candle has ended since. Any thread; nothing is locked while the exchange is asked,
// and equal questions are asked once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sources/binance/candle_series.hpp"
#include "plugins/sources/binance/client/client.hpp"
#include "plugins/sources/binance/fresh.hpp"
#include "plugins/sources/binance/keeper.hpp"

namespace bourse::binance {

class CandleStore {
 public:
  struct Options {
    /// 0: nothing is kept.
    std::size_t bytes_max = std::size_t{64} << 20U;
    std::chrono::nanoseconds fresh = std::chrono::seconds(1);
  };
  struct Answer {
    std::vector<Candle> rows;    ///< oldest first; all can be read
    Time clock;                  ///< exchange time at which the newest of it was asked for
    std::size_t unreadable = 0;  ///< candles that were left out, and the first of them if known
    std::optional<Time> first_unreadable = {};
    std::string unreadable_reason = {};  ///< of one of them; "" when it has been forgotten
    /// All of it is closed for good: the exchange will never answer this question differently.
    bool settled = false;
    /// Else until when this question is answered so without asking the exchange; in the past: not.
    Instant good_until = Instant::max();
  };
  struct State {
    std::size_t bytes = 0, series = 0;
    std::int64_t hits = 0;    ///< answers that needed nothing of the exchange
    std::int64_t misses = 0;  ///< answers that did
    std::int64_t rows_known = 0, rows_asked = 0;
  };

  CandleStore(const std::shared_ptr<Exchange>& exchange, std::shared_ptr<Keeper> keeper,
              Options options);

  Result<Answer> get(const std::string& symbol, Interval interval, const CandleQuestion& question,
                     const Call& call);
  [[nodiscard]] State state() const;

  /// What a stream says: from now on the forming candle is known without asking, once it has been
  /// asked for after the first word of the stream.
  void heard(const std::string& symbol, Interval interval, const Candle& row, Time at);
  /// The stream may have missed something: REST is asked again.
  void doubted(const std::string& symbol, Interval interval);

 private:
  using Key = std::pair<std::string, Interval>;
  struct Entry {
    CandleSeries series;
    std::size_t bytes = 0;
    std::uint64_t lesson = 0;  ///< the last it learned
    std::list<Key>::iterator place;
  };
  /// A stream that is live.
  struct Live {
    Instant since;  ///< its first word
    Candle newest = {};
    Time at = {};  ///< of its newest word, by the exchange's clock
    Instant heard_at = {};
    std::uint64_t words = 0;  ///< the number of the newest one
  };
  /// One answer of the exchange.
  struct Page {
    std::vector<Candle> rows;
    std::size_t lost = 0;  ///< candles that could not be read, nor when they open
    std::string unreadable_reason = {};
    Time surely;  ///< the exchange's clock had passed this when the first of it was asked for
    Time clock;
    Instant at;                     ///< when the first of it was asked for
    Instant ends = Instant::max();  ///< as CandleSeries::Tail::ends
    bool asked = true;  ///< false: more was learned meanwhile, and the exchange was not asked
  };
  /// What a series lacks, and what had been learned of it then.
  struct Missing {
    CandleQuestion question;
    std::uint64_t lesson = 0;
    std::uint64_t words = 0;  ///< of the stream until then
  };

  Result<Fresh<Page>::Shared> ask(const Key& key, const Missing& missing, const Call& call);
  Result<Page> fetch(const Key& key, const CandleQuestion& question, const Call& call);
  std::optional<Missing> take(const Key& key, CandleWalk& walk, Time now, Answer& answer);
  [[nodiscard]] std::uint64_t lesson(const Key& key) const;
  /// Its newest rows were asked for within the fresh moment.
  [[nodiscard]] bool is_fresh(const CandleSeries& series) const;
  /// Until when its tail is given again.
  [[nodiscard]] Instant tail_good_until(const CandleSeries& series) const;
  static void follow(CandleSeries& series, const Live& live);
  /// Of what was asked for then, and of which a candle ends then.
  [[nodiscard]] Instant fresh_until(Instant asked, Instant ends) const;
  [[nodiscard]] Instant end_of_forming(const Page& page, const Keeper::Estimate& now) const;
  void tell_how_long(const Key& key, const CandleQuestion& question, Answer& answer) const;
  static void leave_out_unreadable(Answer& answer);
  void learn(const Key& key, const CandleQuestion& question, const Page& page);
  Entry& touched(const Key& key);
  void count(Entry& entry);
  void make_room();

  Client client_;
  const std::shared_ptr<Keeper> keeper_;
  const Options options_;
  Fresh<Page> questions_;

  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::map<Key, Live> live_;
  std::uint64_t words_ = 0;
  std::list<Key> by_use_;  ///< the one used last in front
  std::uint64_t lessons_ = 0;
  State state_;
};

}  // namespace bourse::binance
