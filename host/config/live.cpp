// SPDX-License-Identifier: MIT
#include "host/config/live.hpp"

#include "host/config/keys.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {

std::optional<LiveRule> read_live(Reader& reader, const Node& node) {
  if (node.kind != Node::Kind::kMap) {
    const auto is_off = [](std::string_view text) { return text == "off"; };
    if (!reader.text(node, "\"live\"", is_off, "\"off\", or a map such as {every: 1s}")) {
      return std::nullopt;
    }
    return LiveRule{.off = true};
  }
  const MapReader map(reader, node, "\"live\"", "live");
  LocatedDuration every{LiveRule{}.every};
  map.read("every", every);
  return LiveRule{.every = every.value};
}

void read_live_limits(Reader& reader, const Node& node, LiveLimits& limits) {
  if (!reader.expect(node, Node::Kind::kMap, "\"live\" of \"server\"")) return;
  const MapReader map(reader, node, "\"live\" of \"server\"", "server.live");
  LocatedCount streams{limits.streams};
  LocatedCount per_client{limits.streams_per_client};
  map.read("streams", streams);
  map.read("streams-per-client", per_client);
  limits = {.streams = streams.value, .streams_per_client = per_client.value};
}

}  // namespace bourse::host
