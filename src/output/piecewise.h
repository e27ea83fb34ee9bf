#pragma once

#include <chrono>
#include <functional>
#include <span>

#include "tiercel/output/output.h"

namespace tiercel::output {

/// When a delivery of several pieces ends, so that the runner hears of it: what is left then
/// comes again.
using Deadline = std::chrono::steady_clock::time_point;

/// Of a delivery that begins now: the timeout of one piece, and a minute at least.
[[nodiscard]] Deadline delivery_deadline(std::chrono::milliseconds timeout);

/// Says messages to the peer one by one until one is to come again, or the deadline has passed.
[[nodiscard]] Delivery deliver_each(std::span<const Message> messages, Deadline deadline,
                                    const std::function<Delivery(const Message& message)>& send);

/// Says messages to the peer with `send`, all at once; where it refuses them all for good, halves
/// of them, until it is seen which it will never take: one bad alert costs no other. A delivery
/// that has something in `said` was judged message by message, and stands. After the deadline it
/// goes on only until the first of them is judged, so that each delivery gets ahead.
[[nodiscard]] Delivery deliver_halved(
    std::span<const Message> messages, Deadline deadline,
    const std::function<Delivery(std::span<const Message> some)>& send);

}  // namespace tiercel::output
