// SPDX-License-Identifier: MIT
#include "plugins/serializers/csv/csv_headers.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "bourse/render.hpp"
#include "bourse/text.hpp"

namespace bourse::csv {
namespace {

constexpr std::size_t kNoteTextMax = 300;  // bytes, before encoding
constexpr std::size_t kTitleMax = 100;     // the same
constexpr std::size_t kCountMax = 32;      // room for ", more_notes;count=1000"

void append_percent(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

/// A quoted string, percent-encoded where a header cannot hold the bytes.
void append_quoted(std::string& out, std::string_view text) {
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
std::string shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string note_item(std::int32_t level, std::string_view code, std::string_view text) {
  std::string item(code);  // [a-z][a-z0-9_]*: a token of RFC 8941
  item.append(";level=").append(level_name(level)).append(";text=");
  append_quoted(item, shortened(text, kNoteTextMax));
  return item;
}

NotFinite not_finite_of(ReportView report, Selection selection) {
  NotFinite found;
  if (const auto table = selection.table()) {
    found.add(report.table(*table));
  } else {
    for (const bourse_scalar* scalar : report.scalars()) found.add(*scalar);
  }
  return found;
}

/// title="Pairs", or as RFC 8187 says where it is not printable ASCII.
void append_title(std::string& out, std::string_view title) {
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

std::string link_item(std::string_view table, std::string_view title) {
  std::string item = "<?table=";
  item.append(table).append(">; rel=\"item\"");
  if (!title.empty()) append_title(item, shortened(title, kTitleMax));
  return item;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += ", ";
    out += item;
  }
  return out;
}

/// Keeps the items that fit from the front; returns how many it took away.
std::size_t keep_what_fits(std::vector<std::string>& items, std::size_t bytes_max) {
  std::size_t bytes = 0, kept = 0;
  for (; kept < items.size(); ++kept) {
    bytes += items[kept].size() + 2;
    if (bytes > bytes_max) break;
  }
  const std::size_t rest = items.size() - kept;
  items.resize(kept);
  return rest;
}

}  // namespace

std::string notes_header(ReportView report, Selection selection) {
  std::vector<std::string> items;
  // First, as it is about the very bytes that follow.
  if (const auto text = not_finite_of(report, selection).text()) {
    items.push_back(note_item(NotFinite::kLevel, NotFinite::kCode, *text));
  }
  for (const bourse_note* note : report.notes()) {
    items.push_back(note_item(note->level, view(note->code), view(note->text)));
  }
  if (const std::size_t rest = keep_what_fits(items, kHeaderBytesMax - kCountMax); rest != 0) {
    items.push_back("more_notes;count=" + std::to_string(rest));
  }
  return joined(items);
}

std::string link_header(ReportView report, Selection selection) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < report.tables(); ++i) {
    if (selection.table() == i) continue;
    const TableView table = report.table(i);
    if (table.name() == kValues) continue;  // that name asks for the single values
    items.push_back(link_item(table.name(), table.label()));
  }
  if (selection.table() && !report.scalars().empty()) items.push_back(link_item(kValues, "Values"));
  keep_what_fits(items, kHeaderBytesMax);
  return joined(items);
}

}  // namespace bourse::csv
