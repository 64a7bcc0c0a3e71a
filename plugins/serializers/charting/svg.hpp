// SPDX-License-Identifier: MIT
//
// A scene as SVG for the inside of an HTML page, and its colours as rules of a style sheet; or as a
// file of its own that has them.
//
// Inks are classes that set `color`, which shapes take as currentColor: a page turns from light to
// dark without another picture. There are no style attributes, scripts, links or outer files, so
// the strictest content policy lets it pass.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bourse/text.hpp"
#include "plugins/serializers/charting/scene.hpp"

namespace bourse::charting {

/// An <svg role="img"> named by its title and description. `id` must be a name that no other
/// element of the page starts with: what is referred to inside is called "ID-...". It has a
/// viewBox, no width and no height: these are for the style sheet. Font and size of letters come
/// from the page and the scene. Deterministic; coordinates to a hundredth.
void append_svg(const Scene& scene, std::string_view id, BlockBuffer& out);

/// What a file has that a page gives to a picture inside it. All rules are for elements below the
/// class of the <svg>: files may stand side by side in a page of somebody else.
struct SvgFile {
  std::string name;   ///< the class
  std::string style;  ///< the text of the style sheet

  /// Of one theme, or without one light and, on screens that ask for it, dark.
  static SvgFile of(std::optional<Theme> theme);
};

/// As append_svg, with width, height, class and style sheet. Its identifiers begin with "bourse-"
/// and a number that is made of what it shows.
void append_svg_file(const Scene& scene, const SvgFile& file, BlockBuffer& out);

/// The class of an ink, opacity aside: "ink-up", "ink-series-3".
std::string ink_class(Ink ink);

/// A rule for each ink that a scene can hold, ".ink-up{color:#00916a}", each on its own line and
/// with `scope` in front of its selectors. Inks of one colour share a rule.
std::string ink_rules(Theme theme, std::string_view scope = {});

}  // namespace bourse::charting
