// SPDX-License-Identifier: MIT
//
// The lines of a file of the exchange's bulk layout, packed or not.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "plugins/sources/candle_files/candle_file.hpp"

namespace bourse::candle_files {

struct Line {
  std::string_view text;  ///< without its end; valid until the next line
  bool too_long = false;  ///< longer than 4096 bytes; then without text
};

/// Reads in chunks: a mapped file that shrinks would crash us. Throws what Bytes throws.
class Lines {
 public:
  explicit Lines(const SourceFile& file);

  /// nullopt at the end.
  std::optional<Line> next();
  [[nodiscard]] std::size_t number() const noexcept { return number_; }

 private:
  Line line(const char* begin, std::size_t length, bool too_long);
  bool fill();

  std::unique_ptr<Bytes> bytes_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0, number_ = 0;
};

/// The columns of a line, as far as there is room; says how many it has.
std::size_t split(std::string_view line, std::span<std::string_view> columns) noexcept;

/// As many names as a row has columns, more or less one: people leave out the unused one, or add
/// one.
[[nodiscard]] bool is_header(std::string_view line, std::size_t columns) noexcept;

}  // namespace bourse::candle_files
