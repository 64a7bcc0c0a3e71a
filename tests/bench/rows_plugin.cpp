// SPDX-License-Identifier: MIT
//
// An analysis whose answer is as long as one likes, for long.py.
#include <array>
#include <cstdint>

#include "bourse/plugin.hpp"

namespace {

struct Lines {
  static constexpr bourse::About about{.id = "lines",
                                       .title = "Lines",
                                       .doc = "As many rows as are asked for.",
                                       .parts = BOURSE_PART_TABLES};
  static constexpr std::array params{
      bourse::Param("rows", BOURSE_TYPE_I64, "Rows.").with_default("1000").bounds("1", "10000000")};

  void run(bourse::Call& call, const bourse::Values& values) const {
    constexpr bourse::FieldOf<bourse::Time> time("time");
    constexpr bourse::FieldOf<std::int64_t> number("number");
    constexpr bourse::FieldOf<double> value("value");
    const std::int64_t rows = values.integer("rows");
    auto table = call.begin("lines", "Lines", time, number, value);
    for (std::int64_t i = 0; i < rows; ++i) {
      table.add(bourse::Time{i * 60'000'000'000}, i,
                static_cast<double>(i * 7919 % 100'003) / 64.0);
    }
  }
};

}  // namespace

BOURSE_PLUGIN("bench.lines", "1.0.0", Lines)
