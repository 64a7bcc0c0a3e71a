// SPDX-License-Identifier: MIT
#include "host/calls/job.hpp"

#include <exception>
#include <optional>

#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

/// A plugin's mistake is for its author, so its words go to the log as well.
Failure logged(Failure failure, const Component& component, const Context& context) {
  if (failure.status == BOURSE_INTERNAL) {
    log_event(BOURSE_LEVEL_ERROR, "call_failed",
              {{"component", component.full_name()},
               {"request_id", context.request_id},
               {"code", failure.code},
               {"message", failure.message}});
  }
  return failure;
}

/// What a plugin returned for a stop that the host asked for has no reason of its own. A deadline
/// that it met elsewhere, at its exchange say, it tells of itself.
Failure explained(Failure failure, const Context& context) {
  const bool unexplained = failure.code == "plugin_failed" || failure.code == "cut_off";
  if (context.poll() == BOURSE_DEADLINE || (failure.status == BOURSE_DEADLINE && unexplained)) {
    return Failure{.status = BOURSE_DEADLINE,
                   .code = "deadline_exceeded",
                   .message =
                       "The answer took longer than this route allows. Ask for less, or try "
                       "again later."};
  }
  return failure;
}

}  // namespace

Result<ReportPtr> analyse(const Job& job, const Context& context, Workers* workers) {
  const Component& analysis = job.analysis->component();
  const std::string name = analysis.full_name();
  ReportBuilder builder(name, analysis.title);
  SourceDoor door(*job.sources, job.source.get(), workers);
  bourse_call call(context, name);
  call.report = &builder;
  call.door = &door;
  Result<void> done;
  {
    const BlockingScope scope(analysis, workers);
    done = job.analysis->run(&call, job.analysis_arguments.data(), Workers::pause_of(workers));
  }
  auto report = builder.finish(call.newest);
  const std::optional<Failure> spoilt =
      report ? std::nullopt : std::optional(std::move(report).failure());
  if (auto why = call.outcome(std::move(done), spoilt)) {
    return explained(logged(*std::move(why), analysis, context), context);
  }
  return report;
}

Result<Rendered> perform(const Job& job, const Context& context, Workers* workers) {
  try {
    auto report = analyse(job, context, workers);
    if (!report) return std::move(report).failure();
    const Component& serializer = job.serializer->component();
    const std::string name = serializer.full_name();
    Output output(job.response_bytes_max);
    bourse_call call(context, name);
    call.output = &output;
    Result<void> done;
    {
      const BlockingScope scope(serializer, workers);
      done = job.serializer->render(&call, job.serializer_arguments.data(), (*report)->wire(),
                                    Workers::pause_of(workers));
    }
    if (auto why = call.outcome(std::move(done), output.failure())) {
      return explained(logged(*std::move(why), serializer, context), context);
    }
    Rendered rendered;
    rendered.headers = output.headers();
    rendered.bytes = std::move(output).take();
    rendered.media_type = serializer.media_type;
    return rendered;
  } catch (const std::exception&) {
    return Failure{.status = BOURSE_UNAVAILABLE,
                   .code = "out_of_memory",
                   .message =
                       "The server has not enough memory for this answer. Ask for less, or "
                       "try again later."};
  }
}

}  // namespace bourse::host
