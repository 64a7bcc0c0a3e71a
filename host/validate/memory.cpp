// SPDX-License-Identifier: MIT
#include "host/validate/memory.hpp"

#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace bourse::host::validate {
namespace {

thread_local Allocations* current_allocations = nullptr;

bool fails() noexcept {
  Allocations* const of = current_allocations;
  if (of == nullptr || ++of->count != of->fails_at) return false;
  of->failed = true;
  errno = ENOMEM;
  return true;
}

// What stands in the libraries' places of these names. This program's own place is not touched, so
// the names below are still the C library's.
void* between_malloc(std::size_t bytes) { return fails() ? nullptr : std::malloc(bytes); }
void* between_calloc(std::size_t n, std::size_t bytes) {
  return fails() ? nullptr : std::calloc(n, bytes);
}
void* between_realloc(void* block, std::size_t bytes) {
  return bytes != 0 && fails() ? nullptr : std::realloc(block, bytes);
}
void* between_reallocarray(void* block, std::size_t n, std::size_t bytes) {
  return n != 0 && bytes != 0 && fails() ? nullptr : reallocarray(block, n, bytes);
}
void* between_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return fails() ? nullptr : std::aligned_alloc(alignment, bytes);
}
void* between_memalign(std::size_t alignment, std::size_t bytes) {
  return fails() ? nullptr : memalign(alignment, bytes);
}
int between_posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  return fails() ? ENOMEM : posix_memalign(block, alignment, bytes);
}

struct Between {
  std::string_view name;
  std::uintptr_t function;
};

template <class Function>
std::uintptr_t address_of(Function* function) {
  return reinterpret_cast<std::uintptr_t>(function);
}

const std::array<Between, 7>& betweens() {
  static const std::array<Between, 7> kBetweens = {{
      {"malloc", address_of(between_malloc)},
      {"calloc", address_of(between_calloc)},
      {"realloc", address_of(between_realloc)},
      {"reallocarray", address_of(between_reallocarray)},
      {"aligned_alloc", address_of(between_aligned_alloc)},
      {"memalign", address_of(between_memalign)},
      {"posix_memalign", address_of(between_posix_memalign)},
  }};
  return kBetweens;
}

/// A place that holds nothing but the address of a function.
constexpr bool is_place_of_address(std::uint64_t type) noexcept {
#if defined(__x86_64__)
  return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_64;
#elif defined(__aarch64__)
  return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT || type == R_AARCH64_ABS64;
#else
  (void)type;
  return false;
#endif
}

/// What the loader wrote into the dynamic section of a loaded library.
struct Dynamic {
  const ElfW(Sym) * names = nullptr;
  const char* texts = nullptr;
  std::array<const ElfW(Rela)*, 2> lists = {};  ///< of calls, and of the rest
  std::array<std::size_t, 2> bytes = {};
};

Dynamic dynamic_of(const dl_phdr_info& library, const ElfW(Dyn) * entry) {
  Dynamic found;
  // The loader has made addresses of them, but for sections that cannot be written to.
  const auto at = [&](ElfW(Addr) address) {
    return address < library.dlpi_addr ? library.dlpi_addr + address : address;
  };
  for (; entry->d_tag != DT_NULL; ++entry) {
    const ElfW(Addr) address = entry->d_un.d_ptr;
    switch (entry->d_tag) {
      case DT_SYMTAB:
        found.names = reinterpret_cast<const ElfW(Sym)*>(at(address));
        break;
      case DT_STRTAB:
        found.texts = reinterpret_cast<const char*>(at(address));
        break;
      case DT_JMPREL:
        found.lists[0] = reinterpret_cast<const ElfW(Rela)*>(at(address));
        break;
      case DT_PLTRELSZ:
        found.bytes[0] = entry->d_un.d_val;
        break;
      case DT_RELA:
        found.lists[1] = reinterpret_cast<const ElfW(Rela)*>(at(address));
        break;
      case DT_RELASZ:
        found.bytes[1] = entry->d_un.d_val;
        break;
      default:
        break;
    }
  }
  return found;
}

bool write_address(std::uintptr_t place, std::uintptr_t address) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = place & ~(page - 1);
  // An address is aligned, and so on one page. It stays writable: this process only validates.
  if (mprotect(reinterpret_cast<void*>(first), page, PROT_READ | PROT_WRITE) != 0) return false;
  std::memcpy(reinterpret_cast<void*>(place), &address, sizeof address);
  return true;
}

std::size_t put_between(const dl_phdr_info& library, const Dynamic& dynamic) {
  std::size_t places = 0;
  if (dynamic.names == nullptr || dynamic.texts == nullptr) return 0;
  for (std::size_t list = 0; list < dynamic.lists.size(); ++list) {
    if (dynamic.lists[list] == nullptr) continue;
    const std::size_t n = dynamic.bytes[list] / sizeof(ElfW(Rela));
    for (std::size_t i = 0; i < n; ++i) {
      const ElfW(Rela)& relocation = dynamic.lists[list][i];
      if (!is_place_of_address(ELF64_R_TYPE(relocation.r_info))) continue;
      const std::string_view name =
          dynamic.texts + dynamic.names[ELF64_R_SYM(relocation.r_info)].st_name;
      for (const Between& between : betweens()) {
        if (between.name == name &&
            write_address(library.dlpi_addr + relocation.r_offset, between.function)) {
          ++places;
        }
      }
    }
  }
  return places;
}

/// The loader has memory of its own, and its failures end the process; the kernel's page has none.
bool is_left_alone(std::string_view name) {
  return name.find("/ld-linux") != std::string_view::npos ||
         name.find("linux-vdso") != std::string_view::npos;
}

struct Walk {
  bool is_first = true;
  std::size_t places = 0;
};

int visit(dl_phdr_info* library, std::size_t, void* walked) {
  auto& walk = *static_cast<Walk*>(walked);
  const bool is_program = walk.is_first;  // it comes first, always
  walk.is_first = false;
  if (is_program || is_left_alone(library->dlpi_name)) return 0;
  for (std::size_t i = 0; i < library->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = library->dlpi_phdr[i];
    if (segment.p_type != PT_DYNAMIC) continue;
    const auto* const entries =
        reinterpret_cast<const ElfW(Dyn)*>(library->dlpi_addr + segment.p_vaddr);
    walk.places += put_between(*library, dynamic_of(*library, entries));
  }
  return 0;
}

}  // namespace

std::size_t install_failing_memory() noexcept {
  Walk walk;
  dl_iterate_phdr(visit, &walk);
  return walk.places;
}

AllocationScope::AllocationScope(Allocations* of) noexcept : before_(current_allocations) {
  current_allocations = of;
}

AllocationScope::~AllocationScope() { current_allocations = before_; }

}  // namespace bourse::host::validate
