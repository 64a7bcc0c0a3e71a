// SPDX-License-Identifier: MIT
//
// Trades by time and by number, out of a source that knows the newest before any instant.
#include <algorithm>

#include "tests/exchange/columns.hpp"
#include "tests/exchange/market.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kTradesMax = 1'000;

}  // namespace

std::vector<Aggregate> aggregated(const std::vector<Trade>& trades) {
  std::vector<Aggregate> out;
  for (const Trade& t : trades) {
    const bool same =
        !out.empty() && out.back().sum.time == t.time && out.back().sum.price == t.price &&
        out.back().sum.buyer_is_maker == t.buyer_is_maker && out.back().last + 1 == t.id;
    if (!same) {
      out.push_back({t, t.id});
      continue;
    }
    out.back().sum.quantity += t.quantity;
    out.back().last = t.id;
  }
  return out;
}

std::vector<Trade> Market::trades_at(const std::string& symbol, std::int64_t limit,
                                     std::int64_t at_us) const {
  const auto report =
      fetch("trades", {{"symbol", symbol}, {"limit", std::to_string(limit)}}, at_us);
  const TableView t = table_of(report);
  const auto ids = t.integers("id"), times = t.times("time");
  const auto maker = t.booleans("buyer_is_maker");
  const DecimalColumn price = t.decimals("price"), quantity = t.decimals("quantity"),
                      value = t.decimals("quote_quantity");
  std::vector<Trade> out;
  out.reserve(t.rows());
  for (std::size_t i = 0; i < t.rows(); ++i) {
    out.push_back({ids[i], times[i] / 1'000, cell(price, i), cell(quantity, i), cell(value, i),
                   maker[i] != 0});
  }
  return out;
}

std::vector<Trade> Market::trades(const std::string& symbol, std::int64_t limit) const {
  return trades_at(symbol, limit, now_of(symbol));
}

std::optional<Trade> Market::trade_before(const std::string& symbol, std::int64_t time) const {
  if (!source_.delivers("trades")) return std::nullopt;
  const std::int64_t now = now_of(symbol);
  if (time > now) {  // nothing newer is known
    const std::vector<Trade> newest = trades_at(symbol, 1, now);
    return newest.empty() ? std::nullopt : std::optional(newest.back());
  }
  const auto found = trades_between(symbol, std::nullopt, time - 1, 1);
  return found.empty() ? std::nullopt : std::optional(found.back());
}

std::vector<Trade> Market::trades_between(const std::string& symbol,
                                          std::optional<std::int64_t> start,
                                          std::optional<std::int64_t> end,
                                          std::int64_t limit) const {
  const std::int64_t now = now_of(symbol), last = std::min(end.value_or(now), now);
  std::vector<Trade> out;
  const auto keep = [&](const std::vector<Trade>& batch) {
    for (const Trade& t : batch) {
      if (t.time > last || (start && t.time < *start)) continue;
      if (out.empty() || t.id > out.back().id) out.push_back(t);
    }
  };
  const std::int64_t second = floor_to(last, kSecond);
  if (!start || !source_.travels()) {
    keep(trades_at(symbol, kTradesMax, second));  // whole seconds, then the begun one
    keep(trades_at(symbol, kTradesMax, std::min(second + kSecond, now)));
    const auto surplus = static_cast<std::ptrdiff_t>(out.size()) - limit;
    if (surplus > 0)
      out.erase(start ? out.begin() + limit : out.begin(),
                start ? out.end() : out.begin() + surplus);
    return out;
  }
  // Forward, in steps as long as an answer's 1000 trades reach back to the step before.
  std::int64_t covered = std::max(floor_to(*start, kSecond), source_.first_us()), step = kSecond;
  while (covered <= last && static_cast<std::int64_t>(out.size()) < limit) {
    const std::int64_t until = std::min(covered + step, std::max(second, covered) + kSecond);
    const std::vector<Trade> batch = trades_at(symbol, kTradesMax, std::min(until, now));
    const bool gap = static_cast<std::int64_t>(batch.size()) == kTradesMax &&
                     batch.front().time > covered && step > kSecond;
    if (gap) {
      step /= 2;
      continue;
    }
    keep(batch);
    covered = until;
    step *= 2;
  }
  if (static_cast<std::int64_t>(out.size()) > limit) out.resize(static_cast<std::size_t>(limit));
  return out;
}

std::vector<Trade> Market::trades_from(const std::string& symbol, std::int64_t id,
                                       std::int64_t limit) const {
  const auto cut = [id, limit](std::vector<Trade> trades) {
    std::erase_if(trades, [id](const Trade& t) { return t.id < id; });
    if (static_cast<std::int64_t>(trades.size()) > limit) {
      trades.resize(static_cast<std::size_t>(limit));
    }
    return trades;
  };
  if (!source_.travels()) return cut(trades(symbol, kTradesMax));
  // The first second whose end has seen the trade: numbers ascend with time.
  std::int64_t low = source_.first_us() / kSecond, high = now_of(symbol) / kSecond;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const auto newest = trades_at(symbol, 1, middle * kSecond);
    if (!newest.empty() && newest.back().id >= id) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  // That second may begin with older ones, which must not take up the limit.
  return cut(trades_between(symbol, (low - 1) * kSecond, std::nullopt, 2 * kTradesMax));
}

}  // namespace bourse::fake_exchange
