// SPDX-License-Identifier: MIT
//
// What the host's own part of a call costs: no HTTP, no thread, plugins that do nothing.
//
//   IndirectCall    the baseline: the plugin's function through a pointer, nothing around it
//   ForeignCall     the same, within what surrounds each call into a plugin: who is at work, and a
//                   look at the floating-point control afterwards
//   GuardedCall     the same, within the catching of exceptions alone
//   EmptyAnalysis   the same function as an analysis: call, report, judgement
//   EmptyAnswer     the same, rendered by a serializer that writes one byte
//   OneQuery        an analysis that asks a source for a table of one row
//   Paging/N/R      an analysis that asks for N pages of 5000 candles; R: it gives each back.
//                   peak_MB is how far the process grew above what it had before
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/calls/call.hpp"
#include "host/calls/job.hpp"
#include "host/calls/sources.hpp"
#include "host/plugins/foreign_call.hpp"

namespace bourse::host {
namespace {

constexpr std::int64_t kPageRows = 5000;

const bourse_host& functions() { return plugin_host().table; }

constexpr bourse_str str(std::string_view text) { return {text.data(), text.size()}; }

void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "call_bench: %s\n", what);
  std::abort();
}

// ---- plugins ------------------------------------------------------------------------------------

bourse_status empty_run(void*, bourse_call*, const bourse_value*) { return BOURSE_OK; }

bourse_status one_byte(void*, bourse_call* call, const bourse_value*, const bourse_report*) {
  return functions().write(call, str("x"));
}

constexpr bourse_field field(const char* name, bourse_type type, std::int32_t scale = 0) {
  bourse_field f{};
  f.size = sizeof f;
  f.type = type;
  f.scale = scale;
  f.name = name;
  return f;
}
// The fixed-size columns of a candle, as market.h has them.
constexpr bourse_field kFields[] = {
    field("open_time", BOURSE_TYPE_TIME),   field("open", BOURSE_TYPE_DECIMAL, 8),
    field("high", BOURSE_TYPE_DECIMAL, 8),  field("low", BOURSE_TYPE_DECIMAL, 8),
    field("close", BOURSE_TYPE_DECIMAL, 8), field("volume", BOURSE_TYPE_DECIMAL, 8),
    field("close_time", BOURSE_TYPE_TIME),  field("quote_volume", BOURSE_TYPE_DECIMAL, 8),
    field("trades", BOURSE_TYPE_I64)};
constexpr std::size_t kColumns = std::size(kFields);

/// `params[0]` rows. The columns are made once: the measure is of the host.
bourse_status candles_fetch(void*, bourse_call* call, std::size_t, const bourse_value* params) {
  static const std::vector<std::int64_t> kNumbers(kPageRows, 1'700'000'000'000'000'000);
  static const std::vector<bourse_i128> kDecimals(kPageRows, bourse_i128{9'238'289'000'000, 0});
  bourse_array columns[kColumns];
  const bourse_field* fields[kColumns];
  for (std::size_t i = 0; i < kColumns; ++i) {
    fields[i] = &kFields[i];
    const bool decimal = kFields[i].type == BOURSE_TYPE_DECIMAL;
    columns[i] = {decimal ? static_cast<const void*>(kDecimals.data()) : kNumbers.data(), nullptr};
  }
  bourse_table table{};
  table.size = sizeof table;
  table.name = "candles";
  table.n_fields = kColumns;
  table.fields = fields;
  table.n_rows = static_cast<std::size_t>(params[0].as.i64);
  table.columns = columns;
  return functions().table(call, &table, nullptr);
}

/// `params`: pages, rows of each, whether each is given back.
bourse_status paging_run(void*, bourse_call* call, const bourse_value* params) {
  const bourse_arg arg = {str("rows"), params[1]};
  const bourse_query query = {sizeof query, 0, str("candles"), {}, 1, &arg};
  const bourse_query* const one = &query;
  for (std::int64_t i = 0; i < params[0].as.i64; ++i) {
    bourse_answer answer{};
    if (const bourse_status status = functions().query(call, 1, &one, &answer)) return status;
    if (params[2].as.i64 == 0) continue;
    if (const bourse_status status = functions().release(call, answer.report)) return status;
  }
  return BOURSE_OK;
}

// ---- the host's side ----------------------------------------------------------------------------

std::shared_ptr<Component> component(bourse_kind kind, const char* id) {
  auto made = std::make_shared<Component>();
  made->kind = kind;
  made->host = &functions();
  made->plugin = "bench.calls";
  made->id = id;
  made->title = id;
  return made;
}

std::shared_ptr<Instance> instance(std::shared_ptr<const Component> of) {
  auto made = Instance::create(std::move(of), nullptr, {});
  check(made.ok(), "an instance could not be made");
  return *std::move(made);
}

std::shared_ptr<Source> candles() {
  auto made = component(BOURSE_KIND_SOURCE, "candles");
  made->fetch = candles_fetch;
  Dataset dataset{.name = "candles"};
  dataset.params = {Parameter{.name = "rows", .type = BOURSE_TYPE_I64}};
  for (const bourse_field& f : kFields) {
    dataset.fields.push_back(Field{.name = f.name, .type = f.type, .scale = f.scale});
  }
  made->datasets = {dataset};
  return std::make_shared<Source>("market", instance(std::move(made)));
}

Job empty_job() {
  auto analysis = component(BOURSE_KIND_ANALYSIS, "empty");
  analysis->run = empty_run;
  auto serializer = component(BOURSE_KIND_SERIALIZER, "one-byte");
  serializer->render = one_byte;
  serializer->media_type = "text/plain";
  Job job;
  job.analysis = instance(std::move(analysis));
  job.serializer = instance(std::move(serializer));
  job.sources = std::make_shared<Sources>();
  return job;
}

Job paging_job(std::int64_t pages, std::int64_t rows, bool releases) {
  Job job = empty_job();
  auto analysis = component(BOURSE_KIND_ANALYSIS, "paging");
  analysis->run = paging_run;
  analysis->params = {Parameter{.name = "pages", .type = BOURSE_TYPE_I64},
                      Parameter{.name = "rows", .type = BOURSE_TYPE_I64},
                      Parameter{.name = "releases", .type = BOURSE_TYPE_BOOL}};
  job.analysis = instance(std::move(analysis));
  job.analysis_arguments =
      Arguments({"pages", "rows", "releases"},
                {Value::integer(pages), Value::integer(rows), Value::boolean(releases)});
  job.source = candles();
  return job;
}

// ---- time ---------------------------------------------------------------------------------------

void IndirectCall(benchmark::State& state) {
  decltype(bourse_component::run) run = empty_run;
  for (auto _ : state) {
    benchmark::DoNotOptimize(run);
    benchmark::DoNotOptimize(run(nullptr, nullptr, nullptr));
  }
}
BENCHMARK(IndirectCall);

void ForeignCallAround(benchmark::State& state) {
  decltype(bourse_component::run) run = empty_run;
  Foreigner& who = foreigner("bench.calls/empty");
  for (auto _ : state) {
    benchmark::DoNotOptimize(run);
    const auto status = call_foreign(who, "bench.calls/empty", "run", CallWeight::kUsual,
                                     [&] { return run(nullptr, nullptr, nullptr); });
    benchmark::DoNotOptimize(status.ok());
  }
}
BENCHMARK(ForeignCallAround)->Name("ForeignCall");

/// What guarded() costs without it: the difference to the one above is the look.
void GuardedCall(benchmark::State& state) {
  decltype(bourse_component::run) run = empty_run;
  for (auto _ : state) {
    benchmark::DoNotOptimize(run);
    const auto status = guarded([&] { return run(nullptr, nullptr, nullptr); });
    benchmark::DoNotOptimize(status.ok());
  }
}
BENCHMARK(GuardedCall);

void EmptyAnalysis(benchmark::State& state) {
  const Job job = empty_job();
  const Context context;
  for (auto _ : state) {
    const auto answer = analyse(job, context, nullptr);
    check(answer.ok(), "the empty analysis failed");
    benchmark::DoNotOptimize(answer->report.get());
  }
}
BENCHMARK(EmptyAnalysis);

void EmptyAnswer(benchmark::State& state) {
  const Job job = empty_job();
  const Context context;
  for (auto _ : state) {
    const auto rendered = perform(job, context, nullptr);
    check(rendered.ok() && rendered->bytes == "x", "the empty answer failed");
  }
}
BENCHMARK(EmptyAnswer);

void OneQuery(benchmark::State& state) {
  const Job job = paging_job(1, 1, true);
  const Context context;
  for (auto _ : state) check(analyse(job, context, nullptr).ok(), "the query failed");
}
BENCHMARK(OneQuery);

// ---- memory -------------------------------------------------------------------------------------

/// Of /proc/self/status, in MB of 2^20 bytes.
double memory(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::atof(line.c_str() + key.size()) / 1024;
  }
  check(false, "/proc/self/status cannot be read");
  return 0;
}

void reset_peak() {
  std::ofstream file("/proc/self/clear_refs");
  file << 5;
  check(file.flush().good(), "/proc/self/clear_refs cannot be written");
}

void Paging(benchmark::State& state) {
  const Job job = paging_job(state.range(0), kPageRows, state.range(1) != 0);
  const Context context;
  double peak = 0;
  for (auto _ : state) {
    state.PauseTiming();
    reset_peak();
    const double before = memory("VmRSS:");
    state.ResumeTiming();
    check(analyse(job, context, nullptr).ok(), "paging failed");
    state.PauseTiming();
    peak = std::max(peak, memory("VmHWM:") - before);
    state.ResumeTiming();
  }
  state.counters["peak_MB"] = peak;
}
BENCHMARK(Paging)->Args({1, 1})->Args({160, 1})->Args({160, 0})->Iterations(5)->Unit(
    benchmark::kMillisecond);

}  // namespace
}  // namespace bourse::host
