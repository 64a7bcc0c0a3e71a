// SPDX-License-Identifier: MIT
//
// A ZIP file as a stream: what is written of an entry is compressed and handed on at once. Sizes
// and checksums follow their entries (data descriptors), so nothing is kept and nothing is written
// to a disk. All dates are 1980-01-01: the same entries give the same bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/text.hpp"

namespace bourse::xlsx {

class Zip {
 public:
  /// `out` outlives this and is not flushed.
  explicit Zip(BlockBuffer& out);
  Zip(const Zip&) = delete;
  Zip& operator=(const Zip&) = delete;
  ~Zip();

  /// Entries one after the other: start, write any number of times, end. Throws
  /// Error(BOURSE_INTERNAL, "workbook_too_large") where the format without its extension for more
  /// ends, at 4 GiB.
  void start(std::string name);
  void write(std::string_view bytes);
  void end();
  /// The directory of all entries: nothing may follow.
  void finish();

 private:
  struct Entry {
    std::string name;
    std::uint32_t checksum = 0, packed = 0, unpacked = 0, offset = 0;
  };
  class Deflate;

  void put(std::string_view bytes);
  [[nodiscard]] std::uint32_t bounded(std::uint64_t bytes) const;

  BlockBuffer& out_;
  std::unique_ptr<Deflate> deflate_;
  std::vector<Entry> entries_;
  std::uint64_t written_ = 0, packed_ = 0, unpacked_ = 0;
};

}  // namespace bourse::xlsx
