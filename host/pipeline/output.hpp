// SPDX-License-Identifier: MIT
//
// What a serializer writes: headers, then bytes, both bounded and checked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

class Output {
 public:
  explicit Output(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Refuses what is no legal header, what the host sets itself, and headers after the first byte.
  Result<void> header(std::string_view name, std::string_view value);
  /// Refuses what goes beyond the limit.
  Result<void> write(std::string_view bytes);

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const noexcept {
    return headers_;
  }
  [[nodiscard]] std::string&& take() && noexcept { return std::move(bytes_); }

 private:
  std::size_t bytes_max_;
  std::string bytes_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace bourse::host
