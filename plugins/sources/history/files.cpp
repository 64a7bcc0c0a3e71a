// SPDX-License-Identifier: MIT
//
// The task import: candles and trades of the exchange's files.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bourse/text.hpp"
#include "bourse/words.hpp"
#include "plugins/sources/candle_files/candle_file.hpp"
#include "plugins/sources/candle_files/folder.hpp"
#include "plugins/sources/candle_files/names.hpp"
#include "plugins/sources/candle_files/trade_file.hpp"
#include "plugins/sources/history/tasks.hpp"

namespace bourse::history {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 10'000;
static_assert(kBatch <= Write::kRowsMax);
constexpr std::uintmax_t kFileBytesMax = std::uintmax_t{2} << 30U;  ///< unpacked

struct File {
  fs::path path;
  std::uintmax_t bytes = 0;
  std::string symbol;
  std::optional<Interval> interval;  ///< of candles; of trades there is none
  OriginKind kind = OriginKind::kRecording;
  std::string published;  ///< its publisher's sha256, from FILE.CHECKSUM beside it; or ""
};

/// "0123..." of 64 lower-case digits, or "": the file FILE.CHECKSUM, in the format of sha256sum.
std::string published_sha256(const fs::path& path) {
  std::ifstream file(path.string() + ".CHECKSUM");
  std::string word;
  if (!(file >> word) || word.size() != 64) return {};
  for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
  const bool is_hex = word.find_first_not_of("0123456789abcdef") == word.npos;
  return is_hex ? word : std::string();
}

std::string sha256_of(const Call& call, const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    throw bourse::Error(BOURSE_INTERNAL, "no_sha256", "SHA-256 is not there.");
  }
  std::vector<char> buffer(std::size_t{64} * 1024);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), file.gcount() > 0) {
    call.poll();
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest.at(i) >> 4U];
    text += "0123456789abcdef"[digest.at(i) & 15U];
  }
  return text;
}

/// Spot's and the futures' files have one name: the folders tell, where they are as published.
std::string market_of(const fs::path& path) {
  const std::string text = fs::absolute(path).lexically_normal().generic_string();
  for (const char* const market : {"futures/um", "futures/cm", "option", "spot"}) {
    for (const char* const period : {"/daily/", "/monthly/"}) {
      if (text.find("/data/" + std::string(market) + period) != text.npos) return market;
    }
  }
  return {};
}

void check_market(const File& file, const std::string& market) {
  const std::string published = market_of(file.path);
  if (published.empty() || market == published || market.ends_with("/" + published)) return;
  throw bad_file(file.path.string() + " is of the market " + published +
                 ", and this history keeps \"" + market +
                 "\": give it to a source whose `market` ends in " + published + ".");
}

/// What a file's name says of it; nullopt: it holds neither candles nor trades.
std::optional<File> file_of(const fs::path& path) {
  const std::string plain = candle_files::unpacked_name(path.filename().string());
  File file;
  file.path = path;
  if (const auto trades = candle_files::parse_trade_name(plain)) {
    file.symbol = trades->symbol;
    file.kind = trades->is_daily ? OriginKind::kDailyFile : OriginKind::kMonthlyFile;
    return file;
  }
  const auto name = candle_files::parse_name(plain);
  if (!name || name->kind != candle_files::FileName::Kind::kCandleLines || !name->interval) {
    return std::nullopt;
  }
  file.symbol = name->symbol;
  file.interval = name->interval;
  // SYMBOL-INTERVAL-YYYY-MM-DD.csv
  const bool has_day = std::count(plain.begin(), plain.end(), '-') >= 4;
  file.kind = name->month ? OriginKind::kMonthlyFile
              : has_day   ? OriginKind::kDailyFile
                          : OriginKind::kRecording;
  return file;
}

void add_file(File file, const std::string& market, std::vector<File>& files) {
  file.bytes = fs::file_size(file.path);
  file.published = published_sha256(file.path);
  check_market(file, market);
  files.push_back(std::move(file));
}

/// The files in it and in the folders in it, but for folders that are links.
std::vector<fs::path> paths_in(const fs::path& top) {
  std::vector<fs::path> files, folders{top};
  while (!folders.empty()) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    candle_files::Folder names(folder);
    while (const char* const name = names.next()) {
      fs::path path = folder / name;
      std::error_code error;
      if (fs::is_directory(fs::symlink_status(path, error))) {
        folders.push_back(std::move(path));
      } else if (fs::is_regular_file(path, error)) {
        files.push_back(std::move(path));
      }
    }
  }
  return files;
}

void add_folder(const fs::path& top, const std::string& market, std::vector<File>& files) {
  try {
    for (const fs::path& path : paths_in(top)) {
      if (auto file = file_of(path)) add_file(std::move(*file), market, files);
    }
  } catch (const bourse::Error& error) {
    if (error.code() != "bad_recording") throw;
    throw bad_file(error.message());
  }
}

std::vector<File> files_of(const Values& values, const std::string& market) {
  std::vector<File> files;
  for (const std::string& text : values.texts("files")) {
    const fs::path path(text);
    std::error_code error;
    if (fs::is_directory(path, error)) {
      add_folder(path, market, files);
    } else if (fs::is_regular_file(path, error)) {
      auto file = file_of(path);
      if (!file) {
        throw bad_file(
            path.string() +
            ": its name should be SYMBOL-INTERVAL-YYYY-MM.zip or SYMBOL-trades-YYYY-MM-DD.zip, or "
            ".csv, as the exchange's files have it, such as BTCUSDT-1m-2024-01.zip.");
      }
      add_file(std::move(*file), market, files);
    } else {
      throw bad_file(text + " is no file and no folder" +
                     (error ? ": " + error.message() : std::string()) + ".");
    }
  }
  // What is believed more comes last, and the order of two runs is the same.
  std::stable_sort(files.begin(), files.end(),
                   [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

Candle candle_of(const candle_files::Series& series, std::size_t row, const std::string& file) {
  if (series.open_time[row] % 1'000'000 != 0) {
    throw bad_file(file + ": the open time " + time_text(Time{series.open_time[row]}) +
                   " has a fraction of a millisecond.");
  }
  return {.open_time = to_millis(Time{series.open_time[row]}),
          .close_time = to_millis(Time{series.close_time[row]}),
          .open = series.open[row],
          .high = series.high[row],
          .low = series.low[row],
          .close = series.close[row],
          .volume = series.volume[row],
          .quote_volume = series.quote_volume[row],
          .trades = series.trades[row],
          .taker_base_volume = series.taker_base_volume[row],
          .taker_quote_volume = series.taker_quote_volume[row]};
}

struct Counted {
  std::uint64_t rows = 0, unreadable = 0;
  Written written;
};

void add(Written& sum, const Written& part) {
  sum.added += part.added;
  sum.equal += part.equal;
  sum.revised += part.revised;
  sum.refused += part.refused;
  sum.repeated += part.repeated;
  sum.forming += part.forming;
}

/// The series of a file, made if it is the first of it.
Series series_of(const Workplace& at, const File& file, const std::vector<Candle>& rows) {
  NewSeries fresh{.key = {.source = at.market,
                          .symbol = file.symbol,
                          .interval = std::string(file.interval->name())},
                  .scale = scale_of(rows)};
  if (!file.interval->has_common_grid()) fresh.anchor = rows.front().open_time;
  return must(at.store.create(fresh));
}

void say_unreadable(const Call& call, const File& file, const candle_files::LeftOut& bad) {
  if (bad.rows == 0) return;
  call.warn("unreadable_rows", bourse::counted(bad.rows, "line") + " of " +
                                   file.path.filename().string() +
                                   " cannot be read, the first: " + bad.first_row);
}

Counted import_file(const Workplace& at, const File& file, const Origin& origin) {
  Counted all;
  candle_files::Series read;
  candle_files::LeftOut bad;
  try {
    candle_files::read_candle_lines({file.path, {.file = kFileBytesMax}}, *file.interval, read,
                                    bad);
  } catch (const bourse::Error& error) {
    throw bad_file(file.path.string() + ": " + error.message());
  }
  all.unreadable = bad.rows;
  say_unreadable(at.call, file, bad);
  std::vector<Candle> rows;
  rows.reserve(std::min(read.size(), kBatch));
  for (std::size_t row = 0; row < read.size();) {
    rows.clear();
    for (; row < read.size() && rows.size() < kBatch; ++row) {
      rows.push_back(candle_of(read, row, file.path.filename().string()));
    }
    at.call.poll();
    const Series series = series_of(at, file, rows);
    add(all.written, must(at.store.write({.series = series.id,
                                          .origin = origin,
                                          .rows = rows,
                                          .clock = to_millis(at.call.now())})));
    all.rows += rows.size();
    std::this_thread::sleep_for(kBreath);  // for a server that writes too
  }
  return all;
}

Trade trade_of(const candle_files::TradeRow& row) {
  return {row.id,    to_millis(Time{row.time}), row.price, row.quantity,
          row.value, row.buyer_is_maker};
}

/// Twice: a file that is damaged at its end leaves nothing. `told` is given how much of the file is
/// kept, 0 to 1.
Counted import_trades(const Workplace& at, const File& file, const Origin& origin,
                      const std::function<void(double)>& told) {
  Counted all;
  const candle_files::SourceFile source{file.path, {.file = kFileBytesMax}};
  candle_files::LeftOut bad;
  const auto read = [&](candle_files::LeftOut& left_out, const auto& take) {
    try {
      candle_files::read_trade_lines(source, kBatch, left_out, take);
    } catch (const bourse::Error& error) {
      if (error.code() != "bad_recording") throw;
      throw bad_file(file.path.string() + ": " + error.message());
    }
  };
  std::uint64_t there = 0;
  read(bad, [&](std::span<const candle_files::TradeRow> batch) {
    at.call.poll();
    there += batch.size();
  });
  say_unreadable(at.call, file, bad);
  all.unreadable = bad.rows;
  candle_files::LeftOut again;
  std::vector<Trade> rows;
  read(again, [&](std::span<const candle_files::TradeRow> batch) {
    at.call.poll();
    rows.clear();
    for (const candle_files::TradeRow& row : batch) rows.push_back(trade_of(row));
    const auto written = must(at.store.write_trades({{at.market, file.symbol}, origin, rows}));
    all.rows += rows.size();
    all.written.added += written.added;
    all.written.equal += written.equal;
    all.written.revised += written.revised;
    all.written.refused += written.refused;
    all.written.repeated += written.repeated;
    told(static_cast<double>(all.rows) / static_cast<double>(there));
    std::this_thread::sleep_for(kBreath);
  });
  return all;
}

Origin origin_of(const Workplace& at, const File& file, bool accepts) {
  Origin origin{.kind = file.kind,
                .source = at.market,
                .file = file.path.filename().string(),
                .sha256 = sha256_of(at.call, file.path),
                .published_sha256 = file.published,
                .taken_at = to_millis(at.call.now())};
  if (origin.published_sha256.empty() || origin.sha256 == origin.published_sha256) return origin;
  const std::string what = file.path.string() + " has the SHA-256 " + origin.sha256 +
                           ", and its publisher says " + origin.published_sha256;
  if (!accepts) {
    throw bad_file(what +
                   ": it is damaged, or another version. Fetch both again, or say "
                   "accept_mismatch.");
  }
  at.call.warn("checksum", what + "; it was taken all the same.");
  return origin;
}

}  // namespace

void import_files(const Workplace& at, const Values& values) {
  const std::vector<File> files = files_of(values, at.market);
  std::uint64_t total = 0, done = 0, candles = 0, trades = 0;
  for (const File& file : files) total += file.bytes;
  auto table = at.call.begin(
      "files", "Files", FieldOf<std::string_view>("file"), FieldOf<std::string_view>("symbol"),
      FieldOf<std::string_view>("interval"), FieldOf<std::int64_t>("rows"),
      FieldOf<std::int64_t>("added"), FieldOf<std::int64_t>("equal"),
      FieldOf<std::int64_t>("revised"), FieldOf<std::int64_t>("not_believed"),
      FieldOf<std::int64_t>("repeated"), FieldOf<std::int64_t>("unreadable"));
  std::uint64_t conflicts = 0;
  for (const File& file : files) {
    at.progress(done, total, file.path.filename().string());
    const Origin origin = origin_of(at, file, values.boolean("accept_mismatch"));
    const auto told = [&](double part) {
      at.progress(done + static_cast<std::uint64_t>(static_cast<double>(file.bytes) * part), total,
                  file.path.filename().string());
    };
    const Counted all =
        file.interval ? import_file(at, file, origin) : import_trades(at, file, origin, told);
    const auto as = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    table.add(std::string_view(origin.file), std::string_view(file.symbol),
              file.interval ? std::optional(file.interval->name()) : std::nullopt, as(all.rows),
              as(all.written.added), as(all.written.equal), as(all.written.revised),
              as(all.written.refused), as(all.written.repeated), as(all.unreadable));
    done += file.bytes;
    (file.interval ? candles : trades) += all.written.added;
    conflicts += all.written.revised + all.written.refused;
  }
  table.flush();
  must(at.store.settle());
  at.progress(total, total, "done");
  at.call.scalar(Field("candles", BOURSE_TYPE_I64).labelled("Candles kept"),
                 static_cast<std::int64_t>(candles));
  at.call.scalar(Field("trades", BOURSE_TYPE_I64).labelled("Trades kept"),
                 static_cast<std::int64_t>(trades));
  if (conflicts > 0) {
    at.call.warn("findings", counted(conflicts, "row") +
                                 " differ from what was kept. Of each the version is shown that is "
                                 "believed more; the other one is kept beside it.");
  }
}

}  // namespace bourse::history
