// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/assets.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace bourse::replay {
namespace {

constexpr std::array<std::string_view, 40> kQuotes = {
    "FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USDP", "USDS", "BIDR", "IDRT", "BKRW",
    "DOGE",  "AEUR", "BTC",  "ETH",  "BNB",  "EUR",  "GBP",  "TRY",  "BRL",  "AUD",
    "RUB",   "UAH",  "NGN",  "ZAR",  "JPY",  "PLN",  "RON",  "ARS",  "MXN",  "COP",
    "CZK",   "DAI",  "PAX",  "UST",  "VAI",  "XRP",  "TRX",  "USD",  "EURI", "USD1"};

/// What is known of the assets of a recording.
struct Evidence {
  std::vector<std::string> quotes;                ///< of the rules, besides kQuotes
  std::set<std::string, std::less<>> certain;     ///< assets that there are
  std::map<std::string, int, std::less<>> bases;  ///< in how many names it may be the base
};

Evidence evidence_of(const Recording& recording) {
  Evidence known;
  known.certain.insert(kQuotes.begin(), kQuotes.end());
  for (const auto& [symbol, market] : recording.markets) {
    if (!market.rules || !market.rules->assets) continue;
    const Assets& assets = *market.rules->assets;
    known.certain.insert(assets.base);
    if (known.certain.insert(assets.quote).second) known.quotes.push_back(assets.quote);
  }
  for (const auto& [symbol, market] : recording.markets) {
    const auto splits = splits_of(symbol, known.quotes);
    if (splits.size() == 1) known.certain.insert(splits[0].base);
    for (const Assets& split : splits) ++known.bases[split.base];
  }
  return known;
}

/// 2: certain, 1: the base of another name too, 0: nothing speaks for it.
int weight_of(const Assets& split, const Evidence& known) {
  if (known.certain.contains(split.base)) return 2;
  return known.bases.at(split.base) > 1 ? 1 : 0;
}

std::optional<Assets> best_of(const std::vector<Assets>& splits, const Evidence& known) {
  if (splits.size() == 1) return splits[0];
  const Assets* best = nullptr;
  int most = 0;
  for (const Assets& split : splits) {
    const int weight = weight_of(split, known);
    if (weight == most) best = nullptr;
    if (weight > most) best = &split;
    most = std::max(most, weight);
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

}  // namespace

std::vector<Assets> splits_of(std::string_view symbol, const std::vector<std::string>& more) {
  std::vector<Assets> out;
  const auto add = [&](std::string_view quote) {
    if (symbol.size() <= quote.size() || !symbol.ends_with(quote)) return;
    out.push_back(
        {std::string(symbol.substr(0, symbol.size() - quote.size())), std::string(quote)});
  };
  for (const std::string_view quote : kQuotes) add(quote);
  for (const std::string& quote : more) add(quote);
  return out;
}

void name_assets(Recording& recording) {
  const Evidence known = evidence_of(recording);
  recording.quotes = known.quotes;
  for (auto& [symbol, market] : recording.markets) {
    if (market.rules && market.rules->assets) {
      market.assets = market.rules->assets;
    } else {
      market.assets = best_of(splits_of(symbol, known.quotes), known);
    }
  }
}

}  // namespace bourse::replay
