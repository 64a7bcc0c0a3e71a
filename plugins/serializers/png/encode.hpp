// SPDX-License-Identifier: MIT
//
// Pixels to a PNG file: stb_image_write lays it out, libdeflate compresses.
#pragma once

#include <string>
#include <string_view>

#include "plugins/serializers/png/paint.hpp"

namespace bourse::png {

/// Texts that travel in the file, as UTF-8; empty ones are left out, long ones cut.
struct Texts {
  std::string_view title, description;
};

/// Any thread; the same pixels and texts give the same bytes. Throws std::bad_alloc.
std::string encode(const Image& image, const Texts& texts);

}  // namespace bourse::png
