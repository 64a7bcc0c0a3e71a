// SPDX-License-Identifier: MIT
#include "host/observe/log.hpp"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <utility>

#include "host/base/clock.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kQueueLines = 8192;
constexpr std::size_t kBatchBytes = std::size_t{64} * 1024;
/// Lines that come faster than this are written together: each on its own would cost a request that
/// is answered from memory as much as the answer. The queue holds what comes in that time.
constexpr std::chrono::milliseconds kGatherTime{2};

spdlog::level::level_enum spdlog_level(std::int32_t level) {
  if (level <= BOURSE_LEVEL_DEBUG) return spdlog::level::debug;
  if (level <= BOURSE_LEVEL_INFO) return spdlog::level::info;
  if (level <= BOURSE_LEVEL_WARN) return spdlog::level::warn;
  return spdlog::level::err;
}

std::string_view level_name(std::int32_t level) {
  if (level <= BOURSE_LEVEL_DEBUG) return "debug";
  if (level <= BOURSE_LEVEL_INFO) return "info";
  if (level <= BOURSE_LEVEL_WARN) return "warn";
  return "error";
}

/// "2026-11-21T07:27:51"; worked out once a second and thread.
std::string_view second_text(std::time_t second) {
  thread_local std::time_t known = -1;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t length = 0;
  if (second != known || length == 0) {
    std::tm parts{};
    ::gmtime_r(&second, &parts);
    length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    known = second;
  }
  return {text.data(), length};
}

void append_time(std::string& out, std::int64_t time_ns) {
  const auto milliseconds = static_cast<unsigned>(time_ns / 1'000'000 % 1000);
  out += second_text(static_cast<std::time_t>(time_ns / 1'000'000'000));
  for (const unsigned part : {100U, 10U, 1U}) {
    if (part == 100U) out += '.';
    out += static_cast<char>('0' + milliseconds / part % 10);
  }
  out += 'Z';
}

/// What may keep a text from being written as it is.
enum Trait : unsigned char { kBlank = 1, kEquals = 2, kEscaped = 4, kOther = 8 };

constexpr std::array<unsigned char, 256> kTraits = [] {
  std::array<unsigned char, 256> traits{};
  for (std::size_t c = 0; c < traits.size(); ++c) {
    if (c < 0x20 || c > 0x7E) traits[c] = kOther;
  }
  traits[' '] = kBlank;
  traits['='] = kEquals;
  traits['"'] = traits['\\'] = kEscaped;
  return traits;
}();

/// Of all its bytes: most texts have none, and one look says so.
unsigned traits_of(std::string_view text) noexcept {
  unsigned traits = 0;
  for (const char c : text) traits |= kTraits[static_cast<unsigned char>(c)];
  return traits;
}

/// JSON allows a raw U+202E and U+009B; whoever reads the log on a terminal does not.
void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  if ((traits_of(text) & (kEscaped | kOther)) == 0) {
    out += text;
    out += '"';
    return;
  }
  while (!text.empty()) {
    const Utf8Step step = utf8_step(text);
    if (!step.valid) {
      out += "\uFFFD";
    } else if (is_control(step.character)) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(step.character));
      out += escape.data();
    } else {
      if (text[0] == '"' || text[0] == '\\') out += '\\';
      out += text.substr(0, step.bytes);
    }
    text.remove_prefix(step.bytes);
  }
  out += '"';
}

/// `text`, between quotation marks when it is empty or holds `=`, a quotation mark or, unless
/// `with_blanks`, a blank: no value can look like another field.
void append_plain(std::string& out, std::string_view text, bool with_blanks,
                  std::size_t characters) {
  const unsigned traits = traits_of(text);
  if (!text.empty() && text.size() <= characters && (traits & (kEscaped | kOther)) == 0) {
    const bool needs_marks = (traits & (with_blanks ? kEquals : kEquals | kBlank)) != 0;
    if (needs_marks) out += '"';
    out += text;
    if (needs_marks) out += '"';
    return;
  }
  const std::string shown = printable(text, characters);
  if (!shown.empty() && shown.find_first_of(with_blanks ? "=\"" : " =\"") == std::string::npos) {
    out += shown;
  } else {
    out += in_quotes(text, characters);
  }
}

/// All of it, however long the reader takes. What is left is what the system refuses, such as a
/// full disk.
std::string_view write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      (void)::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return bytes;
    }
  }
  return {};
}

/// How many lines came and what became of them. [any thread]
class Lines {
 public:
  void come() noexcept { come_.fetch_add(1); }
  void done(std::uint64_t lines, std::uint64_t of_them_refused) noexcept {
    refused_.fetch_add(of_them_refused);
    done_.fetch_add(lines);
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  /// `overrun`: how many the queue dropped.
  [[nodiscard]] std::uint64_t lost(std::uint64_t overrun) const noexcept {
    return refused_.load() + overrun;
  }
  [[nodiscard]] std::uint64_t waiting(std::uint64_t overrun) const noexcept {
    const std::uint64_t gone = done_.load() + overrun;
    const std::uint64_t come = come_.load();
    return come > gone ? come - gone : 0;
  }
  /// False: lines still waited after `limit`.
  template <class Overrun>
  bool await(std::chrono::nanoseconds limit, Overrun overrun) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return waiting(overrun()) == 0; });
  }

 private:
  std::atomic<std::uint64_t> come_{0};
  std::atomic<std::uint64_t> done_{0};     ///< written or refused
  std::atomic<std::uint64_t> refused_{0};  ///< by the system
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// Writes on the log's own thread, all that the queue holds at once, and tells of lines that are
/// missing when the next one gets through.
class Writer final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  Writer(Lines& lines, spdlog::details::thread_pool& pool, LineFormat format)
      : lines_(lines), pool_(pool), format_(format) {}

 protected:
  // The queue becomes shorter by what this thread takes from it and in no other way: while it holds
  // something this is called again.
  void sink_it_(const spdlog::details::log_msg& message) override {
    batch_.append(message.payload.data(), message.payload.size());
    batch_ += '\n';
    ++gathered_;
    if (pool_.queue_size() > 0 && batch_.size() < kBatchBytes) return;
    const std::uint64_t lost = lines_.lost(pool_.overrun_counter());
    if (lost > told_ && tell(lost - told_)) told_ = lost;
    const std::string_view rest = write_all(batch_);
    const auto refused = std::count(rest.begin(), rest.end(), '\n');
    lines_.done(std::exchange(gathered_, 0), static_cast<std::uint64_t>(refused));
    batch_.clear();
    gather();
  }
  void flush_() override {}

 private:
  using Clock = std::chrono::steady_clock;

  // Whoever logs has to wake a thread that waits for a line, and not one that sleeps.
  void gather() {
    const Clock::time_point now = Clock::now();
    const bool is_busy = now - std::exchange(written_, now) < 2 * kGatherTime;
    if (!is_busy) return;
    std::this_thread::sleep_for(kGatherTime);
    written_ = Clock::now();
  }
  bool tell(std::uint64_t lost) {
    const std::int64_t now = wall_clock();
    const std::array<LogField, 1> fields = {{{"lines", std::to_string(lost)}}};
    return write_all(log_line(format_, now, BOURSE_LEVEL_WARN, "log_lines_lost", fields) + '\n')
        .empty();
  }

  Lines& lines_;
  spdlog::details::thread_pool& pool_;
  const LineFormat format_;
  std::uint64_t told_ = 0;
  std::string batch_;
  std::uint64_t gathered_ = 0;  ///< lines of the batch
  Clock::time_point written_;   ///< when the last batch was
};

/// A log that runs or ran. The pool is not spdlog's own, whose destructor at the end of the process
/// would wait for a reader that does not read.
struct Running {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> logger;
  LineFormat format;
  Lines lines = {};

  /// REQUIRES: pools() is held, or life().
  [[nodiscard]] std::uint64_t overrun() const { return pool ? pool->overrun_counter() : 0; }
};

/// All logs that ever ran, one or two in a process. Never freed: a thread may be writing a line
/// while its log is stopped, or while the process ends.
std::deque<Running>& all_logs() {
  static auto* const all = new std::deque<Running>;
  return *all;
}

/// Where lines go without a log. Never freed, as above.
class EarlyLines {
 public:
  void write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (writer_) {
      writer_(line);
    } else {
      std::fprintf(stderr, "%s\n", line.c_str());
    }
  }
  void set(std::function<void(const std::string&)> writer) {
    const std::lock_guard lock(mutex_);
    writer_ = std::move(writer);
  }

 private:
  std::mutex mutex_;
  std::function<void(const std::string&)> writer_;
};

EarlyLines& early_lines() {
  static auto* const lines = new EarlyLines;
  return *lines;
}

/// The one piece of state that is global on purpose: plugins may log from anywhere (bourse_host.log
/// without a call). Read without a lock.
std::atomic<Running*> running{nullptr};

/// Held while a log begins or ends. Never freed, as above.
std::mutex& life() {
  static auto* const mutex = new std::mutex;
  return *mutex;
}

/// Held by who asks a pool, and alone by who lets go of it. Never freed, as above.
std::shared_mutex& pools() {
  static auto* const mutex = new std::shared_mutex;
  return *mutex;
}

}  // namespace

std::string log_line(LineFormat format, std::int64_t time_ns, std::int32_t level,
                     std::string_view event, std::span<const LogField> fields) {
  std::string line;
  line.reserve(256);
  if (format == LineFormat::kJson) {
    line = R"({"time":")";
    append_time(line, time_ns);
    line += R"(","level":")";
    line += level_name(level);
    line += R"(","event":)";
    append_json_text(line, event);
    for (const LogField& field : fields) {
      line += ',';
      append_json_text(line, field.name);
      line += ':';
      append_json_text(line, field.value);
    }
    return line += '}';
  }
  append_time(line, time_ns);
  line += ' ';
  line += level_name(level);
  line.resize(line.size() + 6 - level_name(level).size(), ' ');
  append_plain(line, event, true, 4000);
  for (const LogField& field : fields) {
    line += ' ';
    append_plain(line, field.name, false, 64);
    line += '=';
    append_plain(line, field.value, false, 1000);
  }
  return line;
}

void set_line_writer(std::function<void(const std::string& line)> write) {
  early_lines().set(std::move(write));
}

void start_log(std::int32_t level, LineFormat format) {
  const std::lock_guard lock(life());
  Running& log = all_logs().emplace_back();
  log.format = format;
  log.pool = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
  log.logger = std::make_shared<spdlog::async_logger>(
      "bourse", std::make_shared<Writer>(log.lines, *log.pool, format), log.pool,
      spdlog::async_overflow_policy::overrun_oldest);
  log.logger->set_level(spdlog_level(level));
  // A line of a thread that still has the log when it ends: it is lost, and nothing is to be said.
  log.logger->set_error_handler([](const std::string&) {});
  running.store(&log, std::memory_order_release);
}

bool flush_log(std::chrono::nanoseconds limit) {
  const std::shared_lock lock(pools());
  Running* const log = running.load(std::memory_order_acquire);
  return log == nullptr || log->lines.await(limit, [&] { return log->overrun(); });
}

void set_log_level(std::int32_t level) {
  if (Running* const log = running.load(std::memory_order_acquire)) {
    log->logger->set_level(spdlog_level(level));
  }
}

std::uint64_t log_lines_lost() {
  const std::shared_lock lock(pools());
  const Running* const log = running.load(std::memory_order_acquire);
  return log == nullptr ? 0 : log->lines.lost(log->overrun());
}

bool stop_log(std::chrono::nanoseconds limit) {
  const std::lock_guard lock(life());
  Running* const log = running.exchange(nullptr, std::memory_order_acq_rel);
  if (log == nullptr) return true;
  if (!log->lines.await(limit, [&] { return log->overrun(); })) return false;  // its thread stays
  const std::lock_guard pool_lock(pools());
  log->pool.reset();  // ends the thread, which has nothing to do
  return true;
}

bool log_enabled(std::int32_t level) noexcept {
  const Running* const log = running.load(std::memory_order_acquire);
  return log != nullptr ? log->logger->should_log(spdlog_level(level)) : level >= BOURSE_LEVEL_WARN;
}

void log_event(std::int32_t level, std::string_view event,
               std::span<const LogField> fields) noexcept {
  try {
    if (!log_enabled(level)) return;
    Running* const log = running.load(std::memory_order_acquire);
    const std::int64_t now = wall_clock();
    const std::string line =
        log_line(log != nullptr ? log->format : LineFormat::kText, now, level, event, fields);
    if (log != nullptr) {
      log->lines.come();
      log->logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
    } else {
      early_lines().write(line);
    }
  } catch (...) {
    // A log line that cannot be made is lost; what it is about goes on.
  }
}

void log_event(std::int32_t level, std::string_view event,
               std::initializer_list<LogField> fields) noexcept {
  log_event(level, event, std::span<const LogField>(fields.begin(), fields.size()));
}

}  // namespace bourse::host
