// SPDX-License-Identifier: MIT
//
// Of what this program was built. Texts that live as long as the process.
#pragma once

#include <string_view>

namespace bourse::host {

struct Build {
  std::string_view version;  ///< "0.1.0"
  std::string_view
      commit;  ///< "1f3c0a9d8e7b"; with "-dirty" where files were changed; may be "unknown"
  std::string_view abi;       ///< "1.0": the contract with plugins
  std::string_view compiler;  ///< "g++ 12.2.0"
  std::string_view type;      ///< "Release"
};

[[nodiscard]] const Build& build() noexcept;

}  // namespace bourse::host
