// SPDX-License-Identifier: MIT
#include "host/validate/rule.hpp"

namespace bourse::host::validate {

Rules manners_rules() { return {}; }

}  // namespace bourse::host::validate
