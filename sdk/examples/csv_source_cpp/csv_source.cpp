// SPDX-License-Identifier: MIT
//
// A source: candles out of SYMBOL.csv in a folder, one a line, oldest first, without a head:
// time,open,high,low,close,volume - RFC 3339 and decimals.
#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "bourse/plugin.hpp"
#include "bourse/read.hpp"
#include "bourse/reads.hpp"
#include "bourse/symbols.hpp"

using std::string;

struct CsvFiles {
  static constexpr bourse::About about{
      .id = "csv-files", .title = "CSV files", .flags = BOURSE_COMPONENT_BLOCKING};
  static constexpr std::array config{
      bourse::Param("folder", BOURSE_TYPE_TEXT, "Of the files.").required(),
      bourse::Param("interval", BOURSE_TYPE_TEXT, "Of their candles.").with_default("1h")};
  static constexpr std::array datasets{
      &bourse::reads<"candles", "open_time", "open", "high", "low", "close", "volume">};

  string folder, interval;
  explicit CsvFiles(const bourse::Values& values)
      : folder(values.text("folder")), interval(values.text("interval")) {}

  void fetch(bourse::Call& call, std::size_t, const bourse::Values& values) const {
    const string name(values.text("symbol"));
    std::ifstream file(bourse::is_symbol(name) ? folder + "/" + name + ".csv" : "");
    if (!file) throw bourse::Error(BOURSE_NOT_FOUND, "symbol_not_found", "No " + name + ".csv.");
    if (values.text("interval") != interval) {
      throw bourse::Error(BOURSE_UNPROCESSABLE, "no_interval", "There is only " + interval + ".");
    }
    const bool oldest = values.given("start");  // else the newest `limit`
    const auto limit = static_cast<std::size_t>(values.integer("limit"));
    std::vector<bourse::Time> times;
    std::array<std::vector<bourse::Decimal>, 5> numbers;
    for (string line; std::getline(file, line) && !(oldest && times.size() == limit);) {
      std::size_t comma = line.find(',');
      const auto time = bourse::read_time(line.substr(0, comma));
      if (!time) throw bourse::Error(BOURSE_UPSTREAM, "bad_file", "No time begins: " + line);
      if (oldest && *time < values.time("start")) continue;
      if (values.given("end") && *time > values.time("end")) break;
      times.push_back(*time);
      for (auto& column : numbers) {
        const string rest = comma == string::npos ? "" : line.substr(comma + 1);
        column.push_back(bourse::Decimal::from(rest.substr(0, rest.find(','))));  // throws
        comma = line.find(',', comma + 1);
      }
    }
    const std::size_t first = times.size() > limit ? times.size() - limit : 0;
    bourse::TableBuilder table("candles", "Candles");
    table.column(bourse_candles_open_time, std::span(times).subspan(first));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      table.column(*bourse_candles_fields[i + 1], std::span(numbers[i]).subspan(first));
    }
    call.add(table);
  }
};

BOURSE_PLUGIN("example.csv-files", "1.0.0", CsvFiles)
