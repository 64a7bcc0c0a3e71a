// SPDX-License-Identifier: MIT
//
// The server's side of a WebSocket by hand, byte by byte, so that it can do what no library would.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/plugins/sources/binance/client/raw_server.hpp"

namespace bourse::binance {

/// RFC 6455, 4.2.2: what proves that the key was read.
inline std::string accept_of(std::string_view request) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(kName) + kName.size();
  const std::string text = std::string(request.substr(at, request.find("\r\n", at) - at)) +
                           "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  std::string out(4 * ((size + 2) / 3) + 1, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                      digest, static_cast<int>(size))));
  return out;
}

/// Not masked, as servers send them. RFC 6455, 5.2.
inline std::string frame(std::string_view payload, int opcode = 1) {
  std::string out(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8U);
    out += static_cast<char>(payload.size() & 255U);
  }
  return out.append(payload);
}

struct Frame {
  int opcode = -1;  ///< -1: the client has gone
  std::string payload = {};
};

/// Of the client, which masks.
inline Frame read_frame(Peer& peer) {
  const std::string head = peer.read_bytes(2);
  if (head.size() < 2) return {};
  std::size_t size = static_cast<unsigned char>(head[1]) & 127U;
  if (size == 126) {
    const std::string more = peer.read_bytes(2);
    if (more.size() < 2) return {};
    size = (std::size_t{static_cast<unsigned char>(more[0])} << 8U) |
           static_cast<unsigned char>(more[1]);
  }
  const std::string mask = peer.read_bytes(4);
  Frame frame{.opcode = head[0] & 15, .payload = peer.read_bytes(size)};
  if (mask.size() < 4 || frame.payload.size() < size) return {};
  for (std::size_t i = 0; i < size; ++i) {
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  }
  return frame;
}

/// Agrees to the upgrade. Returns the request.
inline std::string upgrade(Peer& peer, std::string_view behind = {}) {
  const std::string request = peer.read_request();
  if (request.empty()) return request;
  peer.send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_of(request) + "\r\n\r\n" + std::string(behind));
  return request;
}

}  // namespace bourse::binance
