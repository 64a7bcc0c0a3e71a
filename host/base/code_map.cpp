// SPDX-License-Identifier: MIT
#include "host/base/code_map.hpp"

#include <link.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>

namespace bourse::host {
namespace {

constexpr std::size_t kPlacesMax = 1024;
constexpr std::size_t kNameMax = 80;
constexpr std::size_t kStackWords = 4096;  // 32 KiB: a plugin's own frame is within that

/// Written by one thread at a time; `begin` is written last, and is zero while there is nothing.
struct Stretch {
  std::atomic<std::uintptr_t> begin{0};
  std::uintptr_t end = 0;
  std::uintptr_t base = 0;
  bool is_plugin = false;
  std::size_t length = 0;
  std::array<char, kNameMax> name = {};
};

std::array<Stretch, kPlacesMax> stretches;
std::atomic<std::size_t> used{0};

std::mutex& writing() {
  static auto* const mutex = new std::mutex;
  return *mutex;
}

Stretch* find(std::uintptr_t address) noexcept {
  const std::size_t n = used.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < n; ++i) {
    const auto begin = stretches[i].begin.load(std::memory_order_acquire);
    if (begin != 0 && address >= begin && address < stretches[i].end) return &stretches[i];
  }
  return nullptr;
}

Stretch* room() noexcept {
  const std::size_t n = used.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < n; ++i) {
    if (stretches[i].begin.load(std::memory_order_relaxed) == 0) return &stretches[i];
  }
  if (n == kPlacesMax) return nullptr;
  return &stretches[n];
}

struct Plugin {
  std::uintptr_t base;
  std::string_view name;
};

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

int take_down(dl_phdr_info* info, std::size_t, void* data) {
  const auto& plugin = *static_cast<const Plugin*>(data);
  const bool is_plugin = !plugin.name.empty() && info->dlpi_addr == plugin.base;
  std::string_view name = is_plugin ? plugin.name : file_name(info->dlpi_name);
  if (name.empty()) name = "bourse";  // the program itself comes without a name
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    const std::uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    if (find(begin) != nullptr) continue;
    Stretch* const stretch = room();
    if (stretch == nullptr) return 1;
    stretch->end = begin + segment.p_memsz;
    stretch->base = info->dlpi_addr;
    stretch->is_plugin = is_plugin;
    stretch->length = std::min(name.size(), kNameMax);
    std::copy_n(name.begin(), stretch->length, stretch->name.begin());
    stretch->begin.store(begin, std::memory_order_release);
    const auto place = static_cast<std::size_t>(stretch - stretches.data());
    used.store(std::max(place + 1, used.load(std::memory_order_relaxed)),
               std::memory_order_release);
  }
  return 0;
}

}  // namespace

void name_code(std::uintptr_t plugin_base, std::string_view plugin) noexcept {
  const std::lock_guard lock(writing());
  Plugin named{plugin_base, plugin};
  (void)dl_iterate_phdr(take_down, &named);
}

void forget_code(std::uintptr_t plugin_base) noexcept {
  const std::lock_guard lock(writing());
  for (Stretch& stretch : stretches) {
    if (stretch.is_plugin && stretch.base == plugin_base) stretch.begin.store(0);
  }
}

CodePlace code_at(std::uintptr_t address) noexcept {
  const Stretch* const found = find(address);
  if (found == nullptr) return {};
  return {.library = {found->name.data(), found->length},
          .offset = address - found->base,
          .is_plugin = found->is_plugin};
}

// By the kernel, which refuses what is not there, rather than by a load, which would be a fault in
// the handler of a fault.
CodePlace plugin_on_stack(std::uintptr_t stack_pointer) noexcept {
  static std::array<std::uintptr_t, kStackWords> words;  // the handler's own stack is small
  const std::uintptr_t begin = stack_pointer & ~(sizeof(std::uintptr_t) - 1);
  iovec to{words.data(), sizeof words};
  iovec from{reinterpret_cast<void*>(begin), sizeof words};
  const ssize_t got = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
  if (got <= 0) return {};
  const auto n = static_cast<std::size_t>(got) / sizeof(std::uintptr_t);
  for (std::size_t i = 0; i < n; ++i) {
    const CodePlace place = code_at(words[i]);
    if (place.is_plugin) return place;
  }
  return {};
}

}  // namespace bourse::host
