// SPDX-License-Identifier: MIT
#include "tests/plugins/sources/binance/book/book_replay.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <istream>
#include <utility>
#include <variant>

#include "plugins/sources/binance/client/parse.hpp"

namespace bourse::binance {
namespace {

using std::chrono::hours;

/// In the middle, so that a recording is played in the same way each time.
class Middle final : public Random {
 public:
  double unit() override { return 0.5; }
};

std::string text_of(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

int usual_limit(const OrderBook& book) {
  constexpr std::array<std::size_t, 8> kUsual = {5, 10, 20, 50, 100, 500, 1000, 5000};
  const std::size_t rows = std::max(book.bids.size(), book.asks.size());
  return std::ranges::find(kUsual, rows) != kUsual.end() ? static_cast<int>(rows) : 5000;
}

std::string pair_of(const Level& level) {
  return level.price.text() + " x " + level.quantity.text();
}

class Player {
 public:
  explicit Player(const ReplayOptions& options) : options_(options), symbol_(options.symbol) {
    // Nobody answers of his own accord here: a snapshot comes when the recording has one.
    result_.book = std::make_unique<LocalBook>(
        BookOptions{.depth = 2500, .prove = {}, .answer = hours(1'000'000)},
        std::make_shared<Middle>());
  }

  /// "" or why the line makes no sense.
  std::string play(std::string line) {
    rapidjson::Document document;
    document.Parse(line.data(), line.size());
    if (document.HasParseError() || !document.IsObject()) return "it is no JSON object";
    if (const auto connection = document.FindMember("connection");
        connection != document.MemberEnd() && connection->value.IsString()) {
      return control(connection->value.GetString());
    }
    const auto data = document.FindMember("data");
    const bool is_wrapped = data != document.MemberEnd() && data->value.IsObject();
    const rapidjson::Value& payload = is_wrapped ? data->value : document;
    if (payload.HasMember("lastUpdateId")) {
      if (is_wrapped && !is_ours(stream_symbol(document))) return leave_out();
      return snapshot(is_wrapped ? text_of(payload) : std::move(line));
    }
    const bool is_diff = payload.HasMember("e") && payload["e"] == "depthUpdate";
    if (!is_diff && (payload.HasMember("e") || !payload.HasMember("u"))) return leave_out();
    return message(std::move(line));
  }

  Replayed finish() && {
    steps();
    return std::move(result_);
  }

 private:
  static std::string stream_symbol(const rapidjson::Document& document) {
    const auto stream = document.FindMember("stream");
    if (stream == document.MemberEnd() || !stream->value.IsString()) return "";
    std::string name = stream->value.GetString();
    name.resize(std::min(name.find('@'), name.size()));
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
  }
  bool is_ours(const std::string& symbol) {
    if (symbol_.empty()) symbol_ = symbol;
    return symbol.empty() || symbol == symbol_;
  }
  std::string leave_out() {
    ++result_.left_out;
    return "";
  }

  std::string control(const std::string& what) {
    if (what == "ended") {
      book().ended(connection_, now_);
      is_connected_ = false;
    } else if (what == "began") {
      begin();
    } else {
      return "a connection is \"began\" or \"ended\"";
    }
    return "";
  }
  void begin() {
    if (is_connected_) book().ended(connection_, now_);
    book().began(++connection_, now_);
    is_connected_ = true;
  }

  std::string message(std::string line) {
    auto parsed = parse_book_message(line);
    if (!parsed) return parsed.error().message;
    if (!is_ours(parsed->symbol)) return leave_out();
    ++result_.messages;
    if (connection_ == 0) begin();
    if (auto* const diff = std::get_if<DepthDiff>(&parsed->event)) {
      pass_to(diff->time);
      book().diff(connection_, std::move(*diff), now_);
      compare();
    } else {
      book().ticker(std::get<TopOfBook>(parsed->event), now_);
    }
    steps();
    return "";
  }
  /// The time of the book is that of the changes, as far as it does not go back.
  void pass_to(Time time) {
    if (!first_time_) first_time_ = time;
    now_ = std::max(now_, Instant(hours(1)) + std::chrono::nanoseconds(time.ns - first_time_->ns));
  }

  std::string snapshot(std::string body) {
    auto parsed = parse_order_book(body);
    if (!parsed) return parsed.error().message;
    ++result_.snapshots;
    if (connection_ == 0) begin();
    if (!is_connected_) return "";
    if (book().state() == BookState::kSynced) {
      to_compare_.push_back(*std::move(parsed));
      compare();
      return "";
    }
    while (!ticket_) {
      const BookStep step = take_step();
      if (step.kind == BookStep::Kind::kWait) now_ = step.until;
    }
    book().snapshot(*std::exchange(ticket_, std::nullopt), *parsed, now_,
                    options_.limit > 0 ? options_.limit : usual_limit(*parsed));
    return "";
  }

  BookStep take_step() {
    const BookStep step = book().step(now_);
    if (step.kind == BookStep::Kind::kSnapshot) ticket_ = step.ticket;
    return step;
  }
  void steps() {
    while (take_step().kind != BookStep::Kind::kWait) {
    }
  }

  void compare() {
    if (book().state() != BookState::kSynced) return;
    const DepthBook& own = *book().book();
    std::erase_if(to_compare_, [&](const OrderBook& one) {
      if (!one.last_update_id || *one.last_update_id > own.id()) return false;
      if (*one.last_update_id == own.id()) {
        ++result_.compared;
        const OrderBook levels = own.levels(std::max(one.bids.size(), one.asks.size()));
        differ(own.id(), "bid ", levels.bids, one.bids);
        differ(own.id(), "ask ", levels.asks, one.asks);
      }
      return true;
    });
  }
  /// As far as both know the side.
  void differ(std::int64_t id, const char* side, const std::vector<Level>& own,
              const std::vector<Level>& theirs) {
    for (std::size_t i = 0; i < std::min(own.size(), theirs.size()); ++i) {
      if (own[i].price == theirs[i].price && own[i].quantity == theirs[i].quantity) continue;
      result_.differences.push_back("at update " + std::to_string(id) + ", " + side +
                                    std::to_string(i + 1) + ": " + pair_of(own[i]) + ", but " +
                                    pair_of(theirs[i]) + " in the snapshot");
      return;
    }
  }

  LocalBook& book() { return *result_.book; }

  const ReplayOptions options_;
  std::string symbol_;
  Replayed result_;
  LocalBook::Connection connection_ = 0;
  bool is_connected_ = false;
  Instant now_ = Instant(hours(1));
  std::optional<Time> first_time_;
  std::optional<std::uint64_t> ticket_;
  std::vector<OrderBook> to_compare_;
};

}  // namespace

Replayed replay_book(std::istream& recording, const ReplayOptions& options) {
  Player player(options);
  std::string line, why;
  std::int64_t number = 0;
  while (why.empty() && std::getline(recording, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    why = player.play(std::move(line));
    line = {};
  }
  Replayed result = std::move(player).finish();
  if (!why.empty()) result.unreadable = "line " + std::to_string(number) + ": " + why;
  return result;
}

std::string rest_text_of(const OrderBook& book) {
  std::string text = "{\"lastUpdateId\":" + std::to_string(book.last_update_id.value_or(0));
  const auto add = [&text](const char* name, const std::vector<Level>& levels) {
    text += std::string(",\"") + name + "\":[";
    for (const Level& level : levels) {
      text += (&level == &levels.front() ? "[\"" : ",[\"") + level.price.text() + "\",\"" +
              level.quantity.text() + "\"]";
    }
    text += ']';
  };
  add("bids", book.bids);
  add("asks", book.asks);
  return text + '}';
}

}  // namespace bourse::binance
