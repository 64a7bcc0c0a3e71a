// SPDX-License-Identifier: MIT
//
// A day at full load, in seconds: somebody always asks, as fast as the client lets them, and the
// exchange refuses nothing. Its limits are those of the fake exchange, which counts for itself;
// time passes when the client sleeps, and on the way there and back.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "plugins/sources/binance/client/client.hpp"
#include "plugins/sources/binance/client/http_transport.hpp"
#include "plugins/sources/binance/client/site.hpp"
#include "tests/exchange/endpoints.hpp"
#include "tests/exchange/fixture.hpp"
#include "tests/plugins/sources/binance/client/fakes.hpp"

namespace bourse::binance {
namespace {

namespace fake = bourse::fake_exchange;

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;

constexpr const char* kAddress = "127.0.0.1";

/// The exchange's clock: wrong by 37 s, and 40 ms faster in each 1000 s than this machine's.
microseconds exchange_time(const FakeClock& clock) {
  const std::int64_t us = clock.wall().ns / 1'000;
  const std::int64_t passed = us - kStartMs * 1'000;
  return microseconds(us + 37'123'456 + passed / 25'000);
}

/// Another program on this address: it uses so much of the weight on average, twice that at most.
class Neighbour {
 public:
  explicit Neighbour(std::int64_t weight_per_minute) : each_(weight_per_minute / 8) {}
  /// How much it has used by now, of eight equal parts of a minute.
  template <class Use>
  void live(microseconds now, Use use) {
    const std::int64_t eighth = now / microseconds(7'500'000);
    if (eighth == last_) return;
    last_ = eighth;
    use(dice_.between(0, 2 * each_));
  }

 private:
  std::int64_t each_, last_ = 0;
  Dice dice_{99};
};

/// How much of what may be used is used, window by window.
class Utilisation {
 public:
  explicit Utilisation(microseconds window) : window_(window) {}
  void see(microseconds now, double part) {
    if (now / window_ != index_) {
      if (windows_++ > 0) sum_ += std::min(1.0, last_);  // the first one began somewhere inside
      index_ = now / window_;
    }
    last_ = part;
  }
  [[nodiscard]] double mean() const { return sum_ / static_cast<double>(windows_ - 1); }

 private:
  microseconds window_;
  std::int64_t index_ = -1, windows_ = 0;
  double last_ = 0, sum_ = 0;
};

struct Kind {
  Endpoint endpoint;
  Query query;
  Shape shape;
};
const Kind& one_of(Dice& dice, bool heavy) {
  static const auto kSymbol = [] { return Query().add("symbol", "BTCUSDT"); };
  static const std::array<Kind, 8> kKinds = {{
      {Endpoint::kPing, {}, {}},
      {Endpoint::kTime, {}, {}},
      {Endpoint::kKlines, kSymbol().add("interval", "1h"), {.symbol = true}},
      {Endpoint::kTicker24h, kSymbol(), {.symbol = true}},
      {Endpoint::kTickerPrice, {}, {}},
      {Endpoint::kDepth, kSymbol().add("limit", 100), {.limit = 100, .symbol = true}},
      {Endpoint::kTrades, kSymbol(), {.symbol = true}},
      {Endpoint::kDepth, kSymbol().add("limit", 1000), {.limit = 1000, .symbol = true}},
  }};
  return kKinds[static_cast<std::size_t>(heavy ? dice.between(0, 7) : dice.between(0, 1))];
}

/// The exchange's limits without the exchange: counts, refuses and says what is used, as it does.
class CountingTransport final : public Transport {
 public:
  CountingTransport(std::shared_ptr<FakeClock> clock, fake::LimitOptions options)
      : limits(options), clock_(std::move(clock)) {}

  Result<HttpResponse> send(const HttpRequest& request, const Call&) override {
    clock_->advance(milliseconds(dice_.between(2, 40)));
    const auto target = target_now(request);
    if (!target) return target.error();
    const std::size_t mark = target->find('?');
    const std::string_view path = target->substr(0, mark);
    const auto endpoint =
        std::ranges::find(fake::endpoints(), path, [](const fake::Endpoint& e) { return e.path; });
    const std::string_view query =
        mark == std::string_view::npos ? std::string_view() : target->substr(mark + 1);
    const auto now = exchange_time(*clock_);
    neighbour.live(now, [&](std::int64_t weight) { limits.use(kAddress, weight, now); });
    const auto admission =
        limits.admit(kAddress, endpoint->weight(fake::Parameters(query, "")), now);
    ++requests;
    const std::int64_t used = limits.used_weight(kAddress, now);
    utilisation_weight = static_cast<double>(used) / budget_weight;
    HttpResponse response = answer(200, "{}", {{"x-mbx-used-weight-1m", std::to_string(used)}});
    if (path == "/api/v3/time") {
      response.body = "{\"serverTime\":" + std::to_string(now.count() / 1'000) + "}";
    }
    if (admission.kind != fake::Admission::Kind::kAdmitted) {
      ++refused;
      response.status = 429;
      response.headers.insert(response.headers.begin(), {"retry-after", "60"});
    }
    clock_->advance(milliseconds(dice_.between(2, 40)));
    return response;
  }

  fake::Limits limits;
  Neighbour neighbour{480};  // on average eight hundredths of the limit, twice that at most
  double budget_weight = 5'400, utilisation_weight = 0;
  std::int64_t requests = 0, refused = 0;

 private:
  std::shared_ptr<FakeClock> clock_;
  Dice dice_{7};
};

Call patient(const FakeClock& clock) { return {.deadline = clock.now() + hours(1), .stopped = {}}; }

/// Hours in which weight is scarce and hours in which the number of requests is, in turns.
TEST(VirtualDay, TheRealLimitsAreFilledAndNeverExceeded) {
  const auto clock = std::make_shared<FakeClock>();
  const fake::LimitOptions limits{.raw_per_5_minutes = 2'500};
  const auto transport = std::make_shared<CountingTransport>(clock, limits);
  const auto exchange = *Exchange::open(
      {.site = Site::kData}, {.clock = clock, .random = nullptr, .transport = transport});
  ASSERT_TRUE(exchange->set_clock(patient(*clock)).ok());
  exchange->learn(std::array{Limit{LimitKind::kRequestWeight, 60'000, limits.weight_per_minute},
                             Limit{LimitKind::kRawRequests, 300'000, limits.raw_per_5_minutes}});
  Utilisation weight{minutes(1)}, raw{minutes(5)};
  Dice dice{42};
  const Instant start = clock->now();
  std::int64_t in_window = 0, window = -1;
  while (clock->now() - start < hours(24)) {
    const bool heavy = exchange_time(*clock) / hours(1) % 2 == 0;
    const Kind& kind = one_of(dice, heavy);
    const auto done =
        exchange->send({.endpoint = kind.endpoint, .query = kind.query, .shape = kind.shape},
                       patient(*clock), [](HttpResponse&, const auto&) { return Done{}; });
    ASSERT_TRUE(done.ok()) << done.error().text();
    const auto now = exchange_time(*clock);
    if (now / minutes(5) != window) {
      window = now / minutes(5);
      in_window = 0;
    }
    ++in_window;
    const bool same_hour =
        (now / hours(1) % 2 == 0) == heavy;  // it may have waited for the next one
    if (!same_hour) continue;
    if (heavy) weight.see(now, transport->utilisation_weight);
    if (!heavy) raw.see(now, static_cast<double>(in_window) / 2'250);
  }
  EXPECT_EQ(transport->refused, 0);
  EXPECT_GE(weight.mean(), 0.95);
  EXPECT_GE(raw.mean(), 0.95);
  RecordProperty("requests", static_cast<int>(transport->requests));
  std::printf("24 hours, %lld requests, refused %lld; of the budget used: weight %.3f, raw %.3f\n",
              static_cast<long long>(transport->requests),
              static_cast<long long>(transport->refused), weight.mean(), raw.mean());
}

/// To a fake exchange over loopback, whose clock is put to the virtual time.
class Loopback final : public Transport {
 public:
  Loopback(std::shared_ptr<FakeClock> clock, fake::Exchange& exchange)
      : clock_(std::move(clock)), exchange_(exchange) {
    inner_ = *HttpTransport::make(*parse_loopback(exchange.url()), {});
  }
  Result<HttpResponse> send(const HttpRequest& request, const Call&) override {
    clock_->advance(milliseconds(dice_.between(2, 40)));
    const auto now = exchange_time(*clock_);
    exchange_.clock().set(now);
    neighbour.live(now, [&](std::int64_t weight) { exchange_.use_weight(weight); });
    auto response = inner_->send(request, within(seconds(20)));
    refused += response && response->status != 200 ? 1 : 0;
    ++requests;
    clock_->advance(milliseconds(dice_.between(2, 40)));
    return response;
  }

  Neighbour neighbour{12};
  std::int64_t requests = 0, refused = 0;

 private:
  std::shared_ptr<FakeClock> clock_;
  fake::Exchange& exchange_;
  std::shared_ptr<HttpTransport> inner_;
  Dice dice_{8};
};

/// The same over HTTP, headers and limits read from it; a fortieth of the limit, as every request
/// takes real time.
TEST(VirtualDay, OverHttpNothingIsRefusedEither) {
  const auto clock = std::make_shared<FakeClock>();
  fake::test::Standing fake(fake::ExchangeOptions{.limits = {.weight_per_minute = 150}});
  const auto transport = std::make_shared<Loopback>(clock, fake.exchange);
  const auto exchange = *Exchange::open(
      {.site = Site::kData}, {.clock = clock, .random = nullptr, .transport = transport});
  Client client(exchange);
  ASSERT_TRUE(client.prepare(patient(*clock)).ok());
  ASSERT_FALSE(exchange->rate_state().assumed);
  Utilisation weight{minutes(1)};
  Dice dice{43};
  const Instant start = clock->now();
  while (clock->now() - start < hours(24)) {
    // What needs no market data, so that the exchange is quick: 1 to 20.
    const bool info = dice.between(0, 3) == 0;
    const auto done =
        info ? exchange->send({.endpoint = Endpoint::kExchangeInfo,
                               .query = Query().add("symbol", "BTCUSDT"),
                               .shape = {.symbol = true}},
                              patient(*clock), [](HttpResponse&, const auto&) { return Done{}; })
             : client.ping(patient(*clock));
    ASSERT_TRUE(done.ok()) << done.error().text();
    weight.see(exchange_time(*clock), static_cast<double>(fake.exchange.used_weight()) / 135);
  }
  EXPECT_EQ(transport->refused, 0);
  EXPECT_EQ(fake.exchange.requests_during_wait(), 0);
  EXPECT_GE(weight.mean(), 0.9);
  std::printf("24 hours, %lld requests over HTTP, refused %lld; of the budget used: %.3f\n",
              static_cast<long long>(transport->requests),
              static_cast<long long>(transport->refused), weight.mean());
}

}  // namespace
}  // namespace bourse::binance
