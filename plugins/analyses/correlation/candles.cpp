// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/candles.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>
#include <utility>

#include "bourse/fresh.hpp"
#include "bourse/symbols.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/correlation/window.hpp"

namespace bourse::correlation {
namespace {

constexpr std::size_t kPageMax = 5000;        // of the dataset's `limit`
constexpr std::size_t kRowsAtOnce = 100'000;  // of the answers that are held at one time
constexpr std::size_t kNotesMax = 100;        // of what the sources say
constexpr std::size_t kCandlesBeside = 2;     // one makes no return, and the newest may be forming
constexpr Duration kMillisecond{1'000'000};
constexpr Duration kMillisecondBack{-1'000'000};

/// What sources say of many markets, each once: what all of them say as it is, else with the names.
class Notes {
 public:
  void take(const std::string& symbol, ReportView report) {
    for (const bourse_note* note : report.notes()) {
      const std::string_view code = view(note->code), text = view(note->text);
      const auto same = std::find_if(said_.begin(), said_.end(), [&](const Said& s) {
        return s.code == code && s.text == text;
      });
      Said& said = same != said_.end() ? *same : said_.emplace_back(note->level, code, text);
      if (said.symbols.empty() || said.symbols.back() != symbol) said.symbols.push_back(symbol);
    }
  }
  void say(const Call& call, std::size_t markets) const {
    for (const Said& said : std::span(said_).first(std::min(said_.size(), kNotesMax))) {
      call.note(said.level, said.code, text_of(said, markets));
    }
    if (said_.size() <= kNotesMax) return;
    call.note(BOURSE_LEVEL_INFO, "notes_left_out",
              "The sources had " + std::to_string(said_.size() - kNotesMax) + " more notes.");
  }

 private:
  struct Said {
    Said(std::int32_t of_level, std::string_view of_code, std::string_view of_text)
        : level(of_level), code(of_code), text(of_text) {}
    std::int32_t level;
    std::string code, text;
    std::vector<std::string> symbols;
  };
  static std::string text_of(const Said& said, std::size_t markets) {
    if (said.symbols.size() == markets) return said.text;
    if (said.symbols.size() == 1 && names_symbol(said.text, said.symbols.front())) return said.text;
    NamedFew names;
    for (const std::string& symbol : said.symbols) names.add(symbol);
    return names.text() + ": " + said.text;
  }
  std::vector<Said> said_;
};

struct Row {
  std::int64_t time;
  double close;  ///< NaN: forming; not positive: without a price
};

/// Rows of one answer, oldest first, each time once.
struct PageRows {
  std::vector<Row> rows;
  Unusable unusable;
  bool disordered = false;
};

void leave_out(Unusable& unusable, std::optional<std::int64_t> time, const char* why) {
  if (unusable.count++ == 0) unusable.why = why;
  if (time && (!unusable.first || *time < unusable.first->ns)) unusable.first = Time{*time};
}

void put_in_order(PageRows& page) {
  const auto earlier = [](const Row& a, const Row& b) { return a.time < b.time; };
  page.disordered = !std::is_sorted(page.rows.begin(), page.rows.end(), earlier);
  if (page.disordered) std::stable_sort(page.rows.begin(), page.rows.end(), earlier);
  const auto again = [&page](const Row& a, const Row& b) {
    if (a.time != b.time) return false;
    leave_out(page.unusable, b.time, "because another candle has its open time");
    return true;
  };
  page.rows.erase(std::unique(page.rows.begin(), page.rows.end(), again), page.rows.end());
}

PageRows rows_of(const TableView& candles) {
  const auto times = candles.times("open_time");
  // A source that does not tell is taken to send closed candles only.
  const auto closed =
      candles.find("closed") ? candles.booleans("closed") : std::span<const std::uint8_t>();
  const DecimalColumn closes = candles.decimals("close");
  PageRows page;
  page.rows.reserve(times.size());
  for (std::size_t row = 0; row < times.size(); ++row) {
    if (!candles.has("open_time", row)) {
      leave_out(page.unusable, std::nullopt, "because it has no open time");
      continue;
    }
    const bool forming = !closed.empty() && candles.has("closed", row) && closed[row] == 0;
    page.rows.push_back({times[row], forming           ? std::nan("")
                                     : closes.has(row) ? closes[row].to_double()
                                                       : 0.0});
  }
  put_in_order(page);
  return page;
}

/// Whether the source says that it left out rows: then fewer than asked for are not all there are.
bool lacks_rows(ReportView answer) {
  const auto notes = answer.notes();
  return std::any_of(notes.begin(), notes.end(), [](const bourse_note* note) {
    const std::string_view code = view(note->code);
    return code == "unreadable_row" || code == "unreadable_file";
  });
}

/// One market, while it is read.
class Reader {
 public:
  Reader(std::string symbol, const Request& request) : request_(&request) {
    candles_.symbol = std::move(symbol);
  }

  [[nodiscard]] bool more() const noexcept { return more_; }
  [[nodiscard]] std::size_t limit() const noexcept {
    const std::size_t wanted = expected();
    return std::min(kPageMax, wanted > rows_ ? wanted - rows_ : std::min(wanted, most() - rows_));
  }
  [[nodiscard]] const std::string& symbol() const noexcept { return candles_.symbol; }
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] Time clock() const noexcept { return candles_.clock; }

  [[nodiscard]] Query query() const {
    Query query("candles");
    query.with("symbol", candles_.symbol)
        .with("interval", request_->interval.name())
        .with("limit", limit());
    if (forward()) {
      query.with("start", newest() ? *newest() + kMillisecond : *request_->start)
          .with("end", request_->end);
    } else if (const auto first = oldest()) {
      query.with("end", *first + kMillisecondBack);
    } else {
      query.with("end", request_->end);
    }
    return query;
  }

  void take(const Answer& answer) {
    more_ = false;
    candles_.failed = answer;
  }
  void take(const Call& call, ReportView report) {
    more_ = false;
    if (pages_.empty()) {
      candles_.clock = clock_of(call, report);
      candles_.status = status_of(report);
    }
    if (report.tables() == 0) {
      candles_.fault = "the source's answer has no table.";
      return;
    }
    PageRows page = rows_of(report.table(0));
    const bool full = report.table(0).rows() >= limit() || lacks_rows(report);
    candles_.disordered |= page.disordered;
    take_unusable(page.unusable);
    drop_known(page.rows);
    const bool is_new = !page.rows.empty();
    rows_ += page.rows.size();
    if (is_new) pages_.push_back(std::move(page.rows));
    candles_.exhausted = !forward() && !(full && is_new);
    more_ = full && is_new && rows_ < most() && !is_whole();
  }

  Candles finish() {
    if (!forward()) std::reverse(pages_.begin(), pages_.end());
    for (std::vector<Row>& page : pages_) {
      append(page);
      page = {};
    }
    if (rows_ != 0) candles_.newest = last_;
    return std::move(candles_);
  }

 private:
  [[nodiscard]] bool forward() const noexcept { return request_->start.has_value(); }
  /// Rows, of which the newest may be forming, if all are on the grid.
  [[nodiscard]] std::size_t expected() const noexcept {
    if (!forward()) return request_->returns_asked + kCandlesBeside;
    if (!request_->end) return most();
    const Window window = window_from(request_->interval, *request_->start, *request_->end);
    return std::min(most(), window.places + kCandlesBeside);
  }
  /// One more than there is room for shows that there is no room.
  [[nodiscard]] std::size_t most() const noexcept { return request_->rows_max + kCandlesBeside; }

  [[nodiscard]] std::optional<Time> newest() const noexcept {
    return pages_.empty() ? std::nullopt : std::optional(Time{pages_.back().back().time});
  }
  [[nodiscard]] std::optional<Time> oldest() const noexcept {
    return pages_.empty() ? std::nullopt : std::optional(Time{pages_.back().front().time});
  }
  /// Whether what came reaches over the window. REQUIRES: something came.
  [[nodiscard]] bool is_whole() const noexcept {
    if (forward()) {
      if (!request_->end) return false;
      const Interval grid = request_->interval.anchored(*newest());
      const bool on_grid = grid.floor(*newest()) == *newest();
      return *newest() >= *request_->end || (on_grid && grid.next(*newest()) > *request_->end);
    }
    const Time last{pages_.front().back().time};
    return *oldest() <= window_of(request_->interval.anchored(last), expected(), last).from;
  }
  void take_unusable(const Unusable& rows) {
    Unusable& all = candles_.unusable;
    if (all.count == 0) all.why = rows.why;
    all.count += rows.count;
    if (rows.first && (!all.first || *rows.first < *all.first)) all.first = rows.first;
  }
  /// A source that does not mind the cursor would send the same rows for ever.
  void drop_known(std::vector<Row>& rows) const {
    if (pages_.empty()) return;
    if (forward()) {
      std::erase_if(rows, [last = newest()->ns](const Row& row) { return row.time <= last; });
    } else {
      std::erase_if(rows, [first = oldest()->ns](const Row& row) { return row.time >= first; });
    }
  }
  void append(const std::vector<Row>& rows) {
    History& history = candles_.history;
    for (const auto [time, close] : rows) {
      if (close > 0.0) {
        history.times.push_back(time);
        history.closes.push_back(close);
      } else if (!std::isnan(close)) {
        history.unpriced.push_back(time);
      }
      last_ = Time{time};
    }
  }

  const Request* request_;
  Candles candles_;
  std::vector<std::vector<Row>> pages_;  ///< in the order in which they came
  std::size_t rows_ = 0;
  Time last_{};
  bool more_ = true;
};

/// Asks once for each of them, so many side by side as may be held.
template <class Take>
void ask_in_turns(const Call& call, const std::vector<Query>& queries, std::size_t limit,
                  const Take& take) {
  const std::size_t at_once =
      std::max<std::size_t>(1, kRowsAtOnce / std::max<std::size_t>(1, limit));
  for (std::size_t first = 0; first < queries.size(); first += at_once) {
    const std::size_t n = std::min(at_once, queries.size() - first);
    const std::vector<Answer> answers = call.ask(std::span(queries).subspan(first, n));
    for (std::size_t i = 0; i < n; ++i) {
      take(first + i, answers[i]);
      if (answers[i].ok()) call.release(answers[i].report());
    }
    call.poll();
  }
}

void read_pages(const Call& call, std::vector<Reader>& readers, Notes& notes) {
  std::vector<std::size_t> open;
  std::vector<Query> queries;
  std::size_t limit = 0;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (!readers[i].more()) continue;
    open.push_back(i);
    queries.push_back(readers[i].query());
    limit = std::max(limit, readers[i].limit());
  }
  ask_in_turns(call, queries, limit, [&](std::size_t i, const Answer& answer) {
    Reader& reader = readers[open[i]];
    if (!answer.ok()) return reader.take(answer);
    notes.take(reader.symbol(), answer.report());
    reader.take(call, answer.report());
  });
}

/// Of a start without an end the sources' clocks say how long it is, before the second page.
void require_room_until_now(const Request& request, const std::vector<Reader>& readers) {
  if (!request.start) return;
  Time clock{};
  for (const Reader& reader : readers) clock = std::max(clock, reader.clock());
  const Time last = request.end ? std::min(*request.end, clock) : clock;
  if (last > *request.start) require_room(request, last, last == clock ? "now" : "the end");
}

void require_rows(const Request& request, const std::vector<Reader>& readers) {
  if (!request.start) return;
  for (const Reader& reader : readers) {
    if (reader.rows() <= request.rows_max + 1) continue;  // one may be forming
    throw Error(BOURSE_BAD_PARAM, "window_too_long",
                reader.symbol() + " has more than " + std::to_string(request.rows_max) +
                    " candles in this window, and no more are read: ask for a shorter window or a "
                    "longer interval")
        .blame("start");
  }
}

}  // namespace

std::vector<Candles> read_candles(const Call& call, const Request& request) {
  std::vector<Reader> readers;
  for (const std::string& symbol : request.symbols) readers.emplace_back(symbol, request);
  Notes notes;
  const auto more = [&readers] {
    return std::any_of(readers.begin(), readers.end(), [](const Reader& r) { return r.more(); });
  };
  for (bool first = true; more(); first = false) {
    read_pages(call, readers, notes);
    if (first) require_room_until_now(request, readers);
    require_rows(request, readers);
  }
  std::vector<Candles> out;
  std::size_t answered = 0;
  for (Reader& reader : readers) {
    out.push_back(reader.finish());
    answered += out.back().failed ? 0 : 1;
  }
  notes.say(call, answered);
  return out;
}

std::vector<Before> candles_before(const Call& call, const Request& request,
                                   const std::vector<std::string>& symbols, Time time) {
  std::vector<Query> queries;
  for (const std::string& symbol : symbols) {
    queries.push_back(Query("candles")
                          .with("symbol", symbol)
                          .with("interval", request.interval.name())
                          .with("end", time + kMillisecondBack)
                          .with("limit", std::size_t{1}));
  }
  std::vector<Before> out(symbols.size());
  ask_in_turns(call, queries, 1, [&](std::size_t i, const Answer& answer) {
    if (!answer.ok() || answer.report().tables() == 0) return;
    const PageRows page = rows_of(answer.report().table(0));
    for (const Row& row : page.rows) {
      if (row.time < time.ns) out[i].newest = Time{row.time};
    }
    // Where a row could not be read, there was one.
    out[i].known = out[i].newest || (page.unusable.count == 0 && !lacks_rows(answer.report()));
  });
  return out;
}

}  // namespace bourse::correlation
