// SPDX-License-Identifier: MIT
#include "host/config/proxies.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/config/reader.hpp"

namespace bourse::host {
namespace {

constexpr const char* kExample =
    "such as {from: [10.0.0.0/8], header: x-forwarded-for}, with the addresses of the proxies";

std::optional<std::vector<Network>> read_networks(Reader& reader, const Node& node) {
  const auto texts = reader.list(
      node, "\"from\"", "an item of \"from\"", [](std::string_view text) { return !text.empty(); },
      "an address, a network or \"unix\"");
  if (!texts) return std::nullopt;
  std::vector<Network> networks;
  for (const LocatedText& text : *texts) {
    auto network = Network::parse(text.value);
    const std::string shown =
        text.from_environment ? "what the environment gives" : in_quotes(text.value);
    if (!network) {
      reader.error(text.mark, "bad_value", shown + ": " + network.failure().message);
    } else if (network->is_everybody()) {
      reader.error(text.mark, "bad_value",
                   shown + " trusts everybody, so that each client could say who it is",
                   "name the networks that the proxies are in, such as 172.16.0.0/12");
    } else {
      networks.push_back(*std::move(network));
    }
  }
  return networks;
}

}  // namespace

void read_trusted_proxies(Reader& reader, const Node& node, TrustedProxies& proxies) {
  if (!reader.expect(node, Node::Kind::kMap, "\"trusted-proxies\"")) return;
  MapReader map(reader, node, "\"trusted-proxies\"", "server.trusted-proxies");
  const Node* const from = map.require("from", kExample);
  // No default: a proxy that sets the other one hands this one on as the client wrote it.
  const Node* const header = map.require(
      "header", "name the one that the proxies set: x-forwarded-for (most do) or forwarded");
  auto networks = from == nullptr ? std::nullopt : read_networks(reader, *from);
  const auto field = header == nullptr
                         ? std::nullopt
                         : reader.choice(*header, "\"header\"", {"x-forwarded-for", "forwarded"});
  if (!networks || !field) return;
  proxies = TrustedProxies(*std::move(networks), static_cast<ForwardedField>(field->value));
}

}  // namespace bourse::host
