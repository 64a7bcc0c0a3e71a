// SPDX-License-Identifier: MIT
#include "host/cli/event_parser.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "host/base/ascii.hpp"

namespace bourse::host {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

void EventParser::feed(std::string_view bytes) {
  for (const char byte : bytes) {
    const bool was_return = std::exchange(after_return_, byte == '\r');
    if (byte == '\n' && was_return) continue;
    if (byte == '\n' || byte == '\r') {
      end_line();
    } else {
      line_ += byte;
    }
  }
}

void EventParser::restart() {
  line_.clear();
  type_.clear();
  data_.clear();
  began_ = after_return_ = false;
}

void EventParser::end_line() {
  std::string_view line = line_;
  if (!std::exchange(began_, true) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) {
    if (!data_.empty()) {
      data_.pop_back();  // the line feed behind its last line
      event_({.type = type_.empty() ? "message" : type_, .id = id_, .data = data_});
    }
    type_.clear();
    data_.clear();
  } else if (line.front() != ':') {
    const std::size_t colon = line.find(':');
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    field(line.substr(0, colon), value);
  }
  line_.clear();
}

void EventParser::field(std::string_view name, std::string_view value) {
  if (name == "event") {
    type_ = value;
  } else if (name == "data") {
    data_.append(value) += '\n';
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  } else if (name == "retry" && is_digits(value)) {
    long long number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (read.ec == std::errc()) retry_ = std::chrono::milliseconds(std::min(number, 86'400'000LL));
  }
}

}  // namespace bourse::host
