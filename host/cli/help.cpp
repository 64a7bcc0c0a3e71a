// SPDX-License-Identifier: MIT
#include "host/cli/help.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/build.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/output.hpp"
#include "host/cli/setup.hpp"
#include "host/cli/topics.hpp"

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

int help_on(const std::string& word, std::span<const std::string> commands) {
  std::vector<std::string> known(commands.begin(), commands.end());
  for (const Topic& topic : topics()) {
    if (topic.name == word) {
      std::fwrite(topic.text.data(), 1, topic.text.size(), stdout);
      return kDone;
    }
    known.emplace_back(topic.name);
  }
  const auto near = suggest(word, known);
  std::fprintf(
      stderr, "error: there is no command and no topic %s%s\n", in_quotes(word).c_str(),
      near ? ("; did you mean " + *near + "?").c_str()
           : ("; `bourse help` lists the commands, and topics are " + topics_text()).c_str());
  return kUsage;
}

}  // namespace bourse::host
