// SPDX-License-Identifier: MIT
//
// Result<T>: a value, or the Failure that kept it from being made (std::expected is C++23).
#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include "host/base/failure.hpp"

namespace bourse::host {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}            // NOLINT
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// REQUIRES: ok().
  [[nodiscard]] T& operator*() & noexcept { return *get(); }
  [[nodiscard]] const T& operator*() const& noexcept { return *get(); }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(*get()); }
  [[nodiscard]] T* operator->() noexcept { return get(); }
  [[nodiscard]] const T* operator->() const noexcept { return get(); }

  /// REQUIRES: !ok().
  [[nodiscard]] Failure& failure() & noexcept { return *get_failure(); }
  [[nodiscard]] const Failure& failure() const& noexcept { return *get_failure(); }
  [[nodiscard]] Failure&& failure() && noexcept { return std::move(*get_failure()); }

 private:
  T* get() noexcept {
    assert(ok());
    return std::get_if<0>(&state_);
  }
  const T* get() const noexcept {
    assert(ok());
    return std::get_if<0>(&state_);
  }
  Failure* get_failure() noexcept {
    assert(!ok());
    return std::get_if<1>(&state_);
  }
  const Failure* get_failure() const noexcept {
    assert(!ok());
    return std::get_if<1>(&state_);
  }

  std::variant<T, Failure> state_;
};

/// Nothing to return, but it may have failed.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Failure failure) : failure_(std::move(failure)) {}  // NOLINT

  [[nodiscard]] bool ok() const noexcept { return !failure_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] Failure& failure() & noexcept { return *failure_; }
  [[nodiscard]] const Failure& failure() const& noexcept { return *failure_; }
  [[nodiscard]] Failure&& failure() && noexcept { return std::move(*failure_); }

 private:
  std::optional<Failure> failure_;
};

}  // namespace bourse::host
