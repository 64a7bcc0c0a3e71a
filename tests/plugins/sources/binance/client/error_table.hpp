// SPDX-License-Identifier: MIT
//
// The exchange's error codes as its documents have them, from error_codes.csv, which says where
// from. Independent of the client's own table.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "plugins/sources/binance/client/error_codes.hpp"

namespace bourse::binance {

struct DocumentedCode {
  std::int64_t code = 0;
  std::string name, group, again;
};

inline std::vector<DocumentedCode> documented_codes() {
  std::ifstream file(BOURSE_SOURCE_DIR "/tests/plugins/sources/binance/client/error_codes.csv");
  EXPECT_TRUE(file.is_open());
  std::vector<DocumentedCode> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() != '-') continue;  // comments, and the names of the columns
    std::istringstream cells(line);
    DocumentedCode row;
    std::string code;
    std::getline(cells, code, ',');
    std::getline(cells, row.name, ',');
    std::getline(cells, row.group, ',');
    std::getline(cells, row.again, ',');
    row.code = std::stoll(code);
    rows.push_back(std::move(row));
  }
  EXPECT_EQ(rows.size(), 109u);
  return rows;
}

/// In the words of the fixture.
inline std::string group_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kAuthentication:
      return "authentication";
    case ErrorKind::kRateLimit:
      return "rate_limit";
    case ErrorKind::kValidation:
      return "validation";
    case ErrorKind::kServer:
      return "server";
    case ErrorKind::kUnknownOutcome:
      return "unknown_outcome";
    default:
      return "another";
  }
}

inline std::string word_of(Again again) {
  switch (again) {
    case Again::kNo:
      return "no";
    case Again::kSync:
      return "sync_once";
    case Again::kWait:
      return "wait";
    case Again::kSafe:
      return "safe";
    case Again::kSafeLong:
      return "safe_long";
    case Again::kOtherHost:
      return "safe_other_host";
  }
  return "another";
}

}  // namespace bourse::binance
