// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "bourse/ext/watch.hpp"
#include "bourse/market.h"
#include "plugins/sources/replay/player.hpp"
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
          "at one time, or plays it.",
      .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES};
  static constexpr std::array config{
      Param("folder", BOURSE_TYPE_TEXT,
            "The folder of recorded files; all of it is read at the start.")
          .required()
          .bounds("1", "4096"),
      Param("now", BOURSE_TYPE_TIME,
            "Shows the market as it was known at this time: no candle that was not over, no newer "
            "ticker. Without it, all: the first millisecond after the newest close time."),
      Param("speed", BOURSE_TYPE_TEXT,
            "Plays the recording: its time passes so many times faster than ours, such as 60x. "
            "0.001x to 1000000x."),
      Param("from", BOURSE_TYPE_TIME,
            "Where playing begins, when the source is made. Without it, where the recording does."),
      Param("repeat", BOURSE_TYPE_BOOL, "Plays again after the end.").with_default("false")};
  static constexpr std::array datasets{&bourse_candles,     &bourse_ticker_24h, &bourse_prices,
                                       &bourse_book_ticker, &bourse_order_book, &bourse_symbols};

  Replay(const Values& values, Host host) {
    const std::string folder(values.text("folder"));
    if (const auto options = play_options(values)) {
      player_ = std::make_unique<Player>(folder, *options, host);
    } else {
      still_.emplace(folder, values.maybe<Time>("now"), host);
    }
  }

  void fetch(Call& call, std::size_t dataset, const Values& values) const {
    if (!player_) {
      answer(call, *still_, dataset, values);
      return call.fresh_until(kForEver);  // all was read when this instance was made
    }
    const auto shown = player_->at(call.now());
    answer(call, shown.source, dataset, values);
    player_->say_end(call, shown);
    call.fresh_until(shown.until.value_or(kForEver));
  }

  std::uint64_t watch(Call&, std::size_t, const Values&, Changed changed) const {
    return player_ ? player_->watch(changed) : 0;  // what stands still never changes
  }
  void unwatch(std::uint64_t token) const {
    if (player_) player_->unwatch(token);
  }

 private:
  static constexpr Time kForEver{std::numeric_limits<std::int64_t>::max()};

  static Error bad_setting(const char* setting, const std::string& text) {
    return Error(BOURSE_UNPROCESSABLE, "bad_setting", text).blame(setting);
  }
  /// nullopt: it stands still.
  static std::optional<PlayOptions> play_options(const Values& values) {
    const bool repeat = values.boolean("repeat");
    if (!values.given("speed") && !values.given("from") && !repeat) return std::nullopt;
    if (values.given("now")) {
      throw bad_setting(
          "now",
          "now: a recording that is played (speed, from, repeat) has no fixed time; say from "
          "instead");
    }
    PlayOptions options{.from = values.maybe<Time>("from"), .repeat = repeat};
    if (values.given("speed")) {
      const auto speed = parse_speed(values.text("speed"));
      if (!speed) {
        throw bad_setting("speed",
                          "speed: expected such as 60x or 0.5x, from 0.001x to 1000000x, got \"" +
                              std::string(values.text("speed")) + "\"");
      }
      options.thousandths = *speed;
    }
    return options;
  }

  static void answer(Call& call, const Source& source, std::size_t dataset, const Values& values) {
    using Fetch = void (Source::*)(Call&, const Values&) const;
    static constexpr std::array<Fetch, datasets.size()> kFetch = {
        &Source::candles,     &Source::ticker_24h, &Source::prices,
        &Source::book_ticker, &Source::order_book, &Source::symbols};
    if (source.clock().ns != 0) call.meta("clock", source.clock());
    (source.*kFetch.at(dataset))(call, values);
  }

  std::optional<Source> still_;
  std::unique_ptr<Player> player_;
};

}  // namespace
}  // namespace bourse::replay

BOURSE_PLUGIN("bourse.replay", "0.1.0", bourse::replay::Replay)
