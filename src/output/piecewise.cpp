#include "piecewise.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tiercel::output {

namespace {
// A batch that is said one by one to a peer with a short timeout needs more than that.
constexpr std::chrono::milliseconds kLeastDelivery{60'000};
}  // namespace

Deadline delivery_deadline(std::chrono::milliseconds timeout) {
  return std::chrono::steady_clock::now() + std::max(timeout, kLeastDelivery);
}

namespace {
base::Error too_slow() {
  return {"timeout", "the peer is slow: the rest of the batch comes with the next try", ""};
}
}  // namespace

Delivery deliver_each(std::span<const Message> messages, Deadline deadline,
                      const std::function<Delivery(const Message& message)>& send) {
  Delivery all;
  for (std::size_t at = 0; at < messages.size(); ++at) {
    const bool is_late = at != 0 && std::chrono::steady_clock::now() >= deadline;
    Delivery one = is_late ? Delivery::again_from(0, 1, too_slow()) : send(messages[at]);
    for (Delivery::Rejected& rejected : one.rejected) {
      all.rejected.push_back({at, std::move(rejected.why)});
    }
    if (!one.again.empty()) {
      // What comes later would meet the same; order is kept.
      Delivery rest =
          Delivery::again_from(at, messages.size(), std::move(*one.error), one.retry_after);
      rest.rejected = std::move(all.rejected);
      return rest;
    }
    all.said = std::move(one.said);
  }
  return all;
}

Delivery deliver_halved(std::span<const Message> messages, Deadline deadline,
                        const std::function<Delivery(std::span<const Message> some)>& send) {
  Delivery all;
  // What is still to be said, the first at the back.
  std::vector<std::pair<std::size_t, std::size_t>> runs{{0, messages.size()}};
  while (!runs.empty()) {
    const auto [from, count] = runs.back();
    runs.pop_back();
    const bool is_late = from != 0 && std::chrono::steady_clock::now() >= deadline;
    Delivery some =
        is_late ? Delivery::again_from(0, count, too_slow()) : send(messages.subspan(from, count));
    if (count > 1 && some.rejected.size() == count && some.said.empty()) {
      runs.emplace_back(from + count / 2, count - count / 2);
      runs.emplace_back(from, count / 2);
      continue;
    }
    for (Delivery::Rejected& rejected : some.rejected) {
      all.rejected.push_back({from + rejected.message, std::move(rejected.why)});
    }
    for (const std::size_t at : some.again) {
      all.again.push_back(from + at);
    }
    all.said = std::move(some.said);
    if (!some.again.empty()) {
      // What comes later would meet the same; order is kept.
      all.error = std::move(some.error);
      all.retry_after = some.retry_after;
      for (std::size_t at = from + count; at < messages.size(); ++at) {
        all.again.push_back(at);
      }
      break;
    }
  }
  return all;
}

}  // namespace tiercel::output
