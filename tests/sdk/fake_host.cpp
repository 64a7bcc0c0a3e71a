// SPDX-License-Identifier: MIT
#include "tests/sdk/fake_host.hpp"

namespace {

__extension__ using Int128 = __int128;

std::string integer_text(bourse_i128 number) {
  Int128 rest = static_cast<Int128>(number.hi) * (static_cast<Int128>(1) << 64) + number.lo;
  const bool negative = rest < 0;
  std::string digits;
  do {
    const int digit = static_cast<int>(rest % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    rest /= 10;
  } while (rest != 0);
  return negative ? "-" + digits : digits;
}

std::string real_text(double real) {
  std::string out = std::to_string(real);
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out += '0';
  return out;
}

bourse_value cell(const bourse_field& field, const bourse_array& array, std::size_t row) {
  bourse_value v{};
  if (array.valid != nullptr && (array.valid[row / 8] >> (row % 8) & 1) == 0) return v;
  v.type = field.type;
  v.scale = field.scale;
  switch (field.type) {
    case BOURSE_TYPE_BOOL:
      v.as.i64 = static_cast<const std::uint8_t*>(array.data)[row];
      break;
    case BOURSE_TYPE_F64:
      v.as.f64 = static_cast<const double*>(array.data)[row];
      break;
    case BOURSE_TYPE_DECIMAL:
      v.as.dec = static_cast<const bourse_i128*>(array.data)[row];
      break;
    case BOURSE_TYPE_TEXT:
      v.as.text = static_cast<const bourse_str*>(array.data)[row];
      break;
    default:
      v.as.i64 = static_cast<const std::int64_t*>(array.data)[row];
  }
  return v;
}

}  // namespace

std::string FakeHost::text(const bourse_value& v) {
  switch (v.type) {
    case BOURSE_TYPE_BOOL:
      return v.as.i64 != 0 ? "true" : "false";
    case BOURSE_TYPE_I64:
      return std::to_string(v.as.i64);
    case BOURSE_TYPE_F64:
      return real_text(v.as.f64);
    case BOURSE_TYPE_DECIMAL:
      return integer_text(v.as.dec) + "e-" + std::to_string(v.scale);
    case BOURSE_TYPE_TIME:
      return "@" + std::to_string(v.as.i64);
    case BOURSE_TYPE_TEXT:
      return "\"" + text(v.as.text) + "\"";
    case BOURSE_TYPE_LIST: {
      std::string out = "[";
      for (std::size_t i = 0; i < v.as.list.len; ++i) {
        out += (i == 0 ? "" : ",") + text(v.as.list.ptr[i]);
      }
      return out + "]";
    }
    default:
      return "null";
  }
}

void FakeHost::take_rows(FakeHost& host, std::size_t number, std::size_t n,
                         const bourse_array* arrays) {
  const auto& fields = host.fields_.at(number);
  Table& table = host.tables.at(number);
  table.blocks.push_back(n);
  for (std::size_t row = 0; row < n; ++row) {
    auto& cells = table.rows.emplace_back();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      cells.push_back(text(cell(fields[i], arrays[i], row)));
    }
  }
}

FakeHost::FakeHost() {
  wire_.owner = this;
  bourse_host& functions = wire_.host;
  functions.size = sizeof functions;
  functions.version = "9.9.9";
  functions.extension = [](const bourse_host* host, const char* id) -> const void* {
    const auto found = of(host).extensions.find(id);
    return found == of(host).extensions.end() ? nullptr : found->second;
  };
  functions.log = [](const bourse_host* host, bourse_call* call, std::int32_t level,
                     bourse_str said, const bourse_arg* args, std::size_t n) {
    std::string line = std::to_string(level) + (call == nullptr ? " - " : " call ") + text(said);
    for (std::size_t i = 0; i < n; ++i) {
      line += " " + text(args[i].name) + "=" + text(args[i].value);
    }
    of(host).logs.push_back(line);
  };
  functions.poll = [](bourse_call* call, std::int64_t* left) -> bourse_status {
    if (left != nullptr) *left = call->host->ns_left;
    return BOURSE_OK;
  };
  functions.now = [](bourse_call* call) { return call->host->time; };
  functions.fail = [](bourse_call* call, const bourse_failure* failure) {
    FakeHost& h = *call->host;
    h.failed = failure->status;
    h.code = text(failure->code);
    h.message = text(failure->message);
    h.parameter = text(failure->param);
    h.retry_after = failure->retry_after;
    return failure->status;
  };
  functions.query = [](bourse_call* call, std::size_t n, const bourse_query* const* asked,
                       bourse_answer* out) -> bourse_status {
    FakeHost& h = *call->host;
    bourse_status status = BOURSE_OK;
    for (std::size_t i = 0; i < n; ++i) {
      std::string line = text(asked[i]->dataset);
      for (std::size_t a = 0; a < asked[i]->n_args; ++a) {
        line += " " + text(asked[i]->args[a].name) + "=" + text(asked[i]->args[a].value);
      }
      h.queries.push_back(line);
      out[i] = h.answers.at(0);
      h.answers.erase(h.answers.begin());
      if (out[i].failure != nullptr && status == BOURSE_OK) status = out[i].failure->status;
    }
    return status;
  };
  functions.release = [](bourse_call* call, const bourse_report* report) -> bourse_status {
    call->host->released.push_back(report);
    return BOURSE_OK;
  };
  functions.fresh_until = [](bourse_call* call, std::int64_t until) -> bourse_status {
    call->host->fresh_until = until;
    return BOURSE_OK;
  };
  functions.meta = [](bourse_call* call, const bourse_meta* m) -> bourse_status {
    call->host->meta.push_back(text(m->key) + "=" + text(m->value));
    return BOURSE_OK;
  };
  functions.note = [](bourse_call* call, const bourse_note* n) -> bourse_status {
    call->host->notes.push_back(std::to_string(n->level) + " " + text(n->code) + ": " +
                                text(n->text));
    return BOURSE_OK;
  };
  functions.scalar = [](bourse_call* call, const bourse_scalar* s) -> bourse_status {
    call->host->scalars.push_back(std::string(s->field->name) + "=" + text(s->value));
    return BOURSE_OK;
  };
  functions.table = [](bourse_call* call, const bourse_table* t,
                       std::uint32_t* number) -> bourse_status {
    FakeHost& h = *call->host;
    Table table{t->name, t->label, {}, {}, {}};
    std::vector<bourse_field> fields;
    for (std::size_t i = 0; i < t->n_fields; ++i) {
      const bourse_field& f = *t->fields[i];
      table.fields.push_back(std::string(f.name) + ":" + std::to_string(f.type) + ":" +
                             std::to_string(f.scale));
      fields.push_back(f);
    }
    h.fields_.push_back(fields);
    h.tables.push_back(table);
    if (number != nullptr) *number = static_cast<std::uint32_t>(h.tables.size() - 1);
    if (t->n_rows > 0) take_rows(h, h.tables.size() - 1, t->n_rows, t->columns);
    return BOURSE_OK;
  };
  functions.rows = [](bourse_call* call, const bourse_rows* r) -> bourse_status {
    if (call->host->rows_status == BOURSE_OK) {
      take_rows(*call->host, r->table, r->n_rows, r->columns);
    }
    return call->host->rows_status;
  };
  functions.chart = [](bourse_call* call, const bourse_chart* c) -> bourse_status {
    std::string said = std::string(c->name) + " kind=" + std::to_string(c->kind) +
                       " flags=" + std::to_string(c->flags) + " axis=" + std::to_string(c->axis);
    for (std::size_t i = 0; i < c->n_channels; ++i)
      said += std::string(" ") + c->channels[i]->field;
    for (std::size_t i = 0; i < c->n_levels; ++i) {
      said += " level " + real_text(c->levels[i]);
      if (c->level_labels != nullptr && c->level_labels[i] != nullptr) {
        said += std::string(" ") + c->level_labels[i];
      }
    }
    for (std::size_t i = 0; i < c->n_guides; ++i) {
      said += " guide " + text(c->guides[i]);
      if (c->guide_labels != nullptr && c->guide_labels[i] != nullptr) {
        said += std::string(" ") + c->guide_labels[i];
      }
    }
    call->host->charts.push_back(said);
    return BOURSE_OK;
  };
  functions.header = [](bourse_call* call, bourse_str name, bourse_str value) -> bourse_status {
    call->host->headers.push_back(text(name) + ": " + text(value));
    return BOURSE_OK;
  };
  functions.write = [](bourse_call* call, bourse_str bytes) -> bourse_status {
    call->host->written += text(bytes);
    return BOURSE_OK;
  };
}
