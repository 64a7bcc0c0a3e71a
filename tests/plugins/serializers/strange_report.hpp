// SPDX-License-Identifier: MIT
//
// A report as a host of a later minor version may hand it over: made of bare structs, without the
// host that these tests have.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bourse/bourse.h"

namespace bourse::test {

/// How long its structs are. What lies behind each cannot be read, or is rubbish.
enum class Lengths {
  kOurs,     ///< as in this header; the page behind is unreadable
  kLonger,   ///< 64 bytes more, all of them rubbish
  kShorter,  ///< without what may be missing: flags of charts, labels, formats; unreadable behind
};

/// Owns all of it.
class StrangeReport {
 public:
  /// `numbers`: with columns, values, charts, channels and guides whose numbers have no name yet.
  /// Without them it is what a reader should make of the one with them; `note`, if any, is added.
  StrangeReport(Lengths lengths, bool numbers, const std::string& note = {});
  ~StrangeReport();
  StrangeReport(const StrangeReport&) = delete;
  StrangeReport& operator=(const StrangeReport&) = delete;

  [[nodiscard]] const bourse_report& wire() const noexcept { return *report_; }

 private:
  struct Block {
    void* memory;
    std::size_t bytes;
  };
  template <class T>
  const T* put(T item, std::size_t least = sizeof(T));
  const bourse_field* field(const char* name, bourse_type type, const char* unit = nullptr);
  void fill(bool numbers);
  void fill_scalars(bool numbers);
  void fill_tables(bool numbers);
  void fill_charts(bool numbers);
  void chart(const char* name, bourse_chart_kind kind, const char* table,
             const std::vector<bourse_channel>& channels, bourse_chart rest);

  Lengths lengths_;
  std::string note_;
  std::vector<Block> blocks_;
  std::vector<const bourse_meta*> meta_;
  std::vector<const bourse_note*> notes_;
  std::vector<const bourse_scalar*> scalars_;
  std::vector<const bourse_table*> tables_;
  std::vector<const bourse_chart*> charts_;
  std::vector<const bourse_field*> fields_, strange_fields_;
  std::vector<bourse_array> arrays_, strange_arrays_;
  std::vector<std::vector<const bourse_channel*>> channels_;
  const bourse_report* report_ = nullptr;
};

}  // namespace bourse::test
