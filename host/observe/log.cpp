// SPDX-License-Identifier: MIT
#include "host/observe/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>
#include <memory>
#include <mutex>
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

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  const std::string repaired = is_utf8(text) ? std::string() : repair_utf8(text);
  for (const char c : repaired.empty() ? text : std::string_view(repaired)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
    } else {
      out += c;
    }
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

struct Running {
  std::shared_ptr<spdlog::logger> logger;
  LineFormat format;
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
  spdlog::init_thread_pool(kQueueLines, 1);
  auto logger = std::make_shared<spdlog::async_logger>(
      "bourse", std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%v");
  logger->set_level(spdlog_level(level));
  logger->flush_on(spdlog::level::debug);
  running.store(&all_logs().emplace_back(Running{std::move(logger), format}),
                std::memory_order_release);
}

void stop_log() {
  running.store(nullptr, std::memory_order_release);
  spdlog::shutdown();  // ends the thread after the last line
}

bool log_enabled(std::int32_t level) noexcept {
  const Running* const log = running.load(std::memory_order_acquire);
  return log != nullptr ? log->logger->should_log(spdlog_level(level)) : level >= BOURSE_LEVEL_WARN;
}

void log_event(std::int32_t level, std::string_view event,
               std::span<const LogField> fields) noexcept {
  try {
    if (!log_enabled(level)) return;
    const Running* const log = running.load(std::memory_order_acquire);
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const std::string line =
        log_line(log != nullptr ? log->format : LineFormat::kText, now, level, event, fields);
    if (log != nullptr) {
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
