// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_assets.hpp"

#include <gtest/gtest.h>

#include <string>

#include "plugins/serializers/charting/source_hash.hpp"

namespace bourse::html {
namespace {

TEST(HtmlAssets, ThePolicyAllowsNothingButTheStyleAndTheScript) {
  using charting::source_hash;
  const Assets assets;
  EXPECT_EQ(assets.policy(), "default-src 'none'; style-src '" + source_hash(assets.style()) +
                                 "'; script-src '" + source_hash(assets.script()) +
                                 "'; connect-src 'self'; img-src data:; base-uri 'none'; "
                                 "form-action 'self'; frame-ancestors 'none'");
}

TEST(HtmlAssets, NothingInThemEndsTheirElement) {
  const Assets assets;
  for (const std::string& text : {assets.style(), assets.script()}) {
    EXPECT_EQ(text.find("</"), std::string::npos);
    EXPECT_EQ(text.find("<!--"), std::string::npos);
    EXPECT_EQ(text.find('\r'), std::string::npos) << "a reader would change it, and its digest";
    EXPECT_GT(text.size(), 1'000U);
  }
}

TEST(HtmlAssets, TheStyleColoursChartsForBothThemes) {
  const std::string style = Assets().style();
  EXPECT_NE(style.find("\n.ink-text{"), std::string::npos);
  EXPECT_NE(style.find(".dark .ink-text"), std::string::npos);
  EXPECT_NE(style.find(":root:not(.light) .ink-text"), std::string::npos);
}

}  // namespace
}  // namespace bourse::html
