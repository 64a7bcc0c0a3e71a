// SPDX-License-Identifier: MIT
//
// YAML text as a tree with positions. Bounded in size, depth and what aliases unfold to; a tree
// that comes out of here can be walked without further care.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/diagnostic.hpp"

namespace bourse::host {

struct Node;
using NodePtr = std::shared_ptr<const Node>;  ///< shared by the aliases of an anchor

struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  struct Entry {
    std::string key;
    Mark mark;  ///< of the key
    NodePtr value;
  };

  Kind kind = Kind::kNull;
  Mark mark;
  std::string text;            ///< of a scalar, before ${NAME} is read
  std::size_t offset = 0;      ///< of a scalar's first character in the file...
  bool verbatim = false;       ///< ...from where `text` stands in one line as it is
  std::vector<NodePtr> items;  ///< of a sequence
  std::vector<Entry> entries;  ///< of a map, keys unique, in the order of the file
  bool incomplete = false;     ///< a map of which a key was refused
  bool refused = false;        ///< it was told what is wrong with it: its kind is no second mistake
  std::size_t weight = 1;      ///< nodes in it, aliases unfolded
  std::size_t height = 1;      ///< levels in it
};

/// The one document in the file; null when it cannot be used at all, and then at least one error
/// was added, a second document among them. Duplicate keys and the like are added as errors and
/// left out of the tree.
[[nodiscard]] NodePtr parse_document(const SourceFile& file, std::uint32_t index,
                                     Diagnostics& diagnostics);

}  // namespace bourse::host
