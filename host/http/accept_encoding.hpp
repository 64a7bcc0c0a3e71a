// SPDX-License-Identifier: MIT
//
// Accept-Encoding, RFC 9110 section 12.5.3: which way of writing the bytes a client takes.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace bourse::host {

/// The ways of writing the bytes that a client takes, what it likes best first: indices in what was
/// offered, and kAsTheyAre. Empty: it takes nothing that is offered: 406.
class CodingRanking {
 public:
  static constexpr std::size_t kAsTheyAre = static_cast<std::size_t>(-1);
  static constexpr std::size_t kOfferedMax = 4;

  void add(std::size_t way) noexcept { ways_[size_++] = way; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const std::size_t* begin() const noexcept { return ways_.data(); }
  [[nodiscard]] const std::size_t* end() const noexcept { return ways_.data() + size_; }

 private:
  std::array<std::size_t, kOfferedMax + 1> ways_{};
  std::size_t size_ = 0;
};

/// `offered`: at most CodingRanking::kOfferedMax names in lower case, the best first: so they are
/// ranked where the client likes several as much. `is_there`: whether the request has the field at
/// all; without it the bytes go out as they are, with an empty one as well. Names are in any case,
/// "x-gzip" is "gzip", "*" is all that is not named. A member that cannot be read is passed over.
/// Bytes as they are, where nobody named them, come last and are always taken, but for "*;q=0".
[[nodiscard]] CodingRanking rank_codings(bool is_there, std::string_view field,
                                         std::span<const std::string_view> offered) noexcept;

/// Whether writing this type shorter is worth trying: text is, pictures have done it already.
[[nodiscard]] bool is_compressible(std::string_view media_type) noexcept;

}  // namespace bourse::host
