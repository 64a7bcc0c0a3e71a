// SPDX-License-Identifier: MIT
//
// From names and texts (a path, a query string, a command line) to the checked values of declared
// parameters.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.hpp"
#include "host/parameters/parameter.hpp"
#include "host/parameters/value.hpp"

namespace bourse::host {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// A value for each of `declared`, in that order. Texts with other names are not looked at.
/// `now`: ns since 1970, what relative times are relative to.
Result<Arguments> read_arguments(std::span<const Parameter> declared, const NamedTexts& texts,
                                 std::int64_t now);

/// The first name in `texts` that none of the lists declares: BOURSE_BAD_PARAM "unknown_parameter"
/// with a "did you mean" and the list of what there is.
Result<void> check_names(const NamedTexts& texts,
                         std::span<const std::span<const Parameter>> declared,
                         std::span<const std::string_view> also_known);

}  // namespace bourse::host
