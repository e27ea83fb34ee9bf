// What an apiserver answers at /metrics: any bytes give counters, and of two answers on end the
// counters are the sums.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tiercel/watch/reconciler.h"

namespace {

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tiercel::watch::read_counters;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto once = read_counters(text);
  const std::string twice_text = std::string(text) + '\n' + std::string(text);
  const auto twice = read_counters(twice_text);
  check(twice.has_events == once.has_events);
  check(twice.events == once.events * 2);
  check(twice.rejected_requests == once.rejected_requests * 2);
  check(twice.errors.size() == once.errors.size());
  for (const auto& [plugin, count] : once.errors) {
    check(plugin.size() <= 64 && twice.errors.at(plugin) == count * 2);
  }
  return 0;
}
