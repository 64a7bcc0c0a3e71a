// SPDX-License-Identifier: MIT
//
// A source that tells when its answers change: a market TICK whose price is 100, and 1 more after
// each `every` seconds, and 100 again after 10 of them. Who follows a page of it sees it move.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "bourse/pulse.hpp"
#include "bourse/symbols.hpp"

class Tick {
 public:
  static constexpr bourse::About about{
      .id = "tick", .title = "A market that ticks", .parts = BOURSE_PART_TABLES};
  static constexpr std::array config{
      bourse::Param("every", BOURSE_TYPE_I64, "Seconds.").with_default("1").bounds("1", "3600")};
  static constexpr std::array datasets{&bourse_prices};

  explicit Tick(const bourse::Values& values) : every_(values.integer("every") * 1'000'000'000) {}

  void fetch(bourse::Call& call, std::size_t, const bourse::Values& values) const {
    static const std::vector<std::string> kMarkets{"TICK"};
    bourse::known_symbols(call, values.texts("symbols"), kMarkets);  // notes, or 404
    const std::int64_t ticks = call.now().ns / every_;
    const std::vector price{bourse::Decimal::of(100 + ticks % 10)};
    call.as_of(bourse::Time{ticks * every_});
    call.fresh_until(bourse::Time{(ticks + 1) * every_});  // for those who do not watch
    call.add(bourse::TableBuilder("prices", "Prices")
                 .column(bourse_prices_symbol, kMarkets)
                 .column(bourse_prices_price, price));
  }

  /// A question is watched until unwatch: `changed` is kept and called when the answer may differ.
  std::uint64_t watch(bourse::Call&, std::size_t, const bourse::Values&,
                      bourse::Changed changed) const {
    return pulse_.watch(changed, [every = every_](bourse::Time now) {
      return std::optional(bourse::Time{(now.ns / every + 1) * every});
    });
  }
  void unwatch(std::uint64_t token) const { pulse_.unwatch(token); }

 private:
  std::int64_t every_;           // ns
  mutable bourse::Pulse pulse_;  // one thread for all watches, none while there are none
};

BOURSE_PLUGIN("example.tick", "1.0.0", Tick)
