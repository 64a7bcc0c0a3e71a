// SPDX-License-Identifier: MIT
//
// The tasks import and export: candles of the exchange's files, and as such files.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bourse/text.hpp"
#include "bourse/words.hpp"
#include "plugins/sources/candle_files/candle_file.hpp"
#include "plugins/sources/candle_files/names.hpp"
#include "plugins/sources/history/tasks.hpp"

namespace bourse::history {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 10'000;
static_assert(kBatch <= Write::kRowsMax);
constexpr std::uintmax_t kFileBytesMax = std::uintmax_t{2} << 30U;  ///< unpacked

bourse::Error bad_file(const std::string& what) { return {BOURSE_UNPROCESSABLE, "bad_file", what}; }

struct File {
  fs::path path;
  std::uintmax_t bytes = 0;
  candle_files::FileName name;
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

bool is_candles(const candle_files::FileName& name) {
  return name.kind == candle_files::FileName::Kind::kCandleLines && name.interval.has_value();
}

void add_file(const fs::path& path, const std::string& market, std::vector<File>& files) {
  const std::string plain = candle_files::unpacked_name(path.filename().string());
  const auto name = candle_files::parse_name(plain);
  if (!name || !is_candles(*name)) {
    throw bad_file(path.string() +
                   ": its name should be SYMBOL-INTERVAL-YYYY-MM.zip or .csv, as the exchange's "
                   "files have it, such as BTCUSDT-1m-2024-01.zip.");
  }
  File file{path, fs::file_size(path), *name, published_sha256(path)};
  check_market(file, market);
  files.push_back(std::move(file));
}

std::vector<File> files_of(const Values& values, const std::string& market) {
  std::vector<File> files;
  for (const std::string& text : values.texts("files")) {
    const fs::path path(text);
    std::error_code error;
    if (fs::is_directory(path, error)) {
      for (const auto& entry : fs::recursive_directory_iterator(path)) {
        const auto name =
            candle_files::parse_name(candle_files::unpacked_name(entry.path().filename().string()));
        if (entry.is_regular_file() && name && is_candles(*name)) {
          add_file(entry.path(), market, files);
        }
      }
    } else if (fs::is_regular_file(path, error)) {
      add_file(path, market, files);
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

OriginKind kind_of(const File& file) {
  if (file.name.month) return OriginKind::kMonthlyFile;
  const std::string stem = candle_files::unpacked_name(file.path.filename().string());
  // SYMBOL-INTERVAL-YYYY-MM-DD.csv
  const bool has_day = std::count(stem.begin(), stem.end(), '-') >= 4;
  return has_day ? OriginKind::kDailyFile : OriginKind::kRecording;
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
                          .symbol = file.name.symbol,
                          .interval = std::string(file.name.interval->name())},
                  .scale = scale_of(rows)};
  if (!file.name.interval->has_common_grid()) fresh.anchor = rows.front().open_time;
  return must(at.store.create(fresh));
}

Counted import_file(const Workplace& at, const File& file, const Origin& origin) {
  Counted all;
  candle_files::Series read;
  candle_files::LeftOut bad;
  try {
    candle_files::read_candle_lines({file.path, {.file = kFileBytesMax}}, *file.name.interval, read,
                                    bad);
  } catch (const bourse::Error& error) {
    throw bad_file(file.path.string() + ": " + error.message());
  }
  all.unreadable = bad.rows;
  if (bad.rows > 0) {
    at.call.warn("unreadable_rows", bourse::counted(bad.rows, "line") + " of " +
                                        file.path.filename().string() +
                                        " cannot be read, the first: " + bad.first_row);
  }
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

Origin origin_of(const Workplace& at, const File& file, bool accepts) {
  Origin origin{.kind = kind_of(file),
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
  std::uint64_t total = 0, done = 0, added = 0;
  for (const File& file : files) total += file.bytes;
  auto table = at.call.begin(
      "files", "Files", FieldOf<std::string_view>("file"), FieldOf<std::string_view>("symbol"),
      FieldOf<std::string_view>("interval"), FieldOf<std::int64_t>("candles"),
      FieldOf<std::int64_t>("added"), FieldOf<std::int64_t>("equal"),
      FieldOf<std::int64_t>("revised"), FieldOf<std::int64_t>("not_believed"),
      FieldOf<std::int64_t>("repeated"), FieldOf<std::int64_t>("unreadable"));
  std::uint64_t conflicts = 0;
  for (const File& file : files) {
    at.progress(done, total, file.path.filename().string());
    const Origin origin = origin_of(at, file, values.boolean("accept_mismatch"));
    const Counted all = import_file(at, file, origin);
    const auto as = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    table.add(std::string_view(origin.file), std::string_view(file.name.symbol),
              file.name.interval->name(), as(all.rows), as(all.written.added),
              as(all.written.equal), as(all.written.revised), as(all.written.refused),
              as(all.written.repeated), as(all.unreadable));
    done += file.bytes;
    added += all.written.added;
    conflicts += all.written.revised + all.written.refused;
  }
  table.flush();
  must(at.store.settle());
  at.progress(total, total, "done");
  at.call.scalar(Field("candles", BOURSE_TYPE_I64).labelled("Candles kept"),
                 static_cast<std::int64_t>(added));
  if (conflicts > 0) {
    at.call.warn("findings", counted(conflicts, "candle") +
                                 " differ from what was kept. Of each the version is shown that is "
                                 "believed more; the other one is kept beside it.");
  }
}

// ---- export -------------------------------------------------------------------------------------

namespace {

/// "2024-01" of a time.
std::string month_of(Millis time) { return time_text(to_time(time)).substr(0, 7); }

std::string line_of(const Candle& row, const Interval& grid) {
  const Millis close =
      row.close_time ? *row.close_time : to_millis(grid.close_time(to_time(row.open_time)));
  std::string line = std::to_string(row.open_time);
  for (const Decimal* const value : {&row.open, &row.high, &row.low, &row.close, &row.volume}) {
    line += ",";
    line += value->text();
  }
  line += "," + std::to_string(close) + ",";
  line += row.quote_volume.text();
  line += "," + std::to_string(row.trades) + ",";
  line += row.taker_base_volume.text();
  line += ",";
  line += row.taker_quote_volume.text();
  return line + ",0\n";
}

/// A file that has its name when all of it is on the disk.
class Out {
 public:
  explicit Out(fs::path path) : path_(std::move(path)), part_(path_.string() + ".part") {
    file_.open(part_, std::ios::binary | std::ios::trunc);
  }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  ~Out() {
    std::error_code ignored;
    if (!is_done_) fs::remove(part_, ignored);
  }
  void write(const std::string& text) { file_ << text; }
  void finish() {
    file_.close();
    std::error_code error;
    if (!file_.fail()) fs::rename(part_, path_, error);
    if (file_.fail() || error) {
      throw bad_file(path_.string() + " cannot be written" +
                     (error ? ": " + error.message() : std::string()) +
                     ". Is there room, and may the folder be written?");
    }
    is_done_ = true;
  }

 private:
  const fs::path path_;
  const fs::path part_;
  std::ofstream file_;
  bool is_done_ = false;
};

}  // namespace

void export_files(const Workplace& at, const Values& values) {
  const fs::path folder(std::string(values.text("folder")));
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw bad_file(folder.string() + " is no folder; make it first.");
  }
  auto table = at.call.begin("files", "Files", FieldOf<std::string_view>("file"),
                             FieldOf<std::int64_t>("candles"));
  const Span span{to_millis(values.time("start")),
                  values.given("end") ? to_millis(values.time("end")) + 1 : kMillisMax};
  std::uint64_t total = 0;
  for (const std::string& symbol : values.texts("symbols")) {
    for (const std::string& interval : values.texts("intervals")) {
      const auto series =
          must(at.store.find({.source = at.market, .symbol = symbol, .interval = interval}));
      if (!series) {
        at.call.warn("not_kept", "No candles of " + symbol + " " + interval + " are kept.");
        continue;
      }
      std::unique_ptr<Out> out;
      std::string month, name;
      std::uint64_t rows = 0;
      const auto end_of_month = [&] {
        if (!out) return;
        out->finish();
        table.add(std::string_view(name), static_cast<std::int64_t>(rows));
        total += rows;
        rows = 0;
        out.reset();
      };
      for (Millis from = span.from; from < span.to;) {
        at.call.poll();
        const auto page = must(at.store.read(series->id, {from, span.to}, kBatch));
        for (const Candle& row : page) {
          if (month_of(row.open_time) != month || !out) {
            end_of_month();
            month = month_of(row.open_time);
            name = symbol + "-" + interval + "-" + month + ".csv";
            out = std::make_unique<Out>(folder / name);
            at.progress(total, 0, name);
          }
          out->write(line_of(row, series->grid()));
          ++rows;
        }
        if (page.size() < kBatch) break;
        from = page.back().open_time + 1;
      }
      end_of_month();
    }
  }
  table.flush();
  at.call.scalar(Field("candles", BOURSE_TYPE_I64).labelled("Candles written"),
                 static_cast<std::int64_t>(total));
}

}  // namespace bourse::history
