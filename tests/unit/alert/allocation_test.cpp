// Rendering an alert takes nothing from the heap once the buffers have grown.
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
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return counted(size);
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete[](void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t /*size*/) noexcept { std::free(place); }
void operator delete[](void* place, std::size_t /*size*/) noexcept { std::free(place); }

namespace tiercel::alert::tests {
namespace {

TEST(Allocation, RenderingTakesNothingFromTheHeap) {
  constexpr std::string_view kOutput =
      R"(%ka.user.name %20ka.user.groups %toupper(ka.verb) %join("-", (ka.verb, ka.stage)) )"
      R"(%concat(ka.verb, "x") %evt.hostname %evt.time %evt.num "quoted" é %ka.impuser.name)";
  for (const bool json : {true, false}) {
    Probe probe;
    probe.options.json_output = json;
    probe.options.json_include_message_property = true;
    probe.options.append_output.resize(1);
    probe.options.append_output.front().extra_fields = {{"f", "%ka.verb \"", false}};
    audit::FieldSet fields;
    std::vector<TemplateProblem> problems;
    const auto rule = RuleOutput::compile(probe.meta, kOutput, probe.options, fields, problems);
    ASSERT_NE(rule, nullptr) << print(problems);
    with_event(e0_with("user.username", "\"\\n\\\" é\""), [&](const audit::AuditEvent& event) {
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
}

}  // namespace
}  // namespace tiercel::alert::tests
