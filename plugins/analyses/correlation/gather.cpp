// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/gather.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "bourse/fresh.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/correlation/candles.hpp"

namespace bourse::correlation {
namespace {

constexpr std::size_t kMarketsMin = 2;
constexpr std::size_t kReturnsFew = 10;  // below it, chance decides

/// A market that is compared, as far as it is known.
struct Market {
  std::string symbol;
  History history;             ///< of the window, once that is known
  std::optional<Time> before;  ///< open time of a candle before the window
  bool exhausted = false;      ///< the source has no candle before the oldest that came
  std::optional<Time> newest;  ///< open time of the newest candle that came
  Missing missing;
};

/// Who is left out, with the reasons, for the notes and for the sentence when too few are left.
class Leaving {
 public:
  explicit Leaving(const Call& call) : call_(call) {}
  void out(std::string_view code, const std::string& symbol, const std::string& why) {
    const std::string text = symbol + " is left out: " + why;
    call_.warn(code, text);
    if (reasons_++ < kReasons) said_ += " " + text;
  }
  /// With a blank before each.
  [[nodiscard]] const std::string& reasons() const noexcept { return said_; }

 private:
  static constexpr std::size_t kReasons = 3;
  const Call& call_;
  std::string said_;
  std::size_t reasons_ = 0;
};

/// A source's failure is not the client's fault, so it goes before "too few".
void require_two(const Request& request, const std::vector<Candles>& all, std::size_t usable,
                 const Leaving& leaving) {
  if (usable >= kMarketsMin) return;
  std::size_t unknown = 0;
  const Answer* missing = nullptr;
  for (const Candles& candles : all) {
    if (!candles.failed) continue;
    if (candles.failed->status() != BOURSE_NOT_FOUND) throw candles.failed->error();
    if (unknown++ == 0) missing = &*candles.failed;
  }
  if (missing != nullptr && unknown == all.size()) {
    throw Error(BOURSE_NOT_FOUND, "symbol_not_found", std::string(missing->message()))
        .blame("symbols");
  }
  throw Error(BOURSE_UNPROCESSABLE, "too_few_symbols",
              "A correlation needs two different markets with a history in common; of the " +
                  counted(request.symbols.size(), "market") + " asked for, " +
                  (usable == 0 ? "none has one." : "only one is left.") + leaving.reasons() +
                  " Ask for others, or for another interval or window.")
      .blame("symbols");
}

/// Whether the candle that holds `end` is closed: then the window ends there, and what a market has
/// not up to there is missing, not old.
bool ends_in_the_past(const Request& request, Interval grid, Time clock) {
  return request.end && grid.next(*request.end) <= clock;
}

/// Which markets are silent, and which do not trade now, unless the window is of the past.
void say_doubts(const Call& call, const Request& request, const std::vector<Candles>& all) {
  StaleNote stale;
  NotTradingNote halted;
  for (const Candles& candles : all) {
    if (!candles.newest) continue;
    const Interval grid = request.interval.anchored(*candles.newest);
    if (ends_in_the_past(request, grid, candles.clock)) continue;
    halted.add(candles.symbol, candles.status);
    const Time close = grid.close_time(*candles.newest);
    if (stale_candles(close, request.interval, candles.clock)) {
      stale.add(candles.symbol, close, candles.clock, candles.status);
    }
  }
  stale.say(call);
  halted.say(call);
}

/// Rows that were left out, and rows that were put in order.
void say_disorder(const Call& call, const std::vector<Candles>& all) {
  NamedFew left_out{"; "}, moved;
  for (const Candles& candles : all) {
    if (candles.disordered) moved.add(candles.symbol);
    const Unusable& rows = candles.unusable;
    if (rows.count == 0) continue;
    left_out.add(candles.symbol + ": " + counted(rows.count, "row") +
                 (rows.first ? ", the first opened " + time_text(*rows.first) : "") + ", of one " +
                 rows.why);
  }
  if (left_out.count() != 0) {
    call.warn("unreadable_row",
              "Rows of the source's answers are left out. " + left_out.text() + ".");
  }
  if (moved.count() != 0) {
    call.warn("odd_candle",
              "Candles did not come in the order of their open times, and have been put in it: " +
                  moved.text() + ".");
  }
}

/// Those that may be compared. From a start on also those of which nothing came: what they have
/// before it is looked at when the window is known.
std::vector<Market> usable(const Request& request, std::vector<Candles>& all, Leaving& leaving) {
  std::vector<Market> out;
  for (Candles& candles : all) {
    if (candles.failed) {
      leaving.out("symbol_unavailable", candles.symbol, std::string(candles.failed->message()));
    } else if (!candles.fault.empty()) {
      leaving.out("symbol_unavailable", candles.symbol, candles.fault);
    } else if (!candles.newest && !request.start) {
      leaving.out("insufficient_history", candles.symbol, "it has no candle in this window.");
    } else if (candles.newest && candles.history.times.empty()) {
      leaving.out("insufficient_history", candles.symbol, "it has no closed candle with a price.");
    } else {
      Market& market = out.emplace_back();
      market.symbol = candles.symbol;
      market.history = std::move(candles.history);
      market.exhausted = candles.exhausted;
      market.newest = candles.newest;
    }
  }
  return out;
}

/// Markets whose candles start together. Where each has a grid of its own, those of the grid that
/// most of them share are compared; of equals, that of the first asked for.
Interval keep_one_grid(const Request& request, std::vector<Market>& markets, Leaving& leaving) {
  if (request.interval.has_common_grid() || markets.empty()) return request.interval;
  const auto on = [](Interval grid, const Market& m) {
    return !m.newest || grid.floor(*m.newest) == *m.newest;
  };
  Interval best = request.interval;
  std::ptrdiff_t most = 0;
  const std::string* first = nullptr;
  for (const Market& market : markets) {
    if (!market.newest) continue;
    const Interval grid = request.interval.anchored(*market.newest);
    const auto share =
        std::count_if(markets.begin(), markets.end(), [&](const Market& m) { return on(grid, m); });
    if (share <= most) continue;
    most = share;
    best = grid;
    first = &market.symbol;
  }
  const std::string name(request.interval.name());
  const std::string like = first != nullptr ? *first : std::string();
  std::erase_if(markets, [&](const Market& m) {
    if (on(best, m)) return false;
    leaving.out("other_grid", m.symbol,
                "its candles of " + name + " begin on other days than those of " + like +
                    ", so no two of them cover the same time. Ask for 1d or 1w to compare them.");
    return true;
  });
  return best;
}

/// The newest closed candle of any market; one off the grid does not count if others do.
Time newest_of(const std::vector<Market>& markets, Interval grid) {
  Time newest{}, on_grid{};
  for (const Market& market : markets) {
    if (market.history.times.empty()) continue;
    const Time last{market.history.times.back()};
    newest = std::max(newest, last);
    if (grid.floor(last) == last) on_grid = std::max(on_grid, last);
  }
  return on_grid == Time{} ? newest : on_grid;
}

Window window_for(const Request& request, const std::vector<Market>& markets, Interval grid,
                  Time clock) {
  const Time last =
      ends_in_the_past(request, grid, clock) ? *request.end : newest_of(markets, grid);
  return request.start ? window_from(grid, *request.start, last)
                       : window_of(grid, request.returns_asked + 1, last);
}

void cut(Market& market, const Window& window) {
  History& history = market.history;
  const auto before = [&](std::int64_t time) { return time < window.from.ns; };
  for (const auto* times : {&history.times, &history.unpriced}) {
    for (const std::int64_t time : *times) {
      if (before(time)) market.before = std::max(market.before.value_or(Time{time}), Time{time});
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < history.times.size(); ++i) {
    if (!window.holds(history.times[i])) continue;
    history.times[kept] = history.times[i];
    history.closes[kept++] = history.closes[i];
  }
  history.times.resize(kept);
  history.closes.resize(kept);
  std::erase_if(history.unpriced, [&](std::int64_t time) { return !window.holds(time); });
}

bool lacks_the_first(const Market& market, const Window& window) {
  const auto late = [&](const std::vector<std::int64_t>& times) {
    return times.empty() || times.front() >= window.grid.next(window.from).ns;
  };
  return late(market.history.times) && late(market.history.unpriced);
}

/// From a start on, only the source knows whether there is something before it.
void look_before(const Call& call, const Request& request, std::vector<Market>& markets,
                 const Window& window) {
  if (!request.start) return;
  std::vector<std::string> symbols;
  std::vector<Market*> asking;
  for (Market& market : markets) {
    if (!lacks_the_first(market, window)) continue;
    symbols.push_back(market.symbol);
    asking.push_back(&market);
  }
  const std::vector<Before> before = candles_before(call, request, symbols, window.from);
  for (std::size_t i = 0; i < asking.size(); ++i) {
    asking[i]->exhausted = before[i].known && !before[i].newest;
    asking[i]->before = before[i].newest;
  }
}

std::string of_window(const Window& window) {
  return "the window, " + time_text(window.from) + " to " + time_text(window.to);
}

/// Cuts every history to the window, counts what it lacks, and leaves out what has nothing there.
void cut_all(const Call& call, const Request& request, std::vector<Market>& markets,
             const Window& window, Leaving& leaving) {
  for (Market& market : markets) cut(market, window);
  look_before(call, request, markets, window);
  for (Market& market : markets) {
    call.poll();
    market.missing =
        missing_of(market.history, window, market.exhausted && !market.before.has_value());
  }
  std::erase_if(markets, [&](const Market& market) {
    if (!market.history.times.empty()) return false;
    if (market.before && market.history.unpriced.empty()) {
      leaving.out("gaps", market.symbol,
                  "its newest candle is of " + time_text(*market.before) + ", before " +
                      of_window(window) + ".");
    } else {
      leaving.out("insufficient_history", market.symbol,
                  "it has no closed candle with a price in " + of_window(window) + ".");
    }
    return true;
  });
}

std::string begins_late(const Missing& missing) {
  return "its history begins " + time_text(missing.first.value_or(Time{})) + ", " +
         counted(missing.early, "candle") + " after the window does";
}

void say_left_out(const Joined& joined, const std::vector<Market>& markets, Leaving& leaving) {
  for (const LeftOut& left : joined.left_out) {
    const Market& market = markets[left.history];
    const Missing& missing = market.missing;
    const std::string gaps = describe_gaps(missing);
    std::string why = "it has " + std::to_string(left.rows) + " of the " +
                      counted(joined.frame_rows, "candle") +
                      " that most of the markets share, and would leave the others fewer than half "
                      "of them";
    if (missing.early != 0) why += "; " + begins_late(missing);
    if (!gaps.empty()) why += "; it lacks " + gaps;
    leaving.out(missing.early >= missing.returns_in_gaps() ? "insufficient_history" : "gaps",
                market.symbol, why + ".");
  }
}

/// "A: ...; B: ... and 3 more": of the kept markets for which `part` has words. The table of assets
/// has them all.
template <class Part>
std::string list_of(const Gathered& data, const Part& part) {
  NamedFew markets{"; "};
  for (std::size_t m = 0; m < data.symbols.size(); ++m) {
    const std::string words = part(data.missing[m]);
    if (!words.empty()) markets.add(data.symbols[m] + ": " + words);
  }
  return markets.text();
}

std::string early_of(const Gathered& data) {
  return list_of(data, [](const Missing& missing) {
    return missing.early == 0 ? std::string() : begins_late(missing);
  });
}
std::string gaps_of(const Gathered& data) {
  return list_of(data, [](const Missing& missing) {
    const std::string gaps = describe_gaps(missing);
    return gaps.empty() ? std::string()
                        : counted(missing.returns_in_gaps(), "return") + " (" + gaps + ")";
  });
}

void require_returns(const Gathered& data) {
  if (data.joined.returns >= kReturnsMin) return;
  const std::string early = early_of(data), gaps = gaps_of(data);
  throw Error(BOURSE_UNPROCESSABLE, "insufficient_history",
              "The markets have " + counted(data.joined.returns, "return") +
                  " in common, and a correlation needs at least " + std::to_string(kReturnsMin) +
                  ": that of two is always 1 or -1, whatever they are." +
                  (early.empty() ? "" : " " + early + ".") +
                  (gaps.empty() ? "" : " Missing: " + gaps + ".") +
                  " Ask for other markets, a longer window or a shorter interval.");
}

void say_missing(const Call& call, const Gathered& data) {
  const std::size_t used = data.joined.returns, all = data.window.places - 1;
  const std::string total =
      std::to_string(used) + " of the " + counted(all, "return") + " of the window are compared";
  if (const std::string early = early_of(data); !early.empty()) {
    call.warn("insufficient_history", "The history of markets is shorter than was asked for: " +
                                          early + ". " + total + ".");
  }
  if (const std::string gaps = gaps_of(data); !gaps.empty()) {
    call.warn("gaps", total +
                          ": a return is of two neighbouring candles and never goes over a gap. "
                          "Missing are, of " +
                          gaps + ".");
  }
  if (used < kReturnsFew) {
    call.warn("few_observations",
              "These correlations are of " + counted(used, "return") + " only: below " +
                  std::to_string(kReturnsFew) +
                  ", even a strong one is often chance. Look at its p_value, or ask for a longer "
                  "window.");
  }
}

Time newest_clock(const std::vector<Candles>& all) {
  Time clock{};
  for (const Candles& candles : all) clock = std::max(clock, candles.clock);
  return clock;
}

std::size_t with_candles(const std::vector<Market>& markets) {
  return static_cast<std::size_t>(
      std::count_if(markets.begin(), markets.end(),
                    [](const Market& market) { return !market.history.times.empty(); }));
}

/// Without two that have something there is no window: what is before the start is all that can be
/// said of the others.
void say_empty(const Call& call, const Request& request, const std::vector<Market>& markets,
               Leaving& leaving) {
  std::vector<std::string> symbols;
  for (const Market& market : markets) {
    if (market.history.times.empty()) symbols.push_back(market.symbol);
  }
  if (symbols.empty()) return;
  const std::vector<Before> before = candles_before(call, request, symbols, *request.start);
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (before[i].newest) {
      leaving.out("gaps", symbols[i],
                  "its newest candle before the start is of " + time_text(*before[i].newest) +
                      ", and it has none in the window.");
    } else {
      leaving.out("insufficient_history", symbols[i], "it has no candle in this window.");
    }
  }
}

}  // namespace

Gathered gather(const Call& call, const Request& request) {
  std::vector<Candles> all = read_candles(call, request);
  Leaving leaving(call);
  say_doubts(call, request, all);
  say_disorder(call, all);
  std::vector<Market> markets = usable(request, all, leaving);
  const Interval grid = keep_one_grid(request, markets, leaving);
  const std::size_t usable_markets = with_candles(markets);
  if (usable_markets < kMarketsMin) say_empty(call, request, markets, leaving);
  require_two(request, all, usable_markets, leaving);

  const Window window = window_for(request, markets, grid, newest_clock(all));
  cut_all(call, request, markets, window, leaving);
  require_two(request, all, markets.size(), leaving);

  std::vector<History> histories;
  for (Market& market : markets) histories.push_back(std::move(market.history));
  Gathered out{.symbols = {},
               .missing = {},
               .window = window,
               .joined = join(histories, grid, [&call] { call.poll(); })};
  say_left_out(out.joined, markets, leaving);
  for (const std::size_t kept : out.joined.kept) {
    out.symbols.push_back(markets[kept].symbol);
    out.missing.push_back(markets[kept].missing);
  }
  require_returns(out);
  say_missing(call, out);
  call.as_of(grid.close_time(Time{out.joined.times.back()}));
  return out;
}

}  // namespace bourse::correlation
