// SPDX-License-Identifier: MIT
//
// detail/sentence.hpp - messages, put together piece by piece. Not part of the interface. What
// std::string's operator+ and to_string would be compiled to, in every plugin anew, is larger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "bourse/detail/digits.hpp"

namespace bourse::inline sdk_0_1::detail {

class Sentence {
 public:
  [[gnu::cold]] Sentence& operator<<(std::string_view words) {
    text_.append(words.data(), words.size());
    return *this;
  }
  [[gnu::cold]] Sentence& operator<<(std::size_t number) {
    char digits[20];
    char* const end = digits + sizeof digits;
    const char* const first = write_backwards(std::uint64_t{number}, end);
    text_.append(first, static_cast<std::size_t>(end - first));
    return *this;
  }
  [[gnu::cold]] Sentence& operator<<(std::int32_t number) {
    if (number < 0) *this << "-";
    const std::int64_t wide = number;
    return *this << static_cast<std::size_t>(wide < 0 ? -wide : wide);
  }
  /// What has been said. Once.
  [[nodiscard]] std::string text() noexcept { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace bourse::inline sdk_0_1::detail
