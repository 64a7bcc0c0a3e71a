// SPDX-License-Identifier: MIT
#include "host/plugins/digest.hpp"

#include <openssl/evp.h>

#include <array>

namespace bourse::host {

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    return {};
  }
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    text.append(1, kHex[digest[i] >> 4]).append(1, kHex[digest[i] & 15]);
  }
  return text;
}

}  // namespace bourse::host
