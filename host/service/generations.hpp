// SPDX-License-Identifier: MIT
//
// The generations that are alive, and a thread that ends those that nobody uses any more: their
// plugins' destroy may take long or never return, and neither a request nor an I/O thread shall
// wait for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "host/routing/generation.hpp"

namespace bourse::host {

/// [any thread]
class Generations {
 public:
  Generations();
  /// Waits for no destroy: the thread goes on with what it has, to the end of the process.
  ~Generations();
  Generations(const Generations&) = delete;
  Generations& operator=(const Generations&) = delete;

  /// The same generation, which from now on is ended by the thread when its last holder lets go.
  [[nodiscard]] std::shared_ptr<const Generation> admit(
      std::shared_ptr<const Generation> generation);
  /// Admitted and not ended yet.
  [[nodiscard]] std::size_t alive() const noexcept;
  /// Waits until none is alive. False: after `limit` one was.
  [[nodiscard]] bool drain(std::chrono::nanoseconds limit);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace bourse::host
