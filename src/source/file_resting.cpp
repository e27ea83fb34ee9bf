// More files than may be open: those of patterns that are read to their end are closed, and opened
// again when they change.
#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>

#include "file_finder.h"
#include "file_source_impl.h"

namespace tiercel::source {

// A file by name is where its writer is: it stays open, and does not count.
bool FileSource::Impl::is_full() const {
  if (files_.size() < options_.max_open_files) {
    return false;
  }
  const auto named = static_cast<std::size_t>(
      std::count_if(options_.paths.begin(), options_.paths.end(),
                    [this](const std::string& path) { return files_.live.contains(path); }));
  return files_.size() - named >= options_.max_open_files;
}

// One that ends with a whole line goes before one whose writer is at work, or has not begun.
bool FileSource::Impl::make_room() {
  for (const bool is_whole : {true, false}) {
    for (auto one = files_.live.begin(); one != files_.live.end(); ++one) {
      const auto& [path, file] = *one;
      if (!is_named(path) && file->is_read() &&
          (!is_whole || (file->has_lines() && file->size() == file->taken()))) {
        rest(path, *file);
        files_.live.erase(one);
        return true;
      }
    }
  }
  return false;
}

// The size that was read, not the one it has: what came in between is seen by it.
void FileSource::Impl::rest(const std::string& path, const FollowedFile& file) {
  resting_.insert_or_assign(path,
                            Resting{{file.id(), file.position()}, file.read_bytes(), file.head()});
}

bool FileSource::Impl::rests_copy_of(const FollowedFile& file) const {
  return std::any_of(resting_.begin(), resting_.end(), [&file](const auto& one) {
    return file.head().is(one.second.entry.position.fingerprint) ||
           file.head().is_copy_of(one.second.head);
  });
}

bool FileSource::Impl::is_at_rest(const std::string& path) const {
  const auto found = resting_.find(path);
  struct stat status {};
  if (found == resting_.end() || ::stat(path.c_str(), &status) != 0) {
    return false;
  }
  const FilePosition& position = found->second.entry.position;
  return inode_text(status) == position.inode && modified_at(status) == position.modified &&
         static_cast<std::uint64_t>(status.st_size) == found->second.size;
}

std::uint64_t FileSource::Impl::look_at_resting(const std::string& path) {
  const auto found = resting_.find(path);
  struct stat status {};
  if (found == resting_.end() || ::stat(path.c_str(), &status) != 0) {
    return 0;
  }
  Resting& resting = found->second;
  const FilePosition& position = resting.entry.position;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  // A time that has changed says nothing of bytes.
  if (inode_text(status) != position.inode || size == resting.size || size == 0) {
    return 0;
  }
  if (size < position.offset) {
    resting.is_begun_anew = true;
    return size;
  }
  resting.has_more = resting.has_more || size > resting.size;
  return size - position.offset;
}

// Those that are no longer at their path; their paths.
std::set<std::string> FileSource::Impl::retire_resting() {
  std::set<std::string> gone;
  for (const auto& [path, one] : resting_) {
    struct stat status {};
    // A disk or a server of files that fails to answer takes nothing away.
    if (::stat(path.c_str(), &status) == 0 ? inode_text(status) != one.entry.position.inode
                                           : errno == ENOENT || errno == ENOTDIR) {
      gone.insert(path);
    }
  }
  siblings_ = {};  // as they are after the paths were looked at
  std::erase_if(gone, [this](const std::string& path) {
    const bool has_to_wait = worker_.is_stopping() || !retire_one(path);
    if (!has_to_wait) {
      resting_.erase(path);
    }
    return has_to_wait;
  });
  return gone;
}

// One that is as it was counts as read: what comes to it yet is found beside it, as with any file
// that is written on after it was let go. What came to one before is read, even where only a copy
// or a compressed file has it by now. False where there is no room for that.
bool FileSource::Impl::retire_one(const std::string& path) {
  const Resting& resting = resting_.at(path);
  const FileMemory::Entry& entry = resting.entry;
  const FilePosition& position = entry.position;
  const std::vector<Sibling> siblings = siblings_.of(path);
  const auto moved =
      std::find_if(siblings.begin(), siblings.end(),
                   [&position](const Sibling& one) { return one.inode == position.inode; });
  const bool is_beside = moved != siblings.end();
  if (!is_beside || moved->modified != position.modified || moved->size != resting.size) {
    if (!has_room_beside()) {
      return false;
    }
    // A copy beside it has what it held before.
    if (resting.is_begun_anew && !is_beside) {
      reading_.tell_lost(path,
                         "was cut off, begun anew and removed before it could be opened again: "
                         "what it held then is lost");
    }
    if (auto file = find_again(entry)) {
      if (file->path() == path) {
        files_.live[path] = std::move(file);
      } else {
        files_.add_rotated(std::move(file));
      }
      return true;
    }
  }
  if (resting.has_more) {
    reading_.tell_lost(path,
                       "was removed before it could be opened again: what stands behind its byte " +
                           std::to_string(position.offset) + " is lost");
  }
  const bool was_empty = position.fingerprint.length == 0;
  (void)reading_.store(was_empty ? std::vector<Position>{{entry.id, ""}}
                                 : memory_.finish(entry.id, position));
  return true;
}

std::unique_ptr<FollowedFile> FileSource::Impl::wake(const std::string& path) {
  auto file = reading_.open(path, path);
  // Another file that is there since a moment is opened with the next look.
  if (file != nullptr && file->inode() != resting_.at(path).entry.position.inode) {
    return nullptr;
  }
  const FileMemory::Entry entry = resting_.at(path).entry;
  if (file == nullptr || file->seek(entry.position)) {
    if (file != nullptr) {
      file->set_id(entry.id);
      resting_.erase(path);
    }
    return file;
  }
  return has_room_beside() ? wake_exchanged(path) : nullptr;
}

// It was copied away and cut off, or removed and its number given to the next one.
std::unique_ptr<FollowedFile> FileSource::Impl::wake_exchanged(const std::string& path) {
  const FileMemory::Entry entry = resting_.at(path).entry;
  resting_.erase(path);
  siblings_ = {};
  auto file = find_again(entry);
  if (file != nullptr && file->path() == path) {
    return file;
  }
  if (file != nullptr) {
    files_.add_rotated(std::move(file));
  } else {
    tell_cut_off(path, entry);
  }
  return reading_.open(path, path);
}

// Once as long as there are some. Where the line has to wait it is told with a later look; what is
// over by then was held back, once.
void FileSource::Impl::tell_waiting(std::size_t files) {
  metrics_.set(base::Metric::kFileSourceWaiting, files);
  if (files == 0) {
    if (std::exchange(told_waiting_, Told::kNothingToTell) == Told::kNotYet) {
      waiting_log_.hold_back();
    }
    return;
  }
  const std::int64_t now = clock_.steady();
  if (told_waiting_ == Told::kYes || !waiting_log_.is_due(now)) {
    told_waiting_ = std::max(told_waiting_, Told::kNotYet);
    return;
  }
  told_waiting_ = Told::kYes;
  waiting_log_.warn("source '" + options_.name + "': " + std::to_string(files) +
                        " files wait until others are read: file_source.max_open_files lets no "
                        "more than " +
                        std::to_string(options_.max_open_files) + " be open",
                    now);
}

}  // namespace tiercel::source
