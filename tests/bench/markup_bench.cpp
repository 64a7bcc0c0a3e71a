// SPDX-License-Identifier: MIT
//
// XML in bytes of output a second, on 100,000 rows of mixed columns and on what a technical
// analysis of 1000 candles sends. To compare with, in the same run: copying the same bytes, and
// libxml2's writer asked to write every cell itself.
#include <benchmark/benchmark.h>
#include <libxml/xmlwriter.h>

#include <cstring>
#include <string>
#include <vector>

#include "plugins/serializers/html/html_page.hpp"
#include "plugins/serializers/xml/xml_report.hpp"
#include "plugins/serializers/xml/xml_text.hpp"
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

void run_xml(benchmark::State& state, const bourse_report& report) {
  measure(state, [&](BlockBuffer& out) { xml::write_report(ReportView(report), {}, out); });
}
void xml_rows(benchmark::State& s) { run_xml(s, large()); }
void xml_technical(benchmark::State& s) { run_xml(s, technical()); }

void run_html(benchmark::State& state, const bourse_report& report, std::size_t rows) {
  static const html::Assets assets;
  measure(state, [&](BlockBuffer& out) {
    html::Page(ReportView(report), assets, {.theme = {}, .tables = {.rows_max = rows}}).write(out);
  });
}
void html_rows(benchmark::State& s) { run_html(s, large(), 100'000); }
void html_first_rows(benchmark::State& s) { run_html(s, large(), 1'000); }
void html_technical(benchmark::State& s) { run_html(s, technical(), 1'000); }

void copy_xml_bytes(benchmark::State& state) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  xml::write_report(ReportView(large()), {}, out);
  std::vector<char> to(bytes.size());
  for (auto _ : state) {
    std::memcpy(to.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}

const xmlChar* bytes_of(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

void write_row(xmlTextWriter* writer, TableView table, std::size_t row) {
  xmlTextWriterStartElement(writer, bytes_of("row"));
  std::string text;
  for (std::size_t column = 0; column < table.columns(); ++column) {
    const bourse_value v = table.cell(column, row);
    if (!xml::has_content(v)) continue;
    text.clear();
    if (v.type == BOURSE_TYPE_TEXT) {
      text = view(v.as.text);
    } else {
      xml::append_plain(text, v);
    }
    xmlTextWriterWriteElement(writer, bytes_of(table.field(column).name), bytes_of(text.c_str()));
  }
  xmlTextWriterEndElement(writer);
}

/// The same rows, every cell by libxml2, into memory that is emptied as BlockBuffer is.
void libxml2_writer(benchmark::State& state) {
  const TableView table(*large().tables[0]);
  std::size_t bytes = 0;
  for (auto _ : state) {
    xmlBuffer* const buffer = xmlBufferCreate();
    xmlTextWriter* const writer = xmlNewTextWriterMemory(buffer, 0);
    xmlTextWriterStartElement(writer, bytes_of("table"));
    for (std::size_t row = 0; row < table.rows(); ++row) {
      write_row(writer, table, row);
      if (xmlBufferLength(buffer) < static_cast<int>(BlockBuffer::kBytes)) continue;
      bytes += static_cast<std::size_t>(xmlBufferLength(buffer));
      xmlBufferEmpty(buffer);
    }
    xmlTextWriterEndElement(writer);
    xmlTextWriterFlush(writer);
    bytes += static_cast<std::size_t>(xmlBufferLength(buffer));
    xmlFreeTextWriter(writer);
    xmlBufferFree(buffer);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

BENCHMARK(xml_rows)->Unit(benchmark::kMillisecond);
BENCHMARK(xml_technical)->Unit(benchmark::kMicrosecond);
BENCHMARK(html_rows)->Unit(benchmark::kMillisecond);
BENCHMARK(html_first_rows)->Unit(benchmark::kMicrosecond);
BENCHMARK(html_technical)->Unit(benchmark::kMicrosecond);
BENCHMARK(copy_xml_bytes)->Unit(benchmark::kMillisecond);
BENCHMARK(libxml2_writer)->Unit(benchmark::kMillisecond);

}  // namespace
