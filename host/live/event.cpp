// SPDX-License-Identifier: MIT
#include "host/live/event.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "host/base/json_allocator.hpp"
#include "host/parameters/time_text.hpp"

namespace bourse::host {
namespace {

using Buffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using Writer = rapidjson::Writer<Buffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

void member(Writer& writer, std::string_view name, std::string_view value) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

template <class Members>
std::string object_of(const Members& members) {
  Buffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  members(writer);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

/// Bytes of the character at `at` that some clients end a line at; 0: they do not.
std::size_t odd_line_end(std::string_view data, std::size_t at, std::string_view& escape) {
  const std::string_view rest = data.substr(at);
  if (rest.starts_with("\xC2\x85")) return escape = "\\u0085", 2;
  if (rest.starts_with("\xE2\x80\xA8")) return escape = "\\u2028", 3;
  if (rest.starts_with("\xE2\x80\xA9")) return escape = "\\u2029", 3;
  return 0;
}

void append_data(std::string& event, std::string_view line) {
  event += "data: ";
  std::size_t begin = 0;
  while (true) {
    const std::size_t at = line.find_first_of("\xC2\xE2", begin);
    if (at == std::string_view::npos) break;
    std::string_view escape;
    const std::size_t length = odd_line_end(line, at, escape);
    event += line.substr(begin, at - begin + (length == 0 ? 1 : 0));
    event += escape;
    begin = at + std::max<std::size_t>(length, 1);
  }
  event += line.substr(begin);
  event += '\n';
}

}  // namespace

std::string event_text(std::string_view type, std::string_view id, std::string_view data) {
  std::string event;
  event.reserve(type.size() + id.size() + data.size() + data.size() / 16 + 64);
  if (!id.empty()) (event += "id: ").append(id) += '\n';
  (event += "event: ").append(type) += '\n';
  // A body ends in a line feed, which ends its last line and begins no other.
  if (data.ends_with('\n')) data.remove_suffix(1);
  while (true) {
    const std::size_t end = data.find_first_of("\r\n");
    append_data(event, data.substr(0, end));
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  event += '\n';
  return event;
}

std::string retry_text(std::chrono::milliseconds after) {
  return "retry: " + std::to_string(after.count()) + "\n\n";
}

std::string news_json(const VersionNews& news) {
  return object_of([&](Writer& writer) {
    member(writer, "etag", news.etag);
    if (news.as_of != 0) member(writer, "as_of", print_time(news.as_of));
    member(writer, "now", print_time(news.now));
    member(writer, "href", news.href);
  });
}

std::string failed_json(std::string_view href, std::string_view problem) {
  return object_of([&](Writer& writer) {
    member(writer, "href", href);
    writer.Key("problem");
    writer.RawValue(problem.data(), problem.size(), rapidjson::kObjectType);
  });
}

std::string tick_json(std::int64_t now) {
  return object_of([&](Writer& writer) { member(writer, "now", print_time(now)); });
}

std::string bye_json(std::string_view code, std::string_view message) {
  return object_of([&](Writer& writer) {
    member(writer, "code", code);
    member(writer, "message", message);
  });
}

}  // namespace bourse::host
