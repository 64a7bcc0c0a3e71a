// SPDX-License-Identifier: MIT
#include "host/cli/probe.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

#include "host/base/own_streams.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/asking.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using std::chrono::steady_clock;

/// How long a plugin may go on after its deadline before it counts as stuck.
constexpr std::chrono::seconds kGrace{2};

/// With this code a source says that a dataset is not set up: bourse/ext/probe.h.
constexpr std::string_view kNotConfigured = "not_configured";

/// A line on the terminal that says what is going on, while something goes on.
class Progress {
 public:
  explicit Progress(bool shown) {
    if (shown) thread_ = std::thread([this] { loop(); });
  }
  ~Progress() { stop(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// No more of it.
  void stop() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      erase();
    }
    changed_.notify_all();
    thread_.join();
  }

  void now(std::string what) {
    const std::lock_guard lock(mutex_);
    what_ = std::move(what);
    since_ = steady_clock::now();
  }
  /// Runs `print`, which writes to the terminal, without the line in between.
  template <class Print>
  void aside(Print&& print) {
    const std::lock_guard lock(mutex_);
    erase();
    print();
    since_ = steady_clock::now();
  }

 private:
  static constexpr std::chrono::milliseconds kTick{200};

  void erase() {
    if (std::exchange(visible_, false)) std::fputs("\r\033[K", stderr);
  }
  void loop() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kTick, [this] { return stopping_; })) {
      const auto seconds = std::chrono::duration<double>(steady_clock::now() - since_).count();
      std::fprintf(stderr, "\r\033[K  %s ... %.1f s", what_.c_str(), seconds);
      std::fflush(stderr);
      visible_ = true;
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string what_ = "looking";
  steady_clock::time_point since_ = steady_clock::now();
  bool visible_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    default:
      return "skipped";
  }
}

/// What is told, as lines at once or as one JSON object at the end. A plugin may tell things, and
/// log, on any thread and at any time.
class ProbeOutput {
 public:
  ProbeOutput(const Source& source, bool json)
      : source_(source), json_(json), progress_(!json && ::isatty(STDERR_FILENO) != 0) {
    set_line_writer([this](const std::string& line) {
      progress_.aside([&] { std::fprintf(stderr, "%s\n", line.c_str()); });
    });
    if (json_) return;
    std::fprintf(own_output(), "%s\n", title_of(source).c_str());
  }

  ~ProbeOutput() { set_line_writer({}); }
  ProbeOutput(const ProbeOutput&) = delete;
  ProbeOutput& operator=(const ProbeOutput&) = delete;

  Progress& progress() noexcept { return progress_; }
  [[nodiscard]] bool has_failed() const {
    const std::lock_guard lock(mutex_);
    return count(Verdict::kFail) > 0;
  }
  /// What the plugin says; only so much of it.
  void tell(Finding finding) {
    const std::lock_guard lock(mutex_);
    if (++told_ <= kToldMax) put(std::move(finding));
  }
  /// What the host says.
  void add(Finding finding) {
    const std::lock_guard lock(mutex_);
    put(std::move(finding));
  }
  /// Returns the exit code. Nothing is shown after it.
  int finish() {
    const std::lock_guard lock(mutex_);
    if (told_ > kToldMax) {
      put({Verdict::kFail, "probe",
           "the source told " + std::to_string(told_) + " things, of which " +
               std::to_string(kToldMax) + " are shown",
           "Report it to the author of the plugin."});
    }
    finished_ = true;
    if (json_) {
      print_json();
    } else {
      progress_.aside([&] {
        std::fprintf(own_output(), "%zu passed, %zu failed, %zu skipped\n", count(Verdict::kPass),
                     count(Verdict::kFail), count(Verdict::kSkipped));
      });
    }
    progress_.stop();
    const bool written = std::fflush(own_output()) == 0;
    return written && count(Verdict::kFail) == 0 ? kDone : kFailed;
  }

 private:
  static constexpr std::size_t kToldMax = 1000;

  [[nodiscard]] std::size_t count(Verdict verdict) const {
    return counts_[static_cast<std::size_t>(verdict)];
  }
  void put(Finding finding) {
    if (finished_) return;
    ++counts_[static_cast<std::size_t>(finding.verdict)];
    if (!json_) progress_.aside([&] { print(finding); });
    all_.push_back(std::move(finding));
  }
  static void print(const Finding& finding) {
    std::fprintf(own_output(), "  %-8s %-14s %s\n", std::string(name_of(finding.verdict)).c_str(),
                 finding.name.c_str(), finding.text.c_str());
    if (!finding.advice.empty())
      std::fprintf(own_output(), "  %-8s %-14s -> %s\n", "", "", finding.advice.c_str());
    std::fflush(own_output());
  }
  void print_json() const {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    const auto member = [&](const char* name, std::string_view text) {
      json.Key(name);
      json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    };
    json.StartObject();
    member("source", source_.name());
    member("component", source_.component().full_name());
    member("version", source_.component().version);
    if (source_.under()) {
      json.Key("over");
      json.StartArray();
      for (auto under = source_.under(); under; under = under->under()) {
        json.String(under->name().c_str());
      }
      json.EndArray();
    }
    json.Key("findings");
    json.StartArray();
    for (const Finding& finding : all_) {
      json.StartObject();
      member("name", finding.name);
      member("verdict", name_of(finding.verdict));
      member("text", finding.text);
      if (!finding.advice.empty()) member("advice", finding.advice);
      json.EndObject();
    }
    json.EndArray();
    for (const Verdict verdict : {Verdict::kPass, Verdict::kFail, Verdict::kSkipped}) {
      static constexpr std::array kNames = {"passed", "failed", "skipped"};
      json.Key(kNames[static_cast<std::size_t>(verdict)]);
      json.Uint64(count(verdict));
    }
    json.EndObject();
    std::fprintf(own_output(), "%s\n", buffer.GetString());
  }

  const Source& source_;
  const bool json_;
  mutable std::mutex mutex_;  ///< of what follows, but progress_
  std::vector<Finding> all_;
  std::size_t told_ = 0;
  bool finished_ = false;
  std::array<std::size_t, 3> counts_{};
  Progress progress_;
};

std::string advice_for(const Failure& why) {
  if (why.retry_after.count() > 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(why.retry_after).count();
    return "Wait " + std::to_string(seconds) + " s and try again.";
  }
  if (why.status == BOURSE_DEADLINE) return "Allow more by --timeout, or look at the network.";
  return "See the documentation of the source for \"" + why.code + "\".";
}

std::string seen(const Report& report, steady_clock::duration elapsed) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  const bourse_report& wire = report.wire();
  const std::uint64_t rows = wire.n_tables == 0 ? 0 : wire.tables[0]->n_rows;
  std::string text =
      std::to_string(rows) + (rows == 1 ? " row in " : " rows in ") + std::to_string(ms) + " ms";
  for (std::size_t i = 0; i < std::min<std::size_t>(wire.n_notes, 3); ++i) {
    const bourse_str note = wire.notes[i]->text;
    text += "; " + printable(std::string_view(note.ptr, note.len), 200);
  }
  return text;
}

Context context_for(double seconds) {
  Context context{.request_id = "probe", .route = "probe"};
  context.deadline = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(
                                               std::chrono::duration<double>(seconds));
  context.authorized = true;  // who can run this can read the keys
  return context;
}

Finding try_dataset(Source& source, const Dataset& dataset, const NamedTexts& given,
                    const NamedTexts& examples, double seconds) {
  const Context context = context_for(seconds);
  const auto arguments = arguments_for(dataset, given, examples, context.now);
  if (!arguments) {
    return {Verdict::kFail, dataset.name, arguments.failure().message, "Correct the argument."};
  }
  if (!arguments->missing.empty()) {
    return {Verdict::kSkipped, dataset.name, "needs " + arguments->missing,
            "Give " + as_option(arguments->missing) + " VALUE."};
  }
  const auto start = steady_clock::now();
  const auto report = ask(source, dataset, *arguments, context, nullptr);
  if (report)
    return {Verdict::kPass, dataset.name, seen(*report->report, steady_clock::now() - start)};
  const Failure& why = report.failure();
  const bool skipped = why.code == kNotConfigured;
  return {skipped ? Verdict::kSkipped : Verdict::kFail, dataset.name,
          printable(why.message, 600) + " [" + why.code + "]",
          skipped ? "Set it up if you need it." : advice_for(why)};
}

/// Calls into the plugin beside this thread, because it may never return. False: it has not by
/// `end`, and goes on with what it borrowed.
template <class Body>
bool ends_by(steady_clock::time_point end, Body&& body) {
  std::packaged_task<void()> task(std::forward<Body>(body));
  std::future<void> done = task.get_future();
  std::thread thread(std::move(task));
  if (done.wait_until(end) != std::future_status::ready) {
    thread.detach();
    return false;
  }
  thread.join();
  done.get();
  return true;
}

void check(Source& source, ProbeOffer& offer, ProbeOutput& out, double seconds) {
  offer = source.probe_offer();
  if (!offer.has_checks) return;
  const auto done =
      source.probe(context_for(seconds), [&](Finding finding) { out.tell(std::move(finding)); });
  if (done) return;
  out.add({Verdict::kFail, "probe", printable(done.failure().message, 600),
           advice_for(done.failure())});
}

int look(Source& source, const NamedTexts& given, const ProbeOptions& options) {
  ProbeOutput out(source, options.json);
  const double seconds = options.timeout_seconds;
  const auto step = [&](const std::string& what, const std::string& doing, auto&& body) {
    out.progress().now(doing);
    if (ends_by(context_for(seconds).deadline + kGrace, body)) return;
    out.add({Verdict::kFail, what, "did not end when its time was over",
             "The plugin does not look at its deadline: tell its author. What would have come "
             "after this was not tried."});
    std::_Exit(out.finish());  // that thread cannot be ended in any other way
  };
  ProbeOffer offer;
  step("probe", "checking", [&] { check(source, offer, out, seconds); });
  const bool ill = out.has_failed();
  for (const Dataset* const dataset : source.datasets()) {
    Finding finding;
    step(dataset->name, "fetching " + dataset->name,
         [&] { finding = try_dataset(source, *dataset, given, offer.examples, seconds); });
    if (ill && finding.verdict == Verdict::kFail) finding.advice = "See what failed above first.";
    out.add(std::move(finding));
  }
  return out.finish();
}

int fail(const Failure& why) {
  std::fprintf(stderr, "error: %s\n", printable(why.message, 8000).c_str());
  return why.code == kUsageCode ? kUsage : kFailed;
}

}  // namespace

int probe(const ProbeOptions& options) {
  auto read = read_config(options.setup, options.from);
  if (!read) return kFailed;
  const auto given = read_words(options.arguments);
  if (!given) return fail(given.failure());
  const Loaded loaded = load_configured_plugins(options.setup, config_of(*read));
  warn_of_refusals(loaded);
  const auto made = make_source(options.from, loaded, *read);
  if (!made) return fail(made.failure());
  if (auto known = check_given(*given, made->source->datasets()); !known) {
    return fail(known.failure());
  }
  return look(*made->source, *given, options);
}

}  // namespace bourse::host
