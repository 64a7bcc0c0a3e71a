// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace bourse::host::validate {

/// How this thread computes with floating point: rounding, denormals, which faults interrupt it.
/// What has happened (the sticky bits) is not part of it.
struct ControlWords {
  std::uint32_t vector = 0;  ///< MXCSR, or FPCR
  std::uint32_t legacy = 0;  ///< the x87 control word

  [[nodiscard]] static ControlWords now() noexcept;
  void restore() const noexcept;
  friend bool operator==(const ControlWords&, const ControlWords&) = default;

  /// What is another way now, in words: "MXCSR 0x1f80 became 0x9fc0: denormals are 0".
  [[nodiscard]] std::string difference(const ControlWords& now) const;
};

}  // namespace bourse::host::validate
