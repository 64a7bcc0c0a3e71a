// SPDX-License-Identifier: MIT
#include "host/validate/rule.hpp"

namespace bourse::host::validate {

Rules file_rules() { return {}; }

}  // namespace bourse::host::validate
