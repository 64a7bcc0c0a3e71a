// SPDX-License-Identifier: MIT
//
// What a plugin declares: the server's own checks, each refusal and note of theirs a finding, and
// what people will miss.
#include <array>
#include <mutex>
#include <string>

#include "host/base/utf8.hpp"
#include "host/plugins/elf.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

/// The last words of a plugin that refuses to be loaded, at warn or above. One run at a time.
std::string& last_words() {
  static std::string words;
  return words;
}

void hear(const bourse_host*, bourse_call*, std::int32_t level, bourse_str message,
          const bourse_arg*, std::size_t) {
  if (level < BOURSE_LEVEL_WARN || message.ptr == nullptr) return;
  last_words() = printable({message.ptr, message.len}, 1000);
}

void check_loads(Subject& subject, const Findings& findings) {
  if (!ElfLibrary::parse(subject.bytes())) {
    return findings.skip("it is no library that can be loaded (file.tables says why)");
  }
  last_words().clear();
  HostFunctions host = plugin_host();
  host.table.log = hear;
  auto done = subject.open();
  if (done) done = subject.enter(host);
  if (done) done = subject.start();
  if (done) return;
  std::string seen = done.failure().message + " [" + done.failure().code + "]";
  if (!last_words().empty()) seen += "; it logged: " + last_words();
  findings.fail("", seen);
}

void check_complete(Subject& subject, const Findings& findings) {
  if (!subject.load()) return;
  for (const std::string& note : subject.declaration().notes) findings.warn("", note);
  for (const auto& component : subject.components()) {
    for (const std::string& note : component->notes) findings.warn(kind_and_id(*component), note);
  }
}

constexpr std::array kRules = {
    Rule{.id = "descriptions.loads",
         .asks = "The file is taken as a server takes it: library, manifest, entry, descriptions, "
                 "init.",
         .remedy = "change what the sentence names; docs/reference/bourse.h tells the rule",
         .applies = kToPlugin,
         .check = check_loads},
    Rule{.id = "descriptions.known",
         .asks = "Nothing of what it declares is left out because this host does not know it.",
         .remedy = "use a newer host, or set BOURSE_TARGET_MINOR to the minor that it needs",
         .applies = kToPlugin,
         .check = check_complete,
         .after = "descriptions.loads"},
};

}  // namespace

Rules description_rules() { return kRules; }

}  // namespace bourse::host::validate
