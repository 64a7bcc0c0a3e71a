// SPDX-License-Identifier: MIT
#include "host/config/quantity.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace bourse::host {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 4> kDurations = {
    {{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}}};
constexpr std::array<Unit, 4> kSizes = {
    {{"GiB", 1u << 30u}, {"MiB", 1u << 20u}, {"KiB", 1u << 10u}, {"", 1}}};

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units,
                                   std::uint64_t largest) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [unit_start, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::invalid_argument) return std::nullopt;
  const std::string_view unit_name(unit_start, static_cast<std::size_t>(end - unit_start));
  for (const Unit& unit : units) {
    if (unit.name != unit_name) continue;
    const bool too_large =
        error == std::errc::result_out_of_range || number > largest / unit.factor;
    return too_large ? largest : number * unit.factor;
  }
  return std::nullopt;
}

std::string print(std::uint64_t number, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (number % unit.factor != 0) continue;
    return std::to_string(number / unit.factor) + std::string(unit.name);
  }
  return std::to_string(number);
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto ns = parse(text, kDurations, largest);
  if (!ns) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*ns));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizes, std::numeric_limits<std::uint64_t>::max());
}

std::string print_duration(std::chrono::nanoseconds duration) {
  if (duration.count() <= 0) return "0s";
  const auto ns = static_cast<std::uint64_t>(duration.count());
  if (ns % 1'000'000 != 0) return std::to_string(ns) + "ns";
  return print(ns, kDurations);
}

std::string print_size(std::uint64_t bytes) {
  if (bytes == 0) return "0 bytes";
  const std::string text = print(bytes, kSizes);
  return text.back() == 'B' ? text : text + " bytes";
}

}  // namespace bourse::host
