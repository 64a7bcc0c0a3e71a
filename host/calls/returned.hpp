// SPDX-License-Identifier: MIT
//
// Whether a report keeps to what its analysis declared. A report that does not is served all the
// same: the author is told, the client is not punished.
#pragma once

#include <string>
#include <vector>

#include "bourse/bourse.h"
#include "host/plugins/component.hpp"

namespace bourse::host {

/// Sentences, at most 20; empty: it keeps to it. What is declared and neither optional nor there;
/// what is there and was not declared, unless more may be; another type than the declared one. A
/// unit, a label, a scale or an order may differ.
[[nodiscard]] std::vector<std::string> differences(const bourse_report& report,
                                                   const Returned& declared);

}  // namespace bourse::host
