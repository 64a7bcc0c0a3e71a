// SPDX-License-Identifier: MIT
#include "plugins/serializers/png/fonts.hpp"

#include <cairo-ft.h>
#include <cairo.h>
#include <fontconfig/fontconfig.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "plugins/serializers/png/freed_by.hpp"

namespace bourse::png {
namespace {

using charting::Weight;

constexpr const char* kFamily = "DejaVu Sans";  // the face that charting/text.cpp measures

using Face = std::unique_ptr<cairo_font_face_t, FreedBy<cairo_font_face_destroy>>;
using Pattern = std::unique_ptr<FcPattern, FreedBy<FcPatternDestroy>>;
using FontSet = std::unique_ptr<FcFontSet, FreedBy<FcFontSetDestroy>>;

/// What Cairo looks for when it is asked for the family by name, so that the first face here is the
/// one that it draws with.
Pattern wanted(Weight weight) {
  Pattern pattern(FcPatternCreate());
  if (!pattern) return nullptr;
  FcPatternAddString(pattern.get(), FC_FAMILY, reinterpret_cast<const FcChar8*>(kFamily));
  FcPatternAddInteger(pattern.get(), FC_WEIGHT,
                      weight == Weight::kBold ? FC_WEIGHT_BOLD : FC_WEIGHT_MEDIUM);
  FcPatternAddInteger(pattern.get(), FC_SLANT, FC_SLANT_ROMAN);
  FcConfigSubstitute(nullptr, pattern.get(), FcMatchPattern);
  FcDefaultSubstitute(pattern.get());
  return pattern;
}

bool says(const FcPattern* font, const char* what) {
  FcBool is = FcFalse;
  return FcPatternGetBool(font, what, 0, &is) == FcResultMatch && is == FcTrue;
}

/// Borrowed from the font; null when it does not say.
const FcCharSet* characters_of(const FcPattern* font) {
  FcCharSet* characters = nullptr;
  const bool known =
      font != nullptr && FcPatternGetCharSet(font, FC_CHARSET, 0, &characters) == FcResultMatch;
  return known ? characters : nullptr;
}

/// Joins, spaces and chooses, but is not to be seen.
bool is_invisible(char32_t c) noexcept {
  return (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c <= 0xFE0F);
}

/// The faces of one weight. [any thread]
class Faces {
 public:
  explicit Faces(Weight weight)
      : wanted_(wanted(weight)),
        first_(cairo_toy_font_face_create(
            kFamily, CAIRO_FONT_SLANT_NORMAL,
            weight == Weight::kBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)) {
    FcResult ignored = FcResultNoMatch;
    if (wanted_) matched_.reset(FcFontMatch(nullptr, wanted_.get(), &ignored));
    first_characters_ = characters_of(matched_.get());
  }

  static constexpr std::size_t kFirst = 0;

  /// The number of the face that has the character; nothing when none has.
  std::optional<std::size_t> find(char32_t c) {
    if (is_in_first(c)) return kFirst;
    std::call_once(ranked_, [this] { rank(); });
    const auto found = std::find_if(others_.begin(), others_.end(), [c](const Other& other) {
      return FcCharSetHasChar(other.characters, c) == FcTrue;
    });
    if (found == others_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - others_.begin()) + 1;
  }

  [[nodiscard]] bool has(std::size_t face, char32_t c) const {
    return face == kFirst ? is_in_first(c)
                          : FcCharSetHasChar(others_[face - 1].characters, c) == FcTrue;
  }

  /// REQUIRES: a number that find() gave.
  cairo_font_face_t* face(std::size_t number) {
    if (number == kFirst) return first_.get();
    Other& other = others_[number - 1];
    const std::lock_guard lock(mutex_);
    if (!other.face) {
      const Pattern prepared(FcFontRenderPrepare(nullptr, wanted_.get(), other.font));
      if (prepared) other.face.reset(cairo_ft_font_face_create_for_pattern(prepared.get()));
    }
    return other.face ? other.face.get() : first_.get();
  }

 private:
  struct Other {
    FcPattern* font;              ///< in sorted_
    const FcCharSet* characters;  ///< of font
    Face face = nullptr;          ///< when it was needed
  };

  /// Cairo's own letters, where no font is installed, are those of ASCII.
  [[nodiscard]] bool is_in_first(char32_t c) const {
    if (c >= 0x20 && c < 0x7F) return true;
    return first_characters_ != nullptr && FcCharSetHasChar(first_characters_, c) == FcTrue;
  }

  void rank() {
    FcResult ignored = FcResultNoMatch;
    if (wanted_) sorted_.reset(FcFontSort(nullptr, wanted_.get(), FcTrue, nullptr, &ignored));
    if (!sorted_) return;
    for (int i = 0; i < sorted_->nfont; ++i) {
      FcPattern* const font = sorted_->fonts[i];
      const FcCharSet* const characters = characters_of(font);
      // A bitmap font of one size cannot be set in another; one of colours Cairo scales.
      const bool fits = says(font, FC_SCALABLE) || says(font, FC_COLOR);
      if (characters != nullptr && fits) others_.push_back({font, characters});
    }
  }

  Pattern wanted_;
  Pattern matched_;
  const FcCharSet* first_characters_ = nullptr;  ///< of matched_; null: there is no font at all
  Face first_;
  std::once_flag ranked_;
  FontSet sorted_;  ///< after ranked_
  std::vector<Other> others_;
  std::mutex mutex_;  ///< of the faces in others_
};

Faces& faces_of(Weight weight) {
  static Faces regular(Weight::kRegular);
  static Faces bold(Weight::kBold);
  return weight == Weight::kBold ? bold : regular;
}

}  // namespace

std::vector<Run> runs_of(std::string_view text, Weight weight) {
  Faces& faces = faces_of(weight);
  std::vector<Run> runs;
  std::size_t now = Faces::kFirst;
  while (!text.empty()) {
    const auto [c, bytes] = charting::first_character(text);
    std::size_t next = now;
    const bool joins = !runs.empty() && charting::is_combining(c);
    if (!joins || !faces.has(now, c)) next = faces.find(c).value_or(Faces::kFirst);
    // Without a glyph for it the face would show a box where nothing is to be seen.
    const bool dropped = is_invisible(c) && !faces.has(now, c);
    if (!dropped) {
      if (runs.empty() || next != now) runs.push_back({.face = faces.face(next)});
      runs.back().text += text.substr(0, bytes);
      now = next;
    }
    text.remove_prefix(bytes);
  }
  return runs;
}

std::vector<char32_t> without_glyph(std::string_view text, Weight weight) {
  Faces& faces = faces_of(weight);
  std::vector<char32_t> missing;
  while (!text.empty()) {
    const auto [c, bytes] = charting::first_character(text);
    const bool known = is_invisible(c) || faces.find(c).has_value() ||
                       std::find(missing.begin(), missing.end(), c) != missing.end();
    if (!known) missing.push_back(c);
    text.remove_prefix(bytes);
  }
  return missing;
}

}  // namespace bourse::png
