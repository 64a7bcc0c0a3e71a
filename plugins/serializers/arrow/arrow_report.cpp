// SPDX-License-Identifier: MIT
#include "plugins/serializers/arrow/arrow_report.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugins/serializers/arrow/messages.hpp"

namespace bourse::arrow {
namespace {

// A multiple of 8, so that the validity of a batch starts at a byte.
constexpr std::size_t kBatchRows = std::size_t{1} << 16;
constexpr std::int64_t kBatchTextMax = std::int64_t{1} << 30;  // offsets are int32
constexpr std::size_t kDictionaryMax = 1024;                   // bounds the memory of a column
constexpr std::int64_t kAlignment = 64;

__extension__ using Int128 = __int128;

std::int64_t padded(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

void append_zeros(BlockBuffer& out, std::int64_t bytes) {
  constexpr char kZeros[kAlignment] = {};
  out.append(kZeros, static_cast<std::size_t>(bytes));
}

template <class T>
void append_raw(BlockBuffer& out, const T& v) {
  char* const at = out.room(sizeof v);
  std::memcpy(at, &v, sizeof v);
  out.wrote(at + sizeof v);
}

/// The texts of a column, each once, in order of appearance.
class Dictionary {
 public:
  /// Nothing where numbers and dictionary would save less than half of the texts.
  static std::optional<Dictionary> of(const bourse_array& array, std::size_t rows) {
    const auto* const texts = static_cast<const bourse_str*>(array.data);
    Dictionary made;
    std::size_t plain = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      if (!is_valid(array.valid, row)) continue;
      const std::string_view text = view(texts[row]);
      plain += text.size();
      const auto [at, is_new] =
          made.numbers_.try_emplace(text, static_cast<std::int32_t>(made.texts_.size()));
      if (!is_new) continue;
      if (made.texts_.size() == kDictionaryMax) return std::nullopt;
      made.texts_.push_back(texts[row]);
      made.bytes_ += text.size();
    }
    // Both have four bytes a row: offsets there, numbers here.
    if (made.texts_.empty() || 2 * (made.bytes_ + 4 * made.texts_.size()) > plain) {
      return std::nullopt;
    }
    return made;
  }
  [[nodiscard]] std::int32_t number(std::string_view text) const { return numbers_.at(text); }
  [[nodiscard]] const std::vector<bourse_str>& texts() const { return texts_; }

 private:
  std::unordered_map<std::string_view, std::int32_t> numbers_;
  std::vector<bourse_str> texts_;
  std::size_t bytes_ = 0;
};

struct Column {
  bourse_type type = BOURSE_TYPE_NULL;
  bourse_array array{};
  std::optional<Dictionary> dictionary;
};

struct Range {
  std::size_t first = 0, rows = 0;
};

bool has(const Column& column, std::size_t row) { return is_valid(column.array.valid, row); }

std::string_view text_at(const Column& column, std::size_t row) {
  return has(column, row) ? view(static_cast<const bourse_str*>(column.array.data)[row])
                          : std::string_view();
}

std::int64_t count_nulls(const Column& column, Range range) {
  if (column.array.valid == nullptr) return 0;
  const std::uint8_t* const bits = column.array.valid + range.first / 8;
  std::size_t valid = 0;
  for (std::size_t i = 0; i < range.rows / 8; ++i) valid += std::popcount(bits[i]);
  for (std::size_t i = range.rows / 8 * 8; i < range.rows; ++i) valid += is_valid(bits, i) ? 1 : 0;
  return static_cast<std::int64_t>(range.rows - valid);
}

bool is_plain_text(const Column& column) {
  return column.type == BOURSE_TYPE_TEXT && !column.dictionary;
}

std::int64_t text_bytes(const Column& column, Range range) {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < range.rows; ++i) {
    bytes += static_cast<std::int64_t>(text_at(column, range.first + i).size());
  }
  return bytes;
}

std::int64_t value_bytes(const Column& column, std::size_t rows) {
  const auto n = static_cast<std::int64_t>(rows);
  switch (column.type) {
    case BOURSE_TYPE_BOOL:
      return (n + 7) / 8;
    case BOURSE_TYPE_DECIMAL:
      return 16 * n;
    case BOURSE_TYPE_TEXT:
      return 4 * n;  // numbers of the dictionary
    default:
      return 8 * n;
  }
}

/// What a batch holds; its buffers in the order in which write_column() writes them.
Batch describe(const std::vector<Column>& columns, Range range) {
  Batch batch;
  batch.rows = static_cast<std::int64_t>(range.rows);
  const auto add = [&](std::int64_t bytes) {
    batch.buffers.push_back({batch.body_bytes, bytes});
    batch.body_bytes += padded(bytes);
  };
  for (const Column& column : columns) {
    const std::int64_t nulls = count_nulls(column, range);
    batch.nodes.push_back({batch.rows, nulls});
    add(nulls == 0 ? 0 : (batch.rows + 7) / 8);
    if (is_plain_text(column)) {
      add(4 * (batch.rows + 1));
      add(text_bytes(column, range));
    } else {
      add(value_bytes(column, range.rows));
    }
  }
  return batch;
}

/// `bit(i)` of the rows, least significant first.
template <class Bit>
void write_bits(std::size_t rows, BlockBuffer& out, const Bit& bit) {
  for (std::size_t i = 0; i < rows; i += 8) {
    unsigned byte = 0;
    for (std::size_t k = 0; k < 8 && i + k < rows; ++k) byte |= (bit(i + k) ? 1U : 0U) << k;
    out.put(static_cast<char>(byte));
  }
}

/// As they lie in memory; zero where there is no value, as a null row holds anything.
template <class T>
void write_fixed(const Column& column, Range range, bool nulls, BlockBuffer& out) {
  const T* const values = static_cast<const T*>(column.array.data) + range.first;
  if (!nulls) return out.append(reinterpret_cast<const char*>(values), range.rows * sizeof(T));
  for (std::size_t i = 0; i < range.rows; ++i) {
    append_raw(out, has(column, range.first + i) ? values[i] : T{});
  }
}

void check_decimals(const Column& column, Range range) {
  constexpr Int128 kTen19 = Int128{10'000'000'000'000'000'000U};
  constexpr Int128 kLimit = kTen19 * kTen19;
  const auto* const values = static_cast<const bourse_i128*>(column.array.data);
  for (std::size_t row = range.first; row < range.first + range.rows; ++row) {
    if (!has(column, row)) continue;
    Int128 coefficient;
    std::memcpy(&coefficient, &values[row], sizeof coefficient);
    if (coefficient < kLimit && coefficient > -kLimit) continue;
    throw Error(BOURSE_UNPROCESSABLE, "decimal_too_long",
                "A decimal in row " + std::to_string(row) +
                    " has more than 38 digits, which Arrow's Decimal128 cannot hold.");
  }
}

void write_texts(const Column& column, Range range, std::int64_t bytes, BlockBuffer& out) {
  std::int32_t offset = 0;
  append_raw(out, offset);
  for (std::size_t i = 0; i < range.rows; ++i) {
    offset += static_cast<std::int32_t>(text_at(column, range.first + i).size());
    append_raw(out, offset);
  }
  const auto offsets = static_cast<std::int64_t>(4 * (range.rows + 1));
  append_zeros(out, padded(offsets) - offsets);
  for (std::size_t i = 0; i < range.rows; ++i) out.append(text_at(column, range.first + i));
  append_zeros(out, padded(bytes) - bytes);
}

void write_values(const Column& column, Range range, bool nulls, BlockBuffer& out) {
  switch (column.type) {
    case BOURSE_TYPE_BOOL:
      return write_bits(range.rows, out, [&](std::size_t i) {
        const std::size_t row = range.first + i;
        return has(column, row) && static_cast<const std::uint8_t*>(column.array.data)[row] != 0;
      });
    case BOURSE_TYPE_DECIMAL:
      return write_fixed<bourse_i128>(column, range, nulls, out);
    case BOURSE_TYPE_TEXT:
      for (std::size_t row = range.first; row < range.first + range.rows; ++row) {
        append_raw(out, has(column, row) ? column.dictionary->number(text_at(column, row)) : 0);
      }
      return;
    case BOURSE_TYPE_F64:
      return write_fixed<double>(column, range, nulls, out);
    default:
      return write_fixed<std::int64_t>(column, range, nulls, out);
  }
}

void write_column(const Column& column, Range range, bool nulls, std::int64_t texts,
                  BlockBuffer& out) {
  if (nulls) {
    write_bits(range.rows, out, [&](std::size_t i) { return has(column, range.first + i); });
    const auto bytes = static_cast<std::int64_t>((range.rows + 7) / 8);
    append_zeros(out, padded(bytes) - bytes);
  }
  if (is_plain_text(column)) return write_texts(column, range, texts, out);
  write_values(column, range, nulls, out);
  const std::int64_t bytes = value_bytes(column, range.rows);
  append_zeros(out, padded(bytes) - bytes);
}

void write_body(const std::vector<Column>& columns, Range range, const Batch& batch,
                BlockBuffer& out) {
  std::size_t buffer = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool plain = is_plain_text(columns[i]);
    const std::int64_t texts = plain ? batch.buffers[buffer + 2].length : 0;
    write_column(columns[i], range, batch.nodes[i].null_count != 0, texts, out);
    buffer += plain ? 3 : 2;
  }
}

/// Rows from `first` on whose texts fit; at least 8, and 8 texts of 1 MiB do.
Range next_range(const std::vector<Column>& columns, std::size_t first, std::size_t rows) {
  Range range{first, std::min(kBatchRows, rows - first)};
  const auto too_long = [&](const Column& column) {
    return is_plain_text(column) && text_bytes(column, range) > kBatchTextMax;
  };
  while (range.rows > 8 && std::any_of(columns.begin(), columns.end(), too_long)) {
    range.rows = std::max<std::size_t>(8, range.rows / 16 * 8);
  }
  return range;
}

void write_dictionaries(const std::vector<Column>& columns, BlockBuffer& out) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].dictionary) continue;
    const auto& texts = columns[i].dictionary->texts();
    const std::vector<Column> column{
        Column{.type = BOURSE_TYPE_TEXT, .array = {texts.data(), nullptr}, .dictionary = {}}};
    const Range range{0, texts.size()};
    const Batch batch = describe(column, range);
    out.append(dictionary_message(static_cast<std::int64_t>(i), batch));
    write_body(column, range, batch, out);
  }
}

Metadata metadata_of(const bourse_field& field) {
  Metadata metadata;
  const auto add = [&](const char* key, const char* text) {
    if (text != nullptr && *text != '\0') metadata.emplace_back(key, text);
  };
  add("label", field.label);
  add("unit", field.unit);
  add("doc", field.doc);
  add("format", field.format);
  return metadata;
}

void append_json(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

std::string notes_of(ReportView report) {
  std::string json = "[";
  for (const bourse_note* note : report.notes()) {
    json += json.size() > 1 ? ",{\"level\":" : "{\"level\":";
    append_json(json, level_name(note->level));
    json += ",\"code\":";
    append_json(json, view(note->code));
    json += ",\"text\":";
    append_json(json, view(note->text));
    json += '}';
  }
  return json + "]";
}

Metadata metadata_of(ReportView report) {
  Metadata metadata;
  const bourse_report& wire = report.wire();
  if (wire.title.len > 0) metadata.emplace_back("title", view(wire.title));
  if (wire.component.len > 0) metadata.emplace_back("component", view(wire.component));
  if (wire.as_of != 0) {
    char text[kTimeTextMax];
    metadata.emplace_back("as_of", std::string(text, write_time(text, Time{wire.as_of})));
  }
  if (wire.n_notes > 0) metadata.emplace_back("notes", notes_of(report));
  return metadata;
}

void write_stream(ReportView report, std::vector<FieldDescription> fields,
                  std::vector<Column> columns, std::size_t rows, const Options& options,
                  BlockBuffer& out) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column& column = columns[i];
    // Before the first byte, as long as a refusal has a status.
    if (column.type == BOURSE_TYPE_DECIMAL) check_decimals(column, {0, rows});
    if (column.type != BOURSE_TYPE_TEXT || !options.dictionaries) continue;
    column.dictionary = Dictionary::of(column.array, rows);
    if (column.dictionary) fields[i].dictionary = static_cast<std::int64_t>(i);
  }
  out.append(schema_message(fields, metadata_of(report)));
  write_dictionaries(columns, out);
  for (std::size_t first = 0; first < rows;) {
    const Range range = next_range(columns, first, rows);
    const Batch batch = describe(columns, range);
    out.append(record_batch_message(batch));
    write_body(columns, range, batch, out);
    first += range.rows;
  }
  out.append(end_mark());
  out.flush();
}

void write_table(ReportView report, TableView table, const Options& options, BlockBuffer& out) {
  std::vector<FieldDescription> fields;
  std::vector<Column> columns;
  for (std::size_t i = 0; i < table.columns(); ++i) {
    const bourse_field& field = table.field(i);
    fields.push_back({.name = std::string(view(field.name)),
                      .type = field.type,
                      .scale = field.scale,
                      .dictionary = {},
                      .metadata = metadata_of(field)});
    columns.push_back({.type = field.type, .array = table.array(i), .dictionary = {}});
  }
  write_stream(report, std::move(fields), std::move(columns), table.rows(), options, out);
}

/// Nothing: there is no value.
std::optional<std::string> text_of(const bourse_value& v) {
  const auto written = [](auto write) {
    char text[std::max({kRealTextMax, kDecimalTextMax, kTimeTextMax})];
    return std::string(text, write(text));
  };
  switch (v.type) {
    case BOURSE_TYPE_BOOL:
      return v.as.i64 != 0 ? "true" : "false";
    case BOURSE_TYPE_I64:
      return std::to_string(v.as.i64);
    case BOURSE_TYPE_F64:
      if (v.as.f64 - v.as.f64 != 0) return std::nullopt;
      return written([&](char* to) { return write_real(to, v.as.f64); });
    case BOURSE_TYPE_DECIMAL:
      return written([&](char* to) { return write_decimal(to, v.as.dec, v.scale); });
    case BOURSE_TYPE_TIME:
      return written([&](char* to) { return write_time(to, Time{v.as.i64}); });
    case BOURSE_TYPE_TEXT:
      return std::string(view(v.as.text));
    default:
      return std::nullopt;
  }
}

void write_single_values(ReportView report, BlockBuffer& out) {
  constexpr const char* kNames[] = {"name", "value", "unit"};
  const std::size_t rows = report.scalars().size();
  std::vector<std::optional<std::string>> cells[3];
  for (const bourse_scalar* scalar : report.scalars()) {
    const char* const unit = scalar->field->unit;
    cells[0].emplace_back(scalar->field->name);
    cells[1].push_back(text_of(scalar->value));
    cells[2].push_back(unit == nullptr ? std::nullopt : std::optional<std::string>(unit));
  }
  std::vector<FieldDescription> fields;
  std::vector<Column> columns;
  std::vector<bourse_str> texts[3];
  std::vector<std::uint8_t> valid[3];
  for (std::size_t i = 0; i < 3; ++i) {
    texts[i].resize(rows);
    valid[i].resize((rows + 7) / 8);
    for (std::size_t row = 0; row < rows; ++row) {
      if (!cells[i][row]) continue;
      texts[i][row] = {cells[i][row]->data(), cells[i][row]->size()};
      valid[i][row / 8] = static_cast<std::uint8_t>(valid[i][row / 8] | (1U << (row % 8)));
    }
    FieldDescription field;
    field.name = kNames[i];
    fields.push_back(field);
    columns.push_back({.type = BOURSE_TYPE_TEXT,
                       .array = {texts[i].data(), rows == 0 ? nullptr : valid[i].data()},
                       .dictionary = {}});
  }
  write_stream(report, std::move(fields), std::move(columns), rows, {.dictionaries = false}, out);
}

}  // namespace

void write_report(ReportView report, OneTable selection, const Options& options, BlockBuffer& out) {
  if (const auto table = selection.table()) {
    write_table(report, report.table(*table), options, out);
  } else {
    write_single_values(report, out);
  }
}

}  // namespace bourse::arrow
