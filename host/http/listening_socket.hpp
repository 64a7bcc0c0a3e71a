// SPDX-License-Identifier: MIT
//
// A socket that listens: made for an address, or passed by whoever started the process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "host/base/listen_address.hpp"
#include "host/base/result.hpp"
#include "host/http/descriptor.hpp"

namespace bourse::host {

class ListeningSocket {
 public:
  /// Listens on an address of TCP, or on the path of a unix socket: a file left by a process that
  /// is gone is replaced; a socket on which somebody listens, or what is no socket, is a failure.
  /// Nobody can connect before the file has its owner and its mode.
  [[nodiscard]] static Result<ListeningSocket> open(const ListenAddress& address);
  /// Takes over a socket that was passed under this name. Failure: it is none that listens.
  [[nodiscard]] static Result<ListeningSocket> adopt(Descriptor descriptor,
                                                     const std::string& name);

  ListeningSocket(ListeningSocket&& other) noexcept = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  /// Removes the file of a unix socket that open() made, unless another one has taken its place.
  ~ListeningSocket();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_.number(); }
  /// Others have it as well: connections that nobody takes here wait for them.
  [[nodiscard]] bool passed() const noexcept { return passed_; }
  [[nodiscard]] bool is_unix() const noexcept { return port_ == 0; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }  ///< 0: no TCP
  /// Where it really listens: "127.0.0.1:40123", "unix:/run/bourse.sock".
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  struct File {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
  };
  ListeningSocket(Descriptor descriptor, bool passed);
  [[nodiscard]] static Result<ListeningSocket> open_tcp(const ListenAddress& address);
  [[nodiscard]] static Result<ListeningSocket> open_unix(const ListenAddress& address);

  Descriptor descriptor_;
  bool passed_;
  std::uint16_t port_ = 0;
  std::string text_;
  File file_;  ///< an empty path: nothing to remove
};

}  // namespace bourse::host
