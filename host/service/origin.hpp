// SPDX-License-Identifier: MIT
//
// Whether a request that changes something was meant by who sent it: a page of somebody else makes
// a browser send requests to where only the browser's user can reach.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "host/base/failure.hpp"
#include "host/http/message.hpp"

namespace bourse::host {

/// Why it may not pass, 403 "foreign_request"; nothing when it may: its Host is a loopback address,
/// "localhost" or one of `listed` (the addresses that are listened on, without ports; any address,
/// where one is "0.0.0.0" or "::"), its Origin, if any, is that Host, and its Sec-Fetch-Site, if
/// any, is "none" or "same-origin". What is no browser sends only Host; who came by a unix socket,
/// where no browser goes, may write any. REQUIRES: the front has refused a request with two of
/// them.
[[nodiscard]] std::optional<Failure> foreign(const Request& request,
                                             std::span<const std::string> listed);

}  // namespace bourse::host
