// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_assets.hpp"

#include <openssl/evp.h>

#include <array>

#include "bourse/report.hpp"
#include "plugins/serializers/charting/svg.hpp"

namespace bourse::html {

std::string source_hash(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int bytes = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &bytes, EVP_sha256(), nullptr) != 1) {
    throw Error(BOURSE_INTERNAL, "no_sha256", "OpenSSL could not compute a SHA-256 digest");
  }
  std::array<unsigned char, 4 * (EVP_MAX_MD_SIZE / 3 + 1) + 1> base64;
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(bytes));
  return "sha256-" + std::string(base64.begin(), base64.begin() + length);
}

Assets::Assets() : style_(kPageStyle), script_(kPageScript) {
  using charting::ink_rules;
  using charting::Theme;
  style_ += ink_rules(Theme::kLight);
  // As page.css has it: dark on screens that ask for it, or where the page is told to be.
  style_ += "@media screen and (prefers-color-scheme: dark) {\n" +
            ink_rules(Theme::kDark, ":root:not(.light) ") + "}\n";
  style_ += "@media screen {\n" + ink_rules(Theme::kDark, ".dark ") + "}\n";
  policy_ = "default-src 'none'; style-src '" + source_hash(style_) + "'; script-src '" +
            source_hash(script_) +
            "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'";
}

}  // namespace bourse::html
