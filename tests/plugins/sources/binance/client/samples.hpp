// SPDX-License-Identifier: MIT
//
// Answers in the shape of the exchange's documentation, with invented values.
#pragma once

#include <string>

namespace bourse::binance {

inline const std::string kCandlesBody =
    R"([[1752998400000,"64950.00000000","65010.50000000","64900.00000000","65000.00000000",)"
    R"("512.34567000",1753001999999,"33300000.12345600",60123,"260.11111000",)"
    R"("16900000.98765400","0"],)"
    R"([1753002000000,"65000.00000000","65100.00000000","64990.00000000","65050.00000000",)"
    R"("79310965841885.00",1753005599999,"284227394804.05000000",0,"0.00","0.00000000","0"]])";

inline const std::string kTickerBody =
    R"({"symbol":"BTCUSDT","priceChange":"854.02000000","priceChangePercent":"1.253",)"
    R"("weightedAvgPrice":"68402.99304666","prevClosePrice":"68155.98000000",)"
    R"("lastPrice":"69010.01000000","lastQty":"0.00144000","bidPrice":"69010.00000000",)"
    R"("bidQty":"1.40201000","askPrice":"69010.01000000","askQty":"6.97255000",)"
    R"("openPrice":"68155.99000000","highPrice":"69216.00000000","lowPrice":"67933.93000000",)"
    R"("volume":"22470.37258000","quoteVolume":"1537040739.34553140",)"
    R"("openTime":1709952420176,"closeTime":1710038820176,"firstId":3468995915,)"
    R"("lastId":3470456454,"count":1460540})";

/// A market that stopped trading: zeros, except where old values stay.
inline const std::string kInactiveTickerBody =
    R"({"symbol":"BCCBTC","priceChange":"0.00000000","priceChangePercent":"0.000",)"
    R"("weightedAvgPrice":"0.00000000","prevClosePrice":"0.07908100","lastPrice":"0.00000000",)"
    R"("lastQty":"0.00000000","bidPrice":"0.00000000","bidQty":"0.00000000",)"
    R"("askPrice":"0.00000000","askQty":"0.00000000","openPrice":"0.00000000",)"
    R"("highPrice":"0.00000000","lowPrice":"0.00000000","volume":"0.00000000",)"
    R"("quoteVolume":"0.00000000","openTime":1709952419773,"closeTime":1710038819773,)"
    R"("firstId":-1,"lastId":-1,"count":0})";

inline const std::string kDepthBody =
    R"({"lastUpdateId":1027024001,"bids":[["64999.99000000","0.43100000"],)"
    R"(["64999.50000000","1.20000000"]],"asks":[["65000.00000000","0.12000000"],)"
    R"(["65000.01000000","92233720368.54775807"]]})";

inline const std::string kTradesBody =
    R"([{"id":4999000001,"price":"65000.00000000","qty":"0.00120000","quoteQty":"78.00000000",)"
    R"("time":1753000000100,"isBuyerMaker":true,"isBestMatch":true},)"
    R"({"id":4999000002,"price":"65000.01000000","qty":"1","quoteQty":"65000.01",)"
    R"("time":1753000000100,"isBuyerMaker":false,"isBestMatch":true}])";

inline const std::string kExchangeInfoBody = R"({
  "timezone": "UTC", "serverTime": 1753000000123,
  "rateLimits": [
    {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},
    {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100},
    {"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":200000},
    {"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":300000},
    {"rateLimitType":"INVENTED_2027","interval":"FORTNIGHT","intervalNum":1,"limit":7}],
  "exchangeFilters": [{"filterType":"EXCHANGE_MAX_NUM_ORDERS","maxNumOrders":1000}],
  "symbols": [{
    "symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","baseAssetPrecision":8,
    "quoteAsset":"USDT","quotePrecision":8,"quoteAssetPrecision":8,
    "orderTypes":["LIMIT","LIMIT_MAKER","MARKET"],"icebergAllowed":true,
    "filters":[
      {"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000",
       "tickSize":"0.01000000"},
      {"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000",
       "stepSize":"0.00001000"},
      {"filterType":"ICEBERG_PARTS","limit":100},
      {"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"71.31405873",
       "stepSize":"0.00000000"},
      {"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,
       "maxNotional":"9000000.00000000","applyMaxToMarket":false,"avgPriceMins":5},
      {"filterType":"INVENTED_2027","nested":{"a":[1,{"b":2}]}}],
    "permissions":[],"permissionSets":[["SPOT","MARGIN","TRD_GRP_261"]],
    "defaultSelfTradePreventionMode":"EXPIRE_MAKER",
    "allowedSelfTradePreventionModes":["EXPIRE_TAKER","TRANSFER"]},
   {"symbol":"\u8fd9\u662f456","status":"SLEEPING_2027","baseAsset":"1000SATS",
    "baseAssetPrecision":2,"quoteAsset":"USDT","quoteAssetPrecision":8,"orderTypes":[],
    "filters":[{"tickSize":"0.00000000","minPrice":"0","maxPrice":"0",
                "filterType":"PRICE_FILTER"},
               {"filterType":"MIN_NOTIONAL","minNotional":"10.0","applyToMarket":true}]}],
  "sors": [{"baseAsset":"BTC","symbols":["BTCUSDT","BTCUSDC"]}]
})";

inline const std::string kAccountBody =
    R"({"makerCommission":10,"takerCommission":10,"buyerCommission":0,"sellerCommission":0,)"
    R"("commissionRates":{"maker":"0.00100000","taker":"0.00200000","buyer":"0.00000000",)"
    R"("seller":"0.00000000"},"canTrade":true,"canWithdraw":false,"canDeposit":true,)"
    R"("brokered":false,"requireSelfTradePrevention":false,"preventSor":false,)"
    R"("updateTime":1753000000123,"accountType":"SPOT","balances":[{"asset":"BTC",)"
    R"("free":"0.12345678","locked":"0.00000000"},{"asset":"USDT","free":"1000.00000000",)"
    R"("locked":"25.50000000"}],"permissions":["SPOT","TRD_GRP_004"],"uid":354937868})";

}  // namespace bourse::binance
