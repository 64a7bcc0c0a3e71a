// SPDX-License-Identifier: MIT
#include "host/validate/host_table.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace bourse::host::validate {

GuardedMemory::GuardedMemory(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t readable = (bytes + page - 1) / page * page;
  pages_bytes_ = readable + page;
  pages_ = mmap(nullptr, pages_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages_ == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(pages_);
  if (mprotect(begin + readable, page, PROT_NONE) != 0) {
    munmap(pages_, pages_bytes_);
    throw std::bad_alloc();
  }
  std::memset(pages_, kPoison, readable);
  data_ = begin + (readable - bytes);
}

GuardedMemory::~GuardedMemory() { munmap(pages_, pages_bytes_); }

namespace {

constexpr std::size_t kZeros = 256;  // behind one that is not guarded

}  // namespace

HostTable::HostTable(const bourse_host& functions, HostShape shape)
    : memory_(shape.bytes + (shape.is_guarded ? 0 : kZeros)) {
  assert(shape.bytes % alignof(bourse_host) == 0 &&
         shape.bytes >= offsetof(bourse_host, extension));
  std::memcpy(memory_.data(), &functions, std::min<std::size_t>(shape.bytes, sizeof functions));
  if (!shape.is_guarded) {
    std::memset(static_cast<std::byte*>(memory_.data()) + shape.bytes, 0, kZeros);
  }
  get()->size = shape.bytes;
  get()->abi_minor = shape.minor;
}

}  // namespace bourse::host::validate
