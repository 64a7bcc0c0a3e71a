// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/recording.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "plugins/sources/candle_files/folder.hpp"
#include "plugins/sources/candle_files/names.hpp"
#include "plugins/sources/replay/assets.hpp"
#include "plugins/sources/replay/files.hpp"

namespace bourse::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDayNs = 86'400'000'000'000;

bool is_longer_than_a_day(Interval interval) {
  return interval.length().value_or(31 * kDayNs) > kDayNs;
}

struct Found {
  fs::path path;
  std::uintmax_t bytes = 0;
  std::string instead = {};  ///< what is there instead of a file; empty: a file
};

/// In words. Whatever it is, it is not opened: a pipe would be waited for.
std::string kind_of(const fs::path& path) {
  std::error_code error;
  switch (fs::status(path, error).type()) {
    case fs::file_type::regular:
      return {};
    case fs::file_type::directory:
      return "is a folder";
    case fs::file_type::fifo:
      return "is a pipe";
    case fs::file_type::socket:
      return "is a socket";
    case fs::file_type::block:
    case fs::file_type::character:
      return "is a device";
    case fs::file_type::not_found:
      return "is a link to nowhere";
    default:
      return error ? "cannot be looked at (" + error.message() + ")" : "is of an unknown kind";
  }
}

Error too_much(const fs::path& folder, const Limits& limits) {
  return bad_recording(folder.string() + ": holds more than " + std::to_string(limits.total_bytes) +
                       " bytes or " + std::to_string(limits.files) +
                       " files. Use several folders.");
}

/// All that is there, by name: what is named later has the last word.
std::vector<Found> list(const fs::path& folder, const Limits& limits) {
  Folder names(folder);
  std::vector<Found> files;
  while (const char* const name = names.next()) {
    Found found{.path = folder / name};
    found.instead = kind_of(found.path);
    std::error_code error;
    const std::uintmax_t bytes = found.instead.empty() ? fs::file_size(found.path, error) : 0;
    found.bytes = error ? 0 : bytes;
    files.push_back(std::move(found));
    if (files.size() > limits.files) throw too_much(folder, limits);
  }
  std::sort(files.begin(), files.end(),
            [](const Found& x, const Found& y) { return x.path < y.path; });
  return files;
}

/// Rows of a file of many markets that cannot be read: told when the file as a whole could be.
class BadRows {
 public:
  [[nodiscard]] BadRow collect() {
    return [this](const std::string& symbol, const std::string& reason) {
      rows_.emplace_back(symbol, reason);
    };
  }
  /// To `all`, and to the one that `of(symbol)` is.
  template <class Of>
  void tell(LeftOut& all, const Of& of) const {
    for (const auto& [symbol, reason] : rows_) {
      all.add_row(reason);
      of(symbol).add_row(reason);
    }
  }

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

/// Reads the files of a folder one after the other.
class Loader {
 public:
  Loader(const fs::path& folder, std::optional<Time> now, bool keep_all, const Limits& limits)
      : folder_(folder),
        now_(now),
        keep_all_(keep_all),
        limits_(limits),
        bytes_left_(limits.total_bytes) {}

  Recording load() {
    std::vector<std::pair<Found, FileName>> data;
    std::uintmax_t total = 0;
    for (const Found& found : list(folder_, limits_)) {
      const std::string name = unpacked_name(found.path.filename().string());
      auto parsed = parse_name(name);
      if (!parsed) {
        if (found.instead.empty()) pass_over(found.path, name);
        continue;
      }
      total += found.bytes;
      data.emplace_back(found, std::move(*parsed));
      if (total > limits_.total_bytes) throw too_much(folder_, limits_);
    }
    // Which market the name of a book means is clear when the others are known.
    std::stable_partition(data.begin(), data.end(), [](const auto& file) {
      return file.second.kind != FileName::Kind::kDepth;
    });
    for (auto& [found, name] : data) read(found, name);
    finish();
    return std::move(recording_);
  }

 private:
  void remark(Remark::Kind kind, const fs::path& path, std::size_t rows, std::string reason) {
    recording_.remarks.push_back({kind, path.filename().string(), rows, std::move(reason)});
  }
  void pass_over(const fs::path& path, const std::string& unpacked) {
    const std::string fault = name_fault(unpacked);
    const auto kind = fault.empty() ? Remark::Kind::kPassedOver : Remark::Kind::kMisnamed;
    std::string reason = path.filename().string() + ": " + fault;
    if (const std::string symbol = misnamed_symbol(unpacked); !symbol.empty()) {
      misnamed_.emplace_back(symbol, reason);
    }
    remark(kind, path, 0, std::move(reason));
  }

  void read(const Found& found, FileName& name) {
    if (name.kind == FileName::Kind::kDepth) name.symbol = market_of_book(name);
    LeftOut& bad = bad_of(name);
    try {
      const SourceFile file = open(found, name);
      LeftOut rows;
      read_kind(file, name, rows);
      usable_ = true;
      if (!name.symbol.empty()) bad.add(rows);
      if (!rows.empty()) {
        leaves_out_of(name);
        remark(Remark::Kind::kUnreadableRows, found.path, rows.rows, rows.first_row);
      }
    } catch (const Error& e) {
      const std::string reason = found.path.filename().string() + ": " + e.message();
      bad.add_file(reason);
      leaves_out_of(name);
      remark(Remark::Kind::kUnreadableFile, found.path, 0, reason);
    }
  }
  [[nodiscard]] SourceFile open(const Found& found, const FileName& name) {
    if (!found.instead.empty()) throw bad_recording(found.instead + ", not a file.");
    const std::uintmax_t most =
        name.kind == FileName::Kind::kCandleLines ? limits_.csv_bytes : limits_.json_bytes;
    if (found.bytes > most) {
      throw bad_recording("has " + std::to_string(found.bytes) + " bytes; the most is " +
                          std::to_string(most) + ". Split it.");
    }
    return {found.path, {most, &bytes_left_}};
  }
  /// The longest name of a market that is recorded otherwise, of those that the file's may mean.
  [[nodiscard]] std::string market_of_book(const FileName& name) const {
    for (const std::string& symbol : name.may_be) {
      if (recording_.markets.contains(symbol)) return symbol;
    }
    return name.symbol;
  }
  /// Where it is told what cannot be read of a file.
  LeftOut& bad_of(const FileName& name) {
    if (name.kind == FileName::Kind::kTicker) return recording_.bad_tickers;
    if (name.kind == FileName::Kind::kExchangeInfo) return recording_.bad_rules;
    Market& market = recording_.markets[name.symbol];
    return name.kind == FileName::Kind::kDepth ? market.bad_books : market.bad_candles;
  }
  /// From the begin of this file's month on, the recording may lack candles that there were.
  void leaves_out_of(const FileName& name) {
    if (!name.interval) return;
    lacks_since(name.symbol, name.month.value_or(Time{std::numeric_limits<std::int64_t>::min()}));
  }
  void lacks_since(const std::string& symbol, Time time) {
    const auto [known, is_new] = lacks_.emplace(symbol, time);
    if (!is_new) known->second = std::min(known->second, time);
  }

  void read_kind(const SourceFile& file, const FileName& name, LeftOut& rows) {
    switch (name.kind) {
      case FileName::Kind::kCandleLines:
      case FileName::Kind::kCandleJson:
        return read_candles(file, name, rows);
      case FileName::Kind::kTicker:
        return read_ticker_file(file, name, rows);
      case FileName::Kind::kDepth:
        return read_book_file(file, name, rows);
      case FileName::Kind::kExchangeInfo:
        return read_info(file, name, rows);
    }
  }
  void read_candles(const SourceFile& file, const FileName& name, LeftOut& rows) {
    const Interval interval = name.interval.value();
    Market& market = recording_.markets[name.symbol];
    Series& series = market.series[interval];
    const std::size_t before = series.size();
    try {
      if (name.kind == FileName::Kind::kCandleLines) {
        read_candle_lines(file, interval, series, rows);
      } else if (name.is_report) {
        read_candle_report(file, interval, series, rows);
      } else {
        read_candle_json(file, interval, series, rows);
      }
    } catch (const Error&) {  // an interval of which nothing was read is not recorded
      if (series.size() == 0) market.series.erase(interval);
      throw;
    }
    // A longer candle opens before the day on which its market was listed.
    if (is_longer_than_a_day(interval)) return;
    const auto first = series.open_time.begin() + static_cast<std::ptrdiff_t>(before);
    note_begin(market, *std::min_element(first, series.open_time.end()), name);
  }
  /// A bulk file of a month that begins days after the month shows when the market was listed, if
  /// it is whole: finish() looks at that.
  static void note_begin(Market& market, std::int64_t first, const FileName& name) {
    const Time day{first - first % kDayNs};
    const bool listed = name.month && first - name.month->ns >= kDayNs;
    if (market.grid && market.grid->ns < day.ns) return;
    const bool same_day = market.grid && market.grid->ns == day.ns;
    market.grid_known = listed || (same_day && market.grid_known);
    market.grid = day;
  }
  void read_ticker_file(const SourceFile& file, const FileName& name, LeftOut& rows) {
    BadRows bad;
    auto tickers = name.is_report ? read_ticker_report(file, bad.collect())
                                  : read_tickers(file, bad.collect());
    bad.tell(rows, [this](const std::string& symbol) -> LeftOut& {
      return symbol.empty() ? recording_.bad_tickers : recording_.markets[symbol].bad_tickers;
    });
    for (auto& [symbol, ticker] : tickers) {
      Market& market = recording_.markets[symbol];
      if (keep_all_) market.tickers.push_back(ticker);
      offer(market, std::move(ticker), now_);
    }
  }
  void read_book_file(const SourceFile& file, const FileName& name, LeftOut& rows) {
    Book book = name.is_report ? read_book_report(file, rows) : read_book(file, rows);
    if (now_ && book.time && *book.time > *now_) return;
    Market& market = recording_.markets[name.symbol];
    if (keep_all_) market.books.push_back(book);
    offer(market, std::move(book), now_);
  }
  void read_info(const SourceFile& file, const FileName& name, LeftOut& rows) {
    BadRows bad;
    auto all = name.is_report ? read_symbols_report(file, bad.collect())
                              : read_exchange_info(file, bad.collect());
    bad.tell(rows, [this](const std::string& symbol) -> LeftOut& {
      return symbol.empty() ? recording_.bad_rules : recording_.markets[symbol].bad_rules;
    });
    for (auto& [symbol, rules] : all) {
      Market& market = recording_.markets[symbol];
      if (keep_all_) market.all_rules.push_back(rules);
      offer(market, std::move(rules), now_);
    }
  }

  void finish() {
    if (!usable_) throw nothing_usable();
    for (const auto& [symbol, reason] : misnamed_) {
      const auto market = recording_.markets.find(symbol);
      if (market == recording_.markets.end()) continue;
      market->second.bad_candles.add_file(reason);
      lacks_since(symbol, Time{std::numeric_limits<std::int64_t>::min()});
    }
    for (auto& [symbol, market] : recording_.markets) {
      market.grid_known = market.grid_known && is_begin(symbol, market);
      finish(market);
      if (market.rules && market.rules->time) seen(market.rules->time->ns);
      if (market.book && market.book->time) seen(market.book->time->ns);
    }
    if (recording_.end.ns == 0 && newest_other_) recording_.end = Time{*newest_other_};
    name_assets(recording_);
    std::stable_sort(recording_.remarks.begin(), recording_.remarks.end(),
                     [](const Remark& a, const Remark& b) { return a.file < b.file; });
  }
  /// Whether nothing speaks for candles before the market's first day.
  [[nodiscard]] bool is_begin(const std::string& symbol, const Market& market) const {
    const auto lacks = lacks_.find(symbol);
    if (lacks != lacks_.end() && lacks->second <= *market.grid) return false;
    for (const auto& [interval, series] : market.series) {
      if (!is_longer_than_a_day(interval)) continue;
      const auto ended = [&](std::int64_t close) { return close < market.grid->ns; };
      if (std::any_of(series.close_time.begin(), series.close_time.end(), ended)) return false;
    }
    return true;
  }
  void finish(Market& market) {
    static const Interval kThreeDays = Interval::parse("3d").value();
    if (const auto own = market.series.find(kThreeDays); own != market.series.end()) {
      // Off the grid stands no candle of three days: any of them shows it.
      market.grid = Time{own->second.open_time.front()};
      market.grid_known = true;
    }
    for (auto& [interval, series] : market.series) {
      tidy(series, now_);
      for (const std::int64_t close : series.close_time) end_after(close);
    }
    if (market.ticker) end_after(market.ticker->close_time.ns);
  }
  void end_after(std::int64_t close_time) {
    recording_.end = std::max(recording_.end, after(close_time));
  }
  void seen(std::int64_t time) { newest_other_ = std::max(newest_other_.value_or(time), time); }

  [[nodiscard]] Error nothing_usable() const {
    constexpr std::size_t kNamed = 20;
    std::string text = folder_.string() +
                       ": holds nothing to replay: put files such as BTCUSDT-1h-2024-11.csv, "
                       "ticker_24h.json or depth_BTCUSDT.json into it.";
    std::size_t named = 0, more = 0;
    for (const Remark& each : recording_.remarks) {
      if (each.kind == Remark::Kind::kPassedOver) continue;
      if (named == kNamed) {
        ++more;
        continue;
      }
      text += (named++ == 0 ? " Left out: " : "; ") + each.reason;
    }
    if (more > 0) text += "; and " + std::to_string(more) + " more";
    return bad_recording(text);
  }

  const fs::path& folder_;
  std::optional<Time> now_;
  bool keep_all_;
  const Limits& limits_;
  std::uintmax_t bytes_left_;
  Recording recording_;
  bool usable_ = false;
  std::optional<std::int64_t> newest_other_;
  std::vector<std::pair<std::string, std::string>> misnamed_;  ///< market, why
  std::map<std::string, Time, std::less<>> lacks_;  ///< since when something was left out
};

}  // namespace

void Market::show(Time now, bool is_later) {
  for (auto& [interval, one] : series) one.show(now, is_later);
  ticker.reset();
  for (const Ticker& each : tickers) offer(*this, each, now);
  book.reset();
  for (const Book& each : books) offer(*this, each, now);
  rules.reset();
  for (const Rules& each : all_rules) offer(*this, each, now);
}

void offer(Market& market, Ticker ticker, std::optional<Time> now) {
  if (now && ticker.close_time > *now) return;
  if (!market.ticker || market.ticker->close_time <= ticker.close_time) {
    market.ticker = std::move(ticker);
  }
}

void offer(Market& market, Book book, std::optional<Time> now) {
  if (now && book.time && *book.time > *now) return;
  market.book = std::move(book);
}

/// One without a time is older than those with one. Assets are what they are at all times.
void offer(Market& market, Rules rules, std::optional<Time> now) {
  auto& known = market.rules;
  if (now && rules.time && *rules.time > *now) {
    if (!known) known.emplace().assets = rules.assets;
    return;
  }
  if (!known || !known->time || (rules.time && *rules.time >= *known->time)) {
    known = std::move(rules);
  }
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

bool Ticker::odd() const {
  if (close_time < open_time) return true;
  if (!low || !high) return false;
  const auto outside = [this](const std::optional<Decimal>& price) {
    return price && (*price < *low || *price > *high);
  };
  // Without trades, open and last are of the day before.
  return *low > *high || (trades > 0 && (outside(open) || outside(last)));
}

Recording load(const fs::path& folder, std::optional<Time> now, const Limits& limits) {
  return Loader(folder, now, false, limits).load();
}

Recording load_all(const fs::path& folder, const Limits& limits) {
  return Loader(folder, std::nullopt, true, limits).load();
}

std::vector<std::int64_t> steps_of(const Recording& recording) {
  std::vector<std::int64_t> steps;
  for (const auto& [symbol, market] : recording.markets) {
    for (const auto& [interval, series] : market.series) {
      for (const std::int64_t close : series.close_time) steps.push_back(after(close).ns);
    }
    for (const Ticker& ticker : market.tickers) steps.push_back(ticker.close_time.ns);
    for (const Book& book : market.books) {
      if (book.time) steps.push_back(book.time->ns);
    }
    for (const Rules& rules : market.all_rules) {
      if (rules.time) steps.push_back(rules.time->ns);
    }
  }
  std::ranges::sort(steps);
  steps.erase(std::ranges::unique(steps).begin(), steps.end());
  return steps;
}

}  // namespace bourse::replay
