// SPDX-License-Identifier: MIT
#include "host/cli/follow.hpp"

#include <httplib.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include "host/base/clock.hpp"
#include "host/base/json_allocator.hpp"
#include "host/base/own_streams.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/event_parser.hpp"
#include "host/cli/output.hpp"
#include "host/cli/setup.hpp"
#include "host/parameters/time_text.hpp"

namespace bourse::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

using Buffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using Writer = rapidjson::Writer<Buffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

// Servers send a comment each 15 s: one from which nothing comes for so long is gone.
constexpr std::chrono::seconds kSilence{45};
constexpr std::chrono::seconds kConnect{10};
constexpr milliseconds kRetryMax{60'000};
constexpr std::size_t kProblemBytesMax = std::size_t{64} * 1024;

struct Place {
  std::string origin;  ///< "http://127.0.0.1:8080"
  std::string target;  ///< "/a?b"
};

std::optional<Place> place_of(const std::string& url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) return std::nullopt;
  const std::size_t host = url.find("//") + 2;
  const std::size_t path = std::min(url.find_first_of("/?#", host), url.size());
  if (path == host || url.find('@') < path) return std::nullopt;
  std::string target = url.substr(path, url.find('#', path) - path);
  if (!target.starts_with('/')) target.insert(0, "/");
  return Place{url.substr(0, path), std::move(target)};
}

void print_json(const StreamEvent& event) {
  Buffer buffer;
  Writer writer(buffer);
  const auto text = [&](std::string_view value) {
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  writer.StartObject();
  text("event");
  text(event.type);
  if (!event.id.empty()) {
    text("id");
    text(event.id);
  }
  text("data");
  rapidjson::Document data;
  // Numbers as they stand, so that no digit is lost.
  data.Parse<rapidjson::kParseNumbersAsStringsFlag>(event.data.data(), event.data.size());
  if (data.HasParseError()) {
    text(event.data);
  } else {
    // Without the line feeds between its parts; those inside of texts are escaped in JSON.
    std::string line = event.data;
    std::replace(line.begin(), line.end(), '\n', ' ');
    writer.RawValue(line.data(), line.size(), rapidjson::kObjectType);
  }
  writer.EndObject();
  print({buffer.GetString(), buffer.GetSize()});
}

void print_text(const StreamEvent& event) {
  print(print_time(wall_clock() / 1'000'000 * 1'000'000) + "  " + printable(event.type, 64) +
        (event.id.empty() ? "" : "  " + printable(event.id, 128)));
  std::string_view rest = event.data;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    print("  " + printable(line, line.size()));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
}

/// What a refusal says for people: the problem's detail, or its status.
std::string reason_of(int status, const std::string& body) {
  rapidjson::Document problem;
  problem.Parse(body.data(), body.size());
  std::string reason = "the server answers " + std::to_string(status);
  if (!problem.HasParseError() && problem.IsObject()) {
    const auto detail = problem.FindMember("detail");
    if (detail != problem.MemberEnd() && detail->value.IsString()) {
      reason +=
          ": " + printable({detail->value.GetString(), detail->value.GetStringLength()}, 2000);
    }
  }
  return reason;
}

class Follower {
 public:
  Follower(const FollowOptions& options, Place place)
      : options_(options),
        place_(std::move(place)),
        client_(place_.origin),
        parser_([this](const StreamEvent& event) { show(event); }) {
    client_.set_connection_timeout(kConnect);
    client_.set_read_timeout(kSilence);
    client_.set_keep_alive(false);
    if (options_.seconds > 0) {
      end_ = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(
                                       std::chrono::duration<double>(options_.seconds));
    }
  }

  int run() {
    bool has_begun = false;
    milliseconds delay{1000};
    while (!is_over()) {
      const auto why = stream();
      if (is_over()) break;
      if (!refusal_.empty()) return failed(refusal_);
      has_begun = has_begun || connected_;
      if (!has_begun) return failed(why);
      // Whoever was told when to come back comes then; else later and later.
      delay = connected_ ? parser_.retry().value_or(milliseconds(2000))
                         : std::min(2 * delay, kRetryMax);
      std::fprintf(stderr, "bourse watch: %s; again in %lld ms\n", why.c_str(),
                   static_cast<long long>(delay.count()));
      std::this_thread::sleep_until(std::min(steady_clock::now() + delay, end_));
    }
    return finish_output(kDone);
  }

 private:
  [[nodiscard]] bool is_over() const {
    return (options_.count > 0 && shown_ >= options_.count) || steady_clock::now() >= end_;
  }

  int failed(const std::string& why) const {
    std::fprintf(stderr, "bourse watch: %s: %s\n", options_.url.c_str(), why.c_str());
    return finish_output(kFailed);
  }

  void show(const StreamEvent& event) {
    if (is_over()) return;
    ++shown_;
    options_.json ? print_json(event) : print_text(event);
    std::fflush(own_output());
  }

  /// Until it ends; why it did.
  std::string stream() {
    connected_ = false;
    parser_.restart();
    int status = 0;
    std::string problem;
    httplib::Headers headers = {{"Accept", "text/event-stream"}};
    if (!parser_.last_id().empty()) headers.emplace("Last-Event-ID", parser_.last_id());
    if (const char* const token = std::getenv("BOURSE_TOKEN")) {
      headers.emplace("Authorization", "Bearer " + std::string(token));
    }
    if (end_ != steady_clock::time_point::max()) {
      const auto left = std::chrono::duration_cast<milliseconds>(end_ - steady_clock::now());
      client_.set_read_timeout(std::clamp<milliseconds>(left, milliseconds(1), kSilence));
    }
    const auto result = client_.Get(
        place_.target.c_str(), headers,
        [&](const httplib::Response& response) {
          status = response.status;
          const std::string type = response.get_header_value("Content-Type");
          connected_ = status == 200 && type.starts_with("text/event-stream");
          if (status == 200 && !connected_) {
            refusal_ = "the server answers " + printable(type, 100) + ", and no events";
          }
          return refusal_.empty();
        },
        [&](const char* data, std::size_t size) {
          if (connected_) {
            parser_.feed({data, size});
          } else if (problem.size() < kProblemBytesMax) {
            problem.append(data, size);
          }
          return !is_over();
        });
    // What may be another way in a minute is no refusal.
    if (status >= 400 && status != 429 && status < 500) refusal_ = reason_of(status, problem);
    if (status >= 300 && !connected_) return reason_of(status, problem);
    if (result) return "the stream ended";
    return connected_ ? "the connection broke" : "no answer: " + httplib::to_string(result.error());
  }

  const FollowOptions& options_;
  const Place place_;
  httplib::Client client_;
  EventParser parser_;
  steady_clock::time_point end_ = steady_clock::time_point::max();
  std::uint64_t shown_ = 0;
  bool connected_ = false;
  std::string refusal_;
};

}  // namespace

int follow(const FollowOptions& options) {
  auto place = place_of(options.url);
  if (!place) {
    std::fprintf(stderr,
                 "bourse watch: \"%s\" is no URL of an answer; write it like "
                 "http://127.0.0.1:8080/api/v1/report\n",
                 printable(options.url, 256).c_str());
    return kUsage;
  }
  return Follower(options, *std::move(place)).run();
}

}  // namespace bourse::host
