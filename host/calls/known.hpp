// SPDX-License-Identifier: MIT
//
// Where a call finds what is known already.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "host/base/result.hpp"
#include "host/calls/call.hpp"
#include "host/calls/context.hpp"
#include "host/calls/workers.hpp"

namespace bourse::host {

/// Implemented in host/answers. [any thread]
class Known {
 public:
  virtual ~Known() = default;
  /// The answer of a source's dataset to these arguments, in one spelling: one that is still true,
  /// or that of an equal question under way, or what `work` makes. `work` may go on for others
  /// when the one who asked has left: the context that it gets is theirs, and its thread this one.
  /// `source`: Instance::number().
  virtual Result<Answer> dataset(std::uint64_t source, std::string_view name,
                                 std::string_view arguments, const Context& context,
                                 Workers* workers,
                                 const std::function<Result<Answer>(const Context&)>& work) = 0;
};

}  // namespace bourse::host
