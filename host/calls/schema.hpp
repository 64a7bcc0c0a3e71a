// SPDX-License-Identifier: MIT
//
// What a serializer says its bytes look like (bourse/ext/schema.h), for what an analysis declares.
#pragma once

#include <string>
#include <vector>

#include "host/base/result.hpp"
#include "host/parameters/parameter.hpp"
#include "host/plugins/component.hpp"
#include "host/plugins/instance.hpp"

namespace bourse::host {

/// A JSON Schema as the serializer wrote it: any bytes, at most 1 MiB. Empty: it offers none.
/// `analysis`: the schema is of its reports. `parameters`: the serializer's, of which those that
/// are fixed have their value and the others may have any. Takes as long as the plugin does, which
/// is asked to end after two seconds. [any thread that may wait]
[[nodiscard]] Result<std::string> schema_of(Instance& serializer,
                                            const std::vector<Parameter>& parameters,
                                            const Component& analysis);

}  // namespace bourse::host
