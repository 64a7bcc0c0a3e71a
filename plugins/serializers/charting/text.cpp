// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace bourse::charting {
namespace {

// ---- widths -------------------------------------------------------------------------------------

constexpr char32_t kAsciiFirst = 0x20, kAsciiEnd = 0x7F, kLatinFirst = 0xA0, kLatinEnd = 0x100;
using Widths = std::array<std::uint16_t, (kAsciiEnd - kAsciiFirst) + (kLatinEnd - kLatinFirst)>;

// Advances of DejaVu Sans 2.37 in thousandths of the em, rounded up: U+0020..7E, U+00A0..FF.
// clang-format off
constexpr Widths kRegularWidths = {{
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361, 318, 337, 637, 637, 637,
    637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 531, 1000, 685, 687, 699, 771,
    632, 576, 775, 752, 295, 295, 656, 558, 863, 749, 788, 604, 788, 695, 635, 611, 732, 685, 989,
    686, 611, 686, 391, 337, 391, 838, 500, 500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278,
    580, 278, 975, 634, 612, 635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637,
    838, 318, 401, 637, 637, 637, 637, 337, 500, 500, 1000, 472, 612, 838, 361, 1000, 500, 500,
    838, 401, 401, 500, 637, 637, 318, 500, 401, 472, 612, 970, 970, 970, 531, 685, 685, 685, 685,
    685, 685, 975, 699, 632, 632, 632, 632, 295, 295, 295, 295, 775, 749, 788, 788, 788, 788, 788,
    838, 788, 732, 732, 732, 732, 611, 605, 630, 613, 613, 613, 613, 613, 613, 982, 550, 616, 616,
    616, 616, 278, 278, 278, 278, 612, 634, 612, 612, 612, 612, 612, 838, 612, 634, 634, 634, 634,
    592, 635, 592,
}};
constexpr Widths kBoldWidths = {{
    349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 523, 838, 380, 416, 380, 366, 696, 696,
    696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 581, 1000, 774, 763, 734,
    831, 684, 684, 821, 837, 373, 373, 775, 638, 996, 837, 851, 733, 851, 771, 721, 683, 813, 774,
    1104, 771, 725, 726, 458, 366, 458, 838, 500, 500, 675, 716, 593, 716, 679, 436, 716, 712,
    343, 343, 666, 343, 1042, 712, 688, 716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583,
    712, 366, 712, 838, 349, 457, 696, 696, 637, 696, 366, 500, 500, 1000, 564, 646, 838, 416,
    1000, 500, 500, 838, 438, 438, 500, 736, 637, 380, 500, 438, 564, 646, 1036, 1036, 1036, 581,
    774, 774, 774, 774, 774, 774, 1085, 734, 684, 684, 684, 684, 373, 373, 373, 373, 838, 837,
    851, 851, 851, 851, 851, 838, 851, 813, 813, 813, 813, 725, 738, 720, 675, 675, 675, 675, 675,
    675, 1048, 593, 679, 679, 679, 679, 343, 343, 343, 343, 688, 712, 688, 688, 688, 688, 688,
    838, 688, 712, 712, 712, 712, 652, 716, 652,
}};
// clang-format on

struct Range {
  char32_t first, last;
};

template <std::size_t N>
constexpr bool within(char32_t c, const std::array<Range, N>& ranges) noexcept {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](Range r) { return r.first <= c && c <= r.last; });
}

std::uint16_t width_in_thousandths(char32_t c, Weight weight) noexcept {
  const Widths& widths = weight == Weight::kBold ? kBoldWidths : kRegularWidths;
  if (c >= kAsciiFirst && c < kAsciiEnd) return widths[c - kAsciiFirst];
  if (c >= kLatinFirst && c < kLatinEnd) {
    return widths[c - kLatinFirst + (kAsciiEnd - kAsciiFirst)];
  }
  if (is_combining(c)) return 0;
  if (c == 0x2212) return 838;                   // minus
  if (c == 0x2002 || c == 0x2013) return 500;    // en space, en dash
  if (c == 0x2026) return 1000;                  // ellipsis
  if (c >= 0x1F000) return 1350;                 // pictographs of colour fonts
  return weight == Weight::kBold ? 1330 : 1100;  // Cyrillic's widest
}

// ---- UTF-8 --------------------------------------------------------------------------------------

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kReplacementText = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

/// Marks, overrides and isolates of bidirectional text, which would reach past the label that holds
/// them, the byte order mark, and what is no character.
bool is_dropped(char32_t c) noexcept {
  static constexpr std::array<Range, 6> kDropped = {{{0x200E, 0x200F},
                                                     {0x202A, 0x202E},
                                                     {0x2060, 0x206F},
                                                     {0xFDD0, 0xFDEF},
                                                     {0xFEFF, 0xFEFF},
                                                     {0xFFF9, 0xFFFB}}};
  return within(c, kDropped) || (c & 0xFFFE) == 0xFFFE;
}

bool is_space(char32_t c) noexcept {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029;
}

}  // namespace

Character first_character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {kReplacement, 1};
  char32_t c = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {kReplacement, 1};
    c = (c << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool legal = c >= kSmallest[length] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
  return legal ? Character{c, length} : Character{kReplacement, 1};
}

bool is_combining(char32_t c) noexcept {
  static constexpr std::array<Range, 4> kCombining = {
      {{0x0300, 0x036F}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};
  return within(c, kCombining);
}

std::string clean_text(std::string_view text, std::size_t bytes_max) {
  std::string out;
  const std::string_view whole = text;
  while (!text.empty() && whole.size() - text.size() < bytes_max) {
    const auto [c, bytes] = first_character(text);
    if (is_space(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (c == kReplacement) {
      out += kReplacementText;
    } else if (!is_dropped(c)) {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

double text_width(std::string_view text, Font font) noexcept {
  std::size_t thousandths = 0;
  while (!text.empty()) {
    const auto [c, bytes] = first_character(text);
    thousandths += width_in_thousandths(c, font.weight);
    text.remove_prefix(bytes);
  }
  return static_cast<double>(thousandths) * font.size / 1000;
}

std::string fit_text(std::string_view text, Font font, double width) {
  if (text_width(text, font) <= width) return std::string(text);
  const double room = width - text_width(kEllipsis, font);
  if (room < 0) return {};
  const double per_em = font.size / 1000;
  std::string_view rest = text;
  double used = 0;
  while (!rest.empty()) {
    const auto [c, bytes] = first_character(rest);
    used += width_in_thousandths(c, font.weight) * per_em;
    if (used > room) break;
    rest.remove_prefix(bytes);
  }
  std::string out(text.substr(0, text.size() - rest.size()));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out.append(kEllipsis);
}

}  // namespace bourse::charting
