// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <numeric>
#include <type_traits>
#include <utility>

#include "bourse/words.hpp"
#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/parse.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {

namespace {

/// One candle as it is read.
struct CandleRow {
  Time open_time, close_time;
  Decimal open, high, low, close, volume, quote_volume, taker_base_volume, taker_quote_volume;
  std::int64_t trades = 0;
};

/// In the order of the wire; the twelfth has no meaning.
struct CandleField {
  const char* name;
  bool (*set)(CandleRow& row, const Scalar& scalar);
};
template <auto Member, auto Convert>
bool set_member(CandleRow& row, const Scalar& scalar) {
  return Convert(scalar, row.*Member);
}
constexpr std::array<CandleField, 11> kFields = {{
    {"open time", set_member<&CandleRow::open_time, to_time>},
    {"open", set_member<&CandleRow::open, to_decimal>},
    {"high", set_member<&CandleRow::high, to_decimal>},
    {"low", set_member<&CandleRow::low, to_decimal>},
    {"close", set_member<&CandleRow::close, to_decimal>},
    {"volume", set_member<&CandleRow::volume, to_decimal>},
    {"close time", set_member<&CandleRow::close_time, to_time>},
    {"quote volume", set_member<&CandleRow::quote_volume, to_decimal>},
    {"trades", set_member<&CandleRow::trades, to_integer>},
    {"taker volume", set_member<&CandleRow::taker_base_volume, to_decimal>},
    {"taker quote volume", set_member<&CandleRow::taker_quote_volume, to_decimal>},
}};

/// Why it is no candle, or "".
std::string fault_of(const CandleRow& row) {
  for (const Decimal price : {row.open, row.high, row.low, row.close}) {
    if (price.sign() < 0) return "a price is negative";
  }
  for (const Decimal volume :
       {row.volume, row.quote_volume, row.taker_base_volume, row.taker_quote_volume}) {
    if (volume.sign() < 0) return "a volume is negative";
  }
  return row.trades < 0 ? "its number of trades is negative" : "";
}

bool contradicts_itself(const CandleRow& row) {
  const bool inside =
      row.low <= row.open && row.open <= row.high && row.low <= row.close && row.close <= row.high;
  return !inside || (row.high.is_zero() && !row.volume.is_zero());
}

/// Where the candle ends that opens then, on the grid or off it. A month has no length of its own.
Time last_instant(Time open, Interval interval) {
  const auto length = interval.length();
  return length ? Time{open.ns + *length - kNsPerMs} : interval.close_time(open);
}

}  // namespace

/// Write access to Candles, for this file.
struct CandleColumns {
  /// Calls visit(from.column, to.column) for every column.
  template <class From, class To, class Visit>
  static void for_each(From& from, To& to, Visit visit) {
    visit(from.open_time_, to.open_time_);
    visit(from.close_time_, to.close_time_);
    visit(from.open_, to.open_);
    visit(from.high_, to.high_);
    visit(from.low_, to.low_);
    visit(from.close_, to.close_);
    visit(from.volume_, to.volume_);
    visit(from.quote_volume_, to.quote_volume_);
    visit(from.trades_, to.trades_);
    visit(from.taker_base_volume_, to.taker_base_volume_);
    visit(from.taker_quote_volume_, to.taker_quote_volume_);
    visit(from.closed_, to.closed_);
    visit(from.oddities_, to.oddities_);
  }
  static void reserve(Candles& candles, std::size_t rows) {
    for_each(candles, candles, [&](auto& column, auto&) { column.reserve(rows); });
  }
  /// Appends the rows from `first` on.
  static void append(Candles& to, const Candles& from, std::size_t first) {
    for_each(from, to, [&](const auto& source, auto& target) {
      target.insert(target.end(), source.begin() + static_cast<std::ptrdiff_t>(first),
                    source.end());
    });
  }
  /// Only the rows with these numbers, in this order.
  static void pick(Candles& candles, const std::vector<std::size_t>& rows) {
    for_each(candles, candles, [&](auto& column, auto&) {
      std::remove_reference_t<decltype(column)> picked;
      picked.reserve(rows.size());
      for (const std::size_t row : rows) picked.push_back(column[row]);
      column = std::move(picked);
    });
  }
  /// Keeps the rows first to last - 1.
  static void cut(Candles& candles, std::size_t first, std::size_t last) {
    for_each(candles, candles, [&](auto& column, auto&) {
      column.erase(column.begin() + static_cast<std::ptrdiff_t>(last), column.end());
      column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(first));
    });
  }
  static std::vector<UnreadableCandle>& unreadable(Candles& candles) { return candles.unreadable_; }
  static void find_gaps(Candles& candles, Interval interval) {
    candles.gaps_.clear();
    const auto& times = candles.open_time_;
    if (times.empty()) return;
    // Each market has a grid of its own for three days; the newest candle tells which.
    const Interval grid = interval.anchored(times.back());
    for (std::size_t i = 1; i < times.size(); ++i) {
      if (times[i] > grid.next(times[i - 1])) candles.gaps_.push_back({times[i - 1], times[i]});
    }
  }
  static void push(Candles& candles, const CandleRow& row, std::uint8_t oddities, bool closed) {
    candles.open_time_.push_back(row.open_time);
    candles.close_time_.push_back(row.close_time);
    candles.open_.push_back(row.open);
    candles.high_.push_back(row.high);
    candles.low_.push_back(row.low);
    candles.close_.push_back(row.close);
    candles.volume_.push_back(row.volume);
    candles.quote_volume_.push_back(row.quote_volume);
    candles.trades_.push_back(row.trades);
    candles.taker_base_volume_.push_back(row.taker_base_volume);
    candles.taker_quote_volume_.push_back(row.taker_quote_volume);
    candles.closed_.push_back(closed ? 1 : 0);
    candles.oddities_.push_back(oddities);
  }
};

namespace {

constexpr std::size_t kRowsOfAPage = 1000;
/// Bytes of a short candle: an upper bound for the number of rows in a body.
constexpr std::size_t kCandleBytesMin = 60;

class CandlesVisitor final : public JsonVisitor {
 public:
  CandlesVisitor(std::size_t body_bytes, Interval interval, Time surely_past, OpenTimes within)
      : interval_(interval), surely_past_(surely_past), within_(within) {
    CandleColumns::reserve(candles_, std::min(kRowsOfAPage, body_bytes / kCandleBytesMin));
  }
  /// False: too much of it cannot be read, see problem().
  bool finish() { return is_in_order() || put_in_order(); }
  Candles take() { return std::move(candles_); }

  bool begin_object() override {
    if (depth_ == 0) return fail("expected an array of arrays, not an object");
    return begin(true);
  }
  bool begin_array() override { return begin(false); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(std::string_view /*name*/) override { return true; }
  bool value(const Scalar& scalar) override {
    if (depth_ == 0) return fail("expected an array of arrays");
    if (depth_ == 1) {
      begin_row(false);
      return finish_row();
    }
    if (depth_ > 2) return true;
    if (field_ < kFields.size() && reason_.empty() && !kFields[field_].set(row_, scalar)) {
      refuse(std::string(kFields[field_].name) + " is not a number");
    }
    ++field_;
    return true;
  }

 private:
  bool begin(bool object) {
    if (++depth_ == 2) begin_row(!object);
    if (depth_ == 3 && field_ < kFields.size()) {
      refuse(std::string(kFields[field_].name) + " is not a plain value");
    }
    return true;
  }
  bool end() {
    --depth_;
    if (depth_ == 1) return finish_row();
    if (depth_ == 2) ++field_;
    return true;
  }
  void begin_row(bool is_array) {
    row_ = {};
    field_ = 0;
    open_time_read_ = false;
    reason_ = is_array ? "" : "it is no array";
  }
  /// The first reason counts, and ends the reading of its row.
  void refuse(std::string reason) {
    if (!reason_.empty() || reason.empty()) return;
    reason_ = std::move(reason);
    open_time_read_ = field_ > 0;
  }
  bool finish_row() {
    ++rows_;
    if (reason_.empty() && field_ < kFields.size()) {
      refuse("it has only " + std::to_string(field_) + " fields");
    }
    if (reason_.empty()) refuse(fault_of(row_));
    bool has_time = reason_.empty() || open_time_read_;
    if (has_time && (row_.open_time < within_.first || row_.open_time > within_.last)) {
      has_time = false;  // wherever it belongs, it is not there
      reason_ = "it opens at " + time_text(row_.open_time) + ", which was not asked for";
    }
    if (!reason_.empty()) {
      return leave_out(rows_, has_time ? std::optional(row_.open_time) : std::nullopt, reason_);
    }
    std::uint8_t oddities = contradicts_itself(row_) ? kContradictsItself : 0;
    const Time last = last_instant(row_.open_time, interval_);
    if (row_.close_time <= row_.open_time || row_.close_time > last) {
      row_.close_time = last;
      oddities |= kClosesOddly;
    }
    CandleColumns::push(candles_, row_, oddities, row_.close_time < surely_past_);
    numbers_.push_back(rows_);
    return true;
  }
  bool leave_out(std::size_t row, std::optional<Time> open_time, const std::string& why) {
    auto& left_out = CandleColumns::unreadable(candles_);
    std::string reason = "row " + std::to_string(row) + ": " + why;
    if (left_out.size() == kUnreadableMax) {
      return fail("more than " + std::to_string(kUnreadableMax) + " rows cannot be read, such as " +
                  reason);
    }
    left_out.push_back({open_time, std::move(reason)});
    return true;
  }

  /// Whether every open time stands once, and the rows in its order: nearly always.
  [[nodiscard]] bool is_in_order() const {
    const auto times = candles_.open_time();
    return candles_.unreadable().empty() &&
           std::ranges::adjacent_find(times, std::greater_equal()) == times.end();
  }
  bool put_in_order() {
    const auto times = candles_.open_time();
    std::vector<std::size_t> order(times.size()), picked, repeated;
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t row) { return times[row]; });
    for (const std::size_t row : order) {
      const bool repeats = !picked.empty() && times[picked.back()] == times[row];
      (repeats ? repeated : picked).push_back(row);
    }
    for (const std::size_t row : repeated) {
      if (!leave_out(numbers_[row], std::nullopt, "another one opens at the same time")) {
        return false;
      }
    }
    CandleColumns::pick(candles_, picked);
    forget_repeated_places();
    return true;
  }
  /// A row that cannot be read does not stand for an open time that another one has.
  void forget_repeated_places() {
    std::vector<Time> taken(candles_.open_time().begin(), candles_.open_time().end());
    for (UnreadableCandle& one : CandleColumns::unreadable(candles_)) {
      if (!one.open_time) continue;
      const auto place = std::ranges::lower_bound(taken, *one.open_time);
      if (place != taken.end() && *place == *one.open_time) {
        one.open_time.reset();
      } else {
        taken.insert(place, *one.open_time);
      }
    }
  }

  const Interval interval_;
  const Time surely_past_;
  const OpenTimes within_;
  Candles candles_;
  std::vector<std::size_t> numbers_;  ///< of the candles, among the rows that came
  CandleRow row_;
  std::string reason_;  ///< why the row cannot be read, or ""
  std::size_t rows_ = 0, field_ = 0;
  int depth_ = 0;
  bool open_time_read_ = false;
};

}  // namespace

Result<Candles> parse_candles(std::string& body, Interval interval, Time surely_past,
                              OpenTimes within) {
  CandlesVisitor visitor(body.size(), interval, surely_past, within);
  if (auto parsed = parse_json(body, visitor, "candles"); !parsed) {
    return std::move(parsed).error();
  }
  if (!visitor.finish()) return nothing_readable({{}, visitor.problem()});
  return visitor.take();
}

Error nothing_readable(const UnreadableCandle& first) {
  return {.kind = ErrorKind::kProtocol,
          .message = "The exchange's answer about candles makes no sense: " + first.reason +
                     ", and no other can be read.",
          .advice = "Try again later; if it stays so, this client may be out of date.",
          .reach = Reach::kAnswered};
}

Candles join(std::vector<Candles> pages, Interval interval, std::size_t rows_max, Keep keep) {
  Candles joined;
  if (!pages.empty()) joined = std::move(pages.front());
  for (std::size_t page = 1; page < pages.size(); ++page) {
    const auto times = pages[page].open_time();
    const auto first = joined.rows() == 0 ? times.begin()
                                          : std::upper_bound(times.begin(), times.end(),
                                                             joined.open_time().back());
    CandleColumns::append(joined, pages[page], static_cast<std::size_t>(first - times.begin()));
    auto& left_out = CandleColumns::unreadable(pages[page]);
    std::ranges::move(left_out, std::back_inserter(CandleColumns::unreadable(joined)));
  }
  if (joined.rows() > rows_max) {
    const std::size_t first = keep == Keep::kOldest ? 0 : joined.rows() - rows_max;
    CandleColumns::cut(joined, first, first + rows_max);
    // What lies beyond the end that was cut off was not asked for.
    std::erase_if(CandleColumns::unreadable(joined), [&](const UnreadableCandle& one) {
      if (!one.open_time) return false;
      const auto times = joined.open_time();
      return keep == Keep::kOldest ? *one.open_time > times.back() : *one.open_time < times.front();
    });
  }
  CandleColumns::find_gaps(joined, interval);
  return joined;
}

}  // namespace bourse::binance
