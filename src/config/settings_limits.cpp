#include <algorithm>

#include "families.h"

namespace tiercel::config {

namespace {

using base::ByteSize;
using namespace base::literals;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void describe_sizes(Section<LimitSettings>& s) {
  s.option("max_body", &LimitSettings::max_body,
           "Largest request body, counted after decompression; a larger one is answered 413.")
      .between(64_KiB, 16_GiB);
  s.option("whole_body", &LimitSettings::whole_body,
           "Bodies up to this size are parsed as a whole, larger ones event by event as they "
           "arrive.")
      .between(64_KiB, 256_MiB);
  s.option("max_event", &LimitSettings::max_event,
           "Largest audit event evaluated; a larger one is quarantined and reported, the rest of "
           "its batch evaluated.")
      .between(64_KiB, 256_MiB);
  s.option("max_depth", &LimitSettings::max_depth,
           "Deepest nesting of an audit event; a deeper one is quarantined.")
      .between(16, 4096);
  s.option("max_header", &LimitSettings::max_header, "Largest request header.")
      .between(4_KiB, 1_MiB);
  s.option("max_in_flight", &LimitSettings::max_in_flight,
           "Bytes of bodies held at once; beyond them batches are answered 429 and sent again. One "
           "batch is always taken.")
      .between(1_MiB, 64_GiB);
  s.option("max_requests", &LimitSettings::max_requests,
           "Requests with audit batches in hand at once; beyond them batches are answered 429 and "
           "sent again.")
      .between(1, 65536);
  s.option("max_connections", &LimitSettings::max_connections,
           "Connections at once; the process needs as many file descriptors.")
      .between(1, 65536);
  s.option("max_connections_per_peer", &LimitSettings::max_connections_per_peer,
           "Connections at once from one address.")
      .between(1, 65536);
}

void describe_times(Section<LimitSettings>& s) {
  s.option("header_timeout", &LimitSettings::header_timeout,
           "Longest time for a request's header, and for the TLS handshake.")
      .between(milliseconds(100), minutes(5));
  s.option("body_timeout", &LimitSettings::body_timeout,
           "Longest time spent waiting for the bytes of one body.")
      .between(seconds(1), hours(1));
  s.option("idle_timeout", &LimitSettings::idle_timeout,
           "How long a connection may wait for its next request.")
      .between(seconds(1), hours(24));
  s.option("write_timeout", &LimitSettings::write_timeout, "Longest time for sending an answer.")
      .between(seconds(1), hours(1));
  s.option("min_body_rate", &LimitSettings::min_body_rate,
           "A body that arrives slower than this many bytes a second is cut; 0 means no such "
           "limit.")
      .between(ByteSize{0}, 1_GiB);
  s.option("rate_grace", &LimitSettings::rate_grace,
           "For how long a body may be slower than min_body_rate.")
      .between(milliseconds(100), hours(1));
  s.option("drain_size", &LimitSettings::drain_size,
           "After an answer given before the body was read, how much of the rest is read and "
           "thrown away, so that the client sees the answer.")
      .between(ByteSize{0}, 1_GiB);
  s.option("drain_timeout", &LimitSettings::drain_timeout, "For how long that rest is read.")
      .between(milliseconds(0), minutes(1));
}

}  // namespace

void describe_limits(Schema& schema, Settings& settings) {
  Section<LimitSettings> limits(schema, "limits", settings.limits,
                                "What one peer, one batch and one event can cost at most.");
  describe_sizes(limits);
  describe_times(limits);
  Section<ProcessSettings> process(schema, "", settings.process);
  process
      .option("io_threads", &ProcessSettings::io_threads,
              "Threads that read and evaluate batches; 0 means a quarter of the cores, at least 1 "
              "and at most 4.")
      .between(0, 256);
  process
      .option("shutdown_timeout", &ProcessSettings::shutdown_timeout,
              "How long a stop may take: batches in hand are finished and outputs flushed.")
      .live()
      .between(seconds(1), hours(1));
}

void describe_quarantine(Schema& schema, Settings& settings) {
  Section<QuarantineSettings> s(schema, "quarantine", settings.quarantine,
                                "Where bodies and events are kept that could not be evaluated.");
  s.option("path", &QuarantineSettings::path, "The folder; it is made where it is not there.")
      .check([](std::string_view text) { return text.empty() ? "must not be empty" : ""; });
  s.option("max_size", &QuarantineSettings::max_size,
           "Bytes kept in all; beyond them the oldest files are deleted.")
      .between(1_MiB, base::ByteSize{std::uint64_t{1} << 40U});
  s.option("max_files", &QuarantineSettings::max_files,
           "Files kept; beyond them the oldest are deleted.")
      .between(1, 1'000'000);
  s.option("max_age", &QuarantineSettings::max_age, "Older files are deleted.")
      .between(minutes(1), hours(24 * 3650));
}

std::uint32_t io_threads(const ProcessSettings& settings, std::uint32_t cores) {
  return settings.io_threads != 0 ? settings.io_threads : std::clamp(cores / 4, 1U, 4U);
}

}  // namespace tiercel::config
