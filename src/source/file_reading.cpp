#include "file_reading.h"

#include <utility>

#include "tiercel/base/log.h"

#include "file_finder.h"
#include "stream_lines.h"

namespace tiercel::source {

namespace {
constexpr std::size_t kBlock = std::size_t{1} << 20U;
}  // namespace

FileReading::FileReading(const FileSourceOptions& options, FileSource::Sinks sinks,
                         const Worker& worker, const base::Clock& clock, base::Metrics& metrics,
                         std::function<std::uint64_t()> lag)
    : options_(options),
      limits_{options.max_line, options.batch_bytes, options.batch_lines},
      sinks_(std::move(sinks)),
      worker_(worker),
      clock_(clock),
      metrics_(metrics),
      lag_(std::move(lag)),
      delivery_(options.name, sinks_.batches, {options.retry_first, options.retry_most},
                Delivery::AtStop::kGiveUp),
      scratch_(kBlock, '\0') {}

void FileReading::complain(const std::string& path, const base::Error& error) {
  if (complained_.insert(path).second) {
    metrics_.add(base::Metric::kFileSourceErrors);
    base::log_error("source '" + options_.name + "': " + error.text());
  }
}

void FileReading::forget_gone() {
  std::erase_if(complained_, [](const std::string& path) { return inode_of(path).empty(); });
}

void FileReading::tell_lost(const std::string& path, const std::string& what,
                            std::string_view advice) {
  metrics_.add(base::Metric::kFileSourceLost);
  const std::string message = path + " " + what + ". " + std::string(advice);
  base::log_error("source '" + options_.name + "': " + message);
  sinks_.troubles({"source_lost", path, message});
}

std::unique_ptr<FollowedFile> FileReading::open(const std::string& path,
                                                const std::string& followed) {
  auto file = FollowedFile::open(path, followed, limits_);
  if (!file) {
    // Between finding and opening a file can go: renamed, or compressed.
    if (file.error().code == FollowedFile::kGone) {
      forget_complaint(path);
    } else {
      complain(path, file.error());
    }
    return nullptr;
  }
  if ((*file)->is_packed() && path == followed) {
    complain(path, {"file_unreadable",
                    "a compressed file is not followed; those beside a followed file are read by "
                    "themselves, and `tiercel replay` reads any",
                    path});
    return nullptr;
  }
  forget_complaint(path);
  return std::move(*file);
}

bool FileReading::skip_to_end(FollowedFile& file) {
  const auto skipped = file.skip_to_end(limits_.max_line);
  if (!skipped) {
    complain(file.path(), skipped.error());
  }
  return skipped.has_value();
}

bool FileReading::store(std::vector<Position> positions) {
  Batch batch;
  batch.source = options_.name;
  batch.positions = std::move(positions);
  return delivery_.deliver(batch, worker_);
}

FileReading::Outcome FileReading::drain(FollowedFile& file) {
  bool was_busy = false;
  const std::uint64_t begin = file.taken();
  const auto until = std::chrono::steady_clock::now() + options_.look_time;
  while (!worker_.is_stopping()) {
    if (was_busy && (file.taken() - begin >= options_.look_bytes ||
                     std::chrono::steady_clock::now() >= until)) {
      return Outcome::kSome;
    }
    const auto read = file.read_more(scratch_);
    if (!read) {
      complain(file.path(), read.error());
      return Outcome::kFailed;
    }
    if (*read == FollowedFile::Read::kExchanged) {
      return Outcome::kExchanged;
    }
    if (!file.is_packed()) {
      forget_complaint(file.path());
    }
    if (!hand_on(file, LineCutter::Input::kMoreMayCome)) {
      return Outcome::kStopped;
    }
    if (*read == FollowedFile::Read::kEnd) {
      return was_busy ? Outcome::kSome : Outcome::kNothing;
    }
    was_busy = true;
  }
  return Outcome::kStopped;
}

bool FileReading::finish(FollowedFile& file) { return hand_on(file, LineCutter::Input::kEnded); }

void FileReading::tell_lag(std::uint64_t in_hand) {
  metrics_.set(base::Metric::kFileSourceLag, lag_() + in_hand);
}

bool FileReading::hand_on(FollowedFile& file, LineCutter::Input input) {
  std::uint64_t before = file.taken();
  while (auto piece = file.cutter().next(input)) {
    const std::uint64_t in_hand = file.taken() - std::exchange(before, file.taken());
    const std::uint64_t lines = piece->lines;
    const std::uint64_t size = piece->is_too_long ? piece->whole_size : piece->size;
    Batch batch;
    if (piece->is_too_long) {
      // In the quarantine before its place is stored.
      report_long_line(sinks_.bad_pieces, options_.name, file.path(), *piece, clock_.now());
      batch.source = options_.name;
    } else {
      batch = make_batch(std::move(*piece), options_.name, clock_.now());
    }
    batch.peer = file.path();
    batch.positions.push_back({file.id(), file.position().text()});
    tell_lag(in_hand);
    if (!delivery_.deliver(batch, worker_, [this, in_hand] { tell_lag(in_hand); })) {
      return false;
    }
    metrics_.add(base::Metric::kFileSourceLines, lines);
    metrics_.add(base::Metric::kFileSourceBytes, size);
  }
  return true;
}

}  // namespace tiercel::source
