// SPDX-License-Identifier: MIT
//
// What components say through bourse/ext/metrics.h, probe.h, schema.h and watch.h, checked and
// copied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bourse/ext/metrics.h"
#include "bourse/ext/probe.h"
#include "bourse/ext/schema.h"
#include "bourse/ext/watch.h"
#include "host/base/result.hpp"

namespace bourse::host {

/// One figure of a component.
struct Metric {
  std::string name;  ///< [a-z][a-z0-9_]*, without the prefix that the host gives it
  std::string help;
  bool is_counter = false;
  std::vector<std::pair<std::string, std::string>> labels = {};
  double value = 0;
};

enum class Verdict : std::uint8_t { kPass, kFail, kSkipped };

/// One line of a probe.
struct Finding {
  Verdict verdict = Verdict::kFail;
  std::string name;
  std::string text = {};
  std::string advice = {};  ///< never empty when the verdict is not kPass
};

/// What a component offers to be probed with.
struct ProbeOffer {
  std::vector<std::pair<std::string, std::string>> examples = {};  ///< arguments for its datasets
  bool has_checks = false;
};

/// What a component told in one go.
struct Collection {
  std::vector<Metric> metrics = {};  ///< no two with the same name and labels
  std::size_t dropped = 0;           ///< told, but left out
  std::string why = {};              ///< the first of those was: which, and what is wrong with it
};

/// A failure when the figure breaks a rule of bourse_metric; the texts of a good one are valid
/// UTF-8 and short.
[[nodiscard]] Result<Metric> check_metric(const bourse_metric* said);
/// The texts are one line each, fit for a terminal. A verdict that this host does not know is shown
/// as kSkipped, and one that is none at all as kFail.
[[nodiscard]] Finding check_finding(const bourse_finding* said);
/// Copies of what `extension` returned, as far as both sides know it; nothing for null.
[[nodiscard]] std::optional<bourse_metrics> check_metrics(const void* offered);
[[nodiscard]] std::optional<bourse_probe> check_probe(const void* offered);
[[nodiscard]] std::optional<bourse_schema> check_schema(const void* offered);
[[nodiscard]] std::optional<bourse_watch> check_watch(const void* offered);
[[nodiscard]] ProbeOffer offer_of(const bourse_probe& probe);

}  // namespace bourse::host
