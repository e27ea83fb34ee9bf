#include "sources.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "tiercel/base/log.h"
#include "tiercel/source/file_source.h"
#include "tiercel/source/pipe_source.h"

namespace tiercel::app {

namespace {

using SourcePointer = std::unique_ptr<source::ThreadedSource>;

source::BlockingBatchSink batches(const SourceParts& parts) {
  return [&pipeline = parts.pipeline](const source::Batch& batch) {
    return pipeline.process_and_wait(batch);
  };
}

source::BadPieceSink bad_pieces(const SourceParts& parts) {
  return [&pipeline = parts.pipeline](const source::BadPiece& piece) {
    pipeline.take_bad_piece(piece);
  };
}

SourcePointer make_file(const SourceParts& parts) {
  source::FileSourceOptions options;
  options.paths = parts.settings.file_source.paths;
  options.from_beginning = parts.settings.file_source.from_beginning;
  options.max_line = parts.settings.limits.max_event.bytes;
  options.poll_interval = parts.settings.file_source.poll_interval;
  options.max_open_files = parts.settings.file_source.max_open_files;
  std::vector<source::Position> stored;
  for (store::SourcePosition& position : parts.store.positions(options.name)) {
    stored.push_back({std::move(position.key), std::move(position.value)});
  }
  source::FileSource::Sinks sinks{batches(parts), bad_pieces(parts), {}};
  sinks.troubles = [&alerts = parts.alerts, name = options.name](const source::Trouble& trouble) {
    alerts.raise(trouble.code, trouble.peer, trouble.message, {{"source", name}});
  };
  return std::make_unique<source::FileSource>(std::move(options), std::move(sinks), stored,
                                              parts.clock, parts.metrics);
}

source::PipeOptions pipe_options(const SourceParts& parts) {
  source::PipeOptions options;
  options.max_line = parts.settings.limits.max_event.bytes;
  return options;
}

SourcePointer make_standard_input(const SourceParts& parts) {
  return std::make_unique<source::StreamSource>(pipe_options(parts), "stdin", STDIN_FILENO,
                                                batches(parts), bad_pieces(parts), parts.clock);
}

SourcePointer make_socket(const SourceParts& parts) {
  source::SocketOptions options;
  options.path = parts.settings.pipe_sources.socket_path;
  options.max_connections = parts.settings.pipe_sources.socket_connections;
  options.pipe = pipe_options(parts);
  // Two of the longest lines that are allowed, at the least.
  options.max_buffered = std::max(options.max_buffered, 2 * options.pipe.max_line);
  return std::make_unique<source::SocketSource>(std::move(options), batches(parts),
                                                bad_pieces(parts), parts.clock, parts.metrics);
}

// The sources beside the webhook; those that can fail to start come first.
struct SourceType {
  bool (*is_enabled)(const config::Settings& settings);
  SourcePointer (*make)(const SourceParts& parts);
  std::string_view at_deadline;
};

constexpr std::array kSources{
    SourceType{[](const config::Settings& s) { return s.pipe_sources.socket_enabled; },
               &make_socket, "events of the socket were read and not taken in time: they are lost"},
    SourceType{[](const config::Settings& s) { return s.pipe_sources.stdin_enabled; },
               &make_standard_input,
               "events of the standard input were read and not taken in time: they are lost"},
    SourceType{[](const config::Settings& s) { return s.file_source.enabled; }, &make_file,
               "lines of a followed file were not taken in time; they are read at the next start"},
};

}  // namespace

Sources::Sources(const SourceParts& parts) {
  for (const SourceType& type : kSources) {
    if (type.is_enabled(parts.settings)) {
      running_.push_back({type.make(parts), type.at_deadline});
    }
  }
}

Sources::Sources(std::vector<Running> sources) : running_(std::move(sources)) {}
Sources::~Sources() = default;

base::Result<void> Sources::start() {
  for (const Running& one : running_) {
    if (auto started = one.source->start(); !started) {
      return started;
    }
  }
  return {};
}

void Sources::stop(std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  for (const Running& one : running_) {
    one.source->ask_to_stop();
  }
  for (const Running& one : running_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (!one.source->stop(std::max(left, std::chrono::milliseconds(0)))) {
      base::log_warning(one.at_deadline);
    }
  }
}

bool Sources::have_ended() const {
  return !running_.empty() && std::all_of(running_.begin(), running_.end(), [](const Running& one) {
    return one.source->has_ended();
  });
}

}  // namespace tiercel::app
