// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/book/depth_book.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "plugins/sources/binance/book/units.hpp"

namespace bourse::binance {
namespace {

/// Where the first level is that is not worse, looked for from the best one, in steps that double:
/// what changes is near the end, and its neighbours are in the cache.
template <class Iterator>
Iterator find_from_best(Iterator begin, Iterator end, std::int64_t key) {
  using Difference = typename std::iterator_traits<Iterator>::difference_type;
  Difference step = 8;
  Iterator high = end;
  while (high - begin > step) {
    const Iterator probe = high - step;
    if (probe->key < key) {
      begin = probe + 1;
      break;
    }
    high = probe;
    step *= 2;
  }
  return std::lower_bound(begin, high, key,
                          [](const BookSide::Row& row, std::int64_t k) { return row.key < k; });
}

int scale_of(const std::vector<Level>& levels, Decimal Level::*amount, int scale) {
  for (const Level& level : levels) scale = std::max(scale, (level.*amount).scale());
  return scale;
}

std::optional<std::int64_t> units_of(const Decimal& amount, int scale) {
  const Int128 coefficient = amount.coefficient();
  const auto narrow = static_cast<std::int64_t>(coefficient);
  std::int64_t units = narrow;
  if (narrow != coefficient || narrow < 0 ||
      !multiply(units, power_of_ten(scale - amount.scale()))) {
    return std::nullopt;
  }
  return units;
}

std::int64_t key_of_bid(std::int64_t price) noexcept { return price; }
std::int64_t key_of_ask(std::int64_t price) noexcept { return -price; }

/// The levels of a snapshot, best first; a side that was cut at the limit is known down to its end.
/// False: a number does not fit, or the order is none.
bool fill(BookSide& side, const std::vector<Level>& levels, int price_scale, int quantity_scale,
          std::int64_t (*key_of)(std::int64_t), std::size_t limit) {
  side.reserve(levels.size() + levels.size() / 4);
  std::optional<std::int64_t> last;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    const auto price = units_of(level->price, price_scale);
    const auto quantity = units_of(level->quantity, quantity_scale);
    if (!price || !quantity) return false;
    const std::int64_t key = key_of(*price);
    if (*price == 0 || (last && key <= *last)) return false;
    last = key;
    side.set(key, *quantity);
  }
  if (levels.size() >= limit && !side.all().empty()) side.set_known_from(side.all().front().key);
  return true;
}

}  // namespace

// ---- a side

void BookSide::set(std::int64_t key, std::int64_t quantity) {
  const auto at = find_from_best(rows_.begin(), rows_.end(), key);
  const bool is_there = at != rows_.end() && at->key == key;
  if (quantity == 0) {
    if (is_there) rows_.erase(at);
  } else if (is_there) {
    at->quantity = quantity;
  } else {
    rows_.insert(at, {key, quantity});
  }
}

void BookSide::prune() {
  if (rows_.size() <= kMost) return;
  rows_.erase(rows_.begin(), rows_.end() - kKept);
  known_from_ = std::max(known_from_.value_or(rows_.front().key), rows_.front().key);
}

std::span<const BookSide::Row> BookSide::known() const {
  if (!known_from_) return rows_;
  return {std::ranges::lower_bound(rows_, *known_from_, {}, &Row::key), rows_.end()};
}

const BookSide::Row* BookSide::best() const {
  if (rows_.empty() || (known_from_ && rows_.back().key < *known_from_)) return nullptr;
  return &rows_.back();
}

bool BookSide::multiply(std::int64_t keys_by, std::int64_t quantities_by) {
  auto rows = rows_;
  auto known_from = known_from_;
  bool fits = !known_from || binance::multiply(*known_from, keys_by);
  for (Row& row : rows) {
    fits = fits && binance::multiply(row.key, keys_by) &&
           binance::multiply(row.quantity, quantities_by);
  }
  if (!fits) return false;
  rows_ = std::move(rows);
  known_from_ = known_from;
  return true;
}

// ---- both

std::optional<DepthBook> DepthBook::from(const OrderBook& snapshot, int limit,
                                         std::string& problem) {
  DepthBook book;
  const auto refuse = [&](std::string why) {
    problem = std::move(why);
    return std::nullopt;
  };
  if (!snapshot.last_update_id || *snapshot.last_update_id < 1) {
    return refuse("the snapshot does not say which update it is");
  }
  if (snapshot.unreadable > 0) {
    return refuse("the snapshot has levels that cannot be read: " + snapshot.unreadable_reason);
  }
  book.id_ = *snapshot.last_update_id;
  book.has_scales_ = !snapshot.bids.empty() || !snapshot.asks.empty();
  for (const auto* levels : {&snapshot.bids, &snapshot.asks}) {
    book.price_scale_ = scale_of(*levels, &Level::price, book.price_scale_);
    book.quantity_scale_ = scale_of(*levels, &Level::quantity, book.quantity_scale_);
  }
  const auto rows = static_cast<std::size_t>(limit);
  if (book.price_scale_ > kUnitScaleMax || book.quantity_scale_ > kUnitScaleMax ||
      !fill(book.bids_, snapshot.bids, book.price_scale_, book.quantity_scale_, key_of_bid, rows) ||
      !fill(book.asks_, snapshot.asks, book.price_scale_, book.quantity_scale_, key_of_ask, rows)) {
    return refuse("the snapshot has a price twice, or an amount with too many digits");
  }
  if (book.is_crossed()) return refuse("the snapshot's best bid is not below its best ask");
  return book;
}

bool DepthBook::is_crossed() const {
  const auto bids = bids_.all(), asks = asks_.all();
  return !bids.empty() && !asks.empty() && bids.back().key >= -asks.back().key;
}

bool DepthBook::adopt_scales(const DepthDiff& diff) {
  if (diff.price_scale <= price_scale_ && diff.quantity_scale <= quantity_scale_) return true;
  if (!has_scales_) {
    price_scale_ = std::max(price_scale_, diff.price_scale);
    quantity_scale_ = std::max(quantity_scale_, diff.quantity_scale);
    return true;
  }
  // Zeros behind the digits that the book has do not make it finer.
  const std::int64_t price_unit = power_of_ten(std::max(0, diff.price_scale - price_scale_));
  const std::int64_t unit = power_of_ten(std::max(0, diff.quantity_scale - quantity_scale_));
  bool finer_prices = false, finer_quantities = false;
  for (const auto* rows : {&diff.bids, &diff.asks}) {
    for (const BookRow& row : *rows) {
      if (row.quantity == 0) continue;
      finer_prices = finer_prices || row.price % price_unit != 0;
      finer_quantities = finer_quantities || row.quantity % unit != 0;
    }
  }
  if (!finer_prices && !finer_quantities) return true;
  const std::int64_t keys_by = finer_prices ? price_unit : 1;
  const std::int64_t quantities_by = finer_quantities ? unit : 1;
  auto bids = bids_, asks = asks_;
  if (!bids.multiply(keys_by, quantities_by) || !asks.multiply(keys_by, quantities_by)) {
    return false;
  }
  bids_ = std::move(bids);
  asks_ = std::move(asks);
  if (finer_prices) price_scale_ = diff.price_scale;
  if (finer_quantities) quantity_scale_ = diff.quantity_scale;
  return true;
}

namespace {

/// Brings amounts from one scale to another.
class Rescaling {
 public:
  Rescaling(int from, int to)
      : times_(power_of_ten(std::max(0, to - from))), by_(power_of_ten(std::max(0, from - to))) {}
  [[nodiscard]] bool is_none() const noexcept { return times_ == 1 && by_ == 1; }
  /// False: it does not fit.
  bool operator()(std::int64_t& units) const noexcept {
    if (by_ > 1) units /= by_;
    return times_ == 1 || multiply(units, times_);
  }
  /// Whether it can be said at all in the other scale.
  [[nodiscard]] bool is_exact(std::int64_t units) const noexcept { return units % by_ == 0; }

 private:
  std::int64_t times_, by_;
};

/// A change at the scales of a book. False: a number does not fit.
bool rescale(std::vector<BookRow>& rows, Rescaling prices, Rescaling quantities) {
  // A level of a price that the book cannot even say is not in it: its removal removes nothing.
  std::erase_if(
      rows, [&](const BookRow& row) { return row.quantity == 0 && !prices.is_exact(row.price); });
  return std::ranges::all_of(
      rows, [&](BookRow& row) { return prices(row.price) && quantities(row.quantity); });
}

}  // namespace

DepthBook::Applied DepthBook::apply(const DepthDiff& diff) {
  if (diff.first < 1 || diff.last < diff.first) return Applied::kUnreadable;
  if (diff.last <= id_) return Applied::kOld;
  if (diff.first - 1 > id_) return Applied::kGap;
  if (!adopt_scales(diff)) return Applied::kUnreadable;
  const Rescaling prices(diff.price_scale, price_scale_);
  const Rescaling quantities(diff.quantity_scale, quantity_scale_);
  const auto set_all = [](const auto& bids, const auto& asks, BookSide& bid_side,
                          BookSide& ask_side) {
    for (const BookRow& row : bids) bid_side.set(key_of_bid(row.price), row.quantity);
    for (const BookRow& row : asks) ask_side.set(key_of_ask(row.price), row.quantity);
  };
  if (prices.is_none() && quantities.is_none()) {
    set_all(diff.bids, diff.asks, bids_, asks_);
  } else {
    auto bids = diff.bids, asks = diff.asks;
    if (!rescale(bids, prices, quantities) || !rescale(asks, prices, quantities)) {
      return Applied::kUnreadable;
    }
    set_all(bids, asks, bids_, asks_);
  }
  has_scales_ = has_scales_ || diff.rows() > 0;
  id_ = diff.last;
  bids_.prune();
  asks_.prune();
  return is_crossed() ? Applied::kCrossed : Applied::kApplied;
}

Decimal DepthBook::price(std::int64_t units) const {
  return *Decimal::make(Int128{units}, price_scale_);
}
Decimal DepthBook::quantity(std::int64_t units) const {
  return *Decimal::make(Int128{units}, quantity_scale_);
}

OrderBook DepthBook::listed(std::span<const BookSide::Row> bids,
                            std::span<const BookSide::Row> asks) const {
  OrderBook book;
  book.last_update_id = id_;
  book.bids.reserve(bids.size());
  book.asks.reserve(asks.size());
  for (auto row = bids.rbegin(); row != bids.rend(); ++row) {
    book.bids.push_back({price(row->key), quantity(row->quantity)});
  }
  for (auto row = asks.rbegin(); row != asks.rend(); ++row) {
    book.asks.push_back({price(-row->key), quantity(row->quantity)});
  }
  return book;
}

OrderBook DepthBook::levels(std::size_t depth) const {
  const auto best_of = [depth](std::span<const BookSide::Row> rows) {
    return rows.last(std::min(depth, rows.size()));
  };
  return listed(best_of(bids_.known()), best_of(asks_.known()));
}

OrderBook DepthBook::all_levels() const { return listed(bids_.all(), asks_.all()); }

bool DepthBook::has(std::size_t depth) const {
  const auto side_has = [depth](const BookSide& side) {
    return !side.known_from() || side.known().size() >= depth;
  };
  return side_has(bids_) && side_has(asks_);
}

std::optional<Decimal> DepthBook::bids_known_to() const {
  if (const auto key = bids_.known_from()) return price(*key);
  return std::nullopt;
}
std::optional<Decimal> DepthBook::asks_known_to() const {
  if (const auto key = asks_.known_from()) return price(-*key);
  return std::nullopt;
}

std::optional<bool> DepthBook::agrees_with(const BookTicker& ticker) const {
  const auto side_agrees = [this](const BookSide& side, const Decimal& best_price,
                                  const Decimal& best_quantity,
                                  bool is_ask) -> std::optional<bool> {
    const BookSide::Row* const best = side.best();
    // Nothing there, though there may be something that is not known.
    if (best == nullptr && side.known_from()) return std::nullopt;
    if (best == nullptr) return best_price.is_zero() || best_quantity.is_zero();
    return price(is_ask ? -best->key : best->key) == best_price &&
           quantity(best->quantity) == best_quantity;
  };
  const auto bid = side_agrees(bids_, ticker.bid, ticker.bid_quantity, false);
  const auto ask = side_agrees(asks_, ticker.ask, ticker.ask_quantity, true);
  if (!bid || !ask) return std::nullopt;
  return *bid && *ask;
}

}  // namespace bourse::binance
