// SPDX-License-Identifier: MIT
//
// Answers of a source as Bourse's reports show them.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <iterator>

#include "bourse/symbols.hpp"
#include "plugins/sources/candle_files/candle_row.hpp"
#include "plugins/sources/replay/files.hpp"

namespace bourse::replay {
namespace {

using Cells = std::map<std::string, std::string, std::less<>>;

constexpr std::int64_t kSecond = 1'000'000'000;

/// The digits at the front, taken off; nothing when there are fewer.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

/// ".25" as ns; 0 when there is none.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t ns = 0, unit = kSecond;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && unit > 1) {
    unit /= 10;
    ns += (text.front() - '0') * unit;
    text.remove_prefix(1);
  }
  return unit == kSecond ? std::nullopt : std::optional(ns);
}

/// One row, with good complaints.
class Row {
 public:
  explicit Row(const Cells& cells) : cells_(cells) {}

  [[nodiscard]] std::string_view text(const char* name) const {
    const auto found = cells_.find(name);
    return found == cells_.end() ? std::string_view() : std::string_view(found->second);
  }
  [[nodiscard]] std::optional<std::string> optional_text(const char* name) const {
    const std::string_view found = text(name);
    return found.empty() ? std::nullopt : std::optional(std::string(found));
  }
  [[nodiscard]] std::string symbol() const {
    const std::string_view found = text("symbol");
    if (const char* const fault = symbol_fault(found)) {
      throw bad_recording("symbol " + bourse::detail::quoted(found) + " " + fault);
    }
    return std::string(found);
  }
  [[nodiscard]] std::optional<Decimal> decimal(const char* name) const {
    const std::string_view found = text(name);
    if (found.empty()) return std::nullopt;
    if (const auto number = Decimal::parse(found)) return number;
    throw bad_recording(std::string(name) + " is " + bourse::detail::quoted(found) +
                        "; expected a decimal number of at most 38 digits");
  }
  [[nodiscard]] Decimal needed_decimal(const char* name) const {
    if (const auto number = decimal(name)) return *number;
    throw bad_recording(std::string(name) + " is missing");
  }
  [[nodiscard]] Time time(const char* name) const {
    if (const auto time = time_of_text(text(name))) return *time;
    throw bad_recording(std::string(name) + " is " + bourse::detail::quoted(text(name)) +
                        "; expected a time such as 2026-11-30T21:09:18Z");
  }
  [[nodiscard]] std::int64_t count(const char* name) const {
    const std::string_view found = text(name);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), value);
    if (error == std::errc{} && end == found.data() + found.size() && value >= 0) return value;
    throw bad_recording(std::string(name) + " must be a whole number");
  }

 private:
  const Cells& cells_;
};

/// Calls read(row) for each; what it throws is told with the row's number, and its market if it
/// names one. Throws when no row could be read.
template <class Read>
void for_each_row(const SourceFile& file, const ReportTable& table, const BadRow& bad,
                  const Read& read) {
  std::size_t failed = 0;
  std::string first;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const Row row(table.rows[i]);
    try {
      read(row);
    } catch (const Error& e) {
      const std::string reason = "row " + std::to_string(i) + ": " + e.message();
      if (failed++ == 0) first = reason;
      if (failed > kBadRowsMax) {
        throw bad_recording("more than 10000 rows cannot be read, the first: " + first);
      }
      const std::string_view symbol = row.text("symbol");
      bad(is_symbol(symbol) ? std::string(symbol) : "", file.at() + reason);
    }
  }
  if (table.rows.empty()) throw bad_recording("is a report without a row");
  if (failed == table.rows.size()) {
    throw bad_recording("holds nothing that can be read: " + first);
  }
}

/// As the exchange's files have it: in ms, or in us where that is exact.
std::string file_time(Time time) {
  constexpr std::int64_t kUs = 1'000, kMs = 1'000'000;
  return std::to_string(time.ns % kMs == 0 ? time.ns / kMs : time.ns / kUs);
}

void append_row(const Row& row, Interval interval, Series& series) {
  const std::string open_time = file_time(row.time("open_time"));
  const std::string close_time = file_time(row.time("close_time"));
  append_candle({open_time, row.text("open"), row.text("high"), row.text("low"), row.text("close"),
                 row.text("volume"), close_time, row.text("quote_volume"), row.text("trades"),
                 row.text("taker_base_volume"), row.text("taker_quote_volume"), ""},
                interval, series);
}

Ticker ticker_of(const Row& row) {
  Ticker t;
  t.last = row.needed_decimal("last");
  t.open = row.needed_decimal("open");
  t.high = row.needed_decimal("high");
  t.low = row.needed_decimal("low");
  t.volume = row.needed_decimal("volume");
  t.quote_volume = row.needed_decimal("quote_volume");
  t.open_time = row.time("open_time");
  t.close_time = row.time("close_time");
  t.trades = row.count("trades");
  t.last_quantity = row.decimal("last_quantity");
  t.previous_close = row.decimal("previous_close");
  t.price_change = row.decimal("price_change");
  t.price_change_percent = row.decimal("price_change_percent");
  t.weighted_average = row.decimal("weighted_average");
  t.bid = row.decimal("bid");
  t.bid_quantity = row.decimal("bid_quantity");
  t.ask = row.decimal("ask");
  t.ask_quantity = row.decimal("ask_quantity");
  t.covered = std::max<std::int64_t>(0, t.close_time.ns - t.open_time.ns);
  try {
    t.complete();
  } catch (const DecimalError& e) {
    throw bad_recording(e.what());
  }
  return t;
}

Rules rules_of(const Row& row) {
  Rules rules;
  const auto base = row.optional_text("base_asset"), quote = row.optional_text("quote_asset");
  if (base && quote) rules.assets = Assets{*base, *quote};
  rules.status = row.optional_text("status");
  rules.order_types = row.optional_text("order_types");
  rules.tick_size = row.decimal("tick_size");
  rules.lot_step = row.decimal("lot_step");
  rules.minimum_quantity = row.decimal("minimum_quantity");
  rules.maximum_quantity = row.decimal("maximum_quantity");
  rules.minimum_notional = row.decimal("minimum_notional");
  return rules;
}

/// Of how many levels a book is asked for: a side that holds one of these numbers may be cut there.
bool is_depth_limit(std::size_t levels) {
  constexpr std::size_t kLimits[] = {5, 10, 20, 50, 100, 500, 1000, 5000};
  return std::find(std::begin(kLimits), std::end(kLimits), levels) != std::end(kLimits);
}

/// Nothing tells how many levels the recorder asked for, but it was one number for both sides: a
/// side that is shorter than the other was not cut by it, nor was a longer one that holds more than
/// one limit and less than the next. Of a side with levels that cannot be read, nothing is known.
bool is_whole(std::size_t levels, std::size_t of_other, bool readable) {
  if (!readable) return false;
  return levels == 0 || levels < of_other || (levels > of_other && !is_depth_limit(levels));
}

}  // namespace

void settle(Book& book, bool bids_readable, bool asks_readable) {
  const auto sort = [&book](std::vector<BookLevel>& levels, auto better) {
    if (std::is_sorted(levels.begin(), levels.end(), better)) return;
    std::stable_sort(levels.begin(), levels.end(), better);
    book.sorted = true;
  };
  sort(book.bids, [](const BookLevel& a, const BookLevel& b) { return a.price > b.price; });
  sort(book.asks, [](const BookLevel& a, const BookLevel& b) { return a.price < b.price; });
  const std::size_t bids = book.bids.size(), asks = book.asks.size();
  book.bids_whole = is_whole(bids, asks, bids_readable);
  book.asks_whole = is_whole(asks, bids, asks_readable);
}

std::optional<Time> time_of_text(std::string_view text) {
  namespace chrono = std::chrono;
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  const auto fraction = second && *second <= 59 ? take_fraction(text) : std::nullopt;
  if (!fraction || text != "Z") return std::nullopt;
  const chrono::year_month_day date{chrono::year(*year),
                                    chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1970 || *year > 2261) return std::nullopt;
  const std::int64_t days = chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
  return Time{seconds * kSecond + *fraction};
}

void read_candle_report(const SourceFile& file, Interval interval, Series& series, LeftOut& bad) {
  ReportTable table = read_report(file);
  std::erase_if(table.rows,
                [](const Cells& cells) { return Row(cells).text("closed") == "false"; });
  const std::size_t before = series.size();
  LeftOut rows;
  try {
    for_each_row(
        file, table, [&](const std::string&, const std::string& why) { rows.add_row(why); },
        [&](const Row& row) { append_row(row, interval, series); });
  } catch (const Error&) {
    series.truncate(before);
    throw;
  }
  bad.add(rows);
}

std::vector<std::pair<std::string, Ticker>> read_ticker_report(const SourceFile& file,
                                                               const BadRow& bad) {
  std::vector<std::pair<std::string, Ticker>> out;
  for_each_row(file, read_report(file), bad, [&](const Row& row) {
    std::string symbol = row.symbol();
    out.emplace_back(std::move(symbol), ticker_of(row));
  });
  return out;
}

Book read_book_report(const SourceFile& file, LeftOut& bad) {
  const ReportTable table = read_report(file);
  Book book;
  book.last_update_id = table.last_update_id;
  book.time = table.as_of ? table.as_of : table.clock;
  LeftOut rows;
  const auto read = [&](const Row& row) {
    const std::string_view side = row.text("side");
    if (side != "bid" && side != "ask") throw bad_recording("side must be bid or ask");
    const BookLevel level{row.needed_decimal("price"), row.needed_decimal("quantity")};
    if (level.price.sign() <= 0 || level.quantity.sign() < 0) {
      throw bad_recording("must have a price above 0 and a quantity that is not negative");
    }
    (side == "bid" ? book.bids : book.asks).push_back(level);
  };
  if (!table.rows.empty()) {  // a market may have no orders at all
    for_each_row(
        file, table, [&](const std::string&, const std::string& why) { rows.add_row(why); }, read);
  }
  settle(book, rows.empty(), rows.empty());
  bad.add(rows);
  return book;
}

std::vector<std::pair<std::string, Rules>> read_symbols_report(const SourceFile& file,
                                                               const BadRow& bad) {
  const ReportTable table = read_report(file);
  std::vector<std::pair<std::string, Rules>> out;
  for_each_row(file, table, bad, [&](const Row& row) {
    std::string symbol = row.symbol();
    Rules rules = rules_of(row);
    rules.time = table.as_of ? table.as_of : table.clock;
    out.emplace_back(std::move(symbol), std::move(rules));
  });
  return out;
}

}  // namespace bourse::replay
