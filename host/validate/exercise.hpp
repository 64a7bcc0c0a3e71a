// SPDX-License-Identifier: MIT
//
// One ordinary call into a component, for rules that look at what it leaves behind and not at what
// it answers.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "host/parameters/parameter.hpp"
#include "host/parameters/value.hpp"
#include "host/plugins/instance.hpp"
#include "host/report/report.hpp"
#include "host/validate/subject.hpp"

namespace bourse::host::validate {

/// Runs an analysis without a source, renders a small report, fetches each dataset of a source that
/// does not wait for others; with default values, and for required ones such as their declaration
/// allows. False: nothing was called.
bool call_once(const std::shared_ptr<Instance>& instance);

/// Default values, and for required ones such as their declaration allows; nothing where none can
/// be guessed.
std::optional<Arguments> example_arguments(const std::vector<Parameter>& parameters);

/// Of everything a little: a scalar, a table with a column of each type, notes, a chart.
std::shared_ptr<const Report> small_report();

/// All components at once, as a server has them: made with their settings, called, ended. What they
/// answer, and those that need settings that nobody gave, are the business of other rules.
/// REQUIRES: loaded.
void use_all_once(Subject& subject);

}  // namespace bourse::host::validate
