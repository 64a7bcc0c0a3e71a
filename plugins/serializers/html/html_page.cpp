// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_page.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include "bourse/render.hpp"
#include "plugins/serializers/charting/format.hpp"
#include "plugins/serializers/charting/scene.hpp"
#include "plugins/serializers/charting/svg.hpp"
#include "plugins/serializers/html/html_table.hpp"
#include "plugins/serializers/html/html_text.hpp"
#include "plugins/serializers/html/html_value.hpp"

namespace bourse::html {
namespace {

// Pixels that a picture is laid out for; the page stretches them to its own width.
constexpr double kWide = 900, kNarrow = 340, kLetters = 11;

// Bytes of a value up to which it is set large, and small, in a card of the usual width.
constexpr std::size_t kLarge = 13, kSmall = 40;
// Bytes of a note from where on it may be higher than its box, and keys must reach it to scroll.
constexpr std::size_t kNoteScrolls = 300;

std::string_view class_of(Theme theme) {
  switch (theme) {
    case Theme::kLight:
      return " class=\"light\"";
    case Theme::kDark:
      return " class=\"dark\"";
    default:
      return {};
  }
}

/// How much room a single value needs.
std::string_view class_of(const bourse_value& v, const bourse_field& field) {
  std::size_t bytes = 0;
  if (v.type == BOURSE_TYPE_TEXT) {
    bytes = v.as.text.len;
  } else if (v.type == BOURSE_TYPE_TIME) {
    bytes = Style::of(v, field).time;
  } else if (const auto words = charting::formatted(v, field)) {
    bytes = words->size();
  } else if (v.type == BOURSE_TYPE_I64) {
    std::array<char, kIntegerTextMax> room;
    bytes = static_cast<std::size_t>(write_integer(room.data(), v.as.i64) - room.data());
  } else if (v.type == BOURSE_TYPE_DECIMAL) {
    std::array<char, kDecimalTextMax> room;
    const char* const end = write_decimal(room.data(), v.as.dec, v.scale);
    const auto hidden = std::max(v.scale, 0) - Style::of(v).decimals;
    bytes = static_cast<std::size_t>(end - room.data() - hidden);
  }
  if (bytes <= kLarge) return {};
  return bytes <= kSmall ? " class=\"snug\"" : " class=\"wordy\"";
}

/// Single values whose names share all but the last part.
struct Group {
  std::string_view path;  ///< "summary"; empty: names without a dot
  std::vector<const bourse_scalar*> scalars;
};

/// In the order of their first members.
std::vector<Group> groups_of(ReportView report) {
  std::vector<Group> groups;
  std::unordered_map<std::string_view, std::size_t> by_path;
  for (const bourse_scalar* scalar : report.scalars()) {
    const std::string_view name = view(scalar->field->name);
    const std::size_t dot = name.rfind('.');
    const std::string_view path = dot == std::string_view::npos ? "" : name.substr(0, dot);
    const auto [known, is_new] = by_path.try_emplace(path, groups.size());
    if (is_new) groups.push_back({path, {}});
    groups[known->second].scalars.push_back(scalar);
  }
  return groups;
}

class Writer {
 public:
  Writer(BlockBuffer& out, ReportView report, const Assets& assets, Options options,
         const std::vector<Table>& tables, std::string_view widths)
      : out_(out),
        report_(report),
        assets_(assets),
        options_(options),
        tables_(tables),
        widths_(widths) {}

  void write() {
    head();
    put("<body>\n<header>\n");
    heading();
    put("</header>\n<main>\n");
    notes();
    figures();
    charts();
    tables();
    put("</main>\n");
    footer();
    put("<script>");
    put(assets_.script());
    put("</script>\n</body>\n</html>\n");
    out_.flush();
  }

 private:
  void put(std::string_view markup) { out_.append(markup); }
  void text(std::string_view t) { append_text(out_, t); }
  void isolated(std::string_view t) { append_isolated(out_, t); }

  [[nodiscard]] std::string_view title() const {
    return report_.title().empty() ? report_.component() : report_.title();
  }

  void head() {
    put("<!DOCTYPE html>\n<html lang=\"en\"");
    put(class_of(options_.theme));
    put(">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    text(title());
    put("</title>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<style>");
    put(assets_.style());
    put("</style>\n");
    if (!widths_.empty()) {
      put("<style>");
      put(widths_);
      put("</style>\n");
    }
    put("</head>\n");
  }

  void heading() {
    put("<h1>");
    isolated(title());
    put("</h1>\n<p class=\"by\"><span>");
    isolated(report_.component());
    put("</span> ");
    const bourse_value as_of = value(report_.as_of());
    if (report_.as_of().ns == 0) {
      put("<span>Time of the data unknown</span>");
    } else {
      put("<span>As of ");
      append_value(out_, as_of, Style::of(as_of));
      put(" UTC</span>");
    }
    put("</p>\n");
    meta();
  }
  void meta() {
    if (report_.meta().empty()) return;
    put("<dl class=\"meta\">\n");
    for (const bourse_meta* m : report_.meta()) {
      put("<div><dt>");
      text(humanised(view(m->key)));
      put("</dt><dd>");
      // Parameters and identifiers: a group of digits would not help.
      if (m->value.type == BOURSE_TYPE_I64) {
        append_integer(out_, m->value.as.i64);
      } else {
        shown(m->value);
      }
      put("</dd></div>\n");
    }
    put("</dl>\n");
  }
  void shown(const bourse_value& v) {
    if (is_shown(v)) return append_value(out_, v, Style::of(v));
    put("<span class=\"none\">&ndash;</span>");
  }

  void notes() {
    const NotFinite not_finite(report_);
    const auto text = not_finite.text();
    if (report_.notes().empty() && !text) return;
    put("<section class=\"notes\" aria-labelledby=\"notes\">\n<h2 id=\"notes\">Notes</h2>\n<ul>\n");
    for (const bourse_note* n : report_.notes()) note(n->level, view(n->code), view(n->text));
    if (text) note(NotFinite::kLevel, NotFinite::kCode, *text);
    put("</ul>\n</section>\n");
  }
  void note(std::int32_t level, std::string_view code, std::string_view message) {
    put("<li class=\"");
    put(level_name(level));
    put(message.size() > kNoteScrolls ? "\" tabindex=\"0\"><strong>" : "\"><strong>");
    text(humanised(level_name(level)));
    put("</strong> <span>");
    isolated(message.empty() ? code : message);
    put("</span> <code>");
    text(code);
    put("</code></li>\n");
  }

  void figures() {
    if (report_.scalars().empty()) return;
    put("<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">Key figures</h2>\n");
    for (const Group& group : groups_of(report_)) {
      if (!group.path.empty()) path(group.path);
      put("<dl class=\"cards\">\n");
      for (const bourse_scalar* scalar : group.scalars) card(*scalar);
      put("</dl>\n");
    }
    put("</section>\n");
  }
  /// "deep.one" as "Deep › One".
  void path(std::string_view p) {
    put("<h3>");
    while (true) {
      const std::size_t dot = p.find('.');
      text(humanised(p.substr(0, dot)));
      if (dot == std::string_view::npos) break;
      put(" &rsaquo; ");
      p.remove_prefix(dot + 1);
    }
    put("</h3>\n");
  }
  void card(const bourse_scalar& scalar) {
    const std::string_view name = view(scalar.field->name), label = view(scalar.field->label);
    put("<div data-field=\"");
    put(name);
    put("\"");
    put(class_of(scalar.value, *scalar.field));
    put("><dt>");
    if (label.empty()) {
      text(humanised(name.substr(name.rfind('.') + 1)));
    } else {
      isolated(label);
    }
    put("</dt><dd>");
    if (is_shown(scalar.value)) {
      append_value(out_, scalar.value, *scalar.field, Style::of(scalar.value, *scalar.field));
    } else {
      put("<span class=\"none\">&ndash;</span>");
    }
    const std::string_view unit = card_unit(scalar);
    if (!unit.empty()) {
      put(" <span class=\"unit\">");
      isolated(unit);
      put("</span>");
    }
    put("</dd></div>\n");
  }

  static std::string_view card_unit(const bourse_scalar& scalar) {
    const std::string_view unit = unit_of(*scalar.field);
    const bool missing_time =
        scalar.field->type == BOURSE_TYPE_TIME && scalar.value.type == BOURSE_TYPE_NULL;
    return missing_time ? view(scalar.field->unit) : unit;
  }

  void charts() {
    const charting::Panels panels(report_.wire());
    if (panels.size() == 0) return;
    put("<section aria-labelledby=\"charts\">\n<h2 id=\"charts\">Charts</h2>\n");
    for (std::size_t i = 0; i < panels.size(); ++i) {
      put("<figure class=\"chart\">\n");
      picture(panels, i, "wide", kWide);
      picture(panels, i, "narrow", kNarrow);
      put("</figure>\n");
    }
    if (panels.charts_left_out() != 0) {
      put("<p>");
      append_count(out_, panels.charts_left_out());
      put(" more charts are not drawn; their numbers are in the tables.</p>\n");
    }
    put("</section>\n");
  }
  /// Drawn twice, for the width of a desk and of a hand: scaled, one would be too small to read or
  /// too large to see. The style sheet shows one.
  void picture(const charting::Panels& panels, std::size_t panel, const std::string& size,
               double width) {
    put("<div class=\"" + size + "\">");
    const double height = panels.height(panel, width);
    const charting::SceneOptions options{
        .width = width, .height = height, .em = kLetters, .scale = 1, .theme = {}};
    const std::string id = "chart-" + std::to_string(panel + 1) + "-" + size;
    charting::append_svg(panels.scene(panel, options), id, out_);
    put("</div>\n");
  }

  void tables() {
    if (tables_.empty()) return;
    put("<section aria-labelledby=\"tables\">\n<h2 id=\"tables\">Tables</h2>\n");
    for (const Table& table : tables_) table.append(out_);
    put("</section>\n");
  }

  void footer() {
    put("<footer>\n<p>A dash stands for a missing value. Amounts are exact. Statistics are shown "
        "in short; <code>digits=all</code>, and every format for programs, has all of them.</p>\n"
        "<p id=\"formats\">The same report for programs: in the formats that this address offers, "
        "by <code>?format=</code> or <code>Accept</code>.</p>\n</footer>\n");
  }

  BlockBuffer& out_;
  ReportView report_;
  const Assets& assets_;
  Options options_;
  const std::vector<Table>& tables_;
  std::string_view widths_;
};

}  // namespace

Page::Page(ReportView report, const Assets& assets, Options options)
    : report_(report), assets_(assets), options_(options) {
  tables_.reserve(report.tables());
  for (std::size_t i = 0; i < report.tables(); ++i) {
    widths_ += tables_.emplace_back(report.table(i), options.tables).widths();
  }
}

std::string Page::policy() const { return assets_.policy(widths_); }

void Page::write(BlockBuffer& out) const {
  Writer(out, report_, assets_, options_, tables_, widths_).write();
}

}  // namespace bourse::html
