// SPDX-License-Identifier: MIT
//
// What faults make of the messages of streams. Pure: texts in, texts out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/exchange/faults.hpp"
#include "tests/exchange/stream_events.hpp"

namespace bourse::fake_exchange {

/// Whether a fault can act when a connection is opened, on what a client says, on an event.
[[nodiscard]] bool acts_on_opening(FaultKind kind) noexcept;
[[nodiscard]] bool acts_on_message(FaultKind kind) noexcept;
[[nodiscard]] bool acts_on_event(FaultKind kind, const StreamEvent& event) noexcept;

/// The text of an event as the fault has it; itself for a fault that does not change texts.
[[nodiscard]] std::string bent_text(const Fault& fault, const StreamEvent& event,
                                    std::string_view text);
/// How often the fault lets it be sent: 0 for one that swallows it.
[[nodiscard]] std::int64_t copies_of(const Fault& fault) noexcept;

/// The first half of a frame that holds this text, header and all.
[[nodiscard]] std::string half_a_frame(std::string_view text);
/// A whole frame of a kind that no document knows.
[[nodiscard]] std::string frame_of_no_kind();

}  // namespace bourse::fake_exchange
