// SPDX-License-Identifier: MIT
//
// What a plugin's opaque bourse_call is: one call into one component, and what it may do there. The
// functions of bourse_host check that they are used in a call where they make sense; a wrong use is
// a refusal, never a crash.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/calls/context.hpp"
#include "host/calls/output.hpp"
#include "host/calls/workers.hpp"
#include "host/plugins/component.hpp"
#include "host/report/builder.hpp"

namespace bourse::host {

using ReportPtr = std::shared_ptr<const Report>;

/// Answers the queries of an analysis, side by side. Implemented by SourceDoor.
class QueryDoor {
 public:
  virtual ~QueryDoor() = default;
  /// One result a query, in order. `queries` holds no null pointer, but is not checked otherwise.
  virtual std::vector<Result<ReportPtr>> query(const Context& context,
                                               std::span<const bourse_query* const> queries) = 0;
};

/// Around a call into a component: one that says of itself that it waits
/// (BOURSE_COMPONENT_BLOCKING) gives its turn among the computing threads to another. `workers` may
/// be null.
class BlockingScope {
 public:
  BlockingScope(const Component& component, Workers* workers)
      : waiting_((component.flags & BOURSE_COMPONENT_BLOCKING) != 0 ? workers : nullptr) {}

 private:
  const Workers::Waiting waiting_;
};

/// The table of functions that every plugin is given. Static.
const bourse_host& plugin_host() noexcept;

}  // namespace bourse::host

/// In the global namespace, because bourse.h names it.
struct bourse_call {
  bourse_call(const bourse::host::Context& of, std::string_view in) : context(of), component(in) {}

  const bourse::host::Context& context;
  std::string_view component;                     ///< "plugin/component", for logs
  bourse::host::ReportBuilder* report = nullptr;  ///< analysis, source
  bourse::host::QueryDoor* door = nullptr;        ///< analysis
  bourse::host::Output* output = nullptr;         ///< serializer

  std::optional<bourse::host::Failure> failure;        ///< what the plugin gave as reason (fail)
  std::optional<bourse::host::Failure> query_failure;  ///< the first of its last failed query
  std::optional<bourse::host::Failure> misuse;   ///< the first use of a function out of its place
  std::vector<bourse::host::ReportPtr> answers;  ///< keeps alive what the plugin borrows
  std::deque<bourse::host::Failure> refusals;    ///< likewise
  std::int64_t newest = 0;                       ///< as_of of the newest answer
  std::mutex mutex;                              ///< of all above from `failure` on, and of output

  /// Why the call failed; nothing when it did not. `done`: what the instance made of the plugin's
  /// status. `spoilt`: the first thing that went wrong in what the plugin made, which no status
  /// makes right again. What the plugin recorded says more than the number that it returned.
  [[nodiscard]] std::optional<bourse::host::Failure> outcome(
      bourse::host::Result<void> done, const std::optional<bourse::host::Failure>& spoilt = {});

 private:
  [[nodiscard]] bourse::host::Failure why(bourse::host::Failure told,
                                          const std::optional<bourse::host::Failure>& spoilt) const;
};
