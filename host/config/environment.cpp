// SPDX-License-Identifier: MIT
#include "host/config/environment.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kValueBytesMax = 65536;

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

class Expander {
 public:
  Expander(std::string_view text, const Environment& environment)
      : text_(text), environment_(environment) {}

  Expansion expand() && {
    std::size_t at = 0;
    while (at < text_.size()) {
      const std::size_t dollar = std::min(text_.find('$', at), text_.size());
      result_.text += text_.substr(at, dollar - at);
      at = dollar < text_.size() ? expand_dollar(dollar) : dollar;
    }
    return std::move(result_);
  }

 private:
  // Reads what starts at the dollar sign and returns where it ends.
  std::size_t expand_dollar(std::size_t at) {
    const std::string_view rest = text_.substr(at);
    if (rest.starts_with("$$")) {
      result_.text += '$';
      return at + 2;
    }
    if (!rest.starts_with("${")) {
      problem("bad_environment", "a \"$\" stands alone",
              "write \"$$\" for a dollar sign, ${NAME} for the environment", at, 1);
      return at + 1;
    }
    const std::size_t end = rest.find('}');
    if (end == rest.npos) {
      problem("bad_environment", "the \"${\" has no \"}\"", "write ${NAME}", at, rest.size());
      return text_.size();
    }
    expand_variable(rest.substr(2, end - 2), at, end + 1);
    return at + end + 1;
  }

  void expand_variable(std::string_view inside, std::size_t at, std::size_t bytes) {
    const std::size_t colon = inside.find(":-");
    const std::string name(inside.substr(0, colon));
    if (!is_variable_name(name)) {
      problem("bad_environment", in_quotes(name) + " is no name of a variable",
              "write ${NAME} or ${NAME:-default}; names are letters, digits and _", at, bytes);
      return;
    }
    std::optional<std::string> value = environment_(name);
    if (!value) {
      const std::optional<std::string> file = environment_(name + "_FILE");
      if (file && !file->empty()) {
        value = from_file(name, *file, at, bytes);
        if (!value) return;
      }
    }
    const bool with_default = colon != inside.npos;
    if (with_default && (!value || value->empty())) {
      result_.text += inside.substr(colon + 2);
    } else if (!value) {
      problem("missing_environment", "the environment has no variable " + in_quotes(name),
              "set it, or let " + name +
                  "_FILE name a file that holds the value, or give a "
                  "default: ${" +
                  name + ":-default}",
              at, bytes);
    } else {
      take(name, *value, at, bytes);
    }
  }

  static std::string remedy_for(const std::string& name, int error) {
    if (error == ENOENT || error == ENOTDIR) {
      return "make the file, or let " + name + "_FILE name one that is there";
    }
    if (error == EISDIR) return "let " + name + "_FILE name a file in that folder";
    return "let user " + std::to_string(geteuid()) + " read it";
  }

  static bool may_others_read(const std::string& path) {
    struct stat facts = {};
    return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
           (facts.st_mode & S_IROTH) != 0;
  }

  // The content without the line end that editors leave. Nothing, and a problem, when it cannot be
  // read: a default must not stand in for a key that was meant to be there.
  std::optional<std::string> from_file(const std::string& name, const std::string& path,
                                       std::size_t at, std::size_t bytes) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text(kValueBytesMax + 3, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !(file.eof() || file.good()) || !file.is_open()) {
      const int error = errno;
      problem("bad_environment",
              "the file of the variable " + in_quotes(name + "_FILE") + " cannot be read (" +
                  std::generic_category().message(error) + ")",
              remedy_for(name, error), at, bytes);
      return std::nullopt;
    }
    if (may_others_read(path)) result_.open_files.push_back({name + "_FILE", at, bytes});
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
  }

  void take(const std::string& name, const std::string& value, std::size_t at, std::size_t bytes) {
    if (value.size() > kValueBytesMax) {
      problem("bad_environment", "the variable " + in_quotes(name) + " is longer than 64 KiB", "",
              at, bytes);
    } else if (!is_utf8(value) || has_control(value)) {
      problem("bad_environment",
              "the variable " + in_quotes(name) + " holds control characters or is not UTF-8",
              "a line end behind the value is the usual cause", at, bytes);
    } else {
      result_.text += value;
      result_.from_environment = true;
    }
  }

  void problem(std::string code, std::string message, std::string hint, std::size_t offset,
               std::size_t bytes) {
    result_.problems.push_back(
        {std::move(code), std::move(message), std::move(hint), offset, bytes});
  }

  std::string_view text_;
  const Environment& environment_;
  Expansion result_;
};

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Expansion expand_environment(std::string_view text, const Environment& environment) {
  return Expander(text, environment).expand();
}

}  // namespace bourse::host
