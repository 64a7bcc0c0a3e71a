// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/candles.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>
#include <utility>

#include "bourse/fresh.hpp"
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
    std::string names;
    for (const std::string& symbol : said.symbols) names += (names.empty() ? "" : ", ") + symbol;
    return said.symbols.size() == 1 && said.text.find(names) != std::string::npos
               ? said.text
               : names + ": " + said.text;
  }
  std::vector<Said> said_;
};

/// Rows of one answer, oldest first.
struct PageRows {
  std::vector<std::int64_t> times;
  std::vector<double> closes;  ///< NaN: forming; not positive: without a price
};

/// nullopt when the times do not ascend.
std::optional<PageRows> rows_of(const TableView& candles) {
  const auto times = candles.times("open_time");
  // A source that does not tell is taken to send closed candles only.
  const auto closed =
      candles.find("closed") ? candles.booleans("closed") : std::span<const std::uint8_t>();
  const DecimalColumn closes = candles.decimals("close");
  PageRows page;
  page.times.reserve(times.size());
  page.closes.reserve(times.size());
  for (std::size_t row = 0; row < times.size(); ++row) {
    if (!candles.has("open_time", row)) continue;
    if (!page.times.empty() && times[row] <= page.times.back()) return std::nullopt;
    const bool forming = !closed.empty() && candles.has("closed", row) && closed[row] == 0;
    page.times.push_back(times[row]);
    page.closes.push_back(forming ? std::nan("") : closes.has(row) ? closes[row].to_double() : 0.0);
  }
  return page;
}

/// One market, while it is read.
class Reader {
 public:
  Reader(std::string symbol, const Request& request) : request_(&request) {
    candles_.symbol = std::move(symbol);
  }

  [[nodiscard]] bool more() const noexcept { return more_; }
  [[nodiscard]] std::size_t limit() const noexcept { return std::min(kPageMax, wanted() - rows_); }
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
    auto page = rows_of(report.table(0));
    if (!page) {
      candles_.fault = "the source sent candles that are not in order of time.";
      return;
    }
    const bool full = report.table(0).rows() >= limit();
    drop_known(*page);
    const bool is_new = !page->times.empty();
    rows_ += page->times.size();
    if (is_new) pages_.push_back(std::move(*page));
    candles_.exhausted = !forward() && !(full && is_new);
    more_ = full && is_new && rows_ < wanted() && !at_end();
  }

  Candles finish() {
    if (!forward()) std::reverse(pages_.begin(), pages_.end());
    for (PageRows& page : pages_) {
      append(page);
      page = {};
    }
    if (rows_ != 0) candles_.newest = last_;
    return std::move(candles_);
  }

 private:
  [[nodiscard]] bool forward() const noexcept { return request_->start.has_value(); }
  /// Rows, of which the newest may be forming.
  [[nodiscard]] std::size_t wanted() const noexcept {
    if (!forward()) return request_->returns_asked + kCandlesBeside;
    // One more than there is room for shows that there is no room.
    const std::size_t most = request_->rows_max + kCandlesBeside;
    if (!request_->end) return most;
    const Window window = window_from(request_->interval, *request_->start, *request_->end);
    return std::min(most, window.places + kCandlesBeside);
  }
  [[nodiscard]] std::optional<Time> newest() const noexcept {
    return pages_.empty() ? std::nullopt : std::optional(Time{pages_.back().times.back()});
  }
  [[nodiscard]] std::optional<Time> oldest() const noexcept {
    return pages_.empty() ? std::nullopt : std::optional(Time{pages_.back().times.front()});
  }
  [[nodiscard]] bool at_end() const noexcept {
    return forward() && request_->end && newest() &&
           request_->interval.next(*newest()) > *request_->end;
  }
  /// A source that does not mind the cursor would send the same rows for ever.
  void drop_known(PageRows& page) const {
    if (pages_.empty()) return;
    auto first = page.times.begin(), last = page.times.end();
    if (forward()) {
      first = std::upper_bound(first, last, newest()->ns);
    } else {
      last = std::lower_bound(first, last, oldest()->ns);
    }
    const auto from = first - page.times.begin(), to = last - page.times.begin();
    page.closes.erase(page.closes.begin() + to, page.closes.end());
    page.closes.erase(page.closes.begin(), page.closes.begin() + from);
    page.times.erase(last, page.times.end());
    page.times.erase(page.times.begin(), page.times.begin() + from);
  }
  void append(const PageRows& page) {
    History& history = candles_.history;
    for (std::size_t row = 0; row < page.times.size(); ++row) {
      const double close = page.closes[row];
      if (close > 0.0) {
        history.times.push_back(page.times[row]);
        history.closes.push_back(close);
      } else if (!std::isnan(close)) {
        history.unpriced.push_back(page.times[row]);
      }
      last_ = Time{page.times[row]};
    }
  }

  const Request* request_;
  Candles candles_;
  std::vector<PageRows> pages_;  ///< in the order in which they came
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
    const auto page = rows_of(answer.report().table(0));
    out[i].known = page.has_value();
    if (page && !page->times.empty() && page->times.front() < time.ns) {
      out[i].newest = Time{page->times.front()};
    }
  });
  return out;
}

}  // namespace bourse::correlation
