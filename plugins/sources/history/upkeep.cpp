// SPDX-License-Identifier: MIT
//
// The tasks status and prune: what is kept, what is missing, and what is taken away of it.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bourse/words.hpp"
#include "plugins/sources/history/coverage_tables.hpp"
#include "plugins/sources/history/tasks.hpp"

namespace bourse::history {
namespace {

std::int64_t as_integer(std::uint64_t n) { return static_cast<std::int64_t>(n); }

bool is_among(const Values& values, const char* name, const std::string& text) {
  if (!values.given(name)) return true;
  const auto asked = values.texts(name);
  return std::find(asked.begin(), asked.end(), text) != asked.end();
}

bool is_market_of(const Market& market, const Workplace& at, const Values& values) {
  return market.source == at.market && is_among(values, "symbols", market.symbol);
}

// ---- prune --------------------------------------------------------------------------------------

/// One thing that is pruned: its name in the report, and how a batch of it is taken away.
struct Pruning {
  const char* kind;
  std::string symbol, interval;
  std::function<Result<Pruned>()> batch;
};

/// Before when what is of a kind goes; nullopt: nothing does.
std::optional<Millis> bound_of(const Workplace& at, const Values& values, const char* kind,
                               const std::optional<Millis>& kept_for) {
  if (!is_among(values, "kinds", kind)) return std::nullopt;
  if (values.given("before")) return to_millis(values.time("before"));
  if (!kept_for) return std::nullopt;
  return to_millis(at.call.now()) - *kept_for;
}

std::vector<Pruning> prunings_of(const Workplace& at, const Values& values) {
  std::vector<Pruning> all;
  Store& store = at.store;
  constexpr std::size_t kRows = Write::kRowsMax;
  if (const auto bound = bound_of(at, values, "candles", at.keeping.candles_for)) {
    for (const Series& series : must(store.list())) {
      if (!is_chosen(series.key, values, at.market)) continue;
      all.push_back(
          {"candles", series.key.symbol, series.key.interval,
           [&store, id = series.id, bound = *bound] { return store.prune(id, bound, kRows); }});
    }
  }
  if (const auto bound = bound_of(at, values, "trades", at.keeping.trades_for)) {
    for (const TradesStatus& trades : must(store.trades_status())) {
      if (!is_market_of(trades.market, at, values)) continue;
      all.push_back(
          {"trades", trades.market.symbol, {}, [&store, market = trades.market, bound = *bound] {
             return store.prune_trades(market, bound, kRows);
           }});
    }
  }
  if (const auto bound = bound_of(at, values, "books", at.keeping.books_for)) {
    for (const BooksStatus& books : must(store.books_status())) {
      if (!is_market_of(books.market, at, values)) continue;
      // A snapshot may be as large as thousands of trades.
      all.push_back(
          {"books", books.market.symbol, {}, [&store, market = books.market, bound = *bound] {
             return store.prune_books(market, bound, 100);
           }});
    }
  }
  return all;
}

bool says_what_is_old(const Workplace& at, const Values& values) {
  const Keeping& keeping = at.keeping;
  return bound_of(at, values, "candles", keeping.candles_for) ||
         bound_of(at, values, "trades", keeping.trades_for) ||
         bound_of(at, values, "books", keeping.books_for);
}

// ---- status -------------------------------------------------------------------------------------

struct Rows {
  std::uint64_t candles = 0, trades = 0, books = 0;
};

std::uint64_t say_candles(const Call& call, Store& store) {
  auto table = call.begin(
      "kept", "Kept", FieldOf<std::string_view>("market"), FieldOf<std::string_view>("symbol"),
      FieldOf<std::string_view>("interval"), FieldOf<Time>("from"), FieldOf<Time>("to"),
      FieldOf<std::int64_t>("candles"), FieldOf<std::int64_t>("gaps"),
      FieldOf<std::int64_t>("unknown_seconds"), FieldOf<std::int64_t>("empty_seconds"),
      FieldOf<std::int64_t>("conflicts"), FieldOf<std::int64_t>("behind"));
  std::uint64_t rows = 0;
  for (const SeriesStatus& each : must(store.status(to_millis(call.now())))) {
    if (is_bare(each)) continue;
    const auto time = [&each](bool first) -> std::optional<Time> {
      if (!each.known) return std::nullopt;
      return to_time(first ? each.known->from : each.known->to - 1);
    };
    table.add(std::string_view(each.series.key.source), std::string_view(each.series.key.symbol),
              std::string_view(each.series.key.interval), time(true), time(false),
              as_integer(each.rows), as_integer(each.gaps), each.unknown_ms / 1000,
              each.empty_ms / 1000, as_integer(each.revisions), as_integer(each.behind));
    rows += each.rows;
  }
  table.flush();
  return rows;
}

std::uint64_t say_trades_kept(const Call& call, Store& store) {
  const auto all = must(store.trades_status());
  if (all.empty()) return 0;
  auto table = call.begin("trades", "Trades", FieldOf<std::string_view>("market"),
                          FieldOf<std::string_view>("symbol"), FieldOf<Time>("from"),
                          FieldOf<Time>("to"), FieldOf<std::int64_t>("trades"),
                          FieldOf<std::int64_t>("first_id"), FieldOf<std::int64_t>("last_id"),
                          FieldOf<std::int64_t>("missing"), FieldOf<std::int64_t>("conflicts"));
  std::uint64_t rows = 0;
  for (const TradesStatus& each : all) {
    const auto of_some = [&each](auto value) {
      return each.rows > 0 ? std::optional(value) : std::nullopt;
    };
    table.add(std::string_view(each.market.source), std::string_view(each.market.symbol),
              of_some(to_time(each.from)), of_some(to_time(each.to)), as_integer(each.rows),
              of_some(each.ids.first), of_some(each.ids.last), as_integer(each.missing),
              as_integer(each.revisions));
    rows += each.rows;
  }
  table.flush();
  return rows;
}

std::uint64_t say_books_kept(const Call& call, Store& store) {
  const auto all = must(store.books_status());
  if (all.empty()) return 0;
  auto table = call.begin("books", "Books", FieldOf<std::string_view>("market"),
                          FieldOf<std::string_view>("symbol"), FieldOf<Time>("from"),
                          FieldOf<Time>("to"), FieldOf<std::int64_t>("snapshots"));
  std::uint64_t rows = 0;
  for (const BooksStatus& each : all) {
    const auto of_some = [&each](Millis time) {
      return each.rows > 0 ? std::optional(to_time(time)) : std::nullopt;
    };
    table.add(std::string_view(each.market.source), std::string_view(each.market.symbol),
              of_some(each.from), of_some(each.to), as_integer(each.rows));
    rows += each.rows;
  }
  table.flush();
  return rows;
}

/// Where SQLite has to read the whole file for it, only up to this size, or when it is asked to.
constexpr std::uint64_t kMeasuredMax = 1ULL << 30;

void say_kinds(const Call& call, Store& store, const Rows& rows, bool is_measured) {
  std::optional<Sizes> sizes;
  if (is_measured) {
    auto told = store.sizes();
    if (told) sizes = *told;
  }
  auto table = call.begin("kinds", "Room", FieldOf<std::string_view>("kind"),
                          FieldOf<std::int64_t>("rows"), FieldOf<std::int64_t>("bytes"));
  const auto add = [&](const char* kind, std::uint64_t count, std::uint64_t Sizes::*of) {
    if (sizes) {
      table.add(std::string_view(kind), as_integer(count), as_integer((*sizes).*of));
    } else {
      table.add(std::string_view(kind), as_integer(count), std::nullopt);
    }
  };
  add("candles", rows.candles, &Sizes::candles);
  add("trades", rows.trades, &Sizes::trades);
  add("books", rows.books, &Sizes::books);
  table.flush();
}

}  // namespace

void say_missing_trades(const Workplace& at, const std::vector<std::string>& symbols) {
  constexpr std::size_t kPiecesMax = 1000;
  std::uint64_t missing = 0;
  NamedFew few;
  for (const TradesStatus& each : must(at.store.trades_status())) {
    const bool is_asked =
        each.market.source == at.market &&
        std::find(symbols.begin(), symbols.end(), each.market.symbol) != symbols.end();
    if (!is_asked || each.missing == 0) continue;
    missing += each.missing;
    few.add(each.market.symbol);
  }
  if (missing == 0) return;
  auto table =
      at.call.begin("missing_trades", "Missing trades", FieldOf<std::string_view>("symbol"),
                    FieldOf<std::int64_t>("first_id"), FieldOf<std::int64_t>("last_id"),
                    FieldOf<std::int64_t>("trades"), FieldOf<Time>("after"));
  for (const std::string& symbol : symbols) {
    const Market market{at.market, symbol};
    for (const TradeIds& ids : must(at.store.missing_trades(market, kPiecesMax))) {
      at.call.poll();
      const auto before = must(at.store.newest_trades(market, ids.first, 1));
      table.add(std::string_view(symbol), ids.first, ids.last, ids.last - ids.first + 1,
                before.empty() ? std::nullopt : std::optional(to_time(before.front().time)));
    }
  }
  table.flush();
  at.call.note(BOURSE_LEVEL_INFO, "missing_trades",
               counted(missing, "trade") + " of " + few.text() +
                   " took place between kept ones and " + (missing == 1 ? "is" : "are") +
                   " not kept: nobody asked in time. The exchange's files have them.");
}

void prune(const Workplace& at, const Values& values) {
  if (!says_what_is_old(at, values)) {
    throw bourse::Error(BOURSE_BAD_PARAM, "nothing_to_prune",
                        "Nothing says what is old: give `before`, or set candles_for, trades_for "
                        "or books_for of the source.")
        .blame("before");
  }
  auto table = at.call.begin("pruned", "Taken away", FieldOf<std::string_view>("kind"),
                             FieldOf<std::string_view>("symbol"),
                             FieldOf<std::string_view>("interval"), FieldOf<std::int64_t>("rows"));
  const std::vector<Pruning> all = prunings_of(at, values);
  Rows total;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Pruning& each = all[i];
    const std::string_view kind = each.kind;
    std::uint64_t rows = 0;
    for (bool is_done = false; !is_done;) {
      const Pruned pruned = must(each.batch());
      is_done = pruned.is_done;
      rows += pruned.rows;
      at.progress(i, all.size(),
                  each.symbol + " " + (each.interval.empty() ? each.kind : each.interval.c_str()));
      sleep(at.call, kBreath);
    }
    table.add(kind, std::string_view(each.symbol),
              each.interval.empty() ? std::nullopt : std::optional(std::string_view(each.interval)),
              as_integer(rows));
    (kind == "candles" ? total.candles : kind == "trades" ? total.trades : total.books) += rows;
  }
  table.flush();
  must(at.store.settle());
  at.progress(all.size(), all.size(), "done");
  const auto say = [&at](const char* name, const char* label, std::uint64_t rows) {
    at.call.scalar(Field(name, BOURSE_TYPE_I64).labelled(label), as_integer(rows));
  };
  say("candles", "Candles taken away", total.candles);
  say("trades", "Trades taken away", total.trades);
  say("books", "Snapshots of books taken away", total.books);
}

void status(const Workplace& at, const Values& values) {
  const Call& call = at.call;
  const Health health = must(at.store.health());
  call.scalar(Field("database", BOURSE_TYPE_TEXT).labelled("Database"),
              std::string_view(at.store.description()));
  call.scalar(Field("bytes", BOURSE_TYPE_I64).labelled("Size").in("byte"),
              as_integer(health.database_bytes));
  call.scalar(Field("log_bytes", BOURSE_TYPE_I64).labelled("Log").in("byte"),
              as_integer(health.wal_bytes));
  call.scalar(Field("writer", BOURSE_TYPE_TEXT).labelled("Writer"),
              std::string_view(health.writer));
  Rows rows;
  rows.candles = say_candles(call, at.store);
  rows.trades = say_trades_kept(call, at.store);
  rows.books = say_books_kept(call, at.store);
  const bool checks = values.boolean("check");
  say_kinds(call, at.store, rows, checks || health.database_bytes <= kMeasuredMax);
  call.scalar(Field("candles", BOURSE_TYPE_I64).labelled("Candles"), as_integer(rows.candles));
  if (health.wal_bytes > Health::kWalWarning) {
    call.warn("long_log", "The database's log has grown to " +
                              std::to_string(health.wal_bytes >> 20U) +
                              " MiB: some program reads it without an end.");
  }
  if (!checks) return;
  const Depth depth = values.text("depth") == "quick" ? Depth::kQuick : Depth::kFull;
  const auto damage = must(at.store.check(depth, [&call] {
    call.poll();
    return false;
  }));
  for (const std::string& sentence : damage) call.warn("damage", sentence);
}

}  // namespace bourse::history
