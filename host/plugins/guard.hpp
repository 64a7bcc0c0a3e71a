// SPDX-License-Identifier: MIT
//
// Calls into plugins. The contract forbids exceptions to leave a plugin; one that does anyway is
// caught here and becomes a failure, so that the request fails and the host lives. Not every throw
// can be caught: one that leaves a noexcept function, or a plugin that was linked with its own
// unwinder, ends the process inside the plugin.
#pragma once

#include <type_traits>
#include <utility>

#include "host/base/result.hpp"

namespace bourse::host {

/// The failure for the exception being handled: BOURSE_INTERNAL, "plugin_threw", and what() if it
/// has one. Copies everything, so that the library may be unloaded afterwards. Call it inside a
/// catch block only.
Failure describe_current_exception() noexcept;

/// What `call` returns, or the failure for what it threw.
template <class Call>
auto guarded(Call&& call) noexcept -> Result<std::invoke_result_t<Call>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
      std::forward<Call>(call)();
      return {};
    } else {
      return std::forward<Call>(call)();
    }
  } catch (...) {
    return describe_current_exception();
  }
}

}  // namespace bourse::host
