// SPDX-License-Identifier: MIT
//
// call.hpp - the request that is being answered: Call asks, builds the report, writes the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/chart.hpp"
#include "bourse/detail/list.hpp"
#include "bourse/host.hpp"
#include "bourse/query.hpp"
#include "bourse/table.hpp"
#include "bourse/value.hpp"
#include "bourse/view.hpp"

namespace bourse::inline sdk_0_1 {

/// An answer that is given back when it goes out of scope, so that who pages through years holds
/// one page and not all: Call::page. What was taken from it must not be used after it.
class Page : public ReportView {
 public:
  Page(const bourse_host* host, bourse_call* call, ReportView report) noexcept
      : ReportView(report), host_(host), call_(call) {}
  Page(Page&& other) noexcept
      : ReportView(other), host_(std::exchange(other.host_, nullptr)), call_(other.call_) {}
  Page& operator=(Page&& other) noexcept {
    if (this == &other) return *this;
    give_back();
    ReportView::operator=(other);
    host_ = std::exchange(other.host_, nullptr);
    call_ = other.call_;
    return *this;
  }
  ~Page() { give_back(); }

 private:
  void give_back() noexcept {
    if (host_ != nullptr && host_->release != nullptr) host_->release(call_, &wire());
    host_ = nullptr;
  }
  const bourse_host* host_;  ///< null: it has been moved from
  bourse_call* call_;
};

/// The request that is being answered. Every method may throw to end the call at once (the host
/// already knows why): let it pass. On any thread while the call lasts, one thread at a time; poll,
/// ns_left, now and log: on many.
class Call {
 public:
  Call(const bourse_host* host, bourse_call* call) noexcept : host_(host), call_(call) {}

  /// The time of this call: one for all that is done for a request; tests and replays set it.
  [[nodiscard]] Time now() const { return Time{host_->now(call_)}; }
  /// Ends the call if the client went away or the deadline passed. Cheap: every few thousand rows.
  void poll() const { detail::ok(host_->poll(call_, nullptr)); }
  /// Until the deadline, in ns; polls.
  [[nodiscard]] std::int64_t ns_left() const {
    std::int64_t ns = 0;
    detail::ok(host_->poll(call_, &ns));
    return ns;
  }
  /// The host adds time, plugin, route and request id.
  ///   call.log(BOURSE_LEVEL_INFO, "refilled", {{"rows", rows.size()}, {"symbol", symbol}});
  void log(std::int32_t level, std::string_view message,
           std::initializer_list<LogField> fields = {}) const noexcept {
    detail::log(host_, call_, level, message, fields);
  }

  // -- data ---------------------------------------------------------------------------------------

  /// Asks all at once, side by side. Never throws for a query that failed: look at each answer.
  /// (A template, so that a vector of answers is compiled where one is asked for.)
  template <class Each = Answer>
  [[nodiscard]] std::vector<Each> ask(std::span<const Query> queries) const {
    const Query::Wire wire(queries.data(), queries.size());
    std::vector<Each> answers(queries.size(), Each(bourse_answer{}));
    detail::List<bourse_answer> brought;
    brought.reserve(queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i) brought.push({});
    const bourse_status status = host_->query(call_, queries.size(), wire.all(), brought.begin());
    if (status == BOURSE_CANCELLED) throw detail::Stop{status};
    for (std::size_t i = 0; i < queries.size(); ++i) answers[i] = Each(brought.begin()[i]);
    return answers;
  }
  /// Asks one; its failure ends the call and becomes the client's answer.
  [[nodiscard]] ReportView ask(const Query& query) const {
    const Query::Wire wire(query);
    bourse_answer answer{};
    detail::ok(host_->query(call_, 1, wire.all(), &answer));
    return ReportView(*answer.report);
  }
  /// As ask, for answers that are used and left behind:
  ///   for (; from < to; from = end_of(page)) {
  ///     const bourse::Page page = call.page(Query("candles").with("start", from));
  [[nodiscard]] Page page(const Query& query) const { return {host_, call_, ask(query)}; }
  /// Gives back what ask brought, before the call ends. It must not be used any more.
  void release(ReportView answer) const {
    if (host_->release != nullptr) detail::ok(host_->release(call_, &answer.wire()));
  }
  /// What this call says cannot change before that time. Without it, what it says is true for the
  /// moment only, unless the component is PURE.
  void fresh_until(Time time) const {
    if (host_->fresh_until != nullptr) detail::ok(host_->fresh_until(call_, time.ns));
  }

  // -- the report (analysis, source) --------------------------------------------------------------

  void title(std::string_view text) const { meta("bourse.title", text); }
  /// Time of the newest input. Without it: the newest among the answers to this call's queries.
  void as_of(Time time) const { meta("bourse.as_of", time); }
  /// `v`: anything that CrossesAsValue, here and in scalar.
  template <class T>
  void meta(std::string_view key, const T& v) const {
    const bourse_meta wire{sizeof(bourse_meta), 0, borrow(key), value(v)};
    detail::ok(host_->meta(call_, &wire));
  }
  void note(std::int32_t level, std::string_view code, std::string_view text) const {
    const bourse_note wire{sizeof(bourse_note), level, borrow(code), borrow(text)};
    detail::ok(host_->note(call_, &wire));
  }
  void warn(std::string_view code, std::string_view text) const {
    note(BOURSE_LEVEL_WARN, code, text);
  }
  /// Passes on what a source had to say of its data.
  void notes_of(ReportView report) const {
    const bourse_report& wire = report.wire();
    for (std::size_t i = 0; i < wire.n_notes; ++i) {
      note(wire.notes[i]->level, view(wire.notes[i]->code), view(wire.notes[i]->text));
    }
  }
  /// Throws Error `wrong_scalar_type` when the field is declared otherwise.
  template <class T>
  void scalar(const Field& field, const T& v) const {
    const bourse_scalar wire{sizeof(bourse_scalar), 0, &field, value(v)};
    if (wire.value.type != BOURSE_TYPE_NULL && wire.value.type != field.type) {
      detail::wrong_type("scalar", field.name, field.type, wire.value.type);
    }
    detail::ok(host_->scalar(call_, &wire));
  }
  template <class T, class V>
  void scalar(const FieldOf<T>& field, const V& v) const {
    if constexpr (CrossesAsValue<V> && !detail::kFits<T, V>) {
      static_assert(detail::kNever<V>, "the value has another type than its FieldOf says");
    } else {
      scalar(static_cast<const Field&>(field), v);
    }
  }
  /// A whole table. Returns its number, for add_rows.
  std::uint32_t add(const TableBuilder& table) const {
    detail::List<const bourse_field*> fields;
    for (const Field& field : table.fields_) fields.push(&field);
    return detail::begin_table(host_, call_, table.name(), table.label(), fields.size(),
                               fields.begin(), table.rows(), table.arrays_.begin())
        .number;
  }
  /// More rows of a table that was added: the same columns in the same order, for those whose types
  /// are known at run time only. Decimals must have the scale that the table began with.
  void add_rows(std::uint32_t table, const TableBuilder& rows) const {
    detail::OpenTable{host_, call_, table}.append(rows.rows(), rows.arrays_.size(),
                                                  rows.arrays_.begin());
  }
  /// Begins a table whose rows come one by one or in blocks, also while others are open:
  ///   auto rows = call.begin("levels", "Levels", FieldOf<std::string_view>("side"),
  ///                          FieldOf<Decimal>("price").scaled(8));
  template <class... T>
  [[nodiscard]] Rows<T...> begin(const std::string& name, const std::string& label,
                                 const FieldOf<T>&... fields) const {
    return Rows<T...>(host_, call_, name, label, fields...);
  }
  /// After the table that it draws.
  void add(const Chart& chart) const {
    detail::ok(
        chart.with_wire([&](const bourse_chart& wire) { return host_->chart(call_, &wire); }));
  }

  // -- the answer's bytes (serializer) ------------------------------------------------------------

  /// Before the first byte. A Link to "?a=b" has the rest of the request's query added by the host.
  void header(std::string_view name, std::string_view text) const {
    detail::ok(host_->header(call_, borrow(name), borrow(text)));
  }
  void write(std::string_view bytes) const { detail::ok(host_->write(call_, borrow(bytes))); }

  [[nodiscard]] const bourse_host* host() const noexcept { return host_; }
  [[nodiscard]] bourse_call* wire() const noexcept { return call_; }

 private:
  const bourse_host* host_;
  bourse_call* call_;
};

}  // namespace bourse::inline sdk_0_1
