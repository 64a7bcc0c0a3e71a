// SPDX-License-Identifier: MIT
#include "plugins/analyses/liquidity/reading.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "plugins/analyses/liquidity/depths.hpp"

namespace bourse::liquidity {
namespace {

struct Rows {
  std::vector<Quote> quotes;
  std::size_t count = 0;  ///< with those that are no level
};

[[noreturn]] void blame_source(const std::string& symbol, const std::string& fault) {
  throw Error(BOURSE_UPSTREAM, "bad_source",
              "The source sent an order book of " + symbol +
                  " that cannot be computed with: " + fault + ".");
}

/// Whether the source says that it left out levels.
bool lacks_rows(ReportView answer) {
  const auto notes = answer.notes();
  return std::any_of(notes.begin(), notes.end(),
                     [](const bourse_note* note) { return view(note->code) == "unreadable_row"; });
}

/// Beyond the last level of a side. An exchange has no more when it sent fewer than were asked for;
/// a recording may have been cut, and then both sides were, at the same number, which is not 0.
/// `lost`: of rows that came, some may have been levels of this side.
Beyond beyond_of(const Rows& side, const Rows& other, bool lost, std::int64_t asked,
                 ReportView answer) {
  if (side.count >= static_cast<std::size_t>(asked)) return Beyond::kMore;
  // The best levels alone may be what could not be read: of a side without levels nothing is known.
  if (lost && side.quotes.empty()) return Beyond::kUnknown;
  const auto complete = answer.meta("complete");
  if (complete && complete->type == BOURSE_TYPE_BOOL) {
    return complete->as.i64 != 0 ? Beyond::kNothing : Beyond::kUnknown;
  }
  return side.count == other.count && side.count != 0 ? Beyond::kUnknown : Beyond::kNothing;
}

/// The columns, looked up once.
struct Columns {
  explicit Columns(const TableView& of)
      : table(of),
        sides(of.texts("side")),
        prices(of.decimals("price")),
        quantities(of.decimals("quantity")) {}
  TableView table;
  std::span<const bourse_str> sides;
  DecimalColumn prices, quantities;
};

/// Why this row is no level; else it becomes one of the two sides.
std::optional<std::string_view> take_row(const Columns& columns, std::size_t row, Rows& bids,
                                         Rows& asks) {
  const std::string_view side = columns.table.has("side", row) ? view(columns.sides[row]) : "";
  if (side != "bid" && side != "ask") return "its side is neither bid nor ask";
  Rows& rows = side == "bid" ? bids : asks;
  ++rows.count;
  if (!columns.prices.has(row) || !columns.quantities.has(row)) {
    return "it lacks its price or its quantity";
  }
  const Quote quote{columns.prices[row], columns.quantities[row]};
  if (const auto fault = find_fault(quote)) return fault;
  rows.quotes.push_back(quote);
  return std::nullopt;
}

Reading parse(ReportView answer, const std::string& symbol, std::int64_t asked) {
  if (answer.tables() == 0) blame_source(symbol, "it has no table");
  const Columns columns(answer.table(0));
  const std::size_t count = columns.table.rows();
  Reading out{.answer = answer, .asked = asked, .book = {}, .first_fault = {}, .short_because = {}};
  Rows bids, asks;
  for (std::size_t row = 0; row < count; ++row) {
    const auto fault = take_row(columns, row, bids, asks);
    if (!fault || out.unusable++ != 0) continue;
    out.first_fault = "row " + std::to_string(row + 1) + ", because " + std::string(*fault);
  }
  if (out.unusable != 0 && out.unusable == count) {
    blame_source(symbol, "none of its rows is a level, not " + out.first_fault);
  }
  const bool bids_moved = bring_to_order(bids.quotes, SideKind::kBid);
  const bool asks_moved = bring_to_order(asks.quotes, SideKind::kAsk);
  out.unsorted = bids_moved || asks_moved;
  const bool lost = out.unusable != 0 || lacks_rows(answer);
  out.book = {Side(SideKind::kBid, bids.quotes, beyond_of(bids, asks, lost, asked, answer)),
              Side(SideKind::kAsk, asks.quotes, beyond_of(asks, bids, lost, asked, answer))};
  return out;
}

}  // namespace

Reading read_book(const Call& call, const std::string& symbol, std::int64_t shown,
                  std::int64_t limit, Decimal largest_trade) {
  const auto query = [&symbol](std::int64_t depth) {
    return Query("order_book").with("symbol", symbol).with("depth", depth);
  };
  const std::int64_t first = first_depth(shown, limit);
  Reading reading = parse(call.ask(query(first)), symbol, first);
  while (const auto depth = next_depth(reading.book, reading.asked, limit, largest_trade)) {
    call.poll();
    const std::array longer{query(*depth)};
    const Answer answer = call.ask(longer).front();
    if (!answer.ok()) {
      reading.short_because = std::string(answer.message());
      break;
    }
    call.release(reading.answer);
    reading = parse(answer.report(), symbol, *depth);
  }
  return reading;
}

}  // namespace bourse::liquidity
