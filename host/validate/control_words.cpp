// SPDX-License-Identifier: MIT
#include "host/validate/control_words.hpp"

#include <array>
#include <cstdio>
#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <cfenv>
#endif

namespace bourse::host::validate {
namespace {

std::string hexadecimal(std::uint32_t word) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%x", word);
  return text.data();
}

}  // namespace

#if defined(__x86_64__)

namespace {
constexpr std::uint32_t kSticky = 0x3f;
constexpr std::uint32_t kDenormals = 0x8040;  // flush to zero, and denormals are zeros
constexpr std::uint32_t kRounding = 0x6000;
constexpr std::uint32_t kMasks = 0x1f80;

std::uint16_t x87_control() noexcept {
  std::uint16_t word = 0;
  asm volatile("fnstcw %0" : "=m"(word));
  return word;
}
}  // namespace

ControlWords ControlWords::now() noexcept { return {_mm_getcsr() & ~kSticky, x87_control()}; }

void ControlWords::restore() const noexcept {
  _mm_setcsr(vector | (_mm_getcsr() & kSticky));
  const auto word = static_cast<std::uint16_t>(legacy);
  asm volatile("fldcw %0" : : "m"(word));
}

std::string ControlWords::difference(const ControlWords& now) const {
  std::string text;
  if (vector != now.vector) {
    text = "MXCSR " + hexadecimal(vector) + " became " + hexadecimal(now.vector);
    const std::uint32_t changed = vector ^ now.vector;
    if ((changed & kDenormals) != 0) text += ", which turns denormals to 0";
    if ((changed & kRounding) != 0) text += ", which rounds another way";
    if ((changed & kMasks) != 0) text += ", which raises signals";
  }
  if (legacy != now.legacy) {
    text += (text.empty() ? "the x87 control word " : "; the x87 control word ") +
            hexadecimal(legacy) + " became " + hexadecimal(now.legacy);
  }
  return text;
}

#else

ControlWords ControlWords::now() noexcept {
  return {static_cast<std::uint32_t>(std::fegetround()), 0};
}
void ControlWords::restore() const noexcept { (void)std::fesetround(static_cast<int>(vector)); }
std::string ControlWords::difference(const ControlWords& now) const {
  return "the rounding mode " + hexadecimal(vector) + " became " + hexadecimal(now.vector);
}

#endif

}  // namespace bourse::host::validate
