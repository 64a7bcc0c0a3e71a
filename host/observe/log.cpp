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
#include <utility>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kQueueLines = 8192;

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

std::string time_text(std::int64_t time_ns) {
  const std::time_t seconds = static_cast<std::time_t>(time_ns / 1'000'000'000);
  const auto milliseconds = static_cast<int>(time_ns / 1'000'000 % 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", milliseconds);
  return text.data();
}

/// JSON allows a raw U+202E and U+009B; whoever reads the log on a terminal does not.
void append_json_text(std::string& out, std::string_view text) {
  out += '"';
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

/// `text`, between quotation marks when it is empty or one of `special` is in it: no value can look
/// like another field.
void append_plain(std::string& out, std::string_view text, const char* special,
                  std::size_t characters) {
  const std::string shown = printable(text, characters);
  if (!shown.empty() && shown.find_first_of(special) == std::string::npos) {
    out += shown;
  } else {
    out += in_quotes(text, characters);
  }
}

/// All of it, however long the reader takes. False: the system refuses it, such as a full disk.
bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      (void)::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// How many lines came and what became of them. [any thread]
class Lines {
 public:
  void come() noexcept { come_.fetch_add(1); }
  void done(bool is_written) noexcept {
    if (!is_written) refused_.fetch_add(1);
    done_.fetch_add(1);
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

/// Writes on the log's own thread, and tells of lines that are missing when the next one gets
/// through.
class Writer final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  Writer(Lines& lines, spdlog::details::thread_pool& pool, LineFormat format)
      : lines_(lines), pool_(pool), format_(format) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::uint64_t lost = lines_.lost(pool_.overrun_counter());
    if (lost > told_ && tell(lost - told_)) told_ = lost;
    line_.assign(message.payload.data(), message.payload.size());
    lines_.done(write_all(line_ += '\n'));
  }
  void flush_() override {}

 private:
  bool tell(std::uint64_t lost) {
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const std::array<LogField, 1> fields = {{{"lines", std::to_string(lost)}}};
    return write_all(log_line(format_, now, BOURSE_LEVEL_WARN, "log_lines_lost", fields) + '\n');
  }

  Lines& lines_;
  spdlog::details::thread_pool& pool_;
  const LineFormat format_;
  std::uint64_t told_ = 0;
  std::string line_;
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
  if (format == LineFormat::kJson) {
    line = R"({"time":")" + time_text(time_ns) + R"(","level":")";
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
  line = time_text(time_ns) + ' ';
  line += level_name(level);
  line.resize(line.size() + 6 - level_name(level).size(), ' ');
  append_plain(line, event, "=\"", 4000);
  for (const LogField& field : fields) {
    line += ' ';
    append_plain(line, field.name, " =\"", 64);
    line += '=';
    append_plain(line, field.value, " =\"", 1000);
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
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
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
