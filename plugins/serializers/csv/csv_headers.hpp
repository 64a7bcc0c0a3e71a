// SPDX-License-Identifier: MIT
//
// What a CSV file has no place for, as response headers: the notes, and where the other tables are.
// Both are plain ASCII on one line, whatever the report holds, and at most kHeaderBytesMax long:
// proxies in front refuse answers whose headers exceed a few KiB.
#pragma once

#include <cstddef>
#include <string>

#include "bourse/report.hpp"
#include "plugins/serializers/csv/csv_report.hpp"

namespace bourse::csv {

inline constexpr std::size_t kHeaderBytesMax = 2048;

/// X-Bourse-Notes, a list of RFC 8941: partial;level=warning;text="ADAUSDT was left out", ...
/// In the text, '%' and all that is not printable ASCII is percent-encoded UTF-8; a long text ends
/// in "...". Notes for which there is no room are counted at the end: more_notes;count=3. One more
/// note tells of numbers of the selection that are not finite. Empty: there is no note.
[[nodiscard]] std::string notes_header(ReportView report, Selection selection);

/// Link, RFC 8288: <?table=pairs>; rel="item"; title="Pairs", ... for what was not selected. The
/// serializer does not see the request: the reader adds the other parameters of its own. A long
/// title ends in "..."; tables for which there is no room are left out. Empty: there is nothing
/// else.
[[nodiscard]] std::string link_header(ReportView report, Selection selection);

}  // namespace bourse::csv
