// SPDX-License-Identifier: MIT
//
// The style sheet and the script that stand in every page, and the policy that allows just these.
#pragma once

#include <string>
#include <string_view>

namespace bourse::html {

/// page.css and page.js, put into the program when it is built.
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

/// Made once; then only read, from any thread.
class Assets {
 public:
  /// Throws Error when the digests cannot be computed.
  Assets();

  [[nodiscard]] const std::string& style() const noexcept { return style_; }
  [[nodiscard]] const std::string& script() const noexcept { return script_; }
  /// Content-Security-Policy: nothing may run, load or be sent but the style, the script and what
  /// one page has of style for itself, known by their digests, and requests to the page's own
  /// origin.
  [[nodiscard]] std::string policy(std::string_view more_style) const;

 private:
  std::string style_, script_;
  std::string style_source_, rest_;  ///< of the policy
};

}  // namespace bourse::html
