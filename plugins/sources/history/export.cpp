// SPDX-License-Identifier: MIT
//
// The task export: candles and trades as the exchange's files have them, books as lines of JSON.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bourse/text.hpp"
#include "bourse/words.hpp"
#include "plugins/sources/history/tasks.hpp"

namespace bourse::history {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPageRows = 10'000;

/// "2024-01" and "2024-01-31" of a time.
std::string month_of(Millis time) { return time_text(to_time(time)).substr(0, 7); }
std::string day_of(Millis time) { return time_text(to_time(time)).substr(0, 10); }

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

/// Files that follow one another: one for each month or day, told in a table when it is whole.
class Files {
 public:
  using Table = Rows<std::string_view, std::int64_t>;
  Files(const Workplace& at, fs::path folder, Table& table)
      : at_(at), folder_(std::move(folder)), table_(table) {}

  /// The line goes into the file of that name.
  void write(const std::string& name, const std::string& line) {
    if (!out_ || name != name_) {
      finish();
      name_ = name;
      out_ = std::make_unique<Out>(folder_ / name);
      at_.progress(total_, 0, name);
    }
    out_->write(line);
    ++rows_;
    ++total_;
  }
  void finish() {
    if (!out_) return;
    out_->finish();
    table_.add(std::string_view(name_), static_cast<std::int64_t>(rows_));
    rows_ = 0;
    out_.reset();
  }

 private:
  const Workplace& at_;
  const fs::path folder_;
  Table& table_;
  std::unique_ptr<Out> out_;
  std::string name_;
  std::uint64_t rows_ = 0, total_ = 0;
};

std::uint64_t export_candles(const Workplace& at, const SeriesKey& key, Span span, Files& files) {
  const auto series = must(at.store.find(key));
  if (!series) {
    at.call.warn("not_kept", "No candles of " + key.symbol + " " + key.interval + " are kept.");
    return 0;
  }
  std::uint64_t rows = 0;
  for (Millis from = span.from; from < span.to;) {
    at.call.poll();
    const auto page = must(at.store.read(series->id, {from, span.to}, kPageRows));
    for (const Candle& row : page) {
      files.write(key.symbol + "-" + key.interval + "-" + month_of(row.open_time) + ".csv",
                  line_of(row, series->grid()));
    }
    rows += page.size();
    if (page.size() < kPageRows) break;
    from = page.back().open_time + 1;
  }
  files.finish();
  return rows;
}

std::string line_of(const Trade& row) {
  std::string line = std::to_string(row.id);
  for (const Decimal* const value : {&row.price, &row.quantity, &row.quote_quantity}) {
    line += ",";
    line += value->text();
  }
  // Whether it was the best match is not kept; the exchange writes True in all of its files.
  return line + "," + std::to_string(row.time) + (row.buyer_is_maker ? ",True" : ",False") +
         ",True\n";
}

/// The number of the first kept trade of `time` and after; times ascend with the numbers.
TradeId first_from(Store& store, const Market& market, TradeIds ids, Millis time) {
  while (ids.first < ids.last) {
    const TradeId middle = ids.first + (ids.last - ids.first) / 2;
    const auto next = must(store.trades(market, middle, 1));
    if (!next.empty() && next.front().time < time) {
      ids.first = next.front().id + 1;
    } else {
      ids.last = middle;
    }
  }
  return ids.first;
}

std::uint64_t export_trades(const Workplace& at, const std::string& symbol, Span span,
                            Files& files) {
  const Market market{at.market, symbol};
  const auto all = must(at.store.trades_status());
  const auto kept = std::find_if(all.begin(), all.end(), [&market](const TradesStatus& each) {
    return each.market == market && each.rows > 0;
  });
  if (kept == all.end()) {
    at.call.warn("not_kept", "No trades of " + symbol + " are kept.");
    return 0;
  }
  std::uint64_t rows = 0;
  for (TradeId from = first_from(at.store, market, kept->ids, span.from);;) {
    at.call.poll();
    const auto page = must(at.store.trades(market, from, kPageRows));
    for (const Trade& row : page) {
      if (row.time < span.from || row.time >= span.to) continue;
      files.write(symbol + "-trades-" + day_of(row.time) + ".csv", line_of(row));
      ++rows;
    }
    if (page.size() < kPageRows || page.back().time >= span.to) break;
    from = page.back().id + 1;
  }
  files.finish();
  return rows;
}

std::string line_of(const Book& book) {
  const auto levels = [](const std::vector<Level>& side) {
    std::string text;
    for (const Level& level : side) {
      if (!text.empty()) text += ",";
      text += "[\"" + level.price.text() + "\",\"" + level.quantity.text() + "\"]";
    }
    return "[" + text + "]";
  };
  return "{\"time\":\"" + time_text(to_time(book.time)) + "\",\"lastUpdateId\":" +
         (book.last_update_id ? std::to_string(*book.last_update_id) : "null") +
         ",\"depth\":" + std::to_string(book.depth) +
         ",\"complete\":" + (book.is_complete ? "true" : "false") +
         ",\"bids\":" + levels(book.bids) + ",\"asks\":" + levels(book.asks) + "}\n";
}

std::uint64_t export_books(const Workplace& at, const std::string& symbol, Span span,
                           Files& files) {
  constexpr std::size_t kBooks = 100;  // one may have ten thousand levels
  std::uint64_t rows = 0;
  for (Millis from = span.from; from < span.to;) {
    at.call.poll();
    const auto page = must(at.store.books({at.market, symbol}, {from, span.to}, kBooks));
    for (const Book& book : page) {
      files.write(symbol + "-books-" + day_of(book.time) + ".ndjson", line_of(book));
    }
    rows += page.size();
    if (page.size() < kBooks) break;
    from = page.back().time + 1;
  }
  files.finish();
  if (rows == 0) at.call.warn("not_kept", "No books of " + symbol + " are kept of that time.");
  return rows;
}

}  // namespace

void export_files(const Workplace& at, const Values& values) {
  const fs::path folder(std::string(values.text("folder")));
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw bad_file(folder.string() + " is no folder; make it first.");
  }
  auto table = at.call.begin("files", "Files", FieldOf<std::string_view>("file"),
                             FieldOf<std::int64_t>("rows"));
  const Span span{to_millis(values.time("start")),
                  values.given("end") ? to_millis(values.time("end")) + 1 : kMillisMax};
  const auto kinds = values.texts("kinds");
  const auto wants = [&kinds](const char* kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  std::uint64_t candles = 0, trades = 0, books = 0;
  Files files(at, folder, table);
  for (const std::string& symbol : values.texts("symbols")) {
    if (wants("candles")) {
      for (const std::string& interval : values.texts("intervals")) {
        candles += export_candles(at, {at.market, symbol, interval}, span, files);
      }
    }
    if (wants("trades")) trades += export_trades(at, symbol, span, files);
    if (wants("books")) books += export_books(at, symbol, span, files);
  }
  table.flush();
  const auto say = [&at](const char* name, const char* label, std::uint64_t rows) {
    at.call.scalar(Field(name, BOURSE_TYPE_I64).labelled(label), static_cast<std::int64_t>(rows));
  };
  say("candles", "Candles written", candles);
  say("trades", "Trades written", trades);
  say("books", "Snapshots of books written", books);
}

}  // namespace bourse::history
