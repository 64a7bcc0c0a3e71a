// SPDX-License-Identifier: MIT
//
// The built plugin: what its configuration may say, and that it starts without a network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// The public example key of the exchange's documentation; worthless.
constexpr const char* kApiKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr const char* kApiSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

/// Why a configuration is refused; "" when it is not.
std::string refusal(const Texts& config) {
  try {
    const Component source("binance.so", "binance", config);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(BinancePlugin, StartsWithoutConfigurationAndNetwork) { EXPECT_EQ(refusal({}), ""); }

TEST(BinancePlugin, DeliversEightDatasetsAndKeepsTheAccountPrivate) {
  const Component source("binance.so", "binance", {});
  ASSERT_EQ(source.wire().n_datasets, 8u);
  for (std::size_t i = 0; i < source.wire().n_datasets; ++i) {
    const bourse_dataset& dataset = *source.wire().datasets[i];
    EXPECT_EQ((dataset.flags & BOURSE_DATASET_PRIVATE) != 0,
              std::string(dataset.name) == "account");
  }
  EXPECT_NE(source.wire().flags & BOURSE_COMPONENT_BLOCKING, 0u);
}

TEST(BinancePlugin, EmptySecretsCountAsNotGiven) {
  EXPECT_EQ(
      refusal({{"site", "testnet"}, {"api_key", ""}, {"api_secret", ""}, {"private_key_file", ""}}),
      "");
}

TEST(BinancePlugin, KeysGoToTheTestnet) {
  EXPECT_EQ(refusal({{"site", "testnet"}, {"api_key", kApiKey}, {"api_secret", kApiSecret}}), "");
}

TEST(BinancePlugin, AKeyForTheLiveExchangeNeedsTheWord) {
  EXPECT_THAT(refusal({{"site", "live"}, {"api_key", kApiKey}, {"api_secret", kApiSecret}}),
              HasSubstr("live_keys"));
  EXPECT_EQ(refusal({{"site", "live"},
                     {"live_keys", "true"},
                     {"api_key", kApiKey},
                     {"api_secret", kApiSecret}}),
            "");
}

TEST(BinancePlugin, ASecondSourceOfASiteMayHaveTheKeyButNoOtherReserve) {
  const Component market("binance.so", "binance", {{"site", "live"}});
  EXPECT_EQ(refusal({{"site", "live"},
                     {"live_keys", "true"},
                     {"api_key", kApiKey},
                     {"api_secret", kApiSecret}}),
            "");
  EXPECT_THAT(refusal({{"site", "live"}, {"reserve", "0.5"}}),
              HasSubstr("The setting reserve is 0.5 here, and 0.1 in another source that asks "
                        "api.binance.com:443"));
}

TEST(BinancePlugin, WhatDoesNotFitTogetherIsRefusedWithoutShowingIt) {
  const Texts cases[] = {
      {{"api_key", kApiKey}, {"api_secret", kApiSecret}},
      {{"site", "testnet"}, {"api_key", kApiKey}},
      {{"site", "testnet"}, {"api_secret", kApiSecret}},
      {{"site", "testnet"},
       {"api_key", kApiKey},
       {"api_secret", kApiSecret},
       {"private_key_file", "/x"}},
      {{"site", "testnet"}, {"key_file", "/x"}, {"api_key", kApiKey}},
      {{"site", "testnet"}, {"key_file", "/nonexistent/key"}},
      {{"site", "testnet"}, {"api_key", std::string(kApiKey) + "\n"}, {"api_secret", kApiSecret}},
      {{"site", "mainnet"}},
      {{"base_url", "http://192.0.2.1:80"}},
      {{"base_url", "http://127.0.0.1.example.com"}},
      {{"reserve", "0.95"}},
      {{"connections", "0"}},
      {{"answer_memory", "7"}},
      {{"fresh", "-1"}},
      {{"streams", "perhaps"}},
      {{"stream_url", "https://stream.binance.com"}},
      {{"stream_url", "ws://stream.binance.com"}},
      {{"stream_url", "wss://stream.binance.com/stream"}},
  };
  for (const Texts& config : cases) {
    const std::string why = refusal(config);
    EXPECT_FALSE(why.empty()) << config.back().first;
    EXPECT_THAT(why, Not(HasSubstr(kApiKey)));
    EXPECT_THAT(why, Not(HasSubstr(kApiSecret)));
  }
}

TEST(BinancePlugin, AKeyFileThatOthersCanReadIsRefused) {
  std::string folder = testing::TempDir() + "binance_key_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/key";
  std::ofstream(path) << "api_key=" << kApiKey << "\nsecret=" << kApiSecret << "\n";
  const Texts config = {{"site", "testnet"}, {"key_file", path}};
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_THAT(refusal(config), HasSubstr("600"));
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(refusal(config), "");
  std::filesystem::remove_all(folder);
}

/// Port 1 of this machine: nobody listens there.
TEST(BinancePlugin, WithoutAnExchangeTheAnswerIs503AndSaysWhenToTryAgain) {
  const Component source("binance.so", "binance", {{"base_url", "http://127.0.0.1:1"}});
  const auto report = source.fetch("prices", Texts{{"symbols", "BTCUSDT"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_UNAVAILABLE);
  EXPECT_EQ(report.failure().code, "exchange_unreachable");
  EXPECT_GT(report.failure().retry_after.count(), 0);
}

}  // namespace
}  // namespace bourse::test
