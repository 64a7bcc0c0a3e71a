// SPDX-License-Identifier: MIT
#include "host/report/builder.hpp"

#include <algorithm>
#include <utility>

#include "host/base/failures.hpp"
#include "host/base/names.hpp"
#include "host/base/take.hpp"
#include "host/report/charts.hpp"
#include "host/report/fields.hpp"

namespace bourse::host {
namespace {

constexpr std::string_view kHostsKeys = "bourse.";

/// Empty for a text that leads nowhere, which no name is.
std::string_view view_of(bourse_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}

std::string at_most(std::size_t n_max) { return "at most " + std::to_string(n_max) + " are taken"; }

std::string name_rule(const char* what) {
  return std::string(what) + " is [a-z][a-z0-9_]*, at most " +
         std::to_string(BOURSE_MAX_NAME_BYTES) + " bytes";
}

std::string of_type(bourse_type type) { return " (type " + std::to_string(type) + ")"; }

}  // namespace

ReportBuilder::ReportBuilder(std::string_view component, std::string_view title,
                             ReportLimits limits)
    : limits_(limits), report_(std::make_shared<Report>()), keeper_(report_->arena_, limits.bytes) {
  report_->wire_.size = sizeof(bourse_report);
  report_->wire_.component = keeper_.name(component);
  report_->wire_.title = keeper_.name(title);
}

bourse_status ReportBuilder::refuse(std::string_view code, std::string message) {
  if (!mistake_) {
    mistake_ = Failure{.status = BOURSE_INTERNAL,
                       .code = std::string(code),
                       .message = std::move(message),
                       .origin = Origin::kMisuse};
  }
  return BOURSE_INTERNAL;
}

bourse_status ReportBuilder::refuse(std::string_view code, const std::string& where, Failure why) {
  why.message.insert(0, where + ": ");
  if (why.status == BOURSE_INTERNAL) {
    return refuse(why.code.empty() ? code : std::string_view(why.code), std::move(why.message));
  }
  const bourse_status status = why.status;
  if (!mistake_) mistake_ = std::move(why);
  return status;
}

bourse_status ReportBuilder::full_or_ok(const std::string& where) {
  return keeper_.is_full() ? refuse({}, where, keeper_.too_large()) : BOURSE_OK;
}

// ---- meta and notes

bourse_status ReportBuilder::meta(const bourse_meta* meta) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const auto said = take(meta, "bad_meta");
  if (!said) return refuse("bad_meta", "meta", said.failure());
  const std::string_view key = view_of(said->key);
  if (key.starts_with(kHostsKeys) && is_name_path(key)) return known_meta(key, said->value);
  if (!is_name(key)) return refuse("bad_meta", "meta: " + name_rule("a key"));
  const std::string where = "meta " + std::string(key);
  if (is_of_tomorrow(said->value.type)) {
    left_out_.unknown(where + of_type(said->value.type));
    return BOURSE_OK;
  }
  auto value = keeper_.value(said->value);
  if (!value) return refuse("bad_meta", where, std::move(value).failure());
  for (bourse_meta* const known : report_->meta_) {
    if (view_of(known->key) == key) {
      known->value = *value;
      return BOURSE_OK;
    }
  }
  if (report_->meta_.size() >= limits_.meta) {
    return refuse("too_much_meta", where + ": too many keys, " + at_most(limits_.meta));
  }
  auto* const made = keeper_.make<bourse_meta>();
  *made = {sizeof(bourse_meta), 0, keeper_.name(key), *value};
  report_->meta_.push_back(made);
  return full_or_ok(where);
}

bourse_status ReportBuilder::known_meta(std::string_view key, const bourse_value& value) {
  const std::string where = "meta " + std::string(key);
  if (key == "bourse.as_of") {
    if (value.type != BOURSE_TYPE_TIME) return refuse("bad_meta", where + ": it must be a time");
    report_->wire_.as_of = value.as.i64;
    as_of_said_ = true;
    return BOURSE_OK;
  }
  if (key != "bourse.title") {
    left_out_.unknown(where);
    return BOURSE_OK;
  }
  if (value.type != BOURSE_TYPE_TEXT) return refuse("bad_meta", where + ": it must be text");
  const bourse_str title = value.as.text;
  if (title.len != 0 && title.ptr == nullptr) {
    return refuse("bad_meta", where, keeper_.why_not(title));
  }
  if (title.len > BOURSE_MAX_LINE_BYTES) {
    left_out_.too_long(where, BOURSE_MAX_LINE_BYTES);
    return BOURSE_OK;
  }
  report_->wire_.title = keeper_.name({title.len == 0 ? "" : title.ptr, title.len});
  return full_or_ok(where);
}

void ReportBuilder::add_note(std::int32_t level, bourse_str code, bourse_str text) {
  auto* const made = keeper_.make<bourse_note>();
  *made = {sizeof(bourse_note), level, code, text};
  report_->notes_.push_back(made);
}

bourse_status ReportBuilder::note(const bourse_note* note) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const auto said = take(note, "bad_note");
  if (!said) return refuse("bad_note", "note", said.failure());
  const std::string_view code = view_of(said->code);
  if (!is_name(code)) return refuse("bad_note", "note: " + name_rule("a code"));
  const std::string where = "note " + std::string(code);
  if (said->level <= 0) {
    return refuse("bad_note", where + ": level " + std::to_string(said->level) +
                                  " is none; set BOURSE_LEVEL_INFO or another");
  }
  if (report_->notes_.size() >= limits_.notes) {
    return refuse("too_many_notes", where + ": too many notes, " + at_most(limits_.notes));
  }
  auto text = keeper_.text(said->text);
  if (!text) return refuse("bad_note", where, std::move(text).failure());
  add_note(known_level(said->level), keeper_.name(code), *text);
  return full_or_ok(where);
}

// ---- scalars

// "a" beside "a.b" could not nest: a is a value in one and an object in the other.
bool ReportBuilder::is_taken(const std::string& name, std::string& why) const {
  if (scalar_names_.contains(name) || scalar_prefixes_.contains(name)) {
    why = "the name is taken";
    return true;
  }
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    if (scalar_names_.contains(name.substr(0, dot))) {
      why = name.substr(0, dot) + " is a scalar itself";
      return true;
    }
  }
  return false;
}

bourse_status ReportBuilder::scalar(const bourse_scalar* scalar) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const auto said = take(scalar, "bad_field");
  if (!said) return refuse("bad_field", "scalar", said.failure());
  auto field = check_field(said->field, FieldName::kScalar);
  if (!field) return refuse("bad_field", "scalar", std::move(field).failure());
  const std::string name = field->name;
  const std::string where = "scalar " + name;
  if (is_of_tomorrow(field->type)) {
    left_out_.unknown(where + of_type(field->type));
    return BOURSE_OK;
  }
  if (report_->scalars_.size() >= limits_.scalars) {
    return refuse("too_many_scalars", where + ": too many scalars, " + at_most(limits_.scalars));
  }
  std::string why;
  if (is_taken(name, why)) return refuse("repeated_scalar", where + ": " + why);
  if (said->value.type != BOURSE_TYPE_NULL && said->value.type != field->type) {
    return refuse("wrong_type", where + ": the value has another type than the field");
  }
  auto value = keeper_.value(said->value);
  if (!value) return refuse("bad_value", where, std::move(value).failure());
  auto* const made = keeper_.make<bourse_scalar>();
  *made = {sizeof(bourse_scalar), 0, keep_field(*field, keeper_, left_out_), *value};
  report_->scalars_.push_back(made);
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    scalar_prefixes_.insert(name.substr(0, dot));
  }
  scalar_names_.insert(name);
  return full_or_ok(where);
}

// ---- tables

bourse_status ReportBuilder::table(const bourse_table* table, std::uint32_t* number) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const auto said = take(table, "bad_table");
  if (!said) return refuse("bad_table", "table", said.failure());
  const auto name = text_within(said->name, BOURSE_MAX_NAME_BYTES);
  if (!name || !is_name(*name)) return refuse("bad_table", "table: " + name_rule("a name"));
  const std::string where = "table " + std::string(*name);
  if (report_->tables_.size() >= limits_.tables) {
    return refuse("too_many_tables", where + ": too many tables, " + at_most(limits_.tables));
  }
  for (const auto& other : report_->tables_) {
    if (*name == other->wire.name) return refuse("repeated_table", where + ": the name is taken");
  }
  auto made = make_table(*said, *name);
  if (!made) return refuse("bad_table", where, std::move(made).failure());
  std::optional<Failure> why;
  if (!append(**made, said->n_rows, said->columns, why)) {
    return refuse("bad_rows", where, *std::move(why));
  }
  if (number != nullptr) *number = static_cast<std::uint32_t>(report_->tables_.size());
  report_->tables_.push_back(*std::move(made));
  return BOURSE_OK;
}

Result<std::unique_ptr<Table>> ReportBuilder::make_table(const bourse_table& table,
                                                         std::string_view name) {
  if (table.n_fields > limits_.fields) {
    return mistake("it has " + std::to_string(table.n_fields) + " fields, " +
                   at_most(limits_.fields));
  }
  if (table.n_fields == 0) return mistake("it has no fields");
  if (table.fields == nullptr) return mistake("its fields are null");
  auto made = std::make_unique<Table>();
  made->wire.size = sizeof(bourse_table);
  made->wire.name = keeper_.name(name).ptr;
  made->wire.label = keeper_.line(table.label, BOURSE_MAX_LINE_BYTES, left_out_,
                                  [&] { return "the label of table " + std::string(name); });
  made->columns.reserve(table.n_fields);
  made->fields.reserve(table.n_fields);
  for (std::size_t i = 0; i < table.n_fields; ++i) {
    if (auto done = add_field(*made, foreign_item(table.fields, i)); !done) {
      return std::move(done).failure();
    }
  }
  if (made->fields.empty()) left_out_.unknown("table " + std::string(name));
  return made;
}

Result<void> ReportBuilder::add_field(Table& table, const bourse_field* declared) {
  auto field = check_field(declared, FieldName::kColumn);
  if (!field) {
    field.failure().code = "bad_field";
    return std::move(field).failure();
  }
  const std::string_view name = field->name;
  const bool taken =
      std::any_of(table.fields.begin(), table.fields.end(),
                  [&](const bourse_field* other) { return name == other->name; }) ||
      std::find(table.unknown.begin(), table.unknown.end(), name) != table.unknown.end();
  if (taken) {
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "repeated_field",
                   .message = "field " + std::string(name) + " appears twice"};
  }
  table.columns.emplace_back(field->type);
  table.row_bytes += table.columns.back().width();
  if (is_of_tomorrow(field->type)) {
    table.unknown.emplace_back(keeper_.name(name).ptr);
    left_out_.unknown("column " + std::string(name) + " of table " + table.wire.name +
                      of_type(field->type));
  } else {
    table.fields.push_back(keep_field(*field, keeper_, left_out_));
  }
  if (keeper_.is_full()) return keeper_.too_large();
  return {};
}

bool ReportBuilder::append(Table& table, std::size_t n_rows, const bourse_array* columns,
                           std::optional<Failure>& why) {
  if (n_rows == 0) return true;
  if (columns == nullptr) {
    why = mistake("no columns are given");
    return false;
  }
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(n_rows, table.row_bytes, &bytes) || !keeper_.charge(bytes)) {
    why = keeper_.too_large();
    return false;
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto from = foreign_item(columns, i);
    if (!table.columns[i].append(table.rows, n_rows, from, keeper_, why)) [[unlikely]] {
      why->message.insert(0, "column " + table.name_of(i) + ": ");
      return false;
    }
  }
  table.rows += n_rows;
  return true;
}

bourse_status ReportBuilder::rows(const bourse_rows* rows) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const auto said = take(rows, "bad_rows");
  if (!said) return refuse("bad_rows", "rows", said.failure());
  if (said->table >= report_->tables_.size()) {
    return refuse("no_such_table", "rows: table " + std::to_string(said->table) + " was not made");
  }
  Table& table = *report_->tables_[said->table];
  if (said->n_rows == 0) return BOURSE_OK;
  if (said->n_columns != table.columns.size()) [[unlikely]] {
    return refuse("bad_rows", "rows of table " + std::string(table.wire.name) + ": " +
                                  std::to_string(said->n_columns) +
                                  " columns are given, and it has " +
                                  std::to_string(table.columns.size()));
  }
  std::optional<Failure> why;
  if (append(table, said->n_rows, said->columns, why)) return BOURSE_OK;
  return refuse("bad_rows", "rows of table " + std::string(table.wire.name), *std::move(why));
}

// ---- charts

bourse_status ReportBuilder::chart(const bourse_chart* chart) {
  const std::lock_guard lock(mutex_);
  if (is_over()) return BOURSE_INTERNAL;
  const auto said = take(chart, "bad_chart");
  if (!said) return refuse("bad_chart", "chart", said.failure());
  const auto name = text_within(said->name, BOURSE_MAX_NAME_BYTES);
  if (!name || !is_name(*name)) return refuse("bad_chart", "chart: " + name_rule("a name"));
  const std::string where = "chart " + std::string(*name);
  if (report_->charts_.size() >= limits_.charts) {
    return refuse("too_many_charts", where + ": too many charts, " + at_most(limits_.charts));
  }
  for (const bourse_chart* other : report_->charts_) {
    if (*name == other->name) return refuse("repeated_chart", where + ": the name is taken");
  }
  auto copy = ChartCopy(report_->tables_, keeper_, left_out_).copy(*said, *name);
  if (!copy) return refuse("bad_chart", where, std::move(copy).failure());
  if (*copy != nullptr) report_->charts_.push_back(*copy);
  return full_or_ok(where);
}

// ---- the end

void ReportBuilder::give_up() noexcept {
  const std::lock_guard lock(mutex_);
  gave_up_ = true;
}

void ReportBuilder::finish_tables() {
  for (const auto& table : report_->tables_) {
    if (table->fields.empty()) continue;
    for (Column& column : table->columns) {
      column.fit();
      if (column.is_known()) table->arrays.push_back(column.wire());
    }
    table->wire.n_fields = table->fields.size();
    table->wire.fields = table->fields.data();
    table->wire.n_rows = table->rows;
    table->wire.columns = table->arrays.data();
    report_->shown_tables_.push_back(&table->wire);
  }
}

void ReportBuilder::count() {
  Report& r = *report_;
  const auto pointers = r.tables_.capacity() + r.meta_.capacity() + r.notes_.capacity() +
                        r.scalars_.capacity() + r.shown_tables_.capacity() + r.charts_.capacity();
  r.bytes_ = sizeof(Report) + r.arena_.held() + pointers * sizeof(void*);
  for (const auto& table : r.tables_) r.bytes_ += table->held();
}

Result<std::shared_ptr<const Report>> ReportBuilder::finish(std::int64_t as_of_default) {
  const std::lock_guard lock(mutex_);
  if (mistake_) return *mistake_;
  if (gave_up_) return out_of_memory_failure();
  if (!left_out_.empty()) {
    const std::string text = left_out_.text();
    add_note(BOURSE_LEVEL_INFO, keeper_.name("not_shown"), keeper_.name(text));
  }
  finish_tables();
  report_->arena_.fit();
  count();
  Report& r = *report_;
  bourse_report& wire = r.wire_;
  if (!as_of_said_) wire.as_of = as_of_default;
  wire.n_meta = r.meta_.size();
  wire.n_notes = r.notes_.size();
  wire.n_scalars = r.scalars_.size();
  wire.n_tables = r.shown_tables_.size();
  wire.n_charts = r.charts_.size();
  wire.meta = r.meta_.data();
  wire.notes = r.notes_.data();
  wire.scalars = r.scalars_.data();
  wire.tables = r.shown_tables_.data();
  wire.charts = r.charts_.data();
  gave_up_ = true;  // whoever goes on talking is refused
  return std::shared_ptr<const Report>(std::move(report_));
}

}  // namespace bourse::host
