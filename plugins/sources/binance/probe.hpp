// SPDX-License-Identifier: MIT
//
// Prober: what `bourse probe` looks at before it fetches each dataset: the way to the exchange, its
// clock, the limits, whether it wants to hear from us, the key, and its streams.
#pragma once

#include <string>

#include "bourse/ext/probe.hpp"
#include "plugins/sources/binance/market.hpp"

namespace bourse::binance {

class Prober {
 public:
  /// `key_type`: of the key that is configured; "" for none.
  Prober(Market& market, const std::string& key_type, const std::string& block_file,
         const Findings& findings)
      : market_(market), key_type_(key_type), block_file_(block_file), findings_(findings) {}

  /// Says what it finds, one thing after the other; what cannot be looked at because of an earlier
  /// finding is skipped. Shows no part of any key.
  void run(const Call& call);

 private:
  void look_at_site();
  void look_at_proxy();
  bool look_at_block();
  bool look_at_connection(const Call& call);
  void look_at_round_trips(const Call& call);
  void look_at_clock(const Call& call);
  void look_at_limits();
  void look_at_key(const Call& call);
  void look_at_streams(const Call& call);
  void skip_rest(const char* why);
  void failed(const char* name, const Error& error);

  Market& market_;
  const std::string& key_type_;
  const std::string& block_file_;
  const Findings& findings_;
};

}  // namespace bourse::binance
