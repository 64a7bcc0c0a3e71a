// SPDX-License-Identifier: MIT
#include "tests/exchange/fixture.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <rapidjson/document.h>
#include <zlib.h>

#include <algorithm>
#include <array>

namespace bourse::fake_exchange::test {
namespace {

bool is_decimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.-") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

std::string shape_of(const rapidjson::Value& value);

std::string shape_of_text(std::string_view text) {
  if (!is_decimal(text)) return "text";
  const std::size_t point = text.find('.');
  return "d" + std::to_string(point == std::string_view::npos ? 0 : text.size() - point - 1);
}

std::string shape_of_object(const rapidjson::Value& value) {
  std::string out = "{";
  for (const auto& member : value.GetObject()) {
    const std::string name = member.name.GetString();
    const bool keep = (name.ends_with("Type") || name == "interval") && member.value.IsString();
    if (out.size() > 1) out += ' ';
    out += name + ":" + (keep ? member.value.GetString() : shape_of(member.value));
  }
  return out + "}";
}

std::string shape_of_array(const rapidjson::Value& value) {
  std::string out, last;
  for (const auto& item : value.GetArray()) {
    std::string next = shape_of(item);
    // A record has its fields in places, so repeated types count there.
    if (next == last && !item.IsString() && !item.IsNumber()) continue;
    if (!out.empty()) out += ' ';
    out += next;
    last = std::move(next);
  }
  return "[" + out + "]";
}

std::string shape_of(const rapidjson::Value& value) {
  if (value.IsObject()) return shape_of_object(value);
  if (value.IsArray()) return shape_of_array(value);
  if (value.IsString()) return shape_of_text({value.GetString(), value.GetStringLength()});
  if (value.IsBool()) return "bool";
  if (value.IsInt64()) {
    const std::size_t digits = std::to_string(value.GetInt64()).size();
    return digits == 13 ? "ms" : digits == 16 ? "us" : "i";
  }
  return value.IsNull() ? "null" : "floating";
}

void collect(const rapidjson::Value& value, std::string_view path, std::vector<std::string>& out) {
  if (path.empty()) {
    out.push_back(value.IsString()  ? value.GetString()
                  : value.IsInt64() ? std::to_string(value.GetInt64())
                  : value.IsBool()  ? (value.GetBool() ? "true" : "false")
                                    : shape_of(value));
    return;
  }
  const std::size_t dot = path.find('.');
  const std::string step(path.substr(0, dot));
  const std::string_view rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  if (value.IsObject() && value.HasMember(step.c_str())) {
    collect(value[step.c_str()], rest, out);
  } else if (value.IsArray() && step == "*") {
    for (const auto& item : value.GetArray()) collect(item, rest, out);
  } else if (value.IsArray() && std::stoul(step) < value.Size()) {
    collect(value[static_cast<rapidjson::SizeType>(std::stoul(step))], rest, out);
  }
}

rapidjson::Document parsed(std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError()) {
    ADD_FAILURE() << "not JSON: " << json.substr(0, 200);
    document.SetNull();
  }
  return document;
}

}  // namespace

std::string wire(const Ask& ask) {
  std::string out = ask.method + " " + ask.target + " HTTP/1.1\r\nHost: fake\r\n";
  for (const auto& [name, value] : ask.headers) out += name + ": " + value + "\r\n";
  if (!ask.body.empty()) {
    out += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
           std::to_string(ask.body.size()) + "\r\n";
  }
  return out + "\r\n" + ask.body;
}

Answer ask(const Exchange& exchange, const Ask& request) {
  Client client(exchange.port());
  client.send(wire(request));
  auto answer = client.read();
  if (!answer) {
    ADD_FAILURE() << "no answer to " << request.target;
    return {};
  }
  return *answer;
}

Answer get(const Exchange& exchange, const std::string& target, const Headers& headers) {
  return ask(exchange, {.target = target, .headers = headers});
}

Answer post(const Exchange& exchange, const std::string& target) {
  return ask(exchange, {.method = "POST", .target = target});
}

std::string told(const Answer& answer) { return std::to_string(answer.status) + " " + answer.body; }

std::string hmac(std::string_view secret, std::string_view payload) {
  std::array<unsigned char, 32> digest{};
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(payload.data()), payload.size(), digest.data(),
       nullptr);
  std::string out;
  for (const unsigned char byte : digest) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

Headers key_header(const std::string& key) { return {{"X-MBX-APIKEY", key}}; }

Answer signed_get(const Exchange& exchange, const std::string& path, std::string parameters,
                  std::int64_t timestamp) {
  if (!parameters.empty()) parameters += '&';
  parameters += "timestamp=" + std::to_string(timestamp);
  const std::string signature = hmac(kExampleSecret, parameters);
  return get(exchange, path + "?" + parameters + "&signature=" + signature, key_header());
}

Answer signed_post(const Exchange& exchange, const std::string& path, const std::string& query,
                   const std::string& body) {
  const std::string signature = hmac(kExampleSecret, query + body);
  return ask(exchange, {.method = "POST",
                        .target = query.empty() ? path : path + "?" + query,
                        .body = body + (body.empty() ? "" : "&") + "signature=" + signature,
                        .headers = key_header()});
}

std::string shape(std::string_view json) { return shape_of(parsed(json)); }

std::vector<std::string> values(std::string_view json, std::string_view path) {
  std::vector<std::string> out;
  collect(parsed(json), path, out);
  return out;
}

std::string value(std::string_view json, std::string_view path) {
  const std::vector<std::string> found = values(json, path);
  return found.empty() ? "(nothing at " + std::string(path) + ")" : found.front();
}

std::optional<std::string> gunzipped(std::string_view bytes) {
  constexpr int kGzip = 16 + MAX_WBITS;
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 65'536> room;
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(room.data(), room.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) return std::nullopt;
  return out;
}

}  // namespace bourse::fake_exchange::test
