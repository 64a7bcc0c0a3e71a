// SPDX-License-Identifier: MIT
//
// declare.hpp - what a plugin and its components say of themselves, and the values that come back
// checked by what they said.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/decimal.hpp"
#include "bourse/detail/sentence.hpp"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

class Call;
class Host;

/// What a plugin says of itself: BOURSE_PLUGIN_WITH. Texts must be literals.
struct PluginInfo {
  const char* name;               ///< "acme.trend"
  const char* version;            ///< a semantic version: "1.0.0"
  const char* vendor = nullptr;   ///< what follows is for people, and may be left out
  const char* license = nullptr;  ///< "MIT"
  const char* url = nullptr;
  /// Called once, before any component is made and while nothing else of the plugin runs. Throws
  /// Error if the plugin cannot work here: it is not loaded then, and the operator is told why.
  void (*init)(Host host, Call& call) = nullptr;
  /// Called once, after every component is gone. Ends what init began: its threads, for instance.
  void (*deinit)() = nullptr;
};

/// What a component says of itself. Texts must be literals.
struct About {
  const char* id;                    ///< [a-z][a-z0-9-]*: what routes call it by
  const char* title;                 ///< for people
  const char* doc = nullptr;         ///< a paragraph for people
  std::uint32_t parts = 0;           ///< BOURSE_PART_SCALARS | ...: what it emits, or can show
  std::uint32_t flags = 0;           ///< BOURSE_COMPONENT_PURE | ...
  const char* media_type = nullptr;  ///< serializer: "text/csv; charset=utf-8"
  const char* suffix = nullptr;      ///< serializer: "csv"
};

/// bourse_param with names for its parts:
///   Param("limit", BOURSE_TYPE_I64, "Rows shown.").with_default("100").bounds("1", "1000")
struct Param : bourse_param {
  constexpr Param(const char* id, bourse_type of_type, const char* text) noexcept
      : bourse_param{sizeof(bourse_param),
                     0,
                     of_type,
                     BOURSE_TYPE_NULL,
                     id,
                     nullptr,
                     text,
                     nullptr,
                     nullptr,
                     nullptr,
                     nullptr,
                     nullptr} {}
  [[nodiscard]] constexpr Param required() const noexcept { return flagged(BOURSE_PARAM_REQUIRED); }
  [[nodiscard]] constexpr Param secret() const noexcept { return flagged(BOURSE_PARAM_SECRET); }
  /// Of a dataset, in an analysis: not sent to a source that does not know it.
  [[nodiscard]] constexpr Param optional() const noexcept { return flagged(BOURSE_PARAM_OPTIONAL); }
  [[nodiscard]] constexpr Param labelled(const char* text) const noexcept {
    Param copy = *this;
    copy.label = text;
    return copy;
  }
  [[nodiscard]] constexpr Param with_default(const char* text) const noexcept {
    Param copy = *this;
    copy.def = text;
    return copy;
  }
  /// Inclusive; nullptr: none. Of the length for text, of the count for a list.
  [[nodiscard]] constexpr Param bounds(const char* low, const char* high) const noexcept {
    Param copy = *this;
    copy.min = low;
    copy.max = high;
    return copy;
  }
  /// A list that ends with nullptr.
  [[nodiscard]] constexpr Param one_of(const char* const* values) const noexcept {
    Param copy = *this;
    copy.choices = values;
    return copy;
  }
  [[nodiscard]] constexpr Param list_of(bourse_type item_type) const noexcept {
    Param copy = *this;
    copy.item = item_type;
    return copy;
  }
  [[nodiscard]] constexpr Param in(const char* unit_text) const noexcept {
    Param copy = *this;
    copy.unit = unit_text;
    return copy;
  }

 private:
  [[nodiscard]] constexpr Param flagged(std::uint32_t flag) const noexcept {
    Param copy = *this;
    copy.flags |= flag;
    return copy;
  }
};

/// Checked values in the order of their declaration, read by name. Asking for an undeclared name or
/// another type throws Error(BOURSE_INTERNAL): a mistake of the plugin.
class Values {
 public:
  Values(std::span<const Param> declared, const bourse_value* values) noexcept
      : declared_(declared.data()), n_(declared.size()), values_(values) {}
  Values(std::span<const bourse_param* const> declared, const bourse_value* values) noexcept
      : pointers_(declared.data()), n_(declared.size()), values_(values) {}

  [[nodiscard]] bool given(std::string_view name) const {
    return at(name).type != BOURSE_TYPE_NULL;
  }
  [[nodiscard]] std::int64_t integer(std::string_view name) const {
    return typed(name, BOURSE_TYPE_I64).as.i64;
  }
  [[nodiscard]] double real(std::string_view name) const {
    return typed(name, BOURSE_TYPE_F64).as.f64;
  }
  [[nodiscard]] bool boolean(std::string_view name) const {
    return typed(name, BOURSE_TYPE_BOOL).as.i64 != 0;
  }
  [[nodiscard]] Time time(std::string_view name) const {
    return Time{typed(name, BOURSE_TYPE_TIME).as.i64};
  }
  /// Borrowed until the call returns.
  [[nodiscard]] std::string_view text(std::string_view name) const {
    return view(typed(name, BOURSE_TYPE_TEXT).as.text);
  }
  [[nodiscard]] Decimal decimal(std::string_view name) const {
    const bourse_value& v = typed(name, BOURSE_TYPE_DECIMAL);
    return Decimal::from_wire(v.as.dec, v.scale).value();
  }
  [[nodiscard]] std::span<const bourse_value> list(std::string_view name) const {
    const bourse_list items = typed(name, BOURSE_TYPE_LIST).as.list;
    return {items.ptr, items.len};
  }
  /// Nothing if it was not given: maybe<Time>("start"). T: std::int64_t, double, bool, Time,
  /// Decimal or std::string_view.
  template <class T>
  [[nodiscard]] std::optional<T> maybe(std::string_view name) const {
    if (!given(name)) return std::nullopt;
    if constexpr (std::same_as<T, std::int64_t>) {
      return integer(name);
    } else if constexpr (std::same_as<T, double>) {
      return real(name);
    } else if constexpr (std::same_as<T, bool>) {
      return boolean(name);
    } else if constexpr (std::same_as<T, Time>) {
      return time(name);
    } else if constexpr (std::same_as<T, Decimal>) {
      return decimal(name);
    } else if constexpr (std::same_as<T, std::string_view>) {
      return text(name);
    } else {
      static_assert(detail::kNever<T>,
                    "maybe<T>: T is std::int64_t, double, bool, Time, Decimal or std::string_view");
      return std::nullopt;
    }
  }
  /// A list of text; copies.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const {
    const bourse_list items = typed(name, BOURSE_TYPE_LIST).as.list;
    std::vector<std::string> out(items.len);
    for (std::size_t i = 0; i < items.len; ++i) {
      const bourse_str text = items.ptr[i].as.text;
      out[i].assign(text.ptr, text.len);
    }
    return out;
  }

 private:
  [[nodiscard]] const bourse_value& at(std::string_view name) const {
    for (std::size_t i = 0; i < n_; ++i) {
      const char* const declared = pointers_ != nullptr ? pointers_[i]->name : declared_[i].name;
      if (declared == name) return values_[i];
    }
    detail::Sentence what;
    what << "the plugin asked for the parameter " << name << ", which it does not declare";
    throw Error(BOURSE_INTERNAL, "undeclared_parameter", what.text());
  }
  [[nodiscard]] const bourse_value& typed(std::string_view name, bourse_type type) const {
    const bourse_value& v = at(name);
    if (v.type != type) {
      detail::Sentence what;
      what << "the parameter " << name << " has another type, or was not given";
      throw Error(BOURSE_INTERNAL, "wrong_parameter_type", what.text());
    }
    return v;
  }
  const Param* declared_ = nullptr;
  const bourse_param* const* pointers_ = nullptr;  ///< instead of declared_
  std::size_t n_;
  const bourse_value* values_;
};

}  // namespace bourse::inline sdk_0_1
