// SPDX-License-Identifier: MIT
#include "host/observe/log.hpp"

#include <fcntl.h>
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
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <utility>

#include "host/base/clock.hpp"
#include "host/base/own_streams.hpp"
#include "host/observe/last_words.hpp"

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

/// All of it, however long the reader takes. What is left is what the system refuses, such as a
/// full disk.
std::string_view write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
      (void)::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return bytes;
    }
  }
  return {};
}

/// What lines are written to: standard error, or a file. Each batch looks first whether it is still
/// there: a plugin may have closed it, and a connection of a client may have its number.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    next(-1);
    if (file_.is_intact()) ::close(file_.number());
  }

  /// A file, from the next batch on; owns it. [any thread]
  void next(int descriptor) noexcept {
    const int unused = next_.exchange(descriptor);
    if (unused >= 0) ::close(unused);
  }
  /// Negative: there is none any more. The log's thread alone.
  [[nodiscard]] int descriptor(LineFormat format) noexcept {
    const int next = next_.exchange(-1);
    const int before = told_;
    if (next >= 0) {
      if (file_.is_intact()) ::close(file_.number());
      file_ = HeldDescriptor(next);
      is_file_ = true;
    }
    told_ = is_file_ ? (file_.is_intact() ? file_.number() : -1) : own_error();
    if (told_ != before) set_last_words_place(told_, format);
    return told_;
  }

 private:
  std::atomic<int> next_{-1};
  HeldDescriptor file_;
  bool is_file_ = false;
  int told_ = -2;  ///< what the last words were given
};

/// The descriptor of a file at whose end is written, or a negative number and errno. It is not
/// waited for anybody who reads: that is a pipe without one.
int open_file(const std::filesystem::path& file) {
  const int descriptor =
      ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
  return descriptor < 0 ? descriptor : out_of_reach(descriptor);
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
  Writer(Lines& lines, Output& output, spdlog::details::thread_pool& pool, LineFormat format)
      : lines_(lines), output_(output), pool_(pool), format_(format) {}

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
    const std::string_view rest = write_all(output_.descriptor(format_), batch_);
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
    const std::array<LogField, 1> fields = {LogField("lines", lost)};
    return write_all(output_.descriptor(format_),
                     log_line(format_, now, BOURSE_LEVEL_WARN, "log_lines_lost", fields) + '\n')
        .empty();
  }

  Lines& lines_;
  Output& output_;
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
  LineFormat format = LineFormat::kText;
  std::filesystem::path file = {};  ///< empty: standard error
  std::atomic<spdlog::level::level_enum> level = spdlog::level::info;
  Lines lines = {};
  Output output = {};

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
      (void)write_all(own_error(), line + '\n');
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

void hand_over(Running& log, const std::string& line) {
  log.lines.come();
  log.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void set_line_writer(std::function<void(const std::string& line)> write) {
  early_lines().set(std::move(write));
}

void start_log(std::int32_t level, LineFormat format) { (void)start_log(level, format, {}); }

Result<void> start_log(std::int32_t level, LineFormat format, const std::filesystem::path& file) {
  const int descriptor = file.empty() ? -1 : open_file(file);
  if (!file.empty() && descriptor < 0) {
    return Failure{.status = BOURSE_UNAVAILABLE,
                   .code = "no_log_file",
                   .message = "cannot write the log to " + file.string() + ": " +
                              std::strerror(errno) +
                              "; its folder must be there, and the server may write in it"};
  }
  const std::lock_guard lock(life());
  Running& log = all_logs().emplace_back();
  log.format = format;
  log.file = file;
  log.output.next(descriptor);
  set_last_words_place(descriptor, format);
  log.level = spdlog_level(level);
  log.pool = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
  log.logger = std::make_shared<spdlog::async_logger>(
      "bourse", std::make_shared<Writer>(log.lines, log.output, *log.pool, format), log.pool,
      spdlog::async_overflow_policy::overrun_oldest);
  log.logger->set_level(spdlog::level::trace);  // which lines are wanted is looked at before
  // A line of a thread that still has the log when it ends: it is lost, and nothing is to be said.
  log.logger->set_error_handler([](const std::string&) {});
  running.store(&log, std::memory_order_release);
  return {};
}

bool reopen_log() {
  Running* const log = running.load(std::memory_order_acquire);
  if (log == nullptr || log->file.empty()) return false;
  const int descriptor = open_file(log->file);
  if (descriptor < 0) {
    log_event(BOURSE_LEVEL_WARN, "log_file_kept",
              {{"file", log->file.string()},
               {"message", "it cannot be opened, so the old one is written on: " +
                               std::string(std::strerror(errno))}});
    return true;
  }
  log->output.next(descriptor);
  log_event(BOURSE_LEVEL_INFO, "log_reopened", {{"file", log->file.string()}});
  return true;
}

bool flush_log(std::chrono::nanoseconds limit) {
  const std::shared_lock lock(pools());
  Running* const log = running.load(std::memory_order_acquire);
  return log == nullptr || log->lines.await(limit, [&] { return log->overrun(); });
}

void set_log_level(std::int32_t level) {
  if (Running* const log = running.load(std::memory_order_acquire)) {
    log->level.store(spdlog_level(level), std::memory_order_relaxed);
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
  if (log == nullptr) return level >= BOURSE_LEVEL_WARN;
  return spdlog_level(level) >= log->level.load(std::memory_order_relaxed);
}

void log_event(std::int32_t level, std::string_view event,
               std::span<const LogField> fields) noexcept {
  try {
    if (!log_enabled(level)) return;
    Running* const log = running.load(std::memory_order_acquire);
    const std::string line = log_line(log != nullptr ? log->format : LineFormat::kText,
                                      wall_clock(), level, event, fields);
    if (log != nullptr) return hand_over(*log, line);
    early_lines().write(line);
  } catch (...) {
    // A log line that cannot be made is lost; what it is about goes on.
  }
}

void log_event(std::int32_t level, std::string_view event,
               std::initializer_list<LogField> fields) noexcept {
  log_event(level, event, std::span<const LogField>(fields.begin(), fields.size()));
}

bool log_runs() noexcept { return running.load(std::memory_order_acquire) != nullptr; }

LogLine begin_line(std::int32_t level, std::string_view event) {
  const Running* const log = running.load(std::memory_order_acquire);
  return LogLine(log != nullptr ? log->format : LineFormat::kText, wall_clock(), level, event);
}

void write_line(LogLine line) {
  if (Running* const log = running.load(std::memory_order_acquire)) hand_over(*log, line.take());
}

}  // namespace bourse::host
