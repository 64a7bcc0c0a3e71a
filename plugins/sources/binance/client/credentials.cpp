// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/credentials.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "plugins/sources/binance/client/descriptor.hpp"

namespace bourse::binance {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024;
constexpr std::size_t kApiKeyBytesMax = 256;

Error refused(std::string message, std::string advice) {
  return {.kind = ErrorKind::kAuthentication,
          .message = std::move(message),
          .advice = std::move(advice)};
}

std::string system_text(int error) { return std::generic_category().message(error); }

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

Status check_private(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return refused("Key file " + path + " is not a regular file.", "Name a file.");
  }
  if ((status.st_mode & 077U) != 0) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
    return refused("Key file " + path + " is open to others (mode " + mode.data() + ").",
                   "Make it private with `chmod 600 " + path +
                       "`, and replace the key if others may have read it.");
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return refused("Key file " + path + " belongs to user " + std::to_string(status.st_uid) +
                       ", not to the user who runs this program (" + std::to_string(::geteuid()) +
                       ").",
                   "Change its owner with chown.");
  }
  if (status.st_size > static_cast<off_t>(kFileBytesMax)) {
    return refused("Key file " + path + " has more than 16 KiB.",
                   "It should hold an API key and a secret, nothing else.");
  }
  return Done{};
}

struct KeyFile {
  std::string_view api_key;
  std::string_view secret;
};

/// Views into `text`.
Result<KeyFile> parse_key_file(const std::string& path, std::string_view text) {
  KeyFile found;
  int number = 0;
  while (!text.empty()) {
    if (text.substr(0, 11) == "-----BEGIN ") {  // the rest is PEM
      found.secret = text;
      break;
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    const std::string_view name = trimmed(line.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? "" : trimmed(line.substr(equals + 1));
    if (name == "api_key" && !value.empty()) {
      found.api_key = value;
    } else if (name == "secret" && !value.empty()) {
      found.secret = value;
    } else {  // the line itself may be a secret: it is not shown
      return refused("Key file " + path + ", line " + std::to_string(number) +
                         ", is neither api_key=..., secret=... nor the start of a PEM block.",
                     "Write two lines, api_key=... and secret=...");
    }
  }
  if (found.api_key.empty() || found.secret.empty()) {
    return refused("Key file " + path + " has no " +
                       (found.api_key.empty() ? "api_key" : "secret or PEM block") + ".",
                   "Write two lines, api_key=... and secret=...");
  }
  return found;
}

}  // namespace

Variables process_variables() {
  return [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  };
}

Result<Secret> read_private_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    return refused("Key file " + path + " cannot be opened: " + system_text(errno) + ".",
                   "Name a file that exists and that you own.");
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return refused("Key file " + path + " cannot be examined: " + system_text(errno) + ".", "");
  }
  if (auto checked = check_private(path, status); !checked) return std::move(checked).error();
  std::string text(kFileBytesMax, '\0');  // full size at once: growing would leave copies
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  Secret secret{std::string_view(text).substr(0, size)};
  wipe(text);
  return secret;
}

Result<Secret> read_private_key(const std::string& path) {
  auto content = read_private_file(path);
  if (!content) return content;
  const std::string_view text = content->reveal();
  if (text.find("PRIVATE KEY-----") != std::string_view::npos) return content;
  const bool other = text.find("-----BEGIN ") != std::string_view::npos;
  return refused("Key file " + path +
                     (trimmed(text).empty() ? " is empty."
                      : other               ? " has a PEM block, but none of a private key."
                                            : " holds no private key."),
                 other ? "A public key or a certificate will not do: name the file that was made "
                         "with it, which begins with -----BEGIN PRIVATE KEY-----."
                       : "It must be a PEM file with -----BEGIN PRIVATE KEY-----; a secret of an "
                         "HMAC key is no file of this kind.");
}

Result<Credentials> Credentials::make(std::string_view api_key, Secret secret) {
  const std::string_view key = trimmed(api_key);
  const auto graphic = [](char c) { return c > ' ' && c < 0x7F; };
  if (key.empty() || key.size() > kApiKeyBytesMax ||
      !std::all_of(key.begin(), key.end(), graphic)) {
    return refused(key.empty() ? "The API key is empty."
                               : "The API key contains blanks, line breaks or non-ASCII "
                                 "characters, or is too long.",
                   "Copy it again from the exchange's page of API keys.");
  }
  if (key == trimmed(secret.reveal())) {
    return refused("The API key and the secret are the same.",
                   "The exchange shows both when a key is created; set each in its place.");
  }
  auto signer = make_signer(secret.reveal().find("-----BEGIN ") == std::string_view::npos
                                ? Secret(trimmed(secret.reveal()))
                                : std::move(secret));
  if (!signer) return std::move(signer).error();
  return Credentials(Secret(key), *std::move(signer));
}

Result<Credentials> Credentials::from_file(const std::string& path) {
  auto content = read_private_file(path);
  if (!content) return std::move(content).error();
  const auto found = parse_key_file(path, content->reveal());
  if (!found) return found.error();
  return make(found->api_key, Secret(found->secret));
}

Result<Credentials> Credentials::from_environment(const Variables& variable) {
  if (const std::string path = variable("BINANCE_KEY_FILE"); !path.empty()) return from_file(path);
  std::string key_text = variable("BINANCE_API_KEY");
  const Secret api_key = Secret::take(key_text);
  if (api_key.empty()) {
    return refused("No API key is set.",
                   "Set BINANCE_KEY_FILE to a private file, or BINANCE_API_KEY and "
                   "BINANCE_API_SECRET.");
  }
  if (const std::string path = variable("BINANCE_PRIVATE_KEY_FILE"); !path.empty()) {
    auto pem = read_private_key(path);
    if (!pem) return std::move(pem).error();
    return make(api_key.reveal(), *std::move(pem));
  }
  std::string secret_text = variable("BINANCE_API_SECRET");
  Secret secret = Secret::take(secret_text);
  if (secret.empty()) {
    return refused("BINANCE_API_KEY is set, but no secret.",
                   "Set BINANCE_API_SECRET, or BINANCE_PRIVATE_KEY_FILE for a private key.");
  }
  return make(api_key.reveal(), std::move(secret));
}

}  // namespace bourse::binance
