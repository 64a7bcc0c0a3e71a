// SPDX-License-Identifier: MIT
#include "host/validate/reports.hpp"

#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace bourse::host::validate {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::int64_t kBegin = 1'767'225'600'000'000'000;  // 2026-01-01
constexpr std::size_t kLongText = std::size_t{1} << 20;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bourse_str str(std::string_view text) { return {text.data(), text.size()}; }

bourse_value value_of(bourse_type type, std::int64_t number) {
  return {.type = type, .scale = 0, .as = {.i64 = number}};
}
bourse_value real(double number) {
  return {.type = BOURSE_TYPE_F64, .scale = 0, .as = {.f64 = number}};
}
bourse_value text(std::string_view words) {
  return {.type = BOURSE_TYPE_TEXT, .scale = 0, .as = {.text = str(words)}};
}
bourse_i128 wide(std::int64_t number) {
  return {static_cast<std::uint64_t>(number), number < 0 ? -1 : 0};
}
bourse_value decimal(bourse_i128 coefficient, std::int32_t scale) {
  return {.type = BOURSE_TYPE_DECIMAL, .scale = scale, .as = {.dec = coefficient}};
}
constexpr bourse_value kNull{.type = BOURSE_TYPE_NULL, .scale = 0, .as = {.i64 = 0}};

// 10^38 - 1, and its negative: the ends of decimals.
constexpr bourse_i128 kMost = {0x098a223fffffffffULL, 0x4b3b4ca85a86c47aLL};
constexpr bourse_i128 kLeast = {0xf675ddc000000001ULL, -0x4b3b4ca85a86c47bLL};

const std::vector<std::string>& odd_texts() {
  static const std::vector<std::string> kTexts = {
      "",
      "plain",
      "<b onclick=\"x()\">bold & 'quoted'</b>",
      "</script><script>alert(1)</script>",
      "]]> <!-- <?xml ?> &amp; &#0;",
      "comma, semicolon; \"quotes\"",
      "=1+1",
      "line\nfeed\r\nreturn\ttab",
      std::string("nul \0 inside", 12),
      "\x01\x02\x1b[31mred\x1b[0m\x7f",
      "\u0085\u2028\u2029",
      "\u202eturned\u202c \u2067isolated\u2069",
      "\ufeff\ufffe\uffff",
      "\U0001F9EE\u200d\U0001F3FD e\u0301 \u00e4 \u4e2d\u6587 \u0627\u0644",
      "\\ backslash \\u0000 %s %n ${x} {{x}}",
      std::string(3000, 'w')};
  return kTexts;
}

/// Tells a builder what it knows, and keeps what the builder borrows until then.
class Maker {
 public:
  explicit Maker(std::string_view title) : builder_("validate/report", title) {}

  const bourse_field* field(std::string name, bourse_type type, std::int32_t scale = 0,
                            const char* label = nullptr, const char* unit = nullptr,
                            const char* format = nullptr) {
    const auto& kept = names_.emplace_back(std::move(name));
    return &fields_.emplace_back(bourse_field{.size = sizeof(bourse_field),
                                              .flags = 0,
                                              .type = type,
                                              .scale = scale,
                                              .name = kept.c_str(),
                                              .label = label,
                                              .unit = unit,
                                              .doc = nullptr,
                                              .format = format});
  }
  void meta(std::string_view key, const bourse_value& value) {
    const bourse_meta said{
        .size = sizeof(bourse_meta), .flags = 0, .key = str(key), .value = value};
    expect(builder_.meta(&said));
  }
  void note(std::int32_t level, std::string_view code, std::string_view words) {
    const bourse_note said{
        .size = sizeof(bourse_note), .level = level, .code = str(code), .text = str(words)};
    expect(builder_.note(&said));
  }
  void scalar(const bourse_field* field, const bourse_value& value) {
    const bourse_scalar said{
        .size = sizeof(bourse_scalar), .flags = 0, .field = field, .value = value};
    expect(builder_.scalar(&said));
  }
  void table(const char* name, const char* label, const std::vector<const bourse_field*>& fields,
             std::size_t rows, const std::vector<bourse_array>& columns) {
    const bourse_table said{.size = sizeof(bourse_table),
                            .flags = 0,
                            .name = name,
                            .label = label,
                            .n_fields = fields.size(),
                            .fields = fields.data(),
                            .n_rows = rows,
                            .columns = columns.data()};
    expect(builder_.table(&said, nullptr));
  }
  void chart(bourse_chart chart,
             std::initializer_list<std::pair<bourse_role, const char*>> channels) {
    std::vector<bourse_channel> made;
    for (const auto& [role, name] : channels) {
      made.push_back(
          {.size = sizeof(bourse_channel), .role = role, .field = name, .label = nullptr});
    }
    std::vector<const bourse_channel*> pointers;
    for (const bourse_channel& channel : made) pointers.push_back(&channel);
    chart.size = sizeof(bourse_chart);
    chart.n_channels = pointers.size();
    chart.channels = pointers.data();
    expect(builder_.chart(&chart));
  }
  ReportPtr finish() {
    auto report = builder_.finish(kBegin);
    assert(report.ok());
    return *std::move(report);
  }

 private:
  static void expect([[maybe_unused]] bourse_status status) { assert(status == BOURSE_OK); }

  ReportBuilder builder_;
  std::deque<std::string> names_;
  std::deque<bourse_field> fields_;
};

void add_words(Maker& maker) {
  maker.meta("bourse.title", text("Everything <b>& more</b> \u202eturned"));
  maker.meta("quote", text("EUR"));
  maker.meta("flag", value_of(BOURSE_TYPE_BOOL, 1));
  maker.meta("count", value_of(BOURSE_TYPE_I64, std::numeric_limits<std::int64_t>::min()));
  maker.meta("ratio", real(kNan));
  maker.meta("exact", decimal(kLeast, 38));
  maker.meta("when", value_of(BOURSE_TYPE_TIME, kBegin + 1));
  maker.meta("absent", kNull);
  maker.note(BOURSE_LEVEL_DEBUG, "for_authors", "a detail");
  maker.note(BOURSE_LEVEL_INFO, "said", "");
  maker.note(BOURSE_LEVEL_WARN, "partial", odd_texts()[3]);
  maker.note(BOURSE_LEVEL_ERROR, "partial", odd_texts()[9]);
}

void add_scalars(Maker& maker) {
  const auto scalar = [&](const char* name, const bourse_value& value, const char* unit = nullptr,
                          const char* format = nullptr) {
    const bourse_type type = value.type == BOURSE_TYPE_NULL ? BOURSE_TYPE_F64 : value.type;
    maker.scalar(maker.field(name, type, value.scale, "A <label> & more", unit, format), value);
  };
  scalar("plain", value_of(BOURSE_TYPE_I64, 42));
  scalar("summary.yes", value_of(BOURSE_TYPE_BOOL, 1));
  scalar("summary.largest", value_of(BOURSE_TYPE_I64, std::numeric_limits<std::int64_t>::max()));
  scalar("summary.deep.er", real(5e-324), "%", "percent");
  scalar("huge", real(std::numeric_limits<double>::max()), "{quote}");
  scalar("minus_zero", real(-0.0));
  scalar("infinite", real(-kInfinity));
  scalar("absent", kNull, "s", "duration");
  scalar("tiny", decimal(wide(1), 38), "{quote}");
  scalar("round", decimal(wide(7), -3));
  scalar("most", decimal(kMost, 0));
  scalar("first", value_of(BOURSE_TYPE_TIME, std::numeric_limits<std::int64_t>::min()));
  scalar("last", value_of(BOURSE_TYPE_TIME, std::numeric_limits<std::int64_t>::max()));
  scalar("day", value_of(BOURSE_TYPE_TIME, kBegin), nullptr, "date");
  scalar("words", text(odd_texts()[11]));
  scalar("unknown_format", value_of(BOURSE_TYPE_I64, 255), "<unit>", "of-tomorrow");
}

/// A row each of the ends of all types; every third value is null.
void add_types(Maker& maker) {
  const std::size_t rows = odd_texts().size();
  std::vector<std::uint8_t> booleans(rows);
  std::vector<std::int64_t> integers(rows, 0);
  std::vector<double> reals(rows, 0);
  std::vector<bourse_i128> decimals(rows, bourse_i128{0, 0});
  std::vector<bourse_str> texts(rows);
  std::vector<std::uint8_t> valid((rows + 7) / 8, 0);
  const std::array kReals = {1.5, kNan, kInfinity, -kInfinity, -0.0, 5e-324, 1e308, 0.1};
  for (std::size_t row = 0; row < rows; ++row) {
    booleans[row] = row % 2;
    integers[row] = row % 2 == 0 ? std::numeric_limits<std::int64_t>::max() - kMinute
                                 : std::numeric_limits<std::int64_t>::min() + kMinute;
    reals[row] = kReals[row % kReals.size()];
    decimals[row] = row % 2 == 0 ? kMost : kLeast;
    texts[row] = str(odd_texts()[row]);
    if (row % 3 != 2) valid[row / 8] = static_cast<std::uint8_t>(valid[row / 8] | 1U << row % 8);
  }
  const std::vector<const bourse_field*> fields = {
      maker.field("yes", BOURSE_TYPE_BOOL),
      maker.field("number", BOURSE_TYPE_I64, 0, "Number", "{quote}"),
      maker.field("ratio", BOURSE_TYPE_F64, 0, "Ratio", "%", "percent"),
      maker.field("exact", BOURSE_TYPE_DECIMAL, 38),
      maker.field("coarse", BOURSE_TYPE_DECIMAL, -38),
      maker.field("moment", BOURSE_TYPE_TIME),
      maker.field("words", BOURSE_TYPE_TEXT, 0, "Words, \"quoted\" <b>"),
      maker.field("sparse", BOURSE_TYPE_TEXT),
      maker.field("sparse_ratio", BOURSE_TYPE_F64)};
  maker.table("types", "All types & <ends>", fields, rows,
              {{booleans.data(), valid.data()},
               {integers.data(), nullptr},
               {reals.data(), nullptr},
               {decimals.data(), nullptr},
               {decimals.data(), valid.data()},
               {integers.data(), valid.data()},
               {texts.data(), nullptr},
               {texts.data(), valid.data()},
               {reals.data(), valid.data()}});
  maker.table("no_rows", nullptr, fields, 0, {});
}

void add_wide(Maker& maker) {
  constexpr std::size_t kColumns = 100;
  static constexpr std::array<double, 2> kTwo = {1, kNan};
  std::vector<const bourse_field*> fields;
  for (std::size_t i = 0; i < kColumns; ++i) {
    fields.push_back(maker.field("column_" + std::to_string(i), BOURSE_TYPE_F64));
  }
  maker.table("wide", "A hundred columns", fields, kTwo.size(),
              std::vector<bourse_array>(kColumns, {kTwo.data(), nullptr}));
}

void add_long_text(Maker& maker) {
  static const std::string kLong(kLongText, '<');
  const bourse_str cell = str(kLong);
  maker.table("long", nullptr, {maker.field("text", BOURSE_TYPE_TEXT)}, 1, {{&cell, nullptr}});
}

/// A walk of 64 steps, with what every kind of chart needs.
void add_series(Maker& maker) {
  constexpr std::size_t kRows = 64;
  static const std::array<std::string, 3> kGroups = {"one", "two & <three>", ""};
  std::vector<std::int64_t> times(kRows);
  std::vector<double> open(kRows), high(kRows), low(kRows), close(kRows);
  std::vector<bourse_str> groups(kRows);
  std::vector<std::uint8_t> valid(kRows / 8, 0xfb);
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto x = static_cast<double>(row);
    times[row] = kBegin + kMinute * static_cast<std::int64_t>(row);
    open[row] = 100 + 10 * std::sin(x / 7);
    close[row] = 100 + 10 * std::sin((x + 1) / 7);
    high[row] = std::max(open[row], close[row]) + 1;
    low[row] = std::min(open[row], close[row]) - 1;
    groups[row] = str(kGroups[row % kGroups.size()]);
  }
  const std::vector<const bourse_field*> fields = {
      maker.field("time", BOURSE_TYPE_TIME, 0, "Time"),
      maker.field("open", BOURSE_TYPE_F64),
      maker.field("high", BOURSE_TYPE_F64),
      maker.field("low", BOURSE_TYPE_F64),
      maker.field("close", BOURSE_TYPE_F64, 0, "Close", "{quote}"),
      maker.field("part", BOURSE_TYPE_TEXT)};
  maker.table("series", "A series", fields, kRows,
              {{times.data(), nullptr},
               {open.data(), valid.data()},
               {high.data(), nullptr},
               {low.data(), nullptr},
               {close.data(), nullptr},
               {groups.data(), nullptr}});
}

bourse_chart chart_of(bourse_chart_kind kind, const char* name, const char* table = "series") {
  bourse_chart chart{};
  chart.kind = kind;
  chart.name = name;
  chart.table = table;
  return chart;
}

void add_charts(Maker& maker) {
  static constexpr std::array<double, 2> kLevels = {95, 105};
  static constexpr std::array<const char*, 2> kLabels = {"low & <b>", nullptr};
  static constexpr std::array<double, 2> kRange = {50, 150};
  static const bourse_value kGuide = value_of(BOURSE_TYPE_TIME, kBegin + 10 * kMinute);
  bourse_chart line = chart_of(BOURSE_CHART_LINE, "line");
  line.title = "A line & <more>";
  line.pane = "prices";
  line.n_levels = kLevels.size();
  line.levels = kLevels.data();
  line.level_labels = kLabels.data();
  line.n_guides = 1;
  line.guides = &kGuide;
  line.range = kRange.data();
  maker.chart(line, {{BOURSE_ROLE_X, "time"}, {BOURSE_ROLE_Y, "close"}, {BOURSE_ROLE_Y, "open"}});
  bourse_chart area = chart_of(BOURSE_CHART_AREA, "band");
  area.pane = "prices";
  area.axis = 1;
  maker.chart(area,
              {{BOURSE_ROLE_X, "time"}, {BOURSE_ROLE_LOWER, "low"}, {BOURSE_ROLE_UPPER, "high"}});
  bourse_chart bars = chart_of(BOURSE_CHART_BAR, "bars");
  bars.flags = BOURSE_DRAW_STACKED | BOURSE_DRAW_HORIZONTAL;
  maker.chart(bars,
              {{BOURSE_ROLE_X, "part"}, {BOURSE_ROLE_Y, "close"}, {BOURSE_ROLE_GROUP, "part"}});
  bourse_chart dots = chart_of(BOURSE_CHART_SCATTER, "dots");
  dots.flags = BOURSE_DRAW_LOGARITHMIC;
  maker.chart(dots, {{BOURSE_ROLE_X, "open"},
                     {BOURSE_ROLE_Y, "close"},
                     {BOURSE_ROLE_SIZE, "high"},
                     {BOURSE_ROLE_COLOR, "low"},
                     {BOURSE_ROLE_LABEL, "part"}});
  maker.chart(chart_of(BOURSE_CHART_CANDLE, "ranges"), {{BOURSE_ROLE_X, "time"},
                                                        {BOURSE_ROLE_OPEN, "open"},
                                                        {BOURSE_ROLE_HIGH, "high"},
                                                        {BOURSE_ROLE_LOW, "low"},
                                                        {BOURSE_ROLE_CLOSE, "close"}});
  maker.chart(chart_of(BOURSE_CHART_HISTOGRAM, "spread"),
              {{BOURSE_ROLE_X, "time"}, {BOURSE_ROLE_Y, "high"}});
  maker.chart(chart_of(BOURSE_CHART_HEATMAP, "heat"),
              {{BOURSE_ROLE_X, "time"}, {BOURSE_ROLE_Y, "part"}, {BOURSE_ROLE_HEAT, "close"}});
  maker.chart(chart_of(BOURSE_CHART_LINE, "of_nothing", "no_rows"),
              {{BOURSE_ROLE_X, "moment"}, {BOURSE_ROLE_Y, "ratio"}});
  maker.chart(chart_of(BOURSE_CHART_SCATTER, "of_ends", "types"),
              {{BOURSE_ROLE_X, "moment"}, {BOURSE_ROLE_Y, "ratio"}, {BOURSE_ROLE_LABEL, "words"}});
}

}  // namespace

ReportPtr everything(bool with_long_text) {
  Maker maker("Everything");
  add_words(maker);
  add_scalars(maker);
  add_types(maker);
  add_wide(maker);
  if (with_long_text) add_long_text(maker);
  add_series(maker);
  add_charts(maker);
  return maker.finish();
}

ReportPtr nothing() { return Maker("Nothing").finish(); }

ReportPtr ordinary() {
  Maker maker("Ordinary");
  maker.meta("quote", text("EUR"));
  maker.note(BOURSE_LEVEL_INFO, "said", "All is well.");
  maker.scalar(maker.field("mean", BOURSE_TYPE_F64, 0, "Mean", "{quote}"), real(100.25));
  add_series(maker);
  maker.chart(chart_of(BOURSE_CHART_LINE, "line"),
              {{BOURSE_ROLE_X, "time"}, {BOURSE_ROLE_Y, "close"}});
  return maker.finish();
}

ReportPtr many_rows(std::size_t rows) {
  Maker maker("Many rows");
  static const std::string kWord = "word";
  std::vector<std::int64_t> times(rows), numbers(rows);
  std::vector<double> reals(rows);
  std::vector<bourse_i128> decimals(rows);
  const std::vector<bourse_str> texts(rows, str(kWord));
  for (std::size_t row = 0; row < rows; ++row) {
    const auto number = static_cast<std::int64_t>(row);
    times[row] = kBegin + kMinute * number;
    numbers[row] = number * 7919 % 1'000'003;
    reals[row] = static_cast<double>(numbers[row]) / 3;
    decimals[row] = wide(numbers[row] * 1'000'000 + number);
  }
  maker.table("rows", "Rows",
              {maker.field("time", BOURSE_TYPE_TIME), maker.field("price", BOURSE_TYPE_DECIMAL, 8),
               maker.field("ratio", BOURSE_TYPE_F64), maker.field("number", BOURSE_TYPE_I64),
               maker.field("word", BOURSE_TYPE_TEXT)},
              rows,
              {{times.data(), nullptr},
               {decimals.data(), nullptr},
               {reals.data(), nullptr},
               {numbers.data(), nullptr},
               {texts.data(), nullptr}});
  return maker.finish();
}

}  // namespace bourse::host::validate
