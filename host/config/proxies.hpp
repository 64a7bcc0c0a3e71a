// SPDX-License-Identifier: MIT
//
//   server:
//     trusted-proxies: {from: [10.0.0.0/8, unix], header: x-forwarded-for | forwarded}
//
// Whose word is taken for who a client is; see host/base/client_address.hpp.
#pragma once

#include "host/base/client_address.hpp"
#include "host/config/document.hpp"

namespace bourse::host {

class Reader;

void read_trusted_proxies(Reader& reader, const Node& node, TrustedProxies& proxies);

}  // namespace bourse::host
