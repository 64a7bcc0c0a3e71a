// SPDX-License-Identifier: MIT
#include <utility>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/parse.hpp"

namespace bourse::binance {
namespace {

class OrderBookVisitor final : public JsonVisitor {
 public:
  bool begin_object() override {
    return ++depth_ == 1 || side_ == nullptr || fail("an object among the levels");
  }
  bool end_object() override { return --depth_ >= 0; }
  bool begin_array() override {
    ++depth_;
    field_ = 0;
    if (depth_ == 1) return fail("expected an object");
    if (side_ != nullptr && depth_ > 3) return fail("levels are nested too deeply");
    return true;
  }
  bool end_array() override {
    --depth_;
    if (side_ == nullptr || depth_ != 2) return true;
    if (field_ < 2) return fail(where() + " has no price or no quantity");
    side_->push_back(level_);
    return true;
  }
  bool key(std::string_view name) override {
    if (depth_ != 1) return true;
    side_ = name == "bids" ? &book.bids : name == "asks" ? &book.asks : nullptr;
    is_id_ = name == "lastUpdateId";
    return true;
  }
  bool value(const Scalar& scalar) override {
    if (depth_ == 1 && is_id_) {
      seen_id = to_integer(scalar, book.last_update_id);
      return seen_id || fail("lastUpdateId is not a number");
    }
    if (depth_ == 0) return fail("expected an object");
    if (side_ == nullptr) return true;
    if (depth_ != 3) return fail("expected levels of price and quantity");
    Decimal& number = field_ == 0 ? level_.price : level_.quantity;
    if (field_ < 2 && (!to_decimal(scalar, number) || number.sign() < 0)) {
      return fail(where() + ": not a price or quantity");
    }
    ++field_;
    return true;
  }

  OrderBook book;
  bool seen_id = false;

 private:
  [[nodiscard]] std::string where() const {
    return std::string(side_ == &book.bids ? "bid " : "ask ") + std::to_string(side_->size() + 1);
  }

  std::vector<Level>* side_ = nullptr;
  Level level_;
  int depth_ = 0, field_ = 0;
  bool is_id_ = false;
};

/// Empty when best prices come first and no order could be filled by another.
std::string check(const OrderBook& book) {
  for (std::size_t i = 1; i < book.bids.size(); ++i) {
    if (book.bids[i].price >= book.bids[i - 1].price) return "its bids are not in order";
  }
  for (std::size_t i = 1; i < book.asks.size(); ++i) {
    if (book.asks[i].price <= book.asks[i - 1].price) return "its asks are not in order";
  }
  const bool crossed = !book.bids.empty() && !book.asks.empty() &&
                       book.bids.front().price >= book.asks.front().price;
  return crossed ? "its best bid is not below its best ask" : "";
}

}  // namespace

Result<OrderBook> parse_order_book(std::string& body) {
  OrderBookVisitor visitor;
  if (auto parsed = parse_json(body, visitor, "an order book"); !parsed) {
    return std::move(parsed).error();
  }
  const std::string why = visitor.seen_id ? check(visitor.book) : "lastUpdateId is missing";
  if (!why.empty()) {
    return Error{.kind = ErrorKind::kProtocol,
                 .message = "The exchange's order book makes no sense: " + why + ".",
                 .advice = "Try again.",
                 .reach = Reach::kAnswered};
  }
  return std::move(visitor.book);
}

}  // namespace bourse::binance
