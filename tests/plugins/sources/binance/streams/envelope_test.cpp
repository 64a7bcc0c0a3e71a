// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/envelope.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

using testing::ElementsAre;
using testing::Optional;
using Kind = Envelope::Kind;

TEST(Envelope, DataIsHandedOnAsItStands) {
  const std::string text = R"({"stream":"btcusdt@trade","data":{"e":"trade","p":"1.0","x":[{}]}})";
  const Envelope envelope = open_envelope(text);
  EXPECT_EQ(envelope.kind, Kind::kData);
  EXPECT_EQ(envelope.stream, "btcusdt@trade");
  EXPECT_EQ(envelope.data, R"({"e":"trade","p":"1.0","x":[{}]})");
}

TEST(Envelope, OrderBlanksAndStrangersMakeNoDifference) {
  const std::string text =
      " { \"new\" : {\"a\":\"}\"} , \"data\" : {\"e\":\"x\"} ,\n\"stream\":\"a@trade\" } ";
  const Envelope envelope = open_envelope(text);
  EXPECT_EQ(envelope.kind, Kind::kData);
  EXPECT_EQ(envelope.stream, "a@trade");
  EXPECT_EQ(envelope.data, R"({"e":"x"})");
}

TEST(Envelope, NamesMayBeEscaped) {
  EXPECT_EQ(open_envelope(R"({"stream":"\u5e01usdt@trade","data":{}})").stream, "币usdt@trade");
}

TEST(Envelope, AnswersAreTold) {
  const Envelope done = open_envelope(R"({"result":null,"id":3})");
  EXPECT_EQ(done.kind, Kind::kDone);
  EXPECT_EQ(done.id, 3);
  EXPECT_FALSE(done.list);
  const Envelope list = open_envelope(R"({"result":["a@trade","b@ticker"],"id":4})");
  EXPECT_THAT(list.list, Optional(ElementsAre("a@trade", "b@ticker")));
  EXPECT_TRUE(open_envelope(R"({"result":[],"id":4})").list);
}

TEST(Envelope, BothFormsOfARefusalAreTold) {
  for (const char* text : {R"({"code":2,"msg":"Invalid request","id":5})",
                           R"({"error":{"code":2,"msg":"Invalid request"},"id":5})"}) {
    const Envelope envelope = open_envelope(text);
    EXPECT_EQ(envelope.kind, Kind::kRefused);
    EXPECT_EQ(envelope.id, 5);
    EXPECT_EQ(envelope.reason, "Invalid request");
  }
}

TEST(Envelope, BothFormsOfTheShutdownAreTold) {
  EXPECT_EQ(open_envelope(R"({"e":"serverShutdown","E":1})").kind, Kind::kShutdown);
  EXPECT_EQ(open_envelope(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown"}})").kind,
            Kind::kShutdown);
}

TEST(Envelope, WhatIsNeitherIsUnreadable) {
  for (const char* text :
       {"", "{", "[]", "null", "{}", R"({"stream":"a@trade"})", R"({"stream":"a@trade","data":{)",
        R"({"stream":"a@trade","data":{}}x)", R"({"stream":"a@trade","data":{},})",
        R"({"stream":5,"data":{}})", R"({"stream":"a@trade" "data":{}})", R"({"a\)",
        R"({"stream":"a@trade","data":})", R"({"result":[5,"id":1})"}) {
    EXPECT_EQ(open_envelope(text).kind, Kind::kUnreadable) << text;
  }
}

/// Every cut of a message is unreadable: a frame that ends too early is never half an event.
TEST(Envelope, NoPrefixOfAMessageIsData) {
  const std::string text = R"({"stream":"btcusdt@trade","data":{"p":"1.0","q":"2\"}"}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(open_envelope(text.substr(0, size)).kind, Kind::kUnreadable) << size;
  }
  EXPECT_EQ(open_envelope(text).kind, Kind::kData);
}

}  // namespace
}  // namespace bourse::binance
