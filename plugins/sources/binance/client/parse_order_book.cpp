// SPDX-License-Identifier: MIT
#include <algorithm>
#include <functional>
#include <utility>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/parse.hpp"

namespace bourse::binance {
namespace {

class OrderBookVisitor final : public JsonVisitor {
 public:
  bool begin_object() override { return depth_ > 0 ? begin() : (++depth_, true); }
  bool begin_array() override { return depth_ > 0 ? begin() : fail("expected an object"); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(std::string_view name) override {
    if (depth_ != 1) return true;
    side_ = name == "bids" ? &book.bids : name == "asks" ? &book.asks : nullptr;
    is_id_ = name == "lastUpdateId";
    return true;
  }
  bool value(const Scalar& scalar) override {
    if (depth_ == 0) return fail("expected an object");
    if (depth_ == 1 && is_id_) return read_id(scalar);
    if (side_ == nullptr) return true;
    if (depth_ == 1) return fail("its sides are no lists");
    if (depth_ == 2) {
      begin_level();
      return finish_level();
    }
    if (depth_ > 3) return true;
    Decimal& number = field_ == 0 ? level_.price : level_.quantity;
    if (field_ < 2 && (!to_decimal(scalar, number) || number.sign() < 0)) is_readable_ = false;
    ++field_;
    return true;
  }
  [[nodiscard]] bool has_both_sides() const noexcept { return bids_seen_ && asks_seen_; }

  OrderBook book;

 private:
  /// A container: a side, a level, or what a level holds besides price and quantity.
  bool begin() {
    ++depth_;
    if (side_ == nullptr) return true;
    if (depth_ == 2) {
      (side_ == &book.bids ? bids_seen_ : asks_seen_) = true;
      levels_ = 0;
    }
    if (depth_ == 3) begin_level();
    if (depth_ == 4 && field_ < 2) is_readable_ = false;
    return true;
  }
  bool end() {
    --depth_;
    if (side_ != nullptr && depth_ == 2) return finish_level();
    if (depth_ == 3) ++field_;
    return true;
  }
  bool read_id(const Scalar& scalar) {
    if (scalar.kind == Scalar::Kind::kNull) return true;
    return to_integer(scalar, book.last_update_id.emplace()) ||
           fail("lastUpdateId is not a number");
  }
  void begin_level() {
    field_ = 0;
    is_readable_ = true;
    ++levels_;
  }
  bool finish_level() {
    if (!is_readable_ || field_ < 2) return leave_out("it is no price and quantity");
    if (level_.price.is_zero()) return leave_out("its price is zero");
    side_->push_back(level_);
    return true;
  }
  bool leave_out(const char* reason) {
    if (book.unreadable++ > 0) return true;
    book.unreadable_reason = std::string(side_ == &book.bids ? "bid " : "ask ") +
                             std::to_string(levels_) + ": " + reason;
    return true;
  }

  std::vector<Level>* side_ = nullptr;
  Level level_;
  std::size_t levels_ = 0;
  int depth_ = 0, field_ = 0;
  bool is_id_ = false, is_readable_ = true, bids_seen_ = false, asks_seen_ = false;
};

/// Best prices first, as the exchange defines a book. Whether they came so.
template <class Better>
bool sorted(std::vector<Level>& levels, Better better) {
  if (std::ranges::is_sorted(levels, better, &Level::price)) return true;
  std::ranges::stable_sort(levels, better, &Level::price);
  return false;
}

}  // namespace

Result<OrderBook> parse_order_book(std::string& body) {
  OrderBookVisitor visitor;
  if (auto parsed = parse_json(body, visitor, "an order book"); !parsed) {
    return std::move(parsed).error();
  }
  OrderBook& book = visitor.book;
  std::string why;
  if (!visitor.has_both_sides()) why = "it lacks a list of bids or of asks";
  const bool bids_sorted = sorted(book.bids, std::ranges::greater());
  book.was_sorted = sorted(book.asks, std::ranges::less()) && bids_sorted;
  if (book.unreadable > 0 && book.bids.empty() && book.asks.empty()) why = book.unreadable_reason;
  if (!why.empty()) {
    return Error{.kind = ErrorKind::kProtocol,
                 .message = "The exchange's order book makes no sense: " + why + ".",
                 .advice = "Try again.",
                 .reach = Reach::kAnswered};
  }
  return std::move(book);
}

}  // namespace bourse::binance
