// Redacting values in which nothing is found takes nothing from the heap.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "alert_probe.h"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
  ++allocations;
  void* const place = std::malloc(size == 0 ? 1 : size);  // NOLINT(cppcoreguidelines-no-malloc)
  if (place == nullptr) {
    std::abort();
  }
  return place;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* place) noexcept { std::free(place); }
void operator delete[](void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t /*size*/) noexcept { std::free(place); }
void operator delete[](void* place, std::size_t /*size*/) noexcept { std::free(place); }

namespace tiercel::alert::tests {
namespace {

TEST(RedactAllocation, CleanValuesTakeNothingFromTheHeap) {
  Probe probe;
  probe.options.json_output = true;
  probe.options.redact = true;
  audit::FieldSet fields;
  std::vector<TemplateProblem> problems;
  const auto rule = RuleOutput::compile(
      probe.meta,
      "%ka.user.name %ka.uri %ka.uri.param[command] %ka.useragent %ka.response.message "
      "%toupper(ka.uri) %ka.req.pod.containers.args %jevt.value[/verb] %ka.annotation[x]",
      probe.options, fields, problems);
  ASSERT_NE(rule, nullptr) << print(problems);
  with_event(e0(), [&](const audit::AuditEvent& event) {
    audit::FieldMap map;
    std::string out;
    std::size_t taken = 0;
    for (int round = 0; round < 3; ++round) {
      map.bind(fields, probe.context, event);
      out.clear();
      const std::size_t before = allocations;
      rule->render(map, {}, out);
      taken = allocations - before;
    }
    EXPECT_EQ(taken, 0U) << out;
    EXPECT_GT(allocations, 0U);
  });
}

}  // namespace
}  // namespace tiercel::alert::tests
