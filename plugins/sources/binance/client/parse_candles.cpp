// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iterator>
#include <utility>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/parse.hpp"

namespace bourse::binance {

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
  /// Keeps the rows first to last - 1.
  static void cut(Candles& candles, std::size_t first, std::size_t last) {
    for_each(candles, candles, [&](auto& column, auto&) {
      column.erase(column.begin() + static_cast<std::ptrdiff_t>(last), column.end());
      column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(first));
    });
  }
  static void find_gaps(Candles& candles, Interval interval) {
    candles.gaps_.clear();
    const auto& times = candles.open_time_;
    for (std::size_t i = 1; i < times.size(); ++i) {
      if (times[i] > interval.next(times[i - 1])) {
        candles.gaps_.push_back({times[i - 1], times[i]});
      }
    }
  }

  // One candle, in the order of the wire; the twelfth field has no meaning.
  static bool set(Candles& candles, std::size_t field, const Scalar& scalar) {
    const auto put = [&](auto& column, auto convert) {
      return convert(scalar, column.emplace_back());
    };
    switch (field) {
      case 0:
        return put(candles.open_time_, to_time);
      case 1:
        return put(candles.open_, to_decimal);
      case 2:
        return put(candles.high_, to_decimal);
      case 3:
        return put(candles.low_, to_decimal);
      case 4:
        return put(candles.close_, to_decimal);
      case 5:
        return put(candles.volume_, to_decimal);
      case 6:
        return put(candles.close_time_, to_time);
      case 7:
        return put(candles.quote_volume_, to_decimal);
      case 8:
        return put(candles.trades_, to_integer);
      case 9:
        return put(candles.taker_base_volume_, to_decimal);
      case 10:
        return put(candles.taker_quote_volume_, to_decimal);
      default:
        return true;
    }
  }
  static constexpr std::size_t kFields = 11;
  static constexpr const char* kNames[kFields] = {"open time",
                                                  "open",
                                                  "high",
                                                  "low",
                                                  "close",
                                                  "volume",
                                                  "close time",
                                                  "quote volume",
                                                  "trades",
                                                  "taker volume",
                                                  "taker quote volume"};

  /// Empty when the newest row makes sense.
  static std::string check_last(const Candles& candles) {
    const std::size_t i = candles.open_time_.size() - 1;
    const Decimal low = candles.low_[i], high = candles.high_[i];
    const Decimal open = candles.open_[i], close = candles.close_[i];
    if (low > high) return "its low is above its high";
    if (open < low || high < open) return "its open is not between low and high";
    if (close < low || high < close) return "its close is not between low and high";
    if (low.sign() < 0) return "a price is negative";
    for (const auto* volume : {&candles.volume_, &candles.quote_volume_,
                               &candles.taker_base_volume_, &candles.taker_quote_volume_}) {
      if ((*volume)[i].sign() < 0) return "a volume is negative";
    }
    if (candles.trades_[i] < 0) return "its number of trades is negative";
    if (candles.close_time_[i] < candles.open_time_[i]) return "it closes before it opens";
    if (i > 0 && candles.open_time_[i] <= candles.open_time_[i - 1]) {
      return "it does not come after the one before it";
    }
    return {};
  }
  static void mark_closed(Candles& candles, Time surely_past) {
    const bool closed = candles.close_time_.back() < surely_past;
    candles.closed_.push_back(closed ? 1 : 0);
  }
};

namespace {

constexpr std::size_t kRowsOfAPage = 1000;
/// Bytes of a short candle: an upper bound for the number of rows in a body.
constexpr std::size_t kCandleBytesMin = 60;

class CandlesVisitor final : public JsonVisitor {
 public:
  CandlesVisitor(std::size_t body_bytes, Time surely_past) : surely_past_(surely_past) {
    CandleColumns::reserve(candles_, std::min(kRowsOfAPage, body_bytes / kCandleBytesMin));
  }
  Candles take() { return std::move(candles_); }

  bool begin_object() override { return fail("expected an array of arrays, not an object"); }
  bool end_object() override { return false; }
  bool key(std::string_view /*name*/) override { return false; }
  bool begin_array() override {
    if (++depth_ > 2) return fail(where() + " is an array");
    row_ += depth_ == 2 ? 1 : 0;
    field_ = 0;
    return true;
  }
  bool end_array() override {
    if (--depth_ == 0) return true;
    if (field_ < CandleColumns::kFields) {
      return fail("row " + std::to_string(row_) + " has only " + std::to_string(field_) +
                  " fields");
    }
    if (const std::string why = CandleColumns::check_last(candles_); !why.empty()) {
      return fail("row " + std::to_string(row_) + ": " + why);
    }
    CandleColumns::mark_closed(candles_, surely_past_);
    return true;
  }
  bool value(const Scalar& scalar) override {
    if (depth_ != 2) return fail("expected an array of arrays");
    if (!CandleColumns::set(candles_, field_, scalar)) return fail(where() + " is not a number");
    ++field_;
    return true;
  }

 private:
  [[nodiscard]] std::string where() const {
    return "row " + std::to_string(row_) + ", " +
           (field_ < CandleColumns::kFields ? CandleColumns::kNames[field_] : "an unknown field");
  }

  Time surely_past_;
  Candles candles_;
  int depth_ = 0;
  std::size_t row_ = 0, field_ = 0;
};

}  // namespace

Result<Candles> parse_candles(std::string& body, Time surely_past) {
  CandlesVisitor visitor(body.size(), surely_past);
  if (auto parsed = parse_json(body, visitor, "candles"); !parsed) {
    return std::move(parsed).error();
  }
  return visitor.take();
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
  }
  if (joined.rows() > rows_max) {
    const std::size_t first = keep == Keep::kOldest ? 0 : joined.rows() - rows_max;
    CandleColumns::cut(joined, first, first + rows_max);
  }
  CandleColumns::find_gaps(joined, interval);
  return joined;
}

}  // namespace bourse::binance
