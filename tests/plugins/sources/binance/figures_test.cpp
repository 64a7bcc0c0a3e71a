// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/figures.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/plugins/sources/binance/stub_exchange.hpp"

namespace bourse::binance {
namespace {

std::string text(bourse_str part) { return std::string(view(part)); }

/// By name, with labels as "name{label=value}".
std::map<std::string, double> figures_of(const Market& market) {
  std::map<std::string, double> figures;
  const Metrics metrics(&figures, [](void* sink, const bourse_metric* m) {
    std::string name = text(m->name);
    for (std::size_t i = 0; i < m->n_labels; ++i) {
      name += "{" + text(m->labels[i].name) + "=" + text(m->labels[i].value) + "}";
    }
    (*static_cast<std::map<std::string, double>*>(sink))[name] = m->value;
  });
  show_figures(market, metrics);
  return figures;
}

TEST(Figures, ShowConnectionsAndWhoWaitsForThem) {
  StubExchange stub;
  stub.transport->connections = {
      .busy = 3, .idle = 2, .waiting = 7, .opened = 11, .answer_bytes = 4711, .answer_refusals = 5};
  const Market market(stub.exchange, std::nullopt, {});
  auto figures = figures_of(market);
  EXPECT_EQ(figures["connections{state=busy}"], 3);
  EXPECT_EQ(figures["connections{state=idle}"], 2);
  EXPECT_EQ(figures["connection_queue"], 7);
  EXPECT_EQ(figures["connections_opened_total"], 11);
  EXPECT_EQ(figures["answer_bytes"], 4711);
  EXPECT_EQ(figures["answer_refusals_total"], 5);
}

TEST(Figures, CountRetriesByWhatHadFailed) {
  StubExchange stub;
  int asked = 0;
  stub.transport->on("/api/v3/ping", [&](const std::string&) -> Result<HttpResponse> {
    ++asked;
    if (asked < 3) return Error{.kind = ErrorKind::kNetwork, .message = "Refused."};
    if (asked < 4) return answered(500, "");
    return answered(200, "{}");
  });
  Market market(stub.exchange, std::nullopt, {});
  EXPECT_EQ(figures_of(market)["retries_total{reason=network}"], 0);
  ASSERT_TRUE(market.client().ping(stub.call()).ok());
  auto figures = figures_of(market);
  EXPECT_EQ(figures["retries_total{reason=network}"], 2);
  EXPECT_EQ(figures["retries_total{reason=server}"], 1);
  EXPECT_EQ(figures["retries_total{reason=rate_limit}"], 0);
}

}  // namespace
}  // namespace bourse::binance
