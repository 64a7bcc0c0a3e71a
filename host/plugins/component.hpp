// SPDX-License-Identifier: MIT
//
// What plugins declare, as the host keeps it: checked, copied, and safe to read without a thought
// about where it came from.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bourse/bourse.h"
#include "host/parameters/parameter.hpp"

namespace bourse::host {

class Library;

/// A column, or a named scalar.
struct Field {
  std::string name;
  std::string label = {};
  std::string unit = {};
  std::string doc = {};
  std::string format = {};  ///< meaning beyond the type: "date", "percent"
  bourse_type type = BOURSE_TYPE_TEXT;
  std::int32_t scale = 0;  ///< BOURSE_TYPE_DECIMAL only
  bool optional = false;   ///< a source may leave it out; who asks goes on without it
};

struct Dataset {
  std::string name;
  bool is_private = false;  ///< BOURSE_DATASET_PRIVATE: one person's own data
  bool optional = false;    ///< BOURSE_DATASET_OPTIONAL: an analysis goes on without it
  std::string doc = {};
  std::vector<Parameter> params = {};
  std::vector<bool> params_left_out = {};  ///< as Component::params_left_out
  std::vector<Field> fields = {};
  std::size_t index = 0;  ///< what fetch calls it: its place among those that were declared
};

/// A table that an analysis declares.
struct ReturnedTable {
  std::string name;
  std::string label = {};
  std::vector<Field> fields = {};
  bool optional = false;  ///< BOURSE_TABLE_OPTIONAL: not in every report
  bool open = false;      ///< BOURSE_TABLE_OPEN: it may have more columns
};

/// What the reports of an analysis hold, as it tells beforehand. An optional field is not in every
/// report.
struct Returned {
  std::vector<Field> scalars = {};
  std::vector<ReturnedTable> tables = {};
  bool open = false;  ///< BOURSE_COMPONENT_OPEN: there may be more of both
};

/// One analysis, source or serializer. Immutable once it is in a Catalog, then read by any thread.
struct Component {
  std::shared_ptr<const Library> library;  ///< first: unloaded after all that points into it
  /// The plugin's own table; lives as long as `library`.
  const bourse_host* host = nullptr;

  bourse_kind kind = 0;
  std::uint32_t flags =
      0;  ///< those that have a name: BOURSE_COMPONENT_PURE...; LAYER: sources, OPEN: analyses
  std::uint32_t parts = 0;  ///< known bits only
  std::string id;
  std::string title;
  std::string doc;
  std::vector<Parameter> params;
  std::vector<Parameter> config;
  /// Parameters of a type that this host does not know are in no list: nobody can give them. The
  /// plugin still expects a value for each, which is null then. For each declared parameter, in
  /// order, whether it was left out; empty when none was.
  std::vector<bool> params_left_out;
  std::vector<bool> config_left_out;
  std::string media_type;  ///< of a serializer
  std::string suffix;      ///< of a serializer
  std::vector<Dataset> datasets;
  std::optional<Returned> returned;  ///< of an analysis that tells
  /// What was declared and left out, because this host does not know it; sentences for people.
  std::vector<std::string> notes;

  /// Null where the plugin has none; the one that its kind needs is never null. Instance calls
  /// them, nobody else does.
  decltype(bourse_component::create) create = nullptr;
  decltype(bourse_component::destroy) destroy = nullptr;
  decltype(bourse_component::run) run = nullptr;
  decltype(bourse_component::fetch) fetch = nullptr;
  decltype(bourse_component::render) render = nullptr;
  decltype(bourse_component::extension) extension = nullptr;

  std::string plugin;  ///< "acme.trend"
  std::string version;
  std::filesystem::path file;

  /// "acme.trend/trend": what reports and logs call it.
  [[nodiscard]] std::string full_name() const { return plugin + "/" + id; }
};

}  // namespace bourse::host
