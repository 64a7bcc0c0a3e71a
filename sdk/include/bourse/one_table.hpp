// SPDX-License-Identifier: MIT
//
// one_table.hpp - for formats that hold one table: which one of a report, and what has no place in
// it as response headers.
//
//   const Known known(given);
//   const auto chosen = OneTable::of(known.report(), values.maybe<std::string_view>("table"));
//   say_in_headers(call, known.report(), chosen);
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/call.hpp"
#include "bourse/render.hpp"
#include "bourse/report.hpp"

namespace bourse::inline sdk_0_1 {

/// A table of a report, or its single values as a table of name, value and unit.
class OneTable {
 public:
  /// What stands for the single values where a table is asked for by name.
  static constexpr std::string_view kValues = "values";

  /// By name; without one the first table, or the single values of a report that has no table.
  /// Throws Error(BOURSE_NOT_FOUND, "table_not_found") that lists what there is.
  static OneTable of(ReportView report, std::optional<std::string_view> name);

  /// Index in the report; nothing: the single values.
  [[nodiscard]] std::optional<std::size_t> table() const noexcept { return table_; }

 private:
  explicit OneTable(std::optional<std::size_t> table) : table_(table) {}
  std::optional<std::size_t> table_;
};

/// Of either header: proxies in front refuse answers whose headers exceed a few KiB.
inline constexpr std::size_t kHeaderBytesMax = 2048;

/// For X-Bourse-Notes, a list of RFC 8941: partial;level=warning;text="ADAUSDT was left out", ...
/// Plain ASCII on one line, whatever the report holds. In the text, '%' and all that is not
/// printable ASCII is percent-encoded UTF-8; a long text ends in "...". Notes for which there is no
/// room are counted at the end: more_notes;count=3. One more note tells of numbers of the selection
/// that are not finite, unless the format shows those as they are. Empty: there is no note.
[[nodiscard]] std::string notes_header(ReportView report, OneTable selection,
                                       bool shows_not_finite = false);

/// For Link, RFC 8288: <?table=pairs>; rel="item"; title="Pairs", ... for what was not selected,
/// plain ASCII on one line. A serializer does not see the request: the host adds its other
/// parameters. A long title ends in "..."; tables for which there is no room are left out. Empty:
/// there is nothing else.
[[nodiscard]] std::string link_header(ReportView report, OneTable selection);

namespace detail::one_table {

inline constexpr std::size_t kNoteTextMax = 300;  // bytes, before encoding
inline constexpr std::size_t kTitleMax = 100;     // the same
inline constexpr std::size_t kCountMax = 32;      // room for ", more_notes;count=1000"

inline void append_percent(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

inline bool is_printable(char c) { return c >= ' ' && c <= '~'; }

/// A quoted string, percent-encoded where a header cannot hold the bytes.
inline void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '%' || !is_printable(c)) {
      append_percent(out, c);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

/// The text, or its start and "..."; never ends inside a character.
inline std::string shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "...";
}

inline std::string note_item(std::int32_t level, std::string_view code, std::string_view text) {
  std::string item(code);  // [a-z][a-z0-9_]*: a token of RFC 8941
  item.append(";level=").append(level_name(level)).append(";text=");
  append_quoted(item, shortened(text, kNoteTextMax));
  return item;
}

inline NotFinite not_finite_of(ReportView report, OneTable selection) {
  NotFinite found;
  if (const auto table = selection.table()) {
    found.add(report.table(*table));
  } else {
    for (const bourse_scalar* scalar : report.scalars()) found.add(*scalar);
  }
  return found;
}

/// title="Pairs", or as RFC 8187 says where it is not printable ASCII.
inline void append_title(std::string& out, std::string_view title) {
  if (std::all_of(title.begin(), title.end(), is_printable)) {
    out += "; title=\"";
    for (const char c : title) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
    return;
  }
  out += "; title*=UTF-8''";
  for (const char c : title) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
}

inline std::string link_item(std::string_view table, std::string_view title) {
  std::string item = "<?table=";
  item.append(table).append(">; rel=\"item\"");
  if (!title.empty()) append_title(item, shortened(title, kTitleMax));
  return item;
}

inline std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += ", ";
    out += item;
  }
  return out;
}

/// Keeps the items that fit from the front; returns how many it took away.
inline std::size_t keep_what_fits(std::vector<std::string>& items, std::size_t bytes_max) {
  std::size_t bytes = 0, kept = 0;
  for (; kept < items.size(); ++kept) {
    bytes += items[kept].size() + 2;
    if (bytes > bytes_max) break;
  }
  const std::size_t rest = items.size() - kept;
  items.resize(kept);
  return rest;
}

[[noreturn]] inline void refuse_table(ReportView report, std::string_view name) {
  constexpr std::size_t kShown = 20;
  std::string message = "There is no table " + std::string(name) + " in this report. It has: ";
  for (std::size_t i = 0; i < report.tables() && i < kShown; ++i) {
    message.append(report.table(i).name()).append(", ");
  }
  if (report.tables() > kShown) {
    message += std::to_string(report.tables() - kShown) + " more, ";
  }
  message += "values (its single values).";
  throw Error(BOURSE_NOT_FOUND, "table_not_found", std::move(message)).blame("table");
}

}  // namespace detail::one_table

inline OneTable OneTable::of(ReportView report, std::optional<std::string_view> name) {
  if (!name) return OneTable(report.tables() == 0 ? std::nullopt : std::optional<std::size_t>(0));
  if (*name == kValues) return OneTable(std::nullopt);
  for (std::size_t i = 0; i < report.tables(); ++i) {
    if (report.table(i).name() == *name) return OneTable(i);
  }
  detail::one_table::refuse_table(report, *name);
}

inline std::string notes_header(ReportView report, OneTable selection, bool shows_not_finite) {
  std::vector<std::string> items;
  // First, as it is about the very bytes that follow.
  const auto text =
      shows_not_finite ? std::nullopt : detail::one_table::not_finite_of(report, selection).text();
  if (text) {
    items.push_back(detail::one_table::note_item(NotFinite::kLevel, NotFinite::kCode, *text));
  }
  for (const bourse_note* note : report.notes()) {
    items.push_back(detail::one_table::note_item(note->level, view(note->code), view(note->text)));
  }
  if (const std::size_t rest =
          detail::one_table::keep_what_fits(items, kHeaderBytesMax - detail::one_table::kCountMax);
      rest != 0) {
    items.push_back("more_notes;count=" + std::to_string(rest));
  }
  return detail::one_table::joined(items);
}

inline std::string link_header(ReportView report, OneTable selection) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < report.tables(); ++i) {
    if (selection.table() == i) continue;
    const TableView table = report.table(i);
    if (table.name() == OneTable::kValues) continue;  // that name asks for the single values
    items.push_back(detail::one_table::link_item(table.name(), table.label()));
  }
  if (selection.table() && !report.scalars().empty())
    items.push_back(detail::one_table::link_item(OneTable::kValues, "Values"));
  detail::one_table::keep_what_fits(items, kHeaderBytesMax);
  return detail::one_table::joined(items);
}

/// Both, as far as there is something to say. Before the first byte is written.
inline void say_in_headers(const Call& call, ReportView report, OneTable selection,
                           bool shows_not_finite = false) {
  const std::string notes = notes_header(report, selection, shows_not_finite);
  const std::string links = link_header(report, selection);
  if (!notes.empty()) call.header("X-Bourse-Notes", notes);
  if (!links.empty()) call.header("Link", links);
}

}  // namespace bourse::inline sdk_0_1
