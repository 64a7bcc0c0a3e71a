// SPDX-License-Identifier: MIT
//
// What a request asks for, read from its parameters.
#pragma once

#include <cstddef>

#include "bourse/plugin.hpp"
#include "plugins/analyses/technical/reading.hpp"
#include "plugins/analyses/technical/series.hpp"

namespace bourse::technical {

struct Request {
  Settings settings;
  Wanted wanted;
  std::size_t asked = 0;  ///< rows; more than wanted.limit where the operator allows no more
};

/// `values` of kParams (fields.hpp). Throws Error `parameters_disagree` (400), blaming one of them.
/// REQUIRES: rows_max >= kLimitWithoutStart.
Request read_request(const Values& values, std::size_t rows_max);

}  // namespace bourse::technical
