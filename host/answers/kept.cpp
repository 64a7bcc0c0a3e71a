// SPDX-License-Identifier: MIT
#include "host/answers/kept.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace bourse::host {
namespace {

// What a piece of memory costs beside itself: malloc's header, and its rounding to 16 bytes.
constexpr std::size_t kPiece = 24;
// std::make_shared and shared_ptr<T>(new T) put two counters and a table beside the object.
constexpr std::size_t kControl = 16 + kPiece;

std::size_t size_of(const std::string& text) {
  return text.capacity() > std::string().capacity() ? text.capacity() + kPiece : 0;
}

/// 128 bits of SHA-256: equal for equal bytes only, also where somebody looks for the contrary.
std::string version_of(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  std::string text;
  for (std::size_t bit = 0; bit < 128; bit += 6) {
    const std::size_t byte = bit / 8;
    const unsigned pair = (unsigned{digest[byte]} << 8U) | (byte < 15 ? digest[byte + 1] : 0U);
    text += kDigits[(pair >> (10 - bit % 8)) & 63U];
  }
  return text;
}

}  // namespace

Rendition::Rendition(Parts parts)
    : media_type_(std::move(parts.media_type)),
      headers_(std::move(parts.headers)),
      as_of_(parts.as_of),
      version_(version_of(parts.bytes)) {
  parts.bytes.shrink_to_fit();  // it may be kept for long, and grew by doubling
  bytes_ = std::make_shared<const std::string>(std::move(parts.bytes));
}

BytesPtr Rendition::twin(Coding coding) const noexcept {
  const Twin& twin = twins_[static_cast<std::size_t>(coding)];
  return twin.made.load(std::memory_order_acquire) ? twin.bytes : nullptr;
}

bool Rendition::claim_twin(Coding coding) const noexcept {
  Twin& twin = twins_[static_cast<std::size_t>(coding)];
  return !twin.claimed.load(std::memory_order_relaxed) && !twin.claimed.exchange(true);
}

void Rendition::set_twin(Coding coding, BytesPtr bytes) const noexcept {
  Twin& twin = twins_[static_cast<std::size_t>(coding)];
  twin.bytes = std::move(bytes);
  twin.made.store(true, std::memory_order_release);
}

void Rendition::withdraw_twin(Coding coding) const noexcept {
  twins_[static_cast<std::size_t>(coding)].claimed.store(false);
}

unsigned Rendition::twins_there() const noexcept {
  unsigned there = 0;
  for (std::size_t i = 0; i < twins_.size(); ++i) {
    if (twins_[i].made.load(std::memory_order_acquire) && twins_[i].bytes) there |= 1U << i;
  }
  return there;
}

std::size_t Rendition::size() const noexcept {
  std::size_t size = sizeof *this + kControl + size_of(media_type_) + size_of(version_) +
                     sizeof(std::string) + kControl + size_of(*bytes_);
  if (headers_.capacity() > 0) size += headers_.capacity() * sizeof(headers_[0]) + kPiece;
  for (const auto& [name, value] : headers_) size += size_of(name) + size_of(value);
  return size;
}

std::size_t Kept::size() const noexcept {
  // The mark and what counts failures have a piece of memory each.
  std::size_t size =
      sizeof *this + kControl + sizeof(ChangeMark) + kControl + sizeof(Backoff) + kControl;
  // Of what it feeds, a pointer each, of which twice as many fit as are alive.
  size += 32 * sizeof(std::weak_ptr<ChangeMark>);
  if (report) size += report->bytes() + kControl;
  if (rendition) size += rendition->size();
  return size;
}

}  // namespace bourse::host
