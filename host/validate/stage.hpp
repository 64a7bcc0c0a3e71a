// SPDX-License-Identifier: MIT
//
// A stage for one call into a component that is validated: the host's own functions, of which one
// may fail, a stop that comes at a chosen moment, memory that ends. What the call makes is judged
// by the server's own code; the stage only stands in between, and counts.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "host/calls/context.hpp"
#include "host/plugins/component.hpp"
#include "host/plugins/plugin_host.hpp"
#include "host/validate/memory.hpp"

namespace bourse::host::validate {

/// The functions of bourse_host that a call uses.
enum class HostFunction : std::uint8_t {
  kLog,
  kPoll,
  kNow,
  kFail,
  kQuery,
  kRelease,
  kFreshUntil,
  kMeta,
  kNote,
  kScalar,
  kTable,
  kRows,
  kChart,
  kHeader,
  kWrite
};
inline constexpr std::size_t kHostFunctions = 15;
/// As in the contract: "fresh_until".
[[nodiscard]] std::string_view name_of(HostFunction function) noexcept;

/// From its n-th use in a call on (the first is 1), this function does nothing and gives `status`.
struct Fault {
  HostFunction function = HostFunction::kMeta;
  std::size_t nth = 1;
  bourse_status status = BOURSE_UNAVAILABLE;
};

/// The call is over, with CANCELLED or DEADLINE, from this moment on. Of both, the earlier one.
struct Stop {
  bourse_status status = BOURSE_CANCELLED;
  std::optional<std::size_t> at_use = {};  ///< when so many functions were used; 0: from the start
  std::optional<std::chrono::nanoseconds> after = {};  ///< of computing
};

/// What goes wrong in a call; by itself nothing.
struct Script {
  std::optional<Fault> fault = {};
  std::optional<Stop> stop = {};
  std::optional<std::uint64_t> allocation = {};  ///< the n-th of the component fails; first: 1
};

/// What a component asked for, as far as a declaration must match it.
struct AskedArgument {
  std::string dataset;
  std::string name;  ///< empty: the query itself
  bourse_type type = BOURSE_TYPE_NULL;
  bourse_type item = BOURSE_TYPE_NULL;
};

/// What happened in a call. Complete when the call has returned.
struct Observed {
  std::array<std::size_t, kHostFunctions> uses = {};
  std::size_t all_uses = 0;
  std::uint64_t allocations = 0;
  bool fault_happened = false;  ///< the function was used so often
  bool allocation_failed = false;
  std::size_t uses_after = 0;       ///< of the same function, after its first fault
  std::size_t uses_after_stop = 0;  ///< of all, after a stop at a use
  std::optional<std::chrono::nanoseconds> after_stop = {};  ///< from the stop until it returned
  std::chrono::nanoseconds computing = {};                  ///< from its beginning until then
  std::optional<bourse_status> returned = {};  ///< nothing: it was not called, or threw
  std::vector<std::string> refused = {};  ///< functions that the host refused by itself, in order
  std::vector<AskedArgument> asked = {};

  [[nodiscard]] std::size_t of(HostFunction function) const noexcept {
    return uses[static_cast<std::size_t>(function)];
  }
};

/// The table that every plugin is loaded with. Where a call has no stage it is the server's.
[[nodiscard]] const HostFunctions& staged_host() noexcept;

/// The component, with its functions called through the stage of the call; without one they are
/// called as they are. The rest is a copy.
[[nodiscard]] std::shared_ptr<const Component> staged(
    const std::shared_ptr<const Component>& component);

/// Lives as long as the call, on one thread; what the plugin's threads use of it is guarded.
class Stage : public Party {
 public:
  /// `component`: the one that is called; what is done for it by others is not on this stage.
  /// `now`: the time of the call.
  Stage(const Component& component, Script script, std::int64_t now);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage() override;

  [[nodiscard]] const Context& context() const noexcept { return context_; }
  [[nodiscard]] Observed observed() const;

  // -- for the functions of this file's tables ----------------------------------------------------

  [[nodiscard]] static Stage* of(bourse_call* call) noexcept;
  [[nodiscard]] const Component& component() const noexcept { return component_; }
  /// Counts a use; the status that it shall give instead of doing anything, or OK.
  bourse_status use(HostFunction function);
  void refused(HostFunction function, bourse_status status);
  void asked(std::size_t n, const bourse_query* const* queries);
  /// The component begins, and ends with this status; nothing: it threw.
  void enter();
  void leave(std::optional<bourse_status> status);
  [[nodiscard]] Allocations* allocations() noexcept { return &allocations_; }

  // -- Party --------------------------------------------------------------------------------------

  [[nodiscard]] bourse_status poll() const noexcept override;
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept override;

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::optional<Clock::time_point> stopped_at() const noexcept;

  const Component& component_;
  const std::string name_;
  const Script script_;
  Allocations allocations_;
  std::atomic<std::int64_t> stopped_ns_{0};  ///< of Clock; 0: by no use so far
  std::atomic<std::int64_t> entered_ns_{0};
  mutable std::mutex mutex_;
  Observed observed_;
  Context context_;  ///< last: it leads back to this
};

}  // namespace bourse::host::validate
