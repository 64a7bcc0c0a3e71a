// SPDX-License-Identifier: MIT
#include "plugins/serializers/png/figure.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bourse/report.hpp"
#include "plugins/serializers/png/fonts.hpp"

namespace bourse::png {
namespace {

/// In order, each once.
std::vector<char32_t> missing_glyphs(const charting::Scene& scene) {
  std::vector<char32_t> missing;
  for (const charting::Group& group : scene.groups) {
    for (const auto& shape : group.shapes) {
      const auto* const text = std::get_if<charting::Text>(&shape);
      if (text == nullptr) continue;
      for (const char32_t c : without_glyph(text->text, text->font.weight)) missing.push_back(c);
    }
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  return missing;
}

/// "No installed font has U+5B89, U+5E01 and 3 more: ..."
std::string missing_text(const std::vector<char32_t>& missing) {
  constexpr std::size_t kShown = 4;
  std::string text = "No installed font has ";
  for (std::size_t i = 0; i < std::min(missing.size(), kShown); ++i) {
    std::array<char, 16> code;
    std::snprintf(code.data(), code.size(), "%sU+%04X", i == 0 ? "" : ", ",
                  static_cast<unsigned>(missing[i]));
    text += code.data();
  }
  if (missing.size() > kShown) text += " and " + std::to_string(missing.size() - kShown) + " more";
  return text +
         ": boxes stand for them. On the server, install a font that has them, such as fonts-noto.";
}

/// The report with one note more, first of its level. Borrows the report and the text.
class WithNote {
 public:
  WithNote(const bourse_report& report, std::string_view code, std::string_view text)
      : note_{sizeof note_, BOURSE_LEVEL_WARN, borrow(code), borrow(text)}, report_(report) {
    notes_.push_back(&note_);
    notes_.insert(notes_.end(), report.notes, report.notes + report.n_notes);
    report_.notes = notes_.data();
    report_.n_notes = notes_.size();
  }
  WithNote(const WithNote&) = delete;
  WithNote& operator=(const WithNote&) = delete;
  [[nodiscard]] const bourse_report& wire() const noexcept { return report_; }

 private:
  bourse_note note_;
  bourse_report report_;
  std::vector<const bourse_note*> notes_;
};

}  // namespace

charting::Scene figure_of(const bourse_report& report, const charting::SceneOptions& options) {
  charting::Scene scene = build_scene(report, options);
  const std::vector<char32_t> missing = missing_glyphs(scene);
  if (missing.empty()) return scene;
  const std::string text = missing_text(missing);
  return build_scene(WithNote(report, "glyphs_missing", text).wire(), options);
}

}  // namespace bourse::png
