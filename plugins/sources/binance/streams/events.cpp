// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/events.hpp"

#include <array>
#include <span>
#include <utility>

#include "plugins/sources/binance/client/records.hpp"
#include "plugins/sources/binance/client/time_text.hpp"
#include "plugins/sources/binance/streams/members.hpp"

namespace bourse::binance {
namespace {

template <class Row>
std::string take_any(const Row& /*row*/) {
  return {};
}

template <class Row, std::size_t N>
std::optional<Row> read(std::string_view json, const std::array<Column<Row>, N>& columns,
                        std::string (*check)(const Row&) = take_any<Row>) {
  std::string text(json);
  RecordsVisitor<Row> visitor(columns, check);
  if (!parse_json(text, visitor, "a stream")) return std::nullopt;
  if (visitor.is_array() || visitor.rows().size() != 1) return std::nullopt;
  return std::move(visitor.rows().front());
}

using T = TickerEvent;
constexpr std::array<Column<T>, 22> kTickerEvent = {{
    {"E", set_time<&T::at, T>},
    {"s", set_symbol<&T::symbol, T>},
    {"p", set_optional<&T::price_change, T, to_decimal>},
    {"P", set_optional<&T::price_change_percent, T, to_decimal>},
    {"w", set_optional<&T::weighted_average, T, read_amount>},
    {"x", set_optional<&T::previous_close, T, read_amount>},
    {"c", set_amount<&T::last, T>},
    {"Q", set_optional<&T::last_quantity, T, read_amount>},
    {"b", set_optional<&T::bid, T, read_amount>},
    {"B", set_optional<&T::bid_quantity, T, read_amount>},
    {"a", set_optional<&T::ask, T, read_amount>},
    {"A", set_optional<&T::ask_quantity, T, read_amount>},
    {"o", set_amount<&T::open, T>},
    {"h", set_amount<&T::high, T>},
    {"l", set_amount<&T::low, T>},
    {"v", set_amount<&T::volume, T>},
    {"q", set_amount<&T::quote_volume, T>},
    {"O", set_time<&T::open_time, T>},
    {"C", set_time<&T::close_time, T>},
    {"F", set_optional<&T::first_id, T, to_integer>},
    {"L", set_optional<&T::last_id, T, to_integer>},
    {"n", set_integer<&T::trades, T>},
}};

std::string check_event(const TickerEvent& row) {
  return row.trades < 0 ? "its number of trades is negative" : "";
}

using P = PriceEvent;
constexpr std::array<Column<P>, 3> kPriceEvent = {{
    {"E", set_time<&P::at, P>},
    {"s", set_symbol<&P::symbol, P>},
    {"c", set_amount<&P::price, P>},
}};

using Top = BookTickerEvent;
constexpr std::array<Column<Top>, 6> kTopEvent = {{
    {"u", set_integer<&Top::update, Top>},
    {"s", set_symbol<&Top::symbol, Top>},
    {"b", set_amount<&Top::bid, Top>},
    {"B", set_amount<&Top::bid_quantity, Top>},
    {"a", set_amount<&Top::ask, Top>},
    {"A", set_amount<&Top::ask_quantity, Top>},
}};

using D = TradeEvent;
constexpr std::array<Column<D>, 7> kTradeEvent = {{
    {"E", set_time<&D::at, D>},
    {"s", set_symbol<&D::symbol, D>},
    {"t", set_integer<&D::id, D>},
    {"p", set_amount<&D::price, D>},
    {"q", set_amount<&D::quantity, D>},
    {"T", set_time<&D::time, D>},
    {"m", set_bool<&D::buyer_is_maker, D>},
}};

struct KlineRow {
  Time open_time, close_time;
  Decimal open, high, low, close, volume, quote_volume, taker_base_volume, taker_quote_volume;
  std::int64_t trades = 0;
  bool is_final = false;
};
using K = KlineRow;
constexpr std::array<Column<K>, 12> kKline = {{
    {"t", set_time<&K::open_time, K>},
    {"T", set_time<&K::close_time, K>},
    {"o", set_amount<&K::open, K>},
    {"c", set_amount<&K::close, K>},
    {"h", set_amount<&K::high, K>},
    {"l", set_amount<&K::low, K>},
    {"v", set_amount<&K::volume, K>},
    {"n", set_integer<&K::trades, K>},
    {"x", set_bool<&K::is_final, K>},
    {"q", set_amount<&K::quote_volume, K>},
    {"V", set_amount<&K::taker_base_volume, K>},
    {"Q", set_amount<&K::taker_quote_volume, K>},
}};

/// What REST's reader would mark as odd, or refuse.
std::string check_kline(const KlineRow& row) {
  const bool inside =
      row.low <= row.open && row.open <= row.high && row.low <= row.close && row.close <= row.high;
  return inside && row.trades >= 0 && !row.high.is_zero() ? "" : "it contradicts itself";
}

struct KlineHead {
  std::string symbol, interval;
};
constexpr std::array<Column<KlineHead>, 2> kKlineHead = {{
    {"s", set_symbol<&KlineHead::symbol, KlineHead>},
    {"i", [](KlineHead& row, const Scalar& scalar) { return to_string(scalar, row.interval); }},
}};

/// The outer object's own: the inner one is skipped.
struct At {
  Time at;
};
constexpr std::array<Column<At>, 1> kAt = {{{"E", set_time<&At::at, At>}}};

Candle candle_of(const KlineRow& row) {
  return {.open_ms = to_ms(row.open_time),
          .close_ms = to_ms(row.close_time),
          .open = row.open,
          .high = row.high,
          .low = row.low,
          .close = row.close,
          .volume = row.volume,
          .quote_volume = row.quote_volume,
          .taker_base_volume = row.taker_base_volume,
          .taker_quote_volume = row.taker_quote_volume,
          .trades = row.trades,
          .closed = row.is_final,
          .is_readable = true,
          .oddities = 0};
}

constexpr int kQuoteScale = 8;

}  // namespace

std::optional<TickerEvent> read_ticker(std::string_view json) {
  return read<TickerEvent>(json, kTickerEvent, check_event);
}

std::optional<PriceEvent> read_price(std::string_view json) {
  return read<PriceEvent>(json, kPriceEvent);
}

std::optional<BookTickerEvent> read_book_ticker(std::string_view json) {
  return read<BookTickerEvent>(json, kTopEvent);
}

std::optional<TradeEvent> read_trade(std::string_view json) {
  auto row = read<TradeEvent>(json, kTradeEvent);
  if (!row) return std::nullopt;
  try {
    const Decimal product = row->price * row->quantity;
    const Decimal quote = product.rescaled(kQuoteScale, Rounding::kDown);
    row->is_exact = quote == product;
    row->quote_quantity = quote;
  } catch (const DecimalError&) {
    row->is_exact = false;
  }
  return row;
}

std::optional<CandleEvent> read_candle(std::string_view json) {
  std::string_view inner;
  if (!for_each_member(json, [&](std::string_view name, std::string_view value) {
        if (name == "k") inner = value;
      })) {
    return std::nullopt;
  }
  const auto at = read<At>(json, kAt);
  const auto head = read<KlineHead>(inner, kKlineHead);
  const auto row = read<KlineRow>(inner, kKline, check_kline);
  if (!at || !head || !row) return std::nullopt;
  const auto interval = Interval::parse(head->interval);
  if (!interval) return std::nullopt;
  const Interval grid = interval->anchored(row->open_time);
  const bool in_its_place = grid.floor(row->open_time) == row->open_time &&
                            grid.close_time(row->open_time) == row->close_time;
  if (!in_its_place) return std::nullopt;
  return CandleEvent{
      .symbol = head->symbol, .interval = *interval, .row = candle_of(*row), .at = at->at};
}

}  // namespace bourse::binance
