// SPDX-License-Identifier: MIT
//
// Columns and rows that must not compile. See refused_test.cmake.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bourse/plugin.hpp"

using namespace bourse;

[[maybe_unused]] static void use(const Call& call) {
  TableBuilder table("t", "T");
  const std::vector<double> reals(2);
  const std::vector<bool> flags(2);
  auto rows = call.begin("r", "R", FieldOf<Time>("at"), FieldOf<bool>("up"));

// BAD 1: a column is a range of values
#if BAD == 1
  table.column(Field("x", BOURSE_TYPE_I64), 5);
#else
  table.column(Field("x", BOURSE_TYPE_I64), {5, 6});
#endif
// BAD 2: a column does not hold such elements
#if BAD == 2
  table.column(Field("x", BOURSE_TYPE_I64), std::vector<const int*>(2));
#else
  table.column(Field("x", BOURSE_TYPE_I64), std::vector<int>(2));
#endif
// BAD 3: a column does not hold such elements
#if BAD == 3
  table.column(Field("x", BOURSE_TYPE_TEXT), std::string("ab"));
#else
  table.column(Field("x", BOURSE_TYPE_TEXT), std::vector<std::string>{"a", "b"});
#endif
// BAD 4: the values have another type than their FieldOf says
#if BAD == 4
  table.column(FieldOf<bool>("up"), reals);
#else
  table.column(FieldOf<bool>("up"), flags);
#endif
// BAD 5: the values have another type than their FieldOf says
#if BAD == 5
  table.column(FieldOf<std::int64_t>("n"), std::vector<std::optional<double>>(2));
#else
  table.column(FieldOf<std::int64_t>("n"), std::vector<std::optional<int>>(2));
#endif
// BAD 6: a row has one value for each column
#if BAD == 6
  rows.add(Time{1});
#else
  rows.add(Time{1}, true);
#endif
// BAD 7: a value of the row has another type than its column
#if BAD == 7
  rows.add(Time{1}, 0.75);
#else
  rows.add(Time{1}, std::optional<bool>());
#endif
// BAD 8: this does not cross as a value
#if BAD == 8
  rows.add(Time{1}, &flags);
#else
  rows.add(Time{1}, flags[0]);
#endif
// BAD 9: a range of the block has another type than its column
#if BAD == 9
  rows.append(std::vector<Time>(2), reals);
#else
  rows.append(std::vector<Time>(2), flags);
#endif
// BAD 10: a block has one range for each column
#if BAD == 10
  rows.append(std::vector<Time>(2));
#else
  rows.append(std::vector<std::int64_t>(2), flags);
#endif
// BAD 11: a column does not hold such elements
#if BAD == 11
  rows.append(std::vector<long double>(2), flags);
#else
  rows.append(std::vector<Time>(2), flags);
#endif
}
