// SPDX-License-Identifier: MIT
//
// A document's declaration, elements and attributes through libxml2's text writer, into a
// BlockBuffer.
#pragma once

#include <memory>
#include <string_view>

#include "bourse/text.hpp"

namespace bourse::xml {

/// Writes one element after another; what it wrote is in the buffer once end() or open() returned,
/// so that others may write to the same buffer in between. Texts may hold anything: what XML cannot
/// hold becomes U+FFFD. Names must be literals that XML knows as names. Throws std::bad_alloc.
class Frame {
 public:
  /// Borrows the buffer. `indented`: each element on a line of its own, two spaces a level.
  Frame(BlockBuffer& out, bool indented);
  ~Frame();
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  void start(const char* name);
  void attribute(const char* name, std::string_view text);
  /// Left out when null.
  void attribute(const char* name, const char* text);
  void text(std::string_view text);
  /// Closes the start tag, so that the content may be written to the buffer by others.
  void open();
  void end();

 private:
  struct State;

  void drain();

  BlockBuffer& out_;
  std::unique_ptr<State> state_;
};

}  // namespace bourse::xml
