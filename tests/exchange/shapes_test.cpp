// SPDX-License-Identifier: MIT
//
// Every answer has the field order and types of the exchange's own. The examples are those of the
// official documents and of recorded answers, reproduced with invented values.
#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

struct Example {
  const char *name, *target, *json;
};

void PrintTo(const Example& example, std::ostream* out) { *out << example.target; }

const Example
    kPublic
        [] =
            {
                {"Ping", "/api/v3/ping", "{}"},
                {"Time", "/api/v3/time", R"({"serverTime":1753000000123})"},
                {"ExchangeInfo", "/api/v3/exchangeInfo?symbol=BTCUSDT", R"({
  "timezone": "UTC",
  "serverTime": 1753000000123,
  "rateLimits": [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
    {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 200000},
    {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 300000}
  ],
  "exchangeFilters": [],
  "symbols": [
    {
      "symbol": "BTCUSDT",
      "status": "TRADING",
      "baseAsset": "BTC",
      "baseAssetPrecision": 8,
      "quoteAsset": "USDT",
      "quotePrecision": 8,
      "quoteAssetPrecision": 8,
      "baseCommissionPrecision": 8,
      "quoteCommissionPrecision": 8,
      "orderTypes": ["LIMIT","LIMIT_MAKER","MARKET","STOP_LOSS","STOP_LOSS_LIMIT","TAKE_PROFIT","TAKE_PROFIT_LIMIT"],
      "icebergAllowed": true,
      "ocoAllowed": true,
      "otoAllowed": true,
      "opoAllowed": true,
      "quoteOrderQtyMarketAllowed": true,
      "allowTrailingStop": true,
      "cancelReplaceAllowed": true,
      "amendAllowed": true,
      "pegInstructionsAllowed": true,
      "isSpotTradingAllowed": true,
      "isMarginTradingAllowed": true,
      "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01000000", "maxPrice": "1000000.00000000", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"},
        {"filterType": "ICEBERG_PARTS", "limit": 100},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "71.31405873", "stepSize": "0.00000000"},
        {"filterType": "TRAILING_DELTA", "minTrailingAboveDelta": 10, "maxTrailingAboveDelta": 2000, "minTrailingBelowDelta": 10, "maxTrailingBelowDelta": 2000},
        {"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "5", "bidMultiplierDown": "0.2", "askMultiplierUp": "5", "askMultiplierDown": "0.2", "avgPriceMins": 5},
        {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": true, "maxNotional": "9000000.00000000", "applyMaxToMarket": false, "avgPriceMins": 5},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
        {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 10}
      ],
      "permissions": [],
      "permissionSets": [["SPOT","MARGIN","TRD_GRP_004"]],
      "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
      "allowedSelfTradePreventionModes": ["EXPIRE_TAKER","EXPIRE_MAKER","EXPIRE_BOTH","DECREMENT","TRANSFER"]
    }
  ],
  "sors": []
})"},
                {"Depth", "/api/v3/depth?symbol=BTCUSDT&limit=2",
                 R"({"lastUpdateId":1027024001,"bids":[["64999.99000000","0.43100000"],["64999.50000000","1.20000000"]],"asks":[["65000.00000000","0.12000000"],["65000.01000000","2.00000000"]]})"},
                {"Trades", "/api/v3/trades?symbol=BTCUSDT&limit=3",
                 R"([{"id":4999000001,"price":"65000.00000000","qty":"0.00120000","quoteQty":"78.00000000","time":1753000000100,"isBuyerMaker":true,"isBestMatch":true}])"},
                {"HistoricalTrades", "/api/v3/historicalTrades?symbol=BTCUSDT&limit=3",
                 R"([{"id":28457,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.00001200","time":1499865549590,"isBuyerMaker":true,"isBestMatch":true}])"},
                {"AggTrades", "/api/v3/aggTrades?symbol=BTCUSDT&limit=3",
                 R"([{"a":3100000001,"p":"65000.00000000","q":"0.00370000","f":4999000001,"l":4999000002,"T":1753000000100,"m":true,"M":true}])"},
                {"Klines", "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=3",
                 R"([[1752998400000,"64950.00000000","65010.50000000","64900.00000000","65000.00000000","512.34567000",1753001999999,"33300000.12345600",60123,"260.11111000","16900000.98765400","0"]])"},
                {"UiKlines", "/api/v3/uiKlines?symbol=BTCUSDT&interval=1h&limit=3",
                 R"([[1752998400000,"64950.00000000","65010.50000000","64900.00000000","65000.00000000","512.34567000",1753001999999,"33300000.12345600",60123,"260.11111000","16900000.98765400","0"]])"},
                {"AvgPrice", "/api/v3/avgPrice?symbol=BTCUSDT",
                 R"({"mins":5,"price":"64987.12345678","closeTime":1753000000100})"},
                {"Ticker24hFull", "/api/v3/ticker/24hr?symbol=BTCUSDT",
                 R"({"symbol":"BTCUSDT","priceChange":"854.02000000","priceChangePercent":"1.253","weightedAvgPrice":"68402.99304666","prevClosePrice":"68155.98000000","lastPrice":"69010.01000000","lastQty":"0.00144000","bidPrice":"69010.00000000","bidQty":"1.40201000","askPrice":"69010.01000000","askQty":"6.97255000","openPrice":"68155.99000000","highPrice":"69216.00000000","lowPrice":"67933.93000000","volume":"22470.37258000","quoteVolume":"1537040739.34553140","openTime":1709952420176,"closeTime":1710038820176,"firstId":3468995915,"lastId":3470456454,"count":1460540})"},
                {"Ticker24hMini", "/api/v3/ticker/24hr?symbols=%5B%22BTCUSDT%22%5D&type=MINI",
                 R"([{"symbol":"BTCUSDT","openPrice":"68155.99000000","highPrice":"69216.00000000","lowPrice":"67933.93000000","lastPrice":"69010.01000000","volume":"22470.37258000","quoteVolume":"1537040739.34553140","openTime":1709952420176,"closeTime":1710038820176,"firstId":3468995915,"lastId":3470456454,"count":1460540}])"},
                {"TradingDay", "/api/v3/ticker/tradingDay?symbol=BTCUSDT", R"({"symbol":"BTCUSDT","priceChange":"-83.13000000","priceChangePercent":"-0.317","weightedAvgPrice":"26234.58803036","openPrice":"26304.80000000","highPrice":"26397.46000000","lowPrice":"26088.34000000","lastPrice":"26221.67000000","volume":"18495.35066000","quoteVolume":"485217905.04210480","openTime":1695686400000,"closeTime":1695772799999,"firstId":3220151555,"lastId":3220849281,"count":697727})"},
                {"Price", "/api/v3/ticker/price?symbols=%5B%22ETHBTC%22,%22BTCUSDT%22%5D",
                 R"([{"symbol":"ETHBTC","price":"0.05692000"},{"symbol":"BTCUSDT","price":"69010.01000000"}])"},
                {"BookTicker", "/api/v3/ticker/bookTicker?symbol=BTCUSDT",
                 R"({"symbol":"BTCUSDT","bidPrice":"69010.00000000","bidQty":"1.40201000","askPrice":"69010.01000000","askQty":"6.97255000"})"},
                {"RollingWindow", "/api/v3/ticker?symbol=BTCUSDT",
                 R"({"symbol":"BTCUSDT","priceChange":"57.91000000","priceChangePercent":"0.123","weightedAvgPrice":"47373.76599466","openPrice":"47231.09000000","highPrice":"48200.00000000","lowPrice":"46765.44000000","lastPrice":"47289.00000000","volume":"44335.93530000","quoteVolume":"2100360224.05644820","openTime":1707489360000,"closeTime":1707575789674,"firstId":3408455700,"lastId":3410085249,"count":1629550})"},
                {"ExecutionRules", "/api/v3/executionRules?symbol=BTCUSDT",
                 R"({"symbolRules":[{"symbol":"BAZUSD","rules":[{"ruleType":"PRICE_RANGE","bidLimitMultUp":"1.0001","bidLimitMultDown":"0.9999","askLimitMultUp":"1.0001","askLimitMultDown":"0.9999"}]}]})"},
                {"ReferencePrice", "/api/v3/referencePrice?symbol=BTCUSDT",
                 R"({"symbol":"BAZUSD","referencePrice":"10.00000000","timestamp":1770736694138})"},
                {"ReferenceCalculation", "/api/v3/referencePrice/calculation?symbol=BTCUSDT",
                 R"({"symbol":"BAZUSD","calculationType":"ARITHMETIC_MEAN","bucketCount":10,"bucketWidthMs":1000})"},
};

class PublicShape : public testing::TestWithParam<Example> {};

TEST_P(PublicShape, IsThatOfTheDocumentedExample) {
  const Standing s;
  const Answer answer = get(s.exchange, GetParam().target);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/json;charset=UTF-8");
  EXPECT_EQ(shape(answer.body), shape(GetParam().json));
  EXPECT_EQ(answer.body.find_first_of(" \n"), std::string::npos) << "the exchange sends no blanks";
}

INSTANTIATE_TEST_SUITE_P(All, PublicShape, testing::ValuesIn(kPublic),
                         [](const auto& example) { return std::string(example.param.name); });

const Example kSigned[] = {
    {"Account", "/api/v3/account?omitZeroBalances=true",
     R"({"makerCommission":10,"takerCommission":10,"buyerCommission":0,"sellerCommission":0,"commissionRates":{"maker":"0.00100000","taker":"0.00100000","buyer":"0.00000000","seller":"0.00000000"},"canTrade":true,"canWithdraw":false,"canDeposit":true,"brokered":false,"requireSelfTradePrevention":false,"preventSor":false,"updateTime":1753000000123,"accountType":"SPOT","balances":[{"asset":"BTC","free":"0.12345678","locked":"0.00000000"},{"asset":"USDT","free":"1000.00000000","locked":"25.50000000"}],"permissions":["SPOT"],"uid":354937868})"},
    {"MyTrades", "/api/v3/myTrades?symbol=BTCUSDT",
     R"([{"symbol":"BNBBTC","id":28457,"orderId":100234,"orderListId":-1,"price":"0.00713100","qty":"12.00000000","quoteQty":"0.08557200","commission":"0.00900000","commissionAsset":"BNB","time":1753000000123,"isBuyer":true,"isMaker":false,"isBestMatch":true}])"},
    {"RateLimitOrder", "/api/v3/rateLimit/order",
     R"([{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":0},{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":160000,"count":0}])"},
    {"Commission", "/api/v3/account/commission?symbol=BTCUSDT",
     R"({"symbol":"BTCUSDT","standardCommission":{"maker":"0.00100000","taker":"0.00100000","buyer":"0.00000000","seller":"0.00000000"},"specialCommission":{"maker":"0.00000000","taker":"0.00000000","buyer":"0.00000000","seller":"0.00000000"},"taxCommission":{"maker":"0.00000000","taker":"0.00000000","buyer":"0.00000000","seller":"0.00000000"},"discount":{"enabledForAccount":true,"enabledForSymbol":true,"discountAsset":"BNB","discount":"0.75000000"}})"},
};

class SignedShape : public testing::TestWithParam<Example> {};

TEST_P(SignedShape, IsThatOfTheDocumentedExample) {
  const Standing s;
  const std::string target = GetParam().target;
  const std::size_t mark = target.find('?');
  const Answer answer = signed_get(s.exchange, target.substr(0, mark),
                                   mark == std::string::npos ? "" : target.substr(mark + 1));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(shape(answer.body), shape(GetParam().json));
}

INSTANTIATE_TEST_SUITE_P(All, SignedShape, testing::ValuesIn(kSigned),
                         [](const auto& example) { return std::string(example.param.name); });

constexpr const char* kOrder =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=110000";
const std::string kStamped = std::string(kOrder) + "&timestamp=" + std::to_string(kNoonMs);

TEST(OrderTest, AValidOrderIsAnEmptyObject) {
  const Standing s;
  EXPECT_EQ(told(signed_post(s.exchange, "/api/v3/order/test", kStamped, "")), "200 {}");
}

TEST(OrderTest, CommissionRatesHaveTheDocumentedShape) {
  const Standing s;
  const Answer answer =
      signed_post(s.exchange, "/api/v3/order/test", "", kStamped + "&computeCommissionRates=true");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(
      shape(answer.body),
      shape(
          R"({"standardCommissionForOrder":{"maker":"0.00100000","taker":"0.00100000"},"specialCommissionForOrder":{"maker":"0.00000000","taker":"0.00000000"},"taxCommissionForOrder":{"maker":"0.00000000","taker":"0.00000000"},"discount":{"enabledForAccount":true,"enabledForSymbol":true,"discountAsset":"BNB","discount":"0.75000000"}})"));
}

TEST(OrderTest, ShowsTheOrderCountsOfTheAccount) {
  Standing s;
  s.exchange.add_orders(7);
  const Answer answer = signed_post(s.exchange, "/api/v3/order/test", kStamped, "");
  EXPECT_EQ(answer.header("x-mbx-order-count-10s"), "7");
  EXPECT_EQ(answer.header("x-mbx-order-count-1d"), "7");
}

TEST(TimeUnit, MicrosecondsReachEveryTimeField) {
  const Standing s;
  for (const Example& example : kPublic) {
    const Answer answer = get(s.exchange, example.target, {{"X-MBX-TIME-UNIT", "MICROSECOND"}});
    std::string expected = shape(example.json);
    for (std::size_t at = 0; (at = expected.find("ms", at)) != std::string::npos;) {
      // "ms" as a type stands behind a colon or in a record.
      if (expected[at - 1] == ':' || expected[at - 1] == ' ' || expected[at - 1] == '[') {
        expected.replace(at, 2, "us");
      }
      at += 2;
    }
    EXPECT_EQ(shape(answer.body), expected) << example.target;
  }
}

TEST(TimeUnit, EitherCaseIsRightAndAnotherWordIsRefused) {
  const Standing s;
  const auto with = [&](const char* unit) {
    return get(s.exchange, "/api/v3/time", {{"X-MBX-TIME-UNIT", unit}});
  };
  EXPECT_EQ(told(with("microsecond")), R"(200 {"serverTime":1735732800000000})");
  EXPECT_EQ(told(with("millisecond")), R"(200 {"serverTime":1735732800000})");
  EXPECT_EQ(told(with("MILLISECOND")), R"(200 {"serverTime":1735732800000})");
  EXPECT_EQ(value(with("Second").body, "code"), "-1194");
}

TEST(TimeUnit, TheLastInstantOfACandleEndsInNines) {
  const Standing s;
  const std::string target = "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=1";
  EXPECT_EQ(value(get(s.exchange, target).body, "0.6"), "1735732799999");
  EXPECT_EQ(value(get(s.exchange, target, {{"X-MBX-TIME-UNIT", "microsecond"}}).body, "0.6"),
            "1735732799999999");
}

TEST(ExchangeInfo, PermissionSetsCanBeLeftOut) {
  const Standing s;
  const Answer answer =
      get(s.exchange, "/api/v3/exchangeInfo?symbol=BTCUSDT&showPermissionSets=false");
  EXPECT_EQ(value(answer.body, "symbols.0.permissionSets"), "[]");
}

TEST(ExchangeInfo, PermissionsFilterTheList) {
  const Standing s;
  const auto count = [&](const std::string& query) {
    return values(get(s.exchange, "/api/v3/exchangeInfo" + query).body, "symbols.*.symbol").size();
  };
  EXPECT_EQ(count(""), 31u);
  EXPECT_EQ(count("?permissions=SPOT"), 31u);
  EXPECT_EQ(count("?permissions=%5B%22MARGIN%22%2C%22LEVERAGED%22%5D"), 31u);
  EXPECT_EQ(count("?permissions=LEVERAGED"), 0u);
  EXPECT_EQ(count("?symbolStatus=BREAK"), 1u);
  EXPECT_EQ(count("?symbolStatus=HALT"), 0u);
}

TEST(Headers, EveryAnswerShowsTheUsedWeightAndAnIdOfItsOwn) {
  const Standing s;
  const Answer first = get(s.exchange, "/api/v3/ping"), second = get(s.exchange, "/api/v3/ping");
  EXPECT_EQ(first.header("x-mbx-used-weight"), "1");
  EXPECT_EQ(first.header("x-mbx-used-weight-1m"), "1");
  EXPECT_EQ(second.header("x-mbx-used-weight-1m"), "2");
  EXPECT_NE(first.header("x-mbx-uuid"), second.header("x-mbx-uuid"));
  EXPECT_EQ(first.header("x-mbx-uuid")->size(), 36u);
}

TEST(Headers, AreTheSameForTheSameSeed) {
  const Standing one, other;
  EXPECT_EQ(get(one.exchange, "/api/v3/ping").head, get(other.exchange, "/api/v3/ping").head);
}

TEST(Paths, AnUnknownOneIsAPageForWhoAcceptsPages) {
  const Standing s;
  EXPECT_EQ(told(get(s.exchange, "/api/v1/time")), "404 ");
  const Answer page = get(s.exchange, "/api/v1/time", {{"Accept", "text/html,*/*"}});
  EXPECT_EQ(page.status, 404);
  EXPECT_EQ(page.header("Content-Type"), "text/html");
  EXPECT_EQ(page.body.find("<html>"), 0u);
}

TEST(Paths, AnotherMethodIs405) {
  const Standing s;
  EXPECT_EQ(post(s.exchange, "/api/v3/time").status, 405);
  EXPECT_EQ(get(s.exchange, "/api/v3/order/test").status, 405);
}

}  // namespace
}  // namespace bourse::fake_exchange::test
