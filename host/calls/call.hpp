// SPDX-License-Identifier: MIT
//
// What a plugin's opaque bourse_call is: one call into one component, and what it may do there. The
// functions of bourse_host check that they are used in a call where they make sense; a wrong use is
// a refusal, never a crash.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bourse/bourse.h"
#include "host/base/crumb.hpp"
#include "host/base/result.hpp"
#include "host/calls/context.hpp"
#include "host/calls/output.hpp"
#include "host/calls/truth.hpp"
#include "host/calls/workers.hpp"
#include "host/plugins/component.hpp"
#include "host/plugins/plugin_host.hpp"
#include "host/report/builder.hpp"

namespace bourse::host {

using ReportPtr = std::shared_ptr<const Report>;

/// What a source or an analysis answered.
struct Answer {
  ReportPtr report;  ///< never null
  /// What the component said by fresh_until, ns since 1970: the earliest, if it said several. It
  /// speaks of the component alone, not of what it asked.
  std::optional<std::int64_t> fresh_until = {};
  /// The earliest of that and of what it asked; see bourse_call::truth.
  Truth truth = {};
  /// That of its question; null where nobody keeps answers.
  std::shared_ptr<ChangeMark> mark = {};
};

/// Answers the queries of a call, side by side. Implemented in host/calls/sources.hpp.
class QueryDoor {
 public:
  virtual ~QueryDoor() = default;
  /// One result a query, in order. `queries` were taken (host/base/take.hpp), but are not checked
  /// otherwise.
  virtual std::vector<Result<Answer>> query(const Context& context,
                                            std::span<const bourse_query> queries) = 0;
  /// May a query name a source of the configuration?
  [[nodiscard]] virtual bool takes_names() const noexcept = 0;
};

/// The answers that a call has and did not give back, and the refusals, which it keeps to its end.
/// Not thread-safe.
class KeptAnswers {
 public:
  explicit KeptAnswers(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Keeps the answer, once more if it is there already; false when that would be too much.
  bool keep(const ReportPtr& report);
  /// What the plugin borrows of a failure; null when that would be too much.
  const bourse_failure* keep(Failure why);
  /// False: there is no such answer.
  bool release(const bourse_report* answer);
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }

 private:
  struct Kept {
    ReportPtr report;
    std::size_t times = 0;  ///< equal queries may have one answer
  };
  struct Refusal {
    Failure why;
    bourse_failure wire{};
  };

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::unordered_map<const bourse_report*, Kept> reports_;
  std::list<Refusal> refusals_;
};

/// Around a call into a component: one that says of itself that it waits
/// (BOURSE_COMPONENT_BLOCKING) gives its turn among the computing threads to another; one that does
/// not has a turn, even if it is asked by one that waits. `workers` may be null.
class BlockingScope {
 public:
  BlockingScope(const Component& component, Workers* workers)
      : waiting_(blocks(component) ? workers : nullptr),
        computing_(blocks(component) ? nullptr : workers) {}

 private:
  static bool blocks(const Component& component) {
    return (component.flags & BOURSE_COMPONENT_BLOCKING) != 0;
  }
  const Workers::Waiting waiting_;
  const Workers::Computing computing_;
};

/// What every plugin is given: the functions, and calls for init. Static.
const HostFunctions& plugin_host() noexcept;

}  // namespace bourse::host

/// In the global namespace, because bourse.h names it.
struct bourse_call {
  /// `who`: "plugin/component", or the plugin alone; for logs; borrowed.
  bourse_call(const bourse::host::Context& of, std::string_view who,
              std::size_t kept_bytes_max = BOURSE_MAX_KEPT_BYTES)
      : context(of),
        component(who),
        kept(kept_bytes_max),
        errand({.request_id = of.request_id, .route = of.route}) {}
  bourse_call(const bourse::host::Context& of, const bourse::host::Component& in)
      : context(of),
        name(in.full_name()),
        component(name),
        kept(BOURSE_MAX_KEPT_BYTES),
        errand({.request_id = of.request_id, .route = of.route}) {}
  bourse_call(const bourse_call&) = delete;
  bourse_call& operator=(const bourse_call&) = delete;

  const bourse::host::Context& context;
  const std::string name = {};  ///< what `component` borrows, if nobody else has it
  const std::string_view component;
  bourse::host::ReportBuilder* report = nullptr;  ///< analysis, source
  bourse::host::QueryDoor* door = nullptr;        ///< analysis, source
  bourse::host::Output* output = nullptr;         ///< serializer
  /// What it was called with: an argument of a query that stands in here was passed on, any other
  /// is the plugin's own. Null: nothing is known of it.
  const bourse::host::Arguments* arguments = nullptr;

  std::optional<bourse::host::Failure> failure;        ///< what the plugin gave as reason (fail)
  std::optional<bourse::host::Failure> query_failure;  ///< the first of its last failed query
  /// The first of a query to the source of its route that could not be asked; see is_of_source().
  std::optional<bourse::host::Failure> source_failure;
  std::optional<bourse::host::Failure> misuse;  ///< the first use of a function out of its place
  bourse::host::KeptAnswers kept;               ///< keeps alive what the plugin borrows
  std::int64_t newest = 0;                      ///< as_of of the newest answer
  std::optional<std::int64_t> fresh_until;      ///< the earliest that the plugin said
  bourse::host::Truth of_answers{.until = bourse::host::kTrueForEver};
  std::mutex mutex;  ///< of all above from `failure` on, and of output

  const bourse::host::ErrandScope errand;  ///< the call is made and ended on one thread

  std::atomic<bool> asked_now{false};
  std::atomic<bool> asked_language{false};

  /// How long what this call made is true: the earliest of what the plugin said
  /// and of the truth of its answers. A component that is not PURE, or that asked for the time, and
  /// says nothing, is true for the moment only; so is one that went on without an answer that
  /// failed, and one that speaks the language of who asked. Answers given back count as well.
  [[nodiscard]] bourse::host::Truth truth(const bourse::host::Component& component);

  /// Why the call failed; nothing when it did not. `done`: what the instance made of the plugin's
  /// status. `spoilt`: the first thing that went wrong in what the plugin made, which no status
  /// makes right again. What the plugin recorded says more than the number that it returned.
  [[nodiscard]] std::optional<bourse::host::Failure> outcome(
      bourse::host::Result<void> done, const std::optional<bourse::host::Failure>& spoilt = {});

 private:
  [[nodiscard]] bourse::host::Failure why(bourse::host::Failure told,
                                          const std::optional<bourse::host::Failure>& spoilt) const;
};
