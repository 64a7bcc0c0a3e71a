// SPDX-License-Identifier: MIT
//
// query.hpp - asking sources for data, in C++. Used through Call (plugin.hpp):
//
//   const ReportView candles = call.ask(Query("candles").with("symbol", symbol).with("limit",
//   350));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/report.hpp"

namespace bourse {

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

  Query& with(std::string name, std::string_view text) & {
    return push(std::move(name), Kind::kText).set_text(text);
  }
  Query& with(std::string name, const char* text) & {
    return with(std::move(name), std::string_view(text));
  }
  Query& with(std::string name, std::int64_t integer) & {
    push(std::move(name), Kind::kPlain).args_.back().plain = value(integer);
    return *this;
  }
  Query& with(std::string name, Time time) & {
    push(std::move(name), Kind::kPlain).args_.back().plain = value(time);
    return *this;
  }
  Query& with(std::string name, std::vector<std::string> texts) & {
    push(std::move(name), Kind::kList).args_.back().texts = std::move(texts);
    return *this;
  }
  template <class V>
  Query&& with(std::string name, V&& v) && {
    return std::move(with(std::move(name), std::forward<V>(v)));
  }

  /// Calls use(const bourse_query&) ... for all queries at once: see Call::ask. The wire form lives
  /// in a Wire, which borrows from this Query.
  class Wire {
   public:
    explicit Wire(const Query& query) {
      std::size_t n_items = 0;
      for (const Arg& a : query.args_) n_items += a.texts.size();
      items_.reserve(n_items);
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
    friend class Query;
    bourse_value wire_value(const auto& arg) {
      if (arg.kind == Kind::kPlain) return arg.plain;
      if (arg.kind == Kind::kText) return value(std::string_view(arg.texts.front()));
      const std::size_t first = items_.size();
      for (const std::string& text : arg.texts) items_.push_back(value(std::string_view(text)));
      bourse_value v{};
      v.type = BOURSE_TYPE_LIST;
      v.as.list = {items_.data() + first, arg.texts.size()};
      return v;
    }
    std::vector<bourse_value> items_;
    std::vector<bourse_arg> args_;
    bourse_query query_{};
  };

 private:
  enum class Kind { kPlain, kText, kList };
  struct Arg {
    std::string name;
    Kind kind;
    bourse_value plain;
    std::vector<std::string> texts;
  };
  Query& push(std::string name, Kind kind) {
    args_.push_back({std::move(name), kind, bourse_value{}, {}});
    return *this;
  }
  Query& set_text(std::string_view text) {
    args_.back().texts.emplace_back(text);
    return *this;
  }

  std::string dataset_;
  std::string source_;
  std::vector<Arg> args_;
};

/// What one query brought: a report, or why there is none. Borrowed until the call returns.
class Answer {
 public:
  explicit Answer(const bourse_answer& wire) noexcept : wire_(wire) {}
  [[nodiscard]] bool ok() const noexcept { return wire_.status == BOURSE_OK; }
  [[nodiscard]] bourse_status status() const noexcept { return wire_.status; }
  /// REQUIRES: ok().
  [[nodiscard]] ReportView report() const noexcept { return ReportView(*wire_.report); }
  [[nodiscard]] std::string_view code() const noexcept { return view(wire_.code); }
  [[nodiscard]] std::string_view message() const noexcept { return view(wire_.message); }

 private:
  bourse_answer wire_;
};

}  // namespace bourse
