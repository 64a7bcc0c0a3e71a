// SPDX-License-Identifier: MIT
//
// Listening sockets that whoever started the process passed to it: socket activation, by the
// protocol of sd_listen_fds_with_names(3). They are the descriptors from 3 on, LISTEN_FDS of them;
// LISTEN_PID must be this process, and LISTEN_FDNAMES names them, if it is there. Several may have
// one name: a socket unit gives its name to all of its sockets.
#pragma once

#include <string>
#include <vector>

#include "host/base/listen_address.hpp"
#include "host/base/result.hpp"
#include "host/http/descriptor.hpp"

namespace bourse::host {

class PassedSockets {
 public:
  /// Takes what was passed: no process started from here gets any of it, and the variables are
  /// gone. What was meant for another process counts as nothing. Failure: the variables make no
  /// sense. REQUIRES: no other thread was made; once in a process.
  [[nodiscard]] static Result<PassedSockets> take();

  /// As if one more had been passed; for tests.
  void add(std::string name, Descriptor descriptor);

  /// Hands out all of that name, at least one. Without names the first who claims gets all. They
  /// may be anything that is a descriptor. Failure: a sentence that says what was passed instead.
  [[nodiscard]] Result<std::vector<Descriptor>> claim(const std::string& name);
  /// What none of these will claim, by name: nobody would ever answer there.
  [[nodiscard]] std::vector<std::string> unwanted(const std::vector<ListenAddress>& by) const;

 private:
  struct Passed {
    std::string name;
    Descriptor descriptor;
  };
  [[nodiscard]] std::string what_was_passed() const;

  std::vector<Passed> sockets_;
  bool named_ = true;
  std::string unnamed_claimed_by_;
  std::string why_none_ = "LISTEN_FDS is not set";
};

}  // namespace bourse::host
