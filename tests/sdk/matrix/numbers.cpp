// SPDX-License-Identifier: MIT
//
// What the SDK reads and writes as numbers, without a test framework, so that every compiler and
// standard library can say it: the same everywhere, whatever the locale and the direction of
// rounding. The literals are the compiler's own reading of the digits.
//   numbers [LOCALE]   also under that locale; it fails if there is none
#include <fenv.h>

#include <charconv>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/decimal.hpp"
#include "bourse/read.hpp"
#include "bourse/text.hpp"

namespace {

int failures = 0;
const char* circumstances = "";

void check(bool claim, std::string_view what, std::string_view about) {
  if (claim) return;
  ++failures;
  std::fprintf(stderr, "numbers, %s: \"%.*s\": %.*s\n", circumstances,
               static_cast<int>(about.size()), about.data(), static_cast<int>(what.size()),
               what.data());
}

struct Real {
  std::string_view text;
  std::optional<double> value;
};
constexpr std::optional<double> kNone = std::nullopt;
const Real kReals[] = {
    {"1,5", kNone},
    {" 1", kNone},
    {"1 ", kNone},
    {"+1", kNone},
    {"0x10", kNone},
    {"0x1p3", kNone},
    {"1e400", kNone},
    {"-1e400", kNone},
    {"1e-400", kNone},
    {"nan", kNone},
    {"NAN(1)", kNone},
    {"inf", kNone},
    {"-infinity", kNone},
    {"1e", kNone},
    {"1e+", kNone},
    {"e1", kNone},
    {".", kNone},
    {"-", kNone},
    {"", kNone},
    {"1.2.3", kNone},
    {"1'000", kNone},
    {"1_000", kNone},
    {std::string_view("1\0", 2), kNone},
    {"1.", 1.0},
    {".5", 0.5},
    {"-.5e1", -5.0},
    {"0.1", 0.1},
    {"1e-3", 1e-3},
    {"1E+3", 1e3},
    {"-0", 0.0},
    {"007", 7.0},
    {"0e999999999", 0.0},
    {"9007199254740993", 9007199254740992.0},  // a tie goes to the even one
    {"9007199254740995", 9007199254740996.0},
    {"9007199254740993.0000000000000000000000001", 9007199254740994.0},
    {"1.7976931348623157e308", 1.7976931348623157e308},  // the largest
    {"1.7976931348623159e308", kNone},
    {"4.9406564584124654e-324", 4.9406564584124654e-324},  // the least
    {"2.2250738585072011e-308", 2.2250738585072011e-308},  // which hung PHP and Java once
};

struct Exact {
  std::string_view text;
  bool is_decimal;
};
constexpr Exact kDecimals[] = {
    {"1,5", false}, {" 1", false},  {"+1", false}, {"0x10", false}, {"1e400", false},
    {"nan", false}, {"1.", false},  {".5", false}, {"1e", false},   {"1e3", false},
    {"1.50", true}, {"-0.1", true}, {"12", true},
};

template <class Write>
std::string written(Write write) {
  char room[64];
  return {room, write(room)};
}

void look(const char* now) {
  circumstances = now;
  for (const Real& real : kReals) {
    const auto read = bourse::read_real(real.text);
    check(read.has_value() == real.value.has_value(), read ? "is taken" : "is refused", real.text);
    if (!read || !real.value) continue;
    check(std::memcmp(&*read, &*real.value, sizeof(double)) == 0, "is another number", real.text);
  }
  for (const Exact& exact : kDecimals) {
    const auto read = bourse::Decimal::parse(exact.text);
    check(read.has_value() == exact.is_decimal, read ? "is taken" : "is refused", exact.text);
    if (read) check(read->text() == exact.text, "is written otherwise", exact.text);
  }
  const auto real = [](double value) {
    return written([value](char* at) { return bourse::write_real(at, value); });
  };
  check(real(0.1) == "0.1" && real(-92382.89) == "-92382.89" && real(1e300) == "1e+300",
        "is not how reals are written", real(0.1));
  check(real(5) == "5.0" && real(0.001) == "0.001", "is not how reals are written", real(5));
  check(bourse::read_integer("-9223372036854775808") == INT64_MIN &&
            !bourse::read_integer("9223372036854775808") && !bourse::read_integer("1.") &&
            !bourse::read_integer("+1") && !bourse::read_integer(""),
        "integers are read otherwise", "");
  // Seconds by `date -u -d TIME +%s`.
  const auto time = bourse::read_time("2024-02-29T23:59:59.25+02:00");
  check(time == bourse::Time{1'709'243'999'250'000'000}, "is another time", "2024-02-29");
  check(bourse::read_time("1678-01-01") && !bourse::read_time("1677-12-31") &&
            !bourse::read_time("2023-02-29") && !bourse::read_time("2024-01-01 00:00:00Z"),
        "times are read otherwise", "");
}

/// A second implementation, where the library has one: each text is read alike.
void compare() {
#if defined(__GLIBCXX__)
  circumstances = "beside from_chars";
  std::uint64_t state = 42;
  const auto next = [&state](std::uint64_t below) {  // SplitMix64, Vigna
    std::uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return (z ^ (z >> 31)) % below;
  };
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    if (i % 2 == 0) {  // mostly numbers
      if (next(2) == 0) text += '-';
      for (std::uint64_t n = next(20); n > 0; --n) text += static_cast<char>('0' + next(10));
      text += '.';
      for (std::uint64_t n = next(20); n > 0; --n) text += static_cast<char>('0' + next(10));
      if (next(2) == 0) text += "e" + std::to_string(static_cast<int>(next(700)) - 350);
    } else {  // mostly none
      for (std::uint64_t n = next(8); n > 0; --n) text += "0123456789.eE+-,xinfa "[next(22)];
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    const auto read = bourse::read_real(text);
    check(read.has_value() == (whole && __builtin_isfinite(value)), "is taken by one only", text);
    if (read) check(*read == value, "is another number", text);
  }
#endif
}

}  // namespace

int main(int argc, char** argv) {
  look("plain");
  compare();
  for (const int rounding : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    fesetround(rounding);
    look("rounding otherwise");
    check(fegetround() == rounding, "the direction of rounding is another one now", "");
  }
  fesetround(FE_TONEAREST);
  if (argc > 1) {
    check(std::setlocale(LC_ALL, argv[1]) != nullptr, "there is no such locale", argv[1]);
    char shown[16];
    std::snprintf(shown, sizeof shown, "%.1f", 0.5);
    check(std::string_view(shown) == "0,5", "the locale does not write commas", shown);
    look(argv[1]);
  }
  return failures == 0 ? 0 : 1;
}
