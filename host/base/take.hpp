// SPDX-License-Identifier: MIT
//
// The one place of the host that reads a foreign struct that begins with `size`.
//
// Whoever wrote the struct may know fewer fields than this host, or more. take() gives it as this
// host knows it: what the other's does not reach is zero, what it has beyond is not read, and flags
// that have no name here are 0. So nobody else asks how long a foreign struct is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/ext/datasets.h"
#include "bourse/ext/metrics.h"
#include "bourse/ext/probe.h"
#include "bourse/ext/schema.h"
#include "bourse/ext/tasks.h"
#include "bourse/ext/watch.h"
#include "host/base/result.hpp"

namespace bourse::host {

/// What this host asks of a foreign struct.
struct ForeignRule {
  const char* name;           ///< as in the contract: "bourse_field"
  std::uint32_t least;        ///< where the field ends without which the struct says nothing
  std::uint32_t flags_known;  ///< those that have a name
};

/// The table: every struct that grows and that this host is given. `least` never moves, however the
/// struct grows: a host built against longer headers takes today's plugins. What has no line here
/// does not compile.
template <class Struct>
inline constexpr ForeignRule kForeignRule = Struct::has_no_line_in_the_table;

#define BOURSE_FOREIGN(Struct, last_needed, flags_known)                                           \
  template <>                                                                                      \
  inline constexpr ForeignRule kForeignRule<Struct> = {                                            \
      #Struct, offsetof(Struct, last_needed) + sizeof(static_cast<Struct*>(nullptr)->last_needed), \
      flags_known}

// clang-format off
BOURSE_FOREIGN(bourse_field,     name,       BOURSE_FIELD_OPTIONAL);
BOURSE_FOREIGN(bourse_param,     name,       BOURSE_PARAM_REQUIRED | BOURSE_PARAM_SECRET | BOURSE_PARAM_OPTIONAL);
BOURSE_FOREIGN(bourse_dataset,   name,       BOURSE_DATASET_PRIVATE | BOURSE_DATASET_OPTIONAL);
BOURSE_FOREIGN(bourse_meta,      value,      0);
BOURSE_FOREIGN(bourse_note,      text,       0);
BOURSE_FOREIGN(bourse_scalar,    value,      0);
BOURSE_FOREIGN(bourse_table,     fields,     BOURSE_TABLE_OPTIONAL | BOURSE_TABLE_OPEN);
BOURSE_FOREIGN(bourse_rows,      columns,    0);
BOURSE_FOREIGN(bourse_channel,   field,      0);
BOURSE_FOREIGN(bourse_chart,     channels,   BOURSE_DRAW_LOGARITHMIC | BOURSE_DRAW_STACKED | BOURSE_DRAW_HORIZONTAL);
BOURSE_FOREIGN(bourse_query,     dataset,    0);
BOURSE_FOREIGN(bourse_failure,   message,    0);
BOURSE_FOREIGN(bourse_component, id,         BOURSE_COMPONENT_PURE | BOURSE_COMPONENT_SERIAL |
                                             BOURSE_COMPONENT_BLOCKING | BOURSE_COMPONENT_LAYER |
                                             BOURSE_COMPONENT_OPEN);
BOURSE_FOREIGN(bourse_plugin,    components, 0);
BOURSE_FOREIGN(bourse_datasets,  list,       0);
BOURSE_FOREIGN(bourse_metric,    value,      0);
BOURSE_FOREIGN(bourse_metrics,   collect,    0);
BOURSE_FOREIGN(bourse_finding,   text,       0);
BOURSE_FOREIGN(bourse_probe,     examples,   0);
BOURSE_FOREIGN(bourse_task,      name,       0);
BOURSE_FOREIGN(bourse_tasks,     perform,    0);
BOURSE_FOREIGN(bourse_progress,  total,      0);
BOURSE_FOREIGN(bourse_watch,     unwatch,    0);
BOURSE_FOREIGN(bourse_schema,    schema,     0);
// clang-format on
#undef BOURSE_FOREIGN

/// No struct of the contract is longer than this: a larger size was never set.
inline constexpr std::uint32_t kForeignBytesMax = 4096;

namespace detail {
/// Why `foreign` cannot be taken; in a function of its own, so that take() stays short.
[[nodiscard]] Failure not_taken(const ForeignRule& rule, const void* foreign, std::size_t alignment,
                                std::size_t size_here, std::string_view code);
}  // namespace detail

/// `*foreign` as this host knows it, with `size` set to ours and unknown flags cleared; or a
/// Failure with this code whose sentence names the struct and the remedy: "this bourse_field has
/// size 4; set it to sizeof, 72 in this host". Reads `size`, and then no more than `size` bytes.
/// Pointers in it are still the other's, and unchecked. Costs a copy of the struct: fit for every
/// row.
template <class Struct>
[[nodiscard]] inline Result<Struct> take(const Struct* foreign, std::string_view code) {
  constexpr ForeignRule kRule = kForeignRule<Struct>;
  static_assert(kRule.least <= sizeof(Struct) && offsetof(Struct, size) == 0);
  std::uint32_t size = 0;
  const bool aligned = reinterpret_cast<std::uintptr_t>(foreign) % alignof(Struct) == 0;
  if (foreign != nullptr && aligned) std::memcpy(&size, foreign, sizeof size);
  // Sizes are multiples of the alignment: so no field is ever read by half.
  if (size < kRule.least || size > kForeignBytesMax || size % alignof(Struct) != 0) [[unlikely]] {
    return detail::not_taken(kRule, foreign, alignof(Struct), sizeof(Struct), code);
  }
  Struct copy = {};
  if (size >= sizeof copy) {
    std::memcpy(&copy, foreign, sizeof copy);  // a length known here is a few moves
  } else {
    std::memcpy(&copy, foreign, size);
  }
  copy.size = sizeof copy;
  if constexpr (requires { copy.flags; }) copy.flags &= kRule.flags_known;
  return copy;
}

/// Item `i` of a foreign array, which nobody promised to have aligned.
template <class Item>
[[nodiscard]] inline Item foreign_item(const Item* array, std::size_t i) noexcept {
  Item item;
  std::memcpy(&item, reinterpret_cast<const std::byte*>(array) + i * sizeof item, sizeof item);
  return item;
}

}  // namespace bourse::host
