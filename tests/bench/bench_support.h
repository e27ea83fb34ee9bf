#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/engine/rule_set.h"

namespace tiercel::bench {

/// A request body in padded memory.
struct Body {
  std::vector<char> bytes;
  std::size_t size = 0;
  [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
};

/// The recorded traffic of a real cluster (tests/data/bulk.jsonl.zst), an event each.
[[nodiscard]] std::vector<std::string> recorded_events();
/// EventLists of `events_per_body` events.
[[nodiscard]] std::vector<Body> bodies_of(const std::vector<std::string>& events,
                                          std::size_t events_per_body);
/// Both together.
[[nodiscard]] std::vector<Body> recorded_bodies(std::size_t events_per_body);

/// The shipped rules, compiled. Ends the program with the diagnostics if they do not load.
[[nodiscard]] std::shared_ptr<const engine::RuleSet> shipped_rules(engine::Matching matching);

[[nodiscard]] double median(std::vector<double> values);
/// Seconds of a clock that never jumps.
[[nodiscard]] double now();
/// The processor's name and the build type, for the head of a report.
[[nodiscard]] std::string machine();

}  // namespace tiercel::bench
