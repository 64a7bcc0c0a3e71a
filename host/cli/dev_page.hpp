// SPDX-License-Identifier: MIT
//
// The page of `bourse dev`, and the server under it that it passes everything else on to.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "host/base/result.hpp"

namespace bourse::host {

/// What the page shows. [any thread]
class DevState {
 public:
  enum class Phase { kBuilding, kBroken, kGood };

  /// A new round begins: the outputs of the last one are forgotten.
  void begin();
  /// What the build says.
  void add_output(std::string_view text);
  /// What the server says; the last of it is kept.
  void add_log(std::string_view text);
  /// `routes`: what `bourse routes --json` writes; "" leaves those that there are.
  void end(Phase phase, std::string headline, std::string findings, std::string routes);
  /// All of it as JSON, as soon as it is another one than `seen`, at the latest after 20 s.
  [[nodiscard]] std::string wait_for_news(std::uint64_t seen);
  /// Nobody waits any longer.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t version_ = 0;
  bool closed_ = false;
  Phase phase_ = Phase::kBuilding;
  std::string headline_ = "building";
  std::string output_;
  std::string findings_;
  std::string routes_ = "[]";
  std::string log_;
};

/// Listens on a loopback address, from construction to the end.
class DevPage {
 public:
  /// `listen`: "127.0.0.1:8090" or "[::1]:8090", port 0: any. `server_socket`: the path of the unix
  /// socket of what everything but the page itself is passed on to. Borrows `state`.
  static Result<std::unique_ptr<DevPage>> open(const std::string& listen,
                                               const std::string& server_socket, DevState& state);
  virtual ~DevPage() = default;
  /// "http://127.0.0.1:8090/-/".
  [[nodiscard]] virtual std::string url() const = 0;
};

/// The page itself, as a browser gets it.
[[nodiscard]] std::string_view dev_page_html() noexcept;

}  // namespace bourse::host
