// SPDX-License-Identifier: MIT
#include "bourse/table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/call.hpp"
#include "tests/sdk/fake_host.hpp"

namespace bourse {
namespace {

using Cells = std::vector<std::string>;

/// The column's cells as they reach the host.
template <class V>
Cells column(const Field& field, V&& values) {
  FakeHost host;
  TableBuilder table("t", "T");
  table.column(field, std::forward<V>(values));
  Call(host.wire(), host.call()).add(table);
  Cells cells;
  for (const auto& row : host.tables.at(0).rows) cells.push_back(row.at(0));
  return cells;
}
Field of(bourse_type type) { return Field("x", type); }

TEST(TableBuilder, TakesColumnsOfEveryType) {
  EXPECT_EQ(column(of(BOURSE_TYPE_F64), std::vector<double>{0.5, std::nan("")}),
            (Cells{"0.5", "null"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_F64), std::vector<float>{0.5F, std::nanf("")}),
            (Cells{"0.5", "null"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_I64), std::vector<int>{1, -2}), (Cells{"1", "-2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_I64), std::vector<std::size_t>{1, 2}), (Cells{"1", "2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_I64), std::vector<std::uint8_t>{1, 2}), (Cells{"1", "2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_I64), std::vector<std::int64_t>{1, 2}), (Cells{"1", "2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_TIME), std::vector<std::int64_t>{1, 2}), (Cells{"@1", "@2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_TIME), std::vector<Time>{{1}, {2}}), (Cells{"@1", "@2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_BOOL), std::vector<bool>{true, false}), (Cells{"true", "false"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_BOOL), std::array<bool, 2>{true, false}),
            (Cells{"true", "false"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_BOOL), std::vector<std::uint8_t>{1, 0}),
            (Cells{"true", "false"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_TEXT), std::vector<std::string>{"a", "b"}),
            (Cells{"\"a\"", "\"b\""}));
  EXPECT_EQ(column(of(BOURSE_TYPE_TEXT), std::vector<std::string_view>{"a"}), (Cells{"\"a\""}));
  EXPECT_EQ(column(of(BOURSE_TYPE_TEXT), std::vector<const char*>{"a", nullptr}),
            (Cells{"\"a\"", "null"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_DECIMAL),
                   std::vector<Decimal>{Decimal::from("1.5"), Decimal::from("2.25")}),
            (Cells{"150e-2", "225e-2"}))
      << "one scale, the largest, and exact";
  const double raw[] = {1, 2};
  EXPECT_EQ(column(of(BOURSE_TYPE_F64), raw), (Cells{"1.0", "2.0"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_F64), std::span(raw)), (Cells{"1.0", "2.0"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_I64), std::deque<int>{1, 2}), (Cells{"1", "2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_I64), std::vector<int>()), Cells());
}

TEST(TableBuilder, TakesOptionalsOfEveryType) {
  using std::optional, std::vector;
  EXPECT_EQ(column(of(BOURSE_TYPE_F64), vector<optional<double>>{0.5, {}}), (Cells{"0.5", "null"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_I64), vector<optional<int>>{{}, 2}), (Cells{"null", "2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_TIME), vector<optional<std::int64_t>>{{}, 2}),
            (Cells{"null", "@2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_TIME), vector<optional<Time>>{{}, Time{2}}),
            (Cells{"null", "@2"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_BOOL), vector<optional<bool>>{false, {}}),
            (Cells{"false", "null"}));
  EXPECT_EQ(column(of(BOURSE_TYPE_TEXT), vector<optional<std::string>>{"a", {}}),
            (Cells{"\"a\"", "null"}));
  EXPECT_EQ(
      column(of(BOURSE_TYPE_DECIMAL).scaled(1), vector<optional<Decimal>>{Decimal::of(2), {}}),
      (Cells{"20e-1", "null"}));
}

TEST(TableBuilder, OwnsWhatItIsGivenAsATemporary) {
  FakeHost host;
  const std::vector<bourse_i128> coefficients(1000, bourse_i128{15, 0});
  const DecimalColumn prices(coefficients.data(), coefficients.size(), 1, nullptr);
  TableBuilder table("t", "T");
  table.column(Field("a", BOURSE_TYPE_F64), std::vector<double>(1000, 1.5))
      .column(Field("b", BOURSE_TYPE_TEXT), std::vector<std::string>(1000, std::string(50, 'x')))
      .column(Field("c", BOURSE_TYPE_F64), prices.to_doubles())
      .column(Field("d", BOURSE_TYPE_TIME), std::vector<Time>(1000, Time{7}))
      .column(Field("e", BOURSE_TYPE_TEXT),
              std::vector<std::optional<std::string>>(1000, std::string(50, 'y')));
  const std::vector<double> others(1000, 9);  // takes the memory of what was let go
  const std::vector<std::string> texts(1000, std::string(50, 'z'));
  const TableBuilder moved = std::move(table);
  Call(host.wire(), host.call()).add(moved);
  for (const auto& row : host.tables.at(0).rows) {
    EXPECT_EQ(row, (Cells{"1.5", "\"" + std::string(50, 'x') + "\"", "1.5", "@7",
                          "\"" + std::string(50, 'y') + "\""}));
  }
}

TEST(TableBuilder, BorrowsWhatLivesAndCopiesNothingOfIt) {
  const std::vector<double> reals{1, 2};
  const std::vector<Time> times{{1}, {2}};
  TableBuilder table("t", "T");
  table.column(Field("a", BOURSE_TYPE_F64), reals).column(Field("b", BOURSE_TYPE_TIME), times);
  EXPECT_EQ(table.arrays()[0].data, reals.data());
  EXPECT_EQ(table.arrays()[1].data, times.data());
}

TEST(TableBuilder, SaysWhichColumnIsOfAnotherTypeOrLength) {
  TableBuilder table("t", "T");
  table.column(Field("a", BOURSE_TYPE_F64), {1.0, 2.0});
  try {
    table.column(Field("b", BOURSE_TYPE_TEXT), {1.0, 2.0});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "wrong_column_type");
    EXPECT_EQ(e.message(),
              "column b is declared as BOURSE_TYPE_TEXT and was given BOURSE_TYPE_F64");
  }
  try {
    table.column(Field("c", BOURSE_TYPE_F64), {1.0});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "uneven_columns");
    EXPECT_EQ(e.message(), "column c of table t has 1 rows, the columns before it 2");
  }
  EXPECT_THROW(table.column(Field("d", BOURSE_TYPE_I64), std::vector<std::uint64_t>(2, ~0ULL)),
               Error);
  const std::vector<bourse_value> mixed{value(1), value("a")};
  EXPECT_THROW(table.column(Field("e", BOURSE_TYPE_I64), mixed), Error);
}

TEST(TableBuilder, MoreRowsOfATableWhoseColumnsAreKnownAtRunTime) {
  FakeHost host;
  const Call call(host.wire(), host.call());
  const std::uint32_t number = call.add(TableBuilder("t", "T").column(of(BOURSE_TYPE_I64), {1}));
  call.add_rows(number, TableBuilder("t", "T").column(of(BOURSE_TYPE_I64), {2, 3}));
  EXPECT_EQ(host.tables.at(0).rows, (std::vector<Cells>{{"1"}, {"2"}, {"3"}}));
}

// ---- rows ---------------------------------------------------------------------------------------

TEST(Rows, ComeOneByOneInBlocksAndInterleaved) {
  FakeHost host;
  const Call call(host.wire(), host.call());
  {
    auto bids = call.begin("bids", "Bids", FieldOf<Time>("at"), FieldOf<Decimal>("price").scaled(2),
                           FieldOf<std::string_view>("who"), FieldOf<bool>("up"),
                           FieldOf<double>("x"), FieldOf<int>("n"));
    auto asks = call.begin("asks", "Asks", FieldOf<int>("n"));
    bids.add(Time{1}, Decimal::from("1.5"), std::string("a"), true, 0.5, 1);
    asks.add(10);
    bids.add(Time{2}, std::optional<Decimal>(), "", std::nullopt, std::nan(""), std::size_t{2});
    bids.add(Time{3}, Decimal::of(2), nullptr, false, 0.25F, value(3));
    bids.append(std::vector<Time>{{4}}, std::vector<Decimal>{Decimal::of(4)},
                std::vector<std::string>{"d"}, std::vector<bool>{true}, std::vector<double>{4},
                std::array<int, 1>{4});
    asks.add(11);
    bids.add(Time{5}, Decimal::of(5), "e", true, 5.0, 5);
  }
  EXPECT_EQ(host.tables.at(0).fields,
            (Cells{"at:5:0", "price:4:2", "who:6:0", "up:1:0", "x:3:0", "n:2:0"}));
  EXPECT_EQ(host.tables.at(0).rows,
            (std::vector<Cells>{{"@1", "150e-2", "\"a\"", "true", "0.5", "1"},
                                {"@2", "null", "\"\"", "null", "null", "2"},
                                {"@3", "200e-2", "null", "false", "0.25", "3"},
                                {"@4", "400e-2", "\"d\"", "true", "4.0", "4"},
                                {"@5", "500e-2", "\"e\"", "true", "5.0", "5"}}));
  EXPECT_EQ(host.tables.at(0).blocks, (std::vector<std::size_t>{3, 1, 1}));
  EXPECT_EQ(host.tables.at(1).rows, (std::vector<Cells>{{"10"}, {"11"}}));
}

TEST(Rows, AreHandedOnInBlocksAndNoneIsLost) {
  FakeHost host;
  {
    auto rows = Call(host.wire(), host.call())
                    .begin("t", "T", FieldOf<int>("n"), FieldOf<std::string>("text"));
    for (int i = 0; i < 2'500; ++i) {
      if (i % 7 == 0) {
        rows.add(i, nullptr);
      } else {
        rows.add(i, std::string(static_cast<std::size_t>(i % 90), 'x'));
      }
    }
  }
  const FakeHost::Table& table = host.tables.at(0);
  ASSERT_EQ(table.rows.size(), 2'500U);
  for (int i = 0; i < 2'500; ++i) {
    const std::string text = "\"" + std::string(static_cast<std::size_t>(i % 90), 'x') + "\"";
    EXPECT_EQ(table.rows[static_cast<std::size_t>(i)],
              (Cells{std::to_string(i), i % 7 == 0 ? "null" : text}));
  }
  EXPECT_EQ(table.blocks, (std::vector<std::size_t>{1024, 1024, 452}));
}

TEST(Rows, LongTextsAreHandedOnEarly) {
  FakeHost host;
  {
    auto rows = Call(host.wire(), host.call()).begin("t", "T", FieldOf<std::string>("text"));
    for (int i = 0; i < 8; ++i) rows.add(std::string(100'000, 'x'));
  }
  EXPECT_EQ(host.tables.at(0).blocks, (std::vector<std::size_t>{3, 3, 2}));
}

TEST(Rows, ADecimalIsNeverRoundedToFit) {
  FakeHost host;
  auto rows = Call(host.wire(), host.call())
                  .begin("t", "T", FieldOf<std::string>("s"), FieldOf<Decimal>("price").scaled(2));
  rows.add("a", Decimal::from("1.500"));
  try {
    rows.add("refused", Decimal::from("1.505"));
    FAIL() << "it was rounded";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "decimal_scale");
    EXPECT_EQ(
        e.message(),
        "column price cannot hold 1.505 with 2 decimals: declare the field scaled() to what it "
        "needs");
  }
  rows.add("b", Decimal::from("2"));  // the refused row left nothing behind
  rows.flush();
  EXPECT_EQ(host.tables.at(0).rows, (std::vector<Cells>{{"\"a\"", "150e-2"}, {"\"b\"", "200e-2"}}));
}

TEST(Rows, AreDroppedWhenTheCallIsFailing) {
  FakeHost host;
  try {
    auto rows = Call(host.wire(), host.call()).begin("t", "T", FieldOf<int>("n"));
    rows.add(1);
    throw Error(BOURSE_UPSTREAM, "gone", "The source went away.");
  } catch (const Error&) {
  }
  EXPECT_TRUE(host.tables.at(0).rows.empty());
}

TEST(Rows, ARefusalOfTheHostEndsTheCall) {
  FakeHost host;
  host.rows_status = BOURSE_UNPROCESSABLE;
  auto rows = Call(host.wire(), host.call()).begin("t", "T", FieldOf<int>("n"));
  rows.add(1);
  EXPECT_THROW(rows.flush(), detail::Stop);
  rows.add(2);  // and at its end, which must not throw
}

TEST(Chart, SaysAllThatBourseChartCan) {
  FakeHost host;
  Chart chart(BOURSE_CHART_LINE, "rsi", "RSI");
  chart.of("t").pane("p").level(30).level(70, "high").logarithmic().on_second_axis();
  for (const char* field : {"a", "b"}) chart.channel(BOURSE_ROLE_Y, field);  // not one expression
  chart.guide(Time{5}, "now").guide(std::string("text"));
  const Call call(host.wire(), host.call());
  call.add(chart);
  call.add(Chart(BOURSE_CHART_BAR, "bar", "Bar").of("t").stacked().horizontal());
  EXPECT_EQ(host.charts,
            (Cells{"rsi kind=1 flags=1 axis=1 a b level 30.0 level 70.0 high guide @5 now guide "
                   "\"text\"",
                   "bar kind=3 flags=6 axis=0"}));
}

}  // namespace
}  // namespace bourse
