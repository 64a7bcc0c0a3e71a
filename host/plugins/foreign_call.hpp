// SPDX-License-Identifier: MIT
//
// Around each call into a plugin: who is at work (host/base/crumb.hpp), and what a plugin may not
// take with it. A thread's floating-point control, signal mask, locale and errno are the host's
// again afterwards, and so are the process's folder, umask, locale, its disregard of SIGPIPE and
// standard output and error where they were closed. Otherwise one plugin's fesetround, or one that
// was linked with -Ofast, would change what the others compute.
//
//   floating point, errno   after each call
//   all but the umask       when a worker becomes idle, after 1,000 calls of a thread, and around
//                           what is rare: loading, init, create, destroy, deinit
//   the umask               around what is rare
//
// What was found changed is put back, told once for each component and kind of change (event
// `state_restored`), and counted. Where several components were at work since the last look, all
// are told, and the next calls are looked at one by one, so that the next time it is one.
#pragma once

#include <locale.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/crumb.hpp"
#include "host/plugins/guard.hpp"

namespace bourse::host {

enum class StateKind : std::uint8_t {
  kFloatingPoint,
  kSignalMask,
  kLocale,
  kFolder,
  kUmask,
  kSignals,
  kDescriptors
};
inline constexpr std::size_t kStateKinds = 7;
/// "floating_point"
[[nodiscard]] const char* name_of(StateKind kind) noexcept;

/// One component, or a plugin as a whole, for as long as the process lives.
class Foreigner;
/// The one of that name, made when it is asked for first. [any thread]
[[nodiscard]] Foreigner& foreigner(std::string_view name);

/// What was put back because of one component.
struct StateRestored {
  std::string component;
  StateKind kind;
  std::uint64_t times;
};
/// Of those where anything ever was, by name. [any thread]
[[nodiscard]] std::vector<StateRestored> states_restored();

/// What the process is now is the host's. Else it is what the first foreign call finds. [any
/// thread]
void adopt_process_state() noexcept;
/// This thread has nothing to do: a look at what its calls left behind. Nothing if there were none.
/// [a thread of the host's, in no call]
void look_at_idle_thread() noexcept;
/// What this thread's signal mask is now is the host's. [a thread of the host's, in no call]
void adopt_signal_mask() noexcept;

/// Whether the call that it is around is a rare one.
enum class CallWeight : std::uint8_t { kUsual, kRare };

class ForeignCall {
 public:
  /// `who` as it is called in messages, alive as long as this; `verb`: a literal.
  ForeignCall(Foreigner& of, std::string_view who, const char* verb,
              CallWeight weight = CallWeight::kUsual) noexcept;
  ForeignCall(const ForeignCall&) = delete;
  ForeignCall& operator=(const ForeignCall&) = delete;
  ~ForeignCall();

 private:
  Foreigner& of_;
  const CallWeight weight_;
  const int errno_;
  const Crumb crumb_;
  bool is_watched_ = false;  // looked at by itself; then these are the thread's before it
  std::uint64_t mask_ = 0;
  locale_t locale_ = nullptr;
};

/// Calls into a plugin: guarded(), within a ForeignCall.
template <class Call>
auto call_foreign(Foreigner& of, std::string_view who, const char* verb, CallWeight weight,
                  Call&& call) noexcept {
  const ForeignCall scope(of, who, verb, weight);
  return guarded(std::forward<Call>(call));
}

/// While the host does something for a plugin that has other plugins at work: their floating-point
/// control is the host's, and the plugin that asked finds its own again.
class HostRounding {
 public:
  HostRounding() noexcept;
  ~HostRounding();
  HostRounding(const HostRounding&) = delete;
  HostRounding& operator=(const HostRounding&) = delete;

 private:
  std::uint32_t theirs_;
};

}  // namespace bourse::host
