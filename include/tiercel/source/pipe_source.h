#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/metrics.h"
#include "tiercel/source/blocking_sink.h"
#include "tiercel/source/threaded_source.h"

namespace tiercel::source {

/// Sizes in bytes.
struct PipeOptions {
  /// A longer line is reported, not evaluated.
  std::uint64_t max_line = std::uint64_t{16} << 20U;
  std::uint64_t batch_bytes = std::uint64_t{1} << 20U;
  std::uint64_t batch_lines = 4096;
  /// Pause after a batch that was not taken; doubled each time up to retry_most.
  std::chrono::milliseconds retry_first{50};
  std::chrono::milliseconds retry_most{5'000};
};

/// Reads JSON lines (events, or EventLists one a line) from an open descriptor until its
/// end. While the sink takes nothing, nothing is read, so that the writer waits.
/// DIFFERS FROM the file source: a pipe cannot be read again, so what was read and not
/// taken when the process ends is lost; at stop it is handed over first.
class StreamSource final : public ThreadedSource {
 public:
  /// `file` stays the caller's: 0 for standard input.
  StreamSource(PipeOptions options, std::string name, int file, BlockingBatchSink sink,
               BadPieceSink bad, const base::Clock& clock);
  ~StreamSource() override;

  /// An error where the descriptor is closed or cannot be read.
  [[nodiscard]] base::Result<void> start() override;
  void ask_to_stop() override;
  /// What the sink has not taken after `deadline` is lost.
  [[nodiscard]] bool stop(std::chrono::milliseconds deadline) override;
  [[nodiscard]] bool has_ended() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct SocketOptions {
  std::string name = "socket";
  std::string path;
  unsigned mode = 0660;
  /// For a further one that which was idle longest, min_idle at least, is closed.
  std::uint32_t max_connections = 64;
  std::chrono::milliseconds min_idle{1'000};
  /// Bytes of unfinished lines of all connections; where they need more, the longest is
  /// reported and not evaluated.
  std::uint64_t max_buffered = std::uint64_t{64} << 20U;
  PipeOptions pipe;
};

/// The same over a Unix stream socket, several connections at once, each a stream of lines.
class SocketSource final : public ThreadedSource {
 public:
  SocketSource(SocketOptions options, BlockingBatchSink sink, BadPieceSink bad,
               const base::Clock& clock, base::Metrics& metrics);
  ~SocketSource() override;

  /// Binds. A socket file on which nobody listens is replaced; one that is in use, or a file
  /// that is no socket, is an error.
  [[nodiscard]] base::Result<void> start() override;
  void ask_to_stop() override;
  /// As StreamSource::stop; the socket file is removed.
  [[nodiscard]] bool stop(std::chrono::milliseconds deadline) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::source
