// SPDX-License-Identifier: MIT
//
// StreamServer: the exchange's streams on this machine, spoken by hand.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "tests/plugins/sources/binance/streams/web_socket_peer.hpp"

namespace bourse::binance {

/// Agrees to everything, delivers what the test says to who subscribed it.
class StreamServer {
 public:
  StreamServer() : server_([this](Peer& peer) { serve(peer); }) {}
  ~StreamServer() { cut(); }
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }

  /// Waits until somebody has subscribed it. False after 20 s.
  bool wait_for(const std::string& stream) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] {
      return std::ranges::any_of(peers_,
                                 [&](const auto& entry) { return entry.second.contains(stream); });
    });
  }
  /// Until nobody has.
  bool wait_without(const std::string& stream) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] {
      return std::ranges::none_of(peers_,
                                  [&](const auto& entry) { return entry.second.contains(stream); });
    });
  }
  void say(const std::string& stream, const std::string& data) {
    const std::lock_guard lock(mutex_);
    for (const auto& [peer, streams] : peers_) {
      if (streams.contains(stream)) {
        peer->send(frame(R"({"stream":")" + stream + R"(","data":)" + data + "}"));
      }
    }
  }
  void say_raw(const std::string& text) {
    const std::lock_guard lock(mutex_);
    for (const auto& [peer, streams] : peers_) peer->send(frame(text));
  }
  /// Of all connections there are.
  void cut() {
    const std::lock_guard lock(mutex_);
    for (const auto& [peer, streams] : peers_) peer->send(frame("\x03\xE9", 8));  // 1001
  }
  /// From now on upgrades are answered with this; 0: agreed to.
  void refuse(int status) {
    const std::lock_guard lock(mutex_);
    refusal_ = status;
  }
  [[nodiscard]] int connections() {
    const std::lock_guard lock(mutex_);
    return connections_;
  }
  [[nodiscard]] std::vector<std::string> commands() {
    const std::lock_guard lock(mutex_);
    return commands_;
  }

 private:
  static constexpr std::chrono::seconds kPatience{20};

  void serve(Peer& peer) {
    int refusal = 0;
    {
      const std::lock_guard lock(mutex_);
      ++connections_;
      refusal = refusal_;
    }
    if (refusal != 0) {
      peer.read_request();
      peer.send(http(refusal, "<html></html>", "Retry-After: 60\r\n"));
      return;
    }
    if (upgrade(peer).empty()) return;
    {
      const std::lock_guard lock(mutex_);
      peers_[&peer] = {"btcusdt@miniTicker"};
      peer.send(frame(
          R"({"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":1753000000000,"s":"BTCUSDT",)"
          R"("c":"65000.00000000"}})"));
    }
    while (true) {
      const Frame frame = read_frame(peer);
      if (frame.opcode < 0 || frame.opcode == 8) break;
      if (frame.opcode == 1) obey(peer, frame.payload);
    }
    const std::lock_guard lock(mutex_);
    peers_.erase(&peer);
    changed_.notify_all();
  }
  void obey(Peer& peer, const std::string& text) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(text);
    std::string result = "null";
    auto& streams = peers_.at(&peer);
    if (text.find("LIST_SUBSCRIPTIONS") != std::string::npos) {
      result = "[";
      for (const std::string& one : streams) result += (result == "[" ? "\"" : ",\"") + one + "\"";
      result += "]";
    }
    const bool goes = text.find("UNSUBSCRIBE") != std::string::npos;
    const std::size_t begin = text.find('['), end = text.find(']');
    for (std::size_t at = begin; at < end && begin != std::string::npos;) {
      const std::size_t open = text.find('"', at), close = text.find('"', open + 1);
      if (open >= end) break;
      const std::string name = text.substr(open + 1, close - open - 1);
      if (goes) {
        streams.erase(name);
      } else {
        streams.insert(name);
      }
      at = close + 1;
    }
    peer.send(frame(R"({"result":)" + result + R"(,"id":)" + text.substr(text.rfind(':') + 1)));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Peer*, std::set<std::string>> peers_;
  std::vector<std::string> commands_;
  int connections_ = 0, refusal_ = 0;
  RawServer server_;  ///< the last member: its threads use all others
};

}  // namespace bourse::binance
