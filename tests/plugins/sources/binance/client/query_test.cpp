// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/query.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bourse::binance {
namespace {

std::string encoded(std::string_view text) {
  std::string out;
  append_percent_encoded(out, text);
  return out;
}

TEST(PercentEncoding, LeavesTheUnreservedAlone) {
  const std::string unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  EXPECT_EQ(encoded(unreserved), unreserved);
}

TEST(PercentEncoding, WritesEveryOtherByteInUpperCaseHex) {
  EXPECT_EQ(encoded(" +/=[]\",@:&%"), "%20%2B%2F%3D%5B%5D%22%2C%40%3A%26%25");
  EXPECT_EQ(encoded("\xEF\xBC\x91"), "%EF%BC%91");  // U+FF11
  EXPECT_EQ(encoded(std::string_view("\0\n\x7F", 3)), "%00%0A%7F");
}

TEST(Query, JoinsPairsInTheOrderTheyCame) {
  Query query;
  EXPECT_TRUE(query.empty());
  query.add("symbol", "LTCBTC").add("limit", 1000).add_flag("omitZeroBalances", true);
  query.add("fromId", std::int64_t{-9223372036854775807LL - 1});
  EXPECT_EQ(query.text(),
            "symbol=LTCBTC&limit=1000&omitZeroBalances=true&fromId=-9223372036854775808");
}

TEST(Query, WritesListsAsTheExchangeDocumentsThem) {
  const std::vector<std::string> symbols = {"BTCUSDT", "BNBUSDT"};
  EXPECT_EQ(Query().add_list("symbols", symbols).text(),
            "symbols=%5B%22BTCUSDT%22%2C%22BNBUSDT%22%5D");
  EXPECT_EQ(Query().add_list("symbols", std::vector<std::string>{}).text(), "symbols=%5B%5D");
}

TEST(Query, CannotBeBrokenOutOf) {
  const std::vector<std::string> hostile = {"A\",\"B\\", "C\nD"};
  // ["A\",\"B\\","C\u000AD"], percent-encoded by hand.
  EXPECT_EQ(Query().add_list("symbols", hostile).text(),
            "symbols=%5B%22A%5C%22%2C%5C%22B%5C%5C%22%2C%22C%5Cu000AD%22%5D");
  EXPECT_EQ(Query().add("symbol", "X&signature=1 HTTP/1.1\r\n").text(),
            "symbol=X%26signature%3D1%20HTTP%2F1.1%0D%0A");
}

}  // namespace
}  // namespace bourse::binance
