// SPDX-License-Identifier: MIT
//
// What a client says on a stream connection, {"method":"SUBSCRIBE","params":["btcusdt@trade"],
// "id":1}, and the words in which the exchange answers. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::fake_exchange {

struct StreamCommand {
  enum class Method { kSubscribe, kUnsubscribe, kList, kSetProperty, kGetProperty };
  Method method = Method::kList;
  std::vector<std::string> names = {};  ///< of kSubscribe and kUnsubscribe
  bool combined = false;                ///< of kSetProperty
  std::string id = "null";              ///< JSON, as it was sent
};

/// Codes: 0 unknown property, 1 wrong type of a value, 2 invalid request, 3 no JSON.
struct StreamError {
  int code = 2;
  std::string text = {};
  std::string id = "null";  ///< of the message where it could be read
};

/// What was understood, or why it was not.
struct StreamMessage {
  std::optional<StreamCommand> command;
  StreamError error = {};
};

[[nodiscard]] StreamMessage read_stream_message(std::string_view text);

/// {"result":null,"id":1}; `result` is JSON.
[[nodiscard]] std::string stream_answer(std::string_view result, std::string_view id);
/// {"code":2,"msg":"Invalid request: ...","id":1}; `wrapped`:
/// {"error":{"code":..,"msg":..},"id":1}.
[[nodiscard]] std::string stream_answer(const StreamError& error, bool wrapped);

}  // namespace bourse::fake_exchange
