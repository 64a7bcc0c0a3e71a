// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/client.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "bourse/symbols.hpp"
#include "plugins/sources/binance/client/parse.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

constexpr std::size_t kPageRows = 1000;
constexpr std::size_t kListSymbolsMax = 100;
/// The exchange does not say how long a URL may be; 8 KB are common.
constexpr std::size_t kQueryBytesMax = 6000;
constexpr std::int64_t kBadSymbol = -1121;
/// A candle may still be added to for a moment after its end.
constexpr std::chrono::seconds kSettling{2};
/// What opens later than this after the exchange's clock, as far as that is known, is no candle.
constexpr std::int64_t kFutureMs = 86'400'000;

Status check_symbol(const std::string& symbol) {
  const char* const fault = symbol_fault(symbol);
  if (fault == nullptr) return Done{};
  return invalid("The symbol \"" + printable(symbol, kSymbolBytesMax) + "\" " + fault + ".",
                 "Name a market, such as BTCUSDT.");
}

Status check_range(std::string_view name, std::int64_t value, std::int64_t max) {
  if (1 <= value && value <= max) return Done{};
  return invalid("The " + std::string(name) + " is " + std::to_string(value) + ".",
                 "It must be 1 to " + std::to_string(max) + ".");
}

/// Each once, in the order they came.
Result<std::vector<std::string>> distinct(const std::vector<std::string>& symbols) {
  for (const std::string& symbol : symbols) {
    if (auto checked = check_symbol(symbol); !checked) return std::move(checked).error();
  }
  const auto unique = each_once(symbols);
  if (unique.size() > kSymbolsMax) {
    return invalid("There are " + std::to_string(unique.size()) + " symbols.",
                   "Name 500 at most, or none for all markets.");
  }
  return std::vector<std::string>(unique.begin(), unique.end());
}

/// One as `symbol`, some as `symbols`, none and many as nothing: the answer is then about all.
Exchange::Request about(Endpoint endpoint, const std::vector<std::string>& symbols) {
  Exchange::Request request{.endpoint = endpoint};
  if (symbols.size() == 1) {
    request.query.add("symbol", std::string_view(symbols.front()));
    request.shape.symbol = true;
  } else if (!symbols.empty() && symbols.size() <= kListSymbolsMax) {
    Query query;
    query.add_list("symbols", symbols);
    if (query.text().size() <= kQueryBytesMax) {
      request.query = std::move(query);
      request.shape.symbols = symbols.size();
    }
  }
  return request;
}

/// The exchange refuses a list for one unknown name in it, without saying which.
bool is_about_one_of(const Error& error, const std::vector<std::string>& symbols) {
  return error.code == kBadSymbol && symbols.size() > 1;
}

Error none_exists(const std::vector<std::string>& symbols) {
  return {.kind = ErrorKind::kValidation,
          .message = "The exchange has no market " + symbols.front() +
                     (symbols.size() > 1 ? ", nor any other of those asked for." : "."),
          .advice = "Check the spelling; testnet does not have every market.",
          .code = kBadSymbol,
          .code_name = "BAD_SYMBOL",
          .reach = Reach::kAnswered};
}

/// Puts rows into the order of `symbols`, and leaves those of `rejected` that are among them;
/// symbols that are in neither are appended to `missing`, or, while a row that cannot be read names
/// no market, to `rejected`: it may be theirs.
template <class Row>
std::vector<Row> in_order(std::vector<Row> rows, const std::vector<std::string>& symbols,
                          std::vector<Rejected>& rejected, std::vector<std::string>& missing) {
  const std::unordered_set<std::string_view> wanted(symbols.begin(), symbols.end());
  const auto nameless =
      std::ranges::find_if(rejected, [](const Rejected& one) { return one.symbol.empty(); });
  const auto doubt = nameless == rejected.end() ? std::nullopt : std::optional(nameless->reason);
  std::erase_if(rejected, [&](const Rejected& one) { return !wanted.contains(one.symbol); });
  std::unordered_set<std::string> refused;
  for (const Rejected& one : rejected) refused.insert(one.symbol);
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) places.emplace(rows[i].symbol, i);
  std::vector<std::size_t> order;
  for (const std::string& symbol : symbols) {
    const auto place = places.find(symbol);
    if (place != places.end()) {
      order.push_back(place->second);
    } else if (refused.contains(symbol)) {
      continue;
    } else if (doubt) {
      rejected.push_back({symbol, "a row names no market: " + *doubt});
    } else {
      missing.push_back(symbol);
    }
  }
  std::vector<Row> ordered;
  ordered.reserve(order.size());
  for (const std::size_t place : order) ordered.push_back(std::move(rows[place]));
  return ordered;
}

Error senseless(const Rejected& market) {
  return {.kind = ErrorKind::kProtocol,
          .message = "The exchange's rules of a market make no sense: " +
                     (market.symbol.empty() ? "" : market.symbol + ", ") + market.reason + ".",
          .advice = "Try again later; if it stays so, this client may be out of date.",
          .reach = Reach::kAnswered};
}

std::int64_t ceil_ms(Time time) noexcept {
  const std::int64_t ms = to_ms(time);
  return from_ms(ms) < time ? ms + 1 : ms;
}

/// Open times of the oldest and the newest candle that came, those that cannot be read included:
/// how far a page reaches. Nothing when no open time is known.
struct Edges {
  std::int64_t oldest_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t newest_ms = std::numeric_limits<std::int64_t>::min();
};
std::optional<Edges> edges_of(const Candles& page) {
  Edges edges;
  const auto count = [&](Time time) {
    edges.oldest_ms = std::min(edges.oldest_ms, to_ms(time));
    edges.newest_ms = std::max(edges.newest_ms, to_ms(time));
  };
  if (page.rows() > 0) count(page.open_time().front());
  if (page.rows() > 0) count(page.open_time().back());
  for (const UnreadableCandle& one : page.unreadable()) {
    if (one.open_time) count(*one.open_time);
  }
  return edges.oldest_ms <= edges.newest_ms ? std::optional(edges) : std::nullopt;
}

/// What is still to be asked for, page by page. Whoever lacks a row for one that cannot be read
/// asks for a full page, not for that one row, which may be as bad; and gives up when nothing of a
/// full page can be read. So no answer can cost more than a few requests beyond its rows.
class Paging {
 public:
  explicit Paging(std::size_t rows_wanted) : left_(rows_wanted) {}

  [[nodiscard]] bool is_done() const noexcept { return left_ == 0 || ended_; }
  /// How many to ask for.
  [[nodiscard]] std::size_t rows() const noexcept {
    return needs_full_page_ ? kPageRows : std::min(left_, kPageRows);
  }
  /// How far the page reaches; nothing: the same is to be asked once more, or, when done, there is
  /// no more. An error when the exchange's answers are of no use.
  Result<std::optional<Edges>> add(Candles page) {
    const std::size_t asked = rows();
    const auto edges = edges_of(page);
    ended_ = page.received() < asked;
    needs_full_page_ = needs_full_page_ || !page.unreadable().empty();
    if (!edges && !ended_ && asked < kPageRows) return edges;
    left_ -= std::min(left_, page.rows());
    unreadable_ += page.unreadable().size();
    const bool is_useless = page.received() > 0 && page.rows() == 0 && asked == kPageRows;
    if (unreadable_ > kUnreadableMax || (is_useless && !ended_)) {
      return nothing_readable(page.unreadable().back());
    }
    if (page.received() > 0) pages_.push_back(std::move(page));
    return edges;
  }
  std::vector<Candles> take() && { return std::move(pages_); }

 private:
  std::vector<Candles> pages_;
  std::size_t left_, unreadable_ = 0;
  bool needs_full_page_ = false, ended_ = false;
};

}  // namespace

template <class T, class Parse>
Result<T> Client::ask(const Exchange::Request& request, const Call& call, Parse parse) {
  std::optional<T> value;
  auto done = exchange_->send(request, call,
                              [&](HttpResponse& response, const Exchange::Asked& asked) -> Status {
                                auto parsed = parse(response.body, asked);
                                if (!parsed) return std::move(parsed).error();
                                value = *std::move(parsed);
                                return Done{};
                              });
  if (!done) return std::move(done).error();
  return *std::move(value);
}

Status Client::prepare(const Call& call) {
  if (auto set = exchange_->set_clock(call); !set) return set;
  // The smallest question whose answer states the limits; should the market be gone, the largest.
  auto info = exchange_info({"BTCUSDT"}, call);
  if (!info && info.error().code == kBadSymbol) info = exchange_info({}, call);
  if (!info) return std::move(info).error();
  return Done{};
}

Status Client::ping(const Call& call) {
  return exchange_->send({.endpoint = Endpoint::kPing}, call,
                         [](HttpResponse&, const Exchange::Asked&) -> Status { return Done{}; });
}

Result<Time> Client::server_time(const Call& call) {
  return ask<Time>(
      {.endpoint = Endpoint::kTime}, call,
      [](std::string& body, const Exchange::Asked&) { return parse_server_time(body); });
}

// ---- candles

Result<Candles> Client::ask_page(const CandlesRequest& request, std::size_t rows,
                                 std::optional<std::int64_t> start_ms,
                                 std::optional<std::int64_t> end_ms, const Call& call) {
  Exchange::Request page{.endpoint = Endpoint::kKlines};
  page.query.add("symbol", std::string_view(request.symbol));
  page.query.add("interval", request.interval.name());
  if (start_ms) page.query.add("startTime", *start_ms);
  if (end_ms) page.query.add("endTime", *end_ms);
  page.query.add("limit", static_cast<std::int64_t>(rows));
  const auto read = [&](std::string& body, const Exchange::Asked& asked) {
    const auto settling = std::chrono::nanoseconds(kSettling).count();
    const std::int64_t future_ms = to_ms(asked.surely) + kFutureMs;
    const OpenTimes within{.first = from_ms(start_ms.value_or(0)),
                           .last = from_ms(std::min(end_ms.value_or(future_ms), future_ms))};
    return parse_candles(body, request.interval, Time{asked.surely.ns - settling}, within);
  };
  const bool knows_time = exchange_->clock_state().known;
  auto candles = ask<Candles>(page, call, read);
  const bool lost = candles && std::ranges::any_of(candles->unreadable(), [](const auto& one) {
                      return !one.open_time.has_value();
                    });
  // Perhaps it is this machine that is in the past.
  if (!lost || knows_time || !exchange_->set_clock(call)) return candles;
  return ask<Candles>(page, call, read);
}

Result<std::vector<Candles>> Client::pages_from(const CandlesRequest& request, const Call& call) {
  Paging paging(request.limit);
  std::int64_t from = ceil_ms(*request.start);
  const auto end = request.end ? std::optional(to_ms(*request.end)) : std::nullopt;
  while (!paging.is_done() && (!end || from <= *end)) {
    auto page = ask_page(request, paging.rows(), from, end, call);
    if (!page) return std::move(page).error();
    const auto edges = paging.add(*std::move(page));
    if (!edges) return edges.error();
    if (*edges) from = (*edges)->newest_ms + 1;
  }
  return std::move(paging).take();
}

Result<std::vector<Candles>> Client::pages_up_to(const CandlesRequest& request, const Call& call) {
  Paging paging(request.limit);
  auto end = request.end ? std::optional(to_ms(*request.end)) : std::nullopt;
  while (!paging.is_done() && (!end || *end >= 0)) {
    auto page = ask_page(request, paging.rows(), std::nullopt, end, call);
    if (!page) return std::move(page).error();
    const auto edges = paging.add(*std::move(page));
    if (!edges) return edges.error();
    if (*edges) end = (*edges)->oldest_ms - 1;
  }
  auto pages = std::move(paging).take();
  std::ranges::reverse(pages);
  return pages;
}

Result<Candles> Client::candles(const CandlesRequest& request, const Call& call) {
  if (auto checked = check_symbol(request.symbol); !checked) return std::move(checked).error();
  const auto limit =
      static_cast<std::int64_t>(std::min<std::size_t>(request.limit, kCandlesMax + 1));
  if (auto checked = check_range("number of candles", limit, kCandlesMax); !checked) {
    return std::move(checked).error();
  }
  if (request.start && request.end && *request.end < *request.start) {
    return invalid("The candles' end is before their start.", "Exchange the two.");
  }
  if ((request.start && request.start->ns < 0) || (request.end && request.end->ns < 0)) {
    return invalid("The candles' start or end is before 1970.", "Ask for later ones.");
  }
  auto pages = request.start ? pages_from(request, call) : pages_up_to(request, call);
  if (!pages) return std::move(pages).error();
  Candles candles = join(*std::move(pages), request.interval, request.limit,
                         request.start ? Keep::kOldest : Keep::kNewest);
  const bool is_nothing = candles.rows() == 0 && !candles.unreadable().empty();
  if (is_nothing && !edges_of(candles)) return nothing_readable(candles.unreadable().front());
  return candles;
}

// ---- rows about markets

/// Those that are known to exist; empty when no names are known. -1121 when none is.
Result<std::vector<std::string>> Client::existing(const std::vector<std::string>& symbols,
                                                  const Call& call) const {
  std::vector<std::string> found;
  const auto names = known_ ? known_(call) : nullptr;
  if (names == nullptr || names->empty()) return found;
  const std::unordered_set<std::string_view> all(names->begin(), names->end());
  for (const std::string& symbol : symbols) {
    if (all.contains(symbol)) found.push_back(symbol);
  }
  if (found.empty()) return none_exists(symbols);
  return found;
}

template <class Row>
Result<Rows<Row>> Client::ask_rows(Endpoint endpoint, const std::vector<std::string>& symbols,
                                   Result<Rows<Row>> (*parse)(std::string& body),
                                   const Call& call) {
  const auto unique = distinct(symbols);
  if (!unique) return unique.error();
  const auto read = [&](std::string& body, const Exchange::Asked&) { return parse(body); };
  auto rows = ask<Rows<Row>>(about(endpoint, *unique), call, read);
  if (!rows && is_about_one_of(rows.error(), *unique)) {
    const auto some = existing(*unique, call);
    if (!some) return some.error();
    if (!some->empty() && some->size() < unique->size()) {
      rows = ask<Rows<Row>>(about(endpoint, *some), call, read);
    }
    // No names are known, or what is known is out of date.
    if (!rows && is_about_one_of(rows.error(), *unique)) {
      rows = ask<Rows<Row>>({.endpoint = endpoint}, call, read);
    }
  }
  if (!rows || unique->empty()) return rows;
  rows->rows = in_order(std::move(rows->rows), *unique, rows->rejected, rows->missing);
  if (rows->missing.size() == unique->size()) return none_exists(*unique);
  return rows;
}

Result<Rows<Ticker24h>> Client::tickers(const std::vector<std::string>& symbols, const Call& call) {
  return ask_rows(Endpoint::kTicker24h, symbols, parse_tickers, call);
}

Result<Rows<Price>> Client::prices(const std::vector<std::string>& symbols, const Call& call) {
  return ask_rows(Endpoint::kTickerPrice, symbols, parse_prices, call);
}

Result<Rows<BookTicker>> Client::book_tickers(const std::vector<std::string>& symbols,
                                              const Call& call) {
  return ask_rows(Endpoint::kTickerBook, symbols, parse_book_tickers, call);
}

Result<ExchangeInfo> Client::exchange_info(const std::vector<std::string>& symbols,
                                           const Call& call) {
  const auto unique = distinct(symbols);
  if (!unique) return unique.error();
  const auto ask_about = [&](const std::vector<std::string>& names) {
    auto request = about(Endpoint::kExchangeInfo, names);
    request.query.add_flag("showPermissionSets", false);  // 200 names a market, of no use here
    return ask<ExchangeInfo>(request, call, [](std::string& body, const Exchange::Asked&) {
      return parse_exchange_info(body);
    });
  };
  auto info = ask_about(*unique);
  if (!info && is_about_one_of(info.error(), *unique)) info = ask_about({});
  if (!info) return info;
  exchange_->learn(info->limits);
  if (info->symbols.empty() && !info->rejected.empty()) return senseless(info->rejected.front());
  if (unique->empty()) return info;
  info->symbols = in_order(std::move(info->symbols), *unique, info->rejected, info->missing);
  if (info->missing.size() == unique->size()) return none_exists(*unique);
  if (info->symbols.empty()) return senseless(info->rejected.front());
  return info;
}

// ---- one market

Result<OrderBook> Client::order_book(const std::string& symbol, int depth, const Call& call) {
  if (auto checked = check_symbol(symbol); !checked) return std::move(checked).error();
  if (auto checked = check_range("depth", depth, 5000); !checked) {
    return std::move(checked).error();
  }
  Exchange::Request request{.endpoint = Endpoint::kDepth, .shape = {.limit = depth}};
  request.query.add("symbol", std::string_view(symbol)).add("limit", std::int64_t{depth});
  return ask<OrderBook>(request, call, [](std::string& body, const Exchange::Asked&) {
    return parse_order_book(body);
  });
}

Result<Trades> Client::trades(const std::string& symbol, int limit, const Call& call) {
  if (auto checked = check_symbol(symbol); !checked) return std::move(checked).error();
  if (auto checked = check_range("number of trades", limit, 1000); !checked) {
    return std::move(checked).error();
  }
  Exchange::Request request{.endpoint = Endpoint::kTrades, .shape = {.limit = limit}};
  request.query.add("symbol", std::string_view(symbol)).add("limit", std::int64_t{limit});
  return ask<Trades>(request, call,
                     [](std::string& body, const Exchange::Asked&) { return parse_trades(body); });
}

Result<Account> Client::account(const Call& call) {
  Exchange::Request request{.endpoint = Endpoint::kAccount,
                            .credentials = credentials_ ? &*credentials_ : nullptr};
  request.query.add_flag("omitZeroBalances", true);
  return ask<Account>(
      request, call, [](std::string& body, const Exchange::Asked&) { return parse_account(body); });
}

}  // namespace bourse::binance
