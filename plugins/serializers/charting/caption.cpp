// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/caption.hpp"

namespace bourse::charting {

std::string caption_text(const std::vector<std::string>& not_drawn) {
  std::string out;
  for (const std::string& what : not_drawn) out += (out.empty() ? "Not drawn: " : "; ") + what;
  return out;
}

Rect caption_rect(const Style& style, const Pane& pane, Rect legend, double height) {
  constexpr double kLines = 5;  // of a pane, with at least two and a half for its plot
  const bool shown = !pane.not_drawn.empty() && height >= kLines * style.line;
  return {legend.x, legend.bottom(), legend.width, shown ? style.line : 0};
}

void draw_caption(Canvas& canvas, const Style& style, const Pane& pane, Rect line) {
  if (line.empty()) return;
  canvas.text(caption_text(pane.not_drawn), style.font, {Role::kWarning},
              {line.x, Canvas::baseline(line.center().y, style.font)}, Anchor::kStart, line.width);
}

}  // namespace bourse::charting
