// SPDX-License-Identifier: MIT
//
// What crosses as a value, and what must not compile. See refused_test.cmake.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bourse/plugin.hpp"

using namespace bourse;

[[maybe_unused]] static void use(const Call& call) {
  int integer = 5;
  [[maybe_unused]] int* const pointer = &integer;
  [[maybe_unused]] const long double wide = 0.5L;
  struct Other {};

// BAD 1: this does not cross as a value
#if BAD == 1
  [[maybe_unused]] const auto v1 = value(pointer);
#else
  [[maybe_unused]] const auto v1 = value(*pointer);
#endif
// BAD 2: this does not cross as a value
#if BAD == 2
  [[maybe_unused]] const auto v2 = value(wide);
#else
  [[maybe_unused]] const auto v2 = value(static_cast<double>(wide));
#endif
// BAD 3: this does not cross as a value
#if BAD == 3
  [[maybe_unused]] const auto v3 = value('a');
#else
  [[maybe_unused]] const auto v3 = value("a");
#endif
// BAD 4: this does not cross as a value
#if BAD == 4
  call.scalar(Field("n", BOURSE_TYPE_I64), pointer);
#else
  call.scalar(Field("n", BOURSE_TYPE_I64), *pointer);
#endif
// BAD 5: this does not cross as a value
#if BAD == 5
  call.meta("unit", Other{});
#else
  call.meta("unit", std::string("USDT"));
#endif
// BAD 6: this does not cross as a value
#if BAD == 6
  (void)Query("candles").with("limit", wide);
#else
  (void)Query("candles").with("limit", integer);
#endif
// BAD 7: this does not cross as a value
#if BAD == 7
  (void)Query("candles").with("symbols", std::vector<int*>());
#else
  (void)Query("candles").with("symbols", std::vector<int>());
#endif
// BAD 8: this does not cross as a value
#if BAD == 8
  call.log(BOURSE_LEVEL_INFO, "text", {{"rows", pointer}});
#else
  call.log(BOURSE_LEVEL_INFO, "text", {{"rows", *pointer}, {"symbol", std::string("S")}});
#endif
// BAD 9: the value has another type than its FieldOf says
#if BAD == 9
  call.scalar(FieldOf<bool>("up"), 0.75);
#else
  call.scalar(FieldOf<bool>("up"), 0.75 > 0);
#endif
// BAD 10: the value has another type than its FieldOf says
#if BAD == 10
  call.scalar(FieldOf<Time>("at"), std::int64_t{5});
#else
  call.scalar(FieldOf<Time>("at"), Time{5});
#endif
// BAD 11: a field holds bools, integers, reals, Decimals, Times or texts
#if BAD == 11
  [[maybe_unused]] const FieldOf<long double> f11("x");
#else
  [[maybe_unused]] const FieldOf<std::optional<double> > f11("x");
#endif
// BAD 12: only decimals have a scale
#if BAD == 12
  [[maybe_unused]] const auto f12 = FieldOf<double>("x").scaled(2);
#else
  [[maybe_unused]] const auto f12 = FieldOf<Decimal>("x").scaled(2);
#endif
// BAD 13: this does not cross as a value
#if BAD == 13
  [[maybe_unused]] const auto v13 = value(std::optional<Other>());
#else
  [[maybe_unused]] const auto v13 = value(std::optional<std::uint8_t>());
#endif
// BAD 14: maybe<T>: T is std::int64_t, double, bool, Time, Decimal or std::string_view
#if BAD == 14
  (void)Values(std::span<const Param>(), nullptr).maybe<int>("x");
#else
  (void)Values(std::span<const Param>(), nullptr).maybe<std::int64_t>("x");
#endif
}
