// SPDX-License-Identifier: MIT
//
// How long the processor worked for something.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>

namespace bourse::host {

/// Processor time of one thread, from begin() to end(). Others may look meanwhile. [any thread]
class Effort {
 public:
  /// Of this thread, which must live as long as nobody calls end().
  void begin() noexcept;
  void end() noexcept;
  /// So far; zero before it begins.
  [[nodiscard]] std::chrono::nanoseconds spent() const noexcept;

 private:
  static constexpr std::int64_t kGoesOn = -1;
  clockid_t clock_{};
  std::int64_t begun_at_ = 0;
  std::atomic<bool> begun_{false};            ///< then the two above do not change
  std::atomic<std::int64_t> spent_{kGoesOn};  ///< once it has ended
};

}  // namespace bourse::host
