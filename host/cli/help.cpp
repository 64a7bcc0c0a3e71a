// SPDX-License-Identifier: MIT
#include "host/cli/help.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/build.hpp"
#include "host/base/codes.hpp"
#include "host/base/own_streams.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/explain.hpp"
#include "host/cli/output.hpp"
#include "host/cli/setup.hpp"
#include "host/cli/topics.hpp"
#include "host/config/keys.hpp"
#include "host/config/quantity.hpp"

namespace bourse::host {
namespace {

std::array<std::pair<const char*, std::string_view>, 4> facts() {
  return {{{"commit", build().commit},
           {"abi", build().abi},
           {"compiler", build().compiler},
           {"build", build().type}}};
}

}  // namespace

std::string version_text() {
  std::string text = "bourse " + std::string(build().version);
  for (const auto& [name, fact] : facts()) text += "\n" + padded(name, 10) + std::string(fact);
  return text;
}

int say_version(bool json) {
  if (!json) {
    print(version_text());
    return kDone;
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  const auto member = [&writer](const char* name, std::string_view text) {
    writer.Key(name);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  };
  writer.StartObject();
  member("version", build().version);
  for (const auto& [name, fact] : facts()) member(name, fact);
  writer.EndObject();
  print({buffer.GetString(), buffer.GetSize()});
  return kDone;
}

std::string topics_text() {
  std::string text;
  for (const Topic& topic : topics()) (text += text.empty() ? "" : ", ") += topic.name;
  return text;
}

namespace {

std::string_view type_words(KeyType type) {
  switch (type) {
    case KeyType::kCount:
      return "a whole number";
    case KeyType::kSize:
      return "a size, such as 64KiB";
    case KeyType::kDuration:
      return "a duration, such as 5s";
    case KeyType::kListener:
      return "where to listen; `bourse help addresses`";
    case KeyType::kFile:
      return "a file or a folder";
    case KeyType::kSource:
      return "the name of a source";
    case KeyType::kComponent:
      return "a component: id, or plugin/id";
    default:
      return {};
  }
}

std::string shown_number(const Key& key, std::uint64_t number) {
  if (key.type == KeyType::kDuration) {
    return print_duration(std::chrono::nanoseconds(static_cast<std::int64_t>(number)));
  }
  return key.type == KeyType::kSize ? print_size(number) : std::to_string(number);
}

void print_key(const Key& key) {
  print(key.path);
  if (!key.doc.empty()) print("  " + std::string(key.doc));
  const auto fact = [](const char* title, const std::string& text) {
    if (!text.empty()) print("  " + padded(title, 10) + text);
  };
  std::string values(type_words(key.type));
  for (const std::string& choice : key.choice_list()) {
    values += (values.empty() ? "" : ", ") + choice;
  }
  if (key.max != 0) {
    values += " from " + shown_number(key, key.min) + " to " + shown_number(key, key.max);
  }
  fact("value", values);
  fact("default", std::string(key.fallback));
  fact("example", std::string(key.example));
  fact("taken", key.taken == KeyTaken::kRestart ? "at the start only" : "by a reload, too");
  fact("also in", key.inherited == KeyInherited::kNo          ? ""
                  : key.inherited == KeyInherited::kFromGroup ? "groups"
                                                              : "groups and `defaults`");
}

/// Of "server.queue" the one, of "queue" all that are called so, of "server" all in there.
bool help_on_keys(const std::string& word) {
  bool found = false;
  for (const Key& key : all_keys()) {
    if (key.path != word && key.name() != word && key.parent() != word) continue;
    if (found) print("");
    print_key(key);
    found = true;
  }
  return found;
}

}  // namespace

int help_on(const std::string& word, std::span<const std::string> commands) {
  std::vector<std::string> known(commands.begin(), commands.end());
  for (const Topic& topic : topics()) {
    if (topic.name == word) {
      std::fwrite(topic.text.data(), 1, topic.text.size(), own_output());
      return kDone;
    }
    known.emplace_back(topic.name);
  }
  if (help_on_keys(word) || explain_code(word)) return kDone;
  for (const Key& key : all_keys()) known.emplace_back(key.name());
  for (const Code& code : all_codes()) known.emplace_back(code.code);
  const auto near = suggest(word, known);
  std::fprintf(
      stderr, "error: there is no command, topic, key or code %s%s\n", in_quotes(word).c_str(),
      near ? ("; did you mean " + *near + "?").c_str()
           : ("; `bourse help` lists the commands, and topics are " + topics_text()).c_str());
  return kUsage;
}

}  // namespace bourse::host
