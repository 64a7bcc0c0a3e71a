// SPDX-License-Identifier: MIT
//
// Accept-Encoding, RFC 9110 section 12.5.3: which way of writing the bytes a client takes.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace bourse::host {

/// What a client is sent.
struct CodingChoice {
  enum class Kind {
    kCoding,    ///< the one with that index in what was offered
    kIdentity,  ///< the bytes as they are
    kNone       ///< it takes nothing that is offered: 406
  };
  Kind kind = Kind::kIdentity;
  std::size_t index = 0;
  bool operator==(const CodingChoice&) const = default;
};

/// `offered`: names in lower case, the best first: it is taken where the client likes several as
/// much. `is_there`: whether the request has the field at all; without it the bytes go out as they
/// are, with an empty one as well. Names are in any case, "x-gzip" is "gzip", "*" is all that is
/// not named. A member that cannot be read is passed over. Bytes as they are, where nobody named
/// them, come last and are always taken, but for "*;q=0".
[[nodiscard]] CodingChoice choose_coding(bool is_there, std::string_view field,
                                         std::span<const std::string_view> offered) noexcept;

/// Whether writing this type shorter is worth trying: text is, pictures have done it already.
[[nodiscard]] bool is_compressible(std::string_view media_type) noexcept;

}  // namespace bourse::host
