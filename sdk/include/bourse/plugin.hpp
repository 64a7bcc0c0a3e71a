// SPDX-License-Identifier: MIT
//
// plugin.hpp - write a Bourse plugin in C++20. Header only: all of it is compiled into your plugin,
// and only bourse.h crosses the boundary, so compiler, standard library and flags are yours to
// choose.
//
//   struct Spread {
//     static constexpr bourse::About about{
//         .id = "spread", .title = "Spread", .parts = BOURSE_PART_SCALARS};
//     static constexpr std::array params{
//         bourse::Param("symbol", BOURSE_TYPE_TEXT, "Market.").required().bounds("1", "40")};
//     static constexpr std::array datasets{&bourse_book_ticker};        // what it asks for
//     void run(bourse::Call& call, const bourse::Values& values) const;
//   };
//   BOURSE_PLUGIN("acme.spread", "1.0.0", Spread)
//
// A component is a class with `about`, optionally `params`, `config` and `datasets`, and exactly
// one of
//   run(Call&, const Values&) const                        an analysis
//   fetch(Call&, std::size_t dataset, const Values&) const   a source; dataset: index in `datasets`
//   render(Call&, const Values&, ReportView) const         a serializer
// and, if it likes, what extensions.hpp tells:
//   collect(Metrics&) const, probe(Call&, Findings&) const
// It is constructed from a `const Values& config` if it can be, else by default; once for each
// distinct configuration. Its methods run on many threads at once (unless about.flags has
// BOURSE_COMPONENT_SERIAL: then one at a time, these two included).
//
// Failing: throw Error. Any other exception becomes status 500 with its text. Nothing thrown leaves
// the plugin.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/decimal.hpp"
#include "bourse/extensions.hpp"
#include "bourse/query.hpp"
#include "bourse/report.hpp"

namespace bourse {

/// What a component says of itself. Texts must be literals.
struct About {
  const char* id;             ///< [a-z][a-z0-9-]*: what routes call it by
  const char* title;          ///< for people
  const char* doc = nullptr;  ///< a paragraph for people
  std::uint32_t parts = 0;    ///< BOURSE_PART_SCALARS | ...: what it emits, or can show
  std::uint32_t flags = BOURSE_COMPONENT_PURE;
  const char* media_type = nullptr;  ///< serializer: "text/csv; charset=utf-8"
  const char* suffix = nullptr;      ///< serializer: "csv"
};

/// bourse_param with names for its parts:
///   Param("limit", BOURSE_TYPE_I64, "Rows shown.").with_default("100").bounds("1", "1000")
struct Param : bourse_param {
  constexpr Param(const char* id, bourse_type of_type, const char* text) noexcept
      : bourse_param{sizeof(bourse_param),
                     of_type,
                     0,
                     BOURSE_TYPE_NULL,
                     id,
                     text,
                     nullptr,
                     nullptr,
                     nullptr,
                     nullptr,
                     nullptr} {}
  [[nodiscard]] constexpr Param required() const noexcept { return flagged(BOURSE_PARAM_REQUIRED); }
  [[nodiscard]] constexpr Param secret() const noexcept { return flagged(BOURSE_PARAM_SECRET); }
  [[nodiscard]] constexpr Param with_default(const char* text) const noexcept {
    Param copy = *this;
    copy.def = text;
    return copy;
  }
  /// Inclusive; nullptr: none. Of the length for text, of the count for a list.
  [[nodiscard]] constexpr Param bounds(const char* low, const char* high) const noexcept {
    Param copy = *this;
    copy.min = low;
    copy.max = high;
    return copy;
  }
  /// A list that ends with nullptr.
  [[nodiscard]] constexpr Param one_of(const char* const* values) const noexcept {
    Param copy = *this;
    copy.choices = values;
    return copy;
  }
  [[nodiscard]] constexpr Param list_of(bourse_type item_type) const noexcept {
    Param copy = *this;
    copy.item = item_type;
    return copy;
  }
  [[nodiscard]] constexpr Param in(const char* unit_text) const noexcept {
    Param copy = *this;
    copy.unit = unit_text;
    return copy;
  }

 private:
  [[nodiscard]] constexpr Param flagged(std::uint32_t flag) const noexcept {
    Param copy = *this;
    copy.flags |= flag;
    return copy;
  }
};

/// Checked values in the order of their declaration, read by name. Asking for an undeclared name or
/// another type throws Error(BOURSE_INTERNAL): a mistake of the plugin.
class Values {
 public:
  Values(std::span<const Param> declared, const bourse_value* values) noexcept
      : declared_(declared), values_(values) {}

  [[nodiscard]] bool given(std::string_view name) const {
    return at(name).type != BOURSE_TYPE_NULL;
  }
  [[nodiscard]] std::int64_t integer(std::string_view name) const {
    return typed(name, BOURSE_TYPE_I64).as.i64;
  }
  [[nodiscard]] double real(std::string_view name) const {
    return typed(name, BOURSE_TYPE_F64).as.f64;
  }
  [[nodiscard]] bool boolean(std::string_view name) const {
    return typed(name, BOURSE_TYPE_BOOL).as.i64 != 0;
  }
  [[nodiscard]] Time time(std::string_view name) const {
    return Time{typed(name, BOURSE_TYPE_TIME).as.i64};
  }
  /// Borrowed until the call returns.
  [[nodiscard]] std::string_view text(std::string_view name) const {
    return view(typed(name, BOURSE_TYPE_TEXT).as.text);
  }
  [[nodiscard]] Decimal decimal(std::string_view name) const {
    const bourse_value& v = typed(name, BOURSE_TYPE_DECIMAL);
    return Decimal::from_wire(v.as.dec, v.scale).value();
  }
  [[nodiscard]] std::span<const bourse_value> list(std::string_view name) const {
    const bourse_list items = typed(name, BOURSE_TYPE_LIST).as.list;
    return {items.ptr, items.len};
  }
  /// A list of text; copies.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> out;
    for (const bourse_value& item : list(name)) out.emplace_back(view(item.as.text));
    return out;
  }

 private:
  [[nodiscard]] const bourse_value& at(std::string_view name) const {
    for (std::size_t i = 0; i < declared_.size(); ++i) {
      if (declared_[i].name == name) return values_[i];
    }
    throw Error(
        BOURSE_INTERNAL, "undeclared_parameter",
        "the plugin asked for the parameter " + std::string(name) + ", which it does not declare");
  }
  [[nodiscard]] const bourse_value& typed(std::string_view name, bourse_type type) const {
    const bourse_value& v = at(name);
    if (v.type != type) {
      throw Error(BOURSE_INTERNAL, "wrong_parameter_type",
                  "the parameter " + std::string(name) + " has another type, or was not given");
    }
    return v;
  }
  std::span<const Param> declared_;
  const bourse_value* values_;
};

namespace detail {
/// Unwinds to the boundary with a status whose reason the host already knows.
struct Stop {
  bourse_status status;
};
}  // namespace detail

/// The request that is being answered. Every method may throw to end the call at once (the host
/// already knows why): let it pass.
class Call {
 public:
  Call(const bourse_host* host, bourse_call* call) noexcept : host_(host), call_(call) {}

  /// Ends the call if the client went away or the deadline passed. Cheap: every few thousand rows.
  void poll() const { ok(host_->poll(call_, nullptr)); }
  [[nodiscard]] std::chrono::nanoseconds time_left() const {
    std::int64_t ns = 0;
    ok(host_->poll(call_, &ns));
    return std::chrono::nanoseconds(ns);
  }
  void log(std::int32_t level, std::string_view message) const {
    host_->log(call_, level, borrow(message), nullptr, 0);
  }

  // -- data ---------------------------------------------------------------------------------------

  /// Asks all at once, side by side. Never throws for a query that failed: look at each answer.
  [[nodiscard]] std::vector<Answer> ask(std::span<const Query> queries) const {
    std::vector<Query::Wire> wires;
    std::vector<const bourse_query*> pointers;
    wires.reserve(queries.size());
    for (const Query& q : queries) pointers.push_back(wires.emplace_back(q).get());
    std::vector<bourse_answer> answers(queries.size());
    const bourse_status status =
        host_->query(call_, pointers.size(), pointers.data(), answers.data());
    if (status == BOURSE_CANCELLED) throw detail::Stop{status};
    std::vector<Answer> out;
    out.reserve(answers.size());
    for (const bourse_answer& a : answers) out.emplace_back(a);
    return out;
  }
  /// Asks one; its failure ends the call and becomes the client's answer.
  [[nodiscard]] ReportView ask(const Query& query) const {
    const Query::Wire wire(query);
    const bourse_query* pointer = wire.get();
    bourse_answer answer{};
    ok(host_->query(call_, 1, &pointer, &answer));
    return ReportView(*answer.report);
  }

  // -- the report (analysis, source) --------------------------------------------------------------

  void title(std::string_view text) const { meta("title", value(text)); }
  /// Time of the newest input. Without it: the newest among the answers to this call's queries.
  void as_of(Time time) const { meta("as_of", value(time)); }
  void meta(std::string_view key, bourse_value v) const { ok(host_->meta(call_, borrow(key), v)); }
  void note(std::int32_t level, std::string_view code, std::string_view text) const {
    ok(host_->note(call_, level, borrow(code), borrow(text)));
  }
  void warn(std::string_view code, std::string_view text) const {
    note(BOURSE_LEVEL_WARN, code, text);
  }
  /// Passes on what a source had to say of its data.
  void notes_of(ReportView report) const {
    for (const bourse_note* n : report.notes()) {
      ok(host_->note(call_, n->level, n->code, n->text));
    }
  }
  template <class V>
  void scalar(const Field& field, const V& v) const {
    ok(host_->scalar(call_, &field, value(v)));
  }
  void add(const TableBuilder& table) const {
    std::vector<const bourse_field*> fields;
    for (const Field& field : table.fields()) fields.push_back(&field);
    std::uint32_t id = 0;
    ok(host_->table(call_, table.name().c_str(), table.label().c_str(), fields.data(),
                    fields.size(), &id));
    ok(host_->rows(call_, id, table.rows(), table.arrays().data()));
  }
  void add(const Chart& chart) const {
    ok(chart.with_wire([&](const bourse_chart& wire) { return host_->chart(call_, &wire); }));
  }

  // -- the answer's bytes (serializer)
  // -------------------------------------------------------------

  void header(std::string_view name, std::string_view text) const {
    ok(host_->header(call_, borrow(name), borrow(text)));
  }
  void write(std::string_view bytes) const { ok(host_->write(call_, borrow(bytes))); }

  [[nodiscard]] const bourse_host* host() const noexcept { return host_; }
  [[nodiscard]] bourse_call* wire() const noexcept { return call_; }

 private:
  static void ok(bourse_status status) {
    if (status != BOURSE_OK) throw detail::Stop{status};
  }
  const bourse_host* host_;
  bourse_call* call_;
};

// ---- the glue: from a class to a bourse_component
// ------------------------------------------------

namespace detail {

inline bourse_status fail(const bourse_host* host, bourse_call* call, bourse_status status,
                          std::string_view code, std::string_view message,
                          std::string_view param = {}, std::int64_t retry_after = 0) noexcept {
  const bourse_failure failure{sizeof(bourse_failure), status,        borrow(code),
                               borrow(message),        borrow(param), retry_after};
  return host->fail(call, &failure);
}

/// Rule 2 of bourse.h lives here: whatever is thrown ends as a status.
template <class Body>
bourse_status guard(const bourse_host* host, bourse_call* call, Body&& body) noexcept {
  try {
    body();
    return BOURSE_OK;
  } catch (const Stop& stop) {
    return stop.status;
  } catch (const Error& e) {
    return fail(host, call, e.status(), e.code(), e.message(), e.parameter(),
                e.retry_after().count());
  } catch (const DecimalError& e) {
    return fail(host, call, BOURSE_UNPROCESSABLE, "decimal_overflow", e.what());
  } catch (const std::bad_alloc&) {
    return fail(host, call, BOURSE_UNAVAILABLE, "out_of_memory", "There is not enough memory.");
  } catch (const std::exception& e) {
    return fail(host, call, BOURSE_INTERNAL, "plugin_exception", e.what());
  } catch (...) {
    return fail(host, call, BOURSE_INTERNAL, "plugin_exception",
                "The plugin threw something unknown.");
  }
}

template <class T>
concept Runs = requires(const T& t, Call& call, const Values& v) {
  t.run(call, v);
};
template <class T>
concept Fetches = requires(const T& t, Call& call, const Values& v) {
  t.fetch(call, std::size_t{0}, v);
};
template <class T>
concept Renders = requires(const T& t, Call& call, const Values& v, ReportView r) {
  t.render(call, v, r);
};

template <class T>
concept Collects = requires(const T& t, Metrics& m) {
  t.collect(m);
};
template <class T>
concept Probes = requires(const T& t, Call& call, Findings& f) {
  t.probe(call, f);
};
template <class T>
concept HasExamples = requires {
  T::probe_examples;
};

template <class T>
constexpr std::span<const Param> params_of() {
  if constexpr (requires { T::params; })
    return T::params;
  else
    return {};
}
template <class T>
constexpr std::span<const Param> config_of() {
  if constexpr (requires { T::config; })
    return T::config;
  else
    return {};
}
template <class T>
constexpr std::span<const bourse_dataset* const> datasets_of() {
  if constexpr (requires { T::datasets; })
    return T::datasets;
  else
    return {};
}
/// The parameters of a source's dataset are declared in C; Values wants the C++ face of the same.
inline std::vector<Param> declared(const bourse_dataset& dataset) {
  std::vector<Param> out;
  for (std::size_t i = 0; i < dataset.n_params; ++i) {
    Param p(dataset.params[i]->name, dataset.params[i]->type, nullptr);
    out.push_back(p);
  }
  return out;
}

template <class T>
struct Glue {
  static_assert(
      requires {
        { T::about } -> std::convertible_to<About>;
      },
      "a component needs: static constexpr bourse::About about{.id = ..., .title = ...};");
  static_assert(
      int{Runs<T>} + int{Fetches<T>} + int{Renders<T>} == 1,
      "a component has exactly one of run(Call&, const Values&) const, fetch(Call&, size_t, "
      "const Values&) const, render(Call&, const Values&, ReportView) const");
  static_assert(
      Collects<T> || !requires(T & t, Metrics& m) { t.collect(m); },
      "collect(Metrics&) must be const, or the component would offer no figures");
  static_assert(
      Probes<T> || !requires(T & t, Call& call, Findings& f) { t.probe(call, f); },
      "probe(Call&, Findings&) must be const, or the component would offer no checks");

  struct Instance {
    const bourse_host* host;
    T self;
  };

  template <std::size_t N, class Get>
  static constexpr auto pointers(Get get) {
    std::array<const bourse_param*, N == 0 ? 1 : N> out{};
    for (std::size_t i = 0; i < N; ++i) out[i] = get(i);
    return out;
  }
  static constexpr auto kParams = pointers<params_of<T>().size()>(
      [](std::size_t i) { return static_cast<const bourse_param*>(&params_of<T>()[i]); });
  static constexpr auto kConfig = pointers<config_of<T>().size()>(
      [](std::size_t i) { return static_cast<const bourse_param*>(&config_of<T>()[i]); });

  static T make(const Values& config) {
    if constexpr (std::constructible_from<T, const Values&>)
      return T(config);
    else
      return T();
  }
  static bourse_status create(const bourse_host* host, bourse_call* call,
                              const bourse_value* config, void** self) noexcept {
    return guard(host, call, [&] {
      *self = new Instance{host, make(Values(config_of<T>(), config))};
    });
  }
  static void destroy(void* self) noexcept { delete static_cast<Instance*>(self); }
  static bourse_status run(void* self, bourse_call* wire,
                           const bourse_value* params) noexcept requires Runs<T> {
    const auto* instance = static_cast<const Instance*>(self);
    return guard(instance->host, wire, [&] {
      Call call(instance->host, wire);
      instance->self.run(call, Values(params_of<T>(), params));
    });
  }
  static bourse_status fetch(void* self, bourse_call* wire, std::size_t dataset,
                             const bourse_value* params) noexcept requires Fetches<T> {
    const auto* instance = static_cast<const Instance*>(self);
    return guard(instance->host, wire, [&] {
      Call call(instance->host, wire);
      const std::vector<Param> names = declared(*datasets_of<T>()[dataset]);
      instance->self.fetch(call, dataset, Values(names, params));
    });
  }
  static bourse_status render(void* self, bourse_call* wire, const bourse_value* params,
                              const bourse_report* report) noexcept requires Renders<T> {
    const auto* instance = static_cast<const Instance*>(self);
    return guard(instance->host, wire, [&] {
      Call call(instance->host, wire);
      instance->self.render(call, Values(params_of<T>(), params), ReportView(*report));
    });
  }

  static void collect(void* self, void* sink, Metrics::Emit emit) noexcept {
    try {
      Metrics metrics(sink, emit);
      if constexpr (Collects<T>) static_cast<const Instance*>(self)->self.collect(metrics);
    } catch (...) {  // figures that cannot be had are left out
    }
  }
  static bourse_status probe(void* self, bourse_call* wire, void* sink,
                             Findings::Emit emit) noexcept {
    const auto* instance = static_cast<const Instance*>(self);
    return guard(instance->host, wire, [&] {
      Call call(instance->host, wire);
      Findings findings(sink, emit);
      if constexpr (Probes<T>) instance->self.probe(call, findings);
    });
  }
  static constexpr auto examples() {
    if constexpr (HasExamples<T>) {
      std::array<bourse_arg, T::probe_examples.size()> out{};
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].name = borrow(T::probe_examples[i].name);
        out[i].value.type = BOURSE_TYPE_TEXT;
        out[i].value.as.text = borrow(T::probe_examples[i].value);
      }
      return out;
    } else {
      return std::array<bourse_arg, 0>{};
    }
  }
  static const void* extension(void*, const char* id) noexcept {
    static constexpr bourse_metrics kMetrics{sizeof(bourse_metrics), collect};
    static constexpr auto kExamples = examples();
    static constexpr bourse_probe kProbe{sizeof(bourse_probe), kExamples.size(), kExamples.data(),
                                         Probes<T> ? probe : nullptr};
    if (Collects<T> && std::string_view(id) == BOURSE_METRICS_ID) return &kMetrics;
    if ((Probes<T> || HasExamples<T>)&&std::string_view(id) == BOURSE_PROBE_ID) return &kProbe;
    return nullptr;
  }

  static constexpr bourse_component component() {
    bourse_component c{};
    c.size = sizeof c;
    c.kind = Runs<T>      ? BOURSE_KIND_ANALYSIS
             : Fetches<T> ? BOURSE_KIND_SOURCE
                          : BOURSE_KIND_SERIALIZER;
    c.flags = T::about.flags;
    c.parts = T::about.parts;
    c.id = T::about.id;
    c.title = T::about.title;
    c.doc = T::about.doc;
    c.n_params = params_of<T>().size();
    c.params = kParams.data();
    c.n_config = config_of<T>().size();
    c.config = kConfig.data();
    c.media_type = T::about.media_type;
    c.suffix = T::about.suffix;
    c.n_datasets = datasets_of<T>().size();
    c.datasets = datasets_of<T>().data();
    c.create = create;
    c.destroy = destroy;
    if constexpr (Runs<T>) c.run = run;
    if constexpr (Fetches<T>) c.fetch = fetch;
    if constexpr (Renders<T>) c.render = render;
    if constexpr (Collects<T> || Probes<T> || HasExamples<T>) c.extension = extension;
    return c;
  }
  static constexpr bourse_component kComponent = component();
};

template <class... T>
inline constexpr const bourse_component* kComponents[] = {&Glue<T>::kComponent...};

}  // namespace detail
}  // namespace bourse

/// Exactly once in a plugin, outside any namespace: BOURSE_PLUGIN("acme.trend", "1.0.0", Sma, Ema)
#define BOURSE_PLUGIN(name_text, version_text, ...)                                               \
  BOURSE_MANIFEST(name_text, version_text);                                                       \
  extern "C" const bourse_plugin* bourse_plugin_v1(void) {                                        \
    static constexpr bourse_plugin plugin = {sizeof(bourse_plugin),                               \
                                             0,                                                   \
                                             name_text,                                           \
                                             version_text,                                        \
                                             nullptr,                                             \
                                             nullptr,                                             \
                                             nullptr,                                             \
                                             __VERSION__,                                         \
                                             std::size(bourse::detail::kComponents<__VA_ARGS__>), \
                                             bourse::detail::kComponents<__VA_ARGS__>,            \
                                             nullptr,                                             \
                                             nullptr};                                            \
    return &plugin;                                                                               \
  }
