// SPDX-License-Identifier: MIT
#include "tests/support/test_host.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <mutex>
#include <stdexcept>

#include "bourse/ext/tasks.h"
#include "bourse/ext/watch.h"
#include "host/parameters/parameter.hpp"

// What plugins see as an opaque pointer.
struct bourse_call {
  bourse::host::ReportBuilder* report = nullptr;
  const bourse::test::Component::Ask* ask = nullptr;  // null: it may not ask
  bool in_fetch = false;
  bourse::Time now = bourse::test::kNow;
  std::vector<bourse::test::ReportPtr> answers;
  std::deque<bourse::host::Failure> refused;  // deques: what a plugin was shown stays in its place
  std::deque<bourse_failure> refusals;
  std::string* output = nullptr;
  bourse::test::Texts* headers = nullptr;
  std::optional<bourse::host::Failure> failure;
  std::int64_t newest = 0;
  bourse::test::Said said;
};

namespace bourse::test {
namespace {

using host::Failure;
using host::Parameter;
using host::Result;
using host::Value;

std::string owned(bourse_str text) { return std::string(view(text)); }

// ---- the host table -----------------------------------------------------------------------------

/// One for each plugin: so it is known who speaks.
bourse_host offered();
struct Host : bourse_host {
  Host() : bourse_host(offered()) {}
  std::mutex mutex;
  std::vector<LogLine> lines;
};

bourse_status host_fail(bourse_call* call, const bourse_failure* failure) {
  call->failure = Failure{.status = failure->status,
                          .code = owned(failure->code),
                          .message = owned(failure->message),
                          .parameter = owned(failure->param),
                          .retry_after = std::chrono::nanoseconds(failure->retry_after)};
  return failure->status;
}

bourse_status misuse(bourse_call* call, std::string message) {
  call->failure =
      Failure{.status = BOURSE_INTERNAL, .code = "plugin_misuse", .message = std::move(message)};
  return BOURSE_INTERNAL;
}

bourse_failure borrowed(const Failure& failure) {
  return {sizeof(bourse_failure),    failure.status,
          borrow(failure.code),      borrow(failure.message),
          borrow(failure.parameter), std::chrono::nanoseconds(failure.retry_after).count()};
}

bourse_status host_query(bourse_call* call, std::size_t n, const bourse_query* const* queries,
                         bourse_answer* answers) {
  if (call->ask == nullptr || !*call->ask) return misuse(call, "it may not ask: nothing is below");
  bourse_status first = BOURSE_OK;
  for (std::size_t i = 0; i < n; ++i) {
    if (call->in_fetch && queries[i]->source.len != 0) {
      return misuse(call, "a source asks the one below and names none");
    }
    std::map<std::string, Value> args;
    for (std::size_t a = 0; a < queries[i]->n_args; ++a) {
      args.emplace(owned(queries[i]->args[a].name), Value::copy(queries[i]->args[a].value));
    }
    ++call->said.queries;
    auto answer = (*call->ask)(view(queries[i]->dataset), args);
    answers[i] = bourse_answer{};
    if (answer.ok()) {
      call->answers.push_back(*answer);
      answers[i].report = &(*answer)->wire();
      call->newest = std::max(call->newest, answers[i].report->as_of);
      continue;
    }
    const Failure& why = call->refused.emplace_back(answer.failure());
    answers[i].failure = &call->refusals.emplace_back(borrowed(why));
    if (first == BOURSE_OK) {
      first = why.status;
      call->failure = why;
    }
  }
  return first;
}

bourse_status host_release(bourse_call* call, const bourse_report* report) {
  const auto kept =
      std::find_if(call->answers.begin(), call->answers.end(),
                   [report](const ReportPtr& each) { return &each->wire() == report; });
  if (kept == call->answers.end()) return misuse(call, "it gave back what is no answer of its own");
  call->answers.erase(kept);
  ++call->said.released;
  return BOURSE_OK;
}

void host_log(const bourse_host* host, bourse_call* call, std::int32_t level, bourse_str message,
              const bourse_arg* fields, std::size_t n) {
  LogLine line{.level = level, .message = owned(message), .fields = {}, .in_call = call != nullptr};
  for (std::size_t i = 0; i < n; ++i) {
    line.fields.emplace(owned(fields[i].name), Value::copy(fields[i].value).canonical());
  }
  // Plugins get their table as they were given it, so this is ours.
  auto& ours = const_cast<Host&>(static_cast<const Host&>(*host));
  const std::lock_guard lock(ours.mutex);
  ours.lines.push_back(std::move(line));
}

bourse_host offered() {
  bourse_host h{};
  h.size = sizeof h;
  h.abi_minor = BOURSE_ABI_MINOR;
  h.version = "test";
  h.extension = [](const bourse_host*, const char*) -> const void* { return nullptr; };
  h.log = host_log;
  h.poll = [](bourse_call*, std::int64_t* left) {
    if (left != nullptr) *left = 5'000'000'000;
    return bourse_status{BOURSE_OK};
  };
  h.now = [](bourse_call* c) { return c->now.ns; };
  h.fail = host_fail;
  h.query = host_query;
  h.release = host_release;
  h.fresh_until = [](bourse_call* c, std::int64_t time) {
    c->said.fresh_until = Time{time};
    return bourse_status{BOURSE_OK};
  };
  h.meta = [](bourse_call* c, const bourse_meta* meta) { return c->report->meta(meta); };
  h.note = [](bourse_call* c, const bourse_note* note) { return c->report->note(note); };
  h.scalar = [](bourse_call* c, const bourse_scalar* s) { return c->report->scalar(s); };
  h.table = [](bourse_call* c, const bourse_table* table, std::uint32_t* id) {
    return c->report->table(table, id);
  };
  h.rows = [](bourse_call* c, const bourse_rows* rows) { return c->report->rows(rows); };
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
}

/// Texts to checked values in declared order, as the host does for a request.
Result<host::Arguments> read_all(const bourse_param* const* declared, std::size_t n,
                                 const Texts& texts, std::int64_t now) {
  std::vector<std::string> names;
  std::vector<Value> values;
  for (std::size_t i = 0; i < n; ++i) {
    auto parameter = host::check_parameter(*declared[i]);
    if (!parameter) return parameter.failure();
    std::vector<std::string_view> given;
    for (const auto& [name, text] : texts) {
      if (name == parameter->name) given.push_back(text);
    }
    auto value = host::read_value(*parameter, given, now);
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

// ---- the plugin ---------------------------------------------------------------------------------

class Library {
 public:
  /// The library of this file, which stays loaded as long as somebody holds it.
  static std::shared_ptr<Library> open(const std::string& path) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<Library>> open;
    const std::lock_guard lock(mutex);
    auto library = open[path].lock();
    if (library == nullptr) open[path] = library = std::make_shared<Library>(path);
    return library;
  }

  explicit Library(const std::string& path)
      : handle_(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) give_up(::dlerror());
    const auto entry = reinterpret_cast<const bourse_plugin* (*)(const bourse_host*)>(
        ::dlsym(handle_, "bourse_plugin_v1"));
    if (entry == nullptr) give_up(path + " has no bourse_plugin_v1");
    plugin_ = entry(&host_);
    if (plugin_ == nullptr) give_up(path + " refuses to be loaded: " + last_words());
    bourse_call call;
    if (BOURSE_HAS(plugin_, init) && plugin_->init(&host_, &call) != BOURSE_OK) {
      give_up(path + ": init failed: " + (call.failure ? call.failure->message : last_words()));
    }
  }
  ~Library() {
    if (BOURSE_HAS(plugin_, deinit)) plugin_->deinit();
    ::dlclose(handle_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  [[nodiscard]] const bourse_plugin& plugin() const noexcept { return *plugin_; }
  [[nodiscard]] const bourse_host* host() const noexcept { return &host_; }
  [[nodiscard]] const bourse_component& component(const std::string& id) const {
    for (std::size_t i = 0; i < plugin_->n_components; ++i) {
      if (plugin_->components[i]->id == id) return *plugin_->components[i];
    }
    give_up(std::string(plugin_->name) + " has no component " + id);
  }
  [[nodiscard]] std::vector<LogLine> log() {
    const std::lock_guard lock(host_.mutex);
    return host_.lines;
  }

 private:
  [[noreturn]] static void give_up(const std::string& why) {
    std::cerr << why << '\n';
    std::abort();
  }
  std::string last_words() {
    const auto lines = log();
    return lines.empty() ? "no reason" : lines.back().message;
  }

  Host host_;
  void* handle_;
  const bourse_plugin* plugin_ = nullptr;
};

namespace {

std::string path_of(const std::string& file) {
  return file.starts_with('/') ? file : std::string(BOURSE_BINARY_DIR) + "/plugins/" + file;
}

/// What a call that built a report came to.
Result<ReportPtr> ended(host::ReportBuilder& builder, const bourse_call& call,
                        bourse_status status) {
  if (status == BOURSE_OK) return builder.finish(call.newest);
  auto built = builder.finish(0);
  return built.ok() || call.failure ? why_failed(call, status) : built.failure();
}

}  // namespace

Component::Component(const std::string& file, const std::string& id, const Texts& config)
    : library_(Library::open(path_of(file))), component_(&library_->component(id)) {
  const auto values = read_all(component_->config, component_->n_config, config, now_.ns);
  if (!values.ok()) throw std::runtime_error(values.failure().message);
  if (!BOURSE_HAS(component_, create)) return;
  bourse_call call;
  const bourse_status status = component_->create(library_->host(), &call, values->data(), &self_);
  if (status != BOURSE_OK) throw std::runtime_error(why_failed(call, status).message);
}

Component::~Component() {
  if (BOURSE_HAS(component_, destroy)) component_->destroy(self_);
}

std::vector<LogLine> Component::log() const { return library_->log(); }

Result<ReportPtr> Component::run(const Texts& params, const Ask& ask, Said* said) const {
  const auto values = read_all(component_->params, component_->n_params, params, now_.ns);
  if (!values.ok()) return values.failure();
  host::ReportBuilder builder(std::string(library_->plugin().name) + "/" + component_->id,
                              component_->title);
  bourse_call call;
  call.report = &builder;
  call.ask = &ask;
  call.now = now_;
  const bourse_status status = component_->run(self_, &call, values->data());
  if (said != nullptr) *said = call.said;
  return ended(builder, call, status);
}

Result<ReportPtr> Component::fetch(std::string_view dataset, const Texts& params, const Ask& under,
                                   Said* said) const {
  for (std::size_t d = 0; d < component_->n_datasets; ++d) {
    if (dataset != component_->datasets[d]->name) continue;
    const bourse_dataset& wanted = *component_->datasets[d];
    const auto values = read_all(wanted.params, wanted.n_params, params, now_.ns);
    if (!values.ok()) return values.failure();
    host::ReportBuilder builder(std::string(library_->plugin().name) + "/" + component_->id,
                                component_->title);
    bourse_call call;
    call.report = &builder;
    call.ask = &under;
    call.in_fetch = true;
    call.now = now_;
    const bourse_status status = component_->fetch(self_, &call, d, values->data());
    if (said != nullptr) *said = call.said;
    return ended(builder, call, status);
  }
  if ((component_->flags & BOURSE_COMPONENT_LAYER) != 0 && under) {
    std::map<std::string, Value> args;
    for (const auto& [name, text] : params) args.emplace(name, Value::text(text));
    return under(dataset, args);
  }
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "no_dataset",
                 .message = "the source does not deliver " + std::string(dataset)};
}

Result<ReportPtr> Component::fetch(std::string_view dataset,
                                   const std::map<std::string, Value>& args, const Ask& under,
                                   Said* said) const {
  Texts texts;
  for (const auto& [name, value] : args) texts.emplace_back(name, value.canonical());
  return fetch(dataset, texts, under, said);
}

namespace {

const bourse_watch& watch_of(const bourse_component& component, void* self) {
  const auto* const offered = static_cast<const bourse_watch*>(
      component.extension == nullptr ? nullptr : component.extension(self, BOURSE_WATCH_ID));
  if (offered == nullptr) throw std::runtime_error("the source offers no " BOURSE_WATCH_ID);
  return *offered;
}

}  // namespace

Result<std::uint64_t> Component::watch(std::string_view dataset, const Texts& params, void* sink,
                                       void (*changed)(void* sink)) const {
  for (std::size_t d = 0; d < component_->n_datasets; ++d) {
    if (dataset != component_->datasets[d]->name) continue;
    const bourse_dataset& wanted = *component_->datasets[d];
    const auto values = read_all(wanted.params, wanted.n_params, params, now_.ns);
    if (!values.ok()) return values.failure();
    bourse_call call;
    call.now = now_;
    std::uint64_t token = 0;
    const bourse_status status =
        watch_of(*component_, self_).watch(self_, &call, d, values->data(), sink, changed, &token);
    if (status != BOURSE_OK) return why_failed(call, status);
    return token;
  }
  throw std::runtime_error("the source does not deliver " + std::string(dataset));
}

void Component::unwatch(std::uint64_t token) const {
  watch_of(*component_, self_).unwatch(self_, token);
}

Result<ReportPtr> Component::perform(std::string_view task, const Texts& params, const Ask& under,
                                     std::vector<Step>* progress) const {
  const auto* const offered = static_cast<const bourse_tasks*>(
      component_->extension == nullptr ? nullptr : component_->extension(self_, BOURSE_TASKS_ID));
  if (offered == nullptr) throw std::runtime_error("the component offers no " BOURSE_TASKS_ID);
  std::vector<Step> unread;
  for (std::size_t t = 0; t < offered->n_tasks; ++t) {
    const bourse_task& wanted = *offered->tasks[t];
    if (task != wanted.name) continue;
    const auto values = read_all(wanted.params, wanted.n_params, params, now_.ns);
    if (!values.ok()) return values.failure();
    host::ReportBuilder builder(std::string(library_->plugin().name) + "/" + component_->id,
                                wanted.title);
    bourse_call call;
    call.report = &builder;
    call.ask = &under;
    call.in_fetch = component_->kind == BOURSE_KIND_SOURCE;
    call.now = now_;
    const bourse_status status =
        offered->perform(self_, &call, t, values->data(), progress == nullptr ? &unread : progress,
                         [](void* sink, const bourse_progress* said) {
                           static_cast<std::vector<Step>*>(sink)->push_back(
                               {said->done, said->total, std::string(view(said->text))});
                         });
    return ended(builder, call, status);
  }
  throw std::runtime_error("the component has no task " + std::string(task));
}

Result<std::string> Component::render(const bourse_report& report, const Texts& params,
                                      Texts* headers) const {
  const auto values = read_all(component_->params, component_->n_params, params, now_.ns);
  if (!values.ok()) return values.failure();
  std::string output;
  bourse_call call;
  call.output = &output;
  call.headers = headers;
  call.now = now_;
  const bourse_status status = component_->render(self_, &call, values->data(), &report);
  if (status != BOURSE_OK) return why_failed(call, status);
  return output;
}

Component::Ask Component::from(const Component& source, Ask under) {
  return [&source, under = std::move(under)](std::string_view dataset,
                                             const std::map<std::string, Value>& args) {
    return source.fetch(dataset, args, under);
  };
}

// ---- reports made by hand, and sources that have less
// ---------------------------------------------

ReportPtr make_report(const std::function<void(const Call&)>& build, Said* said) {
  Host host;
  host::ReportBuilder builder("test/made-by-hand", "Made by hand");
  bourse_call wire;
  wire.report = &builder;
  const bourse_status status = detail::guard(&host, &wire, [&] { build(Call(&host, &wire)); });
  auto report = builder.finish(0);
  if (!report.ok() || status != BOURSE_OK) {
    ADD_FAILURE() << (report.ok() ? why_failed(wire, status).message : report.failure().message);
    std::abort();
  }
  if (said != nullptr) {
    *said = wire.said;
    said->log = std::move(host.lines);
  }
  return *report;
}

namespace {

void copy_table(const Call& call, const bourse_table& from,
                const std::vector<std::string>& without) {
  std::vector<const bourse_field*> fields;
  std::vector<bourse_array> columns;
  for (std::size_t i = 0; i < from.n_fields; ++i) {
    if (std::find(without.begin(), without.end(), from.fields[i]->name) != without.end()) continue;
    fields.push_back(from.fields[i]);
    columns.push_back(from.columns[i]);
  }
  bourse_table table = from;
  table.n_fields = fields.size();
  table.fields = fields.data();
  table.columns = columns.data();
  EXPECT_EQ(call.host()->table(call.wire(), &table, nullptr), BOURSE_OK);
}

}  // namespace

Component::Ask without_columns(Component::Ask ask, std::vector<std::string> columns) {
  return
      [ask = std::move(ask), columns = std::move(columns)](
          std::string_view dataset, const std::map<std::string, Value>& args) -> Result<ReportPtr> {
        auto whole = ask(dataset, args);
        if (!whole.ok()) return whole;
        const ReportView from((*whole)->wire());
        return make_report([&](const Call& call) {
          call.title(from.title());
          call.as_of(from.as_of());
          for (const bourse_meta* meta : from.meta()) call.meta(view(meta->key), meta->value);
          call.notes_of(from);
          for (std::size_t t = 0; t < from.tables(); ++t) {
            copy_table(call, from.table(t).wire(), columns);
          }
        });
      };
}

Component::Ask without_dataset(Component::Ask ask, std::string missing) {
  return
      [ask = std::move(ask), missing = std::move(missing)](
          std::string_view dataset, const std::map<std::string, Value>& args) -> Result<ReportPtr> {
        if (dataset != missing) return ask(dataset, args);
        return Failure{.status = BOURSE_UNPROCESSABLE,
                       .code = "dataset_not_offered",
                       .message = "The source does not deliver " + missing + "."};
      };
}

// ---- looking at reports
// -----------------------------------------------------------------------------

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
