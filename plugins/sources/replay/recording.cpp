// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/recording.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "plugins/sources/replay/files.hpp"

namespace bourse::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSymbolMax = 40;

bool is_symbol(std::string_view text) {
  return !text.empty() && text.size() <= kSymbolMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

/// Whether `text` is like `shape`, where 0 stands for any digit.
bool has_shape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(),
                    [](char c, char s) { return s == '0' ? c >= '0' && c <= '9' : c == s; });
}

enum class Kind { kCandles, kTicker, kDepth };
struct File {
  fs::path path;
  Kind kind;
  std::string symbol;                ///< not of a ticker
  std::optional<Interval> interval;  ///< of candles
  std::uintmax_t bytes = 0;
};

std::optional<File> classify(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name.ends_with(".csv")) {
    if (const auto candles = parse_candle_name(name)) {
      return File{path, Kind::kCandles, candles->symbol, candles->interval};
    }
    throw bad_file(
        path, 0,
        "is not named as candles are: SYMBOL-INTERVAL.csv, SYMBOL-INTERVAL-YYYY-MM.csv or "
        "SYMBOL-INTERVAL-YYYY-MM-DD.csv, such as BTCUSDT-1h-2024-11.csv. Keep other "
        "files in another folder.");
  }
  if (!name.ends_with(".json")) return std::nullopt;
  if (name.starts_with("ticker_24h")) return File{path, Kind::kTicker, {}, {}};
  if (const auto symbol = parse_depth_name(name)) return File{path, Kind::kDepth, *symbol, {}};
  throw bad_file(
      path, 0,
      "is not named as a recorded answer is: ticker_24h*.json, or depth_SYMBOL.json with "
      "anything after an underscore. Keep other files in another folder.");
}

/// All files to read, by name: what is named later has the last word.
std::vector<File> list(const fs::path& folder, const Limits& limits) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) throw bad_file(folder, 0, "cannot be read as a folder: " + error.message());
  std::vector<File> files;
  std::uintmax_t total = 0;
  for (const fs::directory_entry& entry : entries) {
    if (!entry.is_regular_file(error)) continue;
    auto file = classify(entry.path());
    if (!file) continue;
    file->bytes = entry.file_size(error);
    const bool candles = file->kind == Kind::kCandles;
    const std::uintmax_t most = candles ? limits.csv_bytes : limits.json_bytes;
    if (error || file->bytes > most) {
      throw bad_file(entry.path(), 0,
                     error ? error.message()
                           : "has " + std::to_string(file->bytes) + " bytes; the most is " +
                                 std::to_string(most) + ". Split it.");
    }
    total += file->bytes;
    files.push_back(std::move(*file));
    if (total > limits.total_bytes || files.size() > limits.files) {
      throw bad_file(folder, 0,
                     "holds more than " + std::to_string(limits.total_bytes) + " bytes or " +
                         std::to_string(limits.files) + " files. Use several folders.");
    }
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

void read(const File& file, const Limits& limits, std::optional<Time> now, Recording& into) {
  switch (file.kind) {
    case Kind::kCandles:
      read_candles(file.path, limits.csv_bytes,
                   into.markets[file.symbol].series[file.interval.value()]);
      return;
    case Kind::kTicker:
      for (auto& [symbol, ticker] : read_tickers(file.path, limits.json_bytes)) {
        if (!is_symbol(symbol)) {
          throw bad_file(file.path, 0, detail::quoted(symbol) + " is not a symbol");
        }
        if (now && ticker.close_time > *now) continue;
        auto& known = into.markets[symbol].ticker;
        if (!known || known->close_time <= ticker.close_time) known = std::move(ticker);
      }
      return;
    case Kind::kDepth:
      into.markets[file.symbol].book = read_book(file.path, limits.json_bytes);
      return;
  }
}

}  // namespace

void Decimals::push(Decimal value) {
  if (value.scale() > scale_) {  // rare: once a file has more decimals than those before
    const int scale = value.scale();
    for (bourse_i128& each : data_) {
      each = Decimal::from_wire(each, scale_)->rescaled(scale, Rounding::kDown).wire();
    }
    scale_ = scale;
  }
  data_.push_back(value.rescaled(scale_, Rounding::kDown).wire());
}

void Decimals::pick(const std::vector<std::size_t>& rows) {
  std::vector<bourse_i128> kept;
  kept.reserve(rows.size());
  for (const std::size_t row : rows) kept.push_back(data_[row]);
  data_ = std::move(kept);
}

void Ticker::complete() {
  if (!last || !open) return;
  if (!price_change) price_change = *last - *open;
  if (!price_change_percent && !open->is_zero()) {
    price_change_percent = divide(Decimal::of(100) * *price_change, *open, 3, Rounding::kHalfUp);
  }
  if (!weighted_average && volume && quote_volume && !volume->is_zero()) {
    weighted_average = divide(*quote_volume, *volume, 8, Rounding::kHalfUp);
  }
}

Error bad_file(const fs::path& file, std::size_t line, const std::string& reason) {
  std::string text = file.string();
  if (line != 0) text += ":" + std::to_string(line);
  return Error(BOURSE_UNPROCESSABLE, "bad_recording", text + ": " + reason);
}

std::optional<CandleFile> parse_candle_name(std::string_view name) {
  if (!name.ends_with(".csv")) return std::nullopt;
  name.remove_suffix(4);
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos || !is_symbol(name.substr(0, dash))) return std::nullopt;
  const std::string_view symbol = name.substr(0, dash);
  name.remove_prefix(dash + 1);
  const std::size_t next = name.find('-');
  auto interval = Interval::parse(name.substr(0, next));
  if (name.substr(0, next) == "1mo")
    interval = Interval::parse("1M");  // as the bulk files write it
  const std::string_view date =
      next == std::string_view::npos ? std::string_view() : name.substr(next);
  if (!interval ||
      !(date.empty() || has_shape(date, "-0000-00") || has_shape(date, "-0000-00-00"))) {
    return std::nullopt;
  }
  return CandleFile{std::string(symbol), *interval};
}

std::optional<std::string> parse_depth_name(std::string_view name) {
  if (!name.starts_with("depth_") || !name.ends_with(".json")) return std::nullopt;
  name.remove_prefix(6);
  name.remove_suffix(5);
  const std::string_view symbol = name.substr(0, name.find('_'));
  return is_symbol(symbol) ? std::optional(std::string(symbol)) : std::nullopt;
}

std::string_view quote_asset(std::string_view symbol) noexcept {
  // Longer ones first where one ends with another: BTCFDUSD is in FDUSD, not in USD.
  static constexpr std::string_view kQuotes[] = {
      "FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USDP", "USDS", "BIDR", "IDRT", "BKRW",
      "DOGE",  "AEUR", "BTC",  "ETH",  "BNB",  "EUR",  "GBP",  "TRY",  "BRL",  "AUD",
      "RUB",   "UAH",  "NGN",  "ZAR",  "JPY",  "PLN",  "RON",  "ARS",  "MXN",  "COP",
      "CZK",   "DAI",  "PAX",  "UST",  "VAI",  "XRP",  "TRX",  "USD"};
  for (const std::string_view quote : kQuotes) {
    if (symbol.size() > quote.size() && symbol.ends_with(quote)) return quote;
  }
  return {};
}

namespace {

Time after(std::int64_t close_time) {
  constexpr std::int64_t kMillisecond = 1'000'000;
  return Time{(close_time / kMillisecond + 1) * kMillisecond};
}

}  // namespace

Recording load(const fs::path& folder, std::optional<Time> now, const Limits& limits) {
  Recording recording;
  for (const File& file : list(folder, limits)) read(file, limits, now, recording);
  for (auto& [symbol, market] : recording.markets) {
    for (auto& [interval, series] : market.series) {
      tidy(series, now);
      for (const std::int64_t close : series.close_time) {
        recording.end = std::max(recording.end, after(close));
      }
    }
    if (market.ticker) {
      recording.end = std::max(recording.end, after(market.ticker->close_time.ns));
    }
  }
  if (recording.markets.empty()) {
    throw bad_file(folder, 0,
                   "holds nothing to replay: put files such as BTCUSDT-1h-2024-11.csv, "
                   "ticker_24h.json or depth_BTCUSDT.json into it");
  }
  return recording;
}

}  // namespace bourse::replay
