// SPDX-License-Identifier: MIT
#include "host/parameters/value.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bourse::host {
namespace {

std::string_view text_of(const bourse_value& value) {
  return {value.as.text.ptr, value.as.text.len};
}

Value two_texts() { return Value::list({Value::text("A"), Value::text(std::string(50, 'B'))}); }

TEST(Value, HasOneSpelling) {
  EXPECT_EQ(Value().canonical(), "");
  EXPECT_EQ(Value::boolean(true).canonical(), "true");
  EXPECT_EQ(Value::boolean(false).canonical(), "false");
  EXPECT_EQ(Value::integer(-5).canonical(), "-5");
  EXPECT_EQ(Value::integer(std::numeric_limits<std::int64_t>::min()).canonical(),
            "-9223372036854775808");
  EXPECT_EQ(Value::real(0.5).canonical(), "0.5");
  EXPECT_EQ(Value::real(0.1 + 0.2).canonical(), "0.30000000000000004");
  EXPECT_EQ(Value::time(1'500'000'000).canonical(), "1970-01-01T00:00:01.5Z");
  EXPECT_EQ(Value::text("BTCUSDT").canonical(), "BTCUSDT");
  EXPECT_EQ(two_texts().canonical(), "A," + std::string(50, 'B'));
}

TEST(Value, SpellsEqualDecimalsAlike) {
  const auto decimal = [](std::int64_t coefficient, int scale) {
    const bourse_i128 wire{.lo = static_cast<std::uint64_t>(coefficient),
                           .hi = coefficient < 0 ? -1 : 0};
    return Value::decimal(wire, scale).canonical();
  };
  EXPECT_EQ(decimal(50, 2), "0.5");
  EXPECT_EQ(decimal(5, 1), "0.5");
  EXPECT_EQ(decimal(-1234, 2), "-12.34");
  EXPECT_EQ(decimal(1, 8), "0.00000001");
  EXPECT_EQ(decimal(100, 2), "1");
  EXPECT_EQ(decimal(7, -2), "700");
  EXPECT_EQ(decimal(0, 5), "0");
  EXPECT_EQ(decimal(0, -5), "0");
  EXPECT_EQ(decimal(3, 2'000'000'000), "3e-2000000000");  // a broken plugin costs no memory
  // 10^38 - 1, from Python: hex(10**38 - 1)
  EXPECT_EQ(Value::decimal({.lo = 0x098a223fffffffff, .hi = 0x4b3b4ca85a86c47a}, 0).canonical(),
            "99999999999999999999999999999999999999");
}

TEST(Value, KeepsListsWithCommasInItemsApart) {
  const Value one = Value::list({Value::text("A,B")});
  const Value two = Value::list({Value::text("A"), Value::text("B")});
  const Value escaped = Value::list({Value::text("A\\"), Value::text("B")});
  EXPECT_EQ(one.canonical(), R"(A\,B)");
  EXPECT_EQ(two.canonical(), "A,B");
  EXPECT_EQ(escaped.canonical(), R"(A\\,B)");
}

TEST(Value, ViewsBorrowFromTheCopyNotFromTheOriginal) {
  Value copy;
  {
    const Value original = two_texts();
    copy = original;
  }
  const bourse_value seen = copy.view();
  ASSERT_EQ(seen.type, BOURSE_TYPE_LIST);
  ASSERT_EQ(seen.as.list.len, 2u);
  EXPECT_EQ(text_of(seen.as.list.ptr[0]), "A");
  EXPECT_EQ(text_of(seen.as.list.ptr[1]), std::string(50, 'B'));
}

TEST(Value, ViewsSurviveAMove) {
  Value from = two_texts();
  const Value to = std::move(from);
  EXPECT_EQ(text_of(to.view().as.list.ptr[0]), "A");
}

TEST(Value, CopiesAPluginsValueDeeply) {
  std::string buffer = "abc";
  bourse_value item = {};
  item.type = BOURSE_TYPE_TEXT;
  item.as.text = {.ptr = buffer.data(), .len = buffer.size()};
  bourse_value list = {};
  list.type = BOURSE_TYPE_LIST;
  list.as.list = {.ptr = &item, .len = 1};
  const Value copy = Value::copy(list);
  buffer.assign("xyz");
  EXPECT_EQ(copy.canonical(), "abc");
}

TEST(Value, MakesNullOfWhatItCannotKnow) {
  bourse_value unknown = {};
  unknown.type = 99;
  EXPECT_TRUE(Value::copy(unknown).is_null());
  bourse_value inner = {};
  inner.type = BOURSE_TYPE_LIST;
  bourse_value outer = {};
  outer.type = BOURSE_TYPE_LIST;
  outer.as.list = {.ptr = &inner, .len = 1};
  EXPECT_EQ(Value::copy(outer).view().as.list.ptr[0].type, BOURSE_TYPE_NULL);
  bourse_value dangling = {};
  dangling.type = BOURSE_TYPE_TEXT;
  dangling.as.text = {.ptr = nullptr, .len = 7};
  EXPECT_EQ(Value::copy(dangling).canonical(), "");
}

TEST(Value, CopyRoundTripsEveryType) {
  for (const Value& value :
       {Value(), Value::boolean(true), Value::integer(7), Value::real(-2.25), Value::time(-1),
        Value::decimal({.lo = 12345, .hi = 0}, 2), Value::text("ü"), two_texts()}) {
    const Value copy = Value::copy(value.view());
    EXPECT_EQ(copy.type(), value.type());
    EXPECT_EQ(copy.canonical(), value.canonical());
  }
}

TEST(Arguments, AreAContiguousArrayForThePlugin) {
  const Arguments arguments({"symbol", "limit"}, {Value::text("BTCUSDT"), Value::integer(100)});
  ASSERT_EQ(arguments.size(), 2u);
  EXPECT_EQ(text_of(arguments.data()[0]), "BTCUSDT");
  EXPECT_EQ(arguments.data()[1].as.i64, 100);
  EXPECT_EQ(arguments.name(1), "limit");
}

TEST(Arguments, AreNeverANullPointer) { EXPECT_NE(Arguments().data(), nullptr); }

TEST(Arguments, BorrowFromThemselvesAfterCopyAndMove) {
  Arguments moved;
  Arguments copied;
  {
    Arguments original({"s"}, {Value::text("short")});  // stored inside the string object
    copied = original;
    moved = std::move(original);
  }
  EXPECT_EQ(text_of(copied.data()[0]), "short");
  EXPECT_EQ(text_of(moved.data()[0]), "short");
  const Arguments again = copied;
  EXPECT_NE(again.data()[0].as.text.ptr, copied.data()[0].as.text.ptr);
}

TEST(Arguments, CanonicalIsSortedEncodedAndWithoutNulls) {
  const Arguments arguments(
      {"symbol", "limit", "from", "note"},
      {Value::text("BTC/USDT&x"), Value::integer(100), Value(), Value::text("ü")});
  EXPECT_EQ(arguments.canonical(), "limit=100&note=%C3%BC&symbol=BTC%2FUSDT%26x");
}

}  // namespace
}  // namespace bourse::host
