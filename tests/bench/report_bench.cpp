// SPDX-License-Identifier: MIT
//
// Rows into a report, through the functions that plugins call, and what each column costs.
// Baseline: memcpy of the same bytes into memory that is as fresh as the report's, which is mostly
// page faults: no report can be had for less.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/report/builder.hpp"
#include "host/report/pages.hpp"

namespace bourse::host {
namespace {

// Large blocks come from the system, and go back to it, every time: malloc would keep those of the
// iteration before, and nothing would be fresh.
[[maybe_unused]] const int kAlwaysFresh = mallopt(M_MMAP_THRESHOLD, 128 << 10);

constexpr std::size_t kRows = 1'000'000;

/// What a plugin has: columns of each type, and texts of four kinds.
struct Data {
  std::vector<std::int64_t> integers = std::vector<std::int64_t>(kRows);
  std::vector<double> reals = std::vector<double>(kRows);
  std::vector<bourse_i128> decimals = std::vector<bourse_i128>(kRows);
  std::vector<std::uint8_t> booleans = std::vector<std::uint8_t>(kRows);
  std::vector<std::uint8_t> one_in_nine_null = std::vector<std::uint8_t>(kRows / 8 + 1);
  std::vector<std::string> words;
  std::vector<bourse_str> in_runs, in_turn, distinct, foreign;

  Data() {
    static const char* const kSymbols[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT"};
    words.reserve(2 * kRows);
    for (std::size_t i = 0; i < kRows; ++i) {
      integers[i] = static_cast<std::int64_t>(i);
      reals[i] = static_cast<double>(i) / 7;
      decimals[i] = {i * 1'000'003, 0};
      booleans[i] = i % 2;
      if (i % 9 != 0) one_in_nine_null[i / 8] |= static_cast<std::uint8_t>(1U << (i % 8));
      in_runs.push_back(text(kSymbols[i / 1000 % 4]));
      in_turn.push_back(text(kSymbols[i % 4]));
      distinct.push_back(text(words.emplace_back("order-" + std::to_string(i))));
      foreign.push_back(text(words.emplace_back("\u00FCber " + std::to_string(i))));
    }
  }
  static bourse_str text(std::string_view characters) {
    return {characters.data(), characters.size()};
  }
};

const Data& data() {
  static const Data kData;
  return kData;
}

struct Column {
  bourse_type type;
  const void* data;
  std::size_t width;
  const std::uint8_t* valid = nullptr;
};

std::vector<Column> fixed_columns() {
  const Data& d = data();
  return {{BOURSE_TYPE_TIME, d.integers.data(), 8},     {BOURSE_TYPE_I64, d.integers.data(), 8},
          {BOURSE_TYPE_F64, d.reals.data(), 8},         {BOURSE_TYPE_F64, d.reals.data(), 8},
          {BOURSE_TYPE_DECIMAL, d.decimals.data(), 16}, {BOURSE_TYPE_BOOL, d.booleans.data(), 1}};
}

std::vector<Column> five_and_a_text(const std::vector<bourse_str>& texts) {
  auto columns = fixed_columns();
  columns.back() = {BOURSE_TYPE_TEXT, texts.data(), sizeof(bourse_str)};
  return columns;
}

/// Builds a report of one table, `block` rows a call.
void build(benchmark::State& state, const std::vector<Column>& columns, std::size_t block) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.size(); ++i) names.push_back("c" + std::to_string(i));
  std::vector<bourse_field> fields;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    bourse_field field{};
    field.size = sizeof field;
    field.type = columns[i].type;
    field.name = names[i].c_str();
    fields.push_back(field);
  }
  std::vector<const bourse_field*> pointers;
  for (const bourse_field& field : fields) pointers.push_back(&field);
  bourse_table table{};
  table.size = sizeof table;
  table.name = "t";
  table.n_fields = pointers.size();
  table.fields = pointers.data();
  std::vector<bourse_array> arrays(columns.size());
  for (auto _ : state) {
    ReportBuilder builder("bench/rows", "Rows");
    bourse_rows rows{sizeof(bourse_rows), 0, block, columns.size(), arrays.data()};
    if (builder.table(&table, &rows.table) != BOURSE_OK) std::abort();
    for (std::size_t row = 0; row < kRows; row += block) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        arrays[i] = {static_cast<const char*>(columns[i].data) + row * columns[i].width,
                     columns[i].valid == nullptr ? nullptr : columns[i].valid + row / 8};
      }
      if (builder.rows(&rows) != BOURSE_OK) std::abort();
    }
    auto report = builder.finish(0);
    if (!report) std::abort();
    benchmark::DoNotOptimize((*report)->wire().tables[0]);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}

/// The same bytes into fresh memory, a piece a column.
void copy_afresh(benchmark::State& state, const std::vector<std::size_t>& widths) {
  const std::vector<char> source(kRows * 32, 'x');
  for (auto _ : state) {
    std::vector<void*> copies;
    for (const std::size_t width : widths) {
      void* const copy = std::malloc(kRows * width);
      if (copy == nullptr) std::abort();
      std::memcpy(copy, source.data(), kRows * width);
      benchmark::DoNotOptimize(copy);
      copies.push_back(copy);
    }
    for (void* const copy : copies) std::free(copy);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}

/// The same bytes into fresh huge pages, a piece a column.
void copy_to_huge_pages(benchmark::State& state, const std::vector<std::size_t>& widths) {
  const std::vector<char> source(kRows * 32, 'x');
  for (auto _ : state) {
    std::vector<std::pair<void*, std::size_t>> copies;
    for (const std::size_t width : widths) {
      const std::size_t bytes = whole_pages(kRows * width);
      void* const copy = map_pages(bytes);
      std::memcpy(copy, source.data(), kRows * width);
      benchmark::DoNotOptimize(copy);
      copies.emplace_back(copy, bytes);
    }
    for (const auto& [copy, bytes] : copies) unmap_pages(copy, bytes);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}

void huge_copy_six(benchmark::State& state) { copy_to_huge_pages(state, {8, 8, 8, 8, 16, 1}); }
void huge_copy_reals(benchmark::State& state) { copy_to_huge_pages(state, {8}); }
void huge_copy_text_structs(benchmark::State& state) {
  copy_to_huge_pages(state, {sizeof(bourse_str)});
}
void copy_six(benchmark::State& state) { copy_afresh(state, {8, 8, 8, 8, 16, 1}); }
void copy_five_and_texts(benchmark::State& state) { copy_afresh(state, {8, 8, 8, 8, 16, 16}); }
void copy_reals(benchmark::State& state) { copy_afresh(state, {8}); }
void copy_text_structs(benchmark::State& state) { copy_afresh(state, {sizeof(bourse_str)}); }

void six_fixed(benchmark::State& state) {
  build(state, fixed_columns(), static_cast<std::size_t>(state.range(0)));
}
void five_and_text_in_runs(benchmark::State& state) {
  build(state, five_and_a_text(data().in_runs), static_cast<std::size_t>(state.range(0)));
}
void five_and_text_distinct(benchmark::State& state) {
  build(state, five_and_a_text(data().distinct), static_cast<std::size_t>(state.range(0)));
}
void reals(benchmark::State& state) {
  build(state, {{BOURSE_TYPE_F64, data().reals.data(), 8}}, kRows);
}
void reals_some_null(benchmark::State& state) {
  build(state, {{BOURSE_TYPE_F64, data().reals.data(), 8, data().one_in_nine_null.data()}}, kRows);
}
void texts(benchmark::State& state, const std::vector<bourse_str>& column) {
  build(state, {{BOURSE_TYPE_TEXT, column.data(), sizeof(bourse_str)}}, kRows);
}
void texts_in_runs(benchmark::State& state) { texts(state, data().in_runs); }
void texts_in_turn(benchmark::State& state) { texts(state, data().in_turn); }
void texts_distinct(benchmark::State& state) { texts(state, data().distinct); }
void texts_not_ascii(benchmark::State& state) { texts(state, data().foreign); }

/// A report that says almost nothing: what every call pays.
void empty_report(benchmark::State& state) {
  for (auto _ : state) {
    ReportBuilder builder("bench/empty", "Empty");
    benchmark::DoNotOptimize(builder.finish(0));
  }
}

BENCHMARK(copy_six)->Unit(benchmark::kMillisecond);
BENCHMARK(huge_copy_six)->Unit(benchmark::kMillisecond);
BENCHMARK(six_fixed)->Arg(kRows)->Arg(1000)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(copy_five_and_texts)->Unit(benchmark::kMillisecond);
BENCHMARK(five_and_text_in_runs)->Arg(kRows)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(five_and_text_distinct)->Arg(kRows)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(copy_reals)->Unit(benchmark::kMillisecond);
BENCHMARK(huge_copy_reals)->Unit(benchmark::kMillisecond);
BENCHMARK(reals)->Unit(benchmark::kMillisecond);
BENCHMARK(reals_some_null)->Unit(benchmark::kMillisecond);
BENCHMARK(copy_text_structs)->Unit(benchmark::kMillisecond);
BENCHMARK(huge_copy_text_structs)->Unit(benchmark::kMillisecond);
BENCHMARK(texts_in_runs)->Unit(benchmark::kMillisecond);
BENCHMARK(texts_in_turn)->Unit(benchmark::kMillisecond);
BENCHMARK(texts_distinct)->Unit(benchmark::kMillisecond);
BENCHMARK(texts_not_ascii)->Unit(benchmark::kMillisecond);
BENCHMARK(empty_report);

}  // namespace
}  // namespace bourse::host
