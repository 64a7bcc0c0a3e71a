// SPDX-License-Identifier: MIT
//
// A dataset of a source, asked with arguments that were written as options: what `probe` and
// `record` have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/calls/sources.hpp"
#include "host/routing/arguments.hpp"

namespace bourse::host {

/// Arguments for one dataset.
struct AskedWith {
  std::vector<std::string> names;
  std::vector<Value> values;
  std::string missing = {};  ///< a required parameter that nobody gives
};

/// What `given` says of the dataset's parameters, and else what `examples` suggests. `now`: of
/// relative times.
Result<AskedWith> arguments_for(const Dataset& dataset, const NamedTexts& given,
                                const NamedTexts& examples, std::int64_t now);

/// Asks `source` once. REQUIRES: nothing is missing.
Result<Answer> ask(Source& source, const Dataset& dataset, const AskedWith& arguments,
                   const Context& context, Workers* workers);

/// Names that no dataset has are mistakes of the command line.
Result<void> check_given(const NamedTexts& given, const std::vector<const Dataset*>& datasets);

/// "start_time": "--start-time".
[[nodiscard]] std::string as_option(std::string name);

}  // namespace bourse::host
