// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_assets.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "plugins/serializers/charting/source_hash.hpp"
#include "plugins/serializers/charting/theme.hpp"

namespace bourse::html {
namespace {

using charting::source_hash;

TEST(HtmlAssets, ThePolicyAllowsNothingButTheStyleAndTheScript) {
  const Assets assets;
  EXPECT_EQ(assets.policy(""), "default-src 'none'; style-src '" + source_hash(assets.style()) +
                                   "'; script-src '" + source_hash(assets.script()) +
                                   "'; connect-src 'self'; img-src data:; base-uri 'none'; "
                                   "form-action 'self'; frame-ancestors 'none'");
}

TEST(HtmlAssets, APageMayHaveStyleOfItsOwn) {
  const Assets assets;
  EXPECT_NE(assets.policy("abc").find("; style-src '" + source_hash(assets.style()) +
                                      "' 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='; "),
            std::string::npos);
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

// ---- contrast -----------------------------------------------------------------------------------

/// "--dim: #8a93a3" of one rule.
std::map<std::string, charting::Color> inks_of(const std::string& rule) {
  std::map<std::string, charting::Color> out;
  for (std::size_t at = 0; (at = rule.find("--", at)) != std::string::npos; at += 2) {
    const std::size_t colon = rule.find(": #", at);
    const auto value = std::stoul(rule.substr(colon + 3, 6), nullptr, 16);
    out[rule.substr(at + 2, colon - at - 2)] = {static_cast<std::uint8_t>(value >> 16U),
                                                static_cast<std::uint8_t>(value >> 8U),
                                                static_cast<std::uint8_t>(value)};
  }
  return out;
}

TEST(HtmlAssets, AllInksOfThePageAreReadableOnBothOfItsGrounds) {
  const std::string style(kPageStyle);
  std::size_t rules = 0;
  for (std::size_t at = 0; (at = style.find("--page:", at)) != std::string::npos; ++at) {
    const auto inks = inks_of(style.substr(at, style.find('}', at) - at));
    for (const char* ground : {"page", "raised"}) {
      for (const char* ink : {"text", "muted", "link", "ok", "warning", "error", "dim"}) {
        EXPECT_GE(charting::contrast(inks.at(ink), inks.at(ground)), 4.5)
            << ink << " on " << ground << " of rule " << rules;
      }
    }
    ++rules;
  }
  EXPECT_EQ(rules, 3U) << "light, dark by the system, dark by the address";
}

}  // namespace
}  // namespace bourse::html
