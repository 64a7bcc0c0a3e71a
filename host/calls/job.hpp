// SPDX-License-Identifier: MIT
//
// One question answered: analysis, then serializer. What a route and the command line share.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/base/result.hpp"
#include "host/calls/context.hpp"
#include "host/calls/output.hpp"
#include "host/calls/sources.hpp"
#include "host/parameters/value.hpp"
#include "host/plugins/instance.hpp"

namespace bourse::host {

struct Job {
  std::shared_ptr<Instance> analysis;
  Arguments analysis_arguments;
  std::shared_ptr<Instance> serializer;
  Arguments serializer_arguments;
  std::shared_ptr<Source> source;  ///< may be null
  /// The source that is asked first, if `source` stands in for it: the report has a note of it.
  std::string instead_of = {};
  /// Another one is asked where `source` fails: then a report is none that was made without it,
  /// however much of that the analysis tolerates.
  bool has_spare = false;
  std::shared_ptr<const Sources> sources;  ///< never null
  std::size_t response_bytes_max = std::size_t{64} << 20;
  /// Of the answers that the analysis has at once and did not give back.
  std::size_t kept_bytes_max = BOURSE_MAX_KEPT_BYTES;
  /// Whether a failure that is a plugin's mistake goes to the log too; false: who asks tells it.
  bool logs_mistakes = true;
};

struct Rendered {
  std::string bytes;
  std::string media_type;
  std::vector<std::pair<std::string, std::string>> headers;
  Truth truth = {};           ///< of the report and of how it was rendered
  std::int64_t as_of = 0;     ///< of the report
  bool is_passed_on = false;  ///< an outlet has got it
};

/// Runs the analysis and renders its report. On a thread of `workers`, or on any with null.
Result<Rendered> perform(const Job& job, const Context& context, Workers* workers);

/// The first half: the report alone, and how long it is true.
Result<Answer> analyse(const Job& job, const Context& context, Workers* workers);
/// The second half, of a report that has this truth. `outlet`: gets an answer that is long, and
/// then there are no bytes in what is returned; null: one longer than job.response_bytes_max fails.
Result<Rendered> render(const Job& job, const Report& report, const Truth& truth,
                        const Context& context, Workers* workers, Outlet* outlet = nullptr);

}  // namespace bourse::host
