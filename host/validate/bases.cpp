// SPDX-License-Identifier: MIT
#include "host/validate/bases.hpp"

#include <algorithm>
#include <array>

namespace bourse::host::validate {
namespace {

// Of each release's libc6, libstdc++6 and libgcc-s1: the highest version that they define.
constexpr std::array kBases = {
    Base{"debian11", "GLIBC_2.31", "GLIBCXX_3.4.28", "CXXABI_1.3.12", "GCC_7.0.0"},
    Base{"debian12", "GLIBC_2.36", "GLIBCXX_3.4.30", "CXXABI_1.3.13", "GCC_12.0.0"},
    Base{"debian13", "GLIBC_2.41", "GLIBCXX_3.4.33", "CXXABI_1.3.15", "GCC_14.0.0"},
    Base{"rhel9", "GLIBC_2.34", "GLIBCXX_3.4.29", "CXXABI_1.3.13", "GCC_7.0.0"},
    Base{"ubuntu22.04", "GLIBC_2.35", "GLIBCXX_3.4.30", "CXXABI_1.3.13", "GCC_12.0.0"},
    Base{"ubuntu24.04", "GLIBC_2.39", "GLIBCXX_3.4.33", "CXXABI_1.3.15", "GCC_14.0.0"},
};

}  // namespace

std::optional<std::string> Base::version_of(std::string_view family) const {
  for (const char* const version : {glibc, glibcxx, cxxabi, gcc}) {
    const std::string_view text = version;
    if (text.substr(0, text.find('_')) == family) return std::string(text);
  }
  return std::nullopt;
}

const Base* find_base(std::string_view name) noexcept {
  const auto* const found = std::find_if(kBases.begin(), kBases.end(),
                                         [&](const Base& base) { return base.name == name; });
  return found == kBases.end() ? nullptr : found;
}

std::vector<std::string> names_of_bases() {
  std::vector<std::string> names;
  for (const Base& base : kBases) names.emplace_back(base.name);
  return names;
}

}  // namespace bourse::host::validate
