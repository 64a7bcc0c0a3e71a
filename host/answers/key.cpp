// SPDX-License-Identifier: MIT
#include "host/answers/key.hpp"

#include <bit>
#include <cstring>
#include <random>
#include <utility>

namespace bourse::host {
namespace {

struct Secret {
  std::uint64_t low;
  std::uint64_t high;
};

const Secret& secret() {
  static const Secret kSecret = [] {
    std::random_device device;
    const auto word = [&] { return (std::uint64_t{device()} << 32U) | device(); };
    return Secret{word(), word()};
  }();
  return kSecret;
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

/// Little-endian, whatever this machine is.
std::uint64_t word_of(const char* bytes, std::size_t n) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < n; ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return word;
}

void add_number(std::string& text, std::uint64_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  text.append(bytes, sizeof bytes);
}

void add_text(std::string& text, std::string_view part) {
  add_number(text, part.size());
  text += part;
}

std::string begin(char kind, std::size_t more) {
  std::string text;
  text.reserve(1 + 4 * sizeof(std::uint64_t) + more);
  text += kind;
  return text;
}

}  // namespace

std::uint64_t sip_hash(std::string_view text, std::uint64_t low, std::uint64_t high) noexcept {
  SipState state{low ^ 0x736f6d6570736575U, high ^ 0x646f72616e646f6dU, low ^ 0x6c7967656e657261U,
                 high ^ 0x7465646279746573U};
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) state.take(word_of(at, 8));
  state.take(word_of(at, left) | (std::uint64_t{text.size()} << 56U));
  state.v2 ^= 0xffU;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::uint64_t keyed_hash(std::string_view text) noexcept {
  return sip_hash(text, secret().low, secret().high);
}

QuestionKey::QuestionKey(QuestionKind kind, std::string text)
    : kind_(kind), hash_(keyed_hash(text)), text_(std::move(text)) {}

QuestionKey QuestionKey::of_dataset(std::uint64_t source, std::string_view dataset,
                                    std::string_view arguments) {
  std::string text = begin('d', dataset.size() + arguments.size());
  add_number(text, source);
  add_text(text, dataset);
  add_text(text, arguments);
  return {QuestionKind::kDataset, std::move(text)};
}

QuestionKey QuestionKey::of_report(std::uint64_t analysis, std::uint64_t source,
                                   std::string_view arguments) {
  std::string text = begin('a', arguments.size());
  add_number(text, analysis);
  add_number(text, source);
  add_text(text, arguments);
  return {QuestionKind::kReport, std::move(text)};
}

QuestionKey QuestionKey::of_rendering(const QuestionKey& report, std::uint64_t serializer,
                                      std::string_view arguments) {
  std::string text = begin('r', report.text_.size() + arguments.size());
  add_number(text, serializer);
  add_text(text, arguments);
  add_text(text, report.text_);
  return {QuestionKind::kRendering, std::move(text)};
}

std::size_t QuestionKey::bytes() const noexcept {
  return text_.capacity() > std::string().capacity() ? text_.capacity() + 1 : 0;
}

}  // namespace bourse::host
