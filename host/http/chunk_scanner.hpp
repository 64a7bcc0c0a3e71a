// SPDX-License-Identifier: MIT
//
// Looks at the framing of a chunked body before the parser does, byte by byte: what is refused does
// not depend on how the bytes came. Boost.Beast lets line ends and control characters pass in a
// quoted extension, bounds neither extensions nor trailers, and unfolds trailers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bourse::host {

class ChunkScanner {
 public:
  struct Bounds {
    std::size_t trailer_bytes = 0;
    std::size_t trailer_lines = 0;
  };
  explicit ChunkScanner(const Bounds& bounds) noexcept : bounds_(bounds) {}

  /// Reads on, up to the end of the body; what is behind that is not looked at. Empty, or a
  /// sentence that says what is wrong (RFC 9112, section 7.1); then it must not be called again.
  [[nodiscard]] std::string_view scan(std::string_view bytes) noexcept;

 private:
  enum class State {
    size,
    extension,
    size_end,
    data,
    data_cr,
    data_lf,
    trailer,
    trailer_end,
    over
  };

  [[nodiscard]] std::string_view take(char byte) noexcept;
  [[nodiscard]] std::string_view take_size(char byte) noexcept;
  [[nodiscard]] std::string_view take_extension(char byte) noexcept;
  [[nodiscard]] std::string_view end_size_line() noexcept;
  [[nodiscard]] std::string_view take_trailer(char byte) noexcept;

  const Bounds bounds_;
  State state_ = State::size;
  std::uint64_t left_ = 0;  ///< of the chunk: its size while that is read
  unsigned digits_ = 0;
  std::size_t line_ = 0;  ///< bytes of the line so far
  bool quoted_ = false;   ///< inside a quoted value
  bool escaped_ = false;  ///< behind a backslash in it
  std::size_t trailer_bytes_ = 0;
  std::size_t trailer_lines_ = 0;
};

}  // namespace bourse::host
