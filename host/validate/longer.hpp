// SPDX-License-Identifier: MIT
//
// A report as a host of the next minor would give it: every struct that grows is longer than this
// host knows, what it has more is poison, and behind that nothing can be read. And one with numbers
// that only such a host has names for.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "bourse/bourse.h"
#include "host/validate/host_table.hpp"

namespace bourse::host::validate {

class LongerReport {
 public:
  /// `unknown`: with a type, a kind, a role and a level that nobody knows yet. Borrows the texts
  /// and the data of `report`.
  LongerReport(const bourse_report& report, bool unknown);

  [[nodiscard]] const bourse_report& wire() const noexcept { return *report_; }

 private:
  template <class Struct>
  Struct* grow(const Struct& from) {
    constexpr std::size_t kMore = 64;
    auto& memory = structs_.emplace_back(std::make_unique<GuardedMemory>(sizeof from + kMore));
    auto* const copy = static_cast<Struct*>(memory->data());
    std::memcpy(copy, &from, sizeof from);
    copy->size = sizeof from + kMore;
    return copy;
  }
  template <class Item>
  const Item* const* list(std::vector<const Item*> items) {
    auto kept = std::make_shared<std::vector<const Item*>>(std::move(items));
    lists_.push_back(kept);
    return kept->data();
  }
  const bourse_table* table(const bourse_table& from, bool unknown);
  const bourse_chart* chart(const bourse_chart& from, bool unknown);

  std::vector<std::unique_ptr<GuardedMemory>> structs_;
  std::vector<std::shared_ptr<void>> lists_;
  bourse_report* report_ = nullptr;
};

}  // namespace bourse::host::validate
