// SPDX-License-Identifier: MIT
//
// Who is at work on a thread: a crumb for each call into a plugin, so that a process that ends in
// one can say in whose. Setting one writes a few words of memory; reading one is safe in a handler
// of signals.
#pragma once

#include <atomic>
#include <string_view>

namespace bourse::host {

/// For whom a thread is at work: a request, or a command.
struct Errand {
  std::string_view request_id = {};
  std::string_view route = {};
};

/// The errand of this thread, as long as this lives; what it names outlives it.
class ErrandScope {
 public:
  explicit ErrandScope(const Errand& errand) noexcept : errand_(errand), outer_(current_) {
    current_ = &errand_;
  }
  ErrandScope(const ErrandScope&) = delete;
  ErrandScope& operator=(const ErrandScope&) = delete;
  ~ErrandScope() { current_ = outer_; }

  /// Null: nothing is known of it.
  [[nodiscard]] static const Errand* current() noexcept { return current_; }

 private:
  inline static constinit thread_local const Errand* current_ = nullptr;

  Errand errand_;
  const Errand* outer_;
};

/// This thread is in a call into a plugin, as long as this lives. What it names outlives it.
class Crumb {
 public:
  /// `verb`: "run", "fetch", "create"; a literal.
  Crumb(std::string_view component, const char* verb) noexcept
      : component_(component), verb_(verb), errand_(ErrandScope::current()), outer_(innermost_) {
    std::atomic_signal_fence(std::memory_order_release);  // a handler sees it whole or not at all
    innermost_ = this;
  }
  Crumb(const Crumb&) = delete;
  Crumb& operator=(const Crumb&) = delete;
  ~Crumb() {
    innermost_ = outer_;
    std::atomic_signal_fence(std::memory_order_release);
  }

  /// Of this thread; null: it is in no call. [any thread, signal handlers]
  [[nodiscard]] static const Crumb* innermost() noexcept { return innermost_; }

  [[nodiscard]] std::string_view component() const noexcept { return component_; }
  [[nodiscard]] const char* verb() const noexcept { return verb_; }
  /// Null: it is for nobody in particular.
  [[nodiscard]] const Errand* errand() const noexcept { return errand_; }
  /// The call that asked for this one, on the same thread; null: there is none.
  [[nodiscard]] const Crumb* outer() const noexcept { return outer_; }

 private:
  inline static constinit thread_local const Crumb* innermost_ = nullptr;

  std::string_view component_;
  const char* verb_;
  const Errand* errand_;
  const Crumb* outer_;
};

}  // namespace bourse::host
