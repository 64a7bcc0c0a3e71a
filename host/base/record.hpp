// SPDX-License-Identifier: MIT
//
// What a child process tells its parent, in memory that both see: every line is there as soon as
// append() returns, also when the child crashes in the next instruction, whatever it does to its
// descriptors, and without anybody reading meanwhile.
//
// The child is not trusted: what it runs may write anywhere. So the parent reads it when the child
// is gone, into a copy, and what is not text or has no end is refused.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

class Record {
 public:
  /// For the parent: empty, with room for `bytes_max`. Failure: "no_memory".
  static Result<Record> make(std::size_t bytes_max);
  /// For the child: the one that the parent gave it as this descriptor, which is closed. Failure:
  /// "no_record".
  static Result<Record> open(int descriptor);

  Record(Record&& other) noexcept;
  Record& operator=(Record&& other) noexcept;
  ~Record();

  /// What a child is to inherit; -1 in the child. Closed on exec.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  /// Adds a line (which has no line feed in it) as a whole. What there is no room for is left out,
  /// and so is all that follows: is_cut(). [any thread]
  void append(std::string_view line) noexcept;
  /// All is told. A record without it is of a child that did not come to its end.
  void complete() noexcept;

  /// REQUIRES: nobody writes any more.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_complete() const noexcept;
  [[nodiscard]] bool is_cut() const noexcept;

 private:
  struct Head;
  Record() = default;
  [[nodiscard]] Head* head() const noexcept;

  void* memory_ = nullptr;
  std::size_t bytes_ = 0;  // of memory_
  int descriptor_ = -1;
};

/// The fields of a line, separated by tabs; what would end a field or a line is escaped.
[[nodiscard]] std::string record_line(std::initializer_list<std::string_view> fields);
/// The fields of such a line.
[[nodiscard]] std::vector<std::string> record_fields(std::string_view line);

}  // namespace bourse::host
