// SPDX-License-Identifier: MIT
//
// Refusals: status, code and text, as the documents have them.
#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

struct Refusal {
  std::string target;
  std::string told;  ///< status and body; or its beginning
};

void expect_all(const Exchange& exchange, const std::vector<Refusal>& table) {
  for (const auto& [target, expected] : table) {
    const std::string text = told(get(exchange, "/api/v3/" + target));
    EXPECT_EQ(text.substr(0, expected.size()), expected) << target;
  }
}

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '"' || c == ',' || c == ' ' || c == '{') {
      constexpr char kHex[] = "0123456789ABCDEF";
      out += '%';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out;
}

TEST(Errors, OfSymbols) {
  const Standing s;
  expect_all(
      s.exchange,
      {{"depth?symbol=NOPE", R"(400 {"code":-1121,"msg":"Invalid symbol."})"},
       {"ticker/price?symbol=NOPE", R"(400 {"code":-1121,"msg":"Invalid symbol."})"},
       {"exchangeInfo?symbol=NOPE", R"(400 {"code":-1121,)"},
       {"exchangeInfo?symbols=" + encoded(R"(["BTCUSDT","NOPE"])"), R"(400 {"code":-1121,)"},
       {"depth?symbol=%E8%BF%99%E6%98%AF", R"(400 {"code":-1121,)"},
       {"depth?symbol=btcusdt",
        R"(400 {"code":-1100,"msg":"Illegal characters found in parameter 'symbol'; legal )"
        R"(range is '^[A-Z0-9-_.]{1,20}$'."})"},
       {"depth?symbol=ABCDEFGHIJKLMNOPQRSTU", R"(400 {"code":-1100,)"},
       {"depth", R"(400 {"code":-1102,"msg":"Mandatory parameter 'symbol' was not sent, was )"
                 R"(empty/null, or malformed."})"},
       {"depth?symbol=", R"(400 {"code":-1102,)"},
       {"referencePrice?symbol=ETHBTC", R"(400 {"code":-2043,)"}});
}

TEST(Errors, OfListsOfSymbols) {
  const Standing s;
  const auto list = [](const char* json) { return "ticker/price?symbols=" + encoded(json); };
  expect_all(
      s.exchange,
      {{list(R"(["BTCUSDT","BTCUSDT"])"),
        R"(400 {"code":-1151,"msg":"Symbol is present multiple times in the list."})"},
       {list(R"(["BTCUSDT", "ETHBTC"])"),
        R"(400 {"code":-1100,"msg":"Illegal characters found in parameter 'symbols'; legal range)"},
       {list(R"(["btcusdt"])"), R"(400 {"code":-1100,)"},
       {list(R"(["BTCUSDT",])"),
        R"(400 {"code":-1135,"msg":"JSON sent for parameter 'symbols' is not valid"})"},
       {list(R"(["BTCUSDT")"), R"(400 {"code":-1135,)"},
       {list(R"(BTCUSDT)"), R"(400 {"code":-1135,)"},
       {list(R"([BTCUSDT])"), R"(400 {"code":-1135,)"},
       {list(R"([""])"), R"(400 {"code":-1135,)"},
       {list(R"([])"), R"(400 {"code":-1130,)"},
       {"ticker/price?symbol=BTCUSDT&symbols=" + encoded(R"(["BTCUSDT"])"),
        R"(400 {"code":-1128,"msg":"Combination of optional parameters invalid."})"},
       {"exchangeInfo?symbol=BTCUSDT&permissions=SPOT", R"(400 {"code":-1128,)"},
       {"exchangeInfo?symbol=BTCUSDT&symbolStatus=TRADING", R"(400 {"code":-1128,)"}});
}

TEST(Errors, OneNameInAListIsStillAListAndTheCommaMayBeBare) {
  const Standing s;
  EXPECT_EQ(get(s.exchange, "/api/v3/ticker/price?symbols=%5B%22BTCUSDT%22%5D").body.front(), '[');
  EXPECT_EQ(get(s.exchange, "/api/v3/ticker/price?symbols=%5B%22BTCUSDT%22,%22ETHBTC%22%5D").status,
            200);
  EXPECT_EQ(get(s.exchange, R"(/api/v3/ticker/price?symbols=["BTCUSDT","ETHBTC"])").status, 200);
}

TEST(Errors, OfWindowTickers) {
  const Standing s;
  std::string many;
  for (int i = 0; i < 101; ++i) many += (i == 0 ? "[\"S" : ",\"S") + std::to_string(i) + "\"";
  many += "]";
  expect_all(
      s.exchange,
      {{"ticker/tradingDay",
        R"(400 {"code":-1102,"msg":"Param 'symbol' or 'symbols' must be sent, but both were )"
        R"(empty/null!"})"},
       {"ticker", R"(400 {"code":-1102,)"},
       {"ticker/tradingDay?symbols=" + encoded(many),
        R"(400 {"code":-1101,"msg":"Too many values sent for parameter 'symbols', maximum allowed )"
        R"(up to 100."})"},
       {"ticker?symbol=BTCUSDT&windowSize=60m", R"(400 {"code":-1130,)"},
       {"ticker?symbol=BTCUSDT&windowSize=24h", R"(400 {"code":-1130,)"},
       {"ticker?symbol=BTCUSDT&windowSize=8d", R"(400 {"code":-1130,)"},
       {"ticker?symbol=BTCUSDT&windowSize=1h30m", R"(400 {"code":-1130,)"},
       {"ticker/24hr?symbol=BTCUSDT&type=HUGE", R"(400 {"code":-1139,)"}});
}

TEST(Errors, OfCandles) {
  const Standing s;
  const std::string hours = "klines?symbol=BTCUSDT&interval=1h";
  expect_all(
      s.exchange,
      {{"klines?symbol=BTCUSDT", R"(400 {"code":-1102,"msg":"Mandatory parameter 'interval')"},
       {"klines?symbol=BTCUSDT&interval=1H", R"(400 {"code":-1120,"msg":"Invalid interval."})"},
       {"klines?symbol=BTCUSDT&interval=7m", R"(400 {"code":-1120,)"},
       {hours + "&limit=abc",
        R"(400 {"code":-1100,"msg":"Illegal characters found in parameter 'limit'; legal )"
        R"(range is '^[0-9]{1,20}$'."})"},
       {hours + "&limit=-1", R"(400 {"code":-1100,)"},
       {hours + "&limit=0",
        R"(400 {"code":-1130,"msg":"Data sent for parameter 'limit' is not valid."})"},
       {hours + "&limit=99999999999999999999", R"(400 {"code":-1108,)"},
       {hours + "&limit=", R"(400 {"code":-1105,)"},
       {hours + "&startTime=1.5", R"(400 {"code":-1100,)"},
       {hours + "&timeZone=15", R"(400 {"code":-1130,)"},
       {hours + "&timeZone=-12:01", R"(400 {"code":-1130,)"},
       {hours + "&timeZone=x", R"(400 {"code":-1130,)"}});
}

TEST(Errors, OfParametersAsSuch) {
  const Standing s;
  expect_all(
      s.exchange,
      {{"ping?a=1&b=2", R"(400 {"code":-1104,"msg":"Not all sent parameters were read; read '0' )"
                        R"(parameter(s) but was sent '2'."})"},
       {"depth?symbol=BTCUSDT&symbol=ETHBTC", R"(400 {"code":-1101,)"},
       {"depth?symbol=%zz", R"(400 {"code":-1100,)"},
       {"aggTrades?symbol=BTCUSDT&fromId=1&startTime=1", R"(400 {"code":-1128,)"}});
}

TEST(Errors, OfStatusFollowTheSymbol) {
  Standing s;
  s.exchange.set_status("ETHBTC", "BREAK");
  const std::string both = "ticker/price?symbols=" + encoded(R"(["BTCUSDT","ETHBTC"])");
  expect_all(s.exchange,
             {{"ticker/price?symbol=ETHBTC&symbolStatus=TRADING", R"(400 {"code":-1220,)"},
              {"depth?symbol=ETHBTC&symbolStatus=TRADING", R"(400 {"code":-1220,)"},
              {"depth?symbol=ETHBTC&symbolStatus=BREAK&limit=1", "200"},
              {"ticker/price?symbol=ETHBTC&symbolStatus=OPEN", R"(400 {"code":-1122,)"},
              {both + "&symbolStatus=HALT", "200 []"}});
  EXPECT_EQ(values(get(s.exchange, "/api/v3/" + both + "&symbolStatus=BREAK").body, "*.symbol"),
            std::vector<std::string>{"ETHBTC"});
  EXPECT_EQ(value(get(s.exchange, "/api/v3/exchangeInfo?symbol=ETHBTC").body, "symbols.0.status"),
            "BREAK");
}

// ---- signed

std::string code(const Answer& answer) {
  return std::to_string(answer.status) + " " + value(answer.body, "code");
}

TEST(SignedErrors, OfKeys) {
  Standing s;
  const std::string query =
      "/api/v3/account?timestamp=" + std::to_string(kNoonMs) + "&signature=00";
  EXPECT_EQ(told(get(s.exchange, query)), R"(401 {"code":-2014,"msg":"API-key format invalid."})");
  EXPECT_EQ(code(get(s.exchange, query, key_header("short"))), "401 -2014");
  EXPECT_EQ(told(get(s.exchange, query, key_header(std::string(64, 'x')))),
            R"(401 {"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})");
  s.exchange.remove_key(kExampleKey);
  EXPECT_EQ(code(signed_get(s.exchange, "/api/v3/account")), "401 -2015");
}

TEST(SignedErrors, OfPermissions) {
  Standing s;
  s.exchange.set_key(kExampleKey, {Key::hmac(kExampleSecret), true, false});
  EXPECT_EQ(signed_get(s.exchange, "/api/v3/account").status, 200);
  EXPECT_EQ(code(signed_post(s.exchange, "/api/v3/order/test",
                             "timestamp=" + std::to_string(kNoonMs), "")),
            "401 -2015");
}

TEST(SignedErrors, OfMissingParts) {
  const Standing s;
  EXPECT_EQ(told(get(s.exchange, "/api/v3/account", key_header())),
            R"(400 {"code":-1102,"msg":"Mandatory parameter 'timestamp' was not sent, was )"
            R"(empty/null, or malformed."})");
  EXPECT_EQ(
      told(get(s.exchange, "/api/v3/account?timestamp=" + std::to_string(kNoonMs), key_header())),
      R"(400 {"code":-1102,"msg":"Mandatory parameter 'signature' was not sent, was )"
      R"(empty/null, or malformed."})");
}

TEST(SignedErrors, OfTimestamps) {
  const Standing s;
  const auto at = [&](std::int64_t timestamp, const std::string& window = "") {
    return told(signed_get(s.exchange, "/api/v3/rateLimit/order", window, timestamp)).substr(0, 90);
  };
  const std::string late =
      std::string(
          R"(400 {"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."})")
          .substr(0, 90);
  const std::string early =
      std::string(
          R"(400 {"code":-1021,"msg":"Timestamp for this request was 1000ms ahead of the server's time."})")
          .substr(0, 90);
  EXPECT_EQ(at(kNoonMs - 5'000).substr(0, 3), "200");
  EXPECT_EQ(at(kNoonMs - 5'001), late);
  EXPECT_EQ(at(kNoonMs + 999).substr(0, 3), "200");
  EXPECT_EQ(at(kNoonMs + 1'000), early);
  EXPECT_EQ(at(kNoonMs - 100, "recvWindow=100").substr(0, 3), "200");
  EXPECT_EQ(at(kNoonMs - 101, "recvWindow=100"), late);
  EXPECT_EQ(at(kNoonMs - 60'000, "recvWindow=60000").substr(0, 3), "200");
  // Microseconds, told apart by their size, and a window with decimals.
  EXPECT_EQ(at(kNoonMs * 1'000 - 6'346, "recvWindow=6.346").substr(0, 3), "200");
  EXPECT_EQ(at(kNoonMs * 1'000 - 6'347, "recvWindow=6.346"), late);
}

/// Before an order is handed over to the engine, its age is looked at once more.
TEST(SignedErrors, OfOrdersThatBecomeTooOldOnTheWay) {
  Standing s;
  const auto send = [&](const std::string& window) {
    s.exchange.faults().add({.kind = FaultKind::kSlow, .delay = std::chrono::milliseconds{50}});
    return code(signed_post(s.exchange, "/api/v3/order/test",
                            "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&recvWindow=" +
                                window + "&timestamp=" + std::to_string(kNoonMs),
                            ""));
  };
  EXPECT_EQ(send("49"), "400 -1021");
  EXPECT_EQ(send("50").substr(0, 3), "200");
  s.exchange.faults().add({.kind = FaultKind::kSlow, .delay = std::chrono::milliseconds{50}});
  EXPECT_EQ(signed_get(s.exchange, "/api/v3/account", "recvWindow=49").status, 200) << "no order";
}

TEST(Errors, OfUnknownPathsShowTheUsedWeightAsWell) {
  const Standing s;
  get(s.exchange, "/api/v3/depth?symbol=BTCUSDT");
  const Answer unknown = get(s.exchange, "/api/v3/nowhere");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.header("x-mbx-used-weight-1m"), "5") << "costs nothing";
  const Answer method = post(s.exchange, "/api/v3/depth?symbol=BTCUSDT");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("x-mbx-used-weight-1m"), "5");
}

TEST(SignedErrors, OfTheWindow) {
  const Standing s;
  const auto with = [&](const std::string& window) {
    return code(signed_get(s.exchange, "/api/v3/rateLimit/order", "recvWindow=" + window));
  };
  EXPECT_EQ(with("60001"), "400 -1131");
  EXPECT_EQ(with("60000.001"), "400 -1131");
  EXPECT_EQ(with("1.2345"), "400 -1100");
  EXPECT_EQ(with("-5"), "400 -1100");
  EXPECT_EQ(with("abc"), "400 -1100");
}

TEST(SignedErrors, FollowTheSkewedClock) {
  Standing s;
  s.exchange.clock().set_skew(std::chrono::hours{3});
  EXPECT_EQ(code(signed_get(s.exchange, "/api/v3/account")), "400 -1021");
  EXPECT_EQ(signed_get(s.exchange, "/api/v3/account", "", kNoonMs + 3 * 3'600'000).status, 200);
}

TEST(SignedErrors, OfOwnTrades) {
  const Standing s;
  const auto with = [&](const std::string& query) {
    const Answer answer = signed_get(s.exchange, "/api/v3/myTrades", query);
    return answer.status == 200 ? "200" : code(answer);
  };
  EXPECT_EQ(with(""), "400 -1102");
  EXPECT_EQ(with("symbol=NOPE"), "400 -1121");
  const std::string btc = "symbol=BTCUSDT";
  for (const char* const legal :
       {"", "&orderId=1", "&startTime=1735700000000", "&endTime=1735700000000", "&fromId=1",
        "&startTime=1735700000000&endTime=1735700000000", "&orderId=1&fromId=1"}) {
    EXPECT_EQ(with(btc + legal), "200") << legal;
  }
  for (const char* const wrong :
       {"&orderId=1&startTime=1", "&fromId=1&endTime=1", "&orderId=1&fromId=1&endTime=1"}) {
    EXPECT_EQ(with(btc + wrong), "400 -1128") << wrong;
  }
  EXPECT_EQ(with(btc + "&startTime=1735600000000&endTime=1735686400001"), "400 -1127");
  EXPECT_EQ(with(btc + "&startTime=1735600000000&endTime=1735686400000"), "200");
}

TEST(SignedErrors, OfOrders) {
  Standing s;
  const auto with = [&](const std::string& order) {
    const Answer answer = signed_post(s.exchange, "/api/v3/order/test",
                                      order + "&timestamp=" + std::to_string(kNoonMs), "");
    return answer.status == 200 ? "200"
                                : value(answer.body, "code") + " " + value(answer.body, "msg");
  };
  const std::string start = "symbol=BTCUSDT&side=BUY&type=";
  const std::string limit = start + "LIMIT&timeInForce=GTC";
  const std::string right = limit + "&quantity=0.01&price=110000";
  const std::vector<std::pair<std::string, std::string>> table = {
      {right, "200"},
      {right + "&newClientOrderId=a-Z_9", "200"},
      {start + "MARKET&quoteOrderQty=50", "200"},
      {start + "LIMIT_MAKER&quantity=0.01&price=110000", "200"},
      {start + "STOP_LOSS&quantity=0.01&stopPrice=90000", "200"},
      {start + "TAKE_PROFIT_LIMIT&timeInForce=IOC&quantity=0.01&price=110000&trailingDelta=100",
       "200"},
      {limit + "&quantity=0.01&pegPriceType=PRIMARY_PEG", "200"},
      {"symbol=BTCUSDT&side=HOLD&type=LIMIT", "-1117 Invalid side."},
      {"symbol=BTCUSDT&type=LIMIT",
       "-1102 Mandatory parameter 'side' was not sent, was empty/null, or malformed."},
      {start + "GUESS", "-1116 Invalid orderType."},
      {start + "LIMIT&timeInForce=LATER", "-1115 Invalid timeInForce."},
      {start + "LIMIT&quantity=0.01&price=1",
       "-1102 Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."},
      {start + "MARKET&quantity=0.01&timeInForce=GTC",
       "-1114 TimeInForce parameter sent when not required."},
      {limit + "&quantity=0.01",
       "-1102 Mandatory parameter 'price' was not sent, was empty/null, or malformed."},
      {limit + "&price=110000",
       "-1102 Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."},
      {start + "MARKET",
       "-1102 Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"},
      {start + "MARKET&quantity=1&quoteOrderQty=1",
       "-1128 Combination of optional parameters invalid."},
      {start + "MARKET&quantity=0.01&price=1", "-1106 Parameter 'price' sent when not required."},
      {start + "STOP_LOSS&quantity=0.01",
       "-1102 Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!"},
      {right + "&stopPrice=1", "-1106 Parameter 'stopPrice' sent when not required."},
      {limit + "&quantity=1e2&price=110000",
       R"(-1100 Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.)"},
      {limit + "&quantity=.5&price=110000",
       R"(-1100 Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.)"},
      {limit + "&quantity=0.000000001&price=110000",
       "-1111 Parameter 'quantity' has too much precision."},
      {limit + "&quantity=0.000001&price=110000", "-1013 Filter failure: LOT_SIZE"},
      {limit + "&quantity=0.010005&price=110000", "-1013 Filter failure: LOT_SIZE"},
      {limit + "&quantity=0.01&price=110000.001", "-1013 Filter failure: PRICE_FILTER"},
      {limit + "&quantity=0.01&price=900000", "-1013 Filter failure: PERCENT_PRICE_BY_SIDE"},
      {limit + "&quantity=0.00001&price=110000", "-1013 Filter failure: NOTIONAL"},
      {limit + "&quantity=1&price=110000&icebergQty=0.001", "-1013 Filter failure: ICEBERG_PARTS"},
      {right + "&strategyType=5", "-1134 `strategyType` was less than 1000000."},
      {right + "&newOrderRespType=LOUD",
       "-1130 Data sent for parameter 'newOrderRespType' is not valid."},
      {right + "&pegPriceType=X", "-1210 Invalid pegPriceType."},
      {right + "&pegOffsetType=X", "-1211 Invalid pegOffsetType."},
      {right + "&mood=good",
       "-1104 Not all sent parameters were read; read '8' parameter(s) but was sent '9'."},
  };
  for (const auto& [order, expected] : table) {
    EXPECT_EQ(with(order), expected) << order;
  }
  EXPECT_EQ(with(right + "&newClientOrderId=a%20b").substr(0, 5), "-1100");
  s.exchange.set_status("BTCUSDT", "HALT");
  EXPECT_EQ(with(right), "-1013 Market is closed.");
}

TEST(SignedErrors, TheQueryWinsOverTheBody) {
  const Standing s;
  const std::string order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01";
  const std::string rest = "price=110000&timestamp=" + std::to_string(kNoonMs);
  EXPECT_EQ(signed_post(s.exchange, "/api/v3/order/test", order, rest + "&side=HOLD").status, 200);
  EXPECT_EQ(code(signed_post(s.exchange, "/api/v3/order/test", order, rest + "&price=1")),
            "400 -1101");
}

}  // namespace
}  // namespace bourse::fake_exchange::test
