// SPDX-License-Identifier: MIT
//
// A reader of ELF shared libraries that runs none of their code and believes none of their numbers.
//
// The dynamic loader trusts what it maps: a file that was cut short kills the process with SIGBUS,
// a bent program header with SIGSEGV. So everything that loader and host follow is checked here
// first: the identity of the file, both header tables, that sections and segments (which describe
// the same bytes twice) agree, and all that the dynamic section leads to (elf_dynamic.hpp).
// Damage that remains possible is damage of the code itself; a sha256 pin finds that.
//
// Boost.DLL's library_info (Boost 1.74) is not used for this: it lists .symtab, which `strip`
// removes, and looks names up in whichever string table comes last.
#pragma once

#include <elf.h>

#include <optional>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"
#include "host/plugins/elf_dynamic.hpp"

namespace bourse::host {

class ElfLibrary {
 public:
  /// Checks all of the above. `bytes` is the whole file; it is borrowed and must outlive the
  /// result. Failures: "not_a_library" (another kind of file, another machine) and
  /// "damaged_library" (was one once); the sentences do not name the file.
  static Result<ElfLibrary> parse(std::string_view bytes);

  /// The bytes of the first section of that name, or nothing. Empty for one without bytes.
  [[nodiscard]] std::optional<std::string_view> section(std::string_view name) const;
  /// The dynamic symbol table defines this name as a function that other libraries can see.
  [[nodiscard]] bool exports(std::string_view symbol) const;

  [[nodiscard]] const std::vector<Elf64_Phdr>& segments() const noexcept { return segments_; }
  [[nodiscard]] const DynamicTables& dynamic() const noexcept { return dynamic_; }

 private:
  ElfLibrary() = default;
  [[nodiscard]] std::string_view bytes_of(const Elf64_Shdr& section) const;
  Result<void> read_header();
  Result<void> read_sections();
  Result<void> read_segments();

  std::string_view bytes_;
  Elf64_Ehdr header_ = {};
  std::vector<Elf64_Shdr> sections_;
  std::vector<Elf64_Phdr> segments_;
  std::string_view section_names_;
  DynamicTables dynamic_;
};

/// The second half of ElfLibrary::parse: what the dynamic loader will follow. Tables are complete
/// and every section's bytes are in the file already.
Result<void> check_segments(std::string_view bytes, const Elf64_Ehdr& header,
                            const std::vector<Elf64_Phdr>& segments,
                            const std::vector<Elf64_Shdr>& sections);

}  // namespace bourse::host
