// SPDX-License-Identifier: MIT
#include "host/cli/record.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "host/base/own_streams.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/calls/job.hpp"
#include "host/cli/asking.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/output.hpp"
#include "host/config/quantity.hpp"

namespace bourse::host {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kFileNameMax = 150;
constexpr std::size_t kListedMax = 3;  ///< items of a list that a name spells out
constexpr std::size_t kBytesMax = std::size_t{1} << 30;
constexpr unsigned kThreads = 16;

int complain(const Failure& why) {
  std::fprintf(stderr, "error: %s\n", printable(why.message, 8000).c_str());
  return why.code == kUsageCode ? kUsage : kFailed;
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
    out += kept ? c : '-';
  }
  return out;
}

/// "A-B-C"; of many, how many.
std::string listed(const std::vector<std::string_view>& texts, const std::string& name) {
  if (texts.size() > kListedMax) return std::to_string(texts.size()) + "-" + name;
  std::string out;
  for (const std::string_view text : texts) out += (out.empty() ? "" : "-") + plain(text);
  return out;
}

std::string compact_time(std::int64_t ns) {
  const std::time_t seconds = ns / 1'000'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc)};
}

/// The datasets that stand before the first option.
std::vector<std::string> take_names(std::vector<std::string>& words) {
  const auto options = std::find_if(words.begin(), words.end(),
                                    [](const std::string& word) { return word.starts_with('-'); });
  std::vector<std::string> names(words.begin(), options);
  words.erase(words.begin(), options);
  return names;
}

/// Those that are named; of none, all that everybody may see.
Result<std::vector<const Dataset*>> choose(const Source& source,
                                           const std::vector<std::string>& names) {
  std::vector<const Dataset*> chosen;
  if (names.empty()) {
    for (const Dataset* const each : source.datasets()) {
      if (!each->is_private) chosen.push_back(each);
    }
    return chosen;
  }
  std::vector<std::string> known;
  for (const Dataset* const each : source.datasets()) known.push_back(each->name);
  for (const std::string& name : names) {
    const Dataset* const found = source.find_dataset(name);
    if (found != nullptr) {
      chosen.push_back(found);
      continue;
    }
    const auto near = suggest(name, known);
    std::string all;
    for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
    return usage("source " + source.name() + " has no dataset " + in_quotes(name) +
                 (near ? "; did you mean " + *near + "?" : "; it has " + all));
  }
  return chosen;
}

/// A format that programs read, whatever it is called.
std::shared_ptr<const Component> format_of(const RecordOptions& options, const Catalog& catalog) {
  if (!options.format.empty()) return catalog.find_serializer(options.format);
  for (const auto& each : catalog.serializers()) {
    if (each->media_type == "application/json") return each;
  }
  return catalog.serializers().empty() ? nullptr : catalog.serializers().front();
}

/// Writes beside the file, and puts it in its place when it is whole.
Result<void> write_whole(const std::filesystem::path& file, const std::string& bytes) {
  const std::filesystem::path part = file.string() + ".part";
  if (auto written = write_file(part.string(), bytes); !written) return written;
  std::error_code error;
  std::filesystem::rename(part, file, error);
  if (!error) return {};
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "not_written",
                 .message = file.string() + " could not be written: " + error.message()};
}

class Recorder {
 public:
  Recorder(const RecordOptions& options, std::shared_ptr<Source> source,
           std::vector<const Dataset*> datasets, NamedTexts given,
           std::shared_ptr<Instance> serializer, Arguments arguments)
      : options_(options),
        source_(std::move(source)),
        datasets_(std::move(datasets)),
        given_(std::move(given)) {
    job_.serializer = std::move(serializer);
    job_.serializer_arguments = std::move(arguments);
    job_.sources = std::make_shared<const Sources>();
    job_.response_bytes_max = kBytesMax;
    job_.logs_mistakes = false;
  }

  /// All datasets once. False: one of them is not written; standard error says why.
  bool write_all(bool named, bool timed) {
    bool all = true;
    std::size_t written = 0;
    for (const Dataset* const dataset : datasets_) {
      const auto outcome = write(*dataset, named, timed);
      if (outcome && *outcome) ++written;
      if (outcome) continue;
      all = false;
      std::fprintf(stderr, "error: %s: %s [%s]\n", dataset->name.c_str(),
                   printable(outcome.failure().message, 8000).c_str(),
                   outcome.failure().code.c_str());
    }
    std::fflush(own_output());
    return all && written > 0;
  }

 private:
  [[nodiscard]] Context context() const {
    Context made{.request_id = "record", .route = "record"};
    made.deadline =
        steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(
                                  std::chrono::duration<double>(options_.timeout_seconds));
    made.authorized = true;  // who can run this can read the keys
    return made;
  }

  /// False: it was left out, because nobody says what it needs.
  Result<bool> write(const Dataset& dataset, bool named, bool timed) {
    const Context context = this->context();
    const auto arguments = arguments_for(dataset, given_, {}, context.now);
    if (!arguments) return arguments.failure();
    if (!arguments->missing.empty()) {
      if (named) {
        return usage("it needs " + arguments->missing + ": give " + as_option(arguments->missing) +
                     " VALUE");
      }
      print(dataset.name + " left out: it needs " + as_option(arguments->missing) + " VALUE");
      return false;
    }
    const auto answer = ask(*source_, dataset, *arguments, context, &workers_);
    if (!answer) return answer.failure();
    const auto rendered = render(job_, *answer->report, answer->truth, context, &workers_);
    if (!rendered) return rendered.failure();
    const std::filesystem::path file =
        options_.folder / (recorded_name(dataset, given_, timed ? context.now : 0) + ".report." +
                           job_.serializer->component().suffix);
    if (auto done = write_whole(file, rendered->bytes); !done) return std::move(done).failure();
    const bourse_report& wire = answer->report->wire();
    const std::uint64_t rows = wire.n_tables == 0 ? 0 : wire.tables[0]->n_rows;
    print(file.string() + ": " + std::to_string(rows) + (rows == 1 ? " row, " : " rows, ") +
          std::to_string(rendered->bytes.size()) + " bytes");
    return true;
  }

  const RecordOptions& options_;
  std::shared_ptr<Source> source_;
  std::vector<const Dataset*> datasets_;
  NamedTexts given_;
  Job job_;
  Workers workers_{{.computing = 1, .threads = kThreads, .queue = kThreads}};
};

/// Again and again, at even times, until it was often enough or is interrupted.
int repeat(Recorder& recorder, const RecordOptions& options, std::chrono::nanoseconds every,
           bool named, Interrupt& interrupt) {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopped = false;
  interrupt.handle(
      [&] {
        const std::lock_guard lock(mutex);
        stopped = true;
        changed.notify_all();
      },
      [] {});
  bool all = true;
  auto next = steady_clock::now();
  for (std::size_t i = 0; options.count == 0 || i < options.count; ++i) {
    all = recorder.write_all(named, true) && all;
    next = std::max(next + every, steady_clock::now());
    const bool is_last = options.count != 0 && i + 1 == options.count;
    std::unique_lock lock(mutex);
    if (is_last || changed.wait_until(lock, next, [&] { return stopped; })) break;
  }
  interrupt.let_go();
  return all ? kDone : kFailed;
}

Result<std::chrono::nanoseconds> pause_of(const RecordOptions& options) {
  if (options.every.empty() && options.count > 0) {
    return usage("--count says how often; say by --every how long to wait in between");
  }
  if (options.every.empty()) return std::chrono::nanoseconds(0);
  const auto every = parse_duration(options.every);
  if (!every || *every < std::chrono::milliseconds(100) || *every > std::chrono::hours(24 * 7)) {
    return usage("--every is " + in_quotes(options.every) +
                 "; it must be a duration such as 10s or 1m, from 100ms to 168h");
  }
  return *every;
}

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && std::filesystem::is_directory(folder, error)) return {};
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "not_written",
                 .message = folder.string() + ": no folder could be made there" +
                            (error ? ": " + error.message() : std::string())};
}

int perform_record(RecordOptions options, std::chrono::nanoseconds every, const Loaded& loaded,
                   LoadedConfig& read, Interrupt& interrupt) {
  std::vector<std::string> names = take_names(options.words);
  if (options.from.use.empty() && !names.empty()) {
    options.from.source = names.front();
    names.erase(names.begin());
  }
  auto given = read_words(options.words);
  if (!given) return complain(given.failure());
  const auto serializer = format_of(options, *loaded.catalog);
  if (!serializer) {
    return complain(options.format.empty()
                        ? usage("no serializer is loaded: check --plugins")
                        : usage(unknown("format", options.format, loaded.catalog->serializers())));
  }
  const auto made = make_source(options.from, loaded, read);
  if (!made) return complain(made.failure());
  auto datasets = choose(*made->source, names);
  if (!datasets) return complain(datasets.failure());
  if (auto known = check_given(*given, *datasets); !known) return complain(known.failure());
  auto instance = make_configured(serializer, read);
  if (!instance) return complain(instance.failure());
  auto defaults = read_arguments(serializer->params, {}, 0);
  if (!defaults) return complain(defaults.failure());
  if (auto folder = make_folder(options.folder); !folder) return complain(folder.failure());
  Recorder recorder(options, made->source, *std::move(datasets), *std::move(given),
                    *std::move(instance), *std::move(defaults));
  if (every.count() > 0) return repeat(recorder, options, every, !names.empty(), interrupt);
  return recorder.write_all(!names.empty(), false) ? kDone : kFailed;
}

}  // namespace

std::string recorded_name(const Dataset& dataset, const NamedTexts& given, std::int64_t time) {
  std::string name = plain(dataset.name);
  for (const Parameter& parameter : dataset.params) {
    std::vector<std::string_view> texts;
    for (const auto& [of, text] : given) {
      if (of == parameter.name) texts.emplace_back(text);
    }
    if (!texts.empty()) name += "_" + listed(texts, parameter.name);
  }
  name = name.substr(0, kFileNameMax);
  return time == 0 ? name : name + "_" + compact_time(time);
}

int record(const RecordOptions& options) {
  Interrupt interrupt;
  const auto every = pause_of(options);
  if (!every) return complain(every.failure());
  auto read = read_config(options.setup, options.from);
  if (!read) return kFailed;
  const Loaded loaded = load_configured_plugins(options.setup, config_of(*read));
  warn_of_refusals(loaded);
  return perform_record(options, *every, loaded, *read, interrupt);
}

}  // namespace bourse::host
