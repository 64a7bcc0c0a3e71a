// SPDX-License-Identifier: MIT
//
// Everything that goes wrong with streams, on command.
#include "tests/exchange/stream_faults.hpp"

#include "tests/exchange/certificate.hpp"
#include "tests/exchange/fixture.hpp"
#include "tests/exchange/stream_client.hpp"

namespace bourse::fake_exchange::test {
namespace {

using namespace std::chrono_literals;
using host::test::eventually;
using Texts = std::vector<std::string>;

constexpr const char* kList = R"({"method":"LIST_SUBSCRIPTIONS","id":1})";

class StreamFault : public testing::Test {
 protected:
  Exchange& exchange() { return standing_.exchange; }
  [[nodiscard]] StreamClient client(const std::string& target) {
    return {exchange().port(), target};
  }
  /// Waits until it is known to the exchange: faults that are added later do not meet its opening.
  [[nodiscard]] std::unique_ptr<StreamClient> opened(const std::string& target) {
    const auto before = exchange().streams().opened();
    auto out = std::make_unique<StreamClient>(exchange().port(), target);
    EXPECT_TRUE(eventually([&] { return exchange().streams().opened() > before; }));
    EXPECT_EQ(out->ask(kList).substr(0, 10), R"({"result":)");
    return out;
  }
  void add(FaultKind kind, const std::string& path = "", Fault more = {}) {
    more.kind = kind;
    more.path = path;
    exchange().faults().add(std::move(more));
  }
  void advance(microseconds by = 1s) { exchange().clock().advance(by); }
  [[nodiscard]] std::string rest(const std::string& target) {
    return get(exchange(), "/api/v3/" + target).body;
  }
  static std::string next(StreamClient& client) { return client.read().value_or("(nothing)"); }

  Standing standing_;
};

// ---- silence

TEST_F(StreamFault, AMuteConnectionTellsNothingButPings) {
  const auto stream = opened("/stream?streams=btcusdt@miniTicker/ethusdt@miniTicker"),
             other = opened("/ws/btcusdt@miniTicker");
  add(FaultKind::kStreamMute, "ethusdt@miniTicker");
  advance();
  EXPECT_TRUE(next(*stream).starts_with(R"({"stream":"btcusdt@miniTicker")")) << "told before";
  advance(20s);
  EXPECT_TRUE(stream->is_silent());
  EXPECT_EQ(stream->control_frames().size(), 1u);
  EXPECT_EQ(other->read(std::size_t{2}).size(), 2u);
  EXPECT_EQ(stream->ask(kList).substr(0, 10), R"({"result":)") << "and answers";
}

TEST_F(StreamFault, AQuietStreamIsHiddenByTheOthers) {
  const auto stream = opened("/stream?streams=btcusdt@miniTicker/ethusdt@miniTicker");
  add(FaultKind::kStreamQuiet, "btcusdt@*");
  for (int i = 0; i < 3; ++i) {
    advance();
    EXPECT_TRUE(next(*stream).starts_with(R"({"stream":"ethusdt@miniTicker")"));
  }
  EXPECT_TRUE(stream->is_silent());
  EXPECT_NE(stream->ask(kList).find("btcusdt@miniTicker"), std::string::npos) << "still listed";
}

TEST_F(StreamFault, ADeafConnectionAnswersNothing) {
  const auto stream = opened("/ws/btcusdt@miniTicker");
  add(FaultKind::kStreamDeaf, "btcusdt@miniTicker");
  advance();
  EXPECT_NE(next(*stream), "(nothing)") << "data goes on";
  stream->ping("are you there");
  stream->send(kList);
  EXPECT_TRUE(stream->is_silent());
  EXPECT_TRUE(stream->control_frames().empty());
  advance();
  EXPECT_NE(next(*stream), "(nothing)");
  EXPECT_FALSE(stream->close(300ms)) << "the close handshake is not answered";
}

TEST_F(StreamFault, PingsCanComeWithoutData) {
  const auto stream = opened("/ws/btcusdt@miniTicker");
  add(FaultKind::kStreamPings, "", {.delay = 300ms});
  advance();
  EXPECT_TRUE(stream->is_silent(1s));
  EXPECT_GE(stream->control_frames().size(), 3u);
  EXPECT_LE(stream->control_frames().size(), 4u);
  EXPECT_EQ(stream->end(1ms), "open") << "answered, they keep the connection";
}

// ---- what is told

TEST_F(StreamFault, ADiffCanBeMissing) {
  const auto stream = opened("/ws/btcusdt@depth");
  advance();
  const std::int64_t last = std::stoll(value(next(*stream), "u"));
  add(FaultKind::kStreamGap, "btcusdt@depth");
  advance();
  advance();
  EXPECT_EQ(std::stoll(value(next(*stream), "U")), last + 101) << "a second has 100 ids";
}

TEST_F(StreamFault, AMessageCanComeTwiceOrAThousandTimes) {
  const auto stream = opened("/ws/btcusdt@miniTicker");
  add(FaultKind::kStreamRepeat);
  advance();
  EXPECT_EQ(next(*stream), next(*stream));
  add(FaultKind::kStreamFlood);
  advance();
  const Texts flood = stream->read(std::size_t{1'000});
  EXPECT_EQ(flood.size(), 1'000u);
  EXPECT_EQ(flood.front(), flood.back());
  EXPECT_TRUE(stream->is_silent());
  add(FaultKind::kStreamFlood, "", {.bytes = 3});
  advance();
  EXPECT_EQ(stream->read(std::size_t{3}).size(), 3u);
  EXPECT_TRUE(stream->is_silent());
}

TEST_F(StreamFault, ADiffCanOverlapTheOneBefore) {
  const auto stream = opened("/ws/btcusdt@depth"), right = opened("/ws/btcusdt@depth");
  add(FaultKind::kStreamOverlap, "", {.bytes = 7});
  advance();
  const std::string one = next(*stream), other = next(*right);
  const std::int64_t first = std::stoll(value(one, "U")), second = std::stoll(value(other, "U"));
  EXPECT_EQ(std::abs(first - second), 7) << "on whichever connection it met first";
  EXPECT_EQ(value(one, "u"), value(other, "u"));
  EXPECT_EQ(values(one, "b.*.0"), values(other, "b.*.0"));
}

TEST_F(StreamFault, MessagesOfTwoMarketsCanChangePlaces) {
  const auto stream = opened("/stream?streams=btcusdt@miniTicker/ethusdt@miniTicker");
  add(FaultKind::kStreamSwap, "btcusdt@miniTicker");
  advance();
  EXPECT_EQ(value(next(*stream), "stream"), "ethusdt@miniTicker");
  EXPECT_EQ(value(next(*stream), "stream"), "btcusdt@miniTicker");
  advance();
  EXPECT_EQ(value(next(*stream), "stream"), "btcusdt@miniTicker");
}

TEST_F(StreamFault, ACandleCanEndWithoutSayingSo) {
  const auto stream = opened("/ws/btcusdt@kline_1m");
  add(FaultKind::kStreamNoEnd, "btcusdt@kline_1m", {.times = kUntilCleared});
  advance(1min);
  EXPECT_TRUE(stream->is_silent());
  advance(2s);
  const std::string event = next(*stream);
  EXPECT_EQ(value(event, "k.t"), std::to_string(kNoonMs + 60'000));
  EXPECT_EQ(value(event, "k.x"), "false");
}

TEST_F(StreamFault, ADiffCanCrossTheBook) {
  const auto stream = opened("/ws/btcusdt@depth");
  add(FaultKind::kStreamCrossing, "ethusdt@depth");
  add(FaultKind::kStreamCrossing, "btcusdt@depth");
  advance();
  const std::string event = next(*stream);
  EXPECT_EQ(value(event, "b.0.0"), value(rest("depth?symbol=BTCUSDT&limit=5"), "asks.0.0"));
  EXPECT_EQ(value(event, "b.0.1"), "1.00000000");
}

TEST_F(StreamFault, AQuoteCanBeWrong) {
  const auto stream = opened("/ws/btcusdt@bookTicker");
  add(FaultKind::kStreamWrongQuote);
  advance();
  std::string last;
  const std::string id = value(rest("depth?symbol=BTCUSDT&limit=5"), "lastUpdateId");
  const std::string first = last = next(*stream);
  EXPECT_EQ(value(first, "B"), "987654.32100000");
  EXPECT_EQ(shape(first), "{u:i s:text b:d8 B:d8 a:d8 A:d8}");
  while (value(last, "u") != id && last != "(nothing)") last = next(*stream);
  advance();
  EXPECT_NE(value(next(*stream), "B"), "987654.32100000");
}

TEST_F(StreamFault, JsonCanBeCutOrAnything) {
  const auto stream = opened("/ws/btcusdt@miniTicker"), right = opened("/ws/ethusdt@miniTicker");
  add(FaultKind::kStreamWrongJson, "btcusdt@miniTicker");
  advance();
  const std::string whole = next(*right), cut = next(*stream);
  EXPECT_TRUE(cut.starts_with(R"({"e":"24hrMiniTicker","E":17357)"));
  EXPECT_LT(cut.size(), whole.size() * 3 / 4);
  add(FaultKind::kStreamWrongJson, "btcusdt@miniTicker", {.text = "[1,"});
  advance();
  EXPECT_EQ(next(*stream), "[1,");
}

// ---- what the client says

TEST_F(StreamFault, HalfASubscriptionIsPassedOverInSilence) {
  add(FaultKind::kStreamHalf, "/stream");
  const auto by_target = opened("/stream?streams=btcusdt@trade/ethusdt@trade/bnbusdt@trade");
  EXPECT_EQ(by_target->ask(kList), R"({"result":["btcusdt@trade","bnbusdt@trade"],"id":1})");
  const auto by_message = opened("/ws");
  add(FaultKind::kStreamHalf, "/ws");
  EXPECT_EQ(by_message->ask(
                R"({"method":"SUBSCRIBE","params":["btcusdt@trade","ethusdt@trade"],"id":5})"),
            R"({"result":null,"id":5})");
  EXPECT_EQ(by_message->ask(kList), R"({"result":["btcusdt@trade"],"id":1})");
}

TEST_F(StreamFault, AMessageCanBeRefusedOrStayUnanswered) {
  const auto stream = opened("/ws");
  add(FaultKind::kStreamRefuse, "", {.code = 2, .text = "Invalid request: no"});
  EXPECT_EQ(stream->ask(kList), R"({"code":2,"msg":"Invalid request: no","id":null})");
  add(FaultKind::kStreamNoAnswer);
  stream->send(kList);
  EXPECT_TRUE(stream->is_silent());
  EXPECT_EQ(stream->ask(kList), R"({"result":[],"id":1})");
}

// ---- how a connection ends

TEST_F(StreamFault, AConnectionEndsInEveryWay) {
  struct Case {
    FaultKind kind;
    const char* end;
  };
  for (const Case& c :
       {Case{FaultKind::kStreamCut, "cut"}, Case{FaultKind::kStreamReset, "cut"},
        Case{FaultKind::kStreamCutFrame, "cut"}, Case{FaultKind::kStreamClose, "1001 going"}}) {
    const auto stream = opened("/ws/btcusdt@miniTicker");
    add(c.kind, "btcusdt@miniTicker", {.text = "going"});
    advance();
    EXPECT_EQ(stream->end(), c.end) << fault_name(c.kind).name;
    EXPECT_FALSE(stream->read(1ms)) << "half a frame is no message";
  }
  EXPECT_TRUE(eventually([&] { return exchange().streams().connections().empty(); }));
}

TEST_F(StreamFault, AFrameCanBeOfNoKind) {
  const auto stream = opened("/ws/btcusdt@miniTicker");
  add(FaultKind::kStreamBadFrame, "btcusdt@miniTicker");
  advance();
  EXPECT_NE(stream->end(), "open");
  EXPECT_FALSE(stream->read(1ms));
}

TEST_F(StreamFault, AConnectionCanBeCutAsSoonAsItIsOpened) {
  add(FaultKind::kStreamCut, "", {.times = 3});
  for (int i = 0; i < 3; ++i) {
    StreamClient stream = client("/ws/btcusdt@miniTicker");
    EXPECT_TRUE(stream.opened());
    EXPECT_EQ(stream.end(), "cut");
  }
  EXPECT_EQ(client("/ws").end(50ms), "open");
}

TEST(StreamFaults, TlsCanEndWithoutAFarewell) {
  const SelfSigned made;
  Standing s(ExchangeOptions{.certificate = made.certificate(), .key = made.key()});
  s.exchange.faults().add({.kind = FaultKind::kStreamNoFarewell});
  StreamClient stream(s.exchange.port(),
                      StreamClient::Wish{.target = "/ws", .trusted = made.certificate()});
  ASSERT_TRUE(eventually([&] { return s.exchange.streams().connections().size() == 1; }));
  s.exchange.streams().close(0, 1000, "");
  EXPECT_EQ(stream.end(), "1000 ");
  EXPECT_FALSE(stream.ended_regularly());
}

// ---- before it is one

TEST_F(StreamFault, TheUpgradeCanBeRefusedByAPage) {
  struct Case {
    FaultKind kind;
    int status;
    const char* word;
  };
  for (const Case& c :
       {Case{FaultKind::kFirewall, 403, "Request blocked"},
        Case{FaultKind::kTooManyPage, 429, "<h1>429 "},
        Case{FaultKind::kGeoBlock, 451, "restricted location"},
        Case{FaultKind::kBusy, 503, "-1008"}, Case{FaultKind::kCloseBefore, 0, ""}}) {
    add(c.kind, "/stream", {.header = "Retry-After: 7"});
    const StreamClient refused = client("/stream?streams=btcusdt@trade");
    EXPECT_FALSE(refused.opened());
    EXPECT_EQ(refused.status(), c.status);
    EXPECT_NE(refused.body().find(c.word), std::string::npos) << refused.body();
    EXPECT_EQ(refused.header("Retry-After"), c.status == 0 ? "" : "7");
  }
  EXPECT_TRUE(client("/stream").opened());
}

TEST_F(StreamFault, ABookByRestCanBeOld) {
  const std::string now = rest("depth?symbol=BTCUSDT&limit=5");
  add(FaultKind::kOldBook, "/api/v3/depth", {.age_us = 5'000'000});
  const std::string old = rest("depth?symbol=BTCUSDT&limit=5");
  EXPECT_EQ(std::stoll(value(now, "lastUpdateId")) - std::stoll(value(old, "lastUpdateId")), 500);
  EXPECT_EQ(rest("depth?symbol=BTCUSDT&limit=5"), now);
}

// ---- all of them, and by command

TEST_F(StreamFault, EveryKindActsAndTheNextConnectionIsRight) {
  for (const FaultName& name : fault_names()) {
    if (name.stage != FaultStage::kStream) continue;
    add(name.kind, "", {.delay = 50ms, .text = "x", .bytes = 3});
    StreamClient met = client("/stream?streams=btcusdt@depth/btcusdt@kline_1s/btcusdt@bookTicker");
    if (met.end(20ms) == "open") met.send(kList);
    if (exchange().faults().met(name.kind) == 0) {
      EXPECT_TRUE(eventually([&] {
        advance();
        return exchange().faults().met(name.kind) == 1;
      })) << name.name;
    }
    exchange().faults().clear();
    const auto next_one = opened("/ws/btcusdt@kline_1s");
    advance();
    EXPECT_EQ(value(next(*next_one), "k.x"), "true") << name.name;
  }
}

TEST_F(StreamFault, EverythingCanBeCommandedOverHttp) {
  constexpr const char* kOk = R"(200 {"ok":true})";
  const auto command = [&](const std::string& text) {
    return told(post(exchange(), "/_fake/" + text));
  };
  const auto stream = opened("/ws/btcusdt@depth");
  EXPECT_EQ(command("fault?kind=stream_gap&path=btcusdt@depth*&times=2"), kOk);
  EXPECT_EQ(command("clock?advance=1s").substr(0, 4), "200 ");
  EXPECT_TRUE(stream->is_silent());
  EXPECT_EQ(command("clear"), kOk);
  EXPECT_EQ(command("fault?kind=old_book&path=/api/v3/depth&age=2s"), kOk);
  EXPECT_EQ(exchange().faults().waiting().at(0).age_us, 2'000'000);
  EXPECT_EQ(command("stream_rules?ping_every=0s&messages=9&connections=7&lists_wrong_names=true"),
            kOk);
  const StreamOptions options = exchange().streams().options();
  EXPECT_EQ(options.ping_every, 0s);
  EXPECT_EQ(options.messages_per_second, 9);
  EXPECT_EQ(options.connections_per_5_minutes, 7);
  EXPECT_TRUE(options.lists_wrong_names);
  EXPECT_EQ(options.pong_within, 1min) << "as it was";
  const std::string list = get(exchange(), "/_fake/streams").body;
  EXPECT_EQ(value(list, "0.connection"), "1");
  EXPECT_EQ(value(list, "0.streams.0"), "btcusdt@depth");
  EXPECT_EQ(value(list, "0.target"), "/ws/btcusdt@depth");
  EXPECT_EQ(value(get(exchange(), "/_fake/heard").body, "0.text"), kList);
  EXPECT_EQ(value(get(exchange(), "/_fake/state").body, "streamConnections"), "1");
  EXPECT_EQ(command("shutdown?notice=3s"), kOk);
  EXPECT_TRUE(next(*stream).starts_with(R"({"e":"serverShutdown","E":)"));
  EXPECT_EQ(command("stream_close?connection=77").substr(0, 4), "400 ");
  EXPECT_EQ(command("stream_close?connection=1&code=1012&text=restart"), kOk);
  EXPECT_EQ(stream->end(), "1012 restart");
}

// ---- pure

TEST(StreamFaultTexts, AreBentWhereTheFaultSaysSo) {
  StreamEvent event;
  event.stream = "btcusdt@depth";
  event.first_id = 157;
  event.best_ask = "10.5";
  const std::string text = R"({"U":157,"u":160,"b":[],"a":[["11","1"]]})";
  EXPECT_EQ(bent_text({.kind = FaultKind::kStreamOverlap}, event, text),
            R"({"U":152,"u":160,"b":[],"a":[["11","1"]]})");
  EXPECT_EQ(bent_text({.kind = FaultKind::kStreamCrossing}, event, text),
            R"({"U":157,"u":160,"b":[["10.5","1.00000000"]],"a":[["11","1"]]})");
  EXPECT_EQ(bent_text({.kind = FaultKind::kStreamCrossing}, event, R"({"b":[["9","1"]],"a":[]})"),
            R"({"b":[["10.5","1.00000000"],["9","1"]],"a":[]})");
  EXPECT_EQ(bent_text({.kind = FaultKind::kStreamMute}, event, text), text);
}

// RFC 6455, 5.2: FIN and opcode 1 are 0x81; lengths of 7 bits, 126 and 16 bits, 127 and 64 bits.
TEST(StreamFaultTexts, HalfAFrameSaysTheLengthOfAWholeOne) {
  EXPECT_EQ(half_a_frame("abcd"), std::string("\x81\x04", 2) + "ab");
  EXPECT_EQ(half_a_frame(std::string(300, 'x')).substr(0, 5), std::string("\x81\x7e\x01\x2cx", 5));
  EXPECT_EQ(half_a_frame(std::string(70'000, 'x')).substr(0, 11),
            std::string("\x81\x7f\0\0\0\0\0\x01\x11\x70x", 11));
  EXPECT_EQ(half_a_frame(std::string(70'000, 'x')).size(), 10u + 35'000u);
}

}  // namespace
}  // namespace bourse::fake_exchange::test
