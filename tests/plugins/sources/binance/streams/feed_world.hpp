// SPDX-License-Identifier: MIT
//
// A world for Feed: an exchange that is played by hand, and time that passes when told to.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sources/binance/streams/feed.hpp"

namespace bourse::binance {

class FeedWorld : public Dialler, public FeedSink, public Random {
 public:
  struct Peer {
    Instant dialled;
    std::string target;
    std::vector<std::pair<Instant, std::string>> sent;
    bool said_goodbye = false, is_dropped = false;
  };

  explicit FeedWorld(FeedOptions options = {})
      : feed(std::move(options), *this, pace, *this, *this) {}

  // Dialler
  std::unique_ptr<Socket> dial(std::uint64_t number, const std::string& target) override {
    peers[number].dialled = now;
    peers[number].target = target;
    return std::make_unique<Handle>(*this, number);
  }
  // FeedSink
  bool heard(const std::string& stream, std::string_view data, std::uint64_t connection) override {
    if (data == R"({"broken":true})") return false;
    heard_data.push_back(stream + " " + std::string(data));
    heard_from.push_back(connection);
    return true;
  }
  void doubted(const std::string& stream, Doubt why) override {
    doubts.push_back(stream + " " + std::string(name_of(why)));
  }
  void news(const FeedNews& one) override { told.push_back(one); }
  void shut_out(const Error& error) override { blocks.push_back(error.http_status); }
  // Random
  double unit() override { return dice; }

  /// In steps as the thread takes them.
  void pass(std::chrono::milliseconds time) {
    const Instant end = now + time;
    while (now < end) {
      now = std::min(end, now + std::chrono::milliseconds(200));
      for (const auto& [number, every] : canaries) {
        if ((now - begin) % every < std::chrono::milliseconds(200) &&
            !peers.at(number).is_dropped) {
          say(number, feed_canary);
          for (const std::string& stream : speaking) say(number, stream);
        }
      }
      feed.tick(now);
    }
  }
  void open(std::uint64_t number) { feed.opened(number, now); }
  void say(std::uint64_t number, const std::string& stream, const std::string& data = "{}") {
    raw(number, R"({"stream":")" + stream + R"(","data":)" + data + "}");
  }
  void raw(std::uint64_t number, const std::string& text) { feed.message(number, text, now); }
  void cut(std::uint64_t number, Error why = {.kind = ErrorKind::kNetwork, .message = "Cut."}) {
    feed.ended(number, why, now);
  }
  /// Agrees to all commands that were not answered yet.
  void agree(std::uint64_t number, const std::vector<std::string>& listed = {}) {
    Peer& peer = peers.at(number);
    for (; answered[number] < peer.sent.size(); ++answered[number]) {
      const std::string& text = peer.sent[answered[number]].second;
      const std::string id = text.substr(text.rfind(":") + 1);
      std::string result = "null";
      if (text.find("LIST_SUBSCRIPTIONS") != std::string::npos) {
        result = "[";
        for (const std::string& name : listed) {
          result += (result.size() > 1 ? ",\"" : "\"") + name + "\"";
        }
        result += "]";
      }
      raw(number, R"({"result":)" + result + R"(,"id":)" + id);
    }
  }
  /// A connection that is open, carries the streams and delivers the canary once a second.
  std::uint64_t deliver(const std::vector<std::string>& streams) {
    for (const std::string& stream : streams) feed.want(stream, now);
    feed.tick(now);
    const std::uint64_t number = peers.rbegin()->first;
    live(number, streams);
    return number;
  }
  void live(std::uint64_t number, const std::vector<std::string>& streams) {
    open(number);
    agree(number);
    canaries[number] = std::chrono::seconds(1);
    say(number, feed_canary);
    for (const std::string& stream : streams) say(number, stream);
  }
  [[nodiscard]] std::size_t news_of(FeedNews::What what) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(told, [&](const FeedNews& one) { return one.what == what; }));
  }

  Instant begin = Instant{} + std::chrono::hours(1);
  Instant now = begin;
  double dice = 0.5;
  std::string feed_canary = "btcusdt@miniTicker";
  std::map<std::uint64_t, Peer> peers;
  std::map<std::uint64_t, std::size_t> answered;
  std::map<std::uint64_t, std::chrono::milliseconds> canaries;
  std::set<std::string> speaking;  ///< once a second, where the canary is
  std::vector<std::string> heard_data, doubts;
  std::vector<std::uint64_t> heard_from;
  std::vector<FeedNews> told;
  std::vector<int> blocks;
  DialPace pace;
  Feed feed;

 private:
  class Handle final : public Socket {
   public:
    Handle(FeedWorld& world, std::uint64_t number) : world_(world), number_(number) {}
    ~Handle() override { world_.peers.at(number_).is_dropped = true; }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    void send(std::string text) override {
      world_.peers.at(number_).sent.emplace_back(world_.now, std::move(text));
    }
    void close() override { world_.peers.at(number_).said_goodbye = true; }

   private:
    FeedWorld& world_;
    const std::uint64_t number_;
  };
};

}  // namespace bourse::binance
