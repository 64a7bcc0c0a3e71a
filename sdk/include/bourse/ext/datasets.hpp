// SPDX-License-Identifier: MIT
//
// datasets.hpp - datasets.h in C++: datasets that depend on a source's configuration. A source has
// it that has
//   void list_datasets(bourse::Call& call, bourse::Datasets& out) const;
// and tells there, once after it was made, what it delivers besides `datasets`:
//   out.add("readings", "One row a reading.")
//       .param(bourse::Param("limit", BOURSE_TYPE_I64, "Rows.").with_default("100"))
//       .column(bourse::Field("time", BOURSE_TYPE_TIME));
// In fetch and watch their indices follow those of `datasets`, in the order in which they were
// added.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/declare.hpp"
#include "bourse/detail/component.hpp"
#include "bourse/ext/datasets.h"
#include "bourse/field.hpp"
#include "bourse/table.hpp"

namespace bourse::inline sdk_0_1 {

/// A dataset made at run time. Owns its texts, those of what it was given included.
class Dataset {
 public:
  Dataset(std::string name, std::string doc) : name_(text(name.c_str())), doc_(text(doc.c_str())) {}

  Dataset& param(const Param& given) {
    Param copy = given;
    for (const char** part :
         {&copy.name, &copy.label, &copy.doc, &copy.unit, &copy.def, &copy.min, &copy.max}) {
      *part = text(*part);
    }
    if (given.choices != nullptr) {
      auto& choices = texts_.keep(std::vector<const char*>());
      for (const char* const* choice = given.choices; *choice != nullptr; ++choice) {
        choices.push_back(text(*choice));
      }
      choices.push_back(nullptr);
      copy.choices = choices.data();
    }
    params_.push_back(&texts_.keep(std::move(copy)));
    return *this;
  }
  Dataset& column(const Field& given) {
    Field copy = given;
    for (const char** part : {&copy.name, &copy.label, &copy.unit, &copy.doc, &copy.format}) {
      *part = text(*part);
    }
    fields_.push_back(&texts_.keep(std::move(copy)));
    return *this;
  }
  /// One person's own: only for routes with `access`.
  Dataset& is_private() {
    flags_ |= BOURSE_DATASET_PRIVATE;
    return *this;
  }

  /// Points into this object.
  [[nodiscard]] bourse_dataset wire() const noexcept {
    return {sizeof(bourse_dataset), flags_,         name_,          doc_,
            params_.size(),         params_.data(), fields_.size(), fields_.data()};
  }

 private:
  const char* text(const char* given) {
    return given == nullptr ? nullptr : texts_.keep(std::string(given)).c_str();
  }
  detail::Keeper texts_;
  const char* name_;
  const char* doc_;
  std::uint32_t flags_ = 0;
  std::vector<const bourse_param*> params_;
  std::vector<const bourse_field*> fields_;
};

/// Takes the datasets that a source lists. Belongs to the instance, and lives as long.
class Datasets {
 public:
  /// True until the next call of add.
  Dataset& add(std::string name, std::string doc) {
    return datasets_.emplace_back(std::move(name), std::move(doc));
  }

  /// What was added before seal().
  [[nodiscard]] std::span<const bourse_dataset* const> wire() const noexcept { return pointers_; }
  void seal() {
    described_.clear();
    pointers_.clear();
    for (const Dataset& dataset : datasets_) described_.push_back(dataset.wire());
    for (const bourse_dataset& described : described_) pointers_.push_back(&described);
  }

 private:
  std::vector<Dataset> datasets_;
  std::vector<bourse_dataset> described_;
  std::vector<const bourse_dataset*> pointers_;
};

namespace detail {
template <class T>
struct Extension<DatasetsTag, T> {
  static constexpr std::string_view kId = BOURSE_DATASETS_ID;
  static bourse_status list(void* self, bourse_call* wire, std::size_t* n,
                            const bourse_dataset* const** datasets) noexcept {
    auto& instance = *static_cast<Instance<T>*>(self);
    return guard(instance.host, wire, [&] {
      Call call(instance.host, wire);
      Datasets listed;
      std::as_const(instance.self).list_datasets(call, listed);
      instance.listed = std::move(listed);
      instance.listed.seal();
      *n = instance.listed.wire().size();
      *datasets = instance.listed.wire().data();
    });
  }
  static constexpr bourse_datasets kTable{sizeof(bourse_datasets), 0, list};
};
}  // namespace detail

}  // namespace bourse::inline sdk_0_1
