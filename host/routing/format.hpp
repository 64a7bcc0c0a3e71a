// SPDX-License-Identifier: MIT
//
// Which of a route's formats answers a request.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "host/base/result.hpp"

namespace bourse::host {

struct FormatOffer {
  std::string id;          ///< "csv": what ?format= says
  std::string suffix;      ///< "csv": what a path may end in
  std::string media_type;  ///< "text/csv; charset=utf-8"
};

/// What a request says of the format it wants.
struct FormatWish {
  std::optional<std::string> suffix = {};  ///< of the path, known to be one of the offer's
  std::optional<std::string> query = {};   ///< ?format=
  std::string accept = {};                 ///< the Accept header, empty when there is none
};

/// Index into `offer`, which is not empty. In this order: the only one there is (whatever Accept
/// says; but a ?format= that names another is refused), the suffix, ?format=, Accept by q-value,
/// then by how exactly it names the format ("text/csv, */*" is csv), then by the order of the
/// offer, the first. A suffix and a ?format= that disagree are BOURSE_BAD_PARAM "format_conflict";
/// what is not offered is 406 "not_acceptable" with the offer. An Accept header that cannot be read
/// counts as none (RFC 9110 leaves that to us, and refusing helps nobody).
Result<std::size_t> choose_format(std::span<const FormatOffer> offer, const FormatWish& wish);

}  // namespace bourse::host
