// SPDX-License-Identifier: MIT
#include "tests/exchange/signature.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

namespace bourse::fake_exchange {
namespace {

struct Release {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;
using Bytes = std::vector<unsigned char>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<EVP_PKEY> read_public(const std::string& pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Owned<EVP_PKEY> key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return key;
}

std::string hmac_hex(std::string_view secret, std::string_view payload) {
  constexpr char kHex[] = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes(payload), payload.size(),
       digest.data(), &size);
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  return out;
}

bool hmac_is_right(std::string_view secret, std::string_view payload, std::string_view signature) {
  std::string given(signature);
  std::transform(given.begin(), given.end(), given.begin(), [](char c) {
    return 'A' <= c && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::string expected = hmac_hex(secret, payload);
  return given.size() == expected.size() &&
         CRYPTO_memcmp(given.data(), expected.data(), given.size()) == 0;
}

std::optional<Bytes> base64_decoded(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  Bytes out(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(out.data(), bytes(text), static_cast<int>(text.size()));
  ERR_clear_error();
  if (size < 0) return std::nullopt;
  // EVP_DecodeBlock counts the padding as bytes.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

}  // namespace

Key Key::from_public_pem(std::string pem) {
  const Owned<EVP_PKEY> key = read_public(pem);
  if (!key) throw std::invalid_argument("not a PEM public key (-----BEGIN PUBLIC KEY-----)");
  switch (EVP_PKEY_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return {Kind::kRsa, std::move(pem)};
    case EVP_PKEY_ED25519:
      return {Kind::kEd25519, std::move(pem)};
    default:
      throw std::invalid_argument("expected an RSA or Ed25519 public key");
  }
}

bool signature_is_right(const Key& key, std::string_view payload, std::string_view signature) {
  if (key.kind == Key::Kind::kHmac) return hmac_is_right(key.secret, payload, signature);
  const auto raw = base64_decoded(signature);
  const Owned<EVP_PKEY> pkey = read_public(key.secret);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  // Ed25519 hashes by itself and wants no digest named.
  const EVP_MD* const digest = key.kind == Key::Kind::kRsa ? EVP_sha256() : nullptr;
  const bool right =
      raw && pkey &&
      EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, pkey.get()) == 1 &&
      EVP_DigestVerify(context.get(), raw->data(), raw->size(), bytes(payload), payload.size()) ==
          1;
  ERR_clear_error();
  return right;
}

bool api_key_has_right_form(std::string_view api_key) {
  return api_key.size() == 64 && std::all_of(api_key.begin(), api_key.end(), [](char c) {
           return ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z') || ('0' <= c && c <= '9');
         });
}

}  // namespace bourse::fake_exchange
