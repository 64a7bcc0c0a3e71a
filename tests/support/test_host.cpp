// SPDX-License-Identifier: MIT
#include "tests/support/test_host.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "host/parameters/parameter.hpp"

// What plugins see as an opaque pointer.
struct bourse_call {
  bourse::host::ReportBuilder* report = nullptr;
  const bourse::test::Component::Ask* ask = nullptr;
  std::vector<bourse::test::ReportPtr> answers;
  std::vector<bourse::host::Failure> refused;
  std::string* output = nullptr;
  bourse::test::Texts* headers = nullptr;
  std::optional<bourse::host::Failure> failure;
  std::int64_t newest = 0;
};

namespace bourse::test {
namespace {

using host::Failure;
using host::Parameter;
using host::Result;
using host::Value;

std::string owned(bourse_str text) { return std::string(view(text)); }

bourse_status host_fail(bourse_call* call, const bourse_failure* failure) {
  call->failure = Failure{.status = failure->status,
                          .code = owned(failure->code),
                          .message = owned(failure->message),
                          .parameter = owned(failure->param),
                          .retry_after = std::chrono::nanoseconds(failure->retry_after)};
  return failure->status;
}

bourse_status host_query(bourse_call* call, std::size_t n, const bourse_query* const* queries,
                         bourse_answer* answers) {
  bourse_status first = BOURSE_OK;
  call->refused.reserve(call->refused.size() + n);
  for (std::size_t i = 0; i < n; ++i) {
    std::map<std::string, Value> args;
    for (std::size_t a = 0; a < queries[i]->n_args; ++a) {
      args.emplace(owned(queries[i]->args[a].name), Value::copy(queries[i]->args[a].value));
    }
    auto answer = (*call->ask)(view(queries[i]->dataset), args);
    answers[i] = bourse_answer{};
    if (answer.ok()) {
      call->answers.push_back(*answer);
      answers[i].report = &(*answer)->wire();
      call->newest = std::max(call->newest, answers[i].report->as_of);
      continue;
    }
    const Failure& why = call->refused.emplace_back(answer.failure());
    answers[i].status = why.status;
    answers[i].code = borrow(why.code);
    answers[i].message = borrow(why.message);
    if (first == BOURSE_OK) {
      first = why.status;
      call->failure = why;
    }
  }
  return first;
}

const bourse_host* the_host() {
  static const bourse_host host = [] {
    bourse_host h{};
    h.size = sizeof h;
    h.version = "test";
    h.extension = [](const char*) -> const void* { return nullptr; };
    h.log = [](bourse_call*, std::int32_t, bourse_str, const bourse_arg*, std::size_t) {};
    h.poll = [](bourse_call*, std::int64_t* left) {
      if (left != nullptr) *left = 5'000'000'000;
      return bourse_status{BOURSE_OK};
    };
    h.fail = host_fail;
    h.query = host_query;
    h.meta = [](bourse_call* c, bourse_str k, bourse_value v) { return c->report->meta(k, v); };
    h.note = [](bourse_call* c, std::int32_t level, bourse_str code, bourse_str text) {
      return c->report->note(level, code, text);
    };
    h.scalar = [](bourse_call* c, const bourse_field* f, bourse_value v) {
      return c->report->scalar(f, v);
    };
    h.table = [](bourse_call* c, const char* name, const char* label,
                 const bourse_field* const* fields, std::size_t n,
                 std::uint32_t* id) { return c->report->table(name, label, fields, n, id); };
    h.rows = [](bourse_call* c, std::uint32_t id, std::size_t n, const bourse_array* columns) {
      return c->report->rows(id, n, columns);
    };
    h.chart = [](bourse_call* c, const bourse_chart* chart) { return c->report->chart(chart); };
    h.header = [](bourse_call* c, bourse_str name, bourse_str text) {
      if (c->headers != nullptr) c->headers->emplace_back(owned(name), owned(text));
      return bourse_status{BOURSE_OK};
    };
    h.write = [](bourse_call* c, bourse_str bytes) {
      c->output->append(view(bytes));
      return bourse_status{BOURSE_OK};
    };
    return h;
  }();
  return &host;
}

/// Texts to checked values in declared order, as the host does for a request.
Result<host::Arguments> read_all(const bourse_param* const* declared, std::size_t n,
                                 const Texts& texts) {
  std::vector<std::string> names;
  std::vector<Value> values;
  for (std::size_t i = 0; i < n; ++i) {
    auto parameter = host::check_parameter(*declared[i]);
    if (!parameter) return parameter.failure();
    std::vector<std::string_view> given;
    for (const auto& [name, text] : texts) {
      if (name == parameter->name) given.push_back(text);
    }
    auto value = host::read_value(*parameter, given);
    if (!value) return value.failure();
    names.push_back(parameter->name);
    values.push_back(std::move(*value));
  }
  for (const auto& [name, text] : texts) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return Failure{.status = BOURSE_BAD_PARAM,
                     .code = "unknown_parameter",
                     .message = name + " is not declared"};
    }
  }
  return host::Arguments(std::move(names), std::move(values));
}

Failure why_failed(const bourse_call& call, bourse_status status) {
  if (call.failure) return *call.failure;
  return Failure{.status = status, .code = "no_reason", .message = "failed without a reason"};
}

std::string text_of(const bourse_value& v) {
  switch (v.type) {
    case BOURSE_TYPE_NULL:
      return "null";
    case BOURSE_TYPE_BOOL:
      return v.as.i64 != 0 ? "true" : "false";
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_TIME:
      return std::to_string(v.as.i64);
    case BOURSE_TYPE_F64: {
      if (std::isnan(v.as.f64)) return "nan";
      char buffer[64];
      return {buffer, std::to_chars(buffer, buffer + sizeof buffer, v.as.f64).ptr};
    }
    case BOURSE_TYPE_DECIMAL:
      return Decimal::from_wire(v.as.dec, v.scale).value().text();
    default:
      return owned(v.as.text);
  }
}

}  // namespace

Component::Component(const std::string& file, const std::string& id, const Texts& config) {
  const std::string path =
      file.starts_with('/') ? file : std::string(BOURSE_BINARY_DIR) + "/plugins/" + file;
  library_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    std::cerr << ::dlerror() << '\n';
    std::abort();
  }
  const auto entry =
      reinterpret_cast<const bourse_plugin* (*)()>(::dlsym(library_, "bourse_plugin_v1"));
  const bourse_plugin* const plugin = entry();
  plugin_ = plugin->name;
  for (std::size_t i = 0; i < plugin->n_components; ++i) {
    if (plugin->components[i]->id == id) component_ = plugin->components[i];
  }
  if (component_ == nullptr) {
    std::cerr << path << " has no component " << id << '\n';
    std::abort();
  }
  const auto values = read_all(component_->config, component_->n_config, config);
  bourse_call call;
  if (!values.ok() ||
      (component_->create != nullptr &&
       component_->create(the_host(), &call, values->data(), &self_) != BOURSE_OK)) {
    const std::string why = !values.ok()   ? values.failure().message
                            : call.failure ? call.failure->message
                                           : "no reason";
    ::dlclose(library_);
    throw std::runtime_error(why);
  }
}

Component::~Component() {
  if (component_->destroy != nullptr) component_->destroy(self_);
  ::dlclose(library_);
}

Result<ReportPtr> Component::run(const Texts& params, const Ask& ask) const {
  const auto values = read_all(component_->params, component_->n_params, params);
  if (!values.ok()) return values.failure();
  host::ReportBuilder builder(plugin_ + "/" + component_->id, component_->title);
  bourse_call call;
  call.report = &builder;
  call.ask = &ask;
  const bourse_status status = component_->run(self_, &call, values->data());
  if (status != BOURSE_OK) {
    auto built = builder.finish(0);
    return built.ok() || call.failure ? why_failed(call, status) : built.failure();
  }
  return builder.finish(call.newest);
}

Result<ReportPtr> Component::fetch(std::string_view dataset, const Texts& params) const {
  for (std::size_t d = 0; d < component_->n_datasets; ++d) {
    if (dataset != component_->datasets[d]->name) continue;
    const bourse_dataset& wanted = *component_->datasets[d];
    const auto values = read_all(wanted.params, wanted.n_params, params);
    if (!values.ok()) return values.failure();
    host::ReportBuilder builder(plugin_ + "/" + component_->id, component_->title);
    bourse_call call;
    call.report = &builder;
    const bourse_status status = component_->fetch(self_, &call, d, values->data());
    if (status != BOURSE_OK) {
      auto built = builder.finish(0);
      return built.ok() || call.failure ? why_failed(call, status) : built.failure();
    }
    return builder.finish(0);
  }
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "no_dataset",
                 .message = "the source does not deliver " + std::string(dataset)};
}

Result<ReportPtr> Component::fetch(std::string_view dataset,
                                   const std::map<std::string, Value>& args) const {
  Texts texts;
  for (const auto& [name, value] : args) {
    if (value.type() == BOURSE_TYPE_TIME) {
      texts.emplace_back(name, std::to_string(value.view().as.i64 / 1'000'000));
    } else {
      texts.emplace_back(name, value.canonical());
    }
  }
  return fetch(dataset, texts);
}

Result<std::string> Component::render(const bourse_report& report, const Texts& params,
                                      Texts* headers) const {
  const auto values = read_all(component_->params, component_->n_params, params);
  if (!values.ok()) return values.failure();
  std::string output;
  bourse_call call;
  call.output = &output;
  call.headers = headers;
  const bourse_status status = component_->render(self_, &call, values->data(), &report);
  if (status != BOURSE_OK) return why_failed(call, status);
  return output;
}

Component::Ask Component::from(const Component& source) {
  return [&source](std::string_view dataset, const std::map<std::string, Value>& args) {
    return source.fetch(dataset, args);
  };
}

ReportPtr make_report(const std::function<void(const Call&)>& build) {
  host::ReportBuilder builder("test/made-by-hand", "Made by hand");
  bourse_call wire;
  wire.report = &builder;
  const bourse_status status =
      detail::guard(the_host(), &wire, [&] { build(Call(the_host(), &wire)); });
  auto report = builder.finish(0);
  if (!report.ok() || status != BOURSE_OK) {
    ADD_FAILURE() << (report.ok() ? why_failed(wire, status).message : report.failure().message);
    std::abort();
  }
  return *report;
}

std::vector<std::string> column_texts(const bourse_report& report, std::string_view table,
                                      std::string_view column) {
  std::vector<std::string> out;
  for (std::size_t t = 0; t < report.n_tables; ++t) {
    const TableView rows(*report.tables[t]);
    if (rows.name() != table) continue;
    const auto index = rows.find(column);
    if (!index) {
      ADD_FAILURE() << "table " << table << " has no column " << column;
      return out;
    }
    const bourse_field& field = rows.field(*index);
    const bourse_array& array = rows.array(*index);
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      bourse_value v{};
      if (is_valid(array.valid, row)) {
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
      }
      out.push_back(text_of(v));
    }
    return out;
  }
  ADD_FAILURE() << "no table " << table;
  return out;
}

std::optional<std::string> scalar_text(const bourse_report& report, std::string_view name) {
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    if (report.scalars[i]->field->name == name) return text_of(report.scalars[i]->value);
  }
  return std::nullopt;
}

std::optional<double> scalar_real(const bourse_report& report, std::string_view name) {
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    const bourse_scalar& s = *report.scalars[i];
    if (s.field->name == name && s.value.type == BOURSE_TYPE_F64) return s.value.as.f64;
  }
  return std::nullopt;
}

std::vector<std::string> note_codes(const bourse_report& report) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < report.n_notes; ++i) out.push_back(owned(report.notes[i]->code));
  return out;
}

}  // namespace bourse::test
