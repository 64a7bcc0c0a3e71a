// SPDX-License-Identifier: MIT
//
// Structured logs: one line an event, as text or as a JSON object, to standard error or a file.
// Lines are handed to a thread of their own through a bounded queue, so logging never blocks a
// request; when the reader of standard error stops reading, the oldest lines are dropped, not the
// requests. How many were lost is counted, and told by a line log_lines_lost when the reader reads
// again.
//
//   log_event(BOURSE_LEVEL_INFO, "listening", {{"address", "0.0.0.0:8080"}, {"port", 8080}});
//
// Never give it a secret.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/observe/log_line.hpp"

namespace bourse::host {

/// Until this is called, events of level warn and above go to standard error at once, as text. From
/// main, once.
void start_log(std::int32_t level, LineFormat format);
/// The same, to a file; empty: standard error. Always at its end (O_APPEND), so that others may
/// make it shorter. Failure: it cannot be written, and there is no log.
[[nodiscard]] Result<void> start_log(std::int32_t level, LineFormat format,
                                     const std::filesystem::path& file);
/// Opens the file anew by its name, after somebody gave the old one another. Lines that come from
/// now on are in the new one. Where it cannot be opened the old one is kept, and an event says so.
/// False: the log has no file. [any thread]
bool reopen_log();
/// Writes out what is queued. After it events go out as before start_log. False: after `limit` the
/// reader had not taken all of it; then a thread of the log stays, and only _exit ends the process
/// for certain.
bool stop_log(std::chrono::nanoseconds limit = std::chrono::seconds(1));
/// Waits until what is queued is written. False: after `limit` it was not. [any thread]
bool flush_log(std::chrono::nanoseconds limit);
/// From now on; nothing without a log. [any thread]
void set_log_level(std::int32_t level);
/// Lines that the log took and nobody will read: dropped from a full queue, or refused by the
/// system. [any thread]
[[nodiscard]] std::uint64_t log_lines_lost();

/// Until start_log is called: who writes the lines (without their line feed) instead, on any
/// thread, one at a time; for a command that draws on the terminal. It must not log. Empty:
/// standard error again; when this returns, the one before is called no more.
void set_line_writer(std::function<void(const std::string& line)> write);

/// Would an event of this level be written? For those that are costly to describe.
[[nodiscard]] bool log_enabled(std::int32_t level) noexcept;
/// `level`: BOURSE_LEVEL_DEBUG to BOURSE_LEVEL_ERROR. Any thread. Never throws.
void log_event(std::int32_t level, std::string_view event,
               std::span<const LogField> fields) noexcept;
void log_event(std::int32_t level, std::string_view event,
               std::initializer_list<LogField> fields = {}) noexcept;

/// For lines that are written often, whatever the level of the log is: begin_line(), fields, and
/// write_line(). Nothing happens without a log. [any thread]
[[nodiscard]] bool log_runs() noexcept;
[[nodiscard]] LogLine begin_line(std::int32_t level, std::string_view event);
void write_line(LogLine line);

}  // namespace bourse::host
