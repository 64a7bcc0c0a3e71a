// SPDX-License-Identifier: MIT
//
// How a line of the log is written: one event, as text or as a JSON object. A text is escaped so
// that no line can be mistaken for another, nor drive the terminal of who reads it; a number is a
// number in JSON.
//
//   text: 2026-11-21T07:27:51.123Z info  listening address=0.0.0.0:8080 port=8080
//   json: {"time":"2026-11-21T07:27:51.123Z","level":"info","event":"listening",...,"port":8080}
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "bourse/bourse.h"

namespace bourse::host {

enum class LineFormat { kText, kJson };

/// With the line feed. Container engines cut lines at 16 KiB, and half a JSON object is none.
inline constexpr std::size_t kLineBytesMax = 16'000;

struct LogField {
  LogField(std::string called, std::string text)
      : name(std::move(called)), value(std::move(text)) {}
  template <std::integral Number>
  LogField(std::string called, Number number) : name(std::move(called)), is_literal(true) {
    if constexpr (std::same_as<Number, bool>) {
      value = number ? "true" : "false";
    } else {
      value = std::to_string(number);
    }
  }
  /// Shown as seconds.
  LogField(std::string called, std::chrono::nanoseconds time);

  std::string name;
  std::string value;
  bool is_literal = false;  ///< a number, true or false
};

/// A line that is being written. What would make it longer than it may be is shortened, or left
/// out, and then the line says `cut`.
class LogLine {
 public:
  /// `time_ns` since 1970. `level`: BOURSE_LEVEL_DEBUG to BOURSE_LEVEL_ERROR.
  LogLine(LineFormat format, std::int64_t time_ns, std::int32_t level, std::string_view event);

  /// REQUIRES for all of these: `name` is made of a-z 0-9 _ and .
  LogLine& text(std::string_view name, std::string_view value,
                std::size_t characters = kTextCharacters);
  LogLine& number(std::string_view name, std::uint64_t value);
  LogLine& number(std::string_view name, double value);
  /// In seconds, to the microsecond.
  LogLine& seconds(std::string_view name, std::chrono::nanoseconds value);
  LogLine& flag(std::string_view name, bool value);
  /// Any name and any value.
  LogLine& field(const LogField& field);

  /// Without the line feed. The line is empty after it.
  [[nodiscard]] std::string take();

 private:
  static constexpr std::size_t kTextCharacters = 1000;

  void key(std::string_view name);
  LogLine& literal(std::string_view name, std::string_view value);
  void value(std::string_view text, std::size_t characters);
  template <class Append>
  void within(Append append);

  LineFormat format_;
  bool is_cut_ = false;
  std::string line_;
};

/// The line as log_event would write it, without the line feed; for tests.
[[nodiscard]] std::string log_line(LineFormat format, std::int64_t time_ns, std::int32_t level,
                                   std::string_view event, std::span<const LogField> fields);

}  // namespace bourse::host
