// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/source_hash.hpp"

#include <openssl/evp.h>

#include <array>

#include "bourse/report.hpp"

namespace bourse::charting {

std::string source_hash(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int bytes = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &bytes, EVP_sha256(), nullptr) != 1) {
    throw Error(BOURSE_INTERNAL, "no_sha256", "OpenSSL could not compute a SHA-256 digest");
  }
  std::array<unsigned char, 4 * (EVP_MAX_MD_SIZE / 3 + 1) + 1> base64;
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(bytes));
  return "sha256-" + std::string(base64.begin(), base64.begin() + length);
}

}  // namespace bourse::charting
