// SPDX-License-Identifier: MIT
//
// detail/list.hpp - arrays that grow, of objects that may be copied byte by byte. Not part of the
// interface. A std::vector of each of these types would be a third of what a small plugin takes to
// compile: here all that grows is one piece of code, whatever the type.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace bourse::inline sdk_0_1::detail {

/// The memory under a List. Throws std::bad_alloc.
class Bytes {
 public:
  Bytes() noexcept = default;
  Bytes(const Bytes& other) {
    if (other.used_ != 0) __builtin_memcpy(add(other.used_), other.first_, other.used_);
  }
  Bytes(Bytes&& other) noexcept { swap(other); }
  Bytes& operator=(Bytes other) noexcept {
    swap(other);
    return *this;
  }
  ~Bytes() { ::operator delete(first_); }

  [[nodiscard]] char* first() const noexcept { return first_; }
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  /// The next `bytes`, which hold anything. What was there may move.
  void* add(std::size_t bytes) {
    if (bytes > room_ - used_) grow(bytes);
    used_ += bytes;
    return first_ + (used_ - bytes);
  }
  void reserve(std::size_t bytes) {
    if (bytes > room_ - used_) grow(bytes);
  }

 private:
  void swap(Bytes& other) noexcept {
    std::swap(first_, other.first_);
    std::swap(used_, other.used_);
    std::swap(room_, other.room_);
  }
  void grow(std::size_t bytes) {
    const std::size_t room = used_ + (bytes > used_ ? bytes : used_);
    auto* const wider = static_cast<char*>(::operator new(room));
    if (used_ != 0) __builtin_memcpy(wider, first_, used_);
    ::operator delete(first_);
    first_ = wider;
    room_ = room;
  }
  char* first_ = nullptr;
  std::size_t used_ = 0, room_ = 0;
};

template <class T>
class List {
 public:
  [[nodiscard]] T* begin() noexcept { return reinterpret_cast<T*>(bytes_.first()); }
  [[nodiscard]] T* end() noexcept { return begin() + size(); }
  [[nodiscard]] const T* begin() const noexcept {
    return reinterpret_cast<const T*>(bytes_.first());
  }
  [[nodiscard]] const T* end() const noexcept { return begin() + size(); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.used() / sizeof(T); }
  T& push(T object) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));
    return *::new (bytes_.add(sizeof(T))) T(object);
  }
  /// So that the next `count` stay where they are put.
  void reserve(std::size_t count) { bytes_.reserve(count * sizeof(T)); }

 private:
  Bytes bytes_;
};

}  // namespace bourse::inline sdk_0_1::detail
