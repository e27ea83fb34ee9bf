#pragma once

#include <string>
#include <vector>

#include "harness.h"

namespace tiercel::tests {

/// An event with one credential in it.
struct PlantedEvent {
  std::string name;
  std::string core;
  std::string json;
};

/// Every shape in every open place, every closed place once; tokens pasted for names.
[[nodiscard]] std::vector<PlantedEvent> planted_events();
/// The event as items that cannot be evaluated, or not as they are.
[[nodiscard]] Lines broken_items(const PlantedEvent& event);
/// Bodies that hold the event and cannot be evaluated at all.
[[nodiscard]] Lines broken_bodies(const PlantedEvent& event);

}  // namespace tiercel::tests
