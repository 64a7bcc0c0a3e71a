// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/assets.hpp"

#include <gtest/gtest.h>

namespace bourse::replay {
namespace {

/// "ADA/EUR", or "?": what is found out about `symbol` in a recording of these names.
std::string assets(const std::string& symbol, std::initializer_list<const char*> others = {},
                   const std::optional<Assets>& of_first_other = {}) {
  Recording recording;
  recording.markets[symbol];
  for (const char* other : others) {
    Market& market = recording.markets[other];
    if (of_first_other && other == *others.begin()) {
      market.rules.emplace().assets = *of_first_other;
    }
  }
  name_assets(recording);
  const auto& found = recording.markets.at(symbol).assets;
  return found ? found->base + "/" + found->quote : "?";
}

TEST(Assets, AreReadOffANameThatCanBeSplitInOneWay) {
  EXPECT_EQ(assets("BTCUSDT"), "BTC/USDT");
  EXPECT_EQ(assets("ETHBTC"), "ETH/BTC");
  EXPECT_EQ(assets("DOGETRY"), "DOGE/TRY");
  EXPECT_EQ(assets("币安人生USDT"), "币安人生/USDT");
  EXPECT_EQ(assets("USDT"), "?");
  EXPECT_EQ(assets("WHATEVER"), "?");
}

TEST(Assets, OfTwoWaysTheOneWhoseBaseIsKnownIsTaken) {
  EXPECT_EQ(assets("ADAEUR", {"ADAUSDT"}), "ADA/EUR");
  EXPECT_EQ(assets("GALAEUR", {"GALABTC"}), "GALA/EUR");
  EXPECT_EQ(assets("THETAEUR", {"THETAUSDT"}), "THETA/EUR");
  EXPECT_EQ(assets("BATUSD", {"BATUSDT"}), "BAT/USD");
  EXPECT_EQ(assets("BNBUSD"), "BNB/USD") << "markets are counted in BNB, so there is such an asset";
  EXPECT_EQ(assets("BTCFDUSD"), "BTC/FDUSD");
  EXPECT_EQ(assets("BTCTUSD"), "BTC/TUSD");
  EXPECT_EQ(assets("EURAEUR"), "EUR/AEUR");
}

TEST(Assets, TwoNamesOfWhichNoneIsCertainDecideForEachOther) {
  EXPECT_EQ(assets("LUNAEUR", {"LUNABUSD"}), "LUNA/EUR");   // not LUN/AEUR
  EXPECT_EQ(assets("LUNABUSD", {"LUNAEUR"}), "LUNA/BUSD");  // not LUNAB/USD
}

TEST(Assets, AreUnknownRatherThanGuessed) {
  EXPECT_EQ(assets("ADAEUR"), "?") << "nothing says whether it is ADA/EUR or AD/AEUR";
  EXPECT_EQ(assets("ADAEUR", {"ADAUSDT", "ADUSDT"}), "?") << "both bases are known";
}

TEST(Assets, OfRulesAreBelieved) {
  EXPECT_EQ(assets("ADAEUR", {"XYZ"}, Assets{"AD", "XYZ"}), "AD/AEUR") << "a base that rules name";
  EXPECT_EQ(assets("FOOXYZ", {"ABCXYZ"}, Assets{"ABC", "XYZ"}), "FOO/XYZ")
      << "a quote asset that rules name";
  EXPECT_EQ(assets("FOOXYZUSD", {"ABCXYZUSD"}, Assets{"ABC", "XYZUSD"}), "?")
      << "FOO in XYZUSD, or FOOXYZ in USD";
  Recording recording;
  recording.markets["BTCUSDT"].rules.emplace().assets = Assets{"BTCU", "SDT"};
  name_assets(recording);
  EXPECT_EQ(recording.markets.at("BTCUSDT").assets->base, "BTCU");
  EXPECT_EQ(recording.quotes, std::vector<std::string>{"SDT"}) << "for who says why none is known";
}

}  // namespace
}  // namespace bourse::replay
