// SPDX-License-Identifier: MIT
#include "plugins/sources/history/source.hpp"

#include <utility>
#include <vector>

#include "bourse/words.hpp"
#include "plugins/sources/history/below.hpp"
#include "plugins/sources/history/coverage_tables.hpp"

namespace bourse::history {
namespace {

Options options_of(const Values& values) {
  Options options{.database = std::string(values.text("database"))};
  if (values.given("password")) options.password = values.text("password");
  return options;
}

Question question_of(const Call& call, const Values& values, const std::string& market) {
  const std::string_view interval = values.text("interval");
  Question question{.key = {.source = market,
                            .symbol = std::string(values.text("symbol")),
                            .interval = std::string(interval)},
                    .interval = Interval::parse(interval).value(),
                    .limit = static_cast<std::size_t>(values.integer("limit")),
                    .now = to_millis(call.now())};
  // A start between two milliseconds leaves out the first of them.
  if (const auto start = values.maybe<Time>("start")) {
    question.start = to_millis(Time{start->ns}) + (start->ns % 1'000'000 != 0 ? 1 : 0);
  }
  if (const auto end = values.maybe<Time>("end")) question.end = to_millis(*end);
  return question;
}

std::string span_text(Span span) {
  return time_text(to_time(span.from)) + " to " + time_text(to_time(span.to - 1));
}

/// "2 parts: A to B, C to D".
std::string parts_text(const std::vector<Span>& spans) {
  NamedFew few;
  for (const Span& span : spans) few.add(span_text(span));
  return counted(few.count(), "part") + ": " + few.text();
}

void add_table(const Call& call, const Shown& shown) {
  const std::size_t n = shown.rows.size();
  std::vector<std::int64_t> opens(n), closes(n), trades(n);
  std::vector<std::uint8_t> closed(n, 1);
  std::vector<Decimal> open(n), high(n), low(n), close(n), volume(n), quote_volume(n), taker(n),
      taker_quote(n);
  for (std::size_t i = 0; i < n; ++i) {
    const Candle& row = shown.rows[i];
    opens[i] = to_time(row.open_time).ns;
    closes[i] = row.close_time ? to_time(*row.close_time).ns
                               : shown.grid.close_time(to_time(row.open_time)).ns;
    open[i] = row.open;
    high[i] = row.high;
    low[i] = row.low;
    close[i] = row.close;
    volume[i] = row.volume;
    quote_volume[i] = row.quote_volume;
    trades[i] = row.trades;
    taker[i] = row.taker_base_volume;
    taker_quote[i] = row.taker_quote_volume;
  }
  if (shown.is_forming && n > 0) closed[n - 1] = 0;
  call.add(TableBuilder("candles", "Candles")
               .column(bourse_candles_open_time, opens)
               .column(bourse_candles_open, open)
               .column(bourse_candles_high, high)
               .column(bourse_candles_low, low)
               .column(bourse_candles_close, close)
               .column(bourse_candles_volume, volume)
               .column(bourse_candles_close_time, closes)
               .column(bourse_candles_quote_volume, quote_volume)
               .column(bourse_candles_trades, trades)
               .column(bourse_candles_taker_base_volume, taker)
               .column(bourse_candles_taker_quote_volume, taker_quote)
               .column(bourse_candles_closed, closed));
  if (n > 0) call.as_of(shown.is_forming ? to_time(shown.clock) : Time{closes[n - 1]});
}

}  // namespace

History::History(const Values& values, Host host)
    : market_(values.text("market")),
      keeping_(read_keeping(values)),
      keeper_(options_of(values), host) {}

void History::fetch(Call& call, std::size_t dataset, const Values& values) const {
  switch (dataset) {
    case kCandleSet:
      return keeping_.candles ? candles(call, values) : pass(call, bourse_candles, values);
    case kTradeSet:
      return keeping_.trades ? trades(call, values) : pass(call, bourse_trades, values);
    case kBookSet:
      return keeping_.books ? book(call, values) : pass(call, bourse_order_book, values);
    default:
      return coverage(call, dataset, values);
  }
}

void History::trades(Call& call, const Values& values) const {
  Keeper::Held held = keeper_.get();
  const Passed passed = say_trades(call, values, market_, held.store.get(), std::move(held.why));
  revised_trades_ += passed.revised;
  remember(passed, kept_trades_);
}

void History::book(Call& call, const Values& values) const {
  Keeper::Held held = keeper_.get();
  remember(say_book(call, values, market_, keeping_, held.store.get(), std::move(held.why)),
           kept_books_);
}

void History::remember(const Passed& passed, std::atomic<std::uint64_t>& kept) const {
  if (!passed.is_source_gone) keeper_.saw(passed.unkept);
  kept += passed.kept;
  if (passed.unkept) ++unkept_;
  if (passed.is_source_gone) ++failures_;
}

void History::coverage(Call& call, std::size_t dataset, const Values& values) const {
  const Keeper::Held held = keeper_.get();
  if (!held.store) {
    throw bourse::Error(BOURSE_UNAVAILABLE, "no_database",
                        held.why ? held.why->text() : "The database is being opened.");
  }
  const auto say = dataset == kCoverageSet ? say_coverage : say_spans;
  say(call, values, *held.store, market_);
}

void History::candles(Call& call, const Values& values) const {
  const Question question = question_of(call, values, market_);
  CallBelow below(call);
  Keeper::Held held = keeper_.get();
  const std::int64_t ahead = clock_ahead_.load();
  Answering answering(held.store.get(), std::move(held.why), below, locks_, market_,
                      ahead == kUnknownClock ? std::nullopt : std::optional(ahead));
  const Shown shown = answering.answer(question);
  remember(question, shown);
  add_table(call, shown);
  call.meta("clock", to_time(shown.clock));
  below.pass_on();
  say(call, question, shown);
  // What was asked below bounds it too. Without a failure it may be said again for a minute: what
  // is known may be found to be another by somebody else.
  if (shown.failure.empty() && !shown.unkept) {
    constexpr std::int64_t kMinuteNs = 60'000'000'000;
    call.fresh_until(call.now() + Duration(kMinuteNs));
  }
}

void History::remember(const Question& question, const Shown& shown) const {
  keeper_.saw(shown.unkept);
  if (shown.was_asked) clock_ahead_ = shown.clock - question.now;
  ++answers_;
  if (!shown.was_asked) ++without_asking_;
  shown_rows_ += shown.rows.size();
  shown_from_database_ += shown.from_database;
  kept_rows_ += shown.kept_rows;
  revised_rows_ += shown.revised.size();
  if (shown.unkept) ++unkept_;
  if (!shown.failure.empty()) ++failures_;
}

void History::say(Call& call, const Question& question, const Shown& shown) const {
  const std::string what = question.key.symbol + " " + question.key.interval;
  if (!shown.failure.empty()) {
    call.warn("source_failed", "The source of " + what + " did not answer: " + shown.failure +
                                   " What is kept of it is shown.");
  }
  if (!shown.unknown.empty()) {
    call.warn("unknown_parts", "Nothing is known of " + parts_text(shown.unknown) + " of " + what +
                                   ": candles that the market has may be missing there.");
  }
  if (!shown.empty.empty()) {
    call.note(BOURSE_LEVEL_INFO, "gaps",
              what + " has no candles in " + parts_text(shown.empty) +
                  ". The source was asked for them and has none.");
  }
  if (!shown.revised.empty()) {
    NamedFew few;
    for (const Millis time : shown.revised) few.add(time_text(to_time(time)));
    call.warn("revised", counted(few.count(), "candle") + " of " + what +
                             " differ from what was kept before: " + few.text() +
                             ". The newer ones are shown; the older ones are kept beside them.");
  }
  if (shown.unkept) {
    call.warn("not_kept", "What is asked of " + what + " is not kept: " + shown.unkept->text());
  }
}

void History::perform(Call& call, std::size_t task, const Values& values,
                      Progress& progress) const {
  Options options = keeper_.options();
  const bool reads = task == TaskNumber::kStatus || task == TaskNumber::kExport;
  options.role = reads ? Role::kReader : Role::kTask;
  const auto store = must(open_store(options), "no_database");
  using Work = void (*)(const Workplace&, const Values&);
  static constexpr auto kWork =
      std::to_array<Work>({backfill, status, verify, repair, prune, import_files, export_files});
  static_assert(kWork.size() == kTasks.size());
  kWork.at(task)({call, progress, *store, locks_, market_, keeping_}, values);
}

void History::collect(Metrics& metrics) const {
  const auto as = [](const std::atomic<std::uint64_t>& figure) {
    return static_cast<double>(figure.load());
  };
  metrics.counter("answers_total", "Answers about candles.", as(answers_));
  metrics.counter("answers_without_asking_total",
                  "Of these, answers for which the source below was not asked.",
                  as(without_asking_));
  metrics.counter("rows_total", "Candles shown.", as(shown_rows_));
  metrics.counter("rows_from_database_total", "Of these, candles read from the database.",
                  as(shown_from_database_));
  metrics.counter("kept_rows_total", "Candles kept that were not there before.", as(kept_rows_));
  metrics.counter("revised_rows_total", "Candles that differed from what was kept.",
                  as(revised_rows_));
  metrics.counter("unkept_answers_total", "Answers of which something was not kept.", as(unkept_));
  metrics.counter("source_failures_total",
                  "Answers for which the source below failed, shown from the database.",
                  as(failures_));
  metrics.counter("kept_trades_total", "Trades kept that were not there before.", as(kept_trades_));
  metrics.counter("revised_trades_total", "Trades that differed from what was kept.",
                  as(revised_trades_));
  metrics.counter("kept_books_total", "Snapshots of books kept.", as(kept_books_));
  metrics.gauge("keeps", "1: what is asked is kept. 0: it is not, see the log.",
                keeper_.keeps() ? 1 : 0);
}

void History::probe(const Call&, const Findings& findings) const {
  const Keeper::Held held = keeper_.get();
  if (!held.store) {
    findings.fail("database", held.why ? held.why->message : "it is being opened",
                  held.why ? held.why->advice : "");
    return;
  }
  auto health = held.store->health();
  if (!health) {
    findings.fail("database", health.error().message, health.error().advice);
    return;
  }
  const std::string name = held.store->description() + ", " +
                           std::to_string(health->database_bytes / 1024) + " kB, schema " +
                           std::to_string(health->schema);
  if (!health->can_write) {
    findings.fail("database", name + "; it cannot be written here",
                  health->writer.empty() ? "look at the rights of the file and its folder"
                                         : "the writer is " + health->writer);
  } else if (health->wal_bytes > Health::kWalWarning) {
    findings.fail(
        "database",
        name + "; its log has grown to " + std::to_string(health->wal_bytes >> 20U) + " MiB",
        "some program reads it without an end: close it");
  } else {
    findings.pass("database", name);
  }
}

}  // namespace bourse::history
