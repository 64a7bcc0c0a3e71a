// SPDX-License-Identifier: MIT
//
// What the admin listener answers, for those who run the server:
//
//   /livez     200 while the process answers at all
//   /readyz    200, or 503 from the moment it is told to stop
//   /metrics   figures of the host and of the sources, as Prometheus reads them (exposition.hpp)
//   /routes    the routing table, JSON
//   /plugins   what is loaded, JSON
//
// It has no access control of its own: it listens on the loopback address unless the configuration
// says otherwise. Answers hold no secret.
#pragma once

#include <functional>
#include <string>

#include "host/http/message.hpp"
#include "host/http/server.hpp"
#include "host/pipeline/service.hpp"

namespace bourse::host {

class Admin : public Handler {
 public:
  /// `service` is borrowed. `front` tells the figures of the public listener; called on the thread
  /// that answers.
  Admin(const Service& service, std::function<Stats()> front)
      : service_(service), front_(std::move(front)) {}

  void handle(Request request, Responder responder) noexcept override;

 private:
  [[nodiscard]] Response answer(const Request& request) const;
  [[nodiscard]] std::string metrics() const;

  const Service& service_;
  std::function<Stats()> front_;
};

}  // namespace bourse::host
