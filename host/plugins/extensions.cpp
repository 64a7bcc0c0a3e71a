// SPDX-License-Identifier: MIT
#include "host/plugins/extensions.hpp"

#include <algorithm>
#include <cstddef>

#include "host/base/take.hpp"
#include "host/base/utf8.hpp"
#include "host/plugins/text.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kLabelsMax = 8;
constexpr std::size_t kTextBytesMax = 1000;
constexpr std::size_t kExamplesMax = 32;

/// Empty for a text that leads nowhere or is too long to be meant.
std::string_view view_of(bourse_str text, std::size_t bytes_max) {
  if (text.ptr == nullptr || text.len > bytes_max) return {};
  return {text.ptr, text.len};
}

std::string line_of(bourse_str text) {
  return printable(view_of(text, 64 * kTextBytesMax), kTextBytesMax);
}

Failure bad_metric(std::string_view name, std::string_view why) {
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "bad_metric",
                 .message = in_quotes(name) + ": " + std::string(why)};
}

}  // namespace

Result<Metric> check_metric(const bourse_metric* said) {
  const auto copy = take(said, "bad_metric");
  if (!copy) return copy.failure();
  const std::string_view shown = view_of(copy->name, kTextBytesMax);
  Metric metric{.name = std::string(view_of(copy->name, BOURSE_MAX_ID_BYTES)),
                .help = line_of(copy->help),
                .is_counter = copy->kind == BOURSE_METRIC_COUNTER,
                .value = copy->value};
  if (!is_snake_name(metric.name)) {
    return bad_metric(shown, "its name is not [a-z][a-z0-9_]* of at most 64 bytes");
  }
  if (copy->kind != BOURSE_METRIC_COUNTER && copy->kind != BOURSE_METRIC_GAUGE) {
    return bad_metric(shown, "it is neither a counter nor a gauge");
  }
  if (metric.is_counter != metric.name.ends_with("_total")) {
    return bad_metric(shown, "the names of counters end in _total, and no others");
  }
  if (copy->n_labels > kLabelsMax || (copy->n_labels > 0 && copy->labels == nullptr)) {
    return bad_metric(shown, "it has more than 8 labels, or they are null");
  }
  for (std::size_t i = 0; i < copy->n_labels; ++i) {
    const std::string name(view_of(copy->labels[i].name, BOURSE_MAX_ID_BYTES));
    const bool taken = name == "source" || name == "plugin" ||
                       std::any_of(metric.labels.begin(), metric.labels.end(),
                                   [&](const auto& label) { return label.first == name; });
    if (!is_snake_name(name)) {
      return bad_metric(shown, "the name of a label is not [a-z][a-z0-9_]* of at most 64 bytes");
    }
    if (taken) return bad_metric(shown, "the label " + name + " is the host's, or there twice");
    metric.labels.emplace_back(name, line_of(copy->labels[i].value));
  }
  return metric;
}

Finding check_finding(const bourse_finding* said) {
  const auto copy = take(said, "bad_finding");
  if (!copy) {
    return {.verdict = Verdict::kFail,
            .name = "probe",
            .text = "the plugin said something that cannot be read: " + copy.failure().message,
            .advice = "Report it to the author of the plugin."};
  }
  Finding finding{.verdict = Verdict::kFail,
                  .name = line_of(copy->name),
                  .text = line_of(copy->text),
                  .advice = line_of(copy->advice)};
  if (copy->verdict == BOURSE_VERDICT_PASS) finding.verdict = Verdict::kPass;
  if (copy->verdict >= BOURSE_VERDICT_SKIPPED) finding.verdict = Verdict::kSkipped;
  if (finding.name.empty()) finding.name = "probe";
  if (!finding.advice.empty() || finding.verdict == Verdict::kPass) return finding;
  finding.advice = copy->verdict > BOURSE_VERDICT_SKIPPED
                       ? "This host does not know the verdict " + std::to_string(copy->verdict) +
                             ": use a newer host."
                       : "The plugin gives no advice; its documentation may.";
  return finding;
}

std::optional<bourse_metrics> check_metrics(const void* offered) {
  if (offered == nullptr) return std::nullopt;
  const auto copy = take(static_cast<const bourse_metrics*>(offered), "bad_metrics");
  return copy ? std::optional(*copy) : std::nullopt;
}

std::optional<bourse_probe> check_probe(const void* offered) {
  if (offered == nullptr) return std::nullopt;
  const auto copy = take(static_cast<const bourse_probe*>(offered), "bad_probe");
  return copy ? std::optional(*copy) : std::nullopt;
}

std::optional<bourse_schema> check_schema(const void* offered) {
  if (offered == nullptr) return std::nullopt;
  const auto copy = take(static_cast<const bourse_schema*>(offered), "bad_schema");
  return copy ? std::optional(*copy) : std::nullopt;
}

std::optional<bourse_watch> check_watch(const void* offered) {
  if (offered == nullptr) return std::nullopt;
  const auto copy = take(static_cast<const bourse_watch*>(offered), "bad_watch");
  return copy ? std::optional(*copy) : std::nullopt;
}

ProbeOffer offer_of(const bourse_probe& probe) {
  ProbeOffer offer{.has_checks = probe.probe != nullptr};
  const std::size_t count = probe.examples == nullptr ? 0 : probe.n_examples;
  for (std::size_t i = 0; i < std::min(count, kExamplesMax); ++i) {
    const bourse_arg& example = probe.examples[i];
    if (example.value.type != BOURSE_TYPE_TEXT) continue;
    offer.examples.emplace_back(std::string(view_of(example.name, BOURSE_MAX_ID_BYTES)),
                                std::string(view_of(example.value.as.text, kTextBytesMax)));
  }
  return offer;
}

}  // namespace bourse::host
