// SPDX-License-Identifier: MIT
//
// Every column, row and case of reference.py, a second implementation in decimal arithmetic.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

struct Case {
  std::string name;
  Settings settings;
  std::vector<std::string> columns;
  std::vector<std::int64_t> open_times;
  Doubles highs, lows, closes, volumes;
  std::vector<Doubles> expected;  ///< by column, then by row
  [[nodiscard]] Candles candles() const { return {open_times, highs, lows, closes, volumes}; }
};

Settings read_settings(std::istringstream line) {
  std::map<std::string, std::string> by_name;
  for (std::string word; line >> word;) {
    const auto equals = word.find('=');
    by_name[word.substr(0, equals)] = word.substr(equals + 1);
  }
  const auto count = [&](const char* name) { return std::stoul(by_name.at(name)); };
  Settings s;
  s.sma_fast = count("sma_fast");
  s.sma_slow = count("sma_slow");
  s.rsi_period = count("rsi_period");
  s.rsi_method = by_name.at("rsi_method") == "cutler" ? RsiMethod::kCutler : RsiMethod::kWilder;
  s.macd = {count("macd_fast"), count("macd_slow"), count("macd_signal")};
  s.bollinger_period = count("bollinger_period");
  s.bollinger_deviations = std::stod(by_name.at("bollinger_deviations"));
  s.atr_period = count("atr_period");
  s.stochastic = {count("stochastic_period"), count("stochastic_smoothing"),
                  count("stochastic_signal")};
  return s;
}

void read_row(std::istringstream line, Case& into) {
  std::string word;
  line >> word;
  into.open_times.push_back(std::stoll(word));
  for (Doubles* column : {&into.highs, &into.lows, &into.closes, &into.volumes}) {
    line >> word;
    column->push_back(std::stod(word));
  }
  for (Doubles& column : into.expected) {
    line >> word;
    column.push_back(std::strtod(word.c_str(), nullptr));
  }
  ASSERT_TRUE(line) << "a short row in case " << into.name;
}

std::vector<Case> read_cases() {
  std::ifstream file(BOURSE_TECHNICAL_REFERENCE);
  std::vector<Case> cases;
  for (std::string text; std::getline(file, text);) {
    std::istringstream line(text);
    std::string word;
    line >> word;
    if (word == "case") {
      line >> cases.emplace_back().name;
    } else if (word == "settings") {
      cases.back().settings = read_settings(std::move(line));
    } else if (word == "columns") {
      while (line >> word) cases.back().columns.push_back(word);
      cases.back().expected.resize(cases.back().columns.size());
    } else if (word != "end") {
      read_row(std::istringstream(text), cases.back());
    }
  }
  return cases;
}

/// What a correctly rounded input and 16 digits leave of a difference of nearly equal numbers.
double rounding_floor(const Case& c, Column column, std::size_t row) {
  const auto at = [&](Column other) { return c.expected[static_cast<std::size_t>(other)][row]; };
  switch (column) {
    case Column::kMacd:
    case Column::kMacdSignal:
    case Column::kMacdHistogram:
      return 1e-12 * std::max(at(Column::kEmaFast), at(Column::kEmaSlow));
    case Column::kBollingerLower:
      return 1e-12 * at(Column::kBollingerUpper);
    case Column::kBollingerPercentB:
      return 1e-9;
    case Column::kRsi:
    case Column::kStochasticK:
    case Column::kStochasticD:
      return 1e-9;
    case Column::kObv: {
      double traded = 0;
      for (std::size_t r = 0; r <= row; ++r) traded += c.volumes[r];
      return 1e-15 * traded;
    }
    default:
      return 0;
  }
}

TEST(Reference, EveryIndicatorIsThatOfTheSecondImplementation) {
  const std::vector<Case> cases = read_cases();
  ASSERT_EQ(cases.size(), 27u);
  for (const Case& c : cases) {
    ASSERT_EQ(c.columns.size(), kColumns);
    const Series series = compute(c.candles(), c.settings);
    for (std::size_t i = 0; i < kColumns; ++i) {
      const auto column = static_cast<Column>(i);
      ASSERT_EQ(c.columns[i], name_of(column));
      for (std::size_t row = 0; row < series.rows(); ++row) {
        const double expected = c.expected[i][row], actual = series[column][row];
        ASSERT_EQ(std::isnan(actual), std::isnan(expected))
            << c.name << ", " << c.columns[i] << ", row " << row;
        if (std::isnan(expected)) continue;
        ASSERT_NEAR(actual, expected, 1e-9 * std::abs(expected) + rounding_floor(c, column, row))
            << c.name << ", " << c.columns[i] << ", row " << row;
      }
    }
  }
}

/// The case's last candles alone.
Candles last_of(const Case& c, std::size_t rows) {
  return {.open_times = std::span(c.open_times).last(rows),
          .highs = std::span(c.highs).last(rows),
          .lows = std::span(c.lows).last(rows),
          .closes = std::span(c.closes).last(rows),
          .volumes = std::span(c.volumes).last(rows)};
}

// The warm-up once bounded each average instead of their difference: 1.5e-8 relative at 5, 35, 5
// and 1.5e-6 at 199, 200, 2.
TEST(Reference, MacdAfterItsWarmUpAloneIsThatOfTheWholeHistory) {
  int seen = 0;
  for (const Case& c : read_cases()) {
    if (c.name.find("macd") == std::string::npos) continue;
    const std::size_t shown = 100;
    const std::size_t rows = warm_up_rows(c.settings) + shown;
    ASSERT_LE(rows, c.open_times.size());
    ++seen;
    const Series series = compute(last_of(c, rows), c.settings);
    for (const Column column : {Column::kMacd, Column::kMacdSignal, Column::kMacdHistogram}) {
      const auto& expected = c.expected[static_cast<std::size_t>(column)];
      double largest = 0;
      for (std::size_t i = 1; i <= shown; ++i) {
        largest = std::max(largest, std::abs(expected[expected.size() - i]));
      }
      for (std::size_t i = 1; i <= shown; ++i) {
        const double value = expected[expected.size() - i];
        // Where the line crosses zero there is no relative error: what the others allow holds.
        ASSERT_NEAR(series[column][rows - i], value, 1e-11 * std::abs(value) + 1e-13 * largest)
            << c.name << ", " << name_of(column) << ", " << i << " rows before the end";
      }
    }
  }
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace bourse::technical
