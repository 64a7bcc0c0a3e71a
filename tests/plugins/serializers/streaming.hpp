// SPDX-License-Identifier: MIT
//
// A host that counts: how a serializer writes, how much memory it holds meanwhile, and whether it
// stops when told to.
#pragma once

#include <cstddef>
#include <vector>

#include "bourse/bourse.h"
#include "tests/support/test_host.hpp"

namespace bourse::test {

struct Streamed {
  bourse_status status = BOURSE_OK;
  std::size_t writes = 0;
  std::size_t bytes = 0;
  std::size_t largest_write = 0;
  std::size_t polls = 0;
  std::size_t memory = 0;  ///< the most the heap had grown at any write; 0 under sanitizers
};

/// Renders with `params` in declared order. From the poll number `cancel_at` on (counted from 1;
/// 0: never) the host answers BOURSE_CANCELLED.
Streamed stream(const Component& serializer, const bourse_report& report,
                const std::vector<bourse_value>& params, std::size_t cancel_at = 0);

/// At most 64 KiB a write, about as few writes as that allows, a poll for each, and no memory but a
/// few blocks.
void expect_bounded(const Streamed& streamed);

}  // namespace bourse::test
