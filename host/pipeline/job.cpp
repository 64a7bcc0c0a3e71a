// SPDX-License-Identifier: MIT
#include "host/pipeline/job.hpp"

#include <exception>

#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

/// A plugin's mistake is for its author, so its words go to the log as well.
Failure logged(Failure failure, const Component& component, const Context& context) {
  if (failure.status == BOURSE_INTERNAL) {
    log_event(BOURSE_ERROR, "call_failed",
              {{"component", component.full_name()},
               {"request_id", context.request_id},
               {"code", failure.code},
               {"message", failure.message}});
  }
  return failure;
}

/// What a plugin returned for a stop that the host asked for has no reason of its own.
Failure explained(Failure failure, const Context& context) {
  if (failure.status == BOURSE_DEADLINE || context.poll() == BOURSE_DEADLINE) {
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
  if (auto done = job.analysis->run(&call, job.analysis_arguments.data()); !done) {
    Failure why = call.why(std::move(done).failure());
    // A refused report (misuse of the builder) explains an unexplained failure best.
    if (why.code == "plugin_failed") {
      if (auto built = builder.finish(0); !built) why = std::move(built).failure();
    }
    return logged(explained(std::move(why), context), analysis, context);
  }
  auto report = builder.finish(call.newest);
  if (!report) return logged(std::move(report).failure(), analysis, context);
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
    auto done = job.serializer->render(&call, job.serializer_arguments.data(), (*report)->wire());
    if (!done) {
      return logged(explained(call.why(std::move(done).failure()), context), serializer, context);
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
