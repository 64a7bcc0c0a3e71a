// SPDX-License-Identifier: MIT
//
// What the dynamic loader (glibc 2.36, elf/dl-load.c and dl-reloc.c) follows without looking.
#include <algorithm>
#include <cstring>
#include <string>

#include "host/plugins/elf.hpp"

namespace bourse::host {
namespace {

// Address space of one library, above all its zero-filled part, which costs no bytes in the file.
constexpr std::uint64_t kImageBytesMax = std::uint64_t{1} << 32;
constexpr std::uint64_t kAlignMax = std::uint64_t{1} << 26;

Failure damaged(std::string what) {
  return {.status = BOURSE_INTERNAL,
          .code = "damaged_library",
          .message = "is damaged: " + what + "; copy it again from where it was built"};
}

constexpr bool is_power_of_two(std::uint64_t n) { return n != 0 && (n & (n - 1)) == 0; }

// A segment's extent in memory; loads are checked to stay below kImageBytesMax, so sums of these
// do not overflow.
bool contains(const Elf64_Phdr& load, std::uint64_t address, std::uint64_t size) {
  return address >= load.p_vaddr && address - load.p_vaddr <= load.p_memsz &&
         size <= load.p_memsz - (address - load.p_vaddr);
}

class SegmentCheck {
 public:
  SegmentCheck(std::string_view bytes, const Elf64_Ehdr& header,
               const std::vector<Elf64_Phdr>& segments, const std::vector<Elf64_Shdr>& sections)
      : bytes_(bytes), header_(header), segments_(segments), sections_(sections) {}

  Result<void> run() {
    if (auto loads = check_loads(); !loads) return loads;
    for (const auto& segment : segments_) {
      if (auto other = check_other(segment); !other) return other;
    }
    if (dynamic_ == nullptr) return damaged("it has no dynamic section");
    if (auto stack = check_stack(); !stack) return stack;
    for (const auto& section : sections_) {
      if (auto agreed = check_section(section); !agreed) return agreed;
    }
    return check_dynamic();
  }

 private:
  Result<void> check_loads() {
    std::uint64_t previous_end = 0;
    for (const auto& segment : segments_) {
      if (segment.p_type != PT_LOAD) continue;
      if (segment.p_offset > bytes_.size() || segment.p_filesz > bytes_.size() - segment.p_offset) {
        return damaged("a segment lies beyond its end, so it was cut short");
      }
      if (segment.p_filesz > segment.p_memsz || segment.p_memsz > kImageBytesMax ||
          segment.p_vaddr > kImageBytesMax - segment.p_memsz) {
        return damaged("a segment has an impossible size");
      }
      if (segment.p_vaddr < previous_end) return damaged("its segments overlap");
      if (!is_power_of_two(segment.p_align) || segment.p_align > kAlignMax ||
          (segment.p_vaddr - segment.p_offset) % segment.p_align != 0) {
        return damaged("a segment has an impossible alignment");
      }
      previous_end = segment.p_vaddr + segment.p_memsz;
      loads_.push_back(segment);
    }
    if (loads_.empty()) return damaged("it has nothing to load");
    return {};
  }

  // Segments that are views into the loads.
  Result<void> check_other(const Elf64_Phdr& segment) {
    switch (segment.p_type) {
      case PT_DYNAMIC:
        if (dynamic_ != nullptr) return damaged("it has two dynamic sections");
        dynamic_ = &segment;
        return check_inside(segment, "dynamic section");
      case PT_TLS:
        if (tls_ != nullptr) return damaged("it has two thread-local segments");
        tls_ = &segment;
        if (segment.p_filesz > segment.p_memsz || !is_power_of_two(segment.p_align) ||
            segment.p_align > kAlignMax || segment.p_memsz > kImageBytesMax) {
          return damaged("its thread-local segment has an impossible size");
        }
        return segment.p_filesz == 0 ? Result<void>() : check_file_part(segment, "thread-local");
      case PT_PHDR:
        if (segment.p_offset != header_.e_phoff) return damaged("it misplaces its own headers");
        return check_inside(segment, "program header table");
      case PT_NOTE:
      case PT_GNU_PROPERTY:
      case PT_GNU_EH_FRAME:
        return check_inside(segment, "note or unwind segment");
      case PT_GNU_RELRO:
        return check_relro(segment);
      default:
        return {};
    }
  }

  // The part that becomes read-only after relocation. lld rounds its end up to a page.
  Result<void> check_relro(const Elf64_Phdr& segment) const {
    const auto* load = load_of(segment.p_vaddr, 0);
    if (load == nullptr || segment.p_memsz > kImageBytesMax ||
        segment.p_vaddr + segment.p_memsz >
            (load->p_vaddr + load->p_memsz + load->p_align - 1) / load->p_align * load->p_align) {
      return damaged("its read-only-after-start part is not part of it");
    }
    return {};
  }

  // Without the header, or with its X flag, glibc makes the stacks of the whole process executable.
  Result<void> check_stack() const {
    const auto stack = std::find_if(segments_.begin(), segments_.end(),
                                    [](const Elf64_Phdr& s) { return s.p_type == PT_GNU_STACK; });
    if (stack != segments_.end() && (stack->p_flags & PF_X) == 0) return {};
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "executable_stack",
                   .message = "asks for an executable stack; link it with -z noexecstack"};
  }

  Result<void> check_inside(const Elf64_Phdr& segment, const char* what) const {
    const auto* load = load_of(segment.p_vaddr, segment.p_memsz);
    if (load == nullptr) return damaged(std::string("its ") + what + " is not part of it");
    if (segment.p_filesz < segment.p_memsz) {
      return damaged(std::string("its ") + what + " is not in the file");
    }
    return check_file_part(segment, what);
  }

  Result<void> check_file_part(const Elf64_Phdr& segment, const char* what) const {
    const auto* load = load_of(segment.p_vaddr, segment.p_filesz);
    if (load == nullptr || segment.p_offset < load->p_offset ||
        segment.p_offset - load->p_offset != segment.p_vaddr - load->p_vaddr ||
        segment.p_vaddr - load->p_vaddr + segment.p_filesz > load->p_filesz) {
      return damaged(std::string("its ") + what + " is not where it says");
    }
    return {};
  }

  // Sections tell again what the segments told: a bent number shows as a contradiction.
  Result<void> check_section(const Elf64_Shdr& section) const {
    if ((section.sh_flags & SHF_ALLOC) == 0 || section.sh_type == SHT_NULL) return {};
    if ((section.sh_flags & SHF_TLS) != 0) {
      if (tls_ == nullptr) return damaged("it lost its thread-local segment");
      if (section.sh_type == SHT_NOBITS) return {};
    }
    const auto* load = load_of(section.sh_addr, section.sh_size);
    if (load == nullptr) return damaged("a section is in no segment");
    const bool writes = (section.sh_flags & SHF_WRITE) != 0;
    const bool runs = (section.sh_flags & SHF_EXECINSTR) != 0;
    if ((load->p_flags & PF_R) == 0 || (writes && (load->p_flags & PF_W) == 0) ||
        (runs && (load->p_flags & PF_X) == 0)) {
      return damaged("a section and its segment disagree about access");
    }
    const auto within = section.sh_addr - load->p_vaddr;
    if (section.sh_type != SHT_NOBITS && section.sh_size > 0 &&
        (section.sh_offset - load->p_offset != within ||
         within + section.sh_size > load->p_filesz)) {
      return damaged("a section and its segment disagree about where it is");
    }
    if (section.sh_type == SHT_DYNAMIC && section.sh_addr != dynamic_->p_vaddr) {
      return damaged("it has two dynamic sections");
    }
    return {};
  }

  Result<void> check_dynamic() const {
    const auto* load = load_of(dynamic_->p_vaddr, dynamic_->p_memsz);
    if ((dynamic_->p_flags & PF_W) != 0 && (load->p_flags & PF_W) == 0) {
      return damaged("its dynamic section cannot be written");
    }
    bool symbols = false;
    bool strings = false;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic_->p_filesz;
         at += sizeof(Elf64_Dyn)) {
      Elf64_Dyn entry;
      std::memcpy(&entry, bytes_.data() + dynamic_->p_offset + at, sizeof entry);
      if (entry.d_tag == DT_NULL) {
        return symbols && strings ? Result<void>() : damaged("it has no dynamic symbols");
      }
      symbols = symbols || entry.d_tag == DT_SYMTAB;
      strings = strings || entry.d_tag == DT_STRTAB;
      if (is_address(entry.d_tag) && load_of(entry.d_un.d_ptr, 1) == nullptr) {
        return damaged("an address of its dynamic section is outside of it");
      }
    }
    return damaged("its dynamic section has no end");
  }

  static bool is_address(Elf64_Sxword tag) {
    constexpr Elf64_Sxword kAddresses[] = {
        DT_HASH, DT_GNU_HASH,   DT_STRTAB,     DT_SYMTAB, DT_RELA,   DT_REL,     DT_JMPREL, DT_INIT,
        DT_FINI, DT_INIT_ARRAY, DT_FINI_ARRAY, DT_VERSYM, DT_VERDEF, DT_VERNEED, DT_PLTGOT};
    return std::find(std::begin(kAddresses), std::end(kAddresses), tag) != std::end(kAddresses);
  }

  const Elf64_Phdr* load_of(std::uint64_t address, std::uint64_t size) const {
    const auto found = std::find_if(loads_.begin(), loads_.end(), [&](const Elf64_Phdr& load) {
      return contains(load, address, size);
    });
    return found == loads_.end() ? nullptr : &*found;
  }

  std::string_view bytes_;
  const Elf64_Ehdr& header_;
  const std::vector<Elf64_Phdr>& segments_;
  const std::vector<Elf64_Shdr>& sections_;
  std::vector<Elf64_Phdr> loads_;
  const Elf64_Phdr* dynamic_ = nullptr;
  const Elf64_Phdr* tls_ = nullptr;
};

}  // namespace

Result<void> check_segments(std::string_view bytes, const Elf64_Ehdr& header,
                            const std::vector<Elf64_Phdr>& segments,
                            const std::vector<Elf64_Shdr>& sections) {
  return SegmentCheck(bytes, header, segments, sections).run();
}

}  // namespace bourse::host
