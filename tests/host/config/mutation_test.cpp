// SPDX-License-Identifier: MIT
//
// A few thousand broken files: whatever the bytes, there is a configuration or an error, never
// both, never a crash (the sanitizer builds make that a strong claim), and never a secret in a
// message.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "host/base/utf8.hpp"
#include "tests/host/config/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::string_view_literals;

void expect_sane(const std::string& text) {
  const LoadedConfig loaded = parse(text);
  ASSERT_EQ(loaded.config.has_value(), loaded.diagnostics.errors() == 0) << text;
  const std::string told = loaded.diagnostics.render();
  ASSERT_TRUE(is_utf8(told)) << text;
  ASSERT_EQ(told.find(kSecret), std::string::npos) << text << '\n' << told;
}

constexpr std::array kPieces = {
    "\n"sv,     " "sv,     "  "sv,  "\t"sv, "{"sv,        "}"sv,         "["sv,
    "]"sv,      ":"sv,     ": "sv,  ","sv,  "- "sv,       "? "sv,        "&a"sv,
    "*a"sv,     "*made"sv, "<<"sv,  "!"sv,  "|"sv,        ">"sv,         "\""sv,
    "'"sv,      "#"sv,     " #"sv,  "%"sv,  "---\n"sv,    "...\n"sv,     "${"sv,
    "$"sv,      "}}"sv,    "~"sv,   "\\"sv, "${TOKEN}"sv, "${SECRET}"sv, "\xFF"sv,
    "\0"sv,     "\r"sv,    "ü"sv,   "😀"sv,  "0"sv,        "-1"sv,        "\xEF\xBB\xBF"sv,
    "\u2028"sv, "/{x}"sv,  "\x04"sv};

// Values straight from the engine, whose sequence the standard fixes; distributions differ by
// library.
class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  void mutate(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 1:
        text.erase(at, 1 + below(8));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), below(80)));
        break;
      default:
        text.replace(at, std::min(text.size() - at, below(4)), kPieces[below(kPieces.size())]);
        break;
    }
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  std::mt19937 random_;
};

class Mutation : public testing::TestWithParam<const char*> {};

TEST_P(Mutation, EveryTruncatedFileIsReadOrRefused) {
  const std::string good = slurp(golden_folder() / GetParam());
  for (std::size_t bytes = 0; bytes <= good.size(); ++bytes) expect_sane(good.substr(0, bytes));
}

TEST_P(Mutation, EveryDamagedFileIsReadOrRefused) {
  const std::string good = slurp(golden_folder() / GetParam());
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    Mutator mutator(seed);
    std::string text = good;
    for (std::uint32_t times = 0; times <= seed % 5; ++times) mutator.mutate(text);
    expect_sane(text);
  }
}

INSTANTIATE_TEST_SUITE_P(Config, Mutation,
                         testing::Values("good_full.yaml", "good_minimal.yaml", "environment.yaml",
                                         "routes.yaml"),
                         [](const auto& one) {
                           const std::string file = one.param;
                           return file.substr(0, file.find('.'));
                         });

}  // namespace
}  // namespace bourse::host::test
