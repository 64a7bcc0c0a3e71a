// SPDX-License-Identifier: MIT
//
// postgres_schema.hpp - the tables of a PostgreSQL history, in the schema `bourse`, and how older
// ones become them. What they mean for people: docs/reference/history-schema.md.
//
// Internal to the store: not seen by the layer.
#pragma once

#include <string>

namespace bourse::history {

/// The statements that make schema `version` of the one before it; 1 of an empty `bourse`. Run
/// within a transaction that also sets bourse.version. REQUIRES: 1 <= version <= kSchema.
std::string postgres_migration(int version);

}  // namespace bourse::history
