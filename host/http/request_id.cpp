// SPDX-License-Identifier: MIT
#include "host/http/request_id.hpp"

#include <algorithm>
#include <random>

#include "host/http/text.hpp"

namespace bourse::host {

namespace {
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kDigits = 15;
}  // namespace

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kIdBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

std::string RequestIds::next() {
  std::uint64_t rest = next_;
  next_ += step_;
  std::string id(kDigits, '0');
  for (std::size_t digit = kDigits; digit-- > 0; rest >>= 4u) {
    id[digit] = "0123456789abcdef"[rest & 15u];
  }
  return id;
}

std::uint64_t RequestIds::random_start() {
  std::random_device device;
  return (std::uint64_t{device()} << 32u) | device();
}

}  // namespace bourse::host
