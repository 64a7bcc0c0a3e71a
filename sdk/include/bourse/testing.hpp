// SPDX-License-Identifier: MIT
//
// testing.hpp - a host for the unit tests of a plugin, with any test framework or none. It needs no
// server and nothing but the SDK:
//
//   #include "bourse/testing.hpp"
//   using namespace bourse::testing;
//
//   Host host;                                       // what is around the plugin
//   host.answer("candles", {{"open_time", times({"2026-11-21", "2026-11-22"})},
//                           {"close", decimals({"100.5", nullptr})}});   // nullptr: null
//   Plugin plugin(host, "build/trend.so");           // or the linked entry: bourse_plugin_v1
//   Component trend = plugin.component("trend", {{"period", "14"}});     // with these settings
//
//   Result result = trend.run({{"symbol", "BTCUSDT"}, {"limit", "2"}});
//   assert(result.ok());                                        // else: result.failure.text()
//   assert(result.scalar("rows") == 2);
//   assert(result.table("series")["close"] == decimals({"100.5", nullptr}));
//   assert(result.chart("price").field(BOURSE_ROLE_Y) == "close");
//   assert(result.differences.empty());                         // from what it declares it returns
//   assert(result.asked.at(0)["symbol"] == "BTCUSDT");          // what it asked for
//
// Parameters and settings are texts, checked against what the component declares and filled up with
// defaults as a server does it; what a server would refuse is thrown as Refused, which holds status
// and code. What the test got wrong itself (no such table, a dataset without an answer) is thrown
// as Mistake, with a sentence. A failure of the component is no exception: it is in the Result.
//
//   source.fetch("prices", {{"symbols", "A,B"}})     a source; a layer asks `host` what is below
//   format.render(Report().with_table({"t", "", {{"n", {1, 2}}}})).bytes     a serializer
//   source.watch("prices", {...}).changes()          bourse/ext/watch.h
//   history.perform("backfill", {...}).steps         bourse/ext/tasks.h
//
// Making it hard for the component, each until it is said otherwise:
//   host.answer("candles", {BOURSE_UPSTREAM, "exchange_down", "No."})  the source fails
//   host.answer("candles", [](const Asked& asked) -> Answer {...})     it depends on the question
//   host.end_at_poll(3)                the deadline passes when a call polls for the third time
//   host.fail("rows", 2)               the second `rows` of a call fails: any function of the host
//   host.without("release")            an older host, which does not have that function
//   host.extend("acme.clock/1", &table)      an extension of the host
//   host.now(Time{5})                  the time of calls; else always 2026-11-21T08:30:00.250Z
// Afterwards host.log() has every line that was logged.
//
// csv("candles.csv") reads columns from a file as `bourse record` writes it:
//   host.answer("candles", csv("candles.csv"))
//
// Cells are compared by type and value: a decimal is not equal to a double. shown("close") gives
// the texts, reals("close") doubles, for a tolerance. See testing/values.hpp, testing/report.hpp.
//
// Beside GoogleTest its own namespace is ::testing where `using namespace bourse` stands.
//
// A host outlives its plugins, a plugin its components, a component its watches. Calls may come
// from several threads at once, as in a server. The fake is stricter than bourse.h asks it to be
// where a server is: names, types, numbers of columns, what may be called where.
#pragma once

#include <dlfcn.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/ext/datasets.h"
#include "bourse/ext/tasks.h"
#include "bourse/ext/watch.h"
#include "bourse/testing/parameters.hpp"
#include "bourse/testing/report.hpp"
#include "bourse/testing/values.hpp"

namespace bourse::inline sdk_0_1::testing {

/// One query of a component, with the arguments that it gave: asked["symbol"].
struct Asked {
  std::string dataset, source;
  std::map<std::string, Cell> args;

  /// Throws Mistake when it was not given.
  [[nodiscard]] const Cell& operator[](const std::string& name) const {
    const auto found = args.find(name);
    if (found != args.end()) return found->second;
    inside::not_there("argument", name, args, [](const auto& arg) { return arg.first; });
  }
  [[nodiscard]] bool has(const std::string& name) const { return args.count(name) != 0; }
  /// "candles limit=5 symbol=BTCUSDT"
  [[nodiscard]] std::string text() const {
    std::string out = dataset;
    for (const auto& [name, v] : args) out += " " + name + "=" + v.shown();
    return out;
  }
};

/// What a query is answered with: a report, the columns of its one table, or a failure.
struct Answer {
  Answer(Report given) : report(std::move(given)) {}
  Answer(std::vector<Column> columns) {
    report.with_table({"", "", std::move(columns)});  // it takes the dataset's name
  }
  Answer(Failure why) : failure(std::move(why)) {}
  Report report;
  Failure failure;  ///< BOURSE_OK: there is none
};

struct LogLine {
  std::int32_t level = 0;
  std::string message;
  std::map<std::string, Cell> fields;
  bool in_call = false;  ///< said about a call
};

struct Step {
  std::uint64_t done = 0, total = 0;
  std::string text;
};

/// What a call came to.
struct Result {
  Failure failure;  ///< status 0: it succeeded
  Report said;      ///< the report, also of a call that failed half-way

  [[nodiscard]] bool ok() const noexcept { return failure.status == BOURSE_OK; }
  [[nodiscard]] bourse_status status() const noexcept { return failure.status; }
  /// Each throws Mistake when the call failed, or there is none of that name.
  [[nodiscard]] const Report& report() const {
    if (!ok()) throw Mistake("the call failed: " + failure.text());
    return said;
  }
  [[nodiscard]] const Table& table(std::string_view name) const { return report().table(name); }
  [[nodiscard]] const Cell& scalar(std::string_view name) const { return report().scalar(name); }
  [[nodiscard]] const ChartSaid& chart(std::string_view name) const { return report().chart(name); }
  [[nodiscard]] const Note& note(std::string_view code) const { return report().note(code); }
  [[nodiscard]] std::vector<std::string> note_codes() const { return report().note_codes(); }

  std::string bytes;  ///< of a serializer
  Texts headers;
  std::vector<Asked> asked;         ///< every query, in order
  std::size_t released = 0;         ///< how many answers it gave back
  std::size_t polls = 0;            ///< how often it looked at the deadline
  std::optional<Time> fresh_until;  ///< the earliest that it said
  std::vector<LogLine> log;         ///< said about this call
  std::vector<Step> steps;          ///< of a task
  /// Sentences: where the report is not what the analysis declares that it returns.
  std::vector<std::string> differences;
};

class Host;
class Plugin;
class Component;

namespace inside {

/// What a plugin sees as a bourse_call.
struct Call {
  Host* host = nullptr;
  const bourse_component* component = nullptr;
  bool asks = false;    ///< it may query
  bool builds = false;  ///< it may build a report
  bool writes = false;  ///< it may write bytes
  Result result = {};
  std::optional<Failure> told = {};     ///< by fail, or the last query
  std::optional<Failure> refused = {};  ///< by the host: the call has failed, whatever it returns
  std::exception_ptr mistake = {};
  std::map<std::string, std::size_t> used = {};
  std::deque<WireReport> answers = {};
  std::set<const bourse_report*> held = {};
  std::deque<Failure> failures = {};
  std::deque<bourse_failure> wire_failures = {};
  Time newest = {};
  bool dated = false;

  bourse_call* wire() noexcept { return reinterpret_cast<bourse_call*>(this); }
  static Call& of(bourse_call* call) noexcept { return *reinterpret_cast<Call*>(call); }
};

inline bool is_name(std::string_view text, bool dotted = false) {
  bool starts = true;
  for (const char c : text) {
    const bool letter = c >= 'a' && c <= 'z';
    if (starts ? !letter : !(letter || detail::is_digit(c) || c == '_' || (dotted && c == '.'))) {
      return false;
    }
    starts = c == '.';
  }
  return !starts && text.size() <= BOURSE_MAX_NAME_BYTES;
}

struct Functions;

}  // namespace inside

// ---- the host -----------------------------------------------------------------------------------

/// What is around a plugin. Set it up before the call it is meant for; what it offers (without,
/// extend) before the plugin is made. It stays where it is.
class Host {
 public:
  using AnswerWith = std::function<Answer(const Asked&)>;

  Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Of every query of this dataset, until it is said again. Columns become of the type that the
  /// component declares them with; a null stands for itself. A column that it needs and that is
  /// not there fails the query as in a server: 422 dataset_differs.
  Host& answer(std::string dataset, std::vector<Column> columns) {
    return answer_always(std::move(dataset), Answer(std::move(columns)));
  }
  Host& answer(std::string dataset, Report report) {
    return answer_always(std::move(dataset), Answer(std::move(report)));
  }
  Host& answer(std::string dataset, Failure failure) {
    return answer_always(std::move(dataset), Answer(std::move(failure)));
  }
  /// On the thread that asks. What it throws, the test's call throws.
  Host& answer(std::string dataset, AnswerWith with) {
    const std::lock_guard lock(mutex_);
    answers_[std::move(dataset)] = std::move(with);
    return *this;
  }

  Host& now(Time time) {
    const std::lock_guard lock(mutex_);
    now_ = time;
    return *this;
  }
  /// The n-th poll of each call, from 1, and all after it, get `status`; 0: none.
  Host& end_at_poll(std::size_t n, bourse_status status = BOURSE_DEADLINE) {
    const std::lock_guard lock(mutex_);
    end_at_ = n;
    end_status_ = status;
    return *this;
  }
  /// The n-th use of a function of bourse_host in each call, from 1, and all after it, get
  /// `status`; 0: none. "query", "meta", "note", "scalar", "table", "rows", "chart", "header",
  /// "write", "release", "fresh_until".
  Host& fail(const std::string& function, std::size_t n,
             bourse_status status = BOURSE_UNAVAILABLE) {
    known(function);
    const std::lock_guard lock(mutex_);
    faults_[function] = {n, status};
    return *this;
  }
  /// That function is NULL. Of "release", "fresh_until", "extension" and "log" a plugin may not
  /// rely on more.
  Host& without(const std::string& function);
  /// What `extension` gives for this id; null: none such. Lives as long as the plugin.
  Host& extend(std::string id, const void* table) {
    const std::lock_guard lock(mutex_);
    extensions_[std::move(id)] = table;
    return *this;
  }
  [[nodiscard]] std::vector<LogLine> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  /// As a plugin sees it.
  [[nodiscard]] const bourse_host* wire() const noexcept { return &wire_.functions; }

 private:
  friend struct inside::Functions;
  friend class Plugin;
  friend class Component;
  struct Fault {
    std::size_t at = 0;
    bourse_status status = BOURSE_OK;
  };
  struct Wire {
    bourse_host functions;  // first, so that its address leads to its owner
    Host* owner;
  };
  Host& answer_always(std::string dataset, Answer given) {
    return answer(std::move(dataset),
                  AnswerWith([given = std::move(given)](const Asked&) { return given; }));
  }
  static void known(const std::string& function) {
    static constexpr const char* kNames[] = {"query", "meta",    "note",       "scalar",
                                             "table", "rows",    "chart",      "header",
                                             "write", "release", "fresh_until"};
    for (const char* name : kNames) {
      if (function == name) return;
    }
    inside::not_there("function of the host that could fail", function, kNames,
                      [](const char* name) { return name; });
  }

  Wire wire_{};
  mutable std::mutex mutex_;
  std::map<std::string, AnswerWith> answers_;
  std::map<std::string, Fault> faults_;
  std::map<std::string, const void*> extensions_;
  std::vector<LogLine> log_;
  Time now_{1'795'249'800'250'000'000};
  std::size_t end_at_ = 0;
  bourse_status end_status_ = BOURSE_DEADLINE;
};

namespace inside {

/// The functions of bourse_host. Nothing is thrown through a plugin: it waits in the call.
struct Functions {
  static Host& of(const bourse_host* host) {
    return *reinterpret_cast<const Host::Wire*>(host)->owner;
  }
  static std::string owned(bourse_str text) { return std::string(view(text)); }

  static bourse_status refuse(Call& call, std::string message,
                              bourse_status status = BOURSE_INTERNAL,
                              const char* code = "plugin_misuse") {
    if (!call.refused) call.refused = Failure{status, code, std::move(message)};
    return status;
  }
  template <class Body>
  static bourse_status guarded(Call& call, const char* function, bool allowed, Body body) {
    try {
      Host::Fault fault;
      std::size_t use = 0;
      {
        const std::lock_guard lock(call.host->mutex_);
        const auto found = call.host->faults_.find(function);
        if (found != call.host->faults_.end()) fault = found->second;
        use = ++call.used[function];
      }
      if (!allowed) return refuse(call, std::string(function) + " is not for this kind of call");
      if (call.refused) return call.refused->status;
      if (fault.at != 0 && use >= fault.at) {
        return refuse(call, "the test let " + std::string(function) + " fail", fault.status,
                      "test_fault");
      }
      return body();
    } catch (...) {
      if (!call.mistake) call.mistake = std::current_exception();
      return refuse(call, "the test is mistaken");
    }
  }

  static const void* extension(const bourse_host* host, const char* id) {
    Host& h = of(host);
    const std::lock_guard lock(h.mutex_);
    const auto found = h.extensions_.find(id);
    return found == h.extensions_.end() ? nullptr : found->second;
  }
  static void log(const bourse_host* host, bourse_call* call, std::int32_t level,
                  bourse_str message, const bourse_arg* args, std::size_t n) {
    LogLine line{level, owned(message), {}, call != nullptr};
    for (std::size_t i = 0; i < n; ++i) {
      line.fields[owned(args[i].name)] = Cell::copied(args[i].value);
    }
    Host& h = of(host);
    const std::lock_guard lock(h.mutex_);
    if (call != nullptr) Call::of(call).result.log.push_back(line);
    h.log_.push_back(std::move(line));
  }
  static bourse_status poll(bourse_call* wire, std::int64_t* left) {
    constexpr std::int64_t kPlenty = 5'000'000'000;
    Call& call = Call::of(wire);
    const std::lock_guard lock(call.host->mutex_);
    ++call.result.polls;
    const bool over = call.host->end_at_ != 0 && call.result.polls >= call.host->end_at_;
    if (left != nullptr) *left = over ? 0 : kPlenty;
    return over ? call.host->end_status_ : BOURSE_OK;
  }
  static std::int64_t now(bourse_call* wire) {
    const std::lock_guard lock(Call::of(wire).host->mutex_);
    return Call::of(wire).host->now_.ns;
  }
  static bourse_status fail(bourse_call* wire, const bourse_failure* failure) {
    Call& call = Call::of(wire);
    if (failure->status < 400 || failure->status > 599) {
      return refuse(call, "fail: " + std::to_string(failure->status) + " is not 400 to 599");
    }
    call.told = Failure{failure->status, owned(failure->code), owned(failure->message),
                        owned(failure->param), Duration(failure->retry_after)};
    return failure->status;
  }

  // -- asking

  static const bourse_dataset* declared(const Call& call, std::string_view name) {
    for (std::size_t i = 0; i < call.component->n_datasets; ++i) {
      if (call.component->datasets[i]->name == name) return call.component->datasets[i];
    }
    return nullptr;
  }
  /// Empty: it may be asked so.
  static std::string why_not(const Call& call, const Asked& asked) {
    if (call.component->kind != BOURSE_KIND_ANALYSIS) {
      return asked.source.empty() ? "" : "a source asks the one below and names none";
    }
    if (call.component->n_datasets == 0) return "";
    const bourse_dataset* const dataset = declared(call, asked.dataset);
    if (dataset == nullptr) return "the analysis does not declare the dataset " + asked.dataset;
    if (dataset->n_params == 0) return "";
    for (const auto& [name, v] : asked.args) {
      const bourse_param* param = nullptr;
      for (std::size_t i = 0; i < dataset->n_params; ++i) {
        if (dataset->params[i]->name == name) param = dataset->params[i];
      }
      if (param == nullptr) return asked.dataset + " has no parameter " + name;
      if (!v.is_null() && v.type() != param->type) {
        return "argument " + name + " of " + asked.dataset + " is another type than declared";
      }
    }
    Texts texts;
    for (const auto& [name, v] : asked.args) {
      if (v.type() == BOURSE_TYPE_LIST) {
        for (const Cell& item : v.items()) texts.emplace_back(name, item.shown());
      } else if (!v.is_null()) {
        texts.emplace_back(name, v.shown());
      }
    }
    try {
      read_parameters(dataset->params, dataset->n_params, texts, Time{});
    } catch (const Refused& why) {
      return "query " + asked.dataset + ": " + why.failure.message;
    }
    return "";
  }
  static Answer answer(const Call& call, const Asked& asked) {
    Host::AnswerWith with;
    {
      const std::lock_guard lock(call.host->mutex_);
      const auto found = call.host->answers_.find(asked.dataset);
      if (found != call.host->answers_.end()) with = found->second;
    }
    if (!with) {
      throw Mistake("the component asks for \"" + asked.text() +
                    "\", and the test has no answer: host.answer(\"" + asked.dataset + "\", ...)");
    }
    Answer given = with(asked);
    if (given.failure.status != BOURSE_OK) return given;
    if (given.report.tables.size() != 1) {
      throw Mistake("the answer to " + asked.dataset + " has " +
                    std::to_string(given.report.tables.size()) + " tables, a source's has one");
    }
    Table& table = given.report.tables.front();
    if (table.name.empty()) table.name = asked.dataset;
    const bourse_dataset* const dataset = declared(call, asked.dataset);
    const bool wanted = call.component->kind == BOURSE_KIND_ANALYSIS && dataset != nullptr;
    for (std::size_t i = 0; wanted && i < dataset->n_fields; ++i) {
      const bourse_field& field = *dataset->fields[i];
      for (Column& column : table.columns) {
        if (column.name == field.name) column = column.as(field.type);
      }
      if (!table.has(field.name) && (field.flags & BOURSE_FIELD_OPTIONAL) == 0) {
        return Failure{BOURSE_UNPROCESSABLE, "dataset_differs",
                       "the analysis needs column " + std::string(field.name) + " of " +
                           asked.dataset + ", which the test's answer does not have"};
      }
    }
    return given;
  }
  static bourse_status query(bourse_call* wire, std::size_t n, const bourse_query* const* queries,
                             bourse_answer* answers) {
    Call& call = Call::of(wire);
    for (std::size_t i = 0; i < n; ++i) answers[i] = {};
    bourse_status first = guarded(call, "query", call.asks, [&] {
      return n > BOURSE_MAX_QUERIES ? refuse(call, "query: more than BOURSE_MAX_QUERIES")
                                    : bourse_status{BOURSE_OK};
    });
    const bool over = first != BOURSE_OK;
    for (std::size_t i = 0; i < n; ++i) {
      Failure why = call.refused.value_or(Failure());
      if (!over) {
        guarded(call, "each query", true, [&] {
          Asked asked{owned(queries[i]->dataset), owned(queries[i]->source), {}};
          for (std::size_t a = 0; a < queries[i]->n_args; ++a) {
            const bourse_arg& arg = queries[i]->args[a];
            asked.args[owned(arg.name)] = Cell::copied(arg.value);
          }
          call.result.asked.push_back(asked);
          if (const std::string wrong = why_not(call, asked); !wrong.empty()) {
            why = Failure{BOURSE_INTERNAL, "plugin_misuse", wrong};
            return bourse_status{BOURSE_OK};
          }
          Answer given = answer(call, asked);
          why = given.failure;
          if (why.status != BOURSE_OK) return bourse_status{BOURSE_OK};
          if (call.newest < given.report.as_of) call.newest = given.report.as_of;
          answers[i].report = &call.answers.emplace_back(std::move(given.report)).get();
          call.held.insert(answers[i].report);
          return bourse_status{BOURSE_OK};
        });
        if (answers[i].report != nullptr) continue;
        if (why.status == BOURSE_OK && call.refused) why = *call.refused;
      }
      const Failure& kept = call.failures.emplace_back(std::move(why));
      answers[i].failure = &call.wire_failures.emplace_back(
          bourse_failure{sizeof(bourse_failure), kept.status, borrow(kept.code),
                         borrow(kept.message), borrow(kept.parameter), kept.retry_after.ns});
      if (first == BOURSE_OK || !call.told) call.told = kept;
      if (first == BOURSE_OK) first = kept.status;
    }
    return first;
  }
  static bourse_status release(bourse_call* wire, const bourse_report* report) {
    Call& call = Call::of(wire);
    return guarded(call, "release", call.asks, [&] {
      if (call.held.erase(report) == 0) {
        return refuse(call, "release: this is no answer that it still holds");
      }
      ++call.result.released;
      return bourse_status{BOURSE_OK};
    });
  }
  static bourse_status fresh_until(bourse_call* wire, std::int64_t time) {
    Call& call = Call::of(wire);
    return guarded(call, "fresh_until", true, [&] {
      std::optional<Time>& said = call.result.fresh_until;
      if (!said || Time{time} < *said) said = Time{time};
      return bourse_status{BOURSE_OK};
    });
  }

  // -- building

  static bourse_status meta(bourse_call* wire, const bourse_meta* said) {
    Call& call = Call::of(wire);
    return guarded(call, "meta", call.builds, [&] {
      Report& report = call.result.said;
      const std::string key = owned(said->key);
      Cell v = Cell::copied(said->value);
      if (key == "bourse.title") {
        report.title = v.text();
      } else if (key == "bourse.as_of") {
        report.as_of = v.time();
        call.dated = true;
      } else if (!is_name(key)) {
        return refuse(call, "meta: \"" + key + "\" is no key: [a-z][a-z0-9_]*");
      } else {
        for (auto& known : report.metas) {
          if (known.first == key) {
            known.second = v;
            return bourse_status{BOURSE_OK};
          }
        }
        report.with_meta(key, std::move(v));
      }
      return bourse_status{BOURSE_OK};
    });
  }
  static bourse_status note(bourse_call* wire, const bourse_note* said) {
    Call& call = Call::of(wire);
    return guarded(call, "note", call.builds, [&] {
      if (!is_name(owned(said->code))) {
        return refuse(call, "note: \"" + owned(said->code) + "\" is no code: [a-z][a-z0-9_]*");
      }
      if (said->level <= 0) return refuse(call, "note: it has no level");
      call.result.said.with_note(owned(said->code), owned(said->text), said->level);
      return bourse_status{BOURSE_OK};
    });
  }
  static bourse_status scalar(bourse_call* wire, const bourse_scalar* said) {
    Call& call = Call::of(wire);
    return guarded(call, "scalar", call.builds, [&] {
      Scalar scalar{Description(*said->field), Cell::copied(said->value)};
      if (!is_name(scalar.name, true)) {
        return refuse(call, "scalar: \"" + scalar.name + "\" is no name");
      }
      if (!scalar.value.is_null() && scalar.value.type() != scalar.type) {
        return refuse(call, "scalar " + scalar.name + ": the value has another type");
      }
      for (const Scalar& other : call.result.said.scalars) {
        if (other.name == scalar.name) return refuse(call, "scalar " + scalar.name + ": again");
      }
      call.result.said.scalars.push_back(std::move(scalar));
      return bourse_status{BOURSE_OK};
    });
  }
  static void append(Table& table, std::size_t n_rows, const bourse_array* columns) {
    table.blocks.push_back(n_rows);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      bourse_field field{};
      field.type = table.columns[i].type;
      field.scale = table.columns[i].scale;
      Cells cells;
      for (std::size_t row = 0; row < n_rows; ++row) {
        cells.push_back(Cell::copied(TableView::cell_of(field, columns[i], row)));
      }
      table.columns[i].append(cells);
    }
  }
  static bourse_status table(bourse_call* wire, const bourse_table* said, std::uint32_t* number) {
    Call& call = Call::of(wire);
    return guarded(call, "table", call.builds, [&] {
      Table table{std::string(view(said->name)), std::string(view(said->label)), {}, {}};
      if (!is_name(table.name)) return refuse(call, "table: \"" + table.name + "\" is no name");
      for (const Table& other : call.result.said.tables) {
        if (other.name == table.name) return refuse(call, "table " + table.name + ": again");
      }
      if (said->n_fields == 0) return refuse(call, "table " + table.name + ": it has no columns");
      for (std::size_t i = 0; i < said->n_fields; ++i) {
        const bourse_field& field = *said->fields[i];
        if (!is_name(view(field.name))) {
          return refuse(call, "table " + table.name + ": \"" + std::string(view(field.name)) +
                                  "\" is no name");
        }
        if (table.has(view(field.name))) {
          return refuse(call, "table " + table.name + ": column " + field.name + " again");
        }
        table.columns.push_back(Column(field, {}));
      }
      if (said->n_rows != 0) append(table, said->n_rows, said->columns);
      if (number != nullptr) {
        *number = static_cast<std::uint32_t>(call.result.said.tables.size());
      }
      call.result.said.tables.push_back(std::move(table));
      return bourse_status{BOURSE_OK};
    });
  }
  static bourse_status rows(bourse_call* wire, const bourse_rows* said) {
    Call& call = Call::of(wire);
    return guarded(call, "rows", call.builds, [&] {
      if (said->table >= call.result.said.tables.size()) {
        return refuse(call, "rows: table " + std::to_string(said->table) + " was not made");
      }
      Table& table = call.result.said.tables[said->table];
      if (said->n_columns != table.columns.size()) {
        return refuse(call, "rows of table " + table.name + ": " + std::to_string(said->n_columns) +
                                " columns instead of " + std::to_string(table.columns.size()));
      }
      append(table, said->n_rows, said->columns);
      return bourse_status{BOURSE_OK};
    });
  }
  static bourse_status chart(bourse_call* wire, const bourse_chart* said) {
    Call& call = Call::of(wire);
    return guarded(call, "chart", call.builds, [&] {
      ChartSaid chart(*said);
      if (!is_name(chart.name)) return refuse(call, "chart: \"" + chart.name + "\" is no name");
      const Table* table = nullptr;
      for (const Table& each : call.result.said.tables) {
        if (each.name == chart.table) table = &each;
      }
      if (table == nullptr) {
        return refuse(call, "chart " + chart.name + ": no table " + chart.table + " was made");
      }
      for (const Channel& channel : chart.channels) {
        if (table->has(channel.field)) continue;
        return refuse(call, "chart " + chart.name + ": table " + table->name + " has no column " +
                                channel.field);
      }
      call.result.said.charts.push_back(std::move(chart));
      return bourse_status{BOURSE_OK};
    });
  }

  // -- writing

  static bourse_status header(bourse_call* wire, bourse_str name, bourse_str text) {
    Call& call = Call::of(wire);
    return guarded(call, "header", call.writes, [&] {
      if (!call.result.bytes.empty()) return refuse(call, "header: it comes before the first byte");
      call.result.headers.emplace_back(owned(name), owned(text));
      return bourse_status{BOURSE_OK};
    });
  }
  static bourse_status write(bourse_call* wire, bourse_str bytes) {
    Call& call = Call::of(wire);
    return guarded(call, "write", call.writes, [&] {
      call.result.bytes += view(bytes);
      return bourse_status{BOURSE_OK};
    });
  }
};

/// Where a report is not what its analysis declares.
inline void compare(const bourse_component& component, Result& result) {
  if (component.kind != BOURSE_KIND_ANALYSIS || !BOURSE_REACHES(&component, tables)) return;
  if (component.n_scalars == 0 && component.n_tables == 0) return;
  const bool open = (component.flags & BOURSE_COMPONENT_OPEN) != 0;
  const auto check = [&](const std::string& of, std::size_t n, const bourse_field* const* fields,
                         bool more, const auto& there) {
    std::set<std::string> known;
    for (std::size_t i = 0; i < n; ++i) {
      const bourse_field& field = *fields[i];
      known.insert(field.name);
      const Description* found = nullptr;
      for (const Description& each : there) {
        if (each.name == field.name) found = &each;
      }
      const std::string what = of + " " + field.name;
      if (found == nullptr && (field.flags & BOURSE_FIELD_OPTIONAL) == 0) {
        result.differences.push_back(what + " is declared and not there");
      } else if (found != nullptr && found->type != field.type) {
        result.differences.push_back(what + " has another type than declared");
      }
    }
    for (const Description& each : there) {
      if (!more && known.count(each.name) == 0) {
        result.differences.push_back(of + " " + each.name + " is not declared");
      }
    }
  };
  check("scalar", component.n_scalars, component.scalars, open, result.said.scalars);
  std::set<std::string> known;
  for (std::size_t i = 0; i < component.n_tables; ++i) {
    const bourse_table& declared = *component.tables[i];
    known.insert(declared.name);
    const Table* found = nullptr;
    for (const Table& table : result.said.tables) {
      if (table.name == declared.name) found = &table;
    }
    if (found == nullptr) {
      if ((declared.flags & BOURSE_TABLE_OPTIONAL) == 0) {
        result.differences.push_back("table " + std::string(declared.name) +
                                     " is declared and not there");
      }
      continue;
    }
    check("table " + found->name + ": column", declared.n_fields, declared.fields,
          (declared.flags & BOURSE_TABLE_OPEN) != 0, found->columns);
  }
  for (const Table& table : result.said.tables) {
    if (!open && known.count(table.name) == 0) {
      result.differences.push_back("table " + table.name + " is not declared");
    }
  }
}

/// What a call came to, when it has returned. Throws what the test got wrong in its midst.
inline Result ended(Call& call, bourse_status status) {
  if (call.mistake) std::rethrow_exception(call.mistake);
  Result& result = call.result;
  if (call.refused) {
    result.failure = *call.refused;
  } else if (status != BOURSE_OK) {
    result.failure = call.told.value_or(Failure{status, "no_reason", "it failed without a reason"});
    result.failure.status = status;
  }
  if (!call.dated) result.said.as_of = call.newest;
  if (result.ok() && call.builds && call.component != nullptr) compare(*call.component, result);
  return std::move(result);
}

}  // namespace inside

inline Host::Host() {
  using F = inside::Functions;
  wire_.owner = this;
  bourse_host& h = wire_.functions;
  h.size = sizeof h;
  h.abi_minor = BOURSE_ABI_MINOR;
  h.version = "0.0.0-testing";
  h.extension = F::extension;
  h.log = F::log;
  h.poll = F::poll;
  h.now = F::now;
  h.fail = F::fail;
  h.query = F::query;
  h.release = F::release;
  h.fresh_until = F::fresh_until;
  h.meta = F::meta;
  h.note = F::note;
  h.scalar = F::scalar;
  h.table = F::table;
  h.rows = F::rows;
  h.chart = F::chart;
  h.header = F::header;
  h.write = F::write;
}

inline Host& Host::without(const std::string& function) {
  bourse_host& h = wire_.functions;
  if (function == "extension") {
    h.extension = nullptr;
  } else if (function == "log") {
    h.log = nullptr;
  } else if (function == "release") {
    h.release = nullptr;
  } else if (function == "fresh_until") {
    h.fresh_until = nullptr;
  } else {
    throw Mistake("a host without " + function +
                  " is none; it may lack extension, log, release and fresh_until");
  }
  return *this;
}

// ---- the plugin ---------------------------------------------------------------------------------

using Entry = const bourse_plugin* (*)(const bourse_host*);

/// A loaded plugin.
class Plugin {
 public:
  /// A built library. Throws Mistake when it does not load, Refused when it refuses to.
  Plugin(Host& host, const std::string& file)
      : host_(host), handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw Mistake(::dlerror());
    try {
      const auto entry = reinterpret_cast<Entry>(::dlsym(handle_, "bourse_plugin_v1"));
      if (entry == nullptr) {
        throw Mistake(file + " has no bourse_plugin_v1: one of its sources has BOURSE_PLUGIN(...)");
      }
      begin(entry);
    } catch (...) {
      ::dlclose(handle_);
      throw;
    }
  }
  /// One whose sources are linked into the test: Plugin(host, bourse_plugin_v1).
  Plugin(Host& host, Entry entry) : host_(host) { begin(entry); }
  ~Plugin() {
    if (BOURSE_HAS(plugin_, deinit)) plugin_->deinit();
    if (handle_ != nullptr) ::dlclose(handle_);
  }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  /// A new instance, with settings as a YAML file gives them. Throws Refused when they are not
  /// legal or the component does not want them.
  [[nodiscard]] Component component(const std::string& id, const Texts& settings = {});
  [[nodiscard]] const bourse_plugin& wire() const noexcept { return *plugin_; }

 private:
  void begin(Entry entry) {
    plugin_ = entry(host_.wire());
    if (plugin_ == nullptr) {
      const auto lines = host_.log();
      throw Refused({BOURSE_INTERNAL, "refuses_to_load",
                     lines.empty() ? "It gave no reason." : lines.back().message});
    }
    if (!BOURSE_HAS(plugin_, init)) return;
    inside::Call call{&host_};
    const bourse_status status = plugin_->init(host_.wire(), call.wire());
    const Result result = inside::ended(call, status);
    if (!result.ok()) throw Refused(result.failure);
  }
  Host& host_;
  void* handle_ = nullptr;
  const bourse_plugin* plugin_ = nullptr;
};

/// A question that a source watches, until it is destroyed.
class Watch {
 public:
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { extension_.unwatch(self_, token_); }

  /// How often the source told of a change.
  [[nodiscard]] std::size_t changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
  }
  /// Waits until it has told so often; false: it had not by then.
  bool wait(std::size_t changes, std::chrono::milliseconds at_most = std::chrono::seconds(10)) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, at_most, [&] { return changes_ >= changes; });
  }

 private:
  friend class Component;
  Watch(Host& host, const bourse_component& component, void* self, const bourse_watch& extension,
        std::size_t dataset, const bourse_value* values)
      : self_(self), extension_(extension) {
    inside::Call call{&host, &component};
    const bourse_status status =
        extension.watch(self, call.wire(), dataset, values, this, changed, &token_);
    const Result result = inside::ended(call, status);
    if (!result.ok()) throw Refused(result.failure);
  }
  static void changed(void* sink) {
    auto& watch = *static_cast<Watch*>(sink);
    const std::lock_guard lock(watch.mutex_);
    ++watch.changes_;
    watch.told_.notify_all();
  }
  void* self_;
  const bourse_watch& extension_;
  std::uint64_t token_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::size_t changes_ = 0;
};

/// One instance of a component. Its calls may come from several threads at once.
class Component {
 public:
  ~Component() {
    if (component_ != nullptr && BOURSE_HAS(component_, destroy)) component_->destroy(self_);
  }
  Component(Component&& other) noexcept
      : host_(other.host_),
        component_(std::exchange(other.component_, nullptr)),
        self_(other.self_),
        datasets_(std::move(other.datasets_)) {}
  Component& operator=(Component&&) = delete;

  /// An analysis, with parameters as a query string gives them.
  [[nodiscard]] Result run(const Texts& parameters = {}) const {
    if (component_->run == nullptr) throw Mistake(name() + " is no analysis: it has no run");
    const Cells cells = read(component_->params, component_->n_params, parameters);
    const inside::WireValues values(cells);
    inside::Call call{host_, component_, true, true};
    return inside::ended(call, component_->run(self_, call.wire(), values.data()));
  }
  /// A source. The report has one table, with the declared columns; what is not so is said in
  /// `differences`.
  [[nodiscard]] Result fetch(std::string_view dataset, const Texts& arguments = {}) const {
    if (component_->fetch == nullptr) throw Mistake(name() + " is no source: it has no fetch");
    const std::size_t index = index_of(dataset);
    const Cells cells = read(datasets_[index]->params, datasets_[index]->n_params, arguments);
    const inside::WireValues values(cells);
    inside::Call call{host_, component_, true, true};
    Result result =
        inside::ended(call, component_->fetch(self_, call.wire(), index, values.data()));
    if (result.ok()) compare(*datasets_[index], result);
    return result;
  }
  /// A serializer: result.bytes and result.headers.
  [[nodiscard]] Result render(const Report& report, const Texts& parameters = {}) const {
    if (component_->render == nullptr)
      throw Mistake(name() + " is no serializer: it has no render");
    const Cells cells = read(component_->params, component_->n_params, parameters);
    const inside::WireValues values(cells);
    const WireReport wire(report);
    inside::Call call{host_, component_, false, false, true};
    return inside::ended(call, component_->render(self_, call.wire(), values.data(), &wire.get()));
  }
  /// A task by its name: its report, and result.steps.
  [[nodiscard]] Result perform(std::string_view task, const Texts& parameters = {}) const {
    const auto* const tasks = extension<bourse_tasks>(BOURSE_TASKS_ID);
    if (tasks == nullptr) throw Mistake(name() + " has no tasks");
    for (std::size_t i = 0; i < tasks->n_tasks; ++i) {
      if (tasks->tasks[i]->name != task) continue;
      const Cells cells = read(tasks->tasks[i]->params, tasks->tasks[i]->n_params, parameters);
      const inside::WireValues values(cells);
      inside::Call call{host_, component_, true, true};
      std::vector<Step> steps;
      const bourse_status status =
          tasks->perform(self_, call.wire(), i, values.data(), &steps,
                         [](void* sink, const bourse_progress* said) {
                           static_cast<std::vector<Step>*>(sink)->push_back(
                               {said->done, said->total, std::string(view(said->text))});
                         });
      Result result = inside::ended(call, status);
      result.differences.clear();  // what an analysis returns is not what its task does
      result.steps = std::move(steps);
      return result;
    }
    throw Mistake(name() + " has no task " + std::string(task));
  }
  /// A source that tells of changes. Throws Refused when it cannot watch this question.
  [[nodiscard]] Watch watch(std::string_view dataset, const Texts& arguments = {}) const {
    const auto* const watch = extension<bourse_watch>(BOURSE_WATCH_ID);
    if (watch == nullptr) throw Mistake(name() + " does not watch");
    const std::size_t index = index_of(dataset);
    const Cells cells = read(datasets_[index]->params, datasets_[index]->n_params, arguments);
    const inside::WireValues values(cells);
    return Watch(*host_, *component_, self_, *watch, index, values.data());
  }
  /// What it offers by that id; null: none such.
  template <class Extension>
  [[nodiscard]] const Extension* extension(const char* id) const {
    if (!BOURSE_HAS(component_, extension)) return nullptr;
    return static_cast<const Extension*>(component_->extension(self_, id));
  }
  [[nodiscard]] const bourse_component& wire() const noexcept { return *component_; }
  [[nodiscard]] void* self() const noexcept { return self_; }

 private:
  friend class Plugin;
  Component(Host& host, const bourse_component& component, const Texts& settings)
      : host_(&host), component_(&component) {
    const Cells cells = read(component.config, component.n_config, settings);
    if (BOURSE_HAS(component_, create)) {
      const inside::WireValues values(cells);
      inside::Call call{host_, component_};
      const Result made =
          inside::ended(call, component.create(host.wire(), call.wire(), values.data(), &self_));
      if (!made.ok()) throw Refused(made.failure);
    }
    datasets_.assign(component.datasets, component.datasets + component.n_datasets);
    const auto* const lists = extension<bourse_datasets>(BOURSE_DATASETS_ID);
    if (lists == nullptr) return;
    inside::Call call{host_, component_};
    std::size_t n = 0;
    const bourse_dataset* const* more = nullptr;
    const bourse_status status = lists->list(self_, call.wire(), &n, &more);
    if (status != BOURSE_OK && BOURSE_HAS(component_, destroy)) component_->destroy(self_);
    const Result listed = inside::ended(call, status);
    if (!listed.ok()) throw Refused(listed.failure);
    datasets_.insert(datasets_.end(), more, more + n);
  }
  [[nodiscard]] std::string name() const { return component_->id; }
  [[nodiscard]] Cells read(const bourse_param* const* declared, std::size_t n,
                           const Texts& texts) const {
    Time now;
    {
      const std::lock_guard lock(host_->mutex_);
      now = host_->now_;
    }
    return inside::read_parameters(declared, n, texts, now);
  }
  [[nodiscard]] std::size_t index_of(std::string_view dataset) const {
    for (std::size_t i = 0; i < datasets_.size(); ++i) {
      if (datasets_[i]->name == dataset) return i;
    }
    inside::not_there("dataset of " + name(), dataset, datasets_,
                      [](const bourse_dataset* each) { return each->name; });
  }
  static void compare(const bourse_dataset& declared, Result& result) {
    const auto say = [&](const std::string& what) {
      result.differences.push_back("dataset " + std::string(declared.name) + ": " + what);
    };
    if (result.said.tables.size() != 1) return say("the report has not one table");
    const Table& table = result.said.tables.front();
    for (std::size_t i = 0; i < declared.n_fields; ++i) {
      const bourse_field& field = *declared.fields[i];
      if (table.has(field.name)) {
        if (table.column(field.name).type == field.type) continue;
        say("column " + std::string(field.name) + " has another type than declared");
      } else if ((field.flags & BOURSE_FIELD_OPTIONAL) == 0) {
        say("column " + std::string(field.name) + " is declared and not there");
      }
    }
  }

  Host* host_;
  const bourse_component* component_;
  void* self_ = nullptr;
  std::vector<const bourse_dataset*> datasets_;
};

inline Component Plugin::component(const std::string& id, const Texts& settings) {
  std::vector<std::string> there;
  for (std::size_t i = 0; i < plugin_->n_components; ++i) {
    if (plugin_->components[i]->id == id) {
      return Component(host_, *plugin_->components[i], settings);
    }
    there.emplace_back(plugin_->components[i]->id);
  }
  inside::not_there("component", id, there, [](const std::string& each) { return each; });
}

}  // namespace bourse::inline sdk_0_1::testing

#include "bourse/testing/csv.hpp"
