// SPDX-License-Identifier: MIT
#include "host/calls/job.hpp"

#include <exception>
#include <optional>

#include "host/base/failures.hpp"
#include "host/calls/call_watch.hpp"
#include "host/calls/returned.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

/// A plugin's mistake is for its author, so its words go to the log as well.
Failure logged(Failure failure, const std::string& component, const Job& job,
               const Context& context) {
  if (failure.status == BOURSE_INTERNAL && job.logs_mistakes) {
    log_event(BOURSE_LEVEL_ERROR, "call_failed",
              {{"component", component},
               {"route", context.route},
               {"source", job.source ? job.source->name() : std::string()},
               {"request_id", context.request_id},
               {"code", failure.code},
               {"message", failure.message}});
  }
  return failure;
}

/// For the author of the analysis, who looks at level debug; nobody's request fails of it.
void tell_differences(const Component& analysis, const Report& report, const Context& context) {
  if (!analysis.returned || !log_enabled(BOURSE_LEVEL_DEBUG)) return;
  for (const std::string& difference : differences(report.wire(), *analysis.returned)) {
    log_event(BOURSE_LEVEL_DEBUG, "report_differs",
              {{"component", analysis.full_name()},
               {"route", context.route},
               {"request_id", context.request_id},
               {"message", difference}});
  }
}

void tell_of_spare(ReportBuilder& builder, const Job& job) {
  static constexpr std::string_view kCode = "spare_source";
  const std::string text = "Source " + job.instead_of +
                           " could not be asked. This comes from source " + job.source->name() +
                           ".";
  const bourse_note note{.size = sizeof(bourse_note),
                         .level = BOURSE_LEVEL_WARN,
                         .code = {kCode.data(), kCode.size()},
                         .text = {text.data(), text.size()}};
  (void)builder.note(&note);
}

}  // namespace

Result<Answer> analyse(const Job& job, const Context& context, Workers* workers) {
  const Stopwatch watch(context.stages.get(), Stages::kAnalysis);
  const Component& analysis = job.analysis->component();
  const std::string& name = job.analysis->full_name();
  ReportBuilder builder(name, analysis.title);
  SourceDoor door(*job.sources, job.source.get(), analysis, workers);
  bourse_call call(context, name, job.kept_bytes_max);
  call.report = &builder;
  call.door = &door;
  call.arguments = &job.analysis_arguments;
  Result<void> done;
  {
    const BlockingScope scope(analysis, workers);
    const WatchedCall watched(workers, *job.analysis, "run", context);
    if (watched.refused()) return *watched.refused();
    done = job.analysis->run(&call, job.analysis_arguments.data(), Workers::pause_of(workers));
  }
  if (!job.instead_of.empty()) tell_of_spare(builder, job);
  auto report = builder.finish(call.newest);
  const std::optional<Failure> spoilt =
      report ? std::nullopt : std::optional(std::move(report).failure());
  if (auto why = call.outcome(std::move(done), spoilt)) {
    return explained(logged(*std::move(why), name, job, context), context, name);
  }
  if (job.has_spare && call.source_failure) return *std::move(call.source_failure);
  tell_differences(analysis, **report, context);
  return Answer{*std::move(report), call.fresh_until, call.truth(analysis), context.mark};
}

Result<Rendered> render(const Job& job, const Report& report, const Truth& truth,
                        const Context& context, Workers* workers, Outlet* outlet) {
  const Stopwatch watch(context.stages.get(), Stages::kRender);
  const Component& serializer = job.serializer->component();
  const std::string& name = job.serializer->full_name();
  Output output(job.response_bytes_max, outlet);
  bourse_call call(context, name);
  call.output = &output;
  Result<void> done;
  {
    const BlockingScope scope(serializer, workers);
    const WatchedCall watched(workers, *job.serializer, "render", context);
    if (watched.refused()) return *watched.refused();
    done = job.serializer->render(&call, job.serializer_arguments.data(), report.wire(),
                                  Workers::pause_of(workers));
  }
  if (done) (void)output.finish();  // what it says is in output.failure()
  if (auto why = call.outcome(std::move(done), output.failure())) {
    return explained(logged(*std::move(why), name, job, context), context, name);
  }
  Rendered rendered;
  rendered.is_passed_on = output.is_passed_on();
  rendered.headers = output.headers();
  rendered.bytes = std::move(output).take();
  rendered.media_type = serializer.media_type;
  rendered.truth = call.truth(serializer).with(truth);
  rendered.as_of = report.wire().as_of;
  return rendered;
}

Result<Rendered> perform(const Job& job, const Context& context, Workers* workers) {
  try {
    const auto answer = analyse(job, context, workers);
    if (!answer) return answer.failure();
    return render(job, *answer->report, answer->truth, context, workers);
  } catch (const std::exception&) {
    return out_of_memory_failure();
  }
}

}  // namespace bourse::host
