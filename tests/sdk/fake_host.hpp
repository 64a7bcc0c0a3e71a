// SPDX-License-Identifier: MIT
//
// A host that answers what a test tells it to and writes down, as text, all that it is told. It
// knows bourse.h only, and nothing of the C++ face that it is there to test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bourse/bourse.h"

class FakeHost;
struct bourse_call {
  FakeHost* host;
};

class FakeHost {
 public:
  struct Table {
    std::string name, label;
    std::vector<std::string> fields;             ///< "close:4:2": name, type, scale
    std::vector<std::vector<std::string>> rows;  ///< cells as text
    std::vector<std::size_t> blocks;             ///< rows of each block as it came
  };

  FakeHost();
  FakeHost(const FakeHost&) = delete;

  const bourse_host* wire() const { return &wire_.host; }
  bourse_call* call() { return &call_; }
  /// For a test that takes a function away.
  bourse_host& functions() { return wire_.host; }

  /// true, 5, 0.5, 150e-2, @5 for a time, "abc", null, [..]
  static std::string text(const bourse_value& value);
  static std::string text(bourse_str text) {
    return text.len == 0 ? std::string() : std::string(text.ptr, text.len);
  }

  // -- what it is told
  std::vector<std::string> meta, notes, scalars, logs, queries, headers;
  std::vector<Table> tables;
  std::vector<std::string> charts;
  std::vector<const bourse_report*> released;
  std::string written;
  bourse_status failed = BOURSE_OK;
  std::string code, message, parameter;
  std::int64_t retry_after = 0, fresh_until = 0;

  // -- what it answers
  std::int64_t time = 0, ns_left = 5'000'000'000;
  bourse_status rows_status = BOURSE_OK;
  std::vector<bourse_answer> answers;  ///< to the next queries, in order
  std::map<std::string, const void*> extensions;

 private:
  struct Wire {
    bourse_host host;  ///< first, so that the host's address leads to its owner
    FakeHost* owner;
  };
  static FakeHost& of(const bourse_host* host) {
    return *reinterpret_cast<const Wire*>(host)->owner;
  }
  static void take_rows(FakeHost& host, std::size_t table, std::size_t n,
                        const bourse_array* arrays);
  Wire wire_{};
  bourse_call call_{this};
  std::vector<std::vector<bourse_field>> fields_;  ///< of each table
};
