// Decoding and evaluating events takes memory from the heap only while its scratch grows.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "tiercel/pipeline/evaluate_batch.h"

#include "bench_support.h"

namespace {

std::atomic<bool> is_counting{false};
std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size) {
  if (is_counting.load(std::memory_order_relaxed)) {
    allocations.fetch_add(1, std::memory_order_relaxed);
  }
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

}  // namespace

// The forms without an alignment call one of these two.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  if (is_counting.load(std::memory_order_relaxed)) {
    allocations.fetch_add(1, std::memory_order_relaxed);
  }
  void* const memory = std::aligned_alloc(step, (size + step - 1) / step * step);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }

namespace tiercel::bench {
namespace {

struct Pass {
  std::uint64_t events = 0;
  std::uint64_t alerts = 0;
  std::uint64_t allocations = 0;
};

class Allocations : public testing::Test {
 protected:
  // All bodies once, with the heap watched.
  Pass pass(const std::vector<Body>& bodies) {
    Pass result;
    allocations = 0;
    for (const Body& body : bodies) {
      out_.bytes.clear();
      out_.records.clear();
      out_.keys.clear();
      is_counting = true;
      const audit::DecodeCounts counts =
          scratch_.evaluate(body.view(), audit::BatchForm::kBody, 0, rules_, out_, on_bad_);
      is_counting = false;
      result.events += counts.events;
      result.alerts += out_.records.size();
    }
    result.allocations = allocations;
    return result;
  }

  std::shared_ptr<const engine::RuleSet> rules_ = shipped_rules(engine::Matching::kFirst);
  pipeline::StreamState stream_;
  pipeline::Scratch scratch_{{}, {}, stream_, true};
  store::RecordBatch out_;
  pipeline::Scratch::OnBad on_bad_ = [](const audit::BadInput& /*bad*/) {};
};

TEST_F(Allocations, NoneForAnEventThatDoesNotAlert) {
  std::vector<std::string> quiet;
  for (const std::string& event : recorded_events()) {
    if (pass(bodies_of({event}, 1)).alerts == 0) {
      quiet.push_back(event);
    }
  }
  ASSERT_GT(quiet.size(), 10'000U);
  const std::vector<Body> bodies = bodies_of(quiet, 400);
  (void)pass(bodies);  // the scratch grows to what these need
  const Pass steady = pass(bodies);
  EXPECT_EQ(steady.events, quiet.size());
  EXPECT_EQ(steady.alerts, 0U);
  EXPECT_EQ(steady.allocations, 0U);
}

// What the test above would say if the heap were not watched, or events did allocate.
TEST_F(Allocations, AreSeenWhereThereAreSome) {
  EXPECT_GT(pass(recorded_bodies(400)).allocations, 0U);
}

// An alert's place in the store's batch grows with what came before; nothing else does.
TEST_F(Allocations, NoneForAnAlertOnceTheBuffersHaveGrown) {
  const std::vector<Body> bodies = recorded_bodies(400);
  (void)pass(bodies);
  const Pass steady = pass(bodies);
  EXPECT_GT(steady.alerts, 1'000U);
  EXPECT_EQ(steady.allocations, 0U);
}

}  // namespace
}  // namespace tiercel::bench
