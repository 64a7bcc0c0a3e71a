// SPDX-License-Identifier: MIT
#include "host/observe/log_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

/// What the end of a line takes: `,"cut":true}` and the line feed.
constexpr std::size_t kEndBytes = 16;
/// Of a value that does not fit, this much may.
constexpr std::size_t kShortCharacters = 150;
constexpr std::size_t kJsonBytes = 4000;

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
  // Down, not towards 1970: a millisecond before it is the last one of a second.
  std::int64_t second = time_ns / 1'000'000'000;
  std::int64_t rest = time_ns % 1'000'000'000;
  if (rest < 0) {
    rest += 1'000'000'000;
    --second;
  }
  const auto milliseconds = static_cast<unsigned>(rest / 1'000'000);
  out += second_text(static_cast<std::time_t>(second));
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

/// Without the part of a character at its end.
std::string_view whole_characters(std::string_view text) {
  std::size_t end = text.size();
  for (int i = 0; i < 3 && end > 0 && (text[end - 1] & 0xC0) == 0x80; ++i) --end;
  if (end > 0 && (text[end - 1] & 0xC0) == 0xC0) --end;
  return text.substr(0, end == 0 || is_utf8(text.substr(end)) ? text.size() : end);
}

/// JSON allows a raw U+202E and U+009B; whoever reads the log on a terminal does not.
void append_json_text(std::string& out, std::string_view text, std::size_t bytes = kJsonBytes) {
  const std::size_t all = text.size();
  if (all > bytes) text = whole_characters(text.substr(0, bytes));
  out += '"';
  if ((traits_of(text) & (kEscaped | kOther)) == 0) {
    out += text;
    text = {};
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
  if (all > bytes) out += "... (" + std::to_string(all) + " bytes)";
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

/// "0.001234": JSON takes it as it is.
std::string_view seconds_text(std::chrono::nanoseconds time, std::array<char, 32>& digits) {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count() / 1000));
  char* end = std::to_chars(digits.data(), digits.data() + 24, us / 1'000'000).ptr;
  *end++ = '.';
  std::uint64_t rest = us % 1'000'000;
  for (char* at = end + 6; at-- > end; rest /= 10) *at = static_cast<char>('0' + rest % 10);
  return {digits.data(), end + 6};
}

}  // namespace

LogField::LogField(std::string called, std::chrono::nanoseconds time)
    : name(std::move(called)), is_literal(true) {
  std::array<char, 32> digits{};
  value = seconds_text(time, digits);
}

LogLine::LogLine(LineFormat format, std::int64_t time_ns, std::int32_t level,
                 std::string_view event)
    : format_(format) {
  line_.reserve(640);
  if (format_ == LineFormat::kJson) {
    line_ = R"({"time":")";
    append_time(line_, time_ns);
    line_ += R"(","level":")";
    line_ += level_name(level);
    line_ += R"(","event":)";
  } else {
    append_time(line_, time_ns);
    line_ += ' ';
    line_ += level_name(level);
    line_.resize(line_.size() + 6 - level_name(level).size(), ' ');
  }
  within([&](std::size_t characters) {
    if (format_ == LineFormat::kJson) return append_json_text(line_, event, characters);
    append_plain(line_, event, true, characters);
  });
}

/// Tries with less, where it becomes too long; then without.
template <class Append>
void LogLine::within(Append append) {
  const std::size_t before = line_.size();
  append(kJsonBytes);
  if (line_.size() + kEndBytes <= kLineBytesMax) return;
  is_cut_ = true;
  line_.resize(before);
  append(kShortCharacters);
  if (line_.size() + kEndBytes > kLineBytesMax) line_.resize(before);
}

void LogLine::key(std::string_view name) {
  if (format_ == LineFormat::kJson) {
    line_ += ",\"";
    line_ += name;
    line_ += "\":";
  } else {
    line_ += ' ';
    line_ += name;
    line_ += '=';
  }
}

void LogLine::value(std::string_view text, std::size_t characters) {
  if (format_ == LineFormat::kJson) return append_json_text(line_, text, characters);
  append_plain(line_, text, false, characters);
}

LogLine& LogLine::text(std::string_view name, std::string_view text, std::size_t characters) {
  within([&](std::size_t most) {
    key(name);
    value(text, format_ == LineFormat::kText ? std::min(most, characters) : most);
  });
  return *this;
}

LogLine& LogLine::literal(std::string_view name, std::string_view text) {
  within([&](std::size_t) {
    key(name);
    line_ += text;
  });
  return *this;
}

LogLine& LogLine::number(std::string_view name, std::uint64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return literal(name, {digits.data(), end});
}

LogLine& LogLine::number(std::string_view name, double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return literal(name, {digits.data(), end});
}

LogLine& LogLine::seconds(std::string_view name, std::chrono::nanoseconds value) {
  std::array<char, 32> digits{};
  return literal(name, seconds_text(value, digits));
}

LogLine& LogLine::flag(std::string_view name, bool value) {
  return literal(name, value ? "true" : "false");
}

LogLine& LogLine::field(const LogField& field) {
  within([&](std::size_t most) {
    if (format_ == LineFormat::kJson) {
      line_ += ',';
      append_json_text(line_, field.name, most);
      line_ += ':';
    } else {
      line_ += ' ';
      append_plain(line_, field.name, false, 64);
      line_ += '=';
    }
    if (field.is_literal) {
      line_ += field.value;
    } else {
      value(field.value, format_ == LineFormat::kText ? std::min(most, kTextCharacters) : most);
    }
  });
  return *this;
}

std::string LogLine::take() {
  if (is_cut_) line_ += format_ == LineFormat::kJson ? ",\"cut\":true" : " cut=true";
  if (format_ == LineFormat::kJson) line_ += '}';
  return std::exchange(line_, {});
}

std::string log_line(LineFormat format, std::int64_t time_ns, std::int32_t level,
                     std::string_view event, std::span<const LogField> fields) {
  LogLine line(format, time_ns, level, event);
  for (const LogField& field : fields) line.field(field);
  return line.take();
}

}  // namespace bourse::host
