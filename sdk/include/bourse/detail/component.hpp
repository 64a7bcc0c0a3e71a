// SPDX-License-Identifier: MIT
//
// From a class to a bourse_component: what plugin.hpp and the faces in ext/ share. Not part of the
// interface: authors use bourse/plugin.hpp.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "bourse/bourse.h"
#include "bourse/call.hpp"
#include "bourse/declare.hpp"
#include "bourse/host.hpp"
#include "bourse/view.hpp"

namespace bourse::inline sdk_0_1 {

// Of ext/, which is included by those who use it.
class Changed;
class Datasets;
class Findings;
class Metrics;
class Progress;
class Shape;

namespace detail {

[[gnu::cold]] inline bourse_status fail(const bourse_host* host, bourse_call* call,
                                        bourse_status status, std::string_view code,
                                        std::string_view message, std::string_view param = {},
                                        std::int64_t retry_after = 0) noexcept {
  const bourse_failure failure{sizeof(bourse_failure), status,        borrow(code),
                               borrow(message),        borrow(param), retry_after};
  return host->fail(call, &failure);
}

/// The status of what was thrown. Inside a catch.
[[gnu::cold]] inline bourse_status caught(const bourse_host* host, bourse_call* call) noexcept {
  try {
    throw;
  } catch (const Stop& stop) {
    return stop.status;
  } catch (const Error& e) {
    return fail(host, call, e.status(), e.code(), e.message(), e.parameter(), e.retry_after().ns);
  } catch (const DecimalError& e) {
    return fail(host, call, BOURSE_UNPROCESSABLE, "decimal_overflow", view(e.what()));
  } catch (const std::bad_alloc&) {
    return fail(host, call, BOURSE_UNAVAILABLE, "out_of_memory", "There is not enough memory.");
  } catch (const std::exception& e) {
    return fail(host, call, BOURSE_INTERNAL, "plugin_exception", view(e.what()));
  } catch (...) {
    return fail(host, call, BOURSE_INTERNAL, "plugin_exception",
                "The plugin threw something unknown.");
  }
}
/// Rule 2 of bourse.h lives here: whatever is thrown ends as a status.
template <class Body>
bourse_status guard(const bourse_host* host, bourse_call* call, Body&& body) noexcept {
  try {
    body();
    return BOURSE_OK;
  } catch (...) {
    return caught(host, call);
  }
}
/// The same where there is nobody to tell.
template <class Body>
void guard_silently(Body&& body) noexcept {
  try {
    body();
  } catch (...) {
  }
}

// ---- what a class offers ------------------------------------------------------------------------

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
concept Collects = requires(T& t, Metrics& m) {
  t.collect(m);
};
template <class T>
concept Probes = requires(T& t, Call& call, Findings& f) {
  t.probe(call, f);
};
template <class T>
concept HasExamples = requires {
  T::probe_examples;
};
template <class T>
concept Watches = requires(T& t, Call& call, const Values& v, const Changed& changed) {
  t.watch(call, std::size_t{0}, v, changed);
};
template <class T>
concept Unwatches = requires(T& t) {
  t.unwatch(std::uint64_t{0});
};
template <class T>
concept Performs = requires(T& t, Call& call, const Values& v, Progress& p) {
  t.perform(call, std::size_t{0}, v, p);
};
template <class T>
concept HasTasks = requires {
  T::tasks;
};
template <class T>
concept TellsSchema = requires(T& t, Call& call, const Values& v, const Shape& shape) {
  t.schema(call, v, shape);
};
template <class T>
concept ListsDatasets = requires(T& t, Call& call, Datasets& d) {
  t.list_datasets(call, d);
};

/// An extension's table for T: kId and kTable. Its header defines it.
struct MetricsTag {};
struct ProbeTag {};
struct WatchTag {};
struct TasksTag {};
struct DatasetsTag {};
struct SchemaTag {};
template <class Tag, class T>
struct Extension {
  static_assert(kNever<Tag, T>,
                "the component offers an extension whose header is not included: bourse/ext/*.hpp");
  static constexpr std::string_view kId{};  // so that the sentence is all there is to read
  static constexpr int kTable = 0;
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

// ---- one instance -------------------------------------------------------------------------------

struct NoDatasets {};
template <class T>
struct DatasetsOf {
  using Type = NoDatasets;
};
template <ListsDatasets T>
struct DatasetsOf<T> {
  using Type = Datasets;
};

template <class T>
struct Instance {
  const bourse_host* host;
  T self;
  [[no_unique_address]] typename DatasetsOf<T>::Type listed{};  ///< what list_datasets added

  static const Instance& at(void* self) noexcept { return *static_cast<const Instance*>(self); }
  /// Those of its datasets' parameters; static ones first, then the listed.
  [[nodiscard]] std::span<const bourse_param* const> params_of_dataset(std::size_t index) const {
    const bourse_dataset* dataset = nullptr;
    const std::size_t n = datasets_of<T>().size();
    if (index < n) {
      dataset = datasets_of<T>()[index];
    } else if constexpr (ListsDatasets<T>) {
      if (index - n < listed.wire().size()) dataset = listed.wire()[index - n];
    }
    if (dataset == nullptr) {
      Sentence what;
      what << "the host asked for dataset " << index << " of " << n;
      throw Error(BOURSE_INTERNAL, "no_such_dataset", what.text());
    }
    return {dataset->params, dataset->n_params};
  }
};

/// Calls body(instance, call) under guard.
template <class T, class Body>
bourse_status guard_call(void* self, bourse_call* wire, Body&& body) noexcept {
  const Instance<T>& instance = Instance<T>::at(self);
  return guard(instance.host, wire, [&] {
    Call call(instance.host, wire);
    body(instance, call);
  });
}

/// The parameters of a dataset, declared in C, in the C++ face of the same.
inline std::vector<Param> declared(const bourse_dataset& dataset) {
  std::vector<Param> out;
  for (std::size_t i = 0; i < dataset.n_params; ++i) {
    out.emplace_back(dataset.params[i]->name, dataset.params[i]->type, nullptr);
  }
  return out;
}

}  // namespace detail

}  // namespace bourse::inline sdk_0_1
