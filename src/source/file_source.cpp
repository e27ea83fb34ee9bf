#include "tiercel/source/file_source.h"

#include <algorithm>
#include <utility>

#include "tiercel/base/log.h"
#include "tiercel/base/units.h"

#include "file_finder.h"
#include "file_source_impl.h"

namespace tiercel::source {

namespace {

using Outcome = FileReading::Outcome;

// A renamed file that cannot be read, or that has no successor and whose path is one of many
// (`*.log`), is let go after so many times rotated_grace; of a path by name the writer may come
// back to it any time.
constexpr int kLonger = 12;
// A pattern that matched before is told of once so many looks found nothing.
constexpr int kLooksWithout = 40;
// In one look, of files that cannot be opened.
constexpr std::size_t kMostTries = 256;

FileSourceOptions with_normal_paths(FileSourceOptions options) {
  for (std::string& path : options.paths) {
    path = normal_path(path);
  }
  return options;
}

}  // namespace

FileSource::Impl::Impl(FileSourceOptions options, Sinks sinks, const std::vector<Position>& stored,
                       const base::Clock& clock, base::Metrics& metrics)
    : options_(with_normal_paths(std::move(options))),
      clock_(clock),
      metrics_(metrics),
      memory_(stored),
      reading_(options_, std::move(sinks), worker_, clock, metrics,
               [this] { return files_.lag() + waiting_lag_; }) {
  for (const std::string& path : memory_.paths()) {
    if (is_followed(path)) {
      known_paths_.insert(path);
    }
  }
}

void FileSource::Impl::run() {
  resume();
  while (!worker_.is_stopping()) {
    const bool was_busy = look();
    reading_.tell_lag(0);
    if (!was_busy) {
      worker_.rest(options_.poll_interval);
    }
  }
}

// A look opens first and reads then, since reading may wait for the store: what was renamed,
// what stands at the paths now, what was rotated away in between. A file that was at a path is
// found in one of these places, for a sibling is looked for after its path was opened.
bool FileSource::Impl::look() {
  std::set<std::string> changed = std::exchange(waiting_for_siblings_, {});
  siblings_ = {};
  for (std::string& path : files_.retire_renamed()) {
    changed.insert(std::move(path));
  }
  changed.merge(retire_resting());
  const Closed closed = look_for_closed();
  const std::set<std::string> present = present_paths();
  const Opened result = open_present(present, changed);
  waiting_lag_ = result.lag;
  siblings_ = {};
  take_up_siblings_of(changed);
  if (worker_.is_stopping()) {
    return true;
  }
  tell_waiting(result.waiting + waiting_for_siblings_.size());
  learn_patterns(closed, present, result.unknown);
  reading_.forget_gone();
  reading_.tell_lag(0);
  const bool was_busy = read_rotated();
  return read_live() || was_busy || result.opened >= options_.max_open_files;
}

// Those that cannot be opened are tried again, but not before the others: each look begins behind
// the last one that an earlier look tried.
FileSource::Impl::Opened FileSource::Impl::open_present(const std::set<std::string>& present,
                                                        std::set<std::string>& changed) {
  Opened result;
  std::set<std::string> open = files_.inodes();
  std::size_t tried = 0;
  const std::string begin = last_tried_;
  const auto leave = [&](const std::string& path) {
    if (!known_paths_.contains(path)) {
      result.unknown.insert(path);
    }
  };
  const auto consider = [&](const std::string& path) {
    if (worker_.is_stopping() || files_.live.contains(path) || is_at_rest(path)) {
      return;
    }
    const std::string inode = inode_of(path);
    // A name that a pattern matches can be given to a file that is open already.
    if (inode.empty() || open.contains(inode)) {
      return;
    }
    const std::uint64_t lag = look_at_resting(path);
    // What is open is read before more are opened.
    if (result.opened >= options_.max_open_files ||
        (!is_named(path) && is_full() && !make_room())) {
      ++result.waiting;
      result.lag += lag;
      leave(path);
      return;
    }
    if (tried >= kMostTries) {
      result.lag += lag;
      leave(path);
      return;
    }
    last_tried_ = path;
    if (auto file = resting_.contains(path) ? wake(path) : open_live(path)) {
      ++result.opened;
      open.insert(file->inode());
      files_.live[path] = std::move(file);
      changed.insert(path);
    } else {
      ++tried;
      result.lag += lag;
    }
  };
  const auto middle = present.upper_bound(begin);
  std::for_each(middle, present.end(), consider);
  std::for_each(present.begin(), middle, consider);
  return result;
}

void FileSource::Impl::take_up_siblings_of(const std::set<std::string>& paths) {
  for (const std::string& path : paths) {
    if (worker_.is_stopping()) {
      return;
    }
    take_up_siblings(path);
  }
}

std::set<std::string> FileSource::Impl::present_paths() {
  std::set<std::string> paths;
  for (const std::string& pattern : options_.paths) {
    const std::vector<std::string> found = expand_pattern(pattern);
    paths.insert(found.begin(), found.end());
    if (!found.empty()) {
      missing_[pattern] = 0;
      continue;
    }
    // Between renaming and making anew a file is missing for a moment.
    const bool is_new = !missing_.contains(pattern);
    if (is_new || ++missing_[pattern] == kLooksWithout) {
      missing_[pattern] = is_new ? kLooksWithout : missing_[pattern];
      base::log_warning("source '" + options_.name + "': nothing to follow at " + pattern + ": " +
                        why_nothing(pattern) + "; it is looked for every " +
                        base::to_text(options_.poll_interval));
    }
  }
  return paths;
}

std::unique_ptr<FollowedFile> FileSource::Impl::open_live(const std::string& path) {
  auto file = reading_.open(path, path);
  if (file == nullptr || files_.holds_copy_of(*file) || rests_copy_of(*file)) {
    return nullptr;
  }
  if (const FileMemory::Entry* entry = memory_.find(*file)) {
    // A copy that a pattern matches may still be growing.
    const bool may_grow = !is_named(path) && entry->position.inode != file->inode();
    if (may_grow && file->size() < entry->position.offset) {
      return nullptr;
    }
    return go_on(std::move(file), *entry);
  }
  if (known_paths_.contains(path)) {
    return file;
  }
  if (file->known().length == 0 && !is_named(path)) {
    return nullptr;  // It may become a copy of another: waits for its first line.
  }
  if (!options_.from_beginning && !is_expected(path) && !reading_.skip_to_end(*file)) {
    return nullptr;
  }
  adopt(path, *file);
  base::log_info("following " + path + " from byte " + std::to_string(file->position().offset));
  return file;
}

// The older the file the earlier its lines.
bool FileSource::Impl::read_rotated() {
  bool was_busy = false;
  for (std::size_t at = 0; at < files_.rotated.size() && !worker_.is_stopping();) {
    FileSet::Rotated& one = files_.rotated[at];
    const Outcome outcome = reading_.drain(*one.file);
    if (outcome == Outcome::kSome) {
      one.quiet_since = FileSet::Clock::now();
      was_busy = true;
    }
    bool is_over = false;
    if (outcome == Outcome::kExchanged) {
      tell_cut_off(one.file->path(), {one.file->id(), one.file->position()});
      is_over = true;
    } else if (outcome == Outcome::kFailed && !one.file->ends_early()) {
      is_over = give_up(one);
    } else if (outcome != Outcome::kStopped) {
      is_over = may_let_go(one) && let_go(*one.file);
    }
    if (is_over) {
      files_.rotated.erase(files_.rotated.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      ++at;
    }
  }
  return was_busy;
}

bool FileSource::Impl::may_let_go(const FileSet::Rotated& rotated) const {
  const auto quiet = FileSet::Clock::now() - rotated.quiet_since;
  const auto successor = resting_.find(rotated.file->followed_path());
  const bool is_succeeded =
      files_.has_successor(*rotated.file) ||
      (successor != resting_.end() && successor->second.entry.position.offset > 0);
  if (rotated.file->is_packed() || is_succeeded) {
    return quiet >= options_.rotated_grace;
  }
  // Whoever renames a log by hand does not move its writer on.
  return !is_named(rotated.file->followed_path()) && quiet >= options_.rotated_grace * kLonger;
}

// All of it is read, its last line too.
bool FileSource::Impl::let_go(FollowedFile& file) {
  if (!reading_.finish(file)) {
    return false;
  }
  if (file.ends_early()) {
    reading_.tell_lost(file.path(), "is damaged or cut off: what its lines behind byte " +
                                        std::to_string(file.position().offset) +
                                        " (uncompressed) held is lost");
  }
  reading_.forget_complaint(file.path());
  return reading_.store(memory_.finish(file.id(), file.position()));
}

// A disk or a server of files may answer again. What is half read is no line: it is not handed on.
bool FileSource::Impl::give_up(const FileSet::Rotated& rotated) {
  if (FileSet::Clock::now() - rotated.quiet_since < options_.rotated_grace * kLonger) {
    return false;
  }
  FollowedFile& file = *rotated.file;
  const FilePosition position = file.position();
  reading_.tell_lost(file.path(), "was rotated and cannot be read: what stands behind its byte " +
                                      std::to_string(position.offset) + " is lost");
  return reading_.store(memory_.finish(file.id(), position));
}

// To take up a sibling may close a live file: only after all of them were read.
bool FileSource::Impl::read_live() {
  bool was_busy = false;
  std::set<std::string> changed;
  for (auto& [path, file] : files_.live) {
    if (worker_.is_stopping()) {
      return true;
    }
    const bool was_empty = !file->has_lines();
    const Outcome outcome = reading_.drain(*file);
    if (outcome == Outcome::kExchanged) {
      follow_the_copy(*file);
      file->restart();
    }
    // An empty file can have been filled, copied and cut off again without being seen to change.
    if (outcome == Outcome::kExchanged || (was_empty && file->has_lines())) {
      changed.insert(path);
    }
    was_busy = was_busy || outcome == Outcome::kSome || outcome == Outcome::kExchanged;
  }
  siblings_ = {};
  take_up_siblings_of(changed);
  return was_busy;
}

FileSource::FileSource(FileSourceOptions options, Sinks sinks, const std::vector<Position>& stored,
                       const base::Clock& clock, base::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(sinks), stored, clock, metrics)) {}
FileSource::~FileSource() = default;
base::Result<void> FileSource::start() { return impl_->start(); }
void FileSource::ask_to_stop() { impl_->ask_to_stop(); }
bool FileSource::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }

}  // namespace tiercel::source
