// SPDX-License-Identifier: MIT
//
// Objects of C libraries in a std::unique_ptr: freed by the function that the library names.
#pragma once

namespace bourse::png {

template <auto Free>
struct FreedBy {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

}  // namespace bourse::png
