// SPDX-License-Identifier: MIT
#include "plugins/sources/history/tasks.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bourse/words.hpp"
#include "plugins/sources/history/below.hpp"
#include "plugins/sources/history/coverage_tables.hpp"

namespace bourse::history {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kPage = 1000;
constexpr int kTries = 5;

struct Target {
  SeriesKey key;
  Interval interval;
  Span span;
};

std::string name_of(const SeriesKey& key) { return key.symbol + " " + key.interval; }

/// Every market of `symbols` with each of `intervals`, and the time between `start` and `end` that
/// is over.
std::vector<Target> targets_of(const Workplace& at, const Values& values) {
  std::vector<Target> targets;
  const Millis now = to_millis(at.call.now());
  const Millis start = to_millis(values.time("start"));
  const Millis end = values.given("end") ? to_millis(values.time("end")) + 1 : now;
  for (const std::string& symbol : values.texts("symbols")) {
    for (const std::string& name : values.texts("intervals")) {
      const auto interval = Interval::parse(name);
      if (!interval) {
        throw bourse::Error(BOURSE_BAD_PARAM, "bad_interval",
                            "intervals: \"" + name + "\" is none; say 1m, 1h or 1d, for instance.")
            .blame("intervals");
      }
      const Span span{std::max<Millis>(start, 0), std::min(end, closed_until(*interval, now))};
      targets.push_back({{at.market, symbol, name}, *interval, span});
    }
  }
  return targets;
}

/// Says how far it has come, at most some times a second. `done` and `total` are milliseconds of
/// the markets' time.
class Told {
 public:
  Told(const Progress& progress, std::uint64_t total) : progress_(progress), total_(total) {}

  void at(std::uint64_t done, const std::string& text) {
    done_ = std::max(done_, std::min(done, total_));
    const auto now = steady_clock::now();
    if (now < next_) return;
    next_ = now + milliseconds(250);
    progress_(done_, total_, text);
  }
  void waits(const std::string& text) { progress_(done_, total_, text); }
  void end() { progress_(total_, total_, "done"); }

 private:
  const Progress& progress_;
  const std::uint64_t total_;
  std::uint64_t done_ = 0;
  steady_clock::time_point next_;
};

std::uint64_t length_of(const std::vector<Target>& targets) {
  std::uint64_t total = 0;
  for (const Target& target : targets) {
    total += static_cast<std::uint64_t>(std::max<Millis>(0, target.span.to - target.span.from));
  }
  return total;
}

/// Asks below, and leaves the rest to others. Where the source says how much of its limit is used
/// up, by whomever, nothing is asked above the share until the limit's next window; else the share
/// is one of time.
class Sharing {
 public:
  Sharing(const Workplace& at, double share, Told& told) : at_(at), told_(told), share_(share) {}

  /// Calls `ask` with a CallBelow until it answers; what it throws that may pass is waited for.
  template <class Ask>
  auto operator()(const std::string& what, const Ask& ask) {
    for (int tries = 1;; ++tries) {
      const auto begun = steady_clock::now();
      try {
        CallBelow below(at_.call);
        auto answer = ask(below);
        leave_room(what, below.limit(), steady_clock::now() - begun);
        return answer;
      } catch (const bourse::Error& error) {
        const bool passes = error.status() == BOURSE_UNAVAILABLE ||
                            error.status() == BOURSE_UPSTREAM || error.retry_after().ns > 0;
        if (!passes || tries == kTries) throw;
        const std::chrono::nanoseconds wait(
            std::max<std::int64_t>(error.retry_after().ns, (1LL << tries) * 1'000'000'000));
        wait_for(what, wait, error.message());
      }
    }
  }

 private:
  /// Seconds that are waited at once for a window's end; then it is asked how things are.
  static constexpr double kWindowMax = 120;

  void leave_room(const std::string& what, const std::optional<SourceLimit>& limit,
                  steady_clock::duration took) {
    if (!limit) {
      const auto rest = std::chrono::duration_cast<steady_clock::duration>(took * (1 / share_ - 1));
      return sleep(at_.call, std::max<steady_clock::duration>(rest, kBreath));
    }
    if (share_ >= 1 || limit->used < share_) return sleep(at_.call, kBreath);
    // A little more: the two clocks are not one.
    const auto left = std::chrono::duration<double>(std::min(limit->left, kWindowMax)) + kBreath;
    const auto wait = std::chrono::duration_cast<std::chrono::nanoseconds>(left);
    wait_for(what, wait,
             std::to_string(static_cast<int>(limit->used * 100)) +
                 " % of the source's limit is used, and the share is " +
                 std::to_string(static_cast<int>(share_ * 100)) + " %");
  }
  void wait_for(const std::string& what, std::chrono::nanoseconds wait, const std::string& why) {
    told_.waits(what + ", waits " +
                std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()) +
                " s: " + why);
    sleep(at_.call, std::chrono::duration_cast<steady_clock::duration>(wait));
  }

  const Workplace& at_;
  Told& told_;
  const double share_;
};

struct Filled {
  std::uint64_t rows = 0, pages = 0, revised = 0;
};

/// Asks for all that is unknown of a target.
Filled fill(const Workplace& at, const Target& target, Sharing& share, Told& told,
            std::uint64_t done_before) {
  Filled filled;
  const std::string what = name_of(target.key);
  for (Millis from = target.span.from; from < target.span.to;) {
    at.call.poll();
    const Span left{from, target.span.to};
    const auto series = must(at.store.find(target.key));
    const auto holes = series ? must(at.store.missing(series->id, left, to_millis(at.call.now())))
                              : std::vector<Span>{left};
    if (holes.empty()) break;
    const Span hole{std::max(from, holes.front().from), std::min(holes.front().to, left.to)};
    told.at(done_before + static_cast<std::uint64_t>(hole.from - target.span.from),
            what + ", " + time_text(to_time(hole.from)));
    const Shown shown = share(what, [&](CallBelow& below) {
      Answering answering(&at.store, std::nullopt, below, at.locks, at.market, std::nullopt);
      Shown page = answering.answer({.key = target.key,
                                     .interval = target.interval,
                                     .limit = kPage,
                                     .start = hole.from,
                                     .end = hole.to - 1,
                                     .now = to_millis(at.call.now()),
                                     .derives = false});
      if (!page.failure.empty()) below.fail();
      return page;
    });
    if (shown.unkept) throw bourse::Error(BOURSE_UNAVAILABLE, "not_kept", shown.unkept->text());
    ++filled.pages;
    filled.rows += shown.kept_rows;
    filled.revised += shown.revised.size();
    from = shown.rows.size() < kPage ? hole.to : shown.rows.back().open_time + 1;
  }
  return filled;
}

/// fill() for each target, and a table of what it did.
void fill_all(const Workplace& at, const Values& values, const std::vector<Target>& targets) {
  Told told(at.progress, length_of(targets));
  Sharing share(at, values.real("share"), told);
  auto table = at.call.begin("filled", "Filled", FieldOf<std::string_view>("symbol"),
                             FieldOf<std::string_view>("interval"), FieldOf<Time>("from"),
                             FieldOf<Time>("to"), FieldOf<std::int64_t>("candles"),
                             FieldOf<std::int64_t>("pages"), FieldOf<std::int64_t>("revised"));
  std::uint64_t done = 0, rows = 0;
  for (const Target& target : targets) {
    if (target.span.from >= target.span.to) continue;
    const Filled filled = fill(at, target, share, told, done);
    done += static_cast<std::uint64_t>(target.span.to - target.span.from);
    rows += filled.rows;
    table.add(std::string_view(target.key.symbol), std::string_view(target.key.interval),
              to_time(target.span.from), to_time(target.span.to - 1),
              static_cast<std::int64_t>(filled.rows), static_cast<std::int64_t>(filled.pages),
              static_cast<std::int64_t>(filled.revised));
  }
  table.flush();
  must(at.store.settle());
  told.end();
  at.call.scalar(Field("candles", BOURSE_TYPE_I64).labelled("Candles kept"),
                 static_cast<std::int64_t>(rows));
}

// ---- verify -------------------------------------------------------------------------------------

/// "close, volume": what differs between two versions of a candle.
std::string differences(const Candle& kept, const Candle& fresh) {
  NamedFew few;
  const auto look = [&few](bool equal, const char* name) {
    if (!equal) few.add(name);
  };
  look(kept.open == fresh.open, "open");
  look(kept.high == fresh.high, "high");
  look(kept.low == fresh.low, "low");
  look(kept.close == fresh.close, "close");
  look(kept.volume == fresh.volume, "volume");
  look(kept.quote_volume == fresh.quote_volume, "quote_volume");
  look(kept.trades == fresh.trades, "trades");
  look(kept.taker_base_volume == fresh.taker_base_volume, "taker_base_volume");
  look(kept.taker_quote_volume == fresh.taker_quote_volume, "taker_quote_volume");
  return few.text();
}

/// The candles of two sides that are of one time, and what one side lacks.
class Comparison {
 public:
  using Say = std::function<void(Millis, std::string_view what, const std::string& columns)>;

  static std::uint64_t compare(const std::vector<Candle>& kept, const std::vector<Candle>& fresh,
                               const char* only_kept, const char* only_fresh, const char* other,
                               const Say& say) {
    std::uint64_t compared = 0;
    auto a = kept.begin();
    auto b = fresh.begin();
    while (a != kept.end() || b != fresh.end()) {
      if (b == fresh.end() || (a != kept.end() && a->open_time < b->open_time)) {
        if (only_kept != nullptr) say(a->open_time, only_kept, {});
        ++a;
      } else if (a == kept.end() || b->open_time < a->open_time) {
        if (only_fresh != nullptr) say(b->open_time, only_fresh, {});
        ++b;
      } else {
        ++compared;
        const std::string columns = differences(*a, *b);
        if (!columns.empty()) say(a->open_time, other, columns);
        ++a, ++b;
      }
    }
    return compared;
  }
};

/// Pieces of the span that are known.
std::vector<Span> known_parts(const Workplace& at, const Series& series, Span span) {
  std::vector<Span> parts;
  for (const Covered& piece : must(at.store.coverage(series.id, span))) {
    const Span part{std::max(piece.span.from, span.from), std::min(piece.span.to, span.to)};
    if (piece.state == State::kKnown && part.from < part.to) parts.push_back(part);
  }
  return parts;
}

/// Compares with what shorter kept candles make.
std::uint64_t compare_with_shorter(const Workplace& at, const Series& series, const Target& target,
                                   Span part, const Comparison::Say& say) {
  std::uint64_t compared = 0;
  for (const SeriesKey& key : shorter_keys(target.key, target.interval)) {
    const auto found = must(at.store.find(key));
    if (!found) continue;
    for (Millis from = part.from; from < part.to;) {
      at.call.poll();
      auto made = must(at.store.derive(found->id, series.grid(), {from, part.to}, kPage));
      std::vector<Candle> rows;
      for (const Derived& each : made.rows) rows.push_back(each.candle);
      if (rows.empty()) break;
      const Span span{rows.front().open_time, rows.back().open_time + 1};
      const auto kept = must(at.store.read(series.id, span, kPage));
      const std::string what = "differs from its candles of " + key.interval;
      compared += Comparison::compare(kept, rows, nullptr, nullptr, what.c_str(), say);
      from = span.to;
    }
  }
  return compared;
}

/// Compares a page that is kept with what the source below says now, and keeps that.
std::uint64_t compare_page(const Workplace& at, const Series& series, const Target& target,
                           const std::vector<Candle>& kept, Span span, Sharing& share,
                           const Comparison::Say& say) {
  Page page = share(name_of(target.key), [&](CallBelow& below) {
    auto answer = below.candles({.key = target.key,
                                 .interval = target.interval,
                                 .limit = kPage,
                                 .now = to_millis(at.call.now())},
                                {span.from, span.to - 1, kPage});
    if (!answer) below.fail();
    return std::move(*answer);
  });
  std::erase_if(page.rows, [span](const Candle& row) {
    return row.open_time < span.from || row.open_time >= span.to;
  });
  const std::uint64_t compared = Comparison::compare(kept, page.rows, "the source has it no more",
                                                     "it was missing", "differs", say);
  if (!page.rows.empty()) {
    must(at.store.write({.series = series.id,
                         .origin = {.kind = OriginKind::kApi,
                                    .source = at.market,
                                    .taken_at = to_millis(at.call.now())},
                         .rows = page.rows,
                         .clock = page.clock}));
  }
  return compared;
}

}  // namespace

void sleep(const Call& call, steady_clock::duration time) {
  const auto end = steady_clock::now() + time;
  for (auto left = time; left > left.zero(); left = end - steady_clock::now()) {
    call.poll();
    std::this_thread::sleep_for(std::min<steady_clock::duration>(left, milliseconds(100)));
  }
  call.poll();
}

void backfill(const Workplace& at, const Values& values) {
  fill_all(at, values, targets_of(at, values));
}

void repair(const Workplace& at, const Values& values) {
  const std::vector<Target> targets = targets_of(at, values);
  for (const Target& target : targets) {
    const auto series = must(at.store.find(target.key));
    if (!series || target.span.from >= target.span.to) continue;
    for (const Covered& piece : must(at.store.coverage(series->id, target.span))) {
      const Span part{std::max(piece.span.from, target.span.from),
                      std::min(piece.span.to, target.span.to)};
      if (piece.state == State::kEmpty && part.from < part.to) {
        must(at.store.forget(series->id, part));
      }
    }
  }
  fill_all(at, values, targets);
}

void verify(const Workplace& at, const Values& values) {
  const std::vector<Target> targets = targets_of(at, values);
  Told told(at.progress, length_of(targets));
  Sharing share(at, values.real("share"), told);
  constexpr std::uint64_t kShown = 10'000;
  std::uint64_t done = 0, compared = 0, findings = 0;
  auto table =
      at.call.begin("findings", "Findings", FieldOf<std::string_view>("symbol"),
                    FieldOf<std::string_view>("interval"), FieldOf<Time>("open_time"),
                    FieldOf<std::string_view>("what"), FieldOf<std::string_view>("columns"));
  for (const Target& target : targets) {
    const auto series = must(at.store.find(target.key));
    const Comparison::Say say = [&](Millis time, std::string_view what,
                                    const std::string& columns) {
      if (++findings > kShown) return;
      table.add(std::string_view(target.key.symbol), std::string_view(target.key.interval),
                to_time(time), what, std::string_view(columns));
    };
    const auto parts = series && target.span.from < target.span.to
                           ? known_parts(at, *series, target.span)
                           : std::vector<Span>();
    for (const Span part : parts) {
      for (Millis from = part.from; from < part.to;) {
        at.call.poll();
        told.at(done + static_cast<std::uint64_t>(from - target.span.from),
                name_of(target.key) + ", " + time_text(to_time(from)));
        const auto kept = must(at.store.read(series->id, {from, part.to}, kPage));
        const Millis to = kept.size() < kPage ? part.to : kept.back().open_time + 1;
        compared += compare_page(at, *series, target, kept, {from, to}, share, say);
        from = to;
      }
      compared += compare_with_shorter(at, *series, target, part, say);
    }
    done += static_cast<std::uint64_t>(std::max<Millis>(0, target.span.to - target.span.from));
  }
  table.flush();
  say_missing_trades(at, values.texts("symbols"));
  told.end();
  at.call.scalar(Field("compared", BOURSE_TYPE_I64).labelled("Candles compared"),
                 static_cast<std::int64_t>(compared));
  at.call.scalar(Field("findings", BOURSE_TYPE_I64).labelled("Findings"),
                 static_cast<std::int64_t>(findings));
  if (findings > 0) {
    at.call.warn("findings", counted(findings, "finding") + " in " + counted(compared, "candle") +
                                 ". The newer version of each is shown from now on; the older one "
                                 "is kept beside it.");
  }
}

}  // namespace bourse::history
