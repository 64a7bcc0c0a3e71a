// SPDX-License-Identifier: MIT
//
// The same bytes, written shorter.
#pragma once

#include <string>
#include <string_view>

#include "host/answers/kept.hpp"

namespace bourse::host {

/// What HTTP calls it: "gzip"; and what an entity tag of the twin ends in: "-gz".
[[nodiscard]] std::string_view coding_name(Coding coding) noexcept;
[[nodiscard]] std::string_view coding_mark(Coding coding) noexcept;

/// Null: it is not worth it, because it saves less than a twentieth. Equal bytes have equal twins:
/// no time and no name is written into them. Takes about 20 ms a megabyte. Throws std::bad_alloc.
[[nodiscard]] BytesPtr make_twin(std::string_view bytes, Coding coding);

}  // namespace bourse::host
