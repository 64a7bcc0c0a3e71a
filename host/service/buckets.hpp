// SPDX-License-Identifier: MIT
//
// Token buckets for a bounded number of those who ask. A bucket holds up to `burst` and gets
// `per_second` back; who finds it empty is refused.
//
//   - At most 10,000 buckets. A full one says nothing and makes room; one that has something left
//     makes room when no full one is near; one that is empty never does, so that nobody gets rid of
//     his own refusal by asking under other names. Newcomers for whom there is no room share one.
//   - What is kept is the share that is left, so that a bucket whose rule changes keeps what was
//     spent of it.
//   - No call looks at more than a few buckets. [any thread]
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bourse::host {

class Buckets {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMax = 10'000;

  struct Rate {
    double per_second;  ///< more than 0
    double burst;       ///< at least 1
  };
  struct State {
    bool taken = false;
    double left = 0;                         ///< in the bucket now
    std::chrono::nanoseconds until_next{0};  ///< refused: until there is enough for the same again
    std::chrono::nanoseconds until_full{0};
  };
  /// Names one bucket until it is given back. The default one names none.
  struct Place {
    std::uint64_t key = 0;
    bool shared = false;
  };

  /// Takes `cost`, if it is there: at most rate.burst. 0 looks only.
  State take(std::string_view who, const Rate& rate, double cost, Time now);
  /// What was taken a moment ago was not needed.
  void give_back(std::string_view who, double cost) noexcept;

  /// One more of `who` is inside, if there are less than `max`.
  [[nodiscard]] bool enter(std::string_view who, std::uint32_t max, Time now, Place& place);
  void leave(const Place& place) noexcept;

  [[nodiscard]] std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kShardMax = kMax / kShards;
  static constexpr std::size_t kLooksMax = 16;

  struct Bucket {
    std::uint64_t key = 0;
    Rate rate{1, 1};
    double share = 1;  ///< of the burst, at `at`
    Time at = {};
    std::uint32_t inside = 0;

    void refill(Time now) noexcept;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::vector<Bucket> buckets;
    std::unordered_map<std::uint64_t, std::size_t> index;
    std::size_t hand = 0;
    Bucket shared;  ///< of all for whom there is no room
  };

  [[nodiscard]] Shard& shard_of(std::uint64_t key) noexcept { return shards_[key % kShards]; }
  /// The bucket of `key`; made if there is room. REQUIRES: the shard's mutex is held.
  static Bucket& bucket(Shard& shard, std::uint64_t key, Time now);
  static Bucket* make_room(Shard& shard, Time now);

  std::array<Shard, kShards> shards_;
};

}  // namespace bourse::host
