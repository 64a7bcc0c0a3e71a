// SPDX-License-Identifier: MIT
//
// Answers that do not come from the exchange itself but from what stands in front of it.
#pragma once

#include "tests/exchange/delivery.hpp"

namespace bourse::fake_exchange {

/// "text/html" or JSON, with the headers that each comes with.
[[nodiscard]] Response html(int status, std::string body);
[[nodiscard]] Response json(int status, std::string body);

[[nodiscard]] Response firewall_page();
[[nodiscard]] Response geo_block();
/// A page for who accepts one, else nothing.
[[nodiscard]] Response not_found(const Request& request);
[[nodiscard]] Response proxy_page(int status);
/// What a fault of the stage kInstead answers.
[[nodiscard]] Response instead(const Fault& fault, const Request& request);
/// Whether that comes from a proxy: it costs no weight and shows none.
[[nodiscard]] bool from_proxy(FaultKind kind) noexcept;

}  // namespace bourse::fake_exchange
