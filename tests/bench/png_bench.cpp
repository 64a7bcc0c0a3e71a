// SPDX-License-Identifier: MIT
//
// A figure from report to file, and its three parts. Compare with matplotlib_technical.py.
#include <benchmark/benchmark.h>

#include <utility>
#include <vector>

#include "plugins/serializers/charting/scene.hpp"
#include "plugins/serializers/png/encode.hpp"
#include "plugins/serializers/png/memory_pool.hpp"
#include "plugins/serializers/png/paint.hpp"
#include "tests/plugins/serializers/charting/sample_reports.hpp"

namespace bourse::png {
namespace {

using charting::build_scene;
using charting::Scene;
using test::ReportPtr;

/// As the plugin does it.
void whole(benchmark::State& state, const ReportPtr& report) {
  warm_up_fonts();
  MemoryPool pool;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const Scene scene = build_scene(report->wire(), {});
    Image image = paint(scene, 1, pool.take());
    bytes = encode(image, {.title = scene.title, .description = scene.description()}).size();
    pool.give(std::move(image.bytes));
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void technical(benchmark::State& state) {
  whole(state, test::technical_sample({.rows = static_cast<std::size_t>(state.range(0))}));
}
void statistics(benchmark::State& state) { whole(state, test::statistics_sample(5)); }
void correlation(benchmark::State& state) {
  whole(state, test::correlation_sample(static_cast<std::size_t>(state.range(0))));
}
void depth(benchmark::State& state) {
  whole(state, test::depth_sample(static_cast<std::size_t>(state.range(0))));
}
void line(benchmark::State& state) {
  std::vector<double> values(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i * i % 1009);
  whole(state, test::line_sample(values));
}

void technical_layout(benchmark::State& state) {
  const auto report = test::technical_sample({.rows = 200});
  for (auto _ : state) benchmark::DoNotOptimize(build_scene(report->wire(), {}));
}
void technical_drawing(benchmark::State& state) {
  const Scene scene = build_scene(test::technical_sample({.rows = 200})->wire(), {});
  warm_up_fonts();
  for (auto _ : state) benchmark::DoNotOptimize(paint(scene, 1));
}
void technical_encoding(benchmark::State& state) {
  const Image image = paint(build_scene(test::technical_sample({.rows = 200})->wire(), {}), 1);
  for (auto _ : state) benchmark::DoNotOptimize(encode(image, {}));
}

BENCHMARK(technical)->Arg(50)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(statistics)->Unit(benchmark::kMillisecond);
BENCHMARK(correlation)->Arg(8)->Arg(50)->Unit(benchmark::kMillisecond);
BENCHMARK(depth)->Arg(100)->Arg(5000)->Unit(benchmark::kMillisecond);
BENCHMARK(line)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(technical_layout)->Unit(benchmark::kMillisecond);
BENCHMARK(technical_drawing)->Unit(benchmark::kMillisecond);
BENCHMARK(technical_encoding)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bourse::png
