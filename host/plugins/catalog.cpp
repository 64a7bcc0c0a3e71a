// SPDX-License-Identifier: MIT
#include "host/plugins/catalog.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "host/plugins/file.hpp"

namespace bourse::host {
namespace {

using Pointer = std::shared_ptr<const Component>;

auto place_of(const std::vector<Pointer>& list, std::string_view id) {
  return std::lower_bound(list.begin(), list.end(), id,
                          [](const Pointer& a, std::string_view b) { return a->id < b; });
}

Pointer find(const std::vector<Pointer>& list, std::string_view id) {
  const auto place = place_of(list, id);
  return place != list.end() && (*place)->id == id ? *place : nullptr;
}

const char* word_for(bourse_kind kind) {
  return kind == BOURSE_KIND_ANALYSIS ? "analysis"
         : kind == BOURSE_KIND_SOURCE ? "source"
                                      : "serializer";
}

}  // namespace

Pointer Catalog::find_analysis(std::string_view id) const { return find(analyses_, id); }
Pointer Catalog::find_source(std::string_view id) const { return find(sources_, id); }
Pointer Catalog::find_serializer(std::string_view id) const { return find(serializers_, id); }

Catalog::List Catalog::*Catalog::list_of(bourse_kind kind) noexcept {
  switch (kind) {
    case BOURSE_KIND_ANALYSIS:
      return &Catalog::analyses_;
    case BOURSE_KIND_SOURCE:
      return &Catalog::sources_;
    default:
      assert(kind == BOURSE_KIND_SERIALIZER);  // descriptors.cpp lets no other pass
      return &Catalog::serializers_;
  }
}

Result<void> Catalog::check_room_for(const Plugin& plugin) const {
  for (const auto& other : plugins_) {
    if (other->name != plugin.name) continue;
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "duplicate_plugin",
                   .message = "is plugin '" + plugin.name + "' " + plugin.version + ", and so is " +
                              shown(other->file) + " (" + other->version + "); remove one"};
  }
  for (const auto& component : plugin.components) {
    const auto other = find(this->*list_of(component->kind), component->id);
    if (other == nullptr) continue;
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "duplicate_id",
                   .message = std::string("offers ") + word_for(component->kind) + " '" +
                              component->id + "', and so does " + shown(other->file) +
                              "; remove one of the two files, or rename the component"};
  }
  return {};
}

Result<void> Catalog::add(std::shared_ptr<const Plugin> plugin) {
  if (auto room = check_room_for(*plugin); !room) return room;
  for (const auto& component : plugin->components) {
    auto& list = this->*list_of(component->kind);
    list.insert(place_of(list, component->id), component);
  }
  plugins_.push_back(std::move(plugin));
  return {};
}

}  // namespace bourse::host
