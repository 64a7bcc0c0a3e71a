// SPDX-License-Identifier: MIT
//
// What the admin listener answers, for those who run the server:
//
//   /livez     200 while the process answers at all
//   /readyz    200, or 503 before it listens, from the moment it is told to stop, and while calls
//              that do not return hold all turns
//   /metrics   figures of the host and of the sources, as Prometheus reads them (exposition.hpp).
//              Sources are asked on a thread of their own: one that does not answer is left out
//              after a while, and delays no other page.
//   /routes    the routing table, JSON
//   /plugins   what is loaded, JSON
//   /tasks     what the server does by itself, JSON, or lines for who prefers text/plain; POST
//              /tasks/begin?name=NAME and /tasks/cancel?name=NAME
//
// It has no access control of its own: it listens on the loopback address unless the configuration
// says otherwise. Answers hold no secret.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/calls/workers.hpp"
#include "host/http/message.hpp"
#include "host/http/server.hpp"
#include "host/service/pages.hpp"
#include "host/service/pending.hpp"
#include "host/service/reloads.hpp"
#include "host/service/schedule.hpp"
#include "host/service/service.hpp"

namespace bourse::host {

class Admin : public Handler {
 public:
  /// The figures of the public listener; nothing before it listens.
  using Front = std::function<std::optional<Stats>()>;

  /// `service` is borrowed. `front` is called on any thread. /metrics waits `patience` for the
  /// sources.
  Admin(const Service& service, Front front,
        std::chrono::nanoseconds patience = std::chrono::seconds(1));
  ~Admin() override;  ///< Waits for a source that is being asked, however long: see drain().

  /// What POST /reload asks, and whose figures /metrics shows. Before the first request; borrowed.
  struct Reloading {
    Reloads& reloads;
    std::function<Served()> served;      ///< now
    std::function<std::size_t()> alive;  ///< generations that somebody holds
    std::vector<std::string> listed;     ///< see foreign(): the addresses of this listener
  };
  void take_reloads(Reloading reloading) { reloading_.emplace(std::move(reloading)); }

  /// Whose /tasks these are. Before the first request; borrowed.
  void take_schedule(Schedule& schedule) { schedule_ = &schedule; }

  void handle(Request request, Responder responder) noexcept override;
  /// Waits until no source is being asked. False: after `limit` one still was, such as one that
  /// never returns. Call it when no more requests come.
  [[nodiscard]] bool drain(std::chrono::nanoseconds limit) { return asking_.drain(limit); }

 private:
  class Scrape;
  class Reload;
  /// By the name of the source; those that did not answer are not in it.
  using Collected = std::map<std::string, Collection>;
  static const std::array<Page<Admin>, 9> kPages;

  [[nodiscard]] bool is_ready() const { return service_.is_ready() && front_().has_value(); }
  void answer_alive(const Request& request, Responder& responder);
  void answer_ready(const Request& request, Responder& responder);
  void answer_metrics(const Request& request, Responder& responder);
  void answer_routes(const Request& request, Responder& responder);
  void answer_plugins(const Request& request, Responder& responder);
  void answer_reload(const Request& request, Responder& responder);
  void answer_tasks(const Request& request, Responder& responder);
  void answer_begin(const Request& request, Responder& responder);
  void answer_cancel(const Request& request, Responder& responder);
  void steer(const Request& request, Responder& responder,
             Result<void> (Schedule::*what)(std::string_view name));
  void add_tasks(Exposition& figures) const;
  void add_reloads(Exposition& figures) const;
  [[nodiscard]] Response refusal(const Request& request, std::string_view path) const;
  void scrape(std::string id, Responder responder);
  [[nodiscard]] std::string metrics(const Generation& generation, Collected collected);
  void count_dropped(const std::string& name, const Collection& collection);

  const Service& service_;
  Front front_;
  std::chrono::nanoseconds patience_;
  std::optional<Reloading> reloading_;
  Schedule* schedule_ = nullptr;
  std::mutex mutex_;                              ///< of dropped_
  std::map<std::string, std::uint64_t> dropped_;  ///< by the name of the source
  Deadlines deadlines_;  ///< before the thread that asks, whose tasks use it to their end
  Workers asking_;
};

}  // namespace bourse::host
