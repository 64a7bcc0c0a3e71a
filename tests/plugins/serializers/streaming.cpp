// SPDX-License-Identifier: MIT
#include "tests/plugins/serializers/streaming.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>

#include "bourse/text.hpp"

namespace bourse::test {
namespace {

std::size_t heap() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

struct State {
  Streamed seen;
  std::size_t cancel_at = 0;
  std::size_t heap_before = 0;
};

/// The state travels as the opaque call.
State& state(bourse_call* call) { return *reinterpret_cast<State*>(call); }

bourse_host counting_host() {
  bourse_host h{};
  h.size = sizeof h;
  h.poll = [](bourse_call* call, std::int64_t*) {
    State& s = state(call);
    ++s.seen.polls;
    const bool cancelled = s.cancel_at != 0 && s.seen.polls >= s.cancel_at;
    return bourse_status{cancelled ? BOURSE_CANCELLED : BOURSE_OK};
  };
  h.fail = [](bourse_call*, const bourse_failure* failure) { return failure->status; };
  h.header = [](bourse_call*, bourse_str, bourse_str) { return bourse_status{BOURSE_OK}; };
  h.write = [](bourse_call* call, bourse_str bytes) {
    State& s = state(call);
    ++s.seen.writes;
    s.seen.bytes += bytes.len;
    s.seen.largest_write = std::max(s.seen.largest_write, bytes.len);
    s.seen.memory = std::max(s.seen.memory, heap() - std::min(heap(), s.heap_before));
    return bourse_status{BOURSE_OK};
  };
  return h;
}

}  // namespace

Streamed stream(const Component& serializer, const bourse_report& report,
                const std::vector<bourse_value>& params, std::size_t cancel_at) {
  const bourse_host host = counting_host();
  const bourse_component& component = serializer.wire();
  State s;
  s.cancel_at = cancel_at;
  auto* const call = reinterpret_cast<bourse_call*>(&s);
  void* self = nullptr;
  EXPECT_EQ(component.create(&host, call, nullptr, &self), BOURSE_OK);
  s.heap_before = heap();
  s.seen.status = component.render(self, call, params.data(), &report);
  component.destroy(self);
  return s.seen;
}

void expect_bounded(const Streamed& streamed) {
  constexpr std::size_t kBlock = BlockBuffer::kBytes;
  EXPECT_LE(streamed.largest_write, kBlock);
  EXPECT_GT(streamed.bytes, 100 * kBlock) << "too little to tell";
  EXPECT_LE(streamed.writes, streamed.bytes / (kBlock - 1024) + 2) << "blocks should be full";
  EXPECT_GE(streamed.polls, streamed.writes);
  EXPECT_LE(streamed.memory, 2 * kBlock);
}

}  // namespace bourse::test
