// SPDX-License-Identifier: MIT
//
// schema.hpp - schema.h in C++. A serializer has it that has
//   void schema(bourse::Call& call, const bourse::Values& values, const bourse::Shape& shape)
//   const;
// and writes there, by call.write, the JSON Schema of what it renders of such reports. A value that
// is not given() may be any.
#pragma once

#include <cstdint>

#include "bourse/detail/component.hpp"
#include "bourse/ext/schema.h"
#include "bourse/view.hpp"

namespace bourse::inline sdk_0_1 {

/// What is known of the reports beforehand. Borrowed until the call returns.
class Shape {
 public:
  explicit Shape(const bourse_report* report) noexcept : report_(report) {}
  /// False: nothing is known, and there is no report().
  [[nodiscard]] explicit operator bool() const noexcept { return report_ != nullptr; }
  /// Scalars are null, tables have no rows.
  [[nodiscard]] ReportView report() const noexcept { return ReportView(*report_); }
  /// Reports may hold more scalars and tables.
  [[nodiscard]] bool is_open() const noexcept {
    return report_ == nullptr || (report_->flags & BOURSE_SCHEMA_OPEN) != 0;
  }

 private:
  const bourse_report* report_;
};

namespace detail {
template <class T>
struct Extension<SchemaTag, T> {
  static constexpr std::string_view kId = BOURSE_SCHEMA_ID;
  static bourse_status schema(void* self, bourse_call* wire, const bourse_value* params,
                              const bourse_report* shape) noexcept {
    return guard_call<T>(self, wire, [&](const Instance<T>& instance, Call& call) {
      instance.self.schema(call, Values(params_of<T>(), params), Shape(shape));
    });
  }
  static constexpr bourse_schema kTable{sizeof(bourse_schema), 0, schema};
};
}  // namespace detail

}  // namespace bourse::inline sdk_0_1
