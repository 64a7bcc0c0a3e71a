// SPDX-License-Identifier: MIT
#include "bourse/value.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "bourse/call.hpp"
#include "bourse/field.hpp"
#include "tests/sdk/fake_host.hpp"

namespace bourse {
namespace {

std::string crossed(const auto& v) { return FakeHost::text(value(v)); }

constexpr std::uint64_t kLargest = 9'223'372'036'854'775'807U;

TEST(Value, EveryTypeCrossesAsItself) {
  EXPECT_EQ(crossed(true), "true");
  EXPECT_EQ(crossed(std::vector<bool>{false}[0]), "false");
  EXPECT_EQ(crossed(5), "5");
  EXPECT_EQ(crossed(5U), "5");
  EXPECT_EQ(crossed(std::int8_t{-5}), "-5");
  EXPECT_EQ(crossed(std::uint8_t{200}), "200");
  EXPECT_EQ(crossed(std::int64_t{-5}), "-5");
  EXPECT_EQ(crossed(5LL), "5");
  EXPECT_EQ(crossed(std::string("abc").size()), "3");
  EXPECT_EQ(crossed(0.75), "0.75");
  EXPECT_EQ(crossed(0.75F), "0.75");
  EXPECT_EQ(crossed(Decimal::from("1.50")), "150e-2");
  EXPECT_EQ(crossed(Time{5}), "@5");
  EXPECT_EQ(crossed(std::string("abc")), "\"abc\"");
  EXPECT_EQ(crossed(std::string_view("abc")), "\"abc\"");
  EXPECT_EQ(crossed("abc"), "\"abc\"");
  EXPECT_EQ(crossed(borrow("abc")), "\"abc\"");
  EXPECT_EQ(crossed(value(7)), "7");
}

TEST(Value, WhatIsNotThereIsNull) {
  EXPECT_EQ(crossed(nullptr), "null");
  EXPECT_EQ(crossed(std::nullopt), "null");
  EXPECT_EQ(crossed(std::optional<bool>()), "null");
  EXPECT_EQ(crossed(std::optional<Time>(Time{5})), "@5");
  EXPECT_EQ(crossed(std::optional<std::optional<int>>(std::optional<int>())), "null");
  EXPECT_EQ(crossed(std::nan("")), "null") << "a statistic that cannot be computed is absent";
  EXPECT_EQ(crossed(static_cast<const char*>(nullptr)), "null");
  EXPECT_EQ(crossed(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Value, AnUnsignedIntegerIsNeverWrapped) {
  EXPECT_EQ(crossed(kLargest), "9223372036854775807");
  try {
    (void)value(kLargest + 1);
    FAIL() << "it was wrapped";
  } catch (const Error& e) {
    EXPECT_EQ(e.status(), BOURSE_INTERNAL);
    EXPECT_EQ(e.code(), "integer_too_large");
    EXPECT_EQ(e.message().substr(0, 19), "9223372036854775808");
  }
}

TEST(Value, AQueryTakesWhateverCrosses) {
  FakeHost host;
  const bourse_report report{};
  host.answers = {{&report, nullptr}};
  const std::optional<Time> none;
  (void)Call(host.wire(), host.call())
      .ask(Query("d")
               .with("flag", true)
               .with("level", 0.75)
               .with("limit", 20)
               .with("size", std::size_t{3})
               .with("price", Decimal::from("1.5"))
               .with("start", none)
               .with("end", std::optional<Time>(Time{9}))
               .with("name", std::string(100, 'x').substr(0, 2))
               .with("symbols", std::vector<std::string>{"A", "B"})
               .with("two", {"A", "B"})
               .with("numbers", std::array<int, 2>{1, 2})
               .with("same", value("text")));
  EXPECT_EQ(host.queries.at(0),
            "d flag=true level=0.75 limit=20 size=3 price=15e-1 end=@9 name=\"xx\" "
            "symbols=[\"A\",\"B\"] two=[\"A\",\"B\"] numbers=[1,2] same=\"text\"");
  EXPECT_THROW((void)Query("d").with("big", kLargest + 1), Error);
}

TEST(Value, AQueryOwnsItsTexts) {
  FakeHost host;
  const bourse_report report{};
  host.answers = {{&report, nullptr}};
  std::vector<Query> queries;
  {
    std::string symbol(50, 's');  // on the heap, and gone when the query is asked
    bourse_value item = value(symbol);
    bourse_value list{};
    list.type = BOURSE_TYPE_LIST;
    list.as.list = {&item, 1};
    queries.push_back(Query("d").with("symbol", symbol).with("list", list));
  }
  for (int i = 0; i < 10; ++i) queries.push_back(queries.front());  // moves the first one
  (void)Call(host.wire(), host.call()).ask(queries.front());
  const std::string text = "\"" + std::string(50, 's') + "\"";
  EXPECT_EQ(host.queries.at(0), "d symbol=" + text + " list=[" + text + "]");
}

TEST(Value, ScalarsAndMetaTakeTheSame) {
  FakeHost host;
  const Call call(host.wire(), host.call());
  call.scalar(Field("n", BOURSE_TYPE_I64), 5);
  call.scalar(Field("size", BOURSE_TYPE_I64), std::string("abc").size());
  call.scalar(Field("x", BOURSE_TYPE_F64), std::nan(""));
  call.scalar(FieldOf<Decimal>("price"), Decimal::from("1.5"));
  call.scalar(FieldOf<std::string_view>("text"), std::string("abc"));
  call.scalar(FieldOf<bool>("flag"), std::nullopt);
  call.meta("flag", true);
  call.meta("name", std::string("abc"));
  EXPECT_EQ(host.scalars, (std::vector<std::string>{"n=5", "size=3", "x=null", "price=15e-1",
                                                    "text=\"abc\"", "flag=null"}));
  EXPECT_EQ(host.meta, (std::vector<std::string>{"flag=true", "name=\"abc\""}));
}

TEST(Value, AScalarOfAnotherTypeThanItsFieldIsRefusedByName) {
  FakeHost host;
  try {
    Call(host.wire(), host.call()).scalar(Field("flag", BOURSE_TYPE_BOOL), 0.75);
    FAIL() << "a real was taken for a flag";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "wrong_scalar_type");
    EXPECT_EQ(e.message(),
              "scalar flag is declared as BOURSE_TYPE_BOOL and was given BOURSE_TYPE_F64");
  }
}

TEST(Field, OfAShorterStructTakesOnlyWhatIsThere) {
  // The struct of a host that knows nothing of `format`, at the end of its memory: reading past it
  // is seen by AddressSanitizer.
  const std::size_t shorter = offsetof(bourse_field, format);
  const bourse_field whole{static_cast<std::uint32_t>(shorter),
                           0,
                           BOURSE_TYPE_F64,
                           0,
                           "x",
                           "label",
                           "unit",
                           "doc",
                           "not there"};
  std::vector<char> memory(reinterpret_cast<const char*>(&whole),
                           reinterpret_cast<const char*>(&whole) + shorter);
  const Field field(*reinterpret_cast<const bourse_field*>(memory.data()));
  EXPECT_EQ(field.size, sizeof(bourse_field));
  EXPECT_STREQ(field.doc, "doc");
  EXPECT_EQ(field.format, nullptr);
}

TEST(Duration, IsMadeOfAnyChronoDuration) {
  using namespace std::chrono_literals;
  EXPECT_EQ(Duration(7s).ns, 7'000'000'000);
  EXPECT_EQ(Duration(1500us).ns, 1'500'000);
  EXPECT_EQ(Duration(std::chrono::duration<double>(0.25)).ns, 250'000'000);
  EXPECT_EQ(Duration(std::chrono::years(1'000'000)).ns, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Duration(std::chrono::duration<double>(-1e300)).ns,
            std::numeric_limits<std::int64_t>::min());
  EXPECT_GT(Duration(2s), 1999ms);
  EXPECT_EQ(Time{5} + 1us, Time{1005});
  EXPECT_EQ(Time{std::numeric_limits<std::int64_t>::max() - 1} + 1s,
            Time{std::numeric_limits<std::int64_t>::max()});
}

}  // namespace
}  // namespace bourse
