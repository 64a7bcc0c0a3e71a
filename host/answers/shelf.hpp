// SPDX-License-Identifier: MIT
//
// Answers that are kept, within a bound in bytes. What goes when there is no room is chosen by
// SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU, NSDI 2024): new ones come
// in at the head of a list; a hit sets a bit and moves nothing; a hand goes from the tail to the
// head, clears bits, takes out the first whose bit is clear, and goes on from there next time.
//
// A reader takes a lock that is held for one look-up or one change of a hash table, never while the
// hand moves or an answer is destroyed. [any thread]
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "host/answers/kept.hpp"
#include "host/answers/key.hpp"

namespace bourse::host {

class Shelf {
 public:
  /// `bytes_max`: of everything, keys and bookkeeping included; 0 keeps nothing.
  explicit Shelf(std::size_t bytes_max);
  ~Shelf();
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  /// Null: it is not there. A hit protects the entry from the hand once.
  [[nodiscard]] KeptPtr find(const QuestionKey& key) noexcept;
  /// The same, and the hand does not learn of it.
  [[nodiscard]] KeptPtr peek(const QuestionKey& key) const noexcept;
  /// Keeps it, in the place of what is there for this question, unless that began to be computed
  /// later: two may be under way where the first one was overtaken by a change. Nobody can use it
  /// after `useful_until` (Instant::boot): then it goes when the hand comes by. False: it is too
  /// large, an eighth of the bound or more, and what was there for this question is gone.
  bool put(const QuestionKey& key, KeptPtr kept, std::int64_t useful_until, Instant now);
  /// `kept` is to have `bytes` more, such as a twin. False: not so, because together they would be
  /// too large, or because the entry is another one by now, or gone.
  bool grow(const QuestionKey& key, const KeptPtr& kept, std::size_t bytes, Instant now);
  /// Takes it out, if it is still this one; any, with null.
  void erase(const QuestionKey& key, const KeptPtr& kept);

  struct Figures {
    std::size_t bytes_max = 0;
    std::size_t bytes = 0;  ///< of all kinds
    std::array<std::size_t, kQuestionKinds> bytes_of{};
    std::array<std::size_t, kQuestionKinds> entries{};
    std::array<std::uint64_t, kQuestionKinds> evicted{};
    std::uint64_t too_large = 0;
    std::uint64_t steps_max = 0;  ///< of the hand, in one put
  };
  [[nodiscard]] Figures figures() const;

 private:
  struct Node;
  using NodePtr = std::shared_ptr<Node>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const NodePtr& node) const noexcept;
    std::size_t operator()(const QuestionKey& key) const noexcept { return key.hash(); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const NodePtr& a, const NodePtr& b) const noexcept;
    bool operator()(const QuestionKey& a, const NodePtr& b) const noexcept;
    bool operator()(const NodePtr& a, const QuestionKey& b) const noexcept;
  };
  struct Lane {
    mutable std::mutex mutex;
    std::unordered_set<NodePtr, Hash, Equal> nodes;
  };
  using Released = std::vector<NodePtr>;  ///< destroyed when no lock is held

  [[nodiscard]] Lane& lane(const QuestionKey& key) const noexcept;
  [[nodiscard]] NodePtr find_node(const QuestionKey& key) const noexcept;
  void make_room(std::size_t bytes, Instant now, const Node* except, Released& released);
  void take_out(Node& node, Released& released);
  void count(const QuestionKey& key, std::ptrdiff_t more) noexcept;
  void link_at_head(Node& node) noexcept;
  void unlink(Node& node) noexcept;

  const std::size_t bytes_max_;
  const std::unique_ptr<std::array<Lane, 16>> lanes_;

  // The list and its numbers are the writers': under their lock, which no reader takes.
  mutable std::mutex writers_;
  Node* head_ = nullptr;
  Node* tail_ = nullptr;
  Node* hand_ = nullptr;  ///< where it goes on; null: at the tail
  Figures figures_;
};

}  // namespace bourse::host
