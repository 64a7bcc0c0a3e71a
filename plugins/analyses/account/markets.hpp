// SPDX-License-Identifier: MIT
//
// Which markets lead from one asset to another, by what the source says that they trade: names are
// not taken apart, since ADAEUR may be ADA in EUR or AD in AEUR.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::account {

/// Markets that a price is put together from, at most.
inline constexpr std::size_t kStepsMax = 3;

struct Step {
  std::string symbol;
  std::string to;        ///< the asset that it leads to
  bool inverse = false;  ///< from quote to base: divide by its price
  std::string status;    ///< the market's, or empty where it is not known

  [[nodiscard]] bool trading() const noexcept { return status.empty() || status == "TRADING"; }
};

/// From an asset to the one that values are counted in; of the latter itself empty.
using Route = std::vector<Step>;
using Routes = std::map<std::string, Route, std::less<>>;

class Markets {
 public:
  /// A market whose `status` is empty, that is not known, is taken to trade.
  void add(std::string_view symbol, std::string_view base, std::string_view quote,
           std::string_view status = {});
  /// Markets of which there is no price.
  void remove(const std::set<std::string, std::less<>>& symbols);

  /// The shortest route of every asset that has one, of at most kStepsMax markets. Markets that
  /// trade come first: others are used only where no route does without. Of routes equally short,
  /// each step leads to the asset with more markets (so over USDT or BTC rather than over a coin),
  /// then the one first by name; of two markets between the same assets, first the one whose price
  /// need not be divided by, then the one first by name.
  [[nodiscard]] Routes routes_to(const std::string& quote) const;

 private:
  [[nodiscard]] Routes routes_to(const std::string& quote, bool only_trading) const;
  [[nodiscard]] bool is_before(const Step& a, const Step& b) const;
  [[nodiscard]] std::size_t markets_of(const std::string& asset) const;

  std::map<std::string, std::vector<Step>, std::less<>> steps_;  ///< by the asset they start from
};

/// "BTCTRY BTCEUR"
std::string text_of(const Route& route);

}  // namespace bourse::account
