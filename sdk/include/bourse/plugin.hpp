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
//     static constexpr std::array datasets{                          // what it asks for: reads.hpp
//         &bourse::reads<"book_ticker", "bid", "ask">};
//     void run(bourse::Call& call, const bourse::Values& values) const;
//   };
//   BOURSE_PLUGIN("acme.spread", "1.0.0", Spread)
//
// A component is a class with `about`, optionally `params`, `config`, `datasets` and, an analysis,
// `returns` (returns.hpp: what its reports hold), and exactly one of
//   run(Call&, const Values&) const                        an analysis
//   fetch(Call&, std::size_t dataset, const Values&) const   a source; dataset: index in `datasets`
//   render(Call&, const Values&, ReportView) const         a serializer
// It is constructed from (const Values& config, Host), (const Values& config), (Host) or nothing,
// the first of these that it has; once for each source of the configuration, once for an analysis
// or serializer. Its methods run on many threads at once (unless about.flags has
// BOURSE_COMPONENT_SERIAL: then one at a time, those of its extensions included).
//
// What else a component offers, it offers by having the methods; the header that describes them
// must be included where it is written:
//   collect(Metrics&) const                        figures for who watches    ext/metrics.hpp
//   probe(Call&, Findings&) const, probe_examples  what an operator runs first  ext/probe.hpp
//   watch(...) const, unwatch(...) const           telling of changes         ext/watch.hpp
//   tasks, perform(...) const                      long work                  ext/tasks.hpp
//   list_datasets(Call&, Datasets&) const          datasets of a configuration  ext/datasets.hpp
//   schema(Call&, const Values&, const Shape&) const  a serializer's JSON Schema  ext/schema.hpp
// What the host offers beyond this file is in ext/request.hpp and ext/shared.hpp.
//
// Failing: throw Error. Any other exception becomes status 500 with its text. Nothing thrown leaves
// the plugin.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "bourse/bourse.h"
#include "bourse/call.hpp"
#include "bourse/decimal.hpp"
#include "bourse/declare.hpp"
#include "bourse/detail/component.hpp"
#include "bourse/host.hpp"
#include "bourse/query.hpp"
#include "bourse/report.hpp"
#include "bourse/returns.hpp"

namespace bourse::inline sdk_0_1 {

namespace detail {

/// What must be true of a class, so that all other code may rely on it.
template <class T>
struct Rules {
  static constexpr bool kAbout = requires {
    { T::about } -> std::convertible_to<About>;
  };
  static constexpr bool kOneVerb = int{Runs<T>} + int{Fetches<T>} + int{Renders<T>} == 1;
  static constexpr bool kMakes = std::is_constructible_v<T, const Values&, Host> ||
                                 std::is_constructible_v<T, const Values&> ||
                                 std::is_constructible_v<T, Host> || std::is_constructible_v<T>;
  static constexpr bool kCollect = Collects<T> == Collects<const T>;
  static constexpr bool kProbe = Probes<T> == Probes<const T>;
  static constexpr bool kWatch =
      Watches<T> == Watches<const T> && Unwatches<T> == Unwatches<const T>;
  static constexpr bool kUnwatch = Watches<T> == Unwatches<T>;
  static constexpr bool kPerform = Performs<T> == Performs<const T>;
  static constexpr bool kTasks = Performs<T> == HasTasks<T>;
  static constexpr bool kListDatasets = ListsDatasets<T> == ListsDatasets<const T>;
  static constexpr bool kSources =
      !kOneVerb || Fetches<T> || !(Watches<T> || ListsDatasets<T> || Probes<T> || HasExamples<T>);
  static constexpr bool kSchema = TellsSchema<T> == TellsSchema<const T>;
  static constexpr bool kSerializers = !kOneVerb || Renders<T> || !TellsSchema<T>;
  static constexpr bool kReturns = [] {
    if constexpr (TellsReturns<T>) {
      return kIsReturns<std::remove_cvref_t<decltype(T::returns)>>;
    } else {
      return true;
    }
  }();
  static constexpr bool kAnalyses = !kOneVerb || Runs<T> || !TellsReturns<T>;
  /// Of what `returns` says: nothing is there twice, or without columns.
  static constexpr bool kReturnsOnce = [] {
    if constexpr (TellsReturns<T> && kReturns) return !ReturnsOf<T>::repeats();
    return true;
  }();
  static constexpr bool kReturnsColumns = [] {
    if constexpr (TellsReturns<T> && kReturns) return !ReturnsOf<T>::has_empty_table();
    return true;
  }();
  static constexpr bool kReturnsSome = [] {
    if constexpr (TellsReturns<T> && kReturns) return !ReturnsOf<T>::says_nothing();
    return true;
  }();
  static constexpr bool kAll = kAbout && kOneVerb && kMakes && kCollect && kProbe && kWatch &&
                               kUnwatch && kPerform && kTasks && kListDatasets && kSources &&
                               kSchema && kSerializers && kReturns && kAnalyses && kReturnsOnce &&
                               kReturnsColumns && kReturnsSome;
};
/// A sentence for each rule that is broken.
template <class T>
consteval bool is_component() {
  using Its = Rules<T>;
  static_assert(
      Its::kAbout,
      "a component needs: static constexpr bourse::About about{.id = ..., .title = ...};");
  static_assert(
      Its::kOneVerb,
      "a component has exactly one of run(Call&, const Values&) const, fetch(Call&, size_t, "
      "const Values&) const, render(Call&, const Values&, ReportView) const");
  static_assert(Its::kMakes,
                "a component is constructed from (const Values& config, Host), "
                "(const Values& config), (Host) or nothing");
  static_assert(Its::kCollect,
                "collect(Metrics&) must be const, or the component would offer no figures");
  static_assert(Its::kProbe,
                "probe(Call&, Findings&) must be const, or the component would offer no checks");
  static_assert(Its::kWatch,
                "watch(Call&, size_t, const Values&, Changed) and unwatch(uint64_t) must be const");
  static_assert(Its::kUnwatch,
                "a source that has watch(Call&, size_t, const Values&, Changed) has "
                "unwatch(uint64_t), too");
  static_assert(Its::kPerform,
                "perform(Call&, size_t task, const Values&, Progress&) must be const");
  static_assert(Its::kTasks,
                "a component with tasks has perform(Call&, size_t task, const Values&, Progress&)");
  static_assert(Its::kListDatasets, "list_datasets(Call&, Datasets&) must be const");
  static_assert(Its::kSources, "probe, watch and list_datasets are a source's: it has fetch");
  static_assert(Its::kSchema, "schema(Call&, const Values&, const Shape&) must be const");
  static_assert(Its::kSerializers, "schema is a serializer's: it has render");
  static_assert(Its::kReturns,
                "returns is: static constexpr auto returns = bourse::Returns().scalar(...);");
  static_assert(Its::kAnalyses, "returns is an analysis': it has run");
  static_assert(Its::kReturnsOnce,
                "returns names two scalars, two tables or two columns of a table alike");
  static_assert(Its::kReturnsColumns,
                "returns: a table has columns: .table(name, label, Field(...)), or is open()");
  static_assert(Its::kReturnsSome, "returns says nothing: add .scalar(...) or .table(...)");
  return true;
}

template <class T>
struct Glue {
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

  static T make(const Values& config, Host host) {
    if constexpr (std::is_constructible_v<T, const Values&, Host>)
      return T(config, host);
    else if constexpr (std::is_constructible_v<T, const Values&>)
      return T(config);
    else if constexpr (std::is_constructible_v<T, Host>)
      return T(host);
    else
      return T();
  }
  static bourse_status create(const bourse_host* host, bourse_call* call,
                              const bourse_value* config, void** self) noexcept {
    return guard(host, call, [&] {
      *self = new Instance<T>{host, make(Values(config_of<T>(), config), Host(host))};
    });
  }
  static void destroy(void* self) noexcept {
    auto* const instance = static_cast<Instance<T>*>(self);
    const Host host(instance->host);
    try {
      delete instance;
    } catch (...) {
      host.log(BOURSE_LEVEL_ERROR, "a destructor threw", {{"component", T::about.id}});
    }
  }
  static bourse_status run(void* self, bourse_call* wire, const bourse_value* params) noexcept {
    return guard_call<T>(self, wire, [&](const Instance<T>& instance, Call& call) {
      if constexpr (Runs<T>) instance.self.run(call, Values(params_of<T>(), params));
    });
  }
  static bourse_status fetch(void* self, bourse_call* wire, std::size_t dataset,
                             const bourse_value* params) noexcept {
    return guard_call<T>(self, wire, [&](const Instance<T>& instance, Call& call) {
      if constexpr (Fetches<T>) {
        instance.self.fetch(call, dataset, Values(instance.params_of_dataset(dataset), params));
      }
    });
  }
  static bourse_status render(void* self, bourse_call* wire, const bourse_value* params,
                              const bourse_report* report) noexcept {
    return guard_call<T>(self, wire, [&](const Instance<T>& instance, Call& call) {
      if constexpr (Renders<T>) {
        instance.self.render(call, Values(params_of<T>(), params), ReportView(*report));
      }
    });
  }

  template <class Tag>
  static const void* offer(std::string_view id) noexcept {
    return id == Extension<Tag, T>::kId ? &Extension<Tag, T>::kTable : nullptr;
  }
  static const void* extension(void*, const char* wanted) noexcept {
    const std::string_view id = view(wanted);
    const void* found = nullptr;
    if constexpr (Collects<T>) found = offer<MetricsTag>(id);
    if constexpr (Probes<T> || HasExamples<T>) found = found ? found : offer<ProbeTag>(id);
    if constexpr (Watches<T>) found = found ? found : offer<WatchTag>(id);
    if constexpr (Performs<T>) found = found ? found : offer<TasksTag>(id);
    if constexpr (ListsDatasets<T>) found = found ? found : offer<DatasetsTag>(id);
    if constexpr (TellsSchema<T>) found = found ? found : offer<SchemaTag>(id);
    return found;
  }
  static constexpr bool kExtends = Collects<T> || Probes<T> || HasExamples<T> || Watches<T> ||
                                   Performs<T> || ListsDatasets<T> || TellsSchema<T>;

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
    if constexpr (kExtends) c.extension = extension;
    if constexpr (TellsReturns<T>) {
      using Told = ReturnsOf<T>;
      c.n_scalars = Told::kScalars.size();
      c.scalars = Told::kScalars.data();
      c.n_tables = Told::kTablePointers.size();
      c.tables = Told::kTablePointers.data();
    }
    return c;
  }
  static constexpr bourse_component kComponent = component();
};

template <class T>
constexpr const bourse_component* component_of() {
  if constexpr (Rules<T>::kAll) {
    return &Glue<T>::kComponent;
  } else {
    return nullptr;  // is_component has the words for it
  }
}
template <class... T>
inline constexpr std::array<const bourse_component*, sizeof...(T)> kComponents = {
    component_of<T>()...};

/// Name, version and minor as BOURSE_MANIFEST writes them. Info returns a PluginInfo.
template <class Info>
consteval auto manifest(Info) {
  constexpr PluginInfo kInfo = Info{}();
  static_assert(kInfo.name != nullptr && kInfo.version != nullptr,
                "a plugin has a name and a version: PluginInfo{.name = ..., .version = ...}");
  constexpr std::string_view kParts[] = {"abi=" BOURSE_TEXT_OF(BOURSE_ABI_MAJOR),
                                         "minor=" BOURSE_TEXT_OF(BOURSE_TARGET_MINOR),
                                         "name=", "version="};
  constexpr std::string_view kName = kInfo.name == nullptr ? "" : kInfo.name;
  constexpr std::string_view kVersion = kInfo.version == nullptr ? "" : kInfo.version;
  constexpr std::size_t kBytes = kParts[0].size() + kParts[1].size() + kParts[2].size() +
                                 kParts[3].size() + kName.size() + kVersion.size() + 5;
  std::array<char, kBytes> out{};
  std::size_t at = 0;
  const auto write = [&](std::string_view text) {
    for (const char c : text) out[at++] = c;
  };
  write(kParts[0]);
  ++at;
  write(kParts[1]);
  ++at;
  write(kParts[2]);
  write(kName);
  ++at;
  write(kParts[3]);
  write(kVersion);
  return out;
}

template <class... T>
consteval bool are_components() {
  static_assert(sizeof...(T) > 0, "a plugin has at least one component");
  return (is_component<T>() && ...);
}

template <class Info, class... T>
struct PluginOf {
  static constexpr PluginInfo kInfo = Info{}();

  static bourse_status init(const bourse_host* host, bourse_call* wire) noexcept {
    return guard(host, wire, [&] {
      Call call(host, wire);
      kInfo.init(Host(host), call);
    });
  }
  static void deinit() noexcept {
    guard_silently([] { kInfo.deinit(); });
  }

  static constexpr bourse_plugin plugin() {
    bourse_plugin p{sizeof(bourse_plugin),
                    BOURSE_TARGET_MINOR,
                    kInfo.name,
                    kInfo.version,
                    kInfo.vendor,
                    kInfo.license,
                    kInfo.url,
                    __VERSION__,
                    sizeof...(T),
                    kComponents<T...>.data(),
                    nullptr,
                    nullptr};
    if constexpr (kInfo.init != nullptr) p.init = init;
    if constexpr (kInfo.deinit != nullptr) p.deinit = deinit;
    return p;
  }
  static constexpr bourse_plugin kPlugin = plugin();
};

}  // namespace detail

}  // namespace bourse::inline sdk_0_1

/// Exactly once in a plugin, outside any namespace: BOURSE_PLUGIN("acme.trend", "1.0.0", Sma, Ema)
#define BOURSE_PLUGIN(name_text, version_text, ...)                                      \
  BOURSE_PLUGIN_WITH((::bourse::PluginInfo{.name = name_text, .version = version_text}), \
                     __VA_ARGS__)

/// Or this, for a plugin that has more to say:
///   constexpr bourse::PluginInfo kInfo{.name = "acme.trend", .version = "1.0.0", .vendor = "Acme",
///                                      .license = "MIT", .init = start, .deinit = stop};
///   BOURSE_PLUGIN_WITH(kInfo, Sma, Ema)
#define BOURSE_PLUGIN_WITH(info, ...)                                                      \
  static_assert(::bourse::detail::are_components<__VA_ARGS__>());                          \
  static constexpr auto bourse_plugin_info = [] { return info; };                          \
  __attribute__((used, retain, section("bourse"))) static constexpr auto bourse_manifest = \
      ::bourse::detail::manifest(bourse_plugin_info);                                      \
  extern "C" const bourse_plugin* bourse_plugin_v1(const bourse_host*) {                   \
    return &::bourse::detail::PluginOf<std::remove_const_t<decltype(bourse_plugin_info)>,  \
                                       __VA_ARGS__>::kPlugin;                              \
  }
