// SPDX-License-Identifier: MIT
//
// Watched questions without plugins: what is told, to whom, after how many runs.
#include "host/live/live.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <thread>

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kPatience = 10s;

bool becomes(const std::function<bool()>& holds) {
  const auto end = steady_clock::now() + kPatience;
  while (!holds()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// Has a value, which is the answer, and tells when it changes. [any thread]
class World final : public LiveQuestion {
 public:
  explicit World(std::string value = "1") : value_(std::move(value)) {}

  void set(std::string value) {
    std::shared_ptr<ChangeMark> mark;
    {
      const std::lock_guard lock(mutex_);
      value_ = std::move(value);
      mark = mark_;
    }
    if (mark) mark->change();
  }
  void fail(std::string cause) {
    const std::lock_guard lock(mutex_);
    cause_ = std::move(cause);
  }
  /// Called in each run between reading and telling.
  void meanwhile(std::function<void()> act) {
    const std::lock_guard lock(mutex_);
    meanwhile_ = std::move(act);
  }
  [[nodiscard]] int runs() const { return runs_; }

  void answer(std::function<void(LiveAnswer)> done) override {
    ++runs_;
    LiveAnswer answer;
    std::function<void()> meanwhile;
    {
      const std::lock_guard lock(mutex_);
      if (!cause_.empty()) {
        answer.cause = cause_;
        answer.problem = R"({"status":503,"code":")" + cause_ + "\"}";
      } else {
        mark_ = std::make_shared<ChangeMark>();
        answer.mark = mark_;
        answer.rendition = std::make_shared<const Rendition>(Rendition::Parts{
            .bytes = value_ + "\n", .media_type = "application/json", .headers = {}});
      }
      meanwhile = std::exchange(meanwhile_, nullptr);
    }
    if (meanwhile) meanwhile();
    done(std::move(answer));
  }
  [[nodiscard]] Context context() const override { return {}; }
  [[nodiscard]] std::chrono::nanoseconds every() const noexcept override { return 20ms; }
  [[nodiscard]] bool is_sent_whole() const noexcept override { return true; }

 private:
  std::mutex mutex_;
  std::string value_;
  std::string cause_;
  std::shared_ptr<ChangeMark> mark_;
  std::function<void()> meanwhile_;
  std::atomic<int> runs_{0};
};

class Waker final : public BodyWaker {
 public:
  void wake() noexcept override { ++count; }
  std::atomic<int> count{0};
};

/// What one client reads, when it reads.
class Client {
 public:
  explicit Client(std::shared_ptr<BodyStream> stream) : stream_(std::move(stream)) {
    stream_->open(waker_);
  }
  /// All that there is now.
  std::string read() {
    std::string text;
    while (true) {
      const auto piece = stream_->next(steady_clock::now());
      if (piece.bytes) text += *piece.bytes;
      ended = ended || piece.last;
      if (!piece.bytes || piece.last) return text;
    }
  }
  /// Until that has come; then all that has.
  std::string read_until(const std::string& text) {
    std::string all;
    EXPECT_TRUE(becomes([&] { return (all += read()).find(text) != std::string::npos; })) << all;
    return all;
  }
  bool ended = false;

 private:
  std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
  std::shared_ptr<BodyStream> stream_;
};

class LiveTest : public testing::Test {
 protected:
  LiveTest() { reset({.streams_max = 1000, .streams_per_client_max = 1000}); }
  ~LiveTest() override {
    live_.reset();
    workers_.stop();
  }
  void reset(const Live::Options& options) {
    live_ = std::make_unique<Live>(options, answers_, workers_);
  }
  RoomPtr room(const std::string& name = "a") {
    return live_->room(name, this, [&] { return world_; });
  }
  Client watch(std::string known = {}, const std::string& client = "10.0.0.1",
               const std::string& name = "a") {
    std::vector<LiveStream::Seat> seats;
    seats.push_back({.room = room(name), .href = "/" + name, .known = std::move(known)});
    return Client(live_->open(std::move(seats), {.client = *Address::parse(client)}));
  }

  std::shared_ptr<World> world_ = std::make_shared<World>();
  Answers answers_{Answers::Options{}};
  Workers workers_{{.computing = 1, .threads = 2}};
  std::unique_ptr<Live> live_;
};

std::string etag_of(const std::string& text) {
  return '"' +
         Rendition({.bytes = text + "\n", .media_type = "application/json", .headers = {}})
             .version() +
         '"';
}

TEST_F(LiveTest, TheAnswerComesAndThenEachOtherOne) {
  Client client = watch();
  EXPECT_EQ(client.read_until("data: 1\n\n"),
            "retry: 2000\n\nid: " + etag_of("1") + "\nevent: report\ndata: 1\n\n");
  world_->set("2");
  EXPECT_EQ(client.read_until("data: 2"), "id: " + etag_of("2") + "\nevent: report\ndata: 2\n\n");
}

TEST_F(LiveTest, ManyWhoWatchCostOneRunAChange) {
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(watch());
  for (Client& client : clients) client.read_until("data: 1");
  EXPECT_EQ(world_->runs(), 1);
  world_->set("2");
  for (Client& client : clients) client.read_until("data: 2");
  EXPECT_EQ(world_->runs(), 2);
  EXPECT_EQ(live_->figures().questions, 1U);
  EXPECT_EQ(live_->figures().streams, 100U);
}

TEST_F(LiveTest, EqualBytesAreToldToNobody) {
  Client client = watch();
  client.read_until("data: 1");
  world_->set("1");
  ASSERT_TRUE(becomes([&] { return world_->runs() == 2; }));
  world_->set("3");
  EXPECT_EQ(client.read_until("data: 3").find("data: 1"), std::string::npos);
  EXPECT_EQ(live_->figures().changes, 2U);
}

TEST_F(LiveTest, WhoHasItAlreadyIsNotToldAgain) {
  Client client = watch(etag_of("1"));
  ASSERT_TRUE(becomes([&] { return live_->figures().changes == 1; }));
  EXPECT_EQ(client.read(), "retry: 2000\n\n");
  world_->set("2");
  client.read_until("data: 2");
  Client other = watch("\"unknown\"");
  EXPECT_NE(other.read().find("data: 2"), std::string::npos) << "one event, at once";
}

// The classic race: it changes after it was read and before it is told.
TEST_F(LiveTest, AChangeWhileItIsReadIsSeen) {
  world_->meanwhile([this] { world_->set("2"); });
  Client client = watch();
  client.read_until("data: 2");
  EXPECT_EQ(world_->runs(), 2);
}

TEST_F(LiveTest, ASlowReaderSkipsToTheNewest) {
  Client slow = watch();
  Client quick = watch();
  for (const char* value : {"2", "3", "4"}) {
    world_->set(value);
    quick.read_until("data: " + std::string(value));
  }
  const std::string all = slow.read();
  EXPECT_NE(all.find("data: 4"), std::string::npos);
  EXPECT_EQ(all.find("data: 2"), std::string::npos);
  EXPECT_EQ(all.find("data: 3"), std::string::npos);
}

TEST_F(LiveTest, AFailureIsToldOnceAndTheStreamGoesOn) {
  world_->fail("gone");
  Client client = watch();
  EXPECT_NE(client.read_until("event: failed")
                .find(R"(data: {"href":"/a","problem":{"status":503,"code":"gone"}})"),
            std::string::npos);
  ASSERT_TRUE(becomes([&] { return world_->runs() >= 2; })) << "tried again after a second";
  EXPECT_EQ(client.read(), "") << "and not told again";
  world_->fail("");
  client.read_until("data: 1");
}

TEST_F(LiveTest, TheEndOfAFailureIsToldThoughTheAnswerIsTheSame) {
  Client client = watch();
  client.read_until("data: 1");
  world_->fail("gone");
  world_->set("1");
  client.read_until("event: failed");
  world_->fail("");
  client.read_until("data: 1");
}

TEST_F(LiveTest, OneStreamTellsOfSeveralQuestionsByTheirAddresses) {
  std::vector<LiveStream::Seat> seats;
  seats.push_back({.room = room("a"), .href = "/a"});
  seats.push_back({.room = room("b"), .href = "/b"});
  Client client(live_->open(std::move(seats), {.is_shared = true, .prelude = "event: x\n\n"}));
  std::string all;
  ASSERT_TRUE(becomes([&] {
    all += client.read();
    return all.find("\"href\":\"/a\"}") != std::string::npos &&
           all.find("\"href\":\"/b\"}") != std::string::npos;
  })) << all;
  EXPECT_TRUE(all.starts_with("retry: 2000\n\nevent: x\n\nevent: answer\ndata: {\"etag\":"));
  EXPECT_EQ(all.find("id:"), std::string::npos);
}

TEST_F(LiveTest, TheOldestStreamOfOneAddressMakesRoomForTheSameQuestion) {
  reset({.streams_max = 1000, .streams_per_client_max = 2});
  Client first = watch();
  Client second = watch();
  Client third = watch();
  EXPECT_NE(first.read_until("event: bye").find("\"code\":\"replaced\""), std::string::npos);
  EXPECT_TRUE(first.ended);
  third.read_until("data: 1");
  EXPECT_FALSE(second.ended || third.ended);
  Client elsewhere = watch({}, "10.0.0.2");
  elsewhere.read_until("data: 1");
  Client refused = watch({}, "10.0.0.1", "another question");
  const std::string told = refused.read();
  EXPECT_NE(told.find("retry: 30000"), std::string::npos) << told;
  EXPECT_NE(told.find("streams-per-client"), std::string::npos) << told;
  EXPECT_TRUE(refused.ended);
}

TEST_F(LiveTest, BeyondAllThatMayBeOpenOneIsToldSo) {
  reset({.streams_max = 1, .streams_per_client_max = 10});
  Client first = watch();
  first.read_until("data: 1");
  Client second = watch({}, "10.0.0.2");
  EXPECT_NE(second.read().find("event: bye\ndata: {\"code\":\"too_many_streams\""),
            std::string::npos);
  EXPECT_EQ(live_->figures().refused, 1U);
  EXPECT_EQ(live_->figures().streams, 1U);
}

TEST_F(LiveTest, AQuestionThatNobodyWatchesEndsAfterAWhile) {
  reset({.streams_max = 10, .streams_per_client_max = 10, .linger = 50ms});
  {
    Client client = watch();
    client.read_until("data: 1");
  }
  EXPECT_EQ(live_->figures().streams, 0U);
  EXPECT_TRUE(becomes([&] { return live_->figures().questions == 0; }));
  Client again = watch();
  again.read_until("data: 1");
  EXPECT_EQ(world_->runs(), 2);
}

TEST_F(LiveTest, StreamsOfAnOwnerEndWithinSecondsAndNotAtOnce) {
  std::vector<Client> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(watch());
  live_->end_all(this, {.code = "reloaded", .message = "ask again"});
  const auto begun = steady_clock::now();
  std::set<std::string> retries;
  std::vector<int> in_second(5, 0);
  std::size_t ended = 0;
  ASSERT_TRUE(becomes([&] {
    for (Client& client : clients) {
      if (client.ended) continue;
      const std::string told = client.read();
      if (!client.ended) continue;
      ++ended;
      const auto second =
          std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - begun);
      ++in_second[std::min<std::size_t>(static_cast<std::size_t>(second.count()), 4)];
      const std::size_t at = told.rfind("retry: ");
      retries.insert(told.substr(at, told.find('\n', at) - at));
    }
    return ended == clients.size();
  }));
  EXPECT_GT(retries.size(), 150U) << "2 to 10 s, in ms";
  for (const int count : in_second) EXPECT_LT(count, 120) << "of 200 in three seconds";
}

TEST_F(LiveTest, ComingAndGoingLeavesNothing) {
  Client stays = watch();
  for (int i = 0; i < 1000; ++i) {
    Client client = watch({}, "10.0.0." + std::to_string(i % 250));
    if (i % 3 == 0) client.read();
    if (i % 50 == 0) world_->set(std::to_string(i));
  }
  EXPECT_EQ(live_->figures().streams, 1U);
  EXPECT_EQ(live_->figures().questions, 1U);
  world_->set("last");
  stays.read_until("data: last");
}

TEST_F(LiveTest, StopsWhileTheyAreRead) {
  Client client = watch();
  std::atomic<bool> ending{false};
  std::thread changes([&] {
    for (int i = 0; !ending; ++i) world_->set(std::to_string(i));
  });
  client.read();
  live_->stop();
  ending = true;
  changes.join();
  Client late = watch();
  EXPECT_NE(late.read().find("event: bye"), std::string::npos);
}

}  // namespace
}  // namespace bourse::host::test
