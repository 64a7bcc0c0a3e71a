// SPDX-License-Identifier: MIT
//
// Decimal against Python's decimal module: every line of the file that decimal_vectors.py writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <unordered_set>
#include <vector>

#include "bourse/decimal.hpp"

namespace bourse {
namespace {

using Words = std::vector<std::string>;
using Kind = DecimalError::Kind;

const std::map<std::string, Rounding>& roundings() {
  static const std::map<std::string, Rounding> kNames = {
      {"half_up", Rounding::kHalfUp}, {"half_even", Rounding::kHalfEven},
      {"down", Rounding::kDown},      {"up", Rounding::kUp},
      {"floor", Rounding::kFloor},    {"ceiling", Rounding::kCeiling}};
  return kNames;
}

/// "coefficient:scale"; not by Decimal::parse, which is under test.
Decimal decimal(const std::string& word) {
  const bool negative = word.front() == '-';
  const auto colon = word.find(':');
  Int128 coefficient = 0;
  for (const char c : word.substr(negative, colon - negative)) {
    coefficient = coefficient * 10 + (c - '0');
  }
  const int scale = std::atoi(word.c_str() + colon + 1);
  return Decimal::make(negative ? -coefficient : coefficient, scale).value();
}

std::string word(Decimal value) {
  std::string digits;
  for (auto rest = value.abs().coefficient(); rest != 0; rest /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  if (digits.empty()) digits = "0";
  return (value.sign() < 0 ? "-" : "") + digits + ":" + std::to_string(value.scale());
}

double from_bits(const std::string& hex) {
  return std::bit_cast<double>(std::uint64_t{std::stoull(hex, nullptr, 16)});
}

/// What the throwing function gives; the checked one must agree with it.
std::string outcome(const std::function<Decimal()>& throwing,
                    const std::optional<Decimal>& checked) {
  std::string result;
  try {
    result = word(throwing());
  } catch (const DecimalError& error) {
    EXPECT_FALSE(checked.has_value()) << error.what();
    EXPECT_GT(std::string(error.what()).size(), 20u);
    switch (error.kind()) {
      case Kind::kSyntax:
        return "syntax";
      case Kind::kRange:
        return "range";
      case Kind::kDivideByZero:
        return "zero";
    }
  }
  if (!checked) return result + " but nullopt";
  EXPECT_EQ(word(*checked), result);
  return result;
}

std::string order(std::weak_ordering value) { return value < 0 ? "-1" : value > 0 ? "1" : "0"; }

/// Runs every case of one operation; `actual` gives the last word of the line.
void expect_all(const std::string& operation, std::size_t count_min,
                const std::function<std::string(const Words&)>& actual) {
  std::ifstream file(BOURSE_DECIMAL_VECTORS);
  ASSERT_TRUE(file) << "cannot open " << BOURSE_DECIMAL_VECTORS;
  std::size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream stream(line);
    Words words;
    for (std::string item; stream >> item;) words.push_back(item);
    if (words.front() != operation) continue;
    ++count;
    ASSERT_EQ(actual(words), words.back()) << line;
  }
  EXPECT_GE(count, count_min) << "the file of vectors is incomplete";
}

TEST(DecimalVectors, Parse) {
  expect_all("parse", 1500, [](const Words& words) {
    return outcome([&] { return Decimal::from(words[1]); }, Decimal::parse(words[1]));
  });
}

TEST(DecimalVectors, Print) {
  expect_all("print", 1000, [](const Words& words) {
    const Decimal value = decimal(words[1]);
    std::array<char, Decimal::kTextMax + 1> buffer;
    buffer.fill('#');
    char* const end = value.to_chars(buffer.data());
    EXPECT_EQ(*end, '#') << "wrote past its end";
    EXPECT_EQ(std::string(buffer.data(), end), value.text());
    return value.text();
  });
}

TEST(DecimalVectors, PrintedTextIsReadBackAsWritten) {
  expect_all("print", 1000, [](const Words& words) {
    const Decimal value = decimal(words[1]);
    const auto read = Decimal::parse(words[2]);
    if (value.scale() >= 0) {
      EXPECT_EQ(read ? word(*read) : "refused", word(value));
    } else if (read) {  // zeros stand for the negative scale: another coefficient, the same value
      EXPECT_EQ(*read, value);
    }
    return words[2];
  });
}

TEST(DecimalVectors, Add) {
  expect_all("add", 3000, [](const Words& words) {
    const Decimal a = decimal(words[1]), b = decimal(words[2]);
    EXPECT_EQ(checked_add(a, b).has_value(), checked_add(b, a).has_value());
    return outcome([&] { return a + b; }, checked_add(a, b));
  });
}

TEST(DecimalVectors, Subtract) {
  expect_all("subtract", 6000, [](const Words& words) {
    const Decimal a = decimal(words[1]), b = decimal(words[2]);
    return outcome([&] { return a - b; }, checked_subtract(a, b));
  });
}

TEST(DecimalVectors, Multiply) {
  expect_all("multiply", 3000, [](const Words& words) {
    const Decimal a = decimal(words[1]), b = decimal(words[2]);
    return outcome([&] { return a * b; }, checked_multiply(a, b));
  });
}

TEST(DecimalVectors, Divide) {
  expect_all("divide", 7000, [](const Words& words) {
    const Decimal a = decimal(words[1]), b = decimal(words[2]);
    const int scale = std::stoi(words[3]);
    const Rounding rounding = roundings().at(words[4]);
    return outcome([&] { return divide(a, b, scale, rounding); },
                   checked_divide(a, b, scale, rounding));
  });
}

TEST(DecimalVectors, Compare) {
  expect_all("compare", 3500, [](const Words& words) {
    const Decimal a = decimal(words[1]), b = decimal(words[2]);
    const bool equal = words[3] == "0";
    EXPECT_EQ(a == b, equal);
    if (equal) {
      EXPECT_EQ(std::hash<Decimal>{}(a), std::hash<Decimal>{}(b)) << "equal, hash alike";
    }
    return order(a <=> b);
  });
}

TEST(DecimalVectors, Rescale) {
  expect_all("rescale", 3000, [](const Words& words) {
    const Decimal value = decimal(words[1]);
    const int scale = std::stoi(words[2]);
    const Rounding rounding = roundings().at(words[3]);
    return outcome([&] { return value.rescaled(scale, rounding); },
                   checked_rescale(value, scale, rounding));
  });
}

TEST(DecimalVectors, ToDouble) {
  expect_all("double", 2000, [](const Words& words) {
    std::ostringstream hex;
    hex << std::hex;
    hex.width(16);
    hex.fill('0');
    hex << std::bit_cast<std::uint64_t>(decimal(words[1]).to_double());
    return hex.str();
  });
}

TEST(DecimalVectors, Nearest) {
  expect_all("nearest", 3000, [](const Words& words) {
    const double value = from_bits(words[1]);
    const int scale = std::stoi(words[2]);
    return outcome([&] { return Decimal::nearest(value, scale); }, checked_nearest(value, scale));
  });
}

TEST(DecimalVectors, HashesOfDifferentValuesDiffer) {
  std::unordered_set<Decimal> values;
  std::unordered_set<std::size_t> hashes;
  expect_all("compare", 3500, [&](const Words& words) {
    values.insert(decimal(words[1]));
    hashes.insert(std::hash<Decimal>{}(decimal(words[1])));
    return words.back();
  });
  EXPECT_EQ(hashes.size(), values.size());  // of some thousand 64-bit values, none meets by chance
}

}  // namespace
}  // namespace bourse
