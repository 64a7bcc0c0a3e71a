// SPDX-License-Identifier: MIT
//
// The built plugin. What is in the files is checked by an independent reader (check_png.py).
#include <fontconfig/fontconfig.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "plugins/serializers/charting/scene.hpp"
#include "plugins/serializers/png/encode.hpp"
#include "plugins/serializers/png/figure.hpp"
#include "plugins/serializers/png/fonts.hpp"
#include "plugins/serializers/png/paint.hpp"
#include "tests/plugins/serializers/charting/sample_reports.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/plugins/serializers/streaming.hpp"

namespace bourse::png {
namespace {

using test::Component;

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = (out << 8) | static_cast<unsigned char>(bytes[at + i]);
  return out;
}

std::string render(const Component& png, const test::ReportPtr& report,
                   const test::Texts& params = {}) {
  const auto bytes = png.render(report->wire(), params);
  EXPECT_TRUE(bytes.ok()) << (bytes.ok() ? "" : bytes.failure().message);
  return bytes.ok() ? *bytes : std::string();
}

TEST(Png, SaysWhatItIs) {
  const Component png("png.so", "png");
  EXPECT_STREQ(png.wire().media_type, "image/png");
  EXPECT_STREQ(png.wire().suffix, "png");
}

TEST(Png, HasTheSizeThatWasAskedFor) {
  const Component png("png.so", "png");
  const auto report = test::statistics_sample(5);
  struct Case {
    test::Texts params;
    std::uint32_t width, height;
  };
  for (const Case& c : {Case{{}, 1200, 800}, Case{{{"width", "400"}, {"height", "300"}}, 400, 300},
                        Case{{{"width", "333"}, {"height", "101"}, {"scale", "1.5"}}, 500, 152},
                        Case{{{"width", "100"}, {"height", "100"}, {"scale", "0.5"}}, 50, 50},
                        Case{{{"width", "600"}, {"height", "400"}, {"scale", "4"}}, 2400, 1600}}) {
    const std::string bytes = render(png, report, c.params);
    ASSERT_GT(bytes.size(), 33U);
    EXPECT_EQ(bytes.substr(0, 8), kSignature);
    EXPECT_EQ(number_at(bytes, 16), c.width);
    EXPECT_EQ(number_at(bytes, 20), c.height);
  }
}

TEST(Png, TheSameReportGivesTheSameBytes) {
  const Component png("png.so", "png");
  const auto report = test::technical_sample({.rows = 200});
  const std::string first = render(png, report);
  EXPECT_EQ(first, render(png, report));
  const Component again("png.so", "png");
  EXPECT_EQ(first, render(again, test::technical_sample({.rows = 200})));
}

std::size_t parts_of(const charting::Scene& scene) {
  std::size_t parts = 0;
  for (const charting::Group& group : scene.groups) {
    for (const charting::Shape& shape : group.shapes) {
      ++parts;
      if (const auto* const strokes = std::get_if<charting::Strokes>(&shape)) {
        parts += strokes->lines.size();
      }
      if (const auto* const dots = std::get_if<charting::Dots>(&shape)) {
        parts += dots->centers.size() / 1024;
      }
    }
  }
  return parts;
}

// Whoever has left is drawn for no longer than a shape takes, a line of it, or a thousand dots.
TEST(Paint, AsksBetweenAllPartsWhetherTheyAreStillWanted) {
  for (const auto& report : {test::technical_sample({.rows = 300}), test::points_sample(5'000)}) {
    const charting::Scene scene = figure_of(report->wire(), {});
    std::size_t asked = 0;
    const Image whole = paint(scene, 1, {}, [&] { ++asked; });
    EXPECT_EQ(asked, parts_of(scene));
    EXPECT_EQ(whole.bytes, paint(scene, 1).bytes);
    struct Gone {};
    for (const std::size_t last : {std::size_t{1}, asked / 2, asked}) {
      std::size_t until = 0;
      EXPECT_THROW(paint(scene, 1, {},
                         [&] {
                           if (++until == last) throw Gone{};
                         }),
                   Gone);
      EXPECT_EQ(until, last);
    }
  }
}

TEST(Png, StopsWhereverItIsToldTo) {
  using bourse::value;
  const Component png("png.so", "png");
  const auto report = test::technical_sample({.rows = 300});
  const auto drawn = [&](std::size_t cancel_at) {
    return test::stream(
        png, report->wire(),
        {value(std::int64_t{1200}), value(std::int64_t{800}), value(1.0), value("light")},
        cancel_at);
  };
  const test::Streamed all = drawn(0);
  EXPECT_EQ(all.status, BOURSE_OK);
  EXPECT_EQ(all.writes, 1U);
  // Of charts that are read and series that are drawn, each twice where a glyph is missing; of
  // shapes; and once before the file is written.
  charting::SceneOptions options;
  std::size_t built = 0;
  options.between = [&] { ++built; };
  const std::size_t parts = parts_of(figure_of(report->wire(), options));
  EXPECT_GT(built, report->wire().n_charts);
  EXPECT_EQ(all.polls, built + parts + 2);
  for (std::size_t at = 1; at <= all.polls; at += 7) {
    const test::Streamed cut = drawn(at);
    EXPECT_EQ(cut.status, BOURSE_CANCELLED) << at;
    EXPECT_EQ(cut.polls, at) << "it asks no second time, and draws nothing more";
    EXPECT_EQ(cut.writes, 0U) << at;
  }
}

TEST(Png, LightAndDarkDiffer) {
  const Component png("png.so", "png");
  const auto report = test::technical_sample({.rows = 20});
  EXPECT_EQ(render(png, report), render(png, report, {{"theme", "light"}}));
  EXPECT_NE(render(png, report), render(png, report, {{"theme", "dark"}}));
}

TEST(Png, ParametersOutOfBoundsAreRefusedByName) {
  const Component png("png.so", "png");
  const auto report = test::statistics_sample(2);
  for (const auto& [name, text] : test::Texts{{"width", "99"},
                                              {"width", "4001"},
                                              {"height", "0"},
                                              {"scale", "0.4"},
                                              {"scale", "4.1"},
                                              {"scale", "nan"},
                                              {"theme", "sepia"}}) {
    const auto bytes = png.render(report->wire(), {{name, text}});
    ASSERT_FALSE(bytes.ok()) << name << "=" << text;
    EXPECT_EQ(bytes.failure().status, BOURSE_BAD_PARAM);
    EXPECT_EQ(bytes.failure().parameter, name);
  }
}

TEST(Png, AnImageThatIsTooLargeIsRefusedWithTheRemedy) {
  const Component png("png.so", "png");
  const auto report = test::statistics_sample(2);
  const auto bytes =
      png.render(report->wire(), {{"width", "4000"}, {"height", "2001"}, {"scale", "2"}});
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.failure().status, BOURSE_BAD_PARAM);
  EXPECT_EQ(bytes.failure().code, "image_too_large");
  EXPECT_EQ(bytes.failure().parameter, "scale");
  EXPECT_NE(bytes.failure().message.find("32016000 pixels"), std::string::npos);
  EXPECT_NE(bytes.failure().message.find("smaller"), std::string::npos);
}

TEST(Png, EverySampleAndHostileReportIsDrawn) {
  const Component png("png.so", "png");
  for (const auto& [name, report] : test::all_samples()) {
    EXPECT_GT(render(png, report, {{"width", "600"}, {"height", "400"}}).size(), 500U) << name;
  }
  EXPECT_GT(render(png, test::kitchen_sink()).size(), 500U);
  EXPECT_GT(render(png, test::empty_report()).size(), 500U);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto report = test::hostile_sample(seed);
    render(png, report, {{"width", seed % 2 == 0 ? "300" : "900"}, {"height", "300"}});
  }
}

TEST(Png, EightThreadsDrawTheSameAsOne) {
  const Component png("png.so", "png");
  std::vector<test::ReportPtr> reports = {test::technical_sample({.rows = 120}),
                                          test::correlation_sample(8), test::depth_sample(100),
                                          test::card_sample()};
  const test::Texts params = {{"width", "500"}, {"height", "350"}};
  std::vector<std::string> expected;
  for (const auto& report : reports) expected.push_back(render(png, report, params));
  std::vector<int> wrong(8, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 8; ++i) {
        const std::size_t which = (t + i) % reports.size();
        const auto bytes = png.render(reports[which]->wire(), params);
        if (!bytes.ok() || *bytes != expected[which]) ++wrong[t];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(8, 0));
}

// ---- painting -----------------------------------------------------------------------------------

using charting::Anchor;
using charting::Boxes;
using charting::Group;
using charting::Role;
using charting::Scene;
using charting::Text;

Scene blank(double width, double height) {
  Scene scene;
  scene.width = width;
  scene.height = height;
  scene.groups.emplace_back().shapes.emplace_back(
      Boxes{{Role::kBackground}, {{0, 0, width, height}}});
  return scene;
}

charting::Color pixel(const Image& image, int x, int y) {
  const std::size_t at = 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                              static_cast<std::size_t>(x));
  return {image.bytes[at], image.bytes[at + 1], image.bytes[at + 2]};
}

TEST(Paint, BoxesHaveExactlyTheirColourAndPlace) {
  Scene scene = blank(10, 8);
  scene.groups.front().shapes.emplace_back(Boxes{{Role::kUp}, {{2, 3, 4, 2}}});
  const Image image = paint(scene, 1);
  const auto up = color_of(scene.theme, {Role::kUp});
  const auto background = color_of(scene.theme, {Role::kBackground});
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 10; ++x) {
      const bool inside = x >= 2 && x < 6 && y >= 3 && y < 5;
      EXPECT_EQ(pixel(image, x, y), inside ? up : background) << x << "," << y;
    }
  }
}

TEST(Paint, NothingIsDrawnOutsideAClip) {
  Scene scene = blank(10, 10);
  Group& group = scene.groups.emplace_back();
  group.clip = charting::Rect{0, 0, 5, 10};
  group.shapes.emplace_back(Boxes{{Role::kDown}, {{0, 0, 10, 10}}});
  const Image image = paint(scene, 1);
  EXPECT_EQ(pixel(image, 4, 5), color_of(scene.theme, {Role::kDown}));
  EXPECT_EQ(pixel(image, 5, 5), color_of(scene.theme, {Role::kBackground}));
}

/// First and last column with ink.
std::pair<int, int> inked(const Image& image, charting::Color background) {
  int first = image.width, last = -1;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (pixel(image, x, y) == background) continue;
      first = std::min(first, x);
      last = std::max(last, x);
    }
  }
  return {first, last};
}

TEST(Paint, TextStaysInTheWidthThatTheSceneMeasured) {
  for (const std::string text : {"96,407.99", "BTCUSDT, 1h: technical analysis", "MMMMMMMM",
                                 "iiiiiiii", "\u22121,234.5K \u2013 0.00001234", "WAVE To. Ty",
                                 "\u05E9\u05DC\u05D5\u05DD", "\U0001F680\u4EA4\u6613"}) {
    for (const auto weight : {charting::Weight::kRegular, charting::Weight::kBold}) {
      for (const double size : {8.5, 11.0, 16.0}) {
        Scene scene = blank(600, 40);
        const charting::Font font{size, weight};
        const double width = text_width(text, font);
        scene.groups.front().shapes.emplace_back(
            Text{{Role::kText}, font, Anchor::kStart, {50, 25}, 0, width, text});
        const auto [first, last] =
            inked(paint(scene, 1), color_of(scene.theme, {Role::kBackground}));
        EXPECT_GE(first, 48) << text << " " << size;
        // Two pixels: rounding to pixels, and overhang of the last glyph beyond its advance.
        EXPECT_LE(last, 50 + width + 2) << text << " " << size;
        EXPECT_GT(last, first) << text;
      }
    }
  }
}

TEST(Paint, TextWiderThanItsSlotIsSetNarrower) {
  Scene scene = blank(300, 40);
  scene.groups.front().shapes.emplace_back(Text{{Role::kText},
                                                {20, charting::Weight::kBold},
                                                Anchor::kStart,
                                                {10, 25},
                                                0,
                                                60,
                                                "WIDER THAN SIXTY"});
  const auto [first, last] = inked(paint(scene, 1), color_of(scene.theme, {Role::kBackground}));
  EXPECT_GE(first, 9);
  EXPECT_LE(last, 72);
}

// ---- fonts --------------------------------------------------------------------------------------

/// What fontconfig itself says of what is installed: the reference for which face has what.
class Installed {
 public:
  Installed() {
    FcPattern* const wanted = FcNameParse(reinterpret_cast<const FcChar8*>("DejaVu Sans:medium"));
    FcConfigSubstitute(nullptr, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    FcResult ignored = FcResultNoMatch;
    if (FcPattern* const first = FcFontMatch(nullptr, wanted, &ignored)) {
      first_ = copy_of(first);
      FcPatternDestroy(first);
    }
    FcPatternDestroy(wanted);
    FcFontSet* const fonts = FcConfigGetFonts(nullptr, FcSetSystem);
    for (int i = 0; fonts != nullptr && i < fonts->nfont; ++i) {
      FcBool scalable = FcFalse;
      FcPatternGetBool(fonts->fonts[i], FC_SCALABLE, 0, &scalable);
      if (scalable == FcTrue) all_.push_back(copy_of(fonts->fonts[i]));
    }
  }
  ~Installed() {
    if (first_ != nullptr) FcCharSetDestroy(first_);
    for (FcCharSet* const set : all_) FcCharSetDestroy(set);
  }
  Installed(const Installed&) = delete;
  Installed& operator=(const Installed&) = delete;

  /// A letter or symbol that another face has and the first one lacks; 0: there is none.
  [[nodiscard]] char32_t only_elsewhere() const {
    for (char32_t c = 0x2000; c < 0x20000 && first_ != nullptr; ++c) {
      const bool private_use = c >= 0xD800 && c < 0xF900;
      if (!private_use && !has(first_, c) && is_anywhere(c)) return c;
    }
    return 0;
  }
  /// A character behind `after`, for private use, that no face has.
  [[nodiscard]] char32_t nowhere(char32_t after = 0xF0000) const {
    char32_t c = after + 1;
    while (is_anywhere(c)) ++c;
    return c;
  }

 private:
  static FcCharSet* copy_of(FcPattern* font) {
    FcCharSet* set = nullptr;
    FcPatternGetCharSet(font, FC_CHARSET, 0, &set);
    return set == nullptr ? FcCharSetCreate() : FcCharSetCopy(set);
  }
  static bool has(const FcCharSet* set, char32_t c) { return FcCharSetHasChar(set, c) == FcTrue; }
  [[nodiscard]] bool is_anywhere(char32_t c) const {
    return std::any_of(all_.begin(), all_.end(), [c](const FcCharSet* s) { return has(s, c); });
  }

  FcCharSet* first_ = nullptr;
  std::vector<FcCharSet*> all_;
};

std::string utf8(char32_t c) {
  std::array<FcChar8, FC_UTF8_MAX_LEN> bytes{};
  const int length = FcUcs4ToUtf8(c, bytes.data());
  return {bytes.begin(), bytes.begin() + length};
}

Image picture_of(const std::string& text) {
  Scene scene = blank(120, 40);
  const charting::Font font{20, charting::Weight::kRegular};
  scene.groups.front().shapes.emplace_back(
      Text{{Role::kText}, font, Anchor::kStart, {10, 28}, 0, text_width(text, font), text});
  return paint(scene, 1);
}

TEST(Fonts, WhatTheFirstFaceLacksIsDrawnWithOneThatHasIt) {
  const Installed installed;
  const char32_t elsewhere = installed.only_elsewhere();
  if (elsewhere == 0) GTEST_SKIP() << "no installed font has a character that the first one lacks";
  const std::string nowhere = utf8(installed.nowhere());
  const std::string text = utf8(elsewhere);
  EXPECT_EQ(without_glyph(text, charting::Weight::kRegular), std::vector<char32_t>{});
  EXPECT_NE(picture_of(text).bytes, picture_of(nowhere).bytes) << "not the box";
  EXPECT_NE(picture_of(text).bytes, picture_of(" ").bytes);
  const auto runs = runs_of("A" + text + text + "B", charting::Weight::kRegular);
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[1].text, text + text);
  EXPECT_EQ(runs[0].face, runs[2].face);
  EXPECT_NE(runs[0].face, runs[1].face);
}

TEST(Fonts, TextOfOneFaceIsOneRunWithItsMarks) {
  for (const std::string text : {"BTCUSDT", "\u22121,234.5 \u2013 \u00b5", "e\u0301", ""}) {
    const auto runs = runs_of(text, charting::Weight::kBold);
    ASSERT_EQ(runs.size(), text.empty() ? 0U : 1U) << text;
    if (!text.empty()) {
      EXPECT_EQ(runs[0].text, text);
    }
    EXPECT_EQ(without_glyph(text, charting::Weight::kBold), std::vector<char32_t>{}) << text;
  }
}

TEST(Fonts, WhatNoFaceHasStaysWithTheFirstAndIsTold) {
  const Installed installed;
  const char32_t one = installed.nowhere(), two = installed.nowhere(one);
  const std::string text = "A" + utf8(two) + utf8(one) + utf8(two);
  EXPECT_EQ(without_glyph(text, charting::Weight::kRegular), (std::vector<char32_t>{two, one}));
  const auto runs = runs_of(text, charting::Weight::kRegular);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].text, text);
}

TEST(Figure, SaysWhichCharactersAreBoxes) {
  const Installed installed;
  const char32_t absent = installed.nowhere();
  const auto titled = [](const std::string& title) {
    return test::make_report([&](const Call& call) {
      call.title(title);
      call.scalar(Field("a", BOURSE_TYPE_I64), std::int64_t{1});
    });
  };
  const auto note_of = [&](const std::string& title) -> std::string {
    const Scene scene = figure_of(titled(title)->wire(), {});
    for (const Group& group : scene.groups) {
      for (const auto& shape : group.shapes) {
        const auto* const text = std::get_if<Text>(&shape);
        if (text != nullptr && text->text.starts_with("No installed font")) return text->text;
      }
    }
    return "";
  };
  std::array<char, 16> code;
  std::snprintf(code.data(), code.size(), "U+%04X", static_cast<unsigned>(absent));
  EXPECT_EQ(note_of("Trades of " + utf8(absent) + "USDT"),
            std::string("No installed font has ") + code.data() +
                ": boxes stand for them. On the server, install a font that has them, such as "
                "fonts-noto.");
  EXPECT_EQ(note_of("Trades of BTCUSDT"), "");
  if (const char32_t elsewhere = installed.only_elsewhere(); elsewhere != 0) {
    EXPECT_EQ(note_of("Trades of " + utf8(elsewhere) + "USDT"), "");
  }
}

TEST(Encode, TextsTravelAsInternationalText) {
  const Image image{1, 1, {1, 2, 3}};
  const std::string bytes = encode(image, {.title = "T\u00FCr", .description = ""});
  const std::size_t at = bytes.find("iTXtTitle");
  ASSERT_EQ(at, 8U + 25 + 4);  // right after IHDR
  EXPECT_EQ(bytes.substr(at + 9, 5), std::string(5, '\0'));
  EXPECT_EQ(bytes.substr(at + 14, 4), "T\u00FCr");
  EXPECT_EQ(bytes.find("Description"), std::string::npos);
}

TEST(Encode, LongTextsAreCutBetweenCharacters) {
  std::string title;
  for (int i = 0; i < 5000; ++i) title += "\u20AC";
  const std::string bytes = encode({1, 1, {0, 0, 0}}, {.title = title, .description = {}});
  const std::size_t at = bytes.find("iTXt");
  EXPECT_EQ(number_at(bytes, at - 4), 10U + 4095);  // of 4096 bytes, 1365 whole characters
}

}  // namespace
}  // namespace bourse::png
