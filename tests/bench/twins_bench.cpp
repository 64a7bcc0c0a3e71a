// SPDX-License-Identifier: MIT
//
// Answers written shorter: how much shorter, and in which time, by each coding at its levels. The
// bytes are a technical report of 200 candles. To compare with, in the same run: zlib at its usual
// level, which most servers use for gzip. The levels that are served: host/answers/twins.cpp.
#include <benchmark/benchmark.h>
#include <brotli/encode.h>
#include <libdeflate.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <functional>
#include <string>

#include "plugins/serializers/csv/csv_report.hpp"
#include "plugins/serializers/json/json_report.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"

namespace {

using namespace bourse;
using Write = std::function<std::size_t(const std::string& bytes, std::string& out)>;

std::string written(const std::function<void(const ReportView&, BlockBuffer&)>& write) {
  static const test::ReportPtr report = test::technical_report(200);
  std::string bytes;
  {
    BlockBuffer out([&](std::string_view block) { bytes += block; });
    write(ReportView(report->wire()), out);
  }
  return bytes;
}

const std::string& json_bytes() {
  static const std::string bytes = written([](const ReportView& view, BlockBuffer& out) {
    json::write_report(view, {.layout = json::Layout::kObjects, .pretty = false}, out);
  });
  return bytes;
}
const std::string& csv_bytes() {
  static const std::string bytes = written([](const ReportView& view, BlockBuffer& out) {
    csv::write_report(view, OneTable::of(view, std::nullopt), {}, out);
  });
  return bytes;
}

std::size_t by_zlib(const std::string& bytes, std::string& out, int level) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  deflateEnd(&stream);
  return stream.total_out;
}

std::size_t by_libdeflate(const std::string& bytes, std::string& out, int level) {
  libdeflate_compressor* const compressor = libdeflate_alloc_compressor(level);
  const std::size_t size =
      libdeflate_gzip_compress(compressor, bytes.data(), bytes.size(), out.data(), out.size());
  libdeflate_free_compressor(compressor);
  return size;
}

std::size_t by_brotli(const std::string& bytes, std::string& out, int quality) {
  std::size_t size = out.size();
  BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, bytes.size(),
                        reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                        reinterpret_cast<std::uint8_t*>(out.data()));
  return size;
}

std::size_t by_zstd(const std::string& bytes, std::string& out, int level) {
  return ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level);
}

void measure(benchmark::State& state, const std::string& bytes, const Write& write) {
  std::string out(2 * bytes.size() + 4096, '\0');
  std::size_t size = 0;
  for (auto _ : state) {
    size = write(bytes, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["percent"] = 100.0 * static_cast<double>(size) / static_cast<double>(bytes.size());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}

void add(const std::string& name, const Write& write) {
  benchmark::RegisterBenchmark(("json/" + name).c_str(), [write](benchmark::State& state) {
    measure(state, json_bytes(), write);
  });
  benchmark::RegisterBenchmark(("csv/" + name).c_str(), [write](benchmark::State& state) {
    measure(state, csv_bytes(), write);
  });
}

const bool kAdded = [] {
  using Encoder = std::size_t (*)(const std::string&, std::string&, int);
  const auto levels = [](const std::string& name, Encoder encoder, std::initializer_list<int> of) {
    for (const int level : of) {
      add(name + '/' + std::to_string(level),
          [encoder, level](const auto& bytes, auto& out) { return encoder(bytes, out, level); });
    }
  };
  levels("baseline_zlib", by_zlib, {6});
  levels("gzip_libdeflate", by_libdeflate, {1, 4, 6, 9});
  levels("brotli", by_brotli, {1, 3, 4, 5, 6, 11});
  levels("zstd", by_zstd, {1, 2, 3, 4, 6, 9, 15, 19});
  return true;
}();

}  // namespace
