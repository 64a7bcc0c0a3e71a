// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/feed.hpp"

#include <algorithm>
#include <utility>

namespace bourse::binance {
namespace {

using std::chrono::seconds;

/// A quiet stream is asked about after its patience times two to this power at most.
constexpr int kQuietMax = 5;
constexpr std::size_t kNamesBytesMax = 6000;

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

std::string percent_encoded(const std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '@' || c == '_' || c == '-' || c == '.' || c == '!';
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

}  // namespace

std::string_view name_of(Doubt doubt) noexcept {
  static constexpr std::array<std::string_view, kDoubts> kNames = {"cut", "silent", "odd",
                                                                   "not_live"};
  return kNames.at(static_cast<std::size_t>(doubt));
}

Feed::Feed(FeedOptions options, Dialler& dialler, DialPace& pace, Random& random, FeedSink& sink)
    : options_(std::move(options)), dialler_(dialler), pace_(pace), random_(random), sink_(sink) {}

// ---- what is wanted

bool Feed::want(const std::string& stream, Instant now) {
  const auto known = streams_.find(stream);
  if (known == streams_.end()) {
    const auto name = parse_stream(stream);
    if (!name || streams_.size() >= options_.streams_max) return false;
    Wanted& wanted = streams_[stream];
    wanted.kind = name->kind;
    wanted.symbol = name->symbol;
    wanted.by = 1;
    wanted.last_doubt = now;
    return true;
  }
  ++known->second.by;
  known->second.unwanted_since.reset();
  return true;
}

void Feed::unwant(const std::string& stream, Instant now) {
  const auto known = streams_.find(stream);
  if (known == streams_.end() || known->second.by == 0) return;
  if (--known->second.by == 0) known->second.unwanted_since = now;
}

void Feed::traded(const std::string& symbol, Instant now) { traded_[symbol] = now; }

void Feed::moved(const std::string& stream, Instant now) {
  if (const auto known = streams_.find(stream); known != streams_.end()) known->second.moved = now;
}

void Feed::replace(const std::string& stream, Instant now) {
  const auto known = streams_.find(stream);
  if (known == streams_.end()) return;
  const auto line = lines_.find(known->second.line);
  if (line == lines_.end() || line->second.state != Line::State::kOpen) return;
  line->second.rotate_at = std::min(line->second.rotate_at, now);
  doubt(stream, known->second, Doubt::kSilent, now);
}

void Feed::drop_unwanted(Instant now) {
  for (auto entry = streams_.begin(); entry != streams_.end();) {
    const auto& since = entry->second.unwanted_since;
    if (!since || now - *since < options_.linger) {
      ++entry;
      continue;
    }
    for (auto& [number, line] : lines_) remove(line, entry->first);
    sink_.doubted(entry->first, Doubt::kCut);  // what is known of it grows old from now on
    entry = streams_.erase(entry);
  }
  if (streams_.empty()) say_goodbye(now);
}

void Feed::say_goodbye(Instant now) {
  traded_.clear();
  std::erase_if(lines_,
                [](const auto& entry) { return entry.second.state == Line::State::kDialling; });
  for (auto& [number, line] : lines_) close(line, now);
}

void Feed::close(Line& line, Instant now) {
  if (line.state == Line::State::kClosing) return;
  line.state = Line::State::kClosing;
  line.closing = now;
  line.successor = line.predecessor = 0;
  line.socket->close();
}

std::uint64_t Feed::line_with_room() const {
  for (const auto& [number, line] : lines_) {
    const bool takes = line.state != Line::State::kClosing && line.successor == 0;
    if (takes && line.subs.size() < options_.streams_per_connection) return number;
  }
  return 0;
}

void Feed::assign(Instant now) {
  for (auto& [stream, wanted] : streams_) {
    if (wanted.line != 0) continue;
    std::uint64_t number = line_with_room();
    if (number == 0 && dial(now, 0)) number = last_line_;
    if (number == 0) return;  // as soon as a connection may be made
    // A successor serves it once it has taken over what was there before.
    wanted.line = number;
    wanted.checked = now;
    add(lines_.at(number), stream);
  }
}

void Feed::add(Line& line, const std::string& stream) {
  std::erase(line.to_unsubscribe, stream);
  if (line.subs.contains(stream)) return;
  line.subs.emplace(stream, Sub{});
  line.to_subscribe.push_back(stream);
}

void Feed::remove(Line& line, const std::string& stream) {
  const auto sub = line.subs.find(stream);
  if (sub == line.subs.end()) return;
  std::erase(line.to_subscribe, stream);
  // The canary stays.
  if (sub->second.state != Sub::State::kQueued && stream != options_.canary) {
    line.to_unsubscribe.push_back(stream);
  }
  line.subs.erase(sub);
}

// ---- connections

bool Feed::dial(Instant now, std::uint64_t predecessor) {
  if (!backoff_.may_try(now) || !pace_.take(now)) return false;
  const std::uint64_t number = ++last_line_;
  Line& line = lines_[number];
  line.begun = now;
  line.predecessor = predecessor;
  ++state_.dialled;
  line.socket = dialler_.dial(number, "/stream?streams=" + percent_encoded(options_.canary));
  return true;
}

void Feed::opened(std::uint64_t connection, Instant now) {
  const auto found = lines_.find(connection);
  if (found == lines_.end()) return;
  Line& line = found->second;
  ++state_.opened;
  line.state = Line::State::kOpen;
  line.opened = now;
  line.last_data = now;
  const auto spread =
      std::chrono::duration_cast<Instant::duration>(options_.life_spread * random_.unit());
  line.rotate_at = now + options_.life - spread;
  if (const auto canary = line.subs.find(options_.canary); canary != line.subs.end()) {
    canary->second = {.state = Sub::State::kDone, .since = now, .has_delivered = false};
    std::erase(line.to_subscribe, options_.canary);
  }
  flush(line, now);
}

std::size_t Feed::carried_by(std::uint64_t line) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      streams_, [&](const auto& entry) { return entry.second.line == line; }));
}

void Feed::ended(std::uint64_t connection, const Error& why, Instant now) {
  const auto found = lines_.find(connection);
  if (found == lines_.end()) return;
  const Line& line = found->second;
  const bool was_closing = line.state == Line::State::kClosing;
  const bool was_open = line.state == Line::State::kOpen;
  const bool had_delivered = line.has_delivered;
  const std::uint64_t successor = line.successor, predecessor = line.predecessor;
  const std::size_t carried = carried_by(connection);
  lines_.erase(found);
  if (was_closing) return;
  if (!had_delivered) backoff_.failed(now, random_.unit());
  if (is_shut_out(why.kind)) {
    stay_away(why, now);
    sink_.shut_out(why);
  }
  ++(was_open ? state_.cuts : state_.refusals);
  state_.problem = why.message;
  sink_.news({.what = was_open ? FeedNews::What::kCut : FeedNews::What::kRefused,
              .connection = connection,
              .streams = carried,
              .reason = why.message});
  if (const auto old = lines_.find(predecessor); old != lines_.end()) old->second.successor = 0;
  const auto next = lines_.find(successor);
  if (next != lines_.end()) next->second.predecessor = 0;
  // What a successor has begun to carry, it carries on.
  for (auto& [stream, wanted] : streams_) {
    if (wanted.line != connection) continue;
    wanted.line = next != lines_.end() ? successor : 0;
    wanted.checked = now;
    wanted.is_asked_about = false;
    doubt(stream, wanted, Doubt::kCut, now);
  }
}

void Feed::stay_away(const Error& error, Instant now) {
  backoff_.stay_away(now + error.retry_after.value_or(std::chrono::minutes(1)));
}

void Feed::cut(std::uint64_t number, const std::string& reason, Instant now) {
  Error why{.kind = ErrorKind::kNetwork, .message = reason};
  ended(number, why, now);  // the socket goes with the line, and tells nothing any more
}

void Feed::tick(Instant now) {
  drop_unwanted(now);
  watch_lines(now);
  assign(now);
  watch_streams(now);
  for (auto& [number, line] : lines_) flush(line, now);
  remind(now);
}

void Feed::watch_lines(Instant now) {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, line] : lines_) numbers.push_back(number);
  for (const std::uint64_t number : numbers) {
    const auto found = lines_.find(number);
    if (found == lines_.end()) continue;
    Line& line = found->second;
    if (line.state == Line::State::kClosing) {
      if (now - line.closing >= options_.goodbye_patience) lines_.erase(found);
      continue;
    }
    if (line.state == Line::State::kDialling) continue;  // its own time-outs end that
    if (const std::string trouble = trouble_of(line, now); !trouble.empty()) {
      cut(number, trouble, now);
      continue;
    }
    const bool is_suspect = now - line.last_data >= options_.suspect_after;
    if (is_suspect && !line.is_suspect) doubt_all(number, Doubt::kSilent, now);
    line.is_suspect = is_suspect;
    rotate(number, now);
  }
}

std::string Feed::trouble_of(Line& line, Instant now) {
  if (now - line.last_data >= options_.replace_after) {
    return "No data came for " + std::to_string(options_.replace_after.count()) + " s.";
  }
  for (const auto& [id, command] : line.unanswered) {
    if (now - command.sent >= options_.answer_patience) return "A command was not answered.";
  }
  return {};
}

// ---- rotation

void Feed::rotate(std::uint64_t number, Instant now) {
  Line& line = lines_.at(number);
  if (line.successor != 0) {
    const Line& next = lines_.at(line.successor);
    if (has_taken_over(next, now)) {
      take_over(line.successor, now);
    } else if (now - next.begun >= options_.takeover) {
      cut(line.successor, "It did not take over in time.", now);
    }
    return;
  }
  if (line.predecessor != 0 || now < line.rotate_at || !dial(now, number)) return;
  line.successor = last_line_;
  Line& next = lines_.at(last_line_);
  for (const auto& [stream, sub] : line.subs) add(next, stream);
}

/// A stream that was agreed upon and is silent is a quiet one.
bool Feed::has_taken_over(const Line& line, Instant now) const {
  if (line.state != Line::State::kOpen || !line.has_delivered) return false;
  return std::ranges::all_of(line.subs, [&](const auto& entry) {
    const Sub& sub = entry.second;
    return sub.state == Sub::State::kDone &&
           (sub.has_delivered || now - sub.since >= options_.settle);
  });
}

void Feed::take_over(std::uint64_t number, Instant now) {
  Line& next = lines_.at(number);
  const std::uint64_t old_number = std::exchange(next.predecessor, 0);
  Line& old = lines_.at(old_number);
  for (auto& [stream, wanted] : streams_) {
    if (wanted.line == old_number) wanted.line = number;
  }
  ++state_.rotations;
  sink_.news(
      {.what = FeedNews::What::kRotated, .connection = number, .streams = carried_by(number)});
  close(old, now);
}

// ---- commands

std::vector<std::string> Feed::next_names(std::deque<std::string>& queue) {
  std::vector<std::string> names;
  std::size_t bytes = 0;
  while (!queue.empty() && names.size() < options_.names_per_command) {
    const auto known = streams_.find(queue.front());
    const bool is_alone = known != streams_.end() && known->second.is_alone;
    bytes += queue.front().size() + 3;
    if (!names.empty() && (is_alone || bytes > kNamesBytesMax)) break;
    names.push_back(std::move(queue.front()));
    queue.pop_front();
    if (is_alone) break;
  }
  return names;
}

void Feed::flush(Line& line, Instant now) {
  using What = Command::What;
  while (line.state == Line::State::kOpen && line.budget.has_room(now)) {
    if (!line.to_subscribe.empty()) {
      send(line, {.what = What::kSubscribe, .names = next_names(line.to_subscribe), .sent = now},
           now);
    } else if (line.wants_list) {
      line.wants_list = false;
      send(line, {.what = What::kList, .names = {}, .sent = now}, now);
    } else if (!line.to_unsubscribe.empty()) {
      send(line,
           {.what = What::kUnsubscribe, .names = next_names(line.to_unsubscribe), .sent = now},
           now);
    } else {
      return;
    }
  }
}

void Feed::send(Line& line, Command command, Instant now) {
  static constexpr std::array<std::string_view, 3> kMethods = {"SUBSCRIBE", "UNSUBSCRIBE",
                                                               "LIST_SUBSCRIPTIONS"};
  const std::int64_t id = ++last_command_;
  std::string text = "{\"method\":\"";
  text += kMethods.at(static_cast<std::size_t>(command.what));
  text += '"';
  if (command.what != Command::What::kList) {
    text += ",\"params\":[";
    for (const std::string& name : command.names) {
      if (text.back() != '[') text += ',';
      text += quoted(name);
    }
    text += ']';
  }
  text += ",\"id\":" + std::to_string(id) + "}";
  if (command.what == Command::What::kSubscribe) {
    for (const std::string& name : command.names) {
      const auto sub = line.subs.find(name);
      if (sub != line.subs.end()) sub->second.state = Sub::State::kSent;
    }
  }
  line.unanswered.emplace(id, std::move(command));
  line.budget.spend(now);
  line.socket->send(std::move(text));
}

// ---- what comes

void Feed::message(std::uint64_t connection, std::string_view text, Instant now) {
  const auto found = lines_.find(connection);
  if (found == lines_.end() || found->second.state == Line::State::kClosing) return;
  Line& line = found->second;
  ++state_.messages;
  const Envelope envelope = open_envelope(text);
  switch (envelope.kind) {
    case Envelope::Kind::kData:
      return data(connection, line, envelope, now);
    case Envelope::Kind::kDone:
      if (envelope.list) return listed(connection, line, envelope, now);
      return done(line, envelope, now);
    case Envelope::Kind::kRefused:
      return refused(connection, line, envelope, now);
    case Envelope::Kind::kShutdown:
      line.rotate_at = std::min(line.rotate_at, now);
      return rotate(connection, now);
    case Envelope::Kind::kUnreadable:
      ++state_.unreadable;
      doubt_all(connection, Doubt::kOdd, now);  // it may have been data of any of them
      return;
  }
}

void Feed::data(std::uint64_t number, Line& line, const Envelope& envelope, Instant now) {
  line.last_data = now;
  state_.last_data = now;
  if (!line.has_delivered) {
    line.has_delivered = true;
    backoff_.delivered();
    sink_.news(
        {.what = FeedNews::What::kConnected, .connection = number, .streams = line.subs.size()});
  }
  const auto sub = line.subs.find(envelope.stream);
  const auto found = streams_.find(envelope.stream);
  if (sub == line.subs.end() || found == streams_.end()) return;  // the canary; or unwanted by now
  sub->second.has_delivered = true;
  Wanted& wanted = found->second;
  wanted.last_data = now;
  wanted.quiet = 0;
  wanted.is_alone = wanted.is_listed = false;
  if (!sink_.heard(envelope.stream, envelope.data, number)) {
    ++state_.unreadable;
    doubt(envelope.stream, wanted, Doubt::kOdd, now);
  } else if (wanted.line == number) {
    wanted.is_live = true;
  }
}

void Feed::done(Line& line, const Envelope& envelope, Instant now) {
  const auto command = line.unanswered.find(envelope.id);
  if (command == line.unanswered.end()) return;
  if (command->second.what == Command::What::kSubscribe) {
    for (const std::string& name : command->second.names) {
      const auto sub = line.subs.find(name);
      if (sub == line.subs.end()) continue;
      sub->second.state = Sub::State::kDone;
      sub->second.since = now;
    }
  }
  line.unanswered.erase(command);
}

/// One wrong name may have spoilt it for all: each is asked for alone, and one that is refused
/// alone is left for as long as a silent stream is.
void Feed::refused(std::uint64_t number, Line& line, const Envelope& envelope, Instant now) {
  const auto found = line.unanswered.find(envelope.id);
  if (found == line.unanswered.end()) return;
  const Command command = std::move(found->second);
  line.unanswered.erase(found);
  if (command.what != Command::What::kSubscribe) return;
  for (const std::string& name : command.names) {
    const auto sub = line.subs.find(name);
    const auto known = streams_.find(name);
    if (sub == line.subs.end() || known == streams_.end()) continue;
    if (command.names.size() > 1) {
      known->second.is_alone = true;
      sub->second.state = Sub::State::kQueued;
      line.to_subscribe.push_back(name);
    } else {
      sub->second.state = Sub::State::kDone;
      sub->second.since = now;
      known->second.checked = now;
      sink_.news({.what = FeedNews::What::kNotCarried,
                  .connection = number,
                  .stream = name,
                  .reason = envelope.reason});
    }
  }
}

void Feed::listed(std::uint64_t number, Line& line, const Envelope& envelope, Instant now) {
  std::erase_if(line.unanswered, [&](const auto& entry) {
    return entry.first == envelope.id && entry.second.what == Command::What::kList;
  });
  const std::set<std::string_view> there(envelope.list->begin(), envelope.list->end());
  for (auto& [stream, wanted] : streams_) {
    if (wanted.line != number || !std::exchange(wanted.is_asked_about, false)) continue;
    const auto sub = line.subs.find(stream);
    if (sub == line.subs.end() || sub->second.state != Sub::State::kDone) continue;
    if (!there.contains(stream)) {
      ++state_.lost;
      sub->second = {};
      line.to_subscribe.push_back(stream);
      sink_.news({.what = wanted.quiet > 1 ? FeedNews::What::kNotCarried : FeedNews::What::kLost,
                  .connection = number,
                  .stream = stream,
                  .reason = "It is not among the streams that the exchange lists."});
      continue;
    }
    wanted.is_listed = true;
    replace_dead(number, line, stream, wanted, now);
  }
}

/// A stream that is silent, though it is listed and its market moves: now, or by what is seen of
/// the market later.
void Feed::replace_dead(std::uint64_t number, Line& line, const std::string& stream, Wanted& wanted,
                        Instant now) {
  const auto traded = traded_.find(wanted.symbol);
  const Instant moved =
      traded == traded_.end() ? wanted.moved : std::max(wanted.moved, traded->second);
  const Instant last = std::max(wanted.last_data, line.subs.at(stream).since);
  if (moved - last < patience_of(wanted.kind)) return;
  wanted.is_listed = false;
  sink_.news({.what = FeedNews::What::kSilent,
              .connection = number,
              .stream = stream,
              .reason = "Its market trades, and the exchange lists it."});
  line.rotate_at = std::min(line.rotate_at, now);
}

// ---- silence

void Feed::watch_streams(Instant now) {
  for (auto& [stream, wanted] : streams_) {
    const auto line = lines_.find(wanted.line);
    if (line == lines_.end()) continue;
    const auto sub = line->second.subs.find(stream);
    if (sub == line->second.subs.end() || sub->second.state != Sub::State::kDone) continue;
    if (wanted.is_listed) replace_dead(wanted.line, line->second, stream, wanted, now);
    const Instant since = std::max({wanted.last_data, sub->second.since, wanted.checked});
    const auto patience = patience_of(wanted.kind) * (1 << std::min(wanted.quiet, kQuietMax));
    if (now - since >= patience) question(stream, wanted, now);
  }
}

void Feed::question(const std::string& stream, Wanted& wanted, Instant now) {
  wanted.checked = now;
  ++wanted.quiet;
  wanted.is_asked_about = true;
  lines_.at(wanted.line).wants_list = true;
  doubt(stream, wanted, Doubt::kSilent, now);
}

void Feed::doubt(const std::string& stream, Wanted& wanted, Doubt why, Instant now) {
  wanted.is_live = false;
  wanted.last_doubt = now;
  ++state_.doubts.at(static_cast<std::size_t>(why));
  sink_.doubted(stream, why);
}

void Feed::doubt_all(std::uint64_t line, Doubt why, Instant now) {
  for (auto& [stream, wanted] : streams_) {
    if (wanted.line == line) doubt(stream, wanted, why, now);
  }
}

void Feed::remind(Instant now) {
  for (auto& [stream, wanted] : streams_) {
    if (wanted.is_live || wanted.by == 0 || now - wanted.last_doubt < options_.remind) continue;
    doubt(stream, wanted, Doubt::kNotLive, now);
  }
}

FeedState Feed::state() const {
  FeedState state = state_;
  state.connections = static_cast<std::size_t>(std::ranges::count_if(
      lines_, [](const auto& entry) { return entry.second.state != Line::State::kDialling; }));
  state.streams = streams_.size();
  state.live = static_cast<std::size_t>(
      std::ranges::count_if(streams_, [](const auto& entry) { return entry.second.is_live; }));
  return state;
}

}  // namespace bourse::binance
