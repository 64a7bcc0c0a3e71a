// SPDX-License-Identifier: MIT
//
// Whether one who asks may: rates and concurrency of clients, tokens and routes, and guesses of
// tokens. What was spent outlives a reload. Draft draft-ietf-httpapi-ratelimit-headers-10, RFC
// 6585.
//
//   RateLimit-Policy: "client";q=100;w=60      a hundred in each 60 s
//   RateLimit: "client";r=42;t=18              42 are left, and all of them in 18 s
//
// Costs a few buckets looked at (buckets.hpp), so it is for I/O threads: a refusal takes no worker.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/base/failure.hpp"
#include "host/http/message.hpp"
#include "host/observe/exposition.hpp"
#include "host/routing/route.hpp"
#include "host/service/buckets.hpp"

namespace bourse::host {

class Quotas;

/// Who asks.
struct Asker {
  Address client = {};               ///< whose addresses are one: Address::bucket()
  std::string_view token_key = {};   ///< AccessList::Pass::key; empty: without a token
  std::string_view request_id = {};  ///< spreads what is told of times
};

/// What one request was let through with. Movable; gives its places back when it goes.
class Admission {
 public:
  Admission() = default;
  Admission(Admission&& other) noexcept { *this = std::move(other); }
  Admission& operator=(Admission&& other) noexcept;
  ~Admission() { leave(); }

  /// Which limit it was refused by; empty: it was not, or by none that has a rate.
  [[nodiscard]] std::string_view violated() const noexcept { return violated_; }
  /// What the client is told of its limits, if there are any.
  void add_fields(Response& response) const;
  /// It is answered: others may be.
  void leave() noexcept;

 private:
  friend class Quotas;
  Quotas* quotas_ = nullptr;
  std::string_view violated_ = {};
  std::string policy_;
  std::string state_;
  double open_cost_ = 0;  ///< what a request costs beyond a hit
  Buckets::Place client_ = {};
  std::atomic<std::uint32_t>* route_ = nullptr;
};

/// [any thread]
class Quotas {
 public:
  using Time = Buckets::Time;

  /// May it be answered, if it costs no work? Then what that costs is taken.
  [[nodiscard]] std::optional<Failure> admit(const Route& route, const Asker& asker, Time now,
                                             Admission& admission);
  /// It is work after all. Takes the rest, and a place among those that are answered.
  [[nodiscard]] std::optional<Failure> admit_work(const Route& route, const Asker& asker, Time now,
                                                  Admission& admission);
  /// Of a request that leads to no plan: by what the route says that its path leads to, or, if
  /// that is null, the defaults, if they say something.
  [[nodiscard]] std::optional<Failure> admit_stray(const LimitRules* defaults, const Route* route,
                                                   const Asker& asker, Time now,
                                                   Admission& admission);

  /// A token that is not one. Whoever guesses too often is refused wherever a token is needed.
  void guessed(const Asker& asker, Time now);
  [[nodiscard]] std::optional<Failure> guesses_too_much(const Asker& asker, Time now,
                                                        Admission& admission);

  void expose(Exposition& figures) const;

 private:
  friend class Admission;
  enum class Policy : std::uint8_t { kClient, kToken, kRoute, kGuesses };
  static constexpr std::size_t kPolicies = 4;
  static constexpr std::array<std::string_view, kPolicies> kNames = {"client", "token", "route",
                                                                     "guesses"};

  std::optional<Failure> take(const LimitRules& rules, std::string_view scope,
                              std::string_view route, const Asker& asker, double cost, Time now,
                              Admission& admission);
  [[nodiscard]] static std::string key_of(Policy policy, std::string_view scope,
                                          std::string_view route, const Asker& asker);
  /// Of a request that is not answered after all.
  void give_back(const Route& route, const Asker& asker, double cost);
  std::optional<Failure> find_place(const Route& route, const Asker& asker, Time now,
                                    Admission& admission);
  Failure limited(Policy policy, const RateRule& rule, const Buckets::State& state,
                  Admission& admission);
  std::atomic<std::uint32_t>& inside(const std::string& route);

  Buckets buckets_;
  std::array<std::atomic<std::uint64_t>, kPolicies> limited_{};
  std::atomic<std::uint64_t> crowded_clients_{0};
  std::atomic<std::uint64_t> crowded_routes_{0};
  mutable std::mutex mutex_;  ///< of the map, not of what is in it
  std::map<std::string, std::atomic<std::uint32_t>, std::less<>> inside_;  ///< by template
};

}  // namespace bourse::host
