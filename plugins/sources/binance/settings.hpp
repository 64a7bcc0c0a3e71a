// SPDX-License-Identifier: MIT
//
// The source's part of the configuration: what it may say, and what follows from it.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>

#include "bourse/plugin.hpp"
#include "plugins/sources/binance/client/credentials.hpp"
#include "plugins/sources/binance/client/exchange.hpp"
#include "plugins/sources/binance/market.hpp"

namespace bourse::binance {

inline constexpr const char* kSites[] = {"data", "testnet", "live", nullptr};

inline constexpr const char* kStreamChoices[] = {"auto", "off", nullptr};

inline constexpr std::array kConfig{
    Param("site", BOURSE_TYPE_TEXT,
          "data: the live market's public data, no key. testnet: play money and keys of its own. "
          "live: the live exchange itself.")
        .with_default("data")
        .one_of(kSites),
    Param("live_keys", BOURSE_TYPE_BOOL,
          "Whether signed calls may go to the live exchange: say true, and it is real money that "
          "the key stands for.")
        .with_default("false"),
    Param("api_key", BOURSE_TYPE_TEXT, "API key, as \"${BINANCE_API_KEY}\"; empty: none.")
        .bounds("0", "4096")
        .secret(),
    Param("api_secret", BOURSE_TYPE_TEXT,
          "What signs for it, of an HMAC key: \"${BINANCE_API_SECRET}\"; empty: none.")
        .bounds("0", "16384")
        .secret(),
    Param("private_key_file", BOURSE_TYPE_TEXT,
          "What signs for it, of an Ed25519 or RSA key: a PEM file that only its owner can read.")
        .bounds("0", "4096"),
    Param(
        "key_file", BOURSE_TYPE_TEXT,
        "Instead of the three above: a file that only its owner can read, with a line api_key=... "
        "and a line secret=... or a PEM block.")
        .bounds("0", "4096"),
    Param("reserve", BOURSE_TYPE_F64,
          "Part of every rate limit that is left to other programs on this IP address.")
        .with_default("0.1")
        .bounds("0", "0.9"),
    Param("connections", BOURSE_TYPE_I64, "Connections to the exchange at most.")
        .with_default("12")
        .bounds("1", "64"),
    Param("answer_memory", BOURSE_TYPE_I64,
          "Memory for answers of the exchange that are received and read at the same time, all of "
          "them together.")
        .in("MB")
        .with_default("128")
        .bounds("8", "65536"),
    Param("candle_cache", BOURSE_TYPE_I64, "Memory for closed candles; 0: none are kept.")
        .in("MB")
        .with_default("64")
        .bounds("0", "65536"),
    Param("fresh", BOURSE_TYPE_F64,
          "An answer that may change is used again for so long; 0: never.")
        .in("s")
        .with_default("1")
        .bounds("0", "60"),
    Param("block_file", BOURSE_TYPE_TEXT,
          "Remembers across restarts when the exchange has banned this IP address; \"none\": "
          "nothing does. Without it, a file in $STATE_DIRECTORY, or in bourse/ of $XDG_STATE_HOME "
          "or of ~/.local/state.")
        .bounds("1", "4096"),
    Param("authorities", BOURSE_TYPE_TEXT,
          "PEM file of authorities to trust besides the system's, such as a company proxy's.")
        .bounds("0", "4096"),
    Param("streams", BOURSE_TYPE_TEXT,
          "auto: while somebody watches an answer, the exchange's streams tell of changes and "
          "answer without request weight. off: nothing is watched, and questions are asked again.")
        .with_default("auto")
        .one_of(kStreamChoices),
    Param("stream_url", BOURSE_TYPE_TEXT,
          "Where the streams are, when not at the site's own place: wss://HOST:PORT, or ws:// of a "
          "server on this machine.")
        .bounds("0", "300"),
    Param("base_url", BOURSE_TYPE_TEXT,
          "For tests: a server on this machine in place of the site, as http://127.0.0.1:8081.")
        .bounds("0", "200")};

struct Settings {
  ExchangeOptions exchange;
  std::optional<Credentials> credentials;
  MarketOptions market;
};

/// Reads the key and checks that all of it fits together; sends nothing and writes nothing. Throws
/// bourse::Error that names the setting.
Settings read_settings(const Values& values, const Variables& variable = process_variables());

/// Where bans are remembered when the configuration does not say; "": nowhere.
std::string default_block_file(Site site, const Variables& variable);

/// Makes the file's folder, for its owner only. Best effort: without it a ban lasts as long as the
/// process remembers.
void make_folder_of(const std::string& file) noexcept;

}  // namespace bourse::binance
