// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/settings.hpp"

#include <chrono>
#include <system_error>
#include <utility>

namespace bourse::binance {
namespace {

[[noreturn]] void refuse(const Error& error, const char* setting) {
  std::string text = error.message;
  if (!error.advice.empty()) text += " " + error.advice;
  throw bourse::Error(BOURSE_UNPROCESSABLE, "bad_setting", std::move(text)).blame(setting);
}

[[noreturn]] void refuse(std::string text, const char* setting) {
  throw bourse::Error(BOURSE_UNPROCESSABLE, "bad_setting", std::move(text)).blame(setting);
}

/// "" when not given: "${NAME:-}" in the configuration leaves an empty text.
std::string text_of(const Values& values, const char* name) {
  return values.given(name) ? std::string(values.text(name)) : std::string();
}

Credentials taken(Result<Credentials> credentials, const char* setting) {
  if (!credentials) refuse(credentials.error(), setting);
  return *std::move(credentials);
}

std::optional<Credentials> read_credentials(const Values& values) {
  std::string api_key = text_of(values, "api_key");
  Secret secret(values.given("api_secret") ? values.text("api_secret") : "");
  const std::string pem_file = text_of(values, "private_key_file");
  const std::string key_file = text_of(values, "key_file");
  if (!key_file.empty()) {
    if (!api_key.empty() || !secret.empty() || !pem_file.empty()) {
      wipe(api_key);
      refuse("Both a key_file and other parts of a key are given: leave out one or the other.",
             "key_file");
    }
    return taken(Credentials::from_file(key_file), "key_file");
  }
  if (api_key.empty() && secret.empty() && pem_file.empty()) return std::nullopt;
  const Secret key = Secret::take(api_key);
  if (key.empty()) {
    refuse("There is something that signs, but no API key: say api_key.", "api_key");
  }
  if (secret.empty() == pem_file.empty()) {
    refuse(secret.empty()
               ? "There is an API key, but nothing that signs for it: say api_secret, or "
                 "private_key_file for an Ed25519 or RSA key."
               : "Both api_secret and private_key_file are given: an API key has one.",
           "api_secret");
  }
  if (!pem_file.empty()) {
    auto pem = read_private_key(pem_file);
    if (!pem) refuse(pem.error(), "private_key_file");
    return taken(Credentials::make(key.reveal(), *std::move(pem)), "private_key_file");
  }
  return taken(Credentials::make(key.reveal(), std::move(secret)), "api_secret");
}

void check_fit(const ExchangeOptions& options, bool has_key, bool live_keys) {
  const bool custom = !options.base_url.empty();
  if (custom) {
    if (auto url = parse_loopback(options.base_url); !url) refuse(url.error(), "base_url");
  }
  if (!has_key || custom) return;
  if (options.site == Site::kData) {
    refuse(
        "The site for public data takes no key: leave the key out, or set site to testnet or "
        "live.",
        "site");
  }
  if (options.site == Site::kLive && !live_keys) {
    refuse(
        "There is a key for the live exchange, and live_keys is not true: signed calls would "
        "all be refused. Say live_keys: true if you mean it, or leave the key out.",
        "live_keys");
  }
}

}  // namespace

namespace {

/// Of a server for tests: beside its REST side.
StreamOptions read_streams(const Values& values, const ExchangeOptions& exchange) {
  StreamOptions options;
  options.enabled = values.text("streams") != "off";
  options.origin = stream_origin_of(exchange.site);
  if (const std::string url = text_of(values, "stream_url"); !url.empty()) {
    auto origin = parse_stream_url(url);
    if (!origin) refuse(origin.error(), "stream_url");
    options.origin = *std::move(origin);
  } else if (!exchange.base_url.empty()) {
    options.origin = *parse_loopback(exchange.base_url);
  }
  // Play money is not traded every second.
  if (exchange.site == Site::kTestnet && exchange.base_url.empty()) {
    options.feed.suspect_after = std::chrono::seconds(30);
    options.feed.replace_after = std::chrono::seconds(60);
  }
  return options;
}

}  // namespace

std::string default_block_file(Site site, const Variables& variable) {
  const std::string name = "binance-" + std::string(name_of(site)) + ".block";
  // systemd gives a list when there are several.
  const std::string given = variable("STATE_DIRECTORY");
  if (const std::string folder = given.substr(0, given.find(':')); !folder.empty()) {
    return folder + "/" + name;
  }
  if (const std::string folder = variable("XDG_STATE_HOME"); !folder.empty()) {
    return folder + "/bourse/" + name;
  }
  if (const std::string home = variable("HOME"); !home.empty()) {
    return home + "/.local/state/bourse/" + name;
  }
  return {};
}

void make_folder_of(const std::string& file) noexcept {
  try {
    std::error_code error;
    const auto folder = std::filesystem::path(file).parent_path();
    if (folder.empty() || !std::filesystem::create_directories(folder, error)) return;
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  } catch (...) {  // no memory: then no folder
  }
}

Settings read_settings(const Values& values, const Variables& variable) {
  Settings settings;
  ExchangeOptions& options = settings.exchange;
  auto site = parse_site(values.text("site"));
  if (!site) refuse(site.error(), "site");
  options.site = *site;
  options.base_url = text_of(values, "base_url");
  options.rate.reserve = values.real("reserve");
  options.connections_max = static_cast<std::size_t>(values.integer("connections"));
  options.answer_megabytes_max = static_cast<std::size_t>(values.integer("answer_memory"));
  options.authorities = text_of(values, "authorities");
  options.block_file = text_of(values, "block_file");
  // A server for tests is a new one each time: what it said before does not count.
  if (options.block_file.empty() && options.base_url.empty()) {
    options.block_file = default_block_file(options.site, variable);
  }
  if (options.block_file == "none") options.block_file.clear();

  settings.credentials = read_credentials(values);
  const bool live_keys = values.boolean("live_keys");
  check_fit(options, settings.credentials.has_value(), live_keys);
  if (settings.credentials && live_keys) settings.credentials->allow_live();

  settings.market.streams = read_streams(values, options);

  const auto fresh = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(values.real("fresh")));
  settings.market.fresh = fresh;
  settings.market.candles.fresh = fresh;
  settings.market.candles.bytes_max = static_cast<std::size_t>(values.integer("candle_cache"))
                                      << 20U;
  return settings;
}

}  // namespace bourse::binance
