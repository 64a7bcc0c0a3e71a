// SPDX-License-Identifier: MIT
//
// What an analysis reads, checked against market.h. See refused_test.cmake.
#include "bourse/reads.hpp"

#include <array>

#include "bourse/plugin.hpp"

static constexpr std::array datasets {
// BAD 1: reads: market.h has no dataset of this name
#if BAD == 1
  &bourse::reads<"candels", "close">,
#else
  &bourse::reads<"candles", "close">,
#endif
// BAD 2: reads: the dataset has no column of one of these names
#if BAD == 2
      &bourse::reads<"candles", "open_time", "clse">,
#else
      &bourse::reads<"candles", "open_time", "close">,
#endif
// BAD 3: reads: name the columns that the analysis reads
#if BAD == 3
      &bourse::reads<"candles">,
#else
      &bourse::reads<"candles", "close?">,
#endif
// BAD 4: reads: the dataset has no column of one of these names
#if BAD == 4
      &bourse::reads_if<"prices", "close?">,
#else
      &bourse::reads_if<"prices", "price?">,
#endif
// BAD 5: reads: the dataset has no column of one of these names
#if BAD == 5
      &bourse::reads_from<bourse_trades, "ids">,
#else
      &bourse::reads_from<bourse_trades, "id">,
#endif
};
static_assert(datasets.size() == 5);
