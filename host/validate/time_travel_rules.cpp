// SPDX-License-Identifier: MIT
#include "host/validate/rule.hpp"

namespace bourse::host::validate {

Rules time_travel_rules() { return {}; }

}  // namespace bourse::host::validate
