// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/heading.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bourse/render.hpp"
#include "bourse/report.hpp"
#include "plugins/serializers/charting/time_ticks.hpp"

namespace bourse::charting {
namespace {

constexpr Ink kText{Role::kText}, kMuted{Role::kMuted}, kWarning{Role::kWarning};
constexpr std::size_t kNotesShown = 2;

std::string title_of(const bourse_report& report) {
  std::string title = clean_text(view(report.title));
  return title.empty() ? clean_text(view(report.component)) : title;
}

struct Note {
  std::int32_t level;
  std::string text;
};

/// Numbers that are left out of the picture because they are not finite.
std::optional<std::string> not_finite(const bourse_report& report) {
  NotFinite found;
  for (std::size_t i = 0; i < report.n_tables; ++i) found.add(TableView(*report.tables[i]));
  return found.text();
}

/// What people should see, the gravest first. Debugging notes are for programs.
std::vector<Note> notes_of(const bourse_report& report) {
  std::vector<Note> notes;
  if (auto text = not_finite(report)) notes.push_back({NotFinite::kLevel, std::move(*text)});
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    const bourse_note& note = *report.notes[i];
    if (note.level < BOURSE_LEVEL_INFO) continue;
    std::string text = clean_text(view(note.text));
    notes.push_back({note.level, text.empty() ? clean_text(view(note.code)) : std::move(text)});
  }
  std::stable_sort(notes.begin(), notes.end(),
                   [](const Note& a, const Note& b) { return a.level > b.level; });
  return notes;
}

void draw_title(Canvas& canvas, const Style& style, const bourse_report& report, Rect line) {
  const double y = Canvas::baseline(line.center().y, style.title);
  double room = line.width;
  if (report.as_of != 0) {
    const std::string as_of = "as of " + format_time(report.as_of);
    const double width = text_width(as_of, style.font);
    if (width + style.gap * 2 < line.width / 2) {
      canvas.text(as_of, style.font, kMuted, {line.right(), y}, Anchor::kEnd, width + 1);
      room -= width + style.gap * 2;
    }
  }
  canvas.text(title_of(report), style.title, kText, {line.x, y}, Anchor::kStart, room);
}

void draw_note(Canvas& canvas, const Style& style, const Note& note, Rect line, std::size_t more) {
  const bool warning = note.level >= BOURSE_LEVEL_WARN;
  const std::string rest = more > 0 ? "+" + std::to_string(more) + " notes" : "";
  const double reserved = rest.empty() ? 0 : text_width(rest, style.font) + style.gap;
  const double mark = style.font.size * 0.25;
  canvas.box(warning ? kWarning : kMuted, {line.x, line.y + 2, mark, line.height - 4});
  const double x = line.x + mark * 3, y = Canvas::baseline(line.center().y, style.font);
  const double used = canvas.text(note.text, style.font, warning ? kWarning : kMuted, {x, y},
                                  Anchor::kStart, line.right() - x - reserved);
  if (more > 0) {
    canvas.text(rest, style.font, kMuted, {x + used + style.gap, y}, Anchor::kStart,
                line.right() - x - used - style.gap);
  }
}

}  // namespace

Rect draw_heading(Canvas& canvas, const Style& style, const bourse_report& report, Rect frame) {
  canvas.clip(std::nullopt);
  double y = frame.y;
  const double bottom = frame.y + frame.height * 0.4;
  if (const double height = std::ceil(style.title.size * 1.3); y + height <= bottom) {
    draw_title(canvas, style, report, {frame.x, y, frame.width, height});
    y += height + style.gap * 0.4;
  }
  const auto notes = notes_of(report);
  const std::size_t shown = std::min(notes.size(), kNotesShown);
  for (std::size_t i = 0; i < shown && y + style.line <= bottom; ++i) {
    const bool last = i + 1 == shown || y + 2 * style.line > bottom;
    draw_note(canvas, style, notes[i], {frame.x, y, frame.width, style.line},
              last ? notes.size() - i - 1 : 0);
    y += style.line;
  }
  y += style.gap * 0.6;
  return {frame.x, y, frame.width, std::max(0.0, frame.bottom() - y)};
}

}  // namespace bourse::charting
