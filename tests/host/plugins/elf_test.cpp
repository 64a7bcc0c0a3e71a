// SPDX-License-Identifier: MIT
#include "host/plugins/elf.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>

#include "tests/host/plugins/sandbox.hpp"

namespace bourse::host {
namespace {

std::string code_of(const std::string& bytes) {
  const auto library = ElfLibrary::parse(bytes);
  return library ? "accepted" : library.failure().code;
}

const std::string& good() {
  static const std::string bytes = read_bytes(fixture("good"));
  return bytes;
}

Elf64_Ehdr header_of(const std::string& bytes) {
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

std::string with_header(const std::function<void(Elf64_Ehdr&)>& change) {
  auto bytes = good();
  auto header = header_of(bytes);
  change(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

// Changes every program header (or section header) of one type.
template <class Entry>
std::string with_entries(std::uint64_t offset, std::size_t count,
                         const std::function<void(Entry&)>& change) {
  auto bytes = good();
  for (std::size_t i = 0; i < count; ++i) {
    Entry entry;
    std::memcpy(&entry, bytes.data() + offset + i * sizeof entry, sizeof entry);
    change(entry);
    std::memcpy(bytes.data() + offset + i * sizeof entry, &entry, sizeof entry);
  }
  return bytes;
}
std::string with_segments(const std::function<void(Elf64_Phdr&)>& change) {
  const auto header = header_of(good());
  return with_entries<Elf64_Phdr>(header.e_phoff, header.e_phnum, change);
}
std::string with_sections(const std::function<void(Elf64_Shdr&)>& change) {
  const auto header = header_of(good());
  return with_entries<Elf64_Shdr>(header.e_shoff, header.e_shnum, change);
}

TEST(Elf, FindsSectionsAndExportsOfALibrary) {
  for (const auto* name : {"good", "stripped", "chatty"}) {
    const auto bytes = read_bytes(fixture(name));
    const auto library = ElfLibrary::parse(bytes);
    ASSERT_TRUE(library) << name << ": " << library.failure().message;
    EXPECT_TRUE(library->section("bourse").has_value()) << name;
    EXPECT_FALSE(library->section("bours").has_value()) << name;
    EXPECT_TRUE(library->exports("bourse_plugin_v1")) << name;
    EXPECT_FALSE(library->exports("fopen")) << name << ": imported is not exported";
    EXPECT_EQ(library->exports("fixture_other_symbol"), name == std::string("chatty")) << name;
  }
}

TEST(Elf, RefusesOtherKindsOfFiles) {
  EXPECT_EQ(code_of(""), "not_a_library");
  EXPECT_EQ(code_of("\x7f"
                    "EL"),
            "damaged_library");
  EXPECT_EQ(code_of("MZ, and more of it"), "not_a_library");
  EXPECT_EQ(code_of(std::string(100000, '\0')), "not_a_library");
  EXPECT_EQ(code_of(with_header([](auto& h) { h.e_ident[EI_CLASS] = ELFCLASS32; })),
            "not_a_library");
  EXPECT_EQ(code_of(with_header([](auto& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; })),
            "not_a_library");
  EXPECT_EQ(code_of(with_header([](auto& h) { h.e_ident[EI_VERSION] = 2; })), "not_a_library");
  EXPECT_EQ(code_of(with_header([](auto& h) { h.e_machine = EM_S390; })), "not_a_library");
  EXPECT_EQ(code_of(with_header([](auto& h) { h.e_type = ET_EXEC; })), "not_a_library");
  EXPECT_EQ(code_of(with_header([](auto& h) { h.e_type = ET_REL; })), "not_a_library");
}

TEST(Elf, RefusesTablesThatLieAboutPlaceOrSize) {
  const std::function<void(Elf64_Ehdr&)> lies[] = {
      [](auto& h) { h.e_shoff = ~0ull; },
      [](auto& h) { h.e_shoff = ~0ull - 64; },
      [](auto& h) { h.e_shoff = good().size(); },
      [](auto& h) { h.e_shoff = 0; },
      [](auto& h) { h.e_shnum = 0xffff; },
      [](auto& h) { h.e_shnum = 0; },
      [](auto& h) { h.e_shnum += 1; },
      [](auto& h) { h.e_shentsize = 0; },
      [](auto& h) { h.e_shentsize = 63; },
      [](auto& h) { h.e_shstrndx = h.e_shnum; },
      [](auto& h) { h.e_shstrndx = 0; },
      [](auto& h) { h.e_shstrndx = 0xffff; },
      [](auto& h) { h.e_phoff = ~0ull; },
      [](auto& h) { h.e_phoff = good().size() - 8; },
      [](auto& h) { h.e_phoff = 1; },
      [](auto& h) { h.e_phnum = 0; },
      [](auto& h) { h.e_phnum = 0xffff; },
      [](auto& h) { h.e_phentsize = 57; },
  };
  for (std::size_t i = 0; i < std::size(lies); ++i) {
    EXPECT_EQ(code_of(with_header(lies[i])), "damaged_library") << "lie " << i;
  }
}

TEST(Elf, RefusesSectionsThatLieAboutPlaceOrSize) {
  const std::function<void(Elf64_Shdr&)> lies[] = {
      [](auto& s) {
        if (s.sh_type == SHT_PROGBITS) s.sh_size = ~0ull;
      },
      [](auto& s) {
        if (s.sh_type == SHT_PROGBITS) s.sh_offset = ~0ull;
      },
      [](auto& s) {
        if (s.sh_type == SHT_STRTAB) s.sh_offset = good().size() + 1;
      },
      [](auto& s) {
        if (s.sh_type == SHT_DYNSYM) s.sh_addr += 8;
      },
      [](auto& s) {
        if (s.sh_type == SHT_NOBITS) s.sh_size = ~0ull;
      },
      [](auto& s) { s.sh_flags |= SHF_EXECINSTR; },
      [](auto& s) { s.sh_flags |= SHF_TLS; },
  };
  for (std::size_t i = 0; i < std::size(lies); ++i) {
    EXPECT_EQ(code_of(with_sections(lies[i])), "damaged_library") << "lie " << i;
  }
}

TEST(Elf, AnEndlessNameIsNotFoundAndALinkToNowhereIsNotFollowed) {
  const auto names = with_sections([](auto& s) { s.sh_name = 0xfffffff0; });
  const auto nameless = ElfLibrary::parse(names);
  ASSERT_TRUE(nameless) << nameless.failure().message;
  EXPECT_FALSE(nameless->section("bourse").has_value());
  const auto links = with_sections([](auto& s) { s.sh_link = 0xfffffff0; });
  const auto linkless = ElfLibrary::parse(links);
  ASSERT_TRUE(linkless) << linkless.failure().message;
  // What is exported stands in the tables that the loader reads; it reads no section.
  EXPECT_TRUE(linkless->exports("bourse_plugin_v1"));
}

TEST(Elf, RefusesSegmentsThatWouldMisleadTheDynamicLoader) {
  const std::function<void(Elf64_Phdr&)> lies[] = {
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_type = PT_NULL;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_filesz = ~0ull;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_memsz = ~0ull;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD && p.p_filesz > 8) p.p_filesz -= 8;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_memsz = 0;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_offset = good().size() + 4096;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_vaddr = 0;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_vaddr = ~0ull - 4095;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_align = 3;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_align = 0;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_flags = PF_R;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_flags = PF_R | PF_W;
      },
      [](auto& p) {
        if (p.p_type == PT_LOAD) p.p_flags = PF_W | PF_X;
      },
      [](auto& p) {
        if (p.p_type == PT_DYNAMIC) p.p_type = PT_NULL;
      },
      [](auto& p) {
        if (p.p_type == PT_DYNAMIC) p.p_vaddr += 16;
      },
      [](auto& p) {
        if (p.p_type == PT_DYNAMIC) p.p_offset += 16;
      },
      [](auto& p) {
        if (p.p_type == PT_DYNAMIC) p.p_filesz = p.p_memsz = 16;
      },
      [](auto& p) {
        if (p.p_type == PT_DYNAMIC) p.p_filesz = p.p_memsz = 1u << 30;
      },
      [](auto& p) {
        if (p.p_type == PT_GNU_EH_FRAME) p.p_type = PT_DYNAMIC;
      },
      [](auto& p) {
        if (p.p_type == PT_GNU_EH_FRAME) p.p_vaddr = 1u << 30;
      },
      [](auto& p) {
        if (p.p_type == PT_GNU_RELRO) p.p_memsz += 1u << 20;
      },
      [](auto& p) {
        if (p.p_type == PT_NOTE) p.p_memsz = ~0ull;
      },
      [](auto& p) {
        if (p.p_type == PT_GNU_RELRO) p.p_type = PT_PHDR;
      },
      [](auto& p) {
        if (p.p_type == PT_GNU_RELRO) p.p_type = PT_TLS, p.p_align = 3;
      },
  };
  for (std::size_t i = 0; i < std::size(lies); ++i) {
    EXPECT_EQ(code_of(with_segments(lies[i])), "damaged_library") << "lie " << i;
  }
}

TEST(Elf, AcceptsAReadOnlyPartThatEndsWithTheLastPageAsLldWritesIt) {
  std::uint64_t end = 0;
  with_segments([&](auto& p) {
    if (p.p_type == PT_LOAD) end = (p.p_vaddr + p.p_memsz + 4095) & ~4095ull;
  });
  const auto ending_at = [](std::uint64_t place) {
    return with_segments([&](auto& p) {
      if (p.p_type == PT_GNU_RELRO) p.p_memsz = place - p.p_vaddr;
    });
  };
  EXPECT_EQ(code_of(ending_at(end)), "accepted");
  EXPECT_EQ(code_of(ending_at(end + 1)), "damaged_library");
}

TEST(Elf, RefusesAnExecutableStack) {
  EXPECT_EQ(code_of(read_bytes(fixture("executable_stack"))), "executable_stack");
  EXPECT_EQ(code_of(with_segments([](auto& p) {
              if (p.p_type == PT_GNU_STACK) p.p_type = PT_NULL;
            })),
            "executable_stack")
      << "without the header glibc assumes the worst";
}

TEST(Elf, RefusesAddressesOfTheDynamicSectionThatLeadOutside) {
  auto bytes = good();
  const auto header = header_of(bytes);
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  std::memcpy(segments.data(), bytes.data() + header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr));
  for (const auto& segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t at = 0; at < segment.p_filesz; at += sizeof(Elf64_Dyn)) {
      Elf64_Dyn entry;
      std::memcpy(&entry, bytes.data() + segment.p_offset + at, sizeof entry);
      if (entry.d_tag == DT_SYMTAB) entry.d_un.d_ptr = ~0ull - 64;
      std::memcpy(bytes.data() + segment.p_offset + at, &entry, sizeof entry);
    }
  }
  EXPECT_EQ(code_of(bytes), "damaged_library");
}

TEST(Elf, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < good().size(); size += 64) {
    ASSERT_NE(code_of(good().substr(0, size)), "accepted") << "cut to " << size << " bytes";
  }
  ASSERT_NE(code_of(good().substr(0, good().size() - 1)), "accepted");
}

TEST(Elf, NoByteOfItsTablesCanBeBentIntoACrash) {
  // Run under the sanitizers, this proves that no read leaves the bytes.
  const auto header = header_of(good());
  const auto bend = [](std::uint64_t offset, std::uint64_t size) {
    for (auto at = offset; at < offset + size; ++at) {
      for (const unsigned mask : {0xffu, 0x80u, 0x01u}) {
        auto bytes = good();
        bytes[at] = static_cast<char>(bytes[at] ^ mask);
        const auto library = ElfLibrary::parse(bytes);
        if (!library) continue;
        (void)library->section("bourse");
        (void)library->exports("bourse_plugin_v1");
      }
    }
  };
  bend(0, sizeof header);
  bend(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr));
  bend(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr));
}

}  // namespace
}  // namespace bourse::host
