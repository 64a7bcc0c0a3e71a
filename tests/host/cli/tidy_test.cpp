// SPDX-License-Identifier: MIT
//
// What malloc keeps is given back by a process that has little to do, and only by one that had
// more.
#include "host/cli/tidy.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

namespace bourse::host {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::size_t kBlocks = 64 * 1024;
constexpr std::size_t kBlockBytes = 1024;  // too small for a mapping of its own

double resident_megabytes() {
  std::size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return static_cast<double>(resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) / 1e6;
}

/// More than a little: what does less is left alone.
void compute(std::chrono::milliseconds time) {
  const auto used = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  const double end = used() + std::chrono::duration<double>(time).count();
  volatile unsigned rounds = 0;
  while (used() < end) rounds = rounds + 1;
}

/// 64 MiB that are free, and that malloc keeps: the last block above them is in use.
class Burst {
 public:
  Burst() {
    std::vector<std::unique_ptr<char[]>> blocks;
    for (std::size_t i = 0; i < kBlocks; ++i) {
      blocks.push_back(std::make_unique<char[]>(kBlockBytes));  // zeroed, so it is there
    }
    last_ = std::move(blocks.back());
    compute(200ms);
  }

 private:
  std::unique_ptr<char[]> last_;
};

bool falls_below(double megabytes, steady_clock::duration within) {
  const auto end = steady_clock::now() + within;
  while (steady_clock::now() < end) {
    if (resident_megabytes() < megabytes) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

class TidyTest : public testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "sanitizers have an allocator of their own";
#endif
  }
};

TEST_F(TidyTest, GivesBackWhatABurstTook) {
  const double before = resident_megabytes();
  const Burst burst;
  ASSERT_GT(resident_megabytes(), before + 50) << "malloc has given it back itself";
  const Tidy tidy(100ms);
  EXPECT_TRUE(falls_below(before + 15, 60s)) << resident_megabytes() << " MB, " << before;
}

TEST_F(TidyTest, LetsAProcessThatComputesAlone) {
  const double before = resident_megabytes();
  const Burst burst;
  std::atomic<bool> over = false;
  std::thread busy([&] {
    while (!over) compute(5ms);
  });
  {
    const Tidy tidy(100ms);
    compute(500ms);
    EXPECT_GT(resident_megabytes(), before + 50);
  }
  over = true;
  busy.join();
}

TEST_F(TidyTest, EndsAtOnce) {
  const auto start = steady_clock::now();
  { const Tidy tidy(1h); }
  EXPECT_LT(steady_clock::now() - start, 30s);
}

TEST(Arenas, AreFewAndMoreThanOne) {
  EXPECT_GE(arenas_wanted(), 2);
  EXPECT_LE(arenas_wanted(), 8);
}

}  // namespace
}  // namespace bourse::host
