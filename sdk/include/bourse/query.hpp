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
#include <vector>

#include "bourse/bourse.h"
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
  Query& with(std::string name, const T& v) & {
    if constexpr (detail::ListOfValues<T>) {
      Arg& arg = args_.emplace_back(std::move(name));
      arg.type = BOURSE_TYPE_LIST;
      for (const auto& item : v) arg.items.push_back(own(value(item)));
    } else {
      take(std::move(name), value(v));
    }
    return *this;
  }
  Query& with(std::string name, std::initializer_list<std::string_view> texts) & {
    return with(std::move(name), std::vector<std::string_view>(texts));
  }
  template <class T>
  Query&& with(std::string name, const T& v) && {
    return std::move(with(std::move(name), v));
  }
  Query&& with(std::string name, std::initializer_list<std::string_view> texts) && {
    return std::move(with(std::move(name), texts));
  }

  /// The query as it goes over the wire; borrows from the Query, which must not change or move.
  class Wire {
   public:
    explicit Wire(const Query& query) {
      std::size_t n_items = 0;
      for (const Arg& a : query.args_) n_items += a.items.size();
      items_.reserve(n_items);  // lists point into it
      args_.reserve(query.args_.size());
      for (const Arg& a : query.args_) args_.push_back({borrow(a.name), wire_value(a)});
      query_.size = sizeof query_;
      query_.dataset = borrow(query.dataset_);
      query_.source = borrow(query.source_);
      query_.n_args = args_.size();
      query_.args = args_.data();
    }
    Wire(Wire&&) = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    [[nodiscard]] const bourse_query* get() const noexcept { return &query_; }

   private:
    bourse_value wire_value(const auto& arg) {
      const std::size_t first = items_.size();
      for (const auto& item : arg.items) {
        items_.push_back(item.plain);
        if (item.plain.type == BOURSE_TYPE_TEXT) items_.back().as.text = borrow(item.text);
      }
      if (arg.type != BOURSE_TYPE_LIST) {
        const bourse_value only = items_.back();
        items_.pop_back();
        return only;
      }
      bourse_value v{};
      v.type = BOURSE_TYPE_LIST;
      v.as.list = {items_.data() + first, arg.items.size()};
      return v;
    }
    std::vector<bourse_value> items_;
    std::vector<bourse_arg> args_;
    bourse_query query_{};
  };

 private:
  struct Owned {
    bourse_value plain;
    std::string text;  ///< of a text
  };
  struct Arg {
    explicit Arg(std::string of_name) : name(std::move(of_name)) {}
    std::string name;
    bourse_type type = BOURSE_TYPE_NULL;
    std::vector<Owned> items;  ///< one, unless it is a list
  };
  static Owned own(const bourse_value& v) {
    return {v, v.type == BOURSE_TYPE_TEXT ? std::string(view(v.as.text)) : std::string()};
  }
  void take(std::string name, const bourse_value& v) {
    if (v.type == BOURSE_TYPE_NULL) return;
    Arg& arg = args_.emplace_back(std::move(name));
    arg.type = v.type;
    if (v.type != BOURSE_TYPE_LIST) {
      arg.items.push_back(own(v));
      return;
    }
    for (std::size_t i = 0; i < v.as.list.len; ++i) arg.items.push_back(own(v.as.list.ptr[i]));
  }

  std::string dataset_;
  std::string source_;
  std::vector<Arg> args_;
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
  /// When to try again; 0: unknown.
  /// Why there is none, to be thrown on: it keeps when to try again. The parameter it blames is one
  /// of the dataset's, and stays behind. REQUIRES: !ok().
  [[nodiscard]] Error error() const {
    return Error(status(), std::string(code()), std::string(message())).retry_after(retry_after());
  }
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
