// SPDX-License-Identifier: MIT
//
// The dynamic section of a library and the tables that it leads to, as the dynamic loader follows
// them: by address, sizes taken from here and there, most of them never checked.
#pragma once

#include <elf.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

/// A version that the library asks another one for: "GLIBC_2.34" of "libc.so.6".
struct NeededVersion {
  std::string library;
  std::string version;
  std::uint16_t index = 0;  ///< as DynamicSymbol::version says it
};

struct DynamicSymbol {
  std::string name;
  unsigned char binding = 0;     ///< STB_...
  unsigned char type = 0;        ///< STT_...
  unsigned char visibility = 0;  ///< STV_...
  bool is_defined = false;
  std::uint64_t value = 0;
  std::uint16_t version = 1;  ///< 0 and 1: of none
};

/// Values, copied.
struct DynamicTables {
  std::multimap<Elf64_Sxword, Elf64_Xword> entries = {};  ///< d_tag to d_val
  std::vector<std::string> needed = {};                   ///< DT_NEEDED
  std::vector<std::string> search_paths = {};             ///< DT_RPATH and DT_RUNPATH
  std::vector<DynamicSymbol> symbols = {};                ///< without the first, which is none
  std::vector<NeededVersion> versions = {};

  [[nodiscard]] std::optional<Elf64_Xword> find(Elf64_Sxword tag) const;
};

/// Reads and checks all of it: strings, symbols, both kinds of hash table, relocations of every
/// kind, versions, and functions that run at load. `segments` and `sections` passed
/// check_segments(). Failure: "damaged_library".
Result<DynamicTables> read_dynamic(std::string_view bytes, const std::vector<Elf64_Phdr>& segments,
                                   const std::vector<Elf64_Shdr>& sections);

}  // namespace bourse::host
