// SPDX-License-Identifier: MIT
//
// Whether a source delivers what an analysis asks for. Pure: declarations against declarations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/plugins/component.hpp"

namespace bourse::host {

/// What does not fit, as the diagnostics of `bourse check` say it.
struct DatasetProblem {
  std::string code;
  std::string message;
  std::string hint = {};
};

/// Who is meant in the messages.
struct DatasetSides {
  std::string_view analysis;  ///< as the route calls it
  std::string_view source;    ///< its name in the configuration
};

/// `offered`: the source's dataset of that name, or null. What the analysis declares optional may
/// be missing; what it needs must be there, of the declared type, and not be optional for the
/// source either. `is_public`: the route is for everybody.
///
///   dataset_not_offered      the source does not deliver it
///   private_without_access   one side calls it private, and the route is public
///   dataset_differs          a column or an argument is missing, of another type, or may be
///   missing
std::vector<DatasetProblem> check_dataset(const Dataset& wanted, const Dataset* offered,
                                          const DatasetSides& sides, bool is_public);

}  // namespace bourse::host
