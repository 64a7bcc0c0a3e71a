// SPDX-License-Identifier: MIT
//
// query.hpp - asking sources for data, in C++. Used through Call (plugin.hpp):
//
//   const ReportView candles =
//       call.ask(Query("candles").with("symbol", symbol).with("limit", 350));
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "bourse/bourse.h"
#include "bourse/detail/list.hpp"
#include "bourse/value.hpp"
#include "bourse/view.hpp"

namespace bourse::inline sdk_0_1 {

namespace detail {
/// A list for an argument: a range of what crosses as a value, which is not itself a text.
template <class T>
concept ListOfValues = !CrossesAsValue<T> && requires(const T& list) {
  { *std::begin(list) } -> CrossesAsValue;
  std::end(list);
};
}  // namespace detail

/// One question to a source: a dataset and its arguments, by name. Owns its texts. The host checks
/// the arguments against the dataset's declaration and fills in defaults.
class Query {
 public:
  explicit Query(std::string dataset) : dataset_(std::move(dataset)) {}

  /// Asks this source of the configuration instead of the route's.
  Query& from_source(std::string name) & {
    source_ = std::move(name);
    return *this;
  }
  Query&& from_source(std::string name) && { return std::move(from_source(std::move(name))); }

  /// Anything that CrossesAsValue, or a range of it for a list. An empty optional, NaN or nullptr
  /// is left out: the dataset's default holds then.
  template <class T>
  Query& with(std::string_view name, const T& v) & {
    if constexpr (detail::ListOfValues<T>) {
      begin(name, BOURSE_TYPE_LIST);
      for (const auto& item : v) take(value(item));
    } else {
      take(name, value(v));
    }
    return *this;
  }
  Query& with(std::string_view name, std::initializer_list<std::string_view> texts) & {
    begin(name, BOURSE_TYPE_LIST);
    for (const std::string_view text : texts) take(detail::text_value(borrow(text)));
    return *this;
  }
  template <class T>
  Query&& with(std::string_view name, const T& v) && {
    return std::move(with(name, v));
  }
  Query&& with(std::string_view name, std::initializer_list<std::string_view> texts) && {
    return std::move(with(name, texts));
  }

  /// Queries as they go over the wire; borrows from them, which must not change or move.
  class Wire {
   public:
    explicit Wire(const Query& query) : Wire(&query, 1) {}
    Wire(const Query* queries, std::size_t n) {
      std::size_t n_args = 0, n_items = 0;
      for (std::size_t i = 0; i < n; ++i) {
        n_args += queries[i].args_.size();
        n_items += queries[i].items_.size();
      }
      items_.reserve(n_items);  // args point into it, and queries into them
      args_.reserve(n_args);
      queries_.reserve(n);
      pointers_.reserve(n);
      for (std::size_t i = 0; i < n; ++i) add(queries[i]);
    }
    Wire(Wire&&) = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    /// The first, and all.
    [[nodiscard]] const bourse_query* get() const noexcept { return *pointers_.begin(); }
    [[nodiscard]] const bourse_query* const* all() const noexcept { return pointers_.begin(); }

   private:
    void add(const Query& query) {
      const bourse_arg* const args = args_.end();
      const bourse_value* next = query.items_.begin();
      const char* text = query.texts_.data();
      for (const Arg& arg : query.args_) {
        const bourse_str name{text, arg.name_bytes};
        text += arg.name_bytes;
        bourse_value* const items = items_.end();
        for (std::size_t i = 0; i < arg.n_items; ++i) {
          bourse_value& item = items_.push(*next++);
          if (item.type != BOURSE_TYPE_TEXT) continue;
          item.as.text.ptr = text;
          text += item.as.text.len;
        }
        bourse_value v{};
        v.type = BOURSE_TYPE_LIST;
        v.as.list = {items, arg.n_items};
        args_.push({name, arg.type == BOURSE_TYPE_LIST || arg.n_items == 0 ? v : *items});
      }
      pointers_.push(&queries_.push({sizeof(bourse_query), 0, borrow(query.dataset_),
                                     borrow(query.source_), query.args_.size(), args}));
    }
    detail::List<bourse_value> items_;
    detail::List<bourse_arg> args_;
    detail::List<bourse_query> queries_;
    detail::List<const bourse_query*> pointers_;
  };

 private:
  struct Arg {
    std::size_t name_bytes;
    bourse_type type;
    std::size_t n_items;  ///< one, unless it is a list
  };
  // Room first, so that memory which runs out leaves the query as it was.
  void begin(std::string_view name, bourse_type type) {
    args_.reserve(1);
    texts_ += name;
    args_.push({name.size(), type, 0});
  }
  void take(const bourse_value& item) {
    items_.reserve(1);
    if (item.type == BOURSE_TYPE_TEXT) texts_ += view(item.as.text);
    items_.push(item);
    ++args_.end()[-1].n_items;
  }
  void take(std::string_view name, const bourse_value& v) {
    if (v.type == BOURSE_TYPE_NULL) return;
    begin(name, v.type);
    if (v.type != BOURSE_TYPE_LIST) return take(v);
    for (std::size_t i = 0; i < v.as.list.len; ++i) take(v.as.list.ptr[i]);
  }

  std::string dataset_;
  std::string source_;
  std::string texts_;  ///< of each argument in order: its name, then those of its items
  detail::List<Arg> args_;
  detail::List<bourse_value> items_;  ///< of all arguments; where a text lies, Wire says
};

/// What one query brought: a report, or why there is none. Borrowed until the call returns, or the
/// report has been released.
class Answer {
 public:
  explicit Answer(const bourse_answer& wire) noexcept : wire_(wire) {}
  [[nodiscard]] bool ok() const noexcept { return wire_.report != nullptr; }
  [[nodiscard]] bourse_status status() const noexcept {
    return wire_.failure == nullptr ? BOURSE_OK : wire_.failure->status;
  }
  /// REQUIRES: ok().
  [[nodiscard]] ReportView report() const noexcept { return ReportView(*wire_.report); }

  /// Why there is none; empty and 0 when ok().
  [[nodiscard]] std::string_view code() const noexcept { return text(&bourse_failure::code); }
  [[nodiscard]] std::string_view message() const noexcept { return text(&bourse_failure::message); }
  /// The parameter to blame, or empty.
  [[nodiscard]] std::string_view parameter() const noexcept { return text(&bourse_failure::param); }
  /// Why there is none, to be thrown on: it keeps when to try again. The parameter it blames is one
  /// of the dataset's, and stays behind. REQUIRES: !ok().
  [[nodiscard]] Error error() const {
    return Error(status(), std::string(code()), std::string(message())).retry_after(retry_after());
  }
  /// When to try again; 0: unknown.
  [[nodiscard]] Duration retry_after() const noexcept {
    return Duration(wire_.failure == nullptr ? 0 : wire_.failure->retry_after);
  }

 private:
  [[nodiscard]] std::string_view text(bourse_str bourse_failure::*part) const noexcept {
    return wire_.failure == nullptr ? std::string_view() : view(wire_.failure->*part);
  }
  bourse_answer wire_;
};

}  // namespace bourse::inline sdk_0_1
