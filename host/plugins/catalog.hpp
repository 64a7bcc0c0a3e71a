// SPDX-License-Identifier: MIT
//
// Everything that the accepted plugins offer. Built by load_plugins, immutable afterwards, read by
// any thread. A generation of the host owns one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"
#include "host/plugins/component.hpp"

namespace bourse::host {

/// One loaded plugin, for `bourse plugins` and the admin page.
struct Plugin {
  std::shared_ptr<const Library> library;  ///< first: unloaded after all that points into it

  std::string name;     ///< "acme.trend"
  std::string version;  ///< semantic version
  std::string vendor;   ///< this and the next three may be empty
  std::string license;
  std::string url;
  std::string built_with;
  std::uint32_t abi_minor = 0;  ///< the lowest that it can work with
  std::filesystem::path file;   ///< as found in its folder
  std::string sha256;           ///< of the file, 64 hexadecimal digits: what a pin would say
  std::vector<std::shared_ptr<const Component>> components;  ///< in declared order
  /// What it declares and this host left out, because it does not know it; sentences for people.
  std::vector<std::string> notes;
};

class Catalog {
 public:
  using Components = std::span<const std::shared_ptr<const Component>>;

  /// The component of that kind and id, or null. Holding it keeps its library loaded.
  [[nodiscard]] std::shared_ptr<const Component> find_analysis(std::string_view id) const;
  [[nodiscard]] std::shared_ptr<const Component> find_source(std::string_view id) const;
  [[nodiscard]] std::shared_ptr<const Component> find_serializer(std::string_view id) const;

  /// Sorted by id; borrowed from the catalog.
  [[nodiscard]] Components analyses() const noexcept { return analyses_; }
  [[nodiscard]] Components sources() const noexcept { return sources_; }
  [[nodiscard]] Components serializers() const noexcept { return serializers_; }
  /// In the order in which they were loaded; borrowed from the catalog.
  [[nodiscard]] std::span<const std::shared_ptr<const Plugin>> plugins() const noexcept {
    return plugins_;
  }

  /// Adds a plugin, or fails and adds nothing: "duplicate_plugin" (its name is taken) or
  /// "duplicate_id" (another plugin has a component of that kind and id). The sentence names the
  /// other file, not this one.
  Result<void> add(std::shared_ptr<const Plugin> plugin);
  /// Would add succeed?
  [[nodiscard]] Result<void> check_room_for(const Plugin& plugin) const;

 private:
  using List = std::vector<std::shared_ptr<const Component>>;
  static List Catalog::*list_of(bourse_kind kind) noexcept;

  std::vector<std::shared_ptr<const Plugin>> plugins_;
  List analyses_;
  List sources_;
  List serializers_;
};

}  // namespace bourse::host
