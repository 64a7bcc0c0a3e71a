// SPDX-License-Identifier: MIT
#include "tests/plugins/serializers/kitchen_sink.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace bourse::test {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::string_view kNines = "99999999999999999999999999999999999999";  // 38

bourse_i128 coefficient(std::string_view digits) { return Decimal::from(digits).wire(); }

/// A column with NaN and infinities left alone, which TableBuilder would turn into nulls.
struct RawColumn {
  Field field;
  bourse_array array;
};

void add_raw(const Call& call, const char* name, const char* label, std::size_t rows,
             const std::vector<RawColumn>& columns) {
  std::vector<const bourse_field*> fields;
  std::vector<bourse_array> arrays;
  for (const RawColumn& column : columns) {
    fields.push_back(&column.field);
    arrays.push_back(column.array);
  }
  bourse_table table{};
  table.size = sizeof table;
  table.name = name;
  table.label = label;
  table.n_fields = fields.size();
  table.fields = fields.data();
  table.n_rows = rows;
  table.columns = arrays.data();
  if (call.host()->table(call.wire(), &table, nullptr) != BOURSE_OK) {
    throw Error(BOURSE_INTERNAL, "bad_kitchen_sink", name);
  }
}

void raw_scalar(const Call& call, const Field& field, const bourse_value& v) {
  const bourse_scalar scalar{sizeof scalar, 0, &field, v};
  if (call.host()->scalar(call.wire(), &scalar) != BOURSE_OK) {
    throw Error(BOURSE_INTERNAL, "bad_kitchen_sink", field.name);
  }
}

bourse_value raw_real(double real) {
  bourse_value v{};
  v.type = BOURSE_TYPE_F64;
  v.as.f64 = real;
  return v;
}

/// Every type at its edges; the last row is null throughout.
void add_edges(const Call& call) {
  constexpr std::size_t kRows = 12;
  static constexpr std::array<std::uint8_t, 2> kAllButLast = {0xFF, 0x07};
  static constexpr std::array<std::uint8_t, kRows> kFlags = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
  static constexpr std::int64_t kSafe = std::int64_t{1} << 53;
  static constexpr std::array<std::int64_t, kRows> kIntegers = {
      0, 1, -1, kSafe - 1, kSafe, kSafe + 1, 1 - kSafe, -kSafe, kFirst, kLast, 42, 0};
  static constexpr std::array<double, kRows> kReals = {
      0.0,  -0.0, 5.0,        0.1, 1.0 / 3, 1e300, -5e-324, 1.7976931348623157e308,
      1e16, kNan, -kInfinity, kNan};
  static constexpr std::array<double, kRows> kMoreReals = {1e5,
                                                           123456789012345680.0,
                                                           9999999999999998.0,
                                                           9007199254740993.0,
                                                           1e-4,
                                                           9.99e-5,
                                                           1e21,
                                                           2.5,
                                                           -2.5,
                                                           kInfinity,
                                                           100.25,
                                                           0};
  static constexpr std::array<std::int64_t, kRows> kTimes = {kFirst,
                                                             kLast,
                                                             0,
                                                             -1,
                                                             1,
                                                             -kSecond,
                                                             1'000'000,
                                                             1'000,
                                                             951'782'400 * kSecond,  // 29 February
                                                             -86'400 * kSecond,
                                                             1'735'689'599 * kSecond + 250'000'000,
                                                             0};
  std::vector<bourse_i128> amounts, whole, tiny, round, zeros;
  for (const std::string_view text :
       {"0.00000000", "0.00000001", "-0.00000001", "96407.99000000", "-96407.99000000",
        "1.00000000", "-1.50000000", "92233720368.54775807", "-92233720368.54775808",
        "184467440737.09551616", "123456789012345678901234567890.12345678", "0.00000000"}) {
    amounts.push_back(coefficient(text));
  }
  const std::string most(kNines), least = "-" + most;
  for (const std::string& text :
       {"0"s, "7"s, "-7"s, most, least, "10"s, "9223372036854775807"s, "-9223372036854775808"s,
        "18446744073709551615"s, "18446744073709551616"s, "-18446744073709551617"s, "0"s}) {
    whole.push_back(coefficient(text));
    tiny.push_back(coefficient(text));
    round.push_back(coefficient(text));
    zeros.push_back(coefficient(text));
  }
  const auto null_last = [](const auto& data) {
    return bourse_array{data.data(), kAllButLast.data()};
  };
  add_raw(call, "edges", "Edges of all types", kRows,
          {{Field("flag", BOURSE_TYPE_BOOL), null_last(kFlags)},
           {Field("count", BOURSE_TYPE_I64).labelled("Count").in("s"), null_last(kIntegers)},
           {Field("ratio", BOURSE_TYPE_F64).in("%"), null_last(kReals)},
           {Field("score", BOURSE_TYPE_F64), bourse_array{kMoreReals.data(), nullptr}},
           {Field("amount", BOURSE_TYPE_DECIMAL).scaled(8).labelled("Amount").in("USDT"),
            null_last(amounts)},
           {Field("whole", BOURSE_TYPE_DECIMAL).scaled(0), null_last(whole)},
           {Field("tiny", BOURSE_TYPE_DECIMAL).scaled(38), null_last(tiny)},
           {Field("round", BOURSE_TYPE_DECIMAL).scaled(-3), null_last(round)},
           {Field("zeros", BOURSE_TYPE_DECIMAL).scaled(-38), null_last(zeros)},
           {Field("at", BOURSE_TYPE_TIME), null_last(kTimes)}});
}

const std::vector<std::string>& odd_texts() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> out = {
        "",
        " ",
        "plain",
        "two words",
        "a,b",
        "a;b",
        "a\tb",
        "say \"hello\"",
        "\"",
        "\"\"",
        "line\nfeed",
        "carriage\rreturn",
        "both\r\nof them\r\n",
        "\n",
        "back\\slash",
        "/slash/",
        "<script>alert('x')</script>",
        "]]>",
        "&amp;&lt;&#0;",
        "<!--",
        "--><b>",
        "</table>",
        "=cmd|'/C calc'!A0",
        "=1+1",
        "+1",
        "-1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1:A9)",
        "\t=1",
        "\r=1",
        "\n=1",
        "'=1",
        "''=1",
        "'",
        "'quoted'",
        " =1",
        "0=1",
        "\xEF\xBC\x9D"
        "1",
        "\xEF\xBC\x8B"
        "1",
        "\xEF\xBC\x8D"
        "1",
        "\xEF\xBC\xA0x",
        "=\"a\",\r\n",
        "-12.5",
        "1e5",
        "NaN",
        "null",
        "true",
        "2024-12-31T23:59:59Z",
        "nul\0inside"s,
        "\0"s,
        "\x01\x02\x1b[31m\x7f",
        "\b\f\v",
        "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",          // Hebrew
        "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7",  // Arabic
        "\xE2\x80\xAE"
        "evil\xE2\x80\xAC",                                    // right-to-left override
        "\xF0\x9D\x84\x9E \xF0\x9F\x9A\x80 \xF4\x8F\xBF\xBF",  // astral, up to U+10FFFF
        "a\xE2\x80\xA8"
        "b\xE2\x80\xA9"
        "c",                                                     // line and paragraph separators
        "\xC2\x85\xC2\xA0\xEF\xBB\xBF\xEF\xBF\xBE\xEF\xBF\xBF",  // NEL, NBSP, BOM, noncharacters
        "e\xCC\x81 \xE2\x82\xBF \xE2\x82\xAC",                   // combining accent, bitcoin, euro
        "bad \xC3( \xED\xA0\x80 \xF8 end",                       // no UTF-8: the host repairs it
    };
    out.push_back(std::string(100'000, 'x') + "\"" + std::string(100'000, '\\'));
    return out;
  }();
  return texts;
}

void add_texts(const Call& call) {
  std::vector<std::optional<std::string_view>> texts, swapped;
  std::vector<std::int64_t> numbers;
  for (const std::string& text : odd_texts()) {
    numbers.push_back(static_cast<std::int64_t>(numbers.size()));
    texts.emplace_back(text);
    swapped.emplace_back(odd_texts()[odd_texts().size() - numbers.size()]);
  }
  for (int i = 0; i < 2; ++i) {  // null beside text, text beside null
    numbers.push_back(static_cast<std::int64_t>(numbers.size()));
    texts.push_back(i == 0 ? std::nullopt : std::optional("null to the right"sv));
    swapped.push_back(i == 1 ? std::nullopt : std::optional("null to the left"sv));
  }
  TableBuilder table("texts", "Odd <b>texts</b> & \"labels\", \xE2\x82\xBF;\r\n\xD7\xA9");
  table.column(Field("number", BOURSE_TYPE_I64), std::span<const std::int64_t>(numbers))
      .column(Field("words", BOURSE_TYPE_TEXT).labelled("=Words\r\n\"<i>\""), texts)
      .column(Field("swapped", BOURSE_TYPE_TEXT).labelled("").in(""), swapped);
  call.add(table);
}

void add_small_tables(const Call& call) {
  TableBuilder empty("empty", "");
  empty.column(Field("at", BOURSE_TYPE_TIME), std::span<const std::int64_t>())
      .column(Field("price", BOURSE_TYPE_DECIMAL).scaled(2), std::vector<std::optional<Decimal>>());
  call.add(empty);

  TableBuilder one("one", "One row");
  const std::vector<std::string> symbol = {"BTCUSDT"};
  const std::vector<std::optional<Decimal>> price = {Decimal::from("-0.10")};
  one.column(Field("symbol", BOURSE_TYPE_TEXT), symbol)
      .column(Field("price", BOURSE_TYPE_DECIMAL), price);
  call.add(one);

  TableBuilder lone("lone", "One column");
  const std::vector<std::optional<std::int64_t>> values = {1, std::nullopt, 3};
  lone.column(Field("value", BOURSE_TYPE_I64), values);
  call.add(lone);

  const std::string longest(BOURSE_MAX_NAME_BYTES, 'n'), label(BOURSE_MAX_LINE_BYTES, 'L');
  TableBuilder long_names(longest, label);
  const std::vector<std::string> cells = {std::string(70'000, 'y')};
  long_names.column(Field(longest.c_str(), BOURSE_TYPE_TEXT).labelled(label.c_str()), cells);
  call.add(long_names);
}

/// Names that charts may refer to.
void add_charts(const Call& call) {
  std::vector<std::int64_t> times;
  std::vector<std::optional<Decimal>> open, high, low, close;
  std::vector<double> volume;
  for (std::int64_t i = 0; i < 5; ++i) {
    times.push_back((1'734'688'800 + 3'600 * i) * kSecond);
    open.push_back(Decimal::of(100 + i));
    high.push_back(Decimal::of(103 + i));
    low.push_back(Decimal::of(98 + i));
    close.push_back(i == 3 ? std::nullopt : std::optional(Decimal::of(101 + i)));
    volume.push_back(i == 2 ? kNan : 10.5 * static_cast<double>(i));
  }
  TableBuilder candles("candles", "Candles");
  candles.column(Field("open_time", BOURSE_TYPE_TIME), std::span<const std::int64_t>(times))
      .column(Field("open", BOURSE_TYPE_DECIMAL).scaled(2), open)
      .column(Field("high", BOURSE_TYPE_DECIMAL).scaled(2), high)
      .column(Field("low", BOURSE_TYPE_DECIMAL).scaled(2), low)
      .column(Field("close", BOURSE_TYPE_DECIMAL).scaled(2), close)
      .column(Field("volume", BOURSE_TYPE_F64), std::span<const double>(volume));
  call.add(candles);

  const std::vector<std::string> rows = {"A", "A", "B", "B"}, columns = {"A", "B", "A", "B"};
  const std::vector<double> heat = {1, -0.25, -0.25, 1};
  TableBuilder matrix("matrix", "Matrix");
  matrix.column(Field("row", BOURSE_TYPE_TEXT), rows)
      .column(Field("column", BOURSE_TYPE_TEXT), columns)
      .column(Field("heat", BOURSE_TYPE_F64), std::span<const double>(heat));
  call.add(matrix);

  const auto plain = [&](bourse_chart_kind kind, const char* name, const char* y) {
    return Chart(kind, name, "Chart <" + std::string(name) + "> & \"more\"")
        .of("candles")
        .channel(BOURSE_ROLE_X, "open_time")
        .channel(BOURSE_ROLE_Y, y, "Label \xE2\x82\xBF");
  };
  call.add(Chart(BOURSE_CHART_CANDLE, "candle", "Price")
               .of("candles")
               .pane("price")
               .channel(BOURSE_ROLE_X, "open_time")
               .channel(BOURSE_ROLE_OPEN, "open")
               .channel(BOURSE_ROLE_HIGH, "high")
               .channel(BOURSE_ROLE_LOW, "low")
               .channel(BOURSE_ROLE_CLOSE, "close"));
  call.add(
      plain(BOURSE_CHART_LINE, "line", "close").pane("price").level(30).level(70).range(0, 100));
  call.add(Chart(BOURSE_CHART_AREA, "area", "Band")
               .of("candles")
               .pane("price")
               .channel(BOURSE_ROLE_X, "open_time")
               .channel(BOURSE_ROLE_LOWER, "low")
               .channel(BOURSE_ROLE_UPPER, "high"));
  call.add(plain(BOURSE_CHART_BAR, "bar", "volume").level(-0.5));
  call.add(plain(BOURSE_CHART_SCATTER, "scatter", "volume").channel(BOURSE_ROLE_GROUP, "open"));
  call.add(plain(BOURSE_CHART_HISTOGRAM, "histogram", "volume"));
  call.add(Chart(BOURSE_CHART_HEATMAP, "heatmap", "")
               .of("matrix")
               .channel(BOURSE_ROLE_X, "column")
               .channel(BOURSE_ROLE_Y, "row")
               .channel(BOURSE_ROLE_HEAT, "heat")
               .range(-1, 1));
}

/// What most charts do not have, and what fields mean beyond their types.
void add_looks(const Call& call) {
  TableBuilder table("looks", "Looks");
  table
      .column(Field("day", BOURSE_TYPE_TIME).formatted("date"),
              std::vector<Time>{Time{1'734'652'800 * kSecond}, Time{1'734'739'200 * kSecond},
                                Time{1'734'825'600 * kSecond}})
      .column(Field("side", BOURSE_TYPE_TEXT), std::vector<std::string>{"a", "b", "a"})
      .column(Field("share", BOURSE_TYPE_F64).formatted("percent"),
              std::vector<double>{12.5, -3, 100})
      .column(Field("held", BOURSE_TYPE_I64).in("s").formatted("duration"),
              std::vector<std::int64_t>{4'980, 0, -45})
      .column(Field("bits", BOURSE_TYPE_I64).formatted("hex"),
              std::vector<std::int64_t>{255, kFirst, 0})
      .column(Field("odd", BOURSE_TYPE_F64).formatted("x-odd \x01<&>\""),
              std::vector<double>{1, 2, 3});
  call.add(table);
  call.add(Chart(BOURSE_CHART_BAR, "stacked", "Stacked")
               .of("looks")
               .stacked()
               .channel(BOURSE_ROLE_X, "day")
               .channel(BOURSE_ROLE_Y, "share")
               .channel(BOURSE_ROLE_GROUP, "side"));
  call.add(Chart(BOURSE_CHART_LINE, "logarithmic", "Logarithmic")
               .of("looks")
               .pane("both")
               .logarithmic()
               .level(10, "Ten <\xE2\x82\xBF> & \"\x02\"")
               .level(50)
               .guide(Time{1'734'739'200 * kSecond}, "Guide <&>\x03")
               .guide(Time{1'734'652'800 * kSecond})
               .channel(BOURSE_ROLE_X, "day")
               .channel(BOURSE_ROLE_Y, "share"));
  call.add(Chart(BOURSE_CHART_LINE, "second", "Second")
               .of("looks")
               .pane("both")
               .on_second_axis()
               .channel(BOURSE_ROLE_X, "day")
               .channel(BOURSE_ROLE_Y, "held"));
  call.add(Chart(BOURSE_CHART_BAR, "lying", "Lying")
               .of("looks")
               .horizontal()
               .channel(BOURSE_ROLE_X, "side")
               .channel(BOURSE_ROLE_Y, "odd")
               .guide("b", "B"));
  call.add(Chart(BOURSE_CHART_SCATTER, "points", "Points")
               .of("looks")
               .channel(BOURSE_ROLE_X, "odd")
               .channel(BOURSE_ROLE_Y, "share")
               .channel(BOURSE_ROLE_SIZE, "odd", "Size")
               .channel(BOURSE_ROLE_COLOR, "share")
               .channel(BOURSE_ROLE_LABEL, "side"));
}

void add_scalars(const Call& call) {
  call.scalar(Field("flag", BOURSE_TYPE_BOOL), true);
  call.scalar(Field("deep.one.two.three.four.five", BOURSE_TYPE_I64).labelled("Deep").in("s"),
              kLast);
  call.scalar(Field("plain", BOURSE_TYPE_I64), std::int64_t{-1});
  call.scalar(Field("deep.one.beside", BOURSE_TYPE_TEXT), "joins the object above");
  call.scalar(Field("summary.average", BOURSE_TYPE_F64).in("%"), 0.30000000000000004);
  raw_scalar(call, Field("summary.nothing", BOURSE_TYPE_F64).labelled("Nothing"), null_value());
  raw_scalar(call, Field("summary.not_a_number", BOURSE_TYPE_F64), raw_real(kNan));
  raw_scalar(call, Field("summary.infinite", BOURSE_TYPE_F64), raw_real(kInfinity));
  raw_scalar(call, Field("summary.minus_infinite", BOURSE_TYPE_F64), raw_real(-kInfinity));
  raw_scalar(call, Field("summary.minus_zero", BOURSE_TYPE_F64), raw_real(-0.0));
  call.scalar(Field("price.most", BOURSE_TYPE_DECIMAL).in("\xE2\x82\xBF/\xE2\x82\xAC \"<&>\"; ,"),
              Decimal::from(kNines));
  call.scalar(Field("price.small", BOURSE_TYPE_DECIMAL).in("=1"), Decimal::from("-0.00000001"));
  call.scalar(Field("time.first", BOURSE_TYPE_TIME), Time{kFirst});
  call.scalar(Field("time.exact", BOURSE_TYPE_TIME), Time{1'734'688'800 * kSecond + 1});
  call.scalar(Field("text.formula", BOURSE_TYPE_TEXT).labelled("@label"), "=1+1");
  call.scalar(Field("text.empty", BOURSE_TYPE_TEXT).in(""), "");
  call.scalar(Field("text.odd", BOURSE_TYPE_TEXT),
              "a\0b\x1f \"\\ \xE2\x80\xA8 <&> \xF0\x9F\x9A\x80"sv);
  call.scalar(Field("format.day", BOURSE_TYPE_TIME).formatted("date"),
              Time{1'734'688'800 * kSecond});
  call.scalar(Field("format.held", BOURSE_TYPE_F64).in("ns").formatted("duration"), 3.2e6);
  call.scalar(Field("format.share", BOURSE_TYPE_F64).formatted("percent"), 12.5);
  call.scalar(Field("format.bits", BOURSE_TYPE_I64).formatted("hex"), std::int64_t{500});
  const std::string path = std::string(64, 'p') + "." + std::string(63, 'q');  // 128 bytes
  call.scalar(Field(path.c_str(), BOURSE_TYPE_BOOL), false);
}

void add_meta_and_notes(const Call& call) {
  call.title("Kitchen <sink> & \"everything\" \xD7\xA9\xD7\x9C \xF0\x9F\x9A\x80");
  call.as_of(Time{1'734'688'800 * kSecond + 123'456'789});
  call.meta("symbol", value("BTCUSDT"));
  call.meta("odd", value("\"\\\x01\x7f\r\n</script>"));
  call.meta("limit", value(std::int64_t{100}));
  call.meta("large", value(kFirst));
  call.meta("factor", value(2.5));
  call.meta("amount", value(Decimal::from("1.50")));
  call.meta("since", value(Time{-1}));
  call.meta("live", value(false));
  call.meta("nothing", null_value());
  call.note(BOURSE_LEVEL_DEBUG, "debugging", "");
  call.note(BOURSE_LEVEL_INFO, "plain", "A plain note, with a comma; and a semicolon.");
  call.warn("odd", "100 % \"odd\" \\ note\r\nX-Injected: 1 \xE2\x82\xBF <b>\x01");
  call.note(BOURSE_LEVEL_ERROR, "long_note", std::string(5'000, 'z'));
}

// ---- dump ---------------------------------------------------------------------------------------

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "x";
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string hex(const char* text) { return text == nullptr ? "-" : hex(std::string_view(text)); }

std::string bits(std::uint64_t value) {
  std::array<char, sizeof value> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (bytes.size() - 1 - i)));
  }
  return hex(std::string_view(bytes.data(), bytes.size())).substr(1);
}

std::string word(const bourse_value& v) {
  switch (v.type) {
    case BOURSE_TYPE_BOOL:
      return v.as.i64 != 0 ? "b1" : "b0";
    case BOURSE_TYPE_I64:
      return "i" + std::to_string(v.as.i64);
    case BOURSE_TYPE_F64:
      return "f" + bits(std::bit_cast<std::uint64_t>(v.as.f64));
    case BOURSE_TYPE_DECIMAL:
      return "d" + bits(static_cast<std::uint64_t>(v.as.dec.hi)) + bits(v.as.dec.lo) + ":" +
             std::to_string(v.scale);
    case BOURSE_TYPE_TIME:
      return "t" + std::to_string(v.as.i64);
    case BOURSE_TYPE_TEXT:
      return "s" + hex(std::string_view(v.as.text.ptr, v.as.text.len)).substr(1);
    default:
      return "n";
  }
}

class Lines {
 public:
  void add(std::initializer_list<std::string> words) {
    for (const std::string& w : words) text_ += (&w == words.begin() ? "" : "\t") + w;
    text_ += '\n';
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

std::string field_words(const bourse_field& f) {
  return std::string(f.name) + "\t" + std::to_string(f.type) + "\t" + hex(f.label) + "\t" +
         hex(f.unit) + "\t" + hex(f.format);
}

bourse_value cell(const bourse_table& table, std::size_t column, std::size_t row) {
  const bourse_array& from = table.columns[column];
  bourse_value v{};
  if (from.valid != nullptr && (from.valid[row >> 3] & (1 << (row & 7))) == 0) return v;
  v.type = table.fields[column]->type;
  v.scale = table.fields[column]->scale;
  if (v.type == BOURSE_TYPE_BOOL) v.as.i64 = static_cast<const std::uint8_t*>(from.data)[row];
  if (v.type == BOURSE_TYPE_I64 || v.type == BOURSE_TYPE_TIME) {
    v.as.i64 = static_cast<const std::int64_t*>(from.data)[row];
  }
  if (v.type == BOURSE_TYPE_F64) v.as.f64 = static_cast<const double*>(from.data)[row];
  if (v.type == BOURSE_TYPE_DECIMAL) v.as.dec = static_cast<const bourse_i128*>(from.data)[row];
  if (v.type == BOURSE_TYPE_TEXT) v.as.text = static_cast<const bourse_str*>(from.data)[row];
  return v;
}

void dump_table(Lines& lines, const bourse_table& table) {
  lines.add({"table", table.name, hex(table.label)});
  for (std::size_t c = 0; c < table.n_fields; ++c) {
    lines.add({"field", field_words(*table.fields[c])});
  }
  for (std::size_t row = 0; row < table.n_rows; ++row) {
    std::string words = "row";
    for (std::size_t c = 0; c < table.n_fields; ++c) words += "\t" + word(cell(table, c, row));
    lines.add({words});
  }
}

void dump_chart(Lines& lines, const bourse_chart& chart) {
  lines.add({"chart", std::to_string(chart.kind), chart.name, hex(chart.title), chart.table,
             hex(chart.pane)});
  for (std::size_t i = 0; i < chart.n_channels; ++i) {
    const bourse_channel& c = *chart.channels[i];
    lines.add({"channel", std::to_string(c.role), c.field, hex(c.label)});
  }
  for (std::size_t i = 0; i < chart.n_levels; ++i) {
    const char* const label = chart.level_labels == nullptr ? nullptr : chart.level_labels[i];
    lines.add({"level", bits(std::bit_cast<std::uint64_t>(chart.levels[i])), hex(label)});
  }
  for (std::size_t i = 0; i < chart.n_guides; ++i) {
    const char* const label = chart.guide_labels == nullptr ? nullptr : chart.guide_labels[i];
    lines.add({"guide", word(chart.guides[i]), hex(label)});
  }
  lines.add({"look", std::to_string(chart.flags), std::to_string(chart.axis)});
  if (chart.range != nullptr) {
    lines.add({"range", bits(std::bit_cast<std::uint64_t>(chart.range[0])),
               bits(std::bit_cast<std::uint64_t>(chart.range[1]))});
  }
}

}  // namespace

ReportPtr kitchen_sink() {
  return make_report([](const Call& call) {
    add_meta_and_notes(call);
    add_scalars(call);
    add_edges(call);
    add_texts(call);
    add_small_tables(call);
    add_charts(call);
    add_looks(call);
  });
}

ReportPtr empty_report() {
  return make_report([](const Call& call) { call.title(""); });
}

ReportPtr large_report(std::size_t rows) {
  return make_report([rows](const Call& call) {
    std::mt19937_64 random(1);  // the same numbers on every machine
    std::vector<std::int64_t> times(rows), counts(rows);
    std::vector<double> changes(rows);
    std::vector<std::string> symbols(rows);
    std::vector<std::vector<bourse_i128>> amounts(5, std::vector<bourse_i128>(rows));
    std::vector<std::uint8_t> bitmap((rows + 7) / 8, 0xFF);
    for (std::size_t row = 0; row < rows; ++row) {
      times[row] = (1'700'000'000 + 60 * static_cast<std::int64_t>(row)) * kSecond;
      counts[row] = static_cast<std::int64_t>(random() % 100'000);
      changes[row] = static_cast<double>(random() >> 11) * 0x1p-53 * 20 - 10;
      symbols[row] = row % 3 == 0 ? "BTCUSDT" : row % 3 == 1 ? "ETHUSDT" : "1000SATSUSDT";
      for (auto& column : amounts) column[row] = {random() % 10'000'000'000'000ULL, 0};
      if (row % 16 == 5) bitmap[row / 8] = static_cast<std::uint8_t>(bitmap[row / 8] & ~0x20U);
    }
    TableBuilder table("trades", "Trades");
    table.column(Field("time", BOURSE_TYPE_TIME), std::span<const std::int64_t>(times));
    const char* const names[] = {"open", "high", "low", "close", "volume"};
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      table.column(Field(names[i], BOURSE_TYPE_DECIMAL),
                   DecimalColumn(amounts[i].data(), rows, 8, i == 4 ? bitmap.data() : nullptr));
    }
    table.column(Field("trades", BOURSE_TYPE_I64), std::span<const std::int64_t>(counts))
        .column(Field("change_percent", BOURSE_TYPE_F64), std::span<const double>(changes))
        .column(Field("symbol", BOURSE_TYPE_TEXT), symbols);
    call.add(table);
  });
}

ReportPtr technical_report(std::size_t rows) {
  return make_report([rows](const Call& call) {
    std::mt19937_64 random(2);
    std::vector<std::int64_t> times(rows), trades(rows);
    std::vector<std::vector<bourse_i128>> amounts(6, std::vector<bourse_i128>(rows));
    std::vector<std::vector<double>> reals(19, std::vector<double>(rows));
    for (std::size_t row = 0; row < rows; ++row) {
      times[row] = (1'700'000'000 + 3'600 * static_cast<std::int64_t>(row)) * kSecond;
      trades[row] = static_cast<std::int64_t>(random() % 100'000);
      for (auto& column : amounts) column[row] = {random() % 10'000'000'000'000ULL, 0};
      for (std::size_t i = 0; i < reals.size(); ++i) {
        const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
        reals[i][row] = row < i ? kNan : unit * (i % 2 == 0 ? 100'000 : 100);
      }
    }
    TableBuilder table("series", "Series");
    std::vector<std::string> names;  // outlives the fields
    for (int i = 0; i < 25; ++i) names.push_back("indicator_" + std::to_string(i));
    std::size_t name = 0;
    table.column(Field("open_time", BOURSE_TYPE_TIME), std::span<const std::int64_t>(times));
    for (const auto& column : amounts) {
      table.column(Field(names[name++].c_str(), BOURSE_TYPE_DECIMAL),
                   DecimalColumn(column.data(), rows, 8, nullptr));
    }
    table.column(Field("trades", BOURSE_TYPE_I64), std::span<const std::int64_t>(trades));
    for (const auto& column : reals) {
      table.column(Field(names[name++].c_str(), BOURSE_TYPE_F64), std::span<const double>(column));
    }
    call.add(table);
  });
}

std::string dump(const bourse_report& report) {
  Lines lines;
  lines.add({"title", hex(view(report.title))});
  lines.add({"component", hex(view(report.component))});
  lines.add({"as_of", std::to_string(report.as_of)});
  for (std::size_t i = 0; i < report.n_meta; ++i) {
    const bourse_meta& m = *report.meta[i];
    lines.add({"meta", std::string(m.key.ptr, m.key.len), word(m.value)});
  }
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    const bourse_note& n = *report.notes[i];
    lines.add({"note", std::to_string(n.level), std::string(n.code.ptr, n.code.len),
               hex(std::string_view(n.text.ptr, n.text.len))});
  }
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    lines.add({"scalar", field_words(*report.scalars[i]->field), word(report.scalars[i]->value)});
  }
  for (std::size_t i = 0; i < report.n_tables; ++i) dump_table(lines, *report.tables[i]);
  for (std::size_t i = 0; i < report.n_charts; ++i) dump_chart(lines, *report.charts[i]);
  return std::move(lines).text();
}

}  // namespace bourse::test
