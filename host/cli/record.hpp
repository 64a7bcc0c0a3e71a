// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/cli/setup.hpp"
#include "host/cli/source.hpp"

namespace bourse::host {

struct RecordOptions {
  SetupOptions setup = {};
  SourceOptions from = {};
  std::vector<std::string> words = {};  ///< datasets, then arguments for them: "--limit", "10"
  std::string format = {};              ///< a serializer; empty: the one that writes JSON
  std::filesystem::path folder = {};
  std::string every = {};         ///< "10s": again and again; empty: once
  std::size_t count = 0;          ///< with `every`: how often; 0: until it is interrupted
  double timeout_seconds = 60.0;  ///< for each answer
};

/// Writes a source's answers as files, one each: DATASET_ARGUMENTS.report.SUFFIX, and with `every`
/// the time before the suffix. Each is whole or not there. kDone when all could be written.
int record(const RecordOptions& options);

/// "levels_A_100", of what was given for the dataset's parameters, in their order. Only
/// letters, digits, '.', '-' and '_'; at most 150 characters. `time`: behind it, as
/// 20261130T210918Z; 0: none.
[[nodiscard]] std::string recorded_name(const Dataset& dataset, const NamedTexts& given,
                                        std::int64_t time);

}  // namespace bourse::host
