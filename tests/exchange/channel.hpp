// SPDX-License-Identifier: MIT
//
// Bytes to and from one client: as they are, or through TLS. Nothing here waits; what cannot be
// done now says for what to wait. Of one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_ctx_st;

namespace bourse::fake_exchange {

/// What one step of a Channel did.
struct Moved {
  enum class State { kDone, kWantsToRead, kWantsToWrite, kOver };
  State state = State::kDone;
  std::size_t bytes = 0;  ///< of kDone
};

/// Borrows its socket.
class Channel {
 public:
  virtual ~Channel() = default;
  /// Before anything else: the handshake. kOver: there was none that both sides agree to.
  virtual Moved greet() = 0;
  /// Whether a byte has come, which stays there.
  virtual Moved peek() = 0;
  virtual Moved receive(std::span<char> room) = 0;
  virtual Moved send(std::string_view bytes) = 0;
  /// Says that the end is meant. Not said before a reset.
  virtual void farewell() = 0;
};

[[nodiscard]] std::unique_ptr<Channel> plain_channel(int socket);

/// A certificate and its key, with which connections are encrypted.
class Tls {
 public:
  /// Files in PEM; the certificate may bring its chain. Throws std::invalid_argument.
  Tls(const std::string& certificate_file, const std::string& key_file);
  [[nodiscard]] std::unique_ptr<Channel> channel(int socket) const;

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace bourse::fake_exchange
