// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/gather.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

namespace bourse::correlation {
namespace {

constexpr std::size_t kMarketsMin = 2;
constexpr std::size_t kTimesMin = 3;  // two returns

std::string counted(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

/// The closed candles that have a price; nullopt when the times do not ascend.
std::optional<History> read(const TableView& candles) {
  const auto times = candles.times("open_time");
  // A source that does not tell is taken to send closed candles only.
  const auto closed =
      candles.find("closed") ? candles.booleans("closed") : std::span<const std::uint8_t>();
  const DecimalColumn closes = candles.decimals("close");
  History history;
  for (std::size_t row = 0; row < times.size(); ++row) {
    if (!candles.has("open_time", row)) continue;
    if (!history.times.empty() && times[row] <= history.times.back()) return std::nullopt;
    const bool forming = !closed.empty() && candles.has("closed", row) && closed[row] == 0;
    if (forming || !closes.has(row)) continue;
    const double close = closes[row].to_double();
    if (!(close > 0.0)) continue;  // of a market without trades
    history.times.push_back(times[row]);
    history.closes.push_back(close);
  }
  return history;
}

/// Notes that several sources' answers repeat are said once.
class Notes {
 public:
  explicit Notes(const Call& call) : call_(call) {}
  void pass_on(ReportView report) {
    for (const bourse_note* note : report.notes()) {
      const std::string code(view(note->code)), text(view(note->text));
      if (said_.emplace(code, text).second) call_.note(note->level, code, text);
    }
  }

 private:
  const Call& call_;
  std::set<std::pair<std::string, std::string>> said_;
};

/// What became of the markets asked for.
struct Histories {
  std::vector<std::string> symbols;
  std::vector<History> histories;
  std::size_t unknown = 0;
  const Answer* failed = nullptr;   ///< the first that failed for another reason
  const Answer* missing = nullptr;  ///< the first unknown one
  std::int64_t newest = 0;          ///< time of the newest input
};

void leave_out(const Call& call, const std::string& symbol, std::string_view why) {
  call.warn("symbol_unavailable", symbol + " is left out: " + std::string(why));
}

void take_failure(const Call& call, const std::string& symbol, const Answer& answer,
                  Histories& out) {
  leave_out(call, symbol, answer.message());
  if (answer.status() == BOURSE_NOT_FOUND) {
    ++out.unknown;
    if (out.missing == nullptr) out.missing = &answer;
  } else if (out.failed == nullptr) {
    out.failed = &answer;
  }
}

void take_candles(const Call& call, const std::string& symbol, ReportView report, Histories& out) {
  if (report.tables() == 0) {
    return leave_out(call, symbol, "the source's answer has no table.");
  }
  auto history = read(report.table(0));
  if (!history) {
    return leave_out(call, symbol, "the source sent candles that are not in order of time.");
  }
  if (history->times.empty()) {
    return call.warn("insufficient_history",
                     symbol + " is left out: it has no closed candle with a price.");
  }
  out.newest = std::max({out.newest, report.as_of().ns, history->times.back()});
  out.symbols.push_back(symbol);
  out.histories.push_back(std::move(*history));
}

Histories take_all(const Call& call, const Request& request, const std::vector<Answer>& answers) {
  Histories out;
  Notes notes(call);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok()) {
      take_failure(call, request.symbols[i], answers[i], out);
      continue;
    }
    notes.pass_on(answers[i].report());
    take_candles(call, request.symbols[i], answers[i].report(), out);
  }
  return out;
}

[[noreturn]] void fail_with(const Answer& answer) { throw answer.error(); }

/// A source's failure is not the client's fault, so it goes before "too few".
void require_two(const Request& request, const Histories& found, std::size_t usable) {
  if (usable >= kMarketsMin) return;
  if (found.failed != nullptr) fail_with(*found.failed);
  if (found.unknown == request.symbols.size()) {
    throw Error(BOURSE_NOT_FOUND, "symbol_not_found", std::string(found.missing->message()))
        .blame("symbols");
  }
  throw Error(BOURSE_UNPROCESSABLE, "too_few_symbols",
              "A correlation needs two different markets with a history in common; of the " +
                  counted(request.symbols.size(), "market") + " asked for, " +
                  (usable == 0 ? "none has one" : "only one is left") +
                  ". Ask for others, or for another interval or number of days.")
      .blame("symbols");
}

void say_left_out(const Call& call, const Histories& found, const Joined& joined) {
  for (const LeftOut& out : joined.left_out) {
    call.warn("insufficient_history",
              found.symbols[out.history] + " is left out: it has " + std::to_string(out.rows) +
                  " of the " + counted(joined.frame_rows, "candle") +
                  " that most of the markets share, and would leave the others fewer than half of "
                  "them.");
  }
}

void say_rows(const Call& call, const Request& request, const Joined& joined) {
  const std::size_t used = joined.times.size();
  if (used < joined.frame_rows) {
    call.note(BOURSE_LEVEL_INFO, "rows_dropped",
              std::to_string(joined.frame_rows - used) + " of " +
                  counted(joined.frame_rows, "candle") +
                  " are not used, as not every market has them; a return goes over them.");
  }
  if (joined.frame_rows < request.returns_asked + 1) {
    call.warn("insufficient_history", "The markets have a shorter history than was asked for: " +
                                          counted(joined.frame_rows, "candle") + " of " +
                                          std::to_string(request.returns_asked + 1) + ".");
  }
}

}  // namespace

Gathered gather(const Call& call, const Request& request) {
  std::vector<Query> queries;
  queries.reserve(request.symbols.size());
  for (const std::string& symbol : request.symbols) {
    queries.push_back(Query("candles")
                          .with("symbol", symbol)
                          .with("interval", request.interval.name())
                          .with("limit", request.returns_asked + kCandlesBeside));
  }
  const std::vector<Answer> answers = call.ask(queries);
  Histories found = take_all(call, request, answers);
  require_two(request, found, found.histories.size());

  Gathered out;
  out.joined = join(found.histories, request.returns_asked + 1);
  say_left_out(call, found, out.joined);
  require_two(request, found, out.joined.times.empty() ? 0 : out.joined.kept.size());
  if (out.joined.times.size() < kTimesMin) {
    throw Error(BOURSE_UNPROCESSABLE, "insufficient_history",
                "The markets have " + counted(out.joined.times.size(), "closed candle") +
                    " in common, and a correlation needs at least 3. Ask for other markets or a "
                    "shorter interval.");
  }
  say_rows(call, request, out.joined);
  for (const std::size_t kept : out.joined.kept) out.symbols.push_back(found.symbols[kept]);
  call.as_of(Time{found.newest});
  return out;
}

}  // namespace bourse::correlation
