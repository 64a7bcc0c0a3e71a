// SPDX-License-Identifier: MIT
//
// Fields: the description of a column, or of a named scalar.
#pragma once

#include <cstddef>
#include <string>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/report/keeper.hpp"

namespace bourse::host {

/// Whether a contract of tomorrow could mean this type, which this host does not know. Types below
/// 0 were never meant.
[[nodiscard]] constexpr bool is_of_tomorrow(bourse_type type) noexcept {
  return type > BOURSE_TYPE_LIST;
}

enum class FieldName { kColumn, kScalar };  ///< a scalar's may have dots between its parts

/// `*declared` as this host knows it. Its name is legal, its type is one that a report holds or
/// is_of_tomorrow(), its scale is legal; all pointers are still the plugin's. Fails with a sentence
/// and no code.
[[nodiscard]] Result<bourse_field> check_field(const bourse_field* declared, FieldName rule);

/// A copy of a checked field, of a type that this host knows.
[[nodiscard]] const bourse_field* keep_field(const bourse_field& checked, Keeper& keeper,
                                             LeftOut& left_out);

}  // namespace bourse::host
