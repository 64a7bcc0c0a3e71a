// SPDX-License-Identifier: MIT
//
// Decimals per value, beside std::from_chars and std::to_chars of the same numbers as doubles.
#include <benchmark/benchmark.h>

#include <array>
#include <charconv>
#include <string_view>

#include "bourse/decimal.hpp"

namespace {

using bourse::Decimal;

constexpr std::array<std::string_view, 8> kPrices = {
    "70292.01000000",  "0.00001234", "3138.41000000", "59096143.37278150",
    "128807.00000000", "0.33993000", "2518.61000000", "168.69000000"};
constexpr std::array<std::string_view, 2> kLarge = {"284227394804.05000000",
                                                    "1163402545053395043233.1"};

template <class Texts>
void parse(benchmark::State& state, const Texts& texts) {
  for (auto _ : state) {
    for (const std::string_view text : texts) benchmark::DoNotOptimize(Decimal::parse(text));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(texts.size()));
}

void parse_prices(benchmark::State& state) { parse(state, kPrices); }
void parse_past_64_bits(benchmark::State& state) { parse(state, kLarge); }

void baseline_from_chars(benchmark::State& state) {
  for (auto _ : state) {
    for (const std::string_view text : kPrices) {
      double value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      benchmark::DoNotOptimize(value);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kPrices.size()));
}

std::array<Decimal, kPrices.size()> prices() {
  std::array<Decimal, kPrices.size()> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = Decimal::from(kPrices[i]);
  return out;
}

void print(benchmark::State& state) {
  const auto values = prices();
  std::array<char, Decimal::kTextMax> text{};
  for (auto _ : state) {
    for (const Decimal& value : values) benchmark::DoNotOptimize(value.to_chars(text.data()));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}

void baseline_to_chars(benchmark::State& state) {
  const auto values = prices();
  std::array<double, kPrices.size()> doubles{};
  for (std::size_t i = 0; i < values.size(); ++i) doubles[i] = values[i].to_double();
  std::array<char, 64> text{};
  for (auto _ : state) {
    for (const double value : doubles) {
      benchmark::DoNotOptimize(std::to_chars(text.data(), text.data() + text.size(), value));
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}

void to_double(benchmark::State& state) {
  const auto values = prices();
  for (auto _ : state) {
    for (const Decimal& value : values) benchmark::DoNotOptimize(value.to_double());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}

void multiply(benchmark::State& state) {
  const auto values = prices();
  for (auto _ : state) {
    for (const Decimal& value : values) benchmark::DoNotOptimize(value * values[1]);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}

BENCHMARK(parse_prices);
BENCHMARK(parse_past_64_bits);
BENCHMARK(baseline_from_chars);
BENCHMARK(print);
BENCHMARK(baseline_to_chars);
BENCHMARK(to_double);
BENCHMARK(multiply);

}  // namespace
