// SPDX-License-Identifier: MIT
#include "host/http/chunk_scanner.hpp"

#include <algorithm>
#include <utility>

#include "host/http/text.hpp"

namespace bourse::host {

namespace {

constexpr std::size_t kSizeLineMax = 256;  // nobody sends extensions but those who try something
constexpr unsigned kDigitsMax = 15;        // of a size that fits a signed number of 64 bits

// A tab is none; bytes from 0x80 on are obs-text.
bool is_control(char byte) { return !is_field_value({&byte, 1}); }

}  // namespace

std::string_view ChunkScanner::scan(std::string_view bytes) noexcept {
  while (!bytes.empty() && state_ != State::over) {
    if (state_ == State::data) {
      const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= skipped;
      bytes.remove_prefix(skipped);
      if (left_ == 0) state_ = State::data_cr;
      continue;
    }
    const std::string_view problem = take(bytes.front());
    if (!problem.empty()) return problem;
    bytes.remove_prefix(1);
  }
  return {};
}

std::string_view ChunkScanner::take(char byte) noexcept {
  switch (state_) {
    case State::size:
      return take_size(byte);
    case State::extension:
      return take_extension(byte);
    case State::size_end:
      return byte == '\n' ? end_size_line() : "the line of a chunk's size ends in a bare CR";
    case State::data_cr:
      state_ = State::data_lf;
      return byte == '\r' ? "" : "a chunk is longer than its size";
    case State::data_lf:
      state_ = State::size;
      return byte == '\n' ? "" : "a chunk is longer than its size";
    case State::trailer:
      return take_trailer(byte);
    case State::trailer_end:
      if (byte != '\n') return "a line of the trailer ends in a bare CR";
      state_ = line_ == 0 ? State::over : State::trailer;
      line_ = 0;
      return {};
    case State::data:
    case State::over:
      break;
  }
  return {};
}

std::string_view ChunkScanner::take_size(char byte) noexcept {
  if (const int value = hex_value(byte); value >= 0) {
    left_ = left_ * 16 + static_cast<std::uint64_t>(value);
    return ++digits_ > kDigitsMax ? "the size of a chunk has too many digits" : "";
  }
  if (digits_ == 0) return "a chunk has no size";
  state_ = State::extension;
  line_ = digits_;
  return take_extension(byte);
}

// Neither CR nor LF may stand in a quoted value (RFC 9110, section 5.6.4): the first of them ends
// the line, whatever is open then.
std::string_view ChunkScanner::take_extension(char byte) noexcept {
  if (byte == '\r') {
    state_ = State::size_end;
    return quoted_ ? "a quoted value in a chunk's extension does not end" : "";
  }
  if (is_control(byte)) return "there is a control character in a chunk's extension";
  if (++line_ > kSizeLineMax) return "a chunk's extension is too long";
  if (std::exchange(escaped_, quoted_ && byte == '\\' && !escaped_)) return {};
  if (byte == '"') quoted_ = !quoted_;
  return {};
}

std::string_view ChunkScanner::end_size_line() noexcept {
  state_ = left_ == 0 ? State::trailer : State::data;
  digits_ = 0;
  line_ = 0;
  return {};
}

std::string_view ChunkScanner::take_trailer(char byte) noexcept {
  if (byte == '\r') {
    state_ = State::trailer_end;
    return {};
  }
  if (line_ == 0) {
    if (byte == ' ' || byte == '\t') return "a line of the trailer is folded; put it on one";
    if (++trailer_lines_ > bounds_.trailer_lines) return "the trailer has too many lines";
  }
  if (is_control(byte)) return "there is a control character in the trailer";
  ++line_;
  return ++trailer_bytes_ > bounds_.trailer_bytes ? "the trailer is too long" : "";
}

}  // namespace bourse::host
