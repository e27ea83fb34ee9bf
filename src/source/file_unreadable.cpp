// Rotated files in formats that are not read here. What they hold cannot be known again by its
// first bytes; it is by the file's time of change, which compressing keeps.
#include "file_source_impl.h"

namespace tiercel::source {

std::vector<Position> FileSource::Impl::count_as_read(const std::string& path,
                                                      const Sibling& sibling) {
  FilePosition position;
  position.offset = sibling.size;
  position.modified = sibling.modified;
  position.inode = sibling.inode;
  position.path = path;
  return memory_.finish(random_file_id(), std::move(position));
}

// Each once, over restarts too.
void FileSource::Impl::tell_of_unreadable(const std::string& path) {
  for (const Sibling& sibling : siblings_.of(path, SiblingKind::kUnreadable)) {
    if (files_.holds_of_time(sibling.modified) || memory_.has_read(sibling.modified) ||
        memory_.is_forgotten(sibling.modified)) {
      continue;
    }
    reading_.tell_lost(sibling.path,
                       "is compressed in a format that is not read here: those of its events that "
                       "were not read before are lost",
                       "Let rotation compress with gzip or zstd; `tiercel replay` reads the file "
                       "once it is unpacked");
    (void)reading_.store(count_as_read(path, sibling));
  }
}

}  // namespace tiercel::source
