// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/signer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/plugins/sources/binance/client/keys.hpp"
#include "tests/plugins/sources/binance/client/signing_vectors.hpp"

namespace bourse::binance {
namespace {

using testing::HasSubstr;
using testing::Not;

std::unique_ptr<Signer> signer_of(std::string_view secret) {
  auto signer = make_signer(Secret(secret));
  EXPECT_TRUE(signer.ok()) << signer.error().text();
  return *std::move(signer);
}

TEST(HmacSigner, MatchesEveryVector) {
  const auto signer = signer_of(kSecret);
  EXPECT_EQ(signer->type(), KeyType::kHmac);
  for (const SigningVector& vector : kHmacVectors) {
    EXPECT_EQ(*signer->sign(vector.payload), vector.signature) << vector.origin << "\n"
                                                               << vector.payload;
  }
}

TEST(Ed25519Signer, MatchesEveryVector) {
  const auto signer = signer_of(pem_of(rfc8032_key().get()));
  EXPECT_EQ(signer->type(), KeyType::kEd25519);
  for (const SigningVector& vector : kEd25519Vectors) {
    EXPECT_EQ(*signer->sign(vector.payload), vector.signature) << vector.payload;
  }
}

std::vector<unsigned char> from_base64(const std::string& text) {
  std::vector<unsigned char> bytes(text.size());
  const int length =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  const auto padding = std::count(text.begin(), text.end(), '=');
  bytes.resize(static_cast<std::size_t>(length - padding));
  return bytes;
}

// RSA has no vector: a private key in a repository would alarm scanners. The public half judges.
TEST(RsaSigner, IsAcceptedByThePublicKeyAsPkcs1WithSha256) {
  const TestKey key(EVP_RSA_gen(2048));
  const auto signer = signer_of(pem_of(key.get()));
  EXPECT_EQ(signer->type(), KeyType::kRsa);
  const std::string payload = "symbol=BTCUSDT&limit=1000&timestamp=1700000000000";
  const auto signature = from_base64(*signer->sign(payload));
  ASSERT_EQ(signature.size(), 256u);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  ASSERT_EQ(EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key.get()), 1);
  EXPECT_EQ(
      EVP_DigestVerify(context, signature.data(), signature.size(),
                       reinterpret_cast<const unsigned char*>(payload.data()), payload.size()),
      1);
  EVP_MD_CTX_free(context);
}

TEST(MakeSigner, RefusesKeysTheExchangeDoesNotTake) {
  EXPECT_THAT(make_signer(Secret(pem_of(TestKey(EVP_RSA_gen(1024)).get()))).error().text(),
              HasSubstr("1024 bits"));
  EXPECT_THAT(make_signer(Secret(pem_of(TestKey(EVP_EC_gen("P-256")).get()))).error().text(),
              HasSubstr("neither Ed25519 nor RSA"));
}

TEST(MakeSigner, NeverAsksForAPassphrase) {
  const std::string pem = pem_of(rfc8032_key().get(), "hunter2");
  EXPECT_THAT(make_signer(Secret(pem)).error().text(), HasSubstr("passphrase"));
}

TEST(MakeSigner, SaysWhatIsWrongWithoutShowingTheKey) {
  const std::string broken = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n";
  const std::string text = make_signer(Secret(broken)).error().text();
  EXPECT_THAT(text, HasSubstr("PKCS#8"));
  EXPECT_THAT(text, Not(HasSubstr("MC4CAQ")));
  EXPECT_FALSE(make_signer(Secret(std::string_view(""))).ok());
  const std::string blank = make_signer(Secret(std::string_view("two words"))).error().text();
  EXPECT_THAT(blank, HasSubstr("blanks"));
  EXPECT_THAT(blank, Not(HasSubstr("two words")));
}

}  // namespace
}  // namespace bourse::binance
