// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugins/sources/binance/client/keys.hpp"

namespace bourse::binance {
namespace {

TEST(Target, IsThePathAloneWithoutAQuery) {
  EXPECT_EQ(make_target(Endpoint::kPing, Query()), "/api/v3/ping");
  EXPECT_EQ(make_target(Endpoint::kKlines, Query().add("symbol", "BTCUSDT")),
            "/api/v3/klines?symbol=BTCUSDT");
}

// binance-spot-api-docs, rest-api.md: the signature is over the percent-encoded payload.
TEST(SignedTarget, ReproducesTheDocumentedExamples) {
  const Credentials credentials = test_credentials();
  const auto target_of = [&](const char* symbol) {
    Query query;
    query.add("symbol", symbol).add("side", "BUY").add("type", "LIMIT");
    query.add("timeInForce", "GTC").add("quantity", 1).add("price", "0.1");
    return make_signed_target(Endpoint::kOrderTest, query,
                              {.signer = credentials.signer(),
                               .timestamp_ms = 1499827319559,
                               .receive_window = std::chrono::milliseconds(5000)})
        ->target;
  };
  EXPECT_EQ(target_of("LTCBTC"),
            "/api/v3/order/test?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1"
            "&price=0.1&recvWindow=5000&timestamp=1499827319559"
            "&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
  EXPECT_EQ(target_of("\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96"),
            "/api/v3/order/test?symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96"
            "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
            "&timestamp=1499827319559"
            "&signature=e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3");
}

// Computed with OpenSSL 3.0.22: recvWindow=5000&timestamp=1499827319559.
TEST(SignedTarget, PercentEncodesTheBase64OfKeyPairs) {
  const auto signer = make_signer(Secret(pem_of(rfc8032_key().get())));
  const auto made = make_signed_target(Endpoint::kAccount, Query(),
                                       {.signer = **signer,
                                        .timestamp_ms = 1499827319559,
                                        .receive_window = std::chrono::milliseconds(5000)});
  EXPECT_EQ(made->target,
            "/api/v3/account?recvWindow=5000&timestamp=1499827319559&signature=Pq%2FDp3r2nulYkPr32r"
            "b9HJU9Yg1Su0WORgkkOfMc6WoMeFydyTkn8NPY3M%2Bl%2FpDMc6qRhAqMSYRkJq7F7RK9Bg%3D%3D");
  EXPECT_THAT(made->target, testing::EndsWith("&signature=" + made->signature_encoded));
}

}  // namespace
}  // namespace bourse::binance
