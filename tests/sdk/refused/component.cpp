// SPDX-License-Identifier: MIT
//
// Components that must not compile. See refused_test.cmake.
#include <array>
#include <cstdint>

#include "bourse/plugin.hpp"
#if BAD != 9
#include "bourse/ext/datasets.hpp"
#include "bourse/ext/metrics.hpp"
#include "bourse/ext/probe.hpp"
#include "bourse/ext/schema.hpp"
#include "bourse/ext/tasks.hpp"
#include "bourse/ext/watch.hpp"
#endif

using namespace bourse;

static constexpr std::array kParams{Param("n", BOURSE_TYPE_I64, "Number.")};
static constexpr Field kCount("count", BOURSE_TYPE_I64);

struct Source {
// BAD 1: a component needs: static constexpr bourse::About about
#if BAD != 1
  static constexpr About about{.id = "source", .title = "Source"};
#endif
// BAD 2: a component has exactly one of run
#if BAD == 2
  void run(Call&, const Values&) const {}
#endif
// BAD 3: a component has exactly one of run
#if BAD == 3
  void fetch(Call&, std::size_t, const Values&) {}
#else
  void fetch(Call&, std::size_t, const Values&) const {}
#endif
// BAD 4: a component is constructed from
#if BAD == 4
  explicit Source(int) {}
#else
  explicit Source(const Values&, Host) {}
#endif
// BAD 5: collect(Metrics&) must be const
#if BAD == 5
  void collect(Metrics&) {}
#else
  void collect(Metrics&) const {}
#endif
// BAD 6: probe(Call&, Findings&) must be const
#if BAD == 6
  void probe(Call&, Findings&) {}
#elif BAD != 9
  void probe(Call&, Findings&) const {}
#endif
#if BAD != 9
// BAD 7: must be const
#if BAD == 7
  std::uint64_t watch(Call&, std::size_t, const Values&, Changed) { return 0; }
#else
  std::uint64_t watch(Call&, std::size_t, const Values&, Changed) const { return 0; }
#endif
// BAD 8: has unwatch(uint64_t), too
#if BAD != 8
  void unwatch(std::uint64_t) const {}
#endif
// BAD 9: the component offers an extension whose header is not included
// BAD 10: a component with tasks has perform
#if BAD != 10
  void perform(Call&, std::size_t, const Values&, Progress&) const {}
#endif
  static constexpr std::array tasks{Task{.name = "t", .title = "T", .params = kParams}};
// BAD 11: list_datasets(Call&, Datasets&) must be const
#if BAD == 11
  void list_datasets(Call&, Datasets&) {}
#else
  void list_datasets(Call&, Datasets&) const {}
#endif
#endif
};

struct Analysis {
  static constexpr About about{.id = "analysis", .title = "Analysis"};
  void run(Call&, const Values&) const {}
// BAD 14: returns is: static constexpr auto returns = bourse::Returns()
// BAD 15: returns names two scalars, two tables or two columns of a table alike
// BAD 16: returns: a table has columns
// BAD 17: returns says nothing
// BAD 18: returns: columns belong to a table
// BAD 19: returns: optional and open are a table's
#if BAD == 14
  static constexpr auto returns = kCount;
#elif BAD == 15
  static constexpr auto returns = Returns().table("t", "T", kCount, kCount);
#elif BAD == 16
  static constexpr auto returns = Returns().table("t", "T");
#elif BAD == 17
  static constexpr auto returns = Returns();
#elif BAD == 18
  static constexpr auto returns = Returns().columns(kCount);
#elif BAD == 19
  static constexpr auto returns = Returns().scalar(kCount).optional();
#else
  static constexpr auto returns = Returns().scalar(kCount).table("t", "T", kCount);
#endif
// BAD 22: schema is a serializer's: it has render
#if BAD == 22
  void schema(Call&, const Values&, const Shape&) const {}
#endif
// BAD 12: probe, watch and list_datasets are a source's
#if BAD == 12
  void probe(Call&, Findings&) const {}
#elif BAD != 9
  void collect(Metrics&) const {}
#endif
};

#if BAD != 9
struct Serializer {
  static constexpr About about{.id = "s", .title = "S", .media_type = "a/b", .suffix = "s"};
  void render(Call&, const Values&, ReportView) const {}
// BAD 20: schema(Call&, const Values&, const Shape&) must be const
#if BAD == 20
  void schema(Call&, const Values&, const Shape&) {}
#else
  void schema(Call&, const Values&, const Shape&) const {}
#endif
// BAD 21: returns is an analysis'
#if BAD == 21
  static constexpr auto returns = Returns().scalar(kCount);
#endif
};
#else
using Serializer = Source;
#endif

// BAD 13: a plugin has a name and a version
#if BAD == 13
static constexpr PluginInfo kInfo{.name = "fixture.refused", .version = nullptr};
#else
static constexpr PluginInfo kInfo{.name = "fixture.refused", .version = "1.0.0"};
#endif

BOURSE_PLUGIN_WITH(kInfo, Source, Analysis, Serializer)
