// SPDX-License-Identifier: MIT
//
// Signatures. The HMAC vectors marked "documents" are printed in the exchange's public documents
// (rest-api.md, web-socket-api.md, and the README of its signature examples) with the example key
// pair that is known to everyone; the others, and those of Ed25519, were computed with the openssl
// program. The Ed25519 key is that of RFC 8032, 7.1, TEST 1. No key here opens anything.
#include "tests/exchange/signature.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

struct Vector {
  const char *origin, *payload, *signature;
};

const Vector kHmac[] = {
    {"documents, REST",
     "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
     "&timestamp=1499827319559",
     "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"},
    {"documents, REST, full-width digits percent-encoded",
     "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT"
     "&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
     "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"},
    {"documents, signature examples", "timestamp=1578963600000",
     "d84e6641b1e328e7b418fff030caed655c266299c9355e36ce801ed14631eed4"},
    {"documents before f83a5bf, query and body glued",
     "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWindow=5000"
     "&timestamp=1499827319559",
     "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"},
    {"documents, WebSocket API",
     "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00"
     "&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC"
     "&timestamp=1645423376532&type=LIMIT",
     "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"},
    {"openssl", "timestamp=1499827319559",
     "2222d49722f6af5da13f6da6bfc0d7de19ca2815ebc98bbc49e4942268472f3f"},
    {"openssl", "recvWindow=5000&timestamp=1499827319559",
     "82f4e72e95e63d666b6da651e82a701722ad8a785a169318d91f36f279c55821"},
    {"openssl", "omitZeroBalances=true&recvWindow=5000&timestamp=1700000000000",
     "821af6641542547413c6f4364e0c62f100d8d746e0ed17277e290acd6214876f"},
    {"openssl", "symbol=BTCUSDT&limit=1000&timestamp=1700000000000",
     "ecac4de3e775cf8857ac0a56fa352a570fc0f4060a5978f36d709455403bf92a"},
    {"openssl",
     "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2"
     "&timestamp=1668481559918&recvWindow=5000",
     "070a51d3f0218b15999ac36873e83c625fd45d4153498ab3e5198c141372fa67"},
    {"openssl, full-width digits percent-encoded",
     "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=SELL&type=LIMIT"
     "&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000",
     "06ff4c1704eeafa9ddddf5132aa538524a8e23ab4316126f4bd79c89473e9ba7"},
    {"documents, WebSocket API, full-width digits as they are",
     "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=0.10000000"
     "&quantity=1.00000000&recvWindow=5000&side=BUY"
     "&symbol=\uff11\uff12\uff13\uff14\uff15\uff16"
     "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
     "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"},
};

constexpr const char* kEd25519Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n";
const Vector kEd25519[] = {
    {"openssl", "timestamp=1499827319559",
     "+Dxu5rRIPvRVPt9z4hxdj8iGRwlSHG8Cr1MAiQ9NWrw3G48fCiUkJvpCJKg9f4G2/nhbvrxfIyIoZFBiUe+lBQ=="},
    {"openssl", "recvWindow=5000&timestamp=1499827319559",
     "Pq/Dp3r2nulYkPr32rb9HJU9Yg1Su0WORgkkOfMc6WoMeFydyTkn8NPY3M+l/pDMc6qRhAqMSYRkJq7F7RK9Bg=="},
    {"openssl", "omitZeroBalances=true&recvWindow=5000&timestamp=1700000000000",
     "+q2/KEEwEEFQfr5cFY8/9IMzzGZ/wIxK/FRNidgZ/FMv6M+NeqvnHoRznobUsOp/ocFnoG4mX0JBfph2X+wgAg=="},
    {"openssl", "symbol=BTCUSDT&limit=1000&timestamp=1700000000000",
     "NLfXGjnnYNAC5sRO3hxPl6cqKVlq1elfjfoed5YWPQ2exuTZ7gDd7q3gTjzXG3HalAQ2jQmKxNrUYHiHf31vCg=="},
    {"openssl",
     "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2"
     "&timestamp=1668481559918&recvWindow=5000",
     "XtZirsmmi0noRzUfkqktvkVfxpkq/WtbLg2UOL3QGYdUBZVlqOBEMuEVw8zioY93N54NcKj9UuAXQEa9zgTDBg=="},
    {"openssl",
     "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=SELL&type=LIMIT"
     "&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000",
     "FWYdifsZ1T+XvAR4JXeCD399kQM9CBUnEKjWb0+jS1X00g+LgvtR8uBv2T7dn1gFf9GPIhHnYlM+6vBsJOnMDA=="},
};

const std::string kOtherKey(64, 'k');

std::string upper(std::string text) {
  for (char& c : text) {
    if ('a' <= c && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string percent_encoded(std::string_view base64) {
  std::string out;
  for (const char c : base64) {
    out += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
  }
  return out;
}

/// An RSA key made for one test: signs, and shows its public half.
class RsaKey {
 public:
  RsaKey() : key_(EVP_RSA_gen(2'048), EVP_PKEY_free) {}
  [[nodiscard]] std::string public_pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key_.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
  [[nodiscard]] std::string sign(std::string_view payload) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::size_t size = 256;
    std::string raw(size, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(raw.data()), &size,
                   reinterpret_cast<const unsigned char*>(payload.data()), payload.size());
    std::string out(4 * ((size + 2) / 3) + 1, '\0');
    out.resize(static_cast<std::size_t>(EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(out.data()),
        reinterpret_cast<const unsigned char*>(raw.data()), static_cast<int>(size))));
    return out;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

TEST(Signature, EveryHmacVectorIsRightInEitherCase) {
  const Key key = Key::hmac(kExampleSecret);
  for (const Vector& v : kHmac) {
    EXPECT_TRUE(signature_is_right(key, v.payload, v.signature)) << v.origin;
    EXPECT_TRUE(signature_is_right(key, v.payload, upper(v.signature))) << v.origin;
  }
}

TEST(Signature, AnotherByteAnywhereIsWrong) {
  const Key key = Key::hmac(kExampleSecret);
  const Vector& v = kHmac[0];
  const std::string payload = v.payload, signature = v.signature;
  EXPECT_FALSE(signature_is_right(key, payload + "0", signature));
  EXPECT_FALSE(signature_is_right(key, payload, signature.substr(1)));
  EXPECT_FALSE(signature_is_right(key, payload, signature + "0"));
  EXPECT_FALSE(signature_is_right(key, payload, ""));
  std::string other = signature;
  other[17] = other[17] == '0' ? '1' : '0';
  EXPECT_FALSE(signature_is_right(key, payload, other));
  EXPECT_FALSE(signature_is_right(Key::hmac("another secret"), payload, signature));
}

TEST(Signature, EveryEd25519VectorIsRightAndCaseMatters) {
  const Key key = Key::from_public_pem(kEd25519Public);
  EXPECT_EQ(key.kind, Key::Kind::kEd25519);
  for (const Vector& v : kEd25519) {
    EXPECT_TRUE(signature_is_right(key, v.payload, v.signature)) << v.payload;
    std::string other = v.signature;
    other[5] = other[5] == 'A' ? 'a' : 'A';
    EXPECT_FALSE(signature_is_right(key, v.payload, other));
    EXPECT_FALSE(signature_is_right(key, std::string(v.payload) + "&", v.signature));
  }
}

TEST(Signature, RsaIsPkcs1WithSha256) {
  const RsaKey signer;
  const Key key = Key::from_public_pem(signer.public_pem());
  EXPECT_EQ(key.kind, Key::Kind::kRsa);
  const std::string signature = signer.sign("timestamp=1");
  EXPECT_TRUE(signature_is_right(key, "timestamp=1", signature));
  EXPECT_FALSE(signature_is_right(key, "timestamp=2", signature));
  EXPECT_FALSE(
      signature_is_right(Key::from_public_pem(RsaKey().public_pem()), "timestamp=1", signature));
}

TEST(Signature, WhatIsNoBase64IsWrongNotACrash) {
  const Key key = Key::from_public_pem(kEd25519Public);
  for (const char* const text : {"", "=", "====", "abc", "!!!!", "A===", "\xff\xff\xff\xff"}) {
    EXPECT_FALSE(signature_is_right(key, "timestamp=1", text)) << text;
  }
}

TEST(Signature, OnlyPublicKeysOfTheTwoKindsAreTaken) {
  EXPECT_THROW(static_cast<void>(Key::from_public_pem("")), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(Key::from_public_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n")),
               std::invalid_argument);
}

TEST(Signature, KeysHave64LettersAndDigits) {
  EXPECT_TRUE(api_key_has_right_form(kExampleKey));
  EXPECT_FALSE(api_key_has_right_form(std::string(63, 'a')));
  EXPECT_FALSE(api_key_has_right_form(std::string(63, 'a') + "\n"));
  EXPECT_FALSE(api_key_has_right_form(std::string(63, 'a') + "-"));
}

// ---- over the wire

/// Stands at the timestamp of the vectors made for 2023-11-14.
class SignedRequest : public testing::Test {
 protected:
  SignedRequest() { standing_.exchange.clock().set(std::chrono::seconds{1'700'000'000}); }
  [[nodiscard]] Answer account(const std::string& query, const std::string& key) const {
    return get(standing_.exchange, "/api/v3/account?" + query, key_header(key));
  }
  static constexpr const char* kPayload =
      "omitZeroBalances=true&recvWindow=5000&timestamp=1700000000000";
  Standing standing_;
};

TEST_F(SignedRequest, TheVectorsOpenTheAccount) {
  EXPECT_EQ(account(std::string(kPayload) + "&signature=" + kHmac[7].signature, kExampleKey).status,
            200);
  EXPECT_EQ(account(std::string(kPayload) + "&signature=" + upper(kHmac[7].signature), kExampleKey)
                .status,
            200);
  standing_.exchange.set_key(kOtherKey, {Key::from_public_pem(kEd25519Public)});
  const std::string query =
      std::string(kPayload) + "&signature=" + percent_encoded(kEd25519[2].signature);
  EXPECT_EQ(account(query, kOtherKey).status, 200);
  EXPECT_EQ(account(query, kExampleKey).status, 400) << "another key";
}

TEST_F(SignedRequest, ASignatureOfRsaOpensTheAccount) {
  const RsaKey signer;
  standing_.exchange.set_key(kOtherKey, {Key::from_public_pem(signer.public_pem())});
  EXPECT_EQ(account(std::string(kPayload) + "&signature=" + percent_encoded(signer.sign(kPayload)),
                    kOtherKey)
                .status,
            200);
}

TEST_F(SignedRequest, TheSignatureMayStandAnywhere) {
  EXPECT_EQ(
      account(std::string("signature=") + kHmac[7].signature + "&" + kPayload, kExampleKey).status,
      200);
}

TEST_F(SignedRequest, TheBytesAsSentAreSignedNotWhatTheyMean) {
  // "%54rue" is "True" after decoding, but other bytes.
  const std::string payload = "omitZeroBalances=%54rue&recvWindow=5000&timestamp=1700000000000";
  EXPECT_EQ(account(payload + "&signature=" + kHmac[7].signature, kExampleKey).status, 400);
  EXPECT_EQ(account(payload + "&signature=" + hmac(kExampleSecret, payload), kExampleKey).status,
            200);
}

TEST_F(SignedRequest, SeparatorsCountAsSentToo) {
  for (const char* const payload :
       {"recvWindow=5000&&timestamp=1700000000000", "&recvWindow=5000&timestamp=1700000000000"}) {
    const std::string query = std::string(payload) + "&signature=";
    EXPECT_EQ(account(query + hmac(kExampleSecret, payload), kExampleKey).status, 200) << payload;
    EXPECT_EQ(account(query + hmac(kExampleSecret, "recvWindow=5000&timestamp=1700000000000"),
                      kExampleKey)
                  .status,
              400)
        << payload << ": tidied up before it was signed";
  }
}

TEST_F(SignedRequest, ASignatureOfTheUnencodedTextIs1022) {
  // The documents' full-width digits. The signature of the raw UTF-8 is a vector as well.
  constexpr const char* kOfRaw = "ca2cdfbf21d2e2958de492c7f2dd1f059dd2ed4d4459d26a5ec7928db50c8d4f";
  ASSERT_EQ(hmac(kExampleSecret,
                 "symbol=\uff11\uff12\uff13\uff14\uff15\uff16&side=BUY&type=LIMIT&timeInForce=GTC"
                 "&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"),
            kOfRaw);
  standing_.exchange.clock().set(std::chrono::milliseconds{1'499'827'319'559});
  const auto send = [&](const std::string& signature) {
    return ask(standing_.exchange,
               {.method = "POST",
                .target = "/api/v3/order/test?" + std::string(kHmac[1].payload) +
                          "&signature=" + signature,
                .headers = key_header()});
  };
  EXPECT_EQ(told(send(kOfRaw)),
            R"(400 {"code":-1022,"msg":"Signature for this request is not valid."})");
  EXPECT_EQ(value(send(kHmac[1].signature).body, "code"), "-1121")
      << "rightly signed, but no such market here";
}

TEST_F(SignedRequest, QueryAndBodyAreGluedWithoutASeparator) {
  standing_.exchange.clock().set(std::chrono::milliseconds{1'499'827'319'559});
  const auto send = [&](const std::string& signature) {
    return ask(standing_.exchange,
               {.method = "POST",
                .target = "/api/v3/order/test?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
                .body = "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=" +
                        signature,
                .headers = key_header()});
  };
  EXPECT_EQ(value(send(kHmac[3].signature).body, "code"), "-1121");
  EXPECT_EQ(value(send(kHmac[0].signature).body, "code"), "-1022");
}

}  // namespace
}  // namespace bourse::fake_exchange::test
