// SPDX-License-Identifier: MIT
//
// The Binance client without a network: building and signing a request with each kind of key, and
// parsing answers of usual size. To compare with, in the same run: the bare signature, and reading
// the bytes of an answer once.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>

#include "plugins/sources/binance/client/parse.hpp"
#include "plugins/sources/binance/client/target.hpp"
#include "tests/plugins/sources/binance/client/keys.hpp"
#include "tests/plugins/sources/binance/client/samples.hpp"

namespace {

using namespace bourse;
using namespace bourse::binance;

std::string secret_of(KeyType type) {
  if (type == KeyType::kEd25519) return pem_of(rfc8032_key().get());
  if (type == KeyType::kRsa) return pem_of(TestKey(EVP_RSA_gen(2048)).get());
  return kSecret;
}

void build_and_sign(benchmark::State& state) {
  const auto type = static_cast<KeyType>(state.range(0));
  const auto signer = make_signer(Secret(secret_of(type)));
  std::int64_t timestamp = 1'700'000'000'000;
  for (auto _ : state) {
    Query query;
    query.add("symbol", "BTCUSDT").add("limit", 1000);
    benchmark::DoNotOptimize(
        make_signed_target(Endpoint::kMyTrades, query,
                           {.signer = **signer,
                            .timestamp_ms = ++timestamp,
                            .receive_window = std::chrono::milliseconds(5000)}));
  }
  state.SetLabel(std::string(name_of(type)));
}
BENCHMARK(build_and_sign)->Arg(0)->Arg(1)->Arg(2);

void sign_only(benchmark::State& state) {
  const auto signer = make_signer(Secret(secret_of(KeyType::kHmac)));
  const std::string payload = "symbol=BTCUSDT&limit=1000&recvWindow=5000&timestamp=1700000000000";
  for (auto _ : state) benchmark::DoNotOptimize((*signer)->sign(payload));
}
BENCHMARK(sign_only);

/// A page of candles with digits as in 2024.
std::string page_of(int rows) {
  std::mt19937_64 random(1);
  std::string body = "[";
  std::int64_t time = 1'700'000'000'000 / 3'600'000 * 3'600'000, price = 6'500'000;
  const auto decimal = [](std::int64_t units, int decimals) {
    std::string text = std::to_string(units);
    text.insert(text.size() - static_cast<std::size_t>(decimals), 1, '.');
    text.insert(0, 1, '"');
    text += '"';
    return text;
  };
  for (int row = 0; row < rows; ++row, time += 3'600'000) {
    price += static_cast<std::int64_t>(random() % 2001) - 1000;
    const auto amount = [&] {
      return decimal(static_cast<std::int64_t>(10'000'000'000 + random() % 90'000'000'000), 8);
    };
    const auto cents = [&](std::int64_t value) { return decimal(value * 1'000'000, 8); };
    body += (row == 0 ? "[" : ",[") + std::to_string(time) + "," + cents(price) + "," +
            cents(price + 5000) + "," + cents(price - 5000) + "," + cents(price + 100) + "," +
            amount() + "," + std::to_string(time + 3'599'999) + "," + amount() + "," +
            std::to_string(random() % 100'000) + "," + amount() + "," + amount() + ",\"0\"]";
  }
  return body + "]";
}

void parse_1000_candles(benchmark::State& state) {
  const std::string page = page_of(1000);
  for (auto _ : state) {
    std::string body = page;
    auto candles = parse_candles(body, *Interval::parse("1h"), Time{});
    if (!candles) state.SkipWithError(candles.error().text().c_str());
    benchmark::DoNotOptimize(candles);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page.size()));
}
BENCHMARK(parse_1000_candles);

void read_1000_candles_once(benchmark::State& state) {
  const std::string page = page_of(1000);
  for (auto _ : state) {
    std::string body = page;
    benchmark::DoNotOptimize(std::accumulate(body.begin(), body.end(), 0));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page.size()));
}
BENCHMARK(read_1000_candles_once);

void parse_2500_tickers(benchmark::State& state) {
  std::string dump = "[";
  for (int row = 0; row < 2500; ++row) dump.append(row == 0 ? "" : ",").append(kTickerBody);
  dump += ']';
  for (auto _ : state) {
    std::string body = dump;
    benchmark::DoNotOptimize(parse_tickers(body));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(dump.size()));
}
BENCHMARK(parse_2500_tickers);

}  // namespace
