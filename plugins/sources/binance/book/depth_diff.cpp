// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/book/depth_diff.hpp"

#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "plugins/sources/binance/book/units.hpp"
#include "plugins/sources/binance/client/json.hpp"

namespace bourse::binance {
namespace {

constexpr std::string_view kDiffName = "depthUpdate";

/// An amount as it is written, without its point.
struct Written {
  std::int64_t units = 0;
  int scale = 0;
};

/// nullopt: no plain decimal that is not negative, or one that does not fit.
std::optional<Written> read_amount_units(const Scalar& scalar) {
  if (scalar.kind != Scalar::Kind::kString && scalar.kind != Scalar::Kind::kNumber) return {};
  const std::string_view text = scalar.text;
  const std::size_t point = text.find('.');
  const bool has_point = point != std::string_view::npos;
  if (text.empty() || point == 0 || (has_point && point + 1 == text.size())) return {};
  const std::size_t decimals = has_point ? text.size() - point - 1 : 0;
  if (decimals > kUnitScaleMax) return {};
  Written result{.scale = static_cast<int>(decimals)};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == point) continue;
    if (text[i] < '0' || text[i] > '9') return {};
    if (__builtin_mul_overflow(result.units, std::int64_t{10}, &result.units) ||
        __builtin_add_overflow(result.units, std::int64_t{text[i] - '0'}, &result.units)) {
      return {};
    }
  }
  return result;
}

/// Brings amounts of a message to one scale, the finest of them.
class CommonScale {
 public:
  /// `all`: calls what it is given with each amount that came before.
  template <class All>
  bool fit(Written amount, std::int64_t& out, All all) {
    out = amount.units;
    if (amount.units == 0) return true;
    if (amount.scale < scale_) return multiply(out, power_of_ten(scale_ - amount.scale));
    if (amount.scale == scale_) return true;
    bool fits = true;
    const std::int64_t factor = power_of_ten(amount.scale - scale_);
    all([&](std::int64_t& earlier) { fits = fits && multiply(earlier, factor); });
    scale_ = amount.scale;
    return fits;
  }
  [[nodiscard]] int scale() const noexcept { return scale_; }

 private:
  int scale_ = 0;
};

class BookVisitor final : public JsonVisitor {
 public:
  bool begin_object() override {
    ++depth_;
    if (depth_ == 2 && field_ == Field::kData) return begin_payload();
    return depth_ == 1 || begin();
  }
  bool begin_array() override {
    ++depth_;
    if (depth_ == 1) return fail("expected an object");
    return begin();
  }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool key(std::string_view name) override {
    if (depth_ == 1) {
      field_ = field_at_top(name);
    } else if (depth_ == payload_ && is_inside()) {
      field_ = field_of(name);
    }
    return true;
  }

  bool value(const Scalar& scalar) override {
    if (depth_ == 0) return fail("expected an object");
    if (depth_ == 1 && field_ == Field::kStream) return name(scalar, stream, "stream");
    if (depth_ == payload_ && is_inside()) return value_of_payload(scalar);
    if (side() == nullptr) return true;
    if (depth_ == payload_ + 1) return fail("a level is no list");
    return depth_ > payload_ + 2 || value_of_level(scalar);
  }

  /// What is missing or wrong as a whole, or "".
  [[nodiscard]] std::string wrong() const {
    if (is_wrapped_ && payload_ != 2) return "its data is no object";
    if (!symbol_seen_) return "it names no market";
    if (is_diff()) {
      if (!bids_seen_ || !asks_seen_) return "it lacks a list of bids or of asks";
      if (first_ < 1 || last_ < first_) return "its updates are not counted upwards";
      return has_time_ ? "" : "it has no time";
    }
    if (!event_.empty()) return "it is of another kind, " + event_;
    if (ticker_fields_ != kAllTickerFields) return "it is no change of a book and no best prices";
    return last_ < 1 ? "its update has no number" : "";
  }

  BookMessage take() {
    BookMessage message{.stream = std::move(stream), .symbol = top_.row.symbol, .event = {}};
    if (is_diff()) {
      diff_.first = first_;
      diff_.last = last_;
      diff_.price_scale = prices_.scale();
      diff_.quantity_scale = quantities_.scale();
      message.event = std::move(diff_);
    } else {
      top_.id = last_;
      message.event = std::move(top_);
    }
    return message;
  }

 private:
  enum class Field : std::uint8_t {
    kOther,
    kStream,
    kData,
    kEvent,
    kTime,
    kSymbol,
    kFirst,
    kLast,
    kBids,
    kAsks,
    kBidQuantity,
    kAskQuantity
  };
  static constexpr unsigned kAllTickerFields = 15;

  static Field field_of(std::string_view name) {
    if (name.size() != 1) return Field::kOther;
    switch (name[0]) {
      case 'e':
        return Field::kEvent;
      case 'E':
        return Field::kTime;
      case 's':
        return Field::kSymbol;
      case 'U':
        return Field::kFirst;
      case 'u':
        return Field::kLast;
      case 'b':
        return Field::kBids;
      case 'a':
        return Field::kAsks;
      case 'B':
        return Field::kBidQuantity;
      case 'A':
        return Field::kAskQuantity;
      default:
        return Field::kOther;
    }
  }
  Field field_at_top(std::string_view name) {
    if (name == "stream") return Field::kStream;
    if (name == "data") {
      is_wrapped_ = true;
      return Field::kData;
    }
    return payload_ == 1 ? field_of(name) : Field::kOther;
  }

  /// Of the members of the payload, or of what stands beside it.
  [[nodiscard]] bool is_inside() const { return payload_ == 1 || in_data_; }
  [[nodiscard]] bool is_diff() const { return event_ == kDiffName; }
  [[nodiscard]] std::vector<BookRow>* side() {
    return field_ == Field::kBids ? &diff_.bids : field_ == Field::kAsks ? &diff_.asks : nullptr;
  }

  bool begin_payload() {
    if (payload_ == 2) return fail("it has data twice");
    if (symbol_seen_ || bids_seen_ || asks_seen_) return fail("it has members beside its data");
    payload_ = 2;
    in_data_ = true;
    field_ = Field::kOther;
    return true;
  }
  /// A container inside of the payload.
  bool begin() {
    if (side() == nullptr || depth_ > payload_ + 2) return true;
    if (depth_ == payload_ + 2) {
      amounts_ = 0;
      return true;
    }
    bool& seen = field_ == Field::kBids ? bids_seen_ : asks_seen_;
    return std::exchange(seen, true) ? fail("it lists a side twice") : true;
  }
  bool end() {
    --depth_;
    if (depth_ == 1 && payload_ == 2) {
      in_data_ = false;
      field_ = Field::kOther;
    }
    if (side() == nullptr || depth_ != payload_ + 1) return true;
    if (amounts_ < 2) return fail("a level lacks its price or its quantity");
    side()->push_back(row_);
    return true;
  }

  bool value_of_payload(const Scalar& scalar) {
    switch (field_) {
      case Field::kEvent:
        return name(scalar, event_, "kind");
      case Field::kTime:
        has_time_ = to_time(scalar, diff_.time);
        return has_time_ ? true : fail("its time is none");
      case Field::kSymbol:
        symbol_seen_ = to_symbol(scalar, top_.row.symbol);
        return symbol_seen_ ? true : fail("its market is no name");
      case Field::kFirst:
        return number(scalar, first_);
      case Field::kLast:
        return number(scalar, last_);
      case Field::kBids:
        return amount(scalar, top_.row.bid, 1);
      case Field::kBidQuantity:
        return amount(scalar, top_.row.bid_quantity, 2);
      case Field::kAsks:
        return amount(scalar, top_.row.ask, 4);
      case Field::kAskQuantity:
        return amount(scalar, top_.row.ask_quantity, 8);
      default:
        return true;
    }
  }
  bool name(const Scalar& scalar, std::string& out, const char* what) {
    return to_name(scalar, out) ? true : fail("its " + std::string(what) + " is no name");
  }
  bool number(const Scalar& scalar, std::int64_t& out) {
    return to_integer(scalar, out) ? true : fail("the number of an update is none");
  }
  bool amount(const Scalar& scalar, Decimal& out, unsigned field) {
    ticker_fields_ |= field;
    return to_decimal(scalar, out) && out.sign() >= 0 ? true : fail("an amount is none");
  }
  bool value_of_level(const Scalar& scalar) {
    if (amounts_ >= 2) return true;
    const auto written = read_amount_units(scalar);
    if (!written) return fail("an amount of a level is none, or has too many digits");
    const bool is_price = amounts_++ == 0;
    if (is_price && written->units == 0) return fail("a level's price is zero");
    const auto all = [&](auto change) {
      auto BookRow::*const member = is_price ? &BookRow::price : &BookRow::quantity;
      for (auto* rows : {&diff_.bids, &diff_.asks}) {
        for (BookRow& row : *rows) change(row.*member);
      }
    };
    const bool fits = is_price ? prices_.fit(*written, row_.price, all)
                               : quantities_.fit(*written, row_.quantity, all);
    return fits ? true : fail("an amount of a level has too many digits");
  }

 public:
  std::string stream;

 private:
  std::string event_;
  DepthDiff diff_;
  TopOfBook top_;
  BookRow row_;
  CommonScale prices_, quantities_;
  std::int64_t first_ = 0, last_ = 0;
  int depth_ = 0;    ///< containers around
  int payload_ = 1;  ///< how many are around a member of the payload
  int amounts_ = 0;  ///< of the level
  unsigned ticker_fields_ = 0;
  Field field_ = Field::kOther;
  bool is_wrapped_ = false, in_data_ = false, has_time_ = false, symbol_seen_ = false;
  bool bids_seen_ = false, asks_seen_ = false;
};

}  // namespace

Result<BookMessage> parse_book_message(std::string& body) {
  BookVisitor visitor;
  if (auto parsed = parse_json(body, visitor, "an order book's changes"); !parsed) {
    return std::move(parsed).error();
  }
  if (const std::string wrong = visitor.wrong(); !wrong.empty()) {
    return Error{.kind = ErrorKind::kProtocol,
                 .message = "A message of the exchange's stream makes no sense: " + wrong + ".",
                 .reach = Reach::kAnswered};
  }
  return visitor.take();
}

}  // namespace bourse::binance
