// More files than may be open: those of patterns that are read to their end are closed, and opened
// again when they change.
#include <algorithm>
#include <utility>

#include <sys/stat.h>

#include "tiercel/base/log.h"

#include "file_finder.h"
#include "file_source_impl.h"

namespace tiercel::source {

// A file by name is where its writer is; it stays open.
bool FileSource::Impl::make_room() {
  for (auto one = files_.live.begin(); one != files_.live.end(); ++one) {
    const auto& [path, file] = *one;
    if (!is_named(path) && !file->is_packed() && file->known().length != 0 &&
        file->size() == file->taken()) {
      resting_.insert_or_assign(path, FileMemory::Entry{file->id(), file->position()});
      files_.live.erase(one);
      return true;
    }
  }
  return false;
}

bool FileSource::Impl::rests_copy_of(const FollowedFile& file) const {
  return std::any_of(resting_.begin(), resting_.end(), [&file](const auto& one) {
    return file.head().is(one.second.position.fingerprint);
  });
}

bool FileSource::Impl::is_at_rest(const std::string& path) const {
  const auto found = resting_.find(path);
  struct stat status {};
  if (found == resting_.end() || ::stat(path.c_str(), &status) != 0) {
    return false;
  }
  const FilePosition& position = found->second.position;
  return inode_text(status) == position.inode && modified_at(status) == position.modified &&
         static_cast<std::uint64_t>(status.st_size) == position.offset;
}

// Those that are no longer at their path count as read: what came to one since is found beside it,
// as with any file that is written on after it was let go. Their paths.
std::set<std::string> FileSource::Impl::retire_resting() {
  std::set<std::string> paths;
  for (auto one = resting_.begin(); one != resting_.end();) {
    if (inode_of(one->first) == one->second.position.inode) {
      ++one;
      continue;
    }
    (void)reading_.store(memory_.finish(one->second.id, one->second.position));
    paths.insert(one->first);
    one = resting_.erase(one);
  }
  return paths;
}

std::unique_ptr<FollowedFile> FileSource::Impl::wake(const std::string& path) {
  auto file = reading_.open(path, path);
  // Another file that is there since a moment is opened with the next look.
  if (file != nullptr && file->inode() != resting_.at(path).position.inode) {
    return nullptr;
  }
  if (file != nullptr) {
    const FileMemory::Entry entry = resting_.at(path);
    resting_.erase(path);
    file = go_on(std::move(file), entry);
  }
  return file;
}

void FileSource::Impl::tell_waiting(std::size_t files) {
  metrics_.set(base::Metric::kFileSourceWaiting, files);
  if (files == 0) {
    has_told_waiting_ = false;
  } else if (!std::exchange(has_told_waiting_, true)) {
    base::log_warning("source '" + options_.name + "': " + std::to_string(files) +
                      " files wait until others are read: file_source.max_open_files lets no more "
                      "than " +
                      std::to_string(options_.max_open_files) + " be open");
  }
}

}  // namespace tiercel::source
