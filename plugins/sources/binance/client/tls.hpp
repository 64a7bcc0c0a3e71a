// SPDX-License-Identifier: MIT
//
// TLS as this client wants it: 1.2 or later, certificates always checked, against the system's
// authorities and perhaps those of a company's proxy.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/network.hpp"

struct ssl_ctx_st;
struct ssl_st;
struct x509_store_st;

namespace bourse::binance {

/// Whom to believe. One for all connections: parsed authorities take a megabyte or two. Immutable;
/// any thread.
class TrustStore {
 public:
  /// The system's authorities (OpenSSL also looks at SSL_CERT_FILE and SSL_CERT_DIR), and those in
  /// the PEM file `authorities`, if it is not "".
  static Result<std::shared_ptr<const TrustStore>> make(const std::string& authorities);

  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;
  ~TrustStore();

  /// Another reference to it, which the caller owns.
  [[nodiscard]] x509_store_st* share() const noexcept;
  /// Where authorities are looked up one by one.
  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

 private:
  TrustStore(x509_store_st* store, std::string folder)
      : store_(store), folder_(std::move(folder)) {}

  x509_store_st* const store_;
  const std::string folder_;
};

/// Sets the version, and the name or address that a certificate must be for. False: out of memory.
bool harden(ssl_ctx_st* context, const std::string& host);

/// After the handshake. REQUIRES: the socket does not block.
std::unique_ptr<Stream> tls_stream(int socket, ssl_st* tls);

/// Why OpenSSL failed just now in this thread; forgets it.
std::string tls_failure();

/// Sees to it that writing to a closed connection is an error and not the end of the process:
/// OpenSSL writes in a way that raises SIGPIPE, and a library must not decide what a process does
/// with signals. The signal is held back for this thread, and gone when the object goes.
class NoPipeSignal {
 public:
  NoPipeSignal() noexcept;
  ~NoPipeSignal();
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  bool active_ = false, was_blocked_ = false;
};

}  // namespace bourse::binance
