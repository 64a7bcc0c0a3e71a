// SPDX-License-Identifier: MIT
#include "host/service/trace.hpp"

#include <cstdint>
#include <random>

#include "host/calls/context.hpp"

namespace bourse::host {
namespace {

std::uint64_t random_number() {
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  const std::uint64_t number = random();
  return number != 0 ? number : 1;  // an id of zeros is none
}

void append_hex(std::string& out, std::uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(number >> shift) & 15U];
}

}  // namespace

std::string trace_of(const Request& request) {
  const std::string_view said = request.only("traceparent");
  return is_traceparent(said) ? std::string(said) : std::string();
}

std::string new_trace() {
  std::string out = "00-";
  append_hex(out, random_number());
  append_hex(out, random_number());
  out += '-';
  append_hex(out, random_number());
  return out += "-00";
}

}  // namespace bourse::host
