// SPDX-License-Identifier: MIT
//
// Values to try a component's parameters with. Texts by chance may be longer than is legal: the
// server would not let them pass, and Bench::with() does not.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "host/parameters/parameter.hpp"
#include "host/routing/arguments.hpp"
#include "host/validate/random.hpp"

namespace bourse::host::validate {

/// One call's parameters, as texts.
struct Case {
  std::string item;  ///< "limit="500""
  NamedTexts texts;
};

/// The legal values of one parameter that are worth a try: its default, its bounds, each of its
/// choices, and what its type has for ends.
[[nodiscard]] std::vector<std::string> edges(const Parameter& parameter);

/// Each edge of each parameter, one at a time; all others as in `base`.
[[nodiscard]] std::vector<Case> edge_cases(std::span<const Parameter> parameters,
                                           const NamedTexts& base);
/// Texts of all kinds for each text and each list of texts: markup, paths, formats, marks of
/// reading direction, as long as they may be, and `n` by chance.
[[nodiscard]] std::vector<Case> text_cases(std::span<const Parameter> parameters,
                                           const NamedTexts& base, Random& random, std::size_t n);
/// `n` calls in which every parameter may be at an edge.
[[nodiscard]] std::vector<Case> mixed_cases(std::span<const Parameter> parameters,
                                            const NamedTexts& base, Random& random, std::size_t n);

}  // namespace bourse::host::validate
