// SPDX-License-Identifier: MIT
//
// JSON, CSV and workbooks in bytes of output a second, on 100,000 rows of mixed columns and on what
// a technical analysis of 1000 candles sends. To compare with, in the same run: copying the same
// bytes, and RapidJSON's own Writer on the same values held as plain numbers.
#include <benchmark/benchmark.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "plugins/serializers/csv/csv_report.hpp"
#include "plugins/serializers/json/json_records.hpp"
#include "plugins/serializers/json/json_report.hpp"
#include "plugins/serializers/xlsx/workbook.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"

namespace {

using namespace bourse;

const bourse_report& large() {
  static const test::ReportPtr report = test::large_report(100'000);
  return report->wire();
}
const bourse_report& technical() {
  static const test::ReportPtr report = test::technical_report(1'000);
  return report->wire();
}

template <class Write>
void measure(benchmark::State& state, const Write& write) {
  std::size_t bytes = 0;
  for (auto _ : state) {
    BlockBuffer out([&](std::string_view block) {
      bytes += block.size();
      benchmark::DoNotOptimize(block.data());
    });
    write(out);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
}

void run_json(benchmark::State& state, const bourse_report& report, json::Layout layout) {
  measure(state, [&](BlockBuffer& out) {
    json::write_report(ReportView(report), {.layout = layout, .pretty = false}, out);
  });
}
void run_csv(benchmark::State& state, const bourse_report& report) {
  measure(state, [&](BlockBuffer& out) {
    const ReportView view(report);
    csv::write_report(view, OneTable::of(view, std::nullopt), {}, out);
  });
}

void json_objects(benchmark::State& s) { run_json(s, large(), json::Layout::kObjects); }
void json_arrays(benchmark::State& s) { run_json(s, large(), json::Layout::kArrays); }
void json_columns(benchmark::State& s) { run_json(s, large(), json::Layout::kColumns); }
void json_lines(benchmark::State& state) {
  measure(state, [&](BlockBuffer& out) {
    const ReportView view(large());
    json::write_lines(view, OneTable::of(view, std::nullopt), out);
  });
}
void xlsx_rows(benchmark::State& state) {
  measure(state, [&](BlockBuffer& out) { xlsx::write_workbook(ReportView(large()), out); });
}
void csv_rows(benchmark::State& s) { run_csv(s, large()); }
void json_technical(benchmark::State& s) { run_json(s, technical(), json::Layout::kObjects); }
void csv_technical(benchmark::State& s) { run_csv(s, technical()); }

void copy_json_bytes(benchmark::State& state) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  json::write_report(ReportView(large()), {}, out);
  std::vector<char> to(bytes.size());
  for (auto _ : state) {
    std::memcpy(to.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}

/// The same rows with keys, times and decimals as doubles: what a program without exact numbers
/// would send.
void rapidjson_writer(benchmark::State& state) {
  const TableView table(*large().tables[0]);
  const auto times = table.times("time"), counts = table.integers("trades");
  const auto changes = table.reals("change_percent");
  const auto symbols = table.texts("symbol");
  const char* const names[] = {"open", "high", "low", "close", "volume"};
  std::vector<std::vector<double>> amounts;
  for (const char* name : names) amounts.push_back(table.decimals(name).to_doubles());
  std::size_t bytes = 0;
  for (auto _ : state) {
    rapidjson::StringBuffer out;
    rapidjson::Writer<rapidjson::StringBuffer> writer(out);
    writer.StartArray();
    for (std::size_t row = 0; row < table.rows(); ++row) {
      writer.StartObject();
      writer.Key("time");
      writer.Int64(times[row]);
      for (std::size_t i = 0; i < amounts.size(); ++i) {
        writer.Key(names[i]);
        if (std::isnan(amounts[i][row])) {
          writer.Null();
        } else {
          writer.Double(amounts[i][row]);
        }
      }
      writer.Key("trades");
      writer.Int64(counts[row]);
      writer.Key("change_percent");
      writer.Double(changes[row]);
      writer.Key("symbol");
      writer.String(symbols[row].ptr, static_cast<rapidjson::SizeType>(symbols[row].len));
      writer.EndObject();
    }
    writer.EndArray();
    bytes += out.GetSize();
    benchmark::DoNotOptimize(out.GetString());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

// One value each, of full precision where it has one.
template <class Write>
void one_value(benchmark::State& state, const Write& write) {
  char text[128];
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(write(text, i++ % 1'000));
}
void one_real(benchmark::State& state) {
  const auto reals = TableView(*technical().tables[0]).reals("indicator_6");
  one_value(state, [&](char* text, std::size_t i) { return write_real(text, reals[i]); });
}
void one_decimal(benchmark::State& state) {
  const auto decimals = TableView(*technical().tables[0]).decimals("indicator_0");
  one_value(state,
            [&](char* text, std::size_t i) { return write_decimal(text, decimals.data()[i], 8); });
}
void one_time(benchmark::State& state) {
  const auto times = TableView(*technical().tables[0]).times("open_time");
  one_value(state, [&](char* text, std::size_t i) { return write_time(text, Time{times[i]}); });
}

BENCHMARK(json_objects)->Unit(benchmark::kMillisecond);
BENCHMARK(json_arrays)->Unit(benchmark::kMillisecond);
BENCHMARK(json_columns)->Unit(benchmark::kMillisecond);
BENCHMARK(json_lines)->Unit(benchmark::kMillisecond);
BENCHMARK(xlsx_rows)->Unit(benchmark::kMillisecond);
BENCHMARK(csv_rows)->Unit(benchmark::kMillisecond);
BENCHMARK(json_technical)->Unit(benchmark::kMicrosecond);
BENCHMARK(csv_technical)->Unit(benchmark::kMicrosecond);
BENCHMARK(copy_json_bytes)->Unit(benchmark::kMillisecond);
BENCHMARK(rapidjson_writer)->Unit(benchmark::kMillisecond);
BENCHMARK(one_real);
BENCHMARK(one_decimal);
BENCHMARK(one_time);

}  // namespace
