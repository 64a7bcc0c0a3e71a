// SPDX-License-Identifier: MIT
//
// The exchange's switches over HTTP, below /_fake/, for people, shells and tests in other
// languages. Reading is GET; what changes anything is POST, with parameters in the query or as a
// form. Answers are JSON but for the list of commands at /_fake/ itself.
#pragma once

#include "tests/exchange/delivery.hpp"

namespace bourse::fake_exchange {

class Exchange;

[[nodiscard]] bool is_admin(const Request& request);
/// Called on the threads of connections.
[[nodiscard]] Response administer(Exchange& exchange, const Request& request);

}  // namespace bourse::fake_exchange
