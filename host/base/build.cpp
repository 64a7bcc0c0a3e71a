// SPDX-License-Identifier: MIT
#include "host/base/build.hpp"

#include "bourse/bourse.h"
#include "host/base/commit.hpp"

#define BOURSE_TEXT_OF_ARGUMENT(text) #text
#define BOURSE_NUMBER_TEXT(number) BOURSE_TEXT_OF_ARGUMENT(number)

namespace bourse::host {

const Build& build() noexcept {
  static constexpr Build kBuild{
      .version = BOURSE_VERSION,
      .commit = kCommit,
      .abi = BOURSE_NUMBER_TEXT(BOURSE_ABI_MAJOR) "." BOURSE_NUMBER_TEXT(BOURSE_ABI_MINOR),
#ifdef __clang__
      .compiler = "clang++ " __clang_version__,
#else
      .compiler = "g++ " __VERSION__,
#endif
      .type = BOURSE_BUILD_TYPE};
  return kBuild;
}

}  // namespace bourse::host
