// SPDX-License-Identifier: MIT
#include "host/base/take.hpp"

#include <string>

namespace bourse::host::detail {

Failure not_taken(const ForeignRule& rule, const void* foreign, std::size_t alignment,
                  std::size_t size_here, std::string_view code) {
  Failure failure{.status = BOURSE_INTERNAL,
                  .code = std::string(code),
                  .message = "this " + std::string(rule.name)};
  if (foreign == nullptr) {
    failure.message += " is a null pointer";
  } else if (reinterpret_cast<std::uintptr_t>(foreign) % alignment != 0) {
    failure.message += " is a misaligned pointer";
  } else {
    std::uint32_t size = 0;
    std::memcpy(&size, foreign, sizeof size);
    failure.message += " has size " + std::to_string(size) + "; set it to sizeof, " +
                       std::to_string(size_here) + " in this host";
  }
  return failure;
}

}  // namespace bourse::host::detail
