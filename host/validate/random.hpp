// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace bourse::host::validate {

/// Numbers that one seed gives again, on every machine (SplitMix64, of Vigna, 2015).
class Random {
 public:
  using result_type = std::uint64_t;
  explicit Random(std::uint64_t seed) : state_(seed) {}

  result_type operator()() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  /// 0 to below - 1. REQUIRES: below > 0.
  std::uint64_t below(std::uint64_t below) noexcept { return (*this)() % below; }

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return ~result_type{0}; }

  /// A seed for one of several things that have one seed (FNV-1a over its name).
  static std::uint64_t seed_for(std::uint64_t seed, std::string_view name) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
    for (const char c : name) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return hash;
  }

 private:
  std::uint64_t state_;
};

}  // namespace bourse::host::validate
