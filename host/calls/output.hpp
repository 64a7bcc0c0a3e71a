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

/// After the first refusal everything is refused with the same reason: half an answer is none, even
/// if the serializer does not look at what it is told.
class Output {
 public:
  explicit Output(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Refuses what is no legal header, what the host sets itself, and headers after the first byte.
  Result<void> header(std::string_view name, std::string_view value);
  /// Refuses what goes beyond the limit.
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
  [[nodiscard]] std::string&& take() && noexcept { return std::move(bytes_); }

 private:
  Result<void> refuse(bourse_status status, std::string code, std::string message);

  std::size_t bytes_max_;
  std::optional<Failure> failure_;
  std::string bytes_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace bourse::host
