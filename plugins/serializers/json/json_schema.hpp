// SPDX-License-Identifier: MIT
//
// The JSON Schema of what json_report.hpp writes, as far as an analysis tells beforehand what its
// reports hold. docs/reference/report.schema.json is the same for any report.
#pragma once

#include <optional>

#include "bourse/ext/schema.hpp"
#include "bourse/render.hpp"
#include "plugins/serializers/json/json_report.hpp"

namespace bourse::json {

/// `layout`: the one that all of them have; nothing: any of the three.
void write_schema(const Shape& shape, std::optional<Layout> layout, BlockBuffer& out);

}  // namespace bourse::json
