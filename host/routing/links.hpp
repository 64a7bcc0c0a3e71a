// SPDX-License-Identifier: MIT
//
// Links of a serializer, made whole for the request that is answered.
//
// A serializer knows its report and not the request: what it renders is kept, and answers requests
// of other addresses as well. So its links name what differs, `<?table=pairs>`, and the rest of the
// query is the request's own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bourse::host {

/// Of a header Link, which clients and those in between take without a second thought.
inline constexpr std::size_t kLinkBytesMax = 4096;

/// A value of the header Link (RFC 8288) whose targets that begin with "?" have the parameters of
/// `query` ("format=csv&limit=5", encoded) in front, but for those that they name themselves. Such
/// a target has no path, so that it holds behind any prefix (RFC 3986, section 5.3). Links from the
/// front, as far as kLinkBytesMax goes; what is no list of links stays as it is.
[[nodiscard]] std::string links_of_request(std::string_view links, std::string_view query);

}  // namespace bourse::host
