// SPDX-License-Identifier: MIT
#include "host/base/record.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

namespace bourse::host {

// In shared memory. `used` is stored when the bytes are there.
struct Record::Head {
  std::atomic<std::size_t> claimed;
  std::atomic<std::size_t> used;
  std::atomic<unsigned int> is_complete;
  std::atomic<unsigned int> is_cut;
};

namespace {

Failure failure(const char* code, const std::string& what, int error) {
  return {.status = BOURSE_INTERNAL,
          .code = code,
          .message = what + " (" + std::generic_category().message(error) + ")"};
}

}  // namespace

Record::Record(Record&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

Record& Record::operator=(Record&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Record::~Record() {
  if (memory_ != nullptr) munmap(memory_, bytes_);
  if (descriptor_ >= 0) close(descriptor_);
}

Record::Head* Record::head() const noexcept { return static_cast<Head*>(memory_); }

Result<Record> Record::make(std::size_t bytes_max) {
  static_assert(std::atomic<std::size_t>::is_always_lock_free);
  Record record;
  record.descriptor_ = memfd_create("bourse-record", MFD_CLOEXEC);
  const std::size_t bytes = sizeof(Head) + bytes_max;
  if (record.descriptor_ < 0 || ftruncate(record.descriptor_, static_cast<off_t>(bytes)) != 0) {
    return failure("no_memory", "there is no memory for what a child process tells", errno);
  }
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, record.descriptor_, 0);
  if (memory == MAP_FAILED) {
    return failure("no_memory", "there is no memory for what a child process tells", errno);
  }
  record.memory_ = memory;
  record.bytes_ = bytes;
  new (record.memory_) Head{};
  return record;
}

Result<Record> Record::open(int descriptor) {
  Record record;
  struct stat facts = {};
  if (fstat(descriptor, &facts) != 0) {
    return failure("no_record", "this command is for the program itself", errno);
  }
  if (!S_ISREG(facts.st_mode) || facts.st_size < static_cast<off_t>(sizeof(Head))) {
    return failure("no_record", "this command is for the program itself", EINVAL);
  }
  record.descriptor_ = descriptor;
  void* const memory = mmap(nullptr, static_cast<std::size_t>(facts.st_size),
                            PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) {
    record.descriptor_ = -1;
    return failure("no_record", "this command is for the program itself", errno);
  }
  record.memory_ = memory;
  record.bytes_ = static_cast<std::size_t>(facts.st_size);
  close(std::exchange(record.descriptor_, -1));
  return record;
}

void Record::append(std::string_view line) noexcept {
  const std::size_t room = bytes_ - sizeof(Head);
  const std::size_t needed = line.size() + 1;
  std::size_t at = head()->claimed.load();
  do {
    if (head()->is_cut.load() != 0 || at > room || needed > room - at) {
      head()->is_cut.store(1);
      return;
    }
  } while (!head()->claimed.compare_exchange_weak(at, at + needed));
  char* const to = static_cast<char*>(memory_) + sizeof(Head) + at;
  std::memcpy(to, line.data(), line.size());
  to[line.size()] = '\n';
  std::size_t used = head()->used.load();
  while (used < at + needed && !head()->used.compare_exchange_weak(used, at + needed)) {
  }
}

void Record::complete() noexcept { head()->is_complete.store(1); }

std::string Record::text() const {
  const std::size_t used = std::min(head()->used.load(), bytes_ - sizeof(Head));
  return {static_cast<const char*>(memory_) + sizeof(Head), used};
}

bool Record::is_complete() const noexcept { return head()->is_complete.load() == 1; }
bool Record::is_cut() const noexcept { return head()->is_cut.load() != 0; }

std::string record_line(std::initializer_list<std::string_view> fields) {
  std::string line;
  const char* between = "";
  for (const std::string_view field : fields) {
    line += std::exchange(between, "\t");
    for (const char c : field) {
      if (c == '\\') {
        line += "\\\\";
      } else if (c == '\t') {
        line += "\\t";
      } else if (c == '\n') {
        line += "\\n";
      } else {
        line += c;
      }
    }
  }
  return line;
}

std::vector<std::string> record_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      fields.emplace_back();
    } else if (line[i] == '\\' && i + 1 < line.size()) {
      const char c = line[++i];
      fields.back() += c == 't' ? '\t' : c == 'n' ? '\n' : c;
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

}  // namespace bourse::host
