// SPDX-License-Identifier: MIT
//
// What glibc 2.36 does with each (elf/dl-lookup.c, dl-reloc.c, dl-version.c, dl-init.c) stands
// beside the check.
#include "host/plugins/elf_dynamic.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace bourse::host {
namespace {

Failure damaged_table(const std::string& what) {
  return {.status = BOURSE_INTERNAL,
          .code = "damaged_library",
          .message = "is damaged: " + what + "; copy it again from where it was built"};
}

constexpr std::size_t kSymbolsMax = std::size_t{1} << 22;

template <class Entry>
Entry entry_at(std::string_view bytes, std::size_t offset) {
  Entry entry;
  std::memcpy(&entry, bytes.data() + offset, sizeof entry);
  return entry;
}

#if defined(__x86_64__)
// Those for which dl-machine.h has a case; it ends the process at any other.
bool is_known_relocation(std::uint64_t type) {
  constexpr std::array<std::uint64_t, 15> kKnown = {
      R_X86_64_NONE,     R_X86_64_64,        R_X86_64_PC32,     R_X86_64_COPY,
      R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT, R_X86_64_RELATIVE, R_X86_64_32,
      R_X86_64_DTPMOD64, R_X86_64_DTPOFF64,  R_X86_64_TPOFF64,  R_X86_64_SIZE32,
      R_X86_64_SIZE64,   R_X86_64_TLSDESC,   R_X86_64_IRELATIVE};
  return std::find(kKnown.begin(), kKnown.end(), type) != kKnown.end();
}
constexpr std::uint64_t kRelative = R_X86_64_RELATIVE;
constexpr std::uint64_t kIndirect = R_X86_64_IRELATIVE;
#elif defined(__aarch64__)
bool is_known_relocation(std::uint64_t) { return true; }
constexpr std::uint64_t kRelative = R_AARCH64_RELATIVE;
constexpr std::uint64_t kIndirect = R_AARCH64_IRELATIVE;
#else
bool is_known_relocation(std::uint64_t) { return true; }
constexpr std::uint64_t kRelative = R_RISCV_RELATIVE;
constexpr std::uint64_t kIndirect = 58;  // R_RISCV_IRELATIVE
#endif

class DynamicReader {
 public:
  DynamicReader(std::string_view bytes, const std::vector<Elf64_Phdr>& segments,
                const std::vector<Elf64_Shdr>& sections)
      : bytes_(bytes), segments_(segments), sections_(sections) {}

  Result<DynamicTables> run() {
    using Step = Result<void> (DynamicReader::*)();
    for (const Step step : {&DynamicReader::read_entries, &DynamicReader::read_strings,
                            &DynamicReader::read_names, &DynamicReader::read_versions,
                            &DynamicReader::read_definitions, &DynamicReader::read_symbols,
                            &DynamicReader::check_gnu_hash, &DynamicReader::check_old_hash,
                            &DynamicReader::check_relocations, &DynamicReader::check_functions}) {
      if (auto done = (this->*step)(); !done) return std::move(done).failure();
    }
    return std::move(tables_);
  }

 private:
  // -- where things are
  // ----------------------------------------------------------------------------

  [[nodiscard]] const Elf64_Phdr* load_of(std::uint64_t address, std::uint64_t size) const {
    for (const Elf64_Phdr& load : segments_) {
      if (load.p_type == PT_LOAD && address >= load.p_vaddr &&
          address - load.p_vaddr <= load.p_memsz &&
          size <= load.p_memsz - (address - load.p_vaddr)) {
        return &load;
      }
    }
    return nullptr;
  }
  /// Bytes of the file that are at this address once it is loaded.
  [[nodiscard]] std::optional<std::string_view> at(std::uint64_t address,
                                                   std::uint64_t size) const {
    const Elf64_Phdr* const load = load_of(address, size);
    if (load == nullptr || address - load->p_vaddr > load->p_filesz ||
        size > load->p_filesz - (address - load->p_vaddr)) {
      return std::nullopt;
    }
    return bytes_.substr(load->p_offset + (address - load->p_vaddr), size);
  }
  [[nodiscard]] bool is_code(std::uint64_t address) const {
    const Elf64_Phdr* const load = load_of(address, 1);
    return load != nullptr && (load->p_flags & PF_X) != 0;
  }
  /// Text of the string table; nothing when it begins outside. It ends inside: see read_strings.
  [[nodiscard]] std::optional<std::string> text(std::uint64_t offset) const {
    if (offset >= strings_.size()) return std::nullopt;
    return std::string(strings_.data() + offset);
  }

  // -- strings and names
  // ---------------------------------------------------------------------------

  Result<void> read_entries() {
    const auto dynamic = std::find_if(segments_.begin(), segments_.end(),
                                      [](const Elf64_Phdr& s) { return s.p_type == PT_DYNAMIC; });
    for (std::size_t i = 0; i + sizeof(Elf64_Dyn) <= dynamic->p_filesz; i += sizeof(Elf64_Dyn)) {
      const auto entry = entry_at<Elf64_Dyn>(bytes_, dynamic->p_offset + i);
      if (entry.d_tag == DT_NULL) return {};
      tables_.entries.emplace(entry.d_tag, entry.d_un.d_val);
    }
    return damaged_table("its dynamic section has no end");
  }

  // Every name is printed and compared up to its NUL.
  Result<void> read_strings() {
    const auto address = tables_.find(DT_STRTAB);
    const auto size = tables_.find(DT_STRSZ);
    const auto strings = address && size ? at(*address, *size) : std::nullopt;
    if (!strings || strings->empty() || strings->back() != '\0') {
      return damaged_table("its dynamic strings are not part of it, or have no end");
    }
    strings_ = *strings;
    return {};
  }

  Result<void> read_names() {
    for (const auto& [tag, value] : tables_.entries) {
      const bool is_path = tag == DT_RPATH || tag == DT_RUNPATH;
      if (!is_path && tag != DT_NEEDED && tag != DT_SONAME && tag != DT_FILTER &&
          tag != DT_AUXILIARY) {
        continue;
      }
      auto name = text(value);
      if (!name) return damaged_table("a name in its dynamic section is outside of its strings");
      if (tag == DT_NEEDED) tables_.needed.push_back(*std::move(name));
      if (is_path) tables_.search_paths.push_back(*std::move(name));
    }
    return {};
  }

  // -- versions
  // ------------------------------------------------------------------------------------

  // dl-version.c makes an array as long as the largest index that it meets here, and dl-lookup.c
  // reads it with whatever index DT_VERSYM has.
  Result<void> read_versions() {
    const auto begin = tables_.find(DT_VERNEED);
    if (!begin) return {};
    std::uint64_t address = *begin;
    for (std::uint64_t left = tables_.find(DT_VERNEEDNUM).value_or(0); left > 0; --left) {
      const auto found = at(address, sizeof(Elf64_Verneed));
      if (!found) return damaged_table("a version that it needs is not part of it");
      const auto need = entry_at<Elf64_Verneed>(*found, 0);
      const auto library = text(need.vn_file);
      if (need.vn_version != VER_NEED_CURRENT || !library) {
        return damaged_table("a version that it needs is of no library");
      }
      if (auto done = read_needed(address + need.vn_aux, need.vn_cnt, *library); !done) return done;
      if (need.vn_next == 0) return left == 1 ? Result<void>() : chain_broken();
      address += need.vn_next;
    }
    return chain_broken();
  }

  Result<void> read_needed(std::uint64_t address, std::size_t count, const std::string& library) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto found = at(address, sizeof(Elf64_Vernaux));
      if (!found) return damaged_table("a version that it needs is not part of it");
      const auto aux = entry_at<Elf64_Vernaux>(*found, 0);
      const auto name = text(aux.vna_name);
      if (!name) return damaged_table("a version that it needs has no name");
      const auto index = static_cast<std::uint16_t>(aux.vna_other & 0x7fffU);
      tables_.versions.push_back({library, *name, index});
      version_max_ = std::max(version_max_, index);
      if (aux.vna_next == 0) return i + 1 == count ? Result<void>() : chain_broken();
      address += aux.vna_next;
    }
    return chain_broken();
  }

  static Failure chain_broken() {
    return damaged_table("a list of versions is longer or shorter than it says");
  }

  // Its own versions, where it has some.
  Result<void> read_definitions() {
    const auto begin = tables_.find(DT_VERDEF);
    if (!begin) return {};
    std::uint64_t address = *begin;
    for (std::uint64_t left = tables_.find(DT_VERDEFNUM).value_or(0); left > 0; --left) {
      const auto found = at(address, sizeof(Elf64_Verdef));
      if (!found) return damaged_table("a version of its own is not part of it");
      const auto definition = entry_at<Elf64_Verdef>(*found, 0);
      const auto aux = at(address + definition.vd_aux, sizeof(Elf64_Verdaux));
      if (definition.vd_version != VER_DEF_CURRENT || !aux ||
          !text(entry_at<Elf64_Verdaux>(*aux, 0).vda_name)) {
        return damaged_table("a version of its own has no name");
      }
      version_max_ = std::max<std::uint16_t>(version_max_, definition.vd_ndx & 0x7fffU);
      if (definition.vd_next == 0) return left == 1 ? Result<void>() : chain_broken();
      address += definition.vd_next;
    }
    return chain_broken();
  }

  // -- symbols
  // -------------------------------------------------------------------------------------

  // The loader never asks how many there are; their section says so.
  Result<void> read_symbols() {
    const auto address = tables_.find(DT_SYMTAB);
    const auto section = std::find_if(sections_.begin(), sections_.end(), [&](const Elf64_Shdr& s) {
      return s.sh_type == SHT_DYNSYM && s.sh_addr == address;
    });
    if (section == sections_.end() || tables_.find(DT_SYMENT) != sizeof(Elf64_Sym) ||
        section->sh_size % sizeof(Elf64_Sym) != 0) {
      return damaged_table("its dynamic symbols are not where it says");
    }
    symbols_ = section->sh_size / sizeof(Elf64_Sym);
    const auto table = at(*address, section->sh_size);
    if (!table || symbols_ == 0 || symbols_ > kSymbolsMax) {
      return damaged_table("its dynamic symbols are not part of it");
    }
    const auto versions = tables_.find(DT_VERSYM);
    const auto numbers = versions ? at(*versions, symbols_ * 2) : std::string_view();
    if (!numbers) return damaged_table("the versions of its symbols are not part of it");
    for (std::size_t i = 1; i < symbols_; ++i) {
      if (auto done = read_symbol(*table, *numbers, i); !done) return done;
    }
    return {};
  }

  Result<void> read_symbol(std::string_view table, std::string_view versions, std::size_t i) {
    const auto symbol = entry_at<Elf64_Sym>(table, i * sizeof(Elf64_Sym));
    auto name = text(symbol.st_name);
    if (!name) return damaged_table("the name of a dynamic symbol is outside of its strings");
    DynamicSymbol read{
        .name = *std::move(name),
        .binding = static_cast<unsigned char>(ELF64_ST_BIND(symbol.st_info)),
        .type = static_cast<unsigned char>(ELF64_ST_TYPE(symbol.st_info)),
        .visibility = static_cast<unsigned char>(ELF64_ST_VISIBILITY(symbol.st_other)),
        .is_defined = symbol.st_shndx != SHN_UNDEF,
        .value = symbol.st_value};
    if (!versions.empty()) {
      read.version = static_cast<std::uint16_t>(entry_at<std::uint16_t>(versions, i * 2) & 0x7fffU);
      if (read.version > std::max<std::uint16_t>(version_max_, 1)) {
        return damaged_table("a dynamic symbol is of a version that it does not list");
      }
    }
    const bool is_function = read.type == STT_FUNC || read.type == STT_GNU_IFUNC;
    if (read.is_defined && is_function && !is_code(read.value)) {
      return damaged_table("a function that it exports is not in its code");
    }
    tables_.symbols.push_back(std::move(read));
    return {};
  }

  // -- hash tables
  // ---------------------------------------------------------------------------------

  // do_lookup_x divides by the number of buckets, masks with the size of the filter, and walks a
  // chain until an entry has its lowest bit set.
  Result<void> check_gnu_hash() {
    const auto address = tables_.find(DT_GNU_HASH);
    if (!address) return {};
    const auto head = at(*address, 16);
    if (!head) return damaged_table("its hash table is not part of it");
    const auto buckets = entry_at<std::uint32_t>(*head, 0);
    const auto first = entry_at<std::uint32_t>(*head, 4);
    const auto filter = entry_at<std::uint32_t>(*head, 8);
    const auto shift = entry_at<std::uint32_t>(*head, 12);
    if (buckets == 0 || filter == 0 || (filter & (filter - 1)) != 0 || shift >= 64 ||
        first > symbols_) {
      return damaged_table("its hash table has an impossible size");
    }
    const std::uint64_t bucket_address = *address + 16 + std::uint64_t{filter} * 8;
    const auto table = at(bucket_address, std::uint64_t{buckets} * 4);
    const auto chains =
        at(bucket_address + std::uint64_t{buckets} * 4, (symbols_ - first) * std::uint64_t{4});
    if (!table || !chains) return damaged_table("its hash table is not part of it");
    bool is_used = false;
    for (std::size_t i = 0; i < buckets; ++i) {
      const auto bucket = entry_at<std::uint32_t>(*table, i * 4);
      is_used = is_used || bucket != 0;
      if (bucket != 0 && (bucket < first || bucket >= symbols_)) {
        return damaged_table("its hash table leads outside of its symbols");
      }
    }
    // All chains end if the last entry ends one: they stand one behind the other.
    if (is_used && (entry_at<std::uint32_t>(*chains, chains->size() - 4) & 1U) == 0) {
      return damaged_table("its hash table has no end");
    }
    return {};
  }

  // The old kind, whose chains are links: one that leads back is walked for ever.
  Result<void> check_old_hash() {
    const auto address = tables_.find(DT_HASH);
    if (!address) return {};
    const auto head = at(*address, 8);
    if (!head) return damaged_table("its hash table is not part of it");
    const auto buckets = entry_at<std::uint32_t>(*head, 0);
    const auto chains = entry_at<std::uint32_t>(*head, 4);
    const auto table = at(*address + 8, (std::uint64_t{buckets} + chains) * 4);
    if (buckets == 0 || chains > symbols_ || !table) {
      return damaged_table("its hash table has an impossible size");
    }
    std::size_t steps = 0;  // every symbol is in one chain at most
    for (std::size_t i = 0; i < buckets; ++i) {
      auto next = entry_at<std::uint32_t>(*table, i * 4);
      while (next != STN_UNDEF) {
        if (next >= chains || ++steps > chains) {
          return damaged_table("its hash table leads in a circle, or outside of its symbols");
        }
        next = entry_at<std::uint32_t>(*table, (buckets + std::size_t{next}) * 4);
      }
    }
    return {};
  }

  // -- relocations
  // ---------------------------------------------------------------------------------

  Result<void> check_relocations() {
    if (tables_.find(DT_REL))
      return damaged_table("it has relocations of another kind of processor");
    const auto rela = tables_.find(DT_RELA);
    const auto size = tables_.find(DT_RELASZ).value_or(0);
    if (rela) {
      if (tables_.find(DT_RELAENT) != sizeof(Elf64_Rela))
        return damaged_table("bad size of relocations");
      if (auto done = check_rela(*rela, size); !done) return done;
      // The first so many are taken for relative ones without a look at their type.
      if (tables_.find(DT_RELACOUNT).value_or(0) > leading_relative_) {
        return damaged_table("it has fewer relative relocations than it says");
      }
    }
    if (const auto jumps = tables_.find(DT_JMPREL)) {
      if (tables_.find(DT_PLTREL) != DT_RELA)
        return damaged_table("bad kind of its calls' relocations");
      if (auto done = check_rela(*jumps, tables_.find(DT_PLTRELSZ).value_or(0)); !done) return done;
    }
    return check_packed();
  }

  Result<void> check_rela(std::uint64_t address, std::uint64_t size) {
    const auto table = at(address, size);
    if (!table || size % sizeof(Elf64_Rela) != 0) {
      return damaged_table("its relocations are not part of it");
    }
    bool leading = true;
    leading_relative_ = 0;
    for (std::size_t i = 0; i < size; i += sizeof(Elf64_Rela)) {
      const auto one = entry_at<Elf64_Rela>(*table, i);
      const std::uint64_t type = ELF64_R_TYPE(one.r_info);
      if (!is_known_relocation(type)) {
        return damaged_table("it has a relocation of type " + std::to_string(type) +
                             ", which no library has");
      }
      leading = leading && type == kRelative;
      if (leading) ++leading_relative_;
      if (ELF64_R_SYM(one.r_info) >= symbols_) return damaged_table("a relocation is of no symbol");
      if (type != 0 && !is_written(one.r_offset)) {
        return damaged_table("a relocation changes what is not part of it, or cannot be written");
      }
      if (type == kIndirect && !is_code(static_cast<std::uint64_t>(one.r_addend))) {
        return damaged_table("a relocation calls what is not its code");
      }
    }
    return {};
  }

  [[nodiscard]] bool is_written(std::uint64_t address) const {
    const Elf64_Phdr* const load = load_of(address, 8);
    const bool writes_code =
        tables_.find(DT_TEXTREL) || (tables_.find(DT_FLAGS).value_or(0) & DF_TEXTREL) != 0;
    return load != nullptr && ((load->p_flags & PF_W) != 0 || writes_code);
  }

  // DT_RELR: an address, then words whose bits say which of the 63 words behind it are meant, too.
  Result<void> check_packed() {
    constexpr Elf64_Sxword kRelr = 36;
    constexpr Elf64_Sxword kRelrSize = 35;
    const auto address = tables_.find(kRelr);
    if (!address) return {};
    const auto size = tables_.find(kRelrSize).value_or(0);
    const auto table = at(*address, size);
    if (!table || size % 8 != 0) return damaged_table("its packed relocations are not part of it");
    std::uint64_t where = 0;
    for (std::size_t i = 0; i < size; i += 8) {
      const auto word = entry_at<std::uint64_t>(*table, i);
      bool good = true;
      if ((word & 1U) == 0) {
        good = is_written(word);
        where = word + 8;
      } else {
        for (std::uint64_t bit = 0; bit < 63; ++bit) {
          if ((word >> (bit + 1U) & 1U) != 0) good = good && is_written(where + bit * 8);
        }
        where += std::uint64_t{63} * 8;
      }
      if (!good) return damaged_table("a packed relocation changes what is not part of it");
    }
    return {};
  }

  // -- functions that run at load
  // ------------------------------------------------------------------

  // What is in the arrays is filled in by relocations.
  Result<void> check_functions() {
    for (const auto tag : {DT_INIT, DT_FINI}) {
      const auto function = tables_.find(tag);
      if (function && !is_code(*function)) {
        return damaged_table("a function that runs at its start or end is not in its code");
      }
    }
    for (const auto& [array, bytes] :
         {std::pair(DT_INIT_ARRAY, DT_INIT_ARRAYSZ), std::pair(DT_FINI_ARRAY, DT_FINI_ARRAYSZ)}) {
      const auto address = tables_.find(array);
      const auto size = tables_.find(bytes).value_or(0);
      if (address && (size % 8 != 0 || !at(*address, size))) {
        return damaged_table("a list of functions that run at its start or end is not part of it");
      }
    }
    return {};
  }

  std::string_view bytes_;
  const std::vector<Elf64_Phdr>& segments_;
  const std::vector<Elf64_Shdr>& sections_;
  DynamicTables tables_;
  std::string_view strings_;
  std::size_t symbols_ = 0;
  std::uint16_t version_max_ = 0;
  std::uint64_t leading_relative_ = 0;
};

}  // namespace

std::optional<Elf64_Xword> DynamicTables::find(Elf64_Sxword tag) const {
  const auto found = entries.find(tag);
  return found == entries.end() ? std::nullopt : std::optional(found->second);
}

Result<DynamicTables> read_dynamic(std::string_view bytes, const std::vector<Elf64_Phdr>& segments,
                                   const std::vector<Elf64_Shdr>& sections) {
  return DynamicReader(bytes, segments, sections).run();
}

}  // namespace bourse::host
