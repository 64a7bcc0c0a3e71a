// SPDX-License-Identifier: MIT
#include "host/plugins/elf.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace bourse::host {
namespace {

// Far above what linkers write (about 40), and enough for -ffunction-sections gone wrong.
constexpr std::size_t kSectionsMax = 4096;
constexpr std::size_t kSegmentsMax = 128;

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
constexpr const char* kMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
constexpr const char* kMachineName = "AArch64";
#elif defined(__riscv) && __riscv_xlen == 64
constexpr Elf64_Half kMachine = EM_RISCV;
constexpr const char* kMachineName = "RISC-V";
#else
#error "name this machine's EM_ number here"
#endif
static_assert(std::endian::native == std::endian::little, "the contract is little-endian");

Failure foreign(std::string message) {
  return {.status = BOURSE_INTERNAL, .code = "not_a_library", .message = std::move(message)};
}
Failure damaged(std::string what) {
  return {.status = BOURSE_INTERNAL,
          .code = "damaged_library",
          .message = "is damaged: " + what + "; copy it again from where it was built"};
}

// Whether [offset, offset + count * size) lies in a file of `total` bytes, whatever the numbers.
constexpr bool fits(std::uint64_t offset, std::uint64_t count, std::uint64_t size,
                    std::uint64_t total) {
  return offset <= total && (size == 0 || count <= (total - offset) / size);
}

// Tables in a file may be unaligned: copied, never cast.
template <class Entry>
std::vector<Entry> copy_table(std::string_view bytes, std::uint64_t offset, std::size_t count) {
  std::vector<Entry> table(count);
  if (count > 0) std::memcpy(table.data(), bytes.data() + offset, count * sizeof(Entry));
  return table;
}

// The text at `offset` of a string table; nothing when it does not end inside.
std::optional<std::string_view> text_at(std::string_view table, std::size_t offset) {
  if (offset >= table.size()) return std::nullopt;
  const auto end = table.find('\0', offset);
  if (end == std::string_view::npos) return std::nullopt;
  return table.substr(offset, end - offset);
}

Result<void> check_identity(const Elf64_Ehdr& header) {
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return foreign("is not an ELF file; plugins are shared libraries built by bourse_add_plugin()");
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64) {
    return foreign("is not a 64-bit library; build it for this machine");
  }
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return foreign("is a big-endian library; build it for this machine");
  }
  if (header.e_ident[EI_VERSION] != EV_CURRENT || header.e_version != EV_CURRENT) {
    return foreign("has an unknown ELF version");
  }
  if (header.e_machine != kMachine) {
    return foreign("is built for another processor (ELF machine " +
                   std::to_string(header.e_machine) + "), this one is " + kMachineName +
                   "; build it for this machine");
  }
  if (header.e_type != ET_DYN) {
    return foreign("is an ELF file, but not a shared library; link it with -shared");
  }
  return {};
}

}  // namespace

Result<ElfLibrary> ElfLibrary::parse(std::string_view bytes) {
  ElfLibrary library;
  library.bytes_ = bytes;
  if (auto header = library.read_header(); !header) return std::move(header).failure();
  if (auto sections = library.read_sections(); !sections) return std::move(sections).failure();
  if (auto segments = library.read_segments(); !segments) return std::move(segments).failure();
  auto dynamic = read_dynamic(bytes, library.segments_, library.sections_);
  if (!dynamic) return std::move(dynamic).failure();
  library.dynamic_ = *std::move(dynamic);
  return library;
}

Result<void> ElfLibrary::read_header() {
  if (bytes_.empty()) return foreign("is empty; was the copy interrupted?");
  if (bytes_.substr(0, SELFMAG) != std::string_view(ELFMAG, SELFMAG).substr(0, bytes_.size())) {
    return foreign("is not an ELF file; plugins are shared libraries built by bourse_add_plugin()");
  }
  if (bytes_.size() < sizeof header_) return damaged("it ends within its first header");
  std::memcpy(&header_, bytes_.data(), sizeof header_);
  return check_identity(header_);
}

Result<void> ElfLibrary::read_sections() {
  if (header_.e_shnum == 0 || header_.e_shoff == 0) {
    return damaged(
        "it has no section table, where its manifest would be (strip is fine, sstrip "
        "is not)");
  }
  if (header_.e_shentsize != sizeof(Elf64_Shdr)) return damaged("bad size of section headers");
  if (header_.e_shnum > kSectionsMax) {
    return damaged(std::to_string(header_.e_shnum) + " sections, more than any linker writes");
  }
  if (!fits(header_.e_shoff, header_.e_shnum, sizeof(Elf64_Shdr), bytes_.size())) {
    return damaged("its section table lies beyond its end, so it was cut short");
  }
  sections_ = copy_table<Elf64_Shdr>(bytes_, header_.e_shoff, header_.e_shnum);
  for (const auto& section : sections_) {
    const bool has_bytes = section.sh_type != SHT_NULL && section.sh_type != SHT_NOBITS;
    if (has_bytes && !fits(section.sh_offset, section.sh_size, 1, bytes_.size())) {
      return damaged("a section lies beyond its end, so it was cut short");
    }
  }
  if (header_.e_shstrndx >= sections_.size() ||
      sections_[header_.e_shstrndx].sh_type != SHT_STRTAB) {
    return damaged("its sections have no names");
  }
  section_names_ = bytes_of(sections_[header_.e_shstrndx]);
  return {};
}

Result<void> ElfLibrary::read_segments() {
  if (header_.e_phnum == 0) return damaged("it has no program headers");
  if (header_.e_phentsize != sizeof(Elf64_Phdr)) return damaged("bad size of program headers");
  if (header_.e_phnum > kSegmentsMax) {
    return damaged(std::to_string(header_.e_phnum) + " segments, more than any linker writes");
  }
  if (!fits(header_.e_phoff, header_.e_phnum, sizeof(Elf64_Phdr), bytes_.size())) {
    return damaged("its program headers lie beyond its end");
  }
  segments_ = copy_table<Elf64_Phdr>(bytes_, header_.e_phoff, header_.e_phnum);
  return check_segments(bytes_, header_, segments_, sections_);
}

std::string_view ElfLibrary::bytes_of(const Elf64_Shdr& section) const {
  if (section.sh_type == SHT_NULL || section.sh_type == SHT_NOBITS) return {};
  return bytes_.substr(section.sh_offset, section.sh_size);
}

std::optional<std::string_view> ElfLibrary::section(std::string_view name) const {
  for (const auto& section : sections_) {
    if (section.sh_type != SHT_NULL && text_at(section_names_, section.sh_name) == name) {
      return bytes_of(section);
    }
  }
  return std::nullopt;
}

bool ElfLibrary::exports(std::string_view name) const {
  return std::any_of(
      dynamic_.symbols.begin(), dynamic_.symbols.end(), [&](const DynamicSymbol& symbol) {
        return symbol.is_defined && symbol.name == name && symbol.type == STT_FUNC &&
               (symbol.binding == STB_GLOBAL || symbol.binding == STB_WEAK) &&
               (symbol.visibility == STV_DEFAULT || symbol.visibility == STV_PROTECTED);
      });
}

}  // namespace bourse::host
