// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_assets.hpp"

#include "plugins/serializers/charting/source_hash.hpp"
#include "plugins/serializers/charting/svg.hpp"

namespace bourse::html {

using charting::source_hash;

Assets::Assets() : style_(kPageStyle), script_(kPageScript) {
  using charting::ink_rules;
  using charting::Theme;
  style_ += ink_rules(Theme::kLight);
  // As page.css has it: dark on screens that ask for it, or where the page is told to be.
  style_ += "@media screen and (prefers-color-scheme: dark) {\n" +
            ink_rules(Theme::kDark, ":root:not(.light) ") + "}\n";
  style_ += "@media screen {\n" + ink_rules(Theme::kDark, ".dark ") + "}\n";
  style_source_ = "'" + source_hash(style_) + "'";
  rest_ = "; script-src '" + source_hash(script_) +
          "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
          "frame-ancestors 'none'";
}

std::string Assets::policy(std::string_view more_style) const {
  const std::string more = more_style.empty() ? "" : " '" + source_hash(more_style) + "'";
  return "default-src 'none'; style-src " + style_source_ + more + rest_;
}

}  // namespace bourse::html
