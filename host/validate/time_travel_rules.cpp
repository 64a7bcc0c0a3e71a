// SPDX-License-Identifier: MIT
//
// Hosts of other minors: the oldest one that the plugin says it works with, and one that does not
// exist yet. What a struct has beyond its `size` cannot be read, and what it has more than this
// host knows is poison, so that each read beyond what was looked at shows.
#include <array>
#include <chrono>
#include <string>

#include "host/calls/call.hpp"
#include "host/validate/exercise.hpp"
#include "host/validate/longer.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

/// How long the table of functions was in each minor.
constexpr std::array<std::uint32_t, BOURSE_ABI_MINOR + 1> kHostBytes = {
    offsetof(bourse_host, write) + sizeof(bourse_host::write)};

void live_in(Subject& subject, const Findings& findings, const HostFunctions& host, HostShape shape,
             const std::string& which) {
  auto done = subject.open();
  if (done) done = subject.enter(host, shape);
  if (done) done = subject.start();
  if (!done) return findings.fail(which, done.failure().message);
  use_all_once(subject);
  subject.end();
  subject.close();
}

void check_lowest_host(Subject& subject, const Findings& findings) {
  if (!subject.load()) return;
  const std::uint32_t minor = subject.declaration().abi_minor;
  subject.end();
  subject.close();
  if (minor > BOURSE_ABI_MINOR) return findings.skip("it asks for a newer host than this one");
  live_in(subject, findings, plugin_host(),
          {.bytes = kHostBytes[minor], .minor = minor, .is_guarded = true},
          "a host of minor " + std::to_string(minor) + ", which it says is enough");
}

void check_longer_host(Subject& subject, const Findings& findings) {
  if (!subject.load()) return;
  subject.end();
  subject.close();
  constexpr std::uint32_t kMore = 128;
  live_in(subject, findings, plugin_host(),
          {.bytes = sizeof(bourse_host) + kMore, .minor = BOURSE_ABI_MINOR + 1, .is_guarded = true},
          "a host of the next minor, whose table is longer");
}

const void* no_extension(const bourse_host*, const char*) { return nullptr; }

void check_no_extensions(Subject& subject, const Findings& findings) {
  if (!subject.load()) return;
  subject.end();
  subject.close();
  HostFunctions host = plugin_host();
  host.table.extension = no_extension;
  live_in(subject, findings, host, {}, "a host that answers NULL to each extension");
  host.table.extension = nullptr;
  live_in(subject, findings, host, {}, "a host whose function `extension` is NULL");
}

void check_unknown_id(Subject& subject, const Findings& findings) {
  if (!subject.load()) return;
  const auto instance = subject.create();
  if (instance == nullptr) return;
  for (const char* const id : {"bourse.later/1", "bourse.metrics/999", "bourse.watch/", "bourse",
                               "acme.other/1", "", "%s%n"}) {
    findings.item("extension(\"" + std::string(id) + "\")");
    if (instance->extension(id) == nullptr) continue;
    findings.fail("extension(\"" + std::string(id) + "\")", "it offers what it cannot know");
  }
}

struct Rendering {
  Result<void> done = {};
  std::string bytes = {};
};

Rendering rendering_of(const std::shared_ptr<Instance>& instance, const Arguments& arguments,
                       const bourse_report& report) {
  const Context context{.request_id = "",
                        .route = "validate",
                        .deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20)};
  Output output(std::size_t{16} << 20);
  bourse_call call(context, instance->component());
  call.output = &output;
  Rendering rendering;
  auto done = instance->render(&call, arguments.data(), report);
  if (done) (void)output.finish();
  if (auto why = call.outcome(std::move(done), output.failure())) {
    rendering.done = *std::move(why);
    return rendering;
  }
  rendering.bytes = std::move(output).take();
  return rendering;
}

void check_report(Subject& subject, const Findings& findings, bool unknown) {
  if (!subject.load()) return;
  const auto instance = subject.create();
  if (instance == nullptr) return;
  const auto arguments = example_arguments(subject.component()->params);
  const auto report = small_report();
  if (!arguments || report == nullptr) return findings.skip("its parameters cannot be guessed");
  findings.item("render of a report of this minor");
  const Rendering now = rendering_of(instance, *arguments, report->wire());
  if (!now.done) {
    return findings.skip("it renders no small report: " + now.done.failure().message);
  }
  const LongerReport longer(report->wire(), unknown);
  const std::string which =
      unknown ? "a report with numbers that have no name yet" : "a report whose structs are longer";
  findings.item("render of " + which);
  const Rendering later = rendering_of(instance, *arguments, longer.wire());
  if (!later.done) return findings.fail(which, "render failed: " + later.done.failure().message);
  if (unknown) {
    if (later.bytes.empty()) findings.fail(which, "render wrote nothing");
  } else if (later.bytes != now.bytes) {
    findings.fail(which, "render wrote other bytes than for the same report of this minor");
  }
}

void check_longer_report(Subject& subject, const Findings& findings) {
  check_report(subject, findings, false);
}

void check_unknown_numbers(Subject& subject, const Findings& findings) {
  check_report(subject, findings, true);
}

constexpr const char* kSizes =
    "ask BOURSE_HAS(struct, function) before each use of what a later minor added, and take "
    "`size` as it is (rule 3 of bourse.h)";

constexpr std::array kRules = {
    Rule{.id = "time-travel.lowest-host",
         .asks =
             "It works with a host of the lowest minor that it says it can work with, and reads "
             "nothing beyond its size.",
         .remedy = kSizes,
         .applies = kToPlugin,
         .check = check_lowest_host,
         .after = "lifecycle.again"},
    Rule{.id = "time-travel.longer-host",
         .asks = "It works with a host of the next minor, and reads nothing that it does not know.",
         .remedy = kSizes,
         .applies = kToPlugin,
         .check = check_longer_host,
         .after = "time-travel.lowest-host"},
    Rule{.id = "time-travel.no-extensions",
         .asks = "It works with a host that offers none of the extensions that it may ask for.",
         .remedy = "look whether `extension` is NULL and whether it gave NULL, and do without",
         .applies = kToPlugin,
         .check = check_no_extensions,
         .after = "lifecycle.again"},
    Rule{.id = "time-travel.unknown-id",
         .asks = "Asked for an extension that it does not know, it answers NULL.",
         .remedy = "compare the whole id, its number too, and answer NULL to all others",
         .applies = kToComponents,
         .check = check_unknown_id,
         .after = "lifecycle.no-growth"},
    Rule{.id = "time-travel.longer-report",
         .asks = "A report whose structs are longer than it knows is rendered as the same one of "
                 "its own minor.",
         .remedy = "follow the arrays of pointers, and read no field that BOURSE_REACHES does not "
                   "reach; a struct is never copied by its `size`",
         .applies = kToSerializers,
         .check = check_longer_report,
         .after = "lifecycle.one-call"},
    Rule{.id = "time-travel.unknown-numbers",
         .asks =
             "What carries a type, kind, role, level or flag without a name is left out, and the "
             "rest is rendered.",
         .remedy = "give each switch over numbers of the contract a default that leaves out",
         .applies = kToSerializers,
         .check = check_unknown_numbers,
         .after = "time-travel.longer-report"},
};

}  // namespace

Rules time_travel_rules() { return kRules; }

}  // namespace bourse::host::validate
