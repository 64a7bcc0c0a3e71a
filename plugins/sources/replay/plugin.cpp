// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <limits>
#include <string>

#include "bourse/market.h"
#include "plugins/sources/replay/source.hpp"

namespace bourse::replay {
namespace {

/// Answers from recorded files.
class Replay {
 public:
  static constexpr About about{
      .id = "replay",
      .title = "Recorded market data",
      .doc =
          "Reads a folder of the exchange's bulk candle files (SYMBOL-INTERVAL-YYYY-MM.csv, also "
          ".csv.gz and .zip) and recorded answers (ticker_24h*.json, depth_SYMBOL*.json, "
          "klines_SYMBOL_INTERVAL*.json, exchangeInfo*.json), and shows the market as it was known "
          "at one time.",
      .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES};
  static constexpr std::array config{
      Param("folder", BOURSE_TYPE_TEXT,
            "The folder of recorded files; all of it is read at the start.")
          .required()
          .bounds("1", "4096"),
      Param("now", BOURSE_TYPE_TIME,
            "Shows the market as it was known at this time: no candle that was not over, no newer "
            "ticker. Without it, all: the first millisecond after the newest close time.")};
  static constexpr std::array datasets{&bourse_candles,     &bourse_ticker_24h, &bourse_prices,
                                       &bourse_book_ticker, &bourse_order_book, &bourse_symbols};

  Replay(const Values& values, Host host)
      : source_(std::string(values.text("folder")), values.maybe<Time>("now"), host) {}

  void fetch(Call& call, std::size_t dataset, const Values& values) const {
    using Fetch = void (Source::*)(Call&, const Values&) const;
    static constexpr std::array<Fetch, datasets.size()> kFetch = {
        &Source::candles,     &Source::ticker_24h, &Source::prices,
        &Source::book_ticker, &Source::order_book, &Source::symbols};
    if (source_.clock().ns != 0) call.meta("clock", source_.clock());
    (source_.*kFetch.at(dataset))(call, values);
    // All was read when this instance was made.
    call.fresh_until(Time{std::numeric_limits<std::int64_t>::max()});
  }

 private:
  Source source_;
};

}  // namespace
}  // namespace bourse::replay

BOURSE_PLUGIN("bourse.replay", "0.1.0", bourse::replay::Replay)
