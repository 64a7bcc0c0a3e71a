// SPDX-License-Identifier: MIT
#include "host/report/builder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

#include "bourse/decimal.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

bool is_name(std::string_view text, std::size_t bytes_max) {
  if (text.empty() || text.size() > bytes_max || text.front() < 'a' || text.front() > 'z') {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_path(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_name(text.substr(0, dot), bytes_max)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

/// Reads at most one byte beyond the bound, so a string without an end is not followed far.
std::optional<std::string_view> bounded(const char* text, std::size_t bytes_max) {
  if (text == nullptr) return std::nullopt;
  const std::size_t length = ::strnlen(text, bytes_max + 1);
  if (length > bytes_max) return std::nullopt;
  return std::string_view(text, length);
}

std::size_t width_of(bourse_type type) {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return sizeof(std::uint8_t);
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_TIME:
      return sizeof(std::int64_t);
    case BOURSE_TYPE_F64:
      return sizeof(double);
    case BOURSE_TYPE_DECIMAL:
      return sizeof(bourse_i128);
    case BOURSE_TYPE_TEXT:
      return sizeof(bourse_str);
    default:
      return 0;
  }
}

bool bit(const std::uint8_t* bitmap, std::uint64_t i) {
  return bitmap == nullptr || ((bitmap[i / 8] >> (i % 8)) & 1U) != 0;
}

constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;
constexpr std::size_t kLabelBytesMax = 1024;
constexpr const char* kTooLarge = ": the report is larger than the host allows";

/// The roles that a kind of chart cannot do without.
std::span<const bourse_role> needed_roles(bourse_chart_kind kind) {
  static constexpr std::array<bourse_role, 5> kOhlc = {
      BOURSE_ROLE_X, BOURSE_ROLE_OPEN, BOURSE_ROLE_HIGH, BOURSE_ROLE_LOW, BOURSE_ROLE_CLOSE};
  static constexpr std::array<bourse_role, 3> kHeat = {BOURSE_ROLE_X, BOURSE_ROLE_Y,
                                                       BOURSE_ROLE_HEAT};
  static constexpr std::array<bourse_role, 1> kX = {BOURSE_ROLE_X};
  if (kind == BOURSE_CHART_CANDLE) return kOhlc;
  if (kind == BOURSE_CHART_HEATMAP) return kHeat;
  return kX;
}

}  // namespace

ReportBuilder::ReportBuilder(std::string_view component, std::string_view title,
                             ReportLimits limits)
    : limits_(limits), report_(std::make_unique<Report>()) {
  report_->wire_.size = sizeof(bourse_report);
  report_->wire_.component = copy_name(component);
  report_->wire_.title = copy_name(title);
}

bourse_status ReportBuilder::refuse(std::string_view code, std::string message) {
  if (!mistake_) {
    mistake_ = Failure{
        .status = BOURSE_INTERNAL, .code = std::string(code), .message = std::move(message)};
  }
  return BOURSE_INTERNAL;
}

bool ReportBuilder::charge(std::size_t bytes) {
  if (bytes > limits_.bytes - bytes_) return false;
  bytes_ += bytes;
  return true;
}

template <class T>
T* ReportBuilder::make(std::size_t n) {
  void* const memory =
      report_->arena_.allocate(sizeof(T) * std::max<std::size_t>(n, 1), alignof(T));
  return ::new (memory) T[std::max<std::size_t>(n, 1)]{};
}

const char* ReportBuilder::copy_name(std::string_view text) {
  const std::string repaired = is_utf8(text) ? std::string() : repair_utf8(text);
  const std::string_view source = repaired.empty() ? text : std::string_view(repaired);
  char* const copy = make<char>(source.size() + 1);
  if (!source.empty()) std::memcpy(copy, source.data(), source.size());
  copy[source.size()] = '\0';
  return copy;
}

std::optional<bourse_str> ReportBuilder::copy_text(bourse_str text) {
  if (text.len == 0) return bourse_str{"", 0};
  if (text.ptr == nullptr || text.len > kTextBytesMax) return std::nullopt;
  const std::string_view source(text.ptr, text.len);
  if (!is_utf8(source)) {
    const std::string repaired = repair_utf8(source);
    if (!charge(repaired.size())) return std::nullopt;
    const char* const copy = copy_name(repaired);
    return bourse_str{copy, repaired.size()};
  }
  if (!charge(source.size())) return std::nullopt;
  char* const copy = make<char>(source.size());
  std::memcpy(copy, source.data(), source.size());
  return bourse_str{copy, source.size()};
}

std::optional<bourse_value> ReportBuilder::copy_value(const bourse_value& value, std::string& why) {
  bourse_value copy{};
  copy.type = value.type;
  switch (value.type) {
    case BOURSE_TYPE_NULL:
      return copy;
    case BOURSE_TYPE_BOOL:
      copy.as.i64 = value.as.i64 != 0 ? 1 : 0;
      return copy;
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_TIME:
      copy.as.i64 = value.as.i64;
      return copy;
    case BOURSE_TYPE_F64:
      copy.as.f64 = value.as.f64;
      return copy;
    case BOURSE_TYPE_DECIMAL:
      if (!Decimal::from_wire(value.as.dec, value.scale)) {
        why = "a decimal has at most 38 digits and a scale from -38 to 38";
        return std::nullopt;
      }
      copy.scale = value.scale;
      copy.as.dec = value.as.dec;
      return copy;
    case BOURSE_TYPE_TEXT:
      if (const auto text = copy_text(value.as.text)) {
        copy.as.text = *text;
        return copy;
      }
      why = "a text is null or longer than 1 MiB, or the report is too large";
      return std::nullopt;
    default:
      why = "type " + std::to_string(value.type) + " is not one that a report can hold";
      return std::nullopt;
  }
}

bourse_status ReportBuilder::meta(bourse_str key, const bourse_value& value) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const std::string_view name = key.ptr == nullptr ? "" : std::string_view(key.ptr, key.len);
  if (!is_name(name, limits_.name_bytes)) {
    return refuse("bad_meta", "meta: a key is [a-z][a-z0-9_]*, at most 128 bytes");
  }
  std::string why;
  const auto copy = copy_value(value, why);
  if (!copy) return refuse("bad_meta", "meta " + std::string(name) + ": " + why);
  if (name == "title") {
    if (copy->type != BOURSE_TYPE_TEXT) return refuse("bad_meta", "meta title: must be text");
    report_->wire_.title = copy_name({copy->as.text.ptr, copy->as.text.len});
    return BOURSE_OK;
  }
  if (name == "as_of") {
    if (copy->type != BOURSE_TYPE_TIME) return refuse("bad_meta", "meta as_of: must be a time");
    report_->wire_.as_of = copy->as.i64;
    return BOURSE_OK;
  }
  for (bourse_meta& known : report_->meta_) {
    if (std::string_view(known.key.ptr, known.key.len) == name) {
      known.value = *copy;
      return BOURSE_OK;
    }
  }
  if (report_->meta_.size() >= limits_.meta) return refuse("too_much_meta", "meta: too many keys");
  const auto key_copy = copy_text(key);
  if (!key_copy) return refuse("report_too_large", "meta " + std::string(name) + kTooLarge);
  report_->meta_.push_back({sizeof(bourse_meta), 0, *key_copy, *copy});
  return BOURSE_OK;
}

bourse_status ReportBuilder::note(std::int32_t level, bourse_str code, bourse_str text) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const std::string_view name = code.ptr == nullptr ? "" : std::string_view(code.ptr, code.len);
  if (!is_name(name, limits_.name_bytes)) {
    return refuse("bad_note", "note: a code is [a-z][a-z0-9_]*, at most 128 bytes");
  }
  if (level != BOURSE_LEVEL_DEBUG && level != BOURSE_LEVEL_INFO && level != BOURSE_LEVEL_WARN &&
      level != BOURSE_LEVEL_ERROR) {
    return refuse("bad_note", "note " + std::string(name) + ": unknown level");
  }
  if (report_->notes_.size() >= limits_.notes) return refuse("too_many_notes", "too many notes");
  const auto code_copy = copy_text(code);
  const auto text_copy = copy_text(text);
  if (!code_copy || !text_copy) {
    return refuse("bad_note", "note " + std::string(name) + ": its text is null or too long");
  }
  report_->notes_.push_back({sizeof(bourse_note), level, *code_copy, *text_copy});
  return BOURSE_OK;
}

const bourse_field* ReportBuilder::copy_field(const bourse_field* field, bool dotted,
                                              std::string& why) {
  if (field == nullptr || field->size < offsetof(bourse_field, doc)) {
    why = "a field is null or its size is not set";
    return nullptr;
  }
  const auto name = bounded(field->name, limits_.name_bytes);
  if (!name ||
      !(dotted ? is_path(*name, limits_.name_bytes) : is_name(*name, limits_.name_bytes))) {
    why = "a field's name is [a-z][a-z0-9_]*, at most 128 bytes" +
          std::string(dotted ? ", with dots between parts" : "");
    return nullptr;
  }
  if (width_of(field->type) == 0) {
    why = "field " + std::string(*name) + " has an unknown type";
    return nullptr;
  }
  if (field->scale < Decimal::kScaleMin || field->scale > Decimal::kScaleMax) {
    why = "field " + std::string(*name) + ": a scale is from -38 to 38";
    return nullptr;
  }
  const auto label = bounded(field->label, kLabelBytesMax);
  const auto unit = bounded(field->unit, kLabelBytesMax);
  const auto doc = bounded(BOURSE_HAS(field, doc) ? field->doc : nullptr, kLabelBytesMax);
  const auto size_of = [](const auto& text) { return text ? text->size() + 1 : 0; };
  if (!charge(sizeof(bourse_field) + name->size() + 1 + size_of(label) + size_of(unit) +
              size_of(doc))) {
    why = "field " + std::string(*name) + kTooLarge;
    return nullptr;
  }
  auto* const copy = make<bourse_field>();
  copy->size = sizeof(bourse_field);
  copy->type = field->type;
  copy->scale = field->type == BOURSE_TYPE_DECIMAL ? field->scale : 0;
  copy->flags = field->flags;
  copy->name = copy_name(*name);
  copy->label = label ? copy_name(*label) : nullptr;
  copy->unit = unit ? copy_name(*unit) : nullptr;
  copy->doc = doc ? copy_name(*doc) : nullptr;
  return copy;
}

bourse_status ReportBuilder::scalar(const bourse_field* field, const bourse_value& value) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  if (report_->scalars_.size() >= limits_.scalars) {
    return refuse("too_many_scalars", "too many scalars");
  }
  std::string why;
  const bourse_field* const copy = copy_field(field, true, why);
  if (copy == nullptr) return refuse("bad_field", "scalar: " + why);
  const std::string name(copy->name);
  // "a" beside "a.b" could not nest: a is a value in one and an object in the other.
  if (scalar_names_.contains(name) || scalar_prefixes_.contains(name)) {
    return refuse("repeated_scalar", "scalar " + name + ": the name is taken");
  }
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    if (scalar_names_.contains(name.substr(0, dot))) {
      return refuse("repeated_scalar",
                    "scalar " + name + ": " + name.substr(0, dot) + " is a scalar itself");
    }
  }
  if (value.type != BOURSE_TYPE_NULL && value.type != field->type) {
    return refuse("wrong_type", "scalar " + name + ": the value has another type than the field");
  }
  const auto value_copy = copy_value(value, why);
  if (!value_copy) return refuse("bad_value", "scalar " + name + ": " + why);
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    scalar_prefixes_.insert(name.substr(0, dot));
  }
  scalar_names_.insert(name);
  report_->scalars_.push_back({sizeof(bourse_scalar), 0, copy, *value_copy});
  return BOURSE_OK;
}

bourse_status ReportBuilder::table(const char* name, const char* label,
                                   const bourse_field* const* fields, std::size_t n_fields,
                                   std::uint32_t* table) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const auto checked = bounded(name, limits_.name_bytes);
  if (!checked || !is_name(*checked, limits_.name_bytes)) {
    return refuse("bad_table", "table: a name is [a-z][a-z0-9_]*, at most 128 bytes");
  }
  const std::string what = "table " + std::string(*checked) + ": ";
  if (table == nullptr) return refuse("bad_table", what + "nowhere to put its number");
  if (report_->tables_.size() >= limits_.tables)
    return refuse("too_many_tables", "too many tables");
  if (fields == nullptr || n_fields == 0 || n_fields > limits_.fields) {
    return refuse("bad_table",
                  what + "it needs 1 to " + std::to_string(limits_.fields) + " fields");
  }
  for (const Report::Table& other : report_->tables_) {
    if (*checked == other.wire.name) return refuse("repeated_table", what + "the name is taken");
  }
  Report::Table made;
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < n_fields; ++i) {
    std::string why;
    const bourse_field* const copy = copy_field(fields[i], false, why);
    if (copy == nullptr) return refuse("bad_field", what + why);
    if (!names.insert(copy->name).second) {
      return refuse("repeated_field", what + "field " + copy->name + " appears twice");
    }
    made.fields.push_back(copy);
  }
  made.columns.resize(n_fields);
  made.wire.size = sizeof(bourse_table);
  made.wire.name = copy_name(*checked);
  const auto label_text = bounded(label, kLabelBytesMax);
  made.wire.label = label_text ? copy_name(*label_text) : nullptr;
  *table = static_cast<std::uint32_t>(report_->tables_.size());
  report_->tables_.push_back(std::move(made));
  return BOURSE_OK;
}

bool ReportBuilder::append_decimals(Report::Column& column, std::size_t n_rows,
                                    const bourse_array& from, std::string& why) {
  // Copied one by one: nothing says that the plugin aligned them.
  const auto* const bytes = static_cast<const std::byte*>(from.data);
  for (std::size_t row = 0; row < n_rows; ++row) {
    bourse_i128 value;
    std::memcpy(&value, bytes + row * sizeof value, sizeof value);
    if (bit(from.valid, row) && !Decimal::from_wire(value, 0)) {
      why = "row " + std::to_string(row) + " has more than 38 digits";
      return false;
    }
  }
  column.data.insert(column.data.end(), bytes, bytes + n_rows * sizeof(bourse_i128));
  return true;
}

bool ReportBuilder::append_texts(Report::Column& column, std::size_t n_rows,
                                 const bourse_array& from, std::string& why) {
  const auto* const bytes = static_cast<const std::byte*>(from.data);
  const std::size_t old = column.data.size();
  column.data.resize(old + n_rows * sizeof(bourse_str));
  for (std::size_t row = 0; row < n_rows; ++row) {
    bourse_str text{"", 0};
    if (bit(from.valid, row)) {
      bourse_str given;
      std::memcpy(&given, bytes + row * sizeof given, sizeof given);
      const auto copy = copy_text(given);
      if (!copy) {
        why = "the text of row " + std::to_string(row) +
              " is null or too long, or all texts together are";
        return false;
      }
      text = *copy;
    }
    std::memcpy(column.data.data() + old + row * sizeof text, &text, sizeof text);
  }
  return true;
}

bool ReportBuilder::append(Report::Column& column, bourse_type type, std::uint64_t rows_before,
                           std::size_t n_rows, const bourse_array& from, std::string& why) {
  const std::size_t width = width_of(type);
  const std::size_t old = column.data.size();
  if (type == BOURSE_TYPE_TEXT) {
    if (!append_texts(column, n_rows, from, why)) return false;
  } else if (type == BOURSE_TYPE_DECIMAL) {
    if (!append_decimals(column, n_rows, from, why)) return false;
  } else {
    const auto* const bytes = static_cast<const std::byte*>(from.data);
    column.data.insert(column.data.end(), bytes, bytes + n_rows * width);
    if (type == BOURSE_TYPE_BOOL) {
      for (std::size_t i = old; i < column.data.size(); ++i) {
        column.data[i] = column.data[i] == std::byte{0} ? std::byte{0} : std::byte{1};
      }
    }
  }
  if (from.valid == nullptr && column.valid.empty()) return true;
  if (column.valid.empty()) column.valid.assign((rows_before + 7) / 8, std::uint8_t{0xFF});
  column.valid.resize((rows_before + n_rows + 7) / 8, 0);
  for (std::size_t row = 0; row < n_rows; ++row) {
    const std::uint64_t at = rows_before + row;
    auto& byte = column.valid[at / 8];
    const auto mask = static_cast<std::uint8_t>(1U << (at % 8));
    if (bit(from.valid, row)) {
      byte = static_cast<std::uint8_t>(byte | mask);
    } else {
      byte = static_cast<std::uint8_t>(byte & ~mask);
      // What stands under a null is the plugin's leftovers; the same report must be the same bytes.
      if (type != BOURSE_TYPE_TEXT) std::memset(column.data.data() + old + row * width, 0, width);
    }
  }
  return true;
}

bourse_status ReportBuilder::rows(std::uint32_t table, std::size_t n_rows,
                                  const bourse_array* columns) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  if (table >= report_->tables_.size()) {
    return refuse("no_such_table", "rows: table " + std::to_string(table) + " was not made");
  }
  Report::Table& to = report_->tables_[table];
  if (n_rows == 0) return BOURSE_OK;
  const std::string what = "rows of table " + std::string(to.wire.name) + ": ";
  if (columns == nullptr) return refuse("bad_rows", what + "no columns given");
  std::size_t row_bytes = 0;
  for (const bourse_field* field : to.fields) row_bytes += width_of(field->type);
  if (n_rows > limits_.bytes / row_bytes || !charge(n_rows * row_bytes)) {
    return refuse("report_too_large", "rows of table " + std::string(to.wire.name) + kTooLarge);
  }
  for (std::size_t i = 0; i < to.fields.size(); ++i) {
    std::string why;
    if (columns[i].data == nullptr) {
      return refuse("bad_rows", what + "column " + to.fields[i]->name + " has no data");
    }
    if (!append(to.columns[i], to.fields[i]->type, to.rows, n_rows, columns[i], why)) {
      return refuse("bad_rows", what + "column " + to.fields[i]->name + ": " + why);
    }
  }
  to.rows += n_rows;
  return BOURSE_OK;
}

const bourse_chart* ReportBuilder::copy_chart(const bourse_chart& chart, std::string& why) {
  const auto table_name = bounded(chart.table, limits_.name_bytes);
  const auto& tables = report_->tables_;
  const auto table = std::find_if(tables.begin(), tables.end(), [&](const Report::Table& t) {
    return table_name && *table_name == t.wire.name;
  });
  if (table == tables.end()) {
    why = "its table is not in the report (add the table first)";
    return nullptr;
  }
  if (chart.kind < BOURSE_CHART_LINE || chart.kind > BOURSE_CHART_HEATMAP) {
    why = "unknown kind";
    return nullptr;
  }
  if (chart.channels == nullptr || chart.n_channels == 0 || chart.n_channels > 32) {
    why = "it needs 1 to 32 channels";
    return nullptr;
  }
  auto* const copy = make<bourse_chart>();
  auto* const channels = make<bourse_channel>(chart.n_channels);
  auto* const pointers = make<const bourse_channel*>(chart.n_channels);
  for (std::size_t i = 0; i < chart.n_channels; ++i) {
    const bourse_channel* const channel = chart.channels[i];
    if (channel == nullptr || channel->size < sizeof(bourse_channel)) {
      why = "a channel is null or its size is not set";
      return nullptr;
    }
    const auto field_name = bounded(channel->field, limits_.name_bytes);
    const auto field =
        std::find_if(table->fields.begin(), table->fields.end(),
                     [&](const bourse_field* f) { return field_name && *field_name == f->name; });
    if (field == table->fields.end()) {
      why = "a channel names a field that table " + std::string(*table_name) + " does not have";
      return nullptr;
    }
    if (channel->role < BOURSE_ROLE_X || channel->role > BOURSE_ROLE_UPPER) {
      why = "a channel has an unknown role";
      return nullptr;
    }
    const bool may_be_text = channel->role == BOURSE_ROLE_X || channel->role == BOURSE_ROLE_GROUP ||
                             (channel->role == BOURSE_ROLE_Y && chart.kind == BOURSE_CHART_HEATMAP);
    if ((*field)->type == BOURSE_TYPE_TEXT && !may_be_text) {
      why = "field " + std::string((*field)->name) + " is text, but its role needs numbers";
      return nullptr;
    }
    const auto label = bounded(channel->label, kLabelBytesMax);
    channels[i] = {sizeof(bourse_channel), channel->role, (*field)->name,
                   label ? copy_name(*label) : nullptr};
    pointers[i] = &channels[i];
  }
  const auto has = [&](bourse_role role) {
    return std::any_of(channels, channels + chart.n_channels,
                       [&](const bourse_channel& c) { return c.role == role; });
  };
  const auto needed = needed_roles(chart.kind);
  const bool complete = std::all_of(needed.begin(), needed.end(), has) &&
                        (needed.size() > 1 || has(BOURSE_ROLE_Y) ||
                         (has(BOURSE_ROLE_LOWER) && has(BOURSE_ROLE_UPPER)));
  if (!complete) {
    why = "a channel that its kind needs is missing";
    return nullptr;
  }
  if (chart.n_levels > 16 || (chart.n_levels != 0 && chart.levels == nullptr) ||
      !std::all_of(chart.levels, chart.levels + chart.n_levels,
                   [](double y) { return std::isfinite(y); })) {
    why = "it takes at most 16 levels, all finite";
    return nullptr;
  }
  if (chart.range != nullptr && !(std::isfinite(chart.range[0]) && std::isfinite(chart.range[1]) &&
                                  chart.range[0] < chart.range[1])) {
    why = "its range must be two finite numbers, the lower first";
    return nullptr;
  }
  *copy = chart;
  copy->size = sizeof(bourse_chart);
  copy->table = table->wire.name;
  copy->channels = pointers;
  const auto title = bounded(chart.title, kLabelBytesMax);
  copy->title = title ? copy_name(*title) : nullptr;
  const auto pane = bounded(chart.pane, limits_.name_bytes);
  copy->pane = pane ? copy_name(*pane) : nullptr;
  auto* const levels = make<double>(chart.n_levels);
  std::copy_n(chart.levels, chart.n_levels, levels);
  copy->levels = levels;
  if (chart.range != nullptr) {
    auto* const range = make<double>(2);
    std::copy_n(chart.range, 2, range);
    copy->range = range;
  }
  return copy;
}

bourse_status ReportBuilder::chart(const bourse_chart* chart) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  if (chart == nullptr || chart->size < sizeof(bourse_chart)) {
    return refuse("bad_chart", "chart: it is null or its size is not set");
  }
  const auto name = bounded(chart->name, limits_.name_bytes);
  if (!name || !is_name(*name, limits_.name_bytes)) {
    return refuse("bad_chart", "chart: a name is [a-z][a-z0-9_]*, at most 128 bytes");
  }
  const std::string what = "chart " + std::string(*name) + ": ";
  if (report_->chart_pointers_.size() >= limits_.charts) {
    return refuse("too_many_charts", "too many charts");
  }
  for (const bourse_chart* other : report_->chart_pointers_) {
    if (*name == other->name) return refuse("repeated_chart", what + "the name is taken");
  }
  std::string why;
  const bourse_chart* const copy = copy_chart(*chart, why);
  if (copy == nullptr) return refuse("bad_chart", what + why);
  const_cast<bourse_chart*>(copy)->name = copy_name(*name);
  report_->chart_pointers_.push_back(copy);
  return BOURSE_OK;
}

void ReportBuilder::give_up() noexcept {
  const std::lock_guard lock(mutex_);
  gave_up_ = true;
}

Result<std::shared_ptr<const Report>> ReportBuilder::finish(std::int64_t as_of_default) {
  const std::lock_guard lock(mutex_);
  if (mistake_) return *mistake_;
  if (gave_up_) {
    return Failure{.status = BOURSE_UNAVAILABLE,
                   .code = "out_of_memory",
                   .message =
                       "The server has not enough memory for this report. Ask for less, or try "
                       "again later."};
  }
  Report& r = *report_;
  for (Report::Table& t : r.tables_) {
    for (const Report::Column& column : t.columns) {
      t.arrays.push_back(
          {column.data.data(), column.valid.empty() ? nullptr : column.valid.data()});
    }
    t.wire.n_fields = static_cast<std::uint32_t>(t.fields.size());
    t.wire.n_rows = t.rows;
    t.wire.fields = t.fields.data();
    t.wire.columns = t.arrays.data();
    r.table_pointers_.push_back(&t.wire);
  }
  for (const auto& m : r.meta_) r.meta_pointers_.push_back(&m);
  for (const auto& n : r.notes_) r.note_pointers_.push_back(&n);
  for (const auto& s : r.scalars_) r.scalar_pointers_.push_back(&s);
  bourse_report& wire = r.wire_;
  if (wire.as_of == 0) wire.as_of = as_of_default;
  wire.n_meta = r.meta_pointers_.size();
  wire.n_notes = r.note_pointers_.size();
  wire.n_scalars = r.scalar_pointers_.size();
  wire.n_tables = r.table_pointers_.size();
  wire.n_charts = r.chart_pointers_.size();
  wire.meta = r.meta_pointers_.data();
  wire.notes = r.note_pointers_.data();
  wire.scalars = r.scalar_pointers_.data();
  wire.tables = r.table_pointers_.data();
  wire.charts = r.chart_pointers_.data();
  return std::shared_ptr<const Report>(std::move(report_));
}

}  // namespace bourse::host
