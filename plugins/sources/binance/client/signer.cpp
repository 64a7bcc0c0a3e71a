// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/signer.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace bourse::binance {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

constexpr std::string_view kPemMark = "-----BEGIN ";
constexpr int kRsaBitsMin = 2048, kRsaBitsMax = 4096;

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Error bad_key(std::string message, std::string advice) {
  return {.kind = ErrorKind::kAuthentication,
          .message = std::move(message),
          .advice = std::move(advice)};
}

Error signing_failed() {
  ERR_clear_error();
  return bad_key("The request could not be signed: the cryptographic library refused the key.",
                 "Create a new key pair at the exchange.");
}

class HmacSigner final : public Signer {
 public:
  explicit HmacSigner(Secret secret) : secret_(std::move(secret)) {}
  [[nodiscard]] KeyType type() const noexcept override { return KeyType::kHmac; }
  [[nodiscard]] Result<std::string> sign(std::string_view payload) const override {
    static constexpr std::string_view kHex = "0123456789abcdef";
    const std::string_view key = secret_.reveal();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(payload),
             payload.size(), digest.data(), &size) == nullptr) {
      return signing_failed();
    }
    std::string text;
    text.reserve(2 * size);
    for (unsigned i = 0; i < size; ++i) {
      text += kHex[digest[i] >> 4U];
      text += kHex[digest[i] & 15U];
    }
    return text;
  }

 private:
  Secret secret_;
};

std::string base64(const std::vector<unsigned char>& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // and the NUL that OpenSSL writes
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

class KeyPairSigner final : public Signer {
 public:
  KeyPairSigner(Key key, KeyType type) : key_(std::move(key)), type_(type) {}
  [[nodiscard]] KeyType type() const noexcept override { return type_; }
  [[nodiscard]] Result<std::string> sign(std::string_view payload) const override {
    // Ed25519 hashes the payload itself: it takes no digest, and only the one-shot call.
    const EVP_MD* digest = type_ == KeyType::kRsa ? EVP_sha256() : nullptr;
    const Context context(EVP_MD_CTX_new());
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    std::vector<unsigned char> signature(size);
    if (context == nullptr ||
        EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(payload), payload.size()) !=
            1) {
      return signing_failed();
    }
    signature.resize(size);
    return base64(signature);
  }

 private:
  Key key_;
  KeyType type_;
};

// Without this, OpenSSL asks for a passphrase at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<std::unique_ptr<Signer>> from_pem(const Secret& pem) {
  const std::string_view text = pem.reveal();
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  bool asked = false;
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &asked));
  ERR_clear_error();
  if (asked) {
    return bad_key("The private key is protected by a passphrase.",
                   "Remove it with `openssl pkey -in KEY.pem -out PLAIN.pem` and keep the file "
                   "readable by its owner only.");
  }
  if (key == nullptr) {
    return bad_key("The private key cannot be read.",
                   "It must be a PKCS#8 PEM file that starts with -----BEGIN PRIVATE KEY-----; "
                   "a public key or a certificate will not do.");
  }
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_ED25519:
      return std::unique_ptr<Signer>(new KeyPairSigner(std::move(key), KeyType::kEd25519));
    case EVP_PKEY_RSA: {
      const int bits = EVP_PKEY_get_bits(key.get());
      if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
        return bad_key("The RSA key has " + std::to_string(bits) + " bits.",
                       "The exchange takes 2048 to 4096 bits.");
      }
      return std::unique_ptr<Signer>(new KeyPairSigner(std::move(key), KeyType::kRsa));
    }
    default:
      return bad_key("The private key is neither Ed25519 nor RSA.",
                     "Create an Ed25519 key: `openssl genpkey -algorithm ed25519 -out KEY.pem`.");
  }
}

}  // namespace

std::string_view name_of(KeyType type) noexcept {
  static constexpr std::array<std::string_view, 3> kNames = {"HMAC", "Ed25519", "RSA"};
  return kNames[static_cast<std::size_t>(type)];
}

Result<std::unique_ptr<Signer>> make_signer(Secret secret) {
  const std::string_view text = secret.reveal();
  if (text.find(kPemMark) != std::string_view::npos) return from_pem(secret);
  if (text.empty()) return bad_key("The secret is empty.", "Set it to the key pair's secret.");
  const auto graphic = [](char c) { return c > ' ' && c < 0x7F; };
  if (!std::all_of(text.begin(), text.end(), graphic)) {
    return bad_key("The secret contains blanks, line breaks or non-ASCII characters.",
                   "Copy it again, without quotes; a private key must be given as PEM.");
  }
  return std::unique_ptr<Signer>(new HmacSigner(std::move(secret)));
}

}  // namespace bourse::binance
