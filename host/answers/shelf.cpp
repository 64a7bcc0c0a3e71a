// SPDX-License-Identifier: MIT
#include "host/answers/shelf.hpp"

#include <algorithm>
#include <utility>

namespace bourse::host {
namespace {

/// What an answer takes may be at most this part of the bound: one question must not empty it.
constexpr std::size_t kPartMax = 8;
/// Bits that the hand clears in one put; then it takes what comes next. The walk is short on
/// average (0.3 steps) and may be half of all entries when a hot set has just been read.
constexpr std::size_t kStepsMax = 64;
/// A node of the hash table with its cached hash, its share of the buckets (at most one for each
/// entry, doubled while it grows), and malloc's part of each.
constexpr std::size_t kSlot = 32 + 16 + 24;
constexpr std::size_t kNodeControl = 16 + 24;

}  // namespace

struct Shelf::Node {
  Node(QuestionKey of, KeptPtr what) : key(std::move(of)), kept(std::move(what)) {}

  const QuestionKey key;
  KeptPtr kept;  ///< guarded by its lane
  std::atomic<bool> visited{false};
  // The rest is the writers'.
  std::int64_t useful_until = 0;
  std::size_t bytes = 0;
  Node* newer = nullptr;
  Node* older = nullptr;
};

std::size_t Shelf::Hash::operator()(const NodePtr& node) const noexcept { return node->key.hash(); }
bool Shelf::Equal::operator()(const NodePtr& a, const NodePtr& b) const noexcept {
  return a->key == b->key;
}
bool Shelf::Equal::operator()(const QuestionKey& a, const NodePtr& b) const noexcept {
  return a == b->key;
}
bool Shelf::Equal::operator()(const NodePtr& a, const QuestionKey& b) const noexcept {
  return a->key == b;
}

Shelf::Shelf(std::size_t bytes_max)
    : bytes_max_(bytes_max), lanes_(std::make_unique<std::array<Lane, 16>>()) {
  figures_.bytes_max = bytes_max;
}

Shelf::~Shelf() = default;

Shelf::Lane& Shelf::lane(const QuestionKey& key) const noexcept {
  return (*lanes_)[key.hash() >> 60U];  // the table within it uses the low bits
}

Shelf::NodePtr Shelf::find_node(const QuestionKey& key) const noexcept {
  const Lane& in = lane(key);
  const std::lock_guard lock(in.mutex);
  const auto found = in.nodes.find(key);
  return found == in.nodes.end() ? nullptr : *found;
}

KeptPtr Shelf::find(const QuestionKey& key) noexcept {
  const Lane& in = lane(key);
  const std::lock_guard lock(in.mutex);
  const auto found = in.nodes.find(key);
  if (found == in.nodes.end()) return nullptr;
  Node& node = **found;
  // Only if it is clear: a line that is written by each hit travels between the processors.
  if (!node.visited.load(std::memory_order_relaxed)) {
    node.visited.store(true, std::memory_order_relaxed);
  }
  return node.kept;
}

KeptPtr Shelf::peek(const QuestionKey& key) const noexcept {
  const Lane& in = lane(key);
  const std::lock_guard lock(in.mutex);
  const auto found = in.nodes.find(key);
  return found == in.nodes.end() ? nullptr : (*found)->kept;
}

void Shelf::link_at_head(Node& node) noexcept {
  node.older = head_;
  node.newer = nullptr;
  (head_ ? head_->newer : tail_) = &node;
  head_ = &node;
}

void Shelf::unlink(Node& node) noexcept {
  if (hand_ == &node) hand_ = node.newer;
  (node.newer ? node.newer->older : head_) = node.older;
  (node.older ? node.older->newer : tail_) = node.newer;
}

// Out of the hash first, so that nobody finds what is going; then out of the list. The last
// reference goes with `released`, when no lock is held: destroying a report takes its time.
void Shelf::take_out(Node& node, Released& released) {
  Lane& in = lane(node.key);
  {
    const std::lock_guard lock(in.mutex);
    const auto found = in.nodes.find(node.key);
    released.push_back(*found);
    in.nodes.erase(found);
  }
  unlink(node);
  count(node.key, -static_cast<std::ptrdiff_t>(node.bytes));
  --figures_.entries[static_cast<std::size_t>(node.key.kind())];
}

void Shelf::count(const QuestionKey& key, std::ptrdiff_t more) noexcept {
  const auto bytes = static_cast<std::size_t>(more);  // modulo what it holds, as intended
  figures_.bytes += bytes;
  figures_.bytes_of[static_cast<std::size_t>(key.kind())] += bytes;
}

void Shelf::make_room(std::size_t bytes, Instant now, const Node* except, Released& released) {
  std::size_t steps = 0;
  while (figures_.bytes + bytes > bytes_max_ && tail_ != nullptr) {
    if (hand_ == nullptr) hand_ = tail_;
    Node& node = *hand_;
    if (&node == except) {
      if (head_ == tail_) return;  // it is alone
      hand_ = node.newer;
      continue;
    }
    const bool dead = node.useful_until <= now.boot;
    if (!dead && steps < kStepsMax && node.visited.load(std::memory_order_relaxed)) {
      node.visited.store(false, std::memory_order_relaxed);
      hand_ = node.newer;
      ++steps;
      continue;
    }
    ++figures_.evicted[static_cast<std::size_t>(node.key.kind())];
    take_out(node, released);
  }
  figures_.steps_max = std::max<std::uint64_t>(figures_.steps_max, steps);
}

bool Shelf::put(const QuestionKey& key, KeptPtr kept, std::int64_t useful_until, Instant now) {
  Released released;  // declared first: goes last
  KeptPtr replaced;
  auto node = std::make_shared<Node>(key, kept);
  node->useful_until = useful_until;
  node->bytes = sizeof(Node) + kNodeControl + kSlot + node->key.bytes() + kept->size();
  const std::lock_guard writing(writers_);
  const NodePtr known = find_node(key);
  // Under the writers' lock nobody replaces what is kept, so it may be read without its lane's.
  if (known && known->kept->life.computed.boot > kept->life.computed.boot) return true;
  if (node->bytes >= bytes_max_ / kPartMax) {
    ++figures_.too_large;
    if (known) take_out(*known, released);
    return false;
  }
  if (known) {
    // In its place, whatever its bit and the hand: a new answer is no sign that it is wanted.
    make_room(node->bytes > known->bytes ? node->bytes - known->bytes : 0, now, known.get(),
              released);
    count(key,
          static_cast<std::ptrdiff_t>(node->bytes) - static_cast<std::ptrdiff_t>(known->bytes));
    known->bytes = node->bytes;
    known->useful_until = useful_until;
    Lane& in = lane(key);
    const std::lock_guard lock(in.mutex);
    replaced = std::exchange(known->kept, std::move(kept));
    return true;
  }
  make_room(node->bytes, now, nullptr, released);
  {
    Lane& in = lane(key);
    const std::lock_guard lock(in.mutex);
    in.nodes.insert(node);
  }
  count(key, static_cast<std::ptrdiff_t>(node->bytes));
  ++figures_.entries[static_cast<std::size_t>(key.kind())];
  link_at_head(*node);
  return true;
}

bool Shelf::grow(const QuestionKey& key, const KeptPtr& kept, std::size_t bytes, Instant now) {
  Released released;
  const std::lock_guard writing(writers_);
  const NodePtr node = find_node(key);
  if (!node || node->kept != kept) return false;
  if (node->bytes + bytes >= bytes_max_ / kPartMax) return false;
  make_room(bytes, now, node.get(), released);
  node->bytes += bytes;
  count(key, static_cast<std::ptrdiff_t>(bytes));
  return true;
}

void Shelf::erase(const QuestionKey& key, const KeptPtr& kept) {
  Released released;
  const std::lock_guard writing(writers_);
  const NodePtr node = find_node(key);
  if (node && (!kept || node->kept == kept)) take_out(*node, released);
}

Shelf::Figures Shelf::figures() const {
  const std::lock_guard writing(writers_);
  return figures_;
}

}  // namespace bourse::host
