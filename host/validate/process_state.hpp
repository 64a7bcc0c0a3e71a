// SPDX-License-Identifier: MIT
//
// What all code of a process shares, and what a thread takes from call to call: what a plugin must
// leave as it was.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "host/validate/control_words.hpp"

namespace bourse::host::validate {

/// Threads of this process: their numbers and names.
[[nodiscard]] std::map<long, std::string> threads_now();
/// Open descriptors and what they lead to, but for the copy of the plugin that was made to load it.
[[nodiscard]] std::map<int, std::string> descriptors_now();
/// Bytes that malloc gave and that were not freed; 0 where nobody knows (sanitizers).
[[nodiscard]] std::size_t allocated_now();

/// Waits until no thread runs but those of `before`, for at most `patience`: those that are left.
[[nodiscard]] std::vector<std::string> threads_left(const std::map<long, std::string>& before,
                                                    std::chrono::milliseconds patience);

enum class Aspect : std::uint8_t {
  kDescriptors,
  kSignals,
  kFloatingPoint,
  kLocale,
  kEnvironment,
  kFolder,  ///< working folder and umask
  kLimits
};

/// One aspect of this process and this thread at one moment. A value.
class ProcessState {
 public:
  static ProcessState now(Aspect aspect);

  /// What is another way in `later`, each by its name: "SIGINT", "the handler 0x.. was put in".
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> changes(
      const ProcessState& later) const;

 private:
  std::map<std::string, std::string> values_ = {};
};

}  // namespace bourse::host::validate
