// SPDX-License-Identifier: MIT
//
// What a serializer writes: headers, then bytes, both bounded and checked.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

class Output;

/// Takes what a serializer writes beyond what is held of an answer: it goes on its way before the
/// rest is written.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// So much is held; what is no longer is a whole answer.
  [[nodiscard]] virtual std::size_t hold() const noexcept = 0;
  /// More than that is there. What comes is in order; the header is complete (Output::headers()).
  /// May wait for a slow reader. A failure ends the answer: nobody takes the rest.
  virtual Result<void> take(std::string bytes, const Output& output) = 0;
};

/// After the first refusal everything is refused with the same reason: half an answer is none, even
/// if the serializer does not look at what it is told.
class Output {
 public:
  /// `bytes_max`: of all that is written. `outlet` may be null: then all of it is held.
  explicit Output(std::size_t bytes_max, Outlet* outlet = nullptr)
      : bytes_max_(bytes_max), outlet_(outlet) {}

  /// Refuses what is no legal header, what the host sets itself, and headers after the first byte.
  Result<void> header(std::string_view name, std::string_view value);
  /// Refuses what goes beyond the limit, and what the outlet does not take.
  Result<void> write(std::string_view bytes);
  /// A text of that many bytes was handed to `function` that stands nowhere (its pointer is null):
  /// refuses it, and all that follows. What is null and empty is an empty text, and no fault.
  Result<void> nowhere(std::string_view function, std::size_t bytes);
  /// Something was not written because of `status`: refuses all that follows.
  void cut_off(bourse_status status);
  /// The first refusal; nothing while all is well.
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const noexcept {
    return headers_;
  }
  /// Has the outlet got the beginning of it?
  [[nodiscard]] bool is_passed_on() const noexcept { return passed_on_; }
  /// Nothing more comes: it gets the rest as well.
  Result<void> finish();
  [[nodiscard]] std::string&& take() && noexcept { return std::move(bytes_); }

 private:
  Result<void> refuse(bourse_status status, std::string code, std::string message);
  Result<void> pass_on(std::string_view bytes);
  Result<void> hand_over();

  std::size_t bytes_max_;
  Outlet* outlet_;
  bool passed_on_ = false;
  std::size_t total_ = 0;  ///< written, wherever it is now
  std::optional<Failure> failure_;
  std::string bytes_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace bourse::host
