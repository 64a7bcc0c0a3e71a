// SPDX-License-Identifier: MIT
//
// Connections in which every wait has an end: names, TCP, and reading and writing bytes.
//
// The HTTP library could look up names and connect by itself, but nothing could end its wait for a
// name server, and its waits start anew with every byte.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/sources/binance/client/descriptor.hpp"
#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

/// Errors of the way to the exchange; `reach` is set by those who know.
Error network_error(std::string message);
/// The same for an answer that came, and is not what the exchange sends: it is not the way there
/// that is to be looked at.
Error spoilt_answer(std::string message);
Error deadline_passed(std::string_view while_doing);
/// An error when the deadline has passed or the caller stops.
Status go_on(const Call& call, std::string_view doing);

/// Waits until `fd` can be read (POLLIN) or written (POLLOUT), or has failed. An error when the
/// deadline passes or the caller stops; `doing` completes "The deadline passed while ...".
Status wait_ready(int fd, short events, const Call& call, std::string_view doing);

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// Names to addresses. The system's resolver cannot be interrupted, so it works in the background;
/// what it has not answered by the deadline is left behind, up to a few. Answers are kept for a
/// minute. Any thread.
class Resolver {
 public:
  Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port,
                                       const Call& call);

 private:
  struct Lookup;
  struct Known {
    std::vector<Address> addresses;
    Instant at;
  };
  void leave_behind(std::unique_ptr<Lookup> lookup);
  bool may_start();

  std::mutex mutex_;
  std::map<std::string, Known> known_;
  std::list<std::unique_ptr<Lookup>> left_behind_;
};

/// The order in which a name's addresses are tried: IPv6 and IPv4 in turn, beginning with the
/// family of the first, or with `answered`, where that is one of them, or else with its family.
std::vector<Address> in_turn(std::vector<Address> addresses,
                             const std::optional<Address>& answered);

/// Connects to whichever address of a name answers first, as RFC 8305 has it: when one has not
/// answered for a moment the next is tried beside it, and when one fails, at once. So a way that is
/// dead, such as IPv6 behind a broken router, costs that moment in place of a time-out; and no more
/// than once, as what answered is where the next connection begins. Any thread.
///
/// What answers may still be of no use, such as a way on which no handshake ends: who finds that
/// out says so by avoid(), and the others come first from then on.
class Connector {
 public:
  struct Pace {
    std::chrono::milliseconds next_after{250};
    std::chrono::milliseconds patience{3'000};  ///< of one address; it is given up then
  };
  explicit Connector(Pace pace) : pace_(pace) {}

  /// A TCP socket that does not block. The others are closed.
  Result<Descriptor> connect(std::vector<Address> addresses, const Call& call);
  void avoid(const Address& address);

 private:
  const Pace pace_;
  std::mutex mutex_;
  std::optional<Address> answered_, avoided_;
};

/// Bytes to and from a peer over a socket that somebody else closes. One thread at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  /// All of it, or an error.
  virtual Status write(std::string_view bytes, const Call& call) = 0;
  /// At least one byte; 0: the peer has closed.
  virtual Result<std::size_t> read(std::span<char> into, const Call& call) = 0;
  /// Open, with nothing to read: fit for another request.
  virtual bool is_quiet() = 0;
};

/// Of the other side of a connected socket; nothing when it is none any more.
std::optional<Address> other_side_of(int socket);

/// REQUIRES: the socket does not block.
std::unique_ptr<Stream> plain_stream(int socket);

}  // namespace bourse::binance
