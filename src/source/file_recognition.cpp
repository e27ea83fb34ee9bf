// How a file is known again: after a restart, after rotation, after it was copied and cut off.
#include <algorithm>

#include "tiercel/base/log.h"

#include "file_finder.h"
#include "file_source_impl.h"

namespace tiercel::source {

namespace {
using File = std::unique_ptr<FollowedFile>;

// As often as this while the files are renamed all the time.
constexpr int kMostLists = 16;
// A rotation renames many files in less time than these lists take; and the folder's time of
// change is to be told from the list's.
constexpr std::chrono::milliseconds kBetweenLists{5};
}  // namespace

File FileSource::Impl::open_sibling(const std::string& path, const std::string& followed) {
  File file = reading_.open(path, followed);
  if (file == nullptr && !reading_.has_complaint(path)) {
    siblings_.tell_gone();
  }
  return file;
}

bool FileSource::Impl::list_again(int& lists) {
  if (lists + 1 >= kMostLists || worker_.is_stopping()) {
    return false;
  }
  ++lists;
  worker_.rest(kBetweenLists);
  siblings_ = {};
  return true;
}

bool FileSource::Impl::must_list_again(int& lists) {
  return siblings_.is_stale() && list_again(lists);
}

bool FileSource::Impl::must_list_again(int& lists, const std::string& path) {
  return (siblings_.is_stale() || siblings_.has_changed(path)) && list_again(lists);
}

// By its number, for its name may have been given to another one since it was listed.
void FileSource::Impl::pass_over_listed(const std::string& path, std::set<std::string>& passed,
                                        std::vector<Position>& positions) {
  const auto is_none = [&](const std::string& inode) {
    return passed.contains(inode) || files_.holds(inode);
  };
  for (const Sibling& sibling : siblings_.of(path)) {
    if (worker_.is_stopping()) {
      return;
    }
    if (is_none(sibling.inode) || is_followed(sibling.path)) {
      continue;
    }
    const File old = open_sibling(sibling.path, path);
    if (old == nullptr || is_none(old->inode())) {
      continue;
    }
    passed.insert(old->inode());
    if (old->known().length != 0) {
      FilePosition position = old->position();
      position.offset = old->size();
      for (Position& one : memory_.finish(old->id(), std::move(position))) {
        positions.push_back(std::move(one));
      }
    }
  }
}

// What was rotated before the path was looked at first counts as read; what is to be stored for it.
std::vector<Position> FileSource::Impl::pass_over_siblings(const std::string& path,
                                                           const std::string& own_inode) {
  std::vector<Position> positions;
  std::set<std::string> passed{own_inode};
  int lists = 0;
  do {
    pass_over_listed(path, passed, positions);
  } while (must_list_again(lists, path));
  for (const Sibling& sibling : siblings_.of(path, SiblingKind::kUnreadable)) {
    for (Position& one : count_as_read(path, sibling)) {
      positions.push_back(std::move(one));
    }
  }
  return positions;
}

// The first time that a path is followed: its place is handed to the store before anything is
// read, so that a restart finds what came meanwhile. Beside a log that came after the first look
// the rotated ones did as well.
void FileSource::Impl::adopt(const std::string& path, FollowedFile& file) {
  std::vector<Position> positions;
  if (!is_expected(path)) {
    positions = pass_over_siblings(path, file.inode());
  }
  if (memory_.unread().contains(path)) {
    positions.push_back(memory_.forget_unread(path));
  }
  positions.push_back({file.id(), file.position().text()});
  known_paths_.insert(path);
  (void)reading_.store(std::move(positions));
}

// What was read when the daemon ended, wherever it is now.
void FileSource::Impl::resume() {
  for (const FileMemory::Entry& entry : memory_.take_unfinished()) {
    // A path that is no longer configured keeps its place for the day that it is again.
    if (!known_paths_.contains(entry.position.path) || worker_.is_stopping()) {
      continue;
    }
    const std::string& path = entry.position.path;
    if (!is_named(path) && is_full() && inode_of(path) == entry.position.inode) {
      resting_.insert_or_assign(path, Resting{entry, entry.position.offset});
    } else {
      resume_one(entry);
    }
  }
  siblings_ = {};
  take_up_siblings_of(known_paths_);
}

File FileSource::Impl::find_again(const FileMemory::Entry& entry) {
  int lists = 0;
  std::string cut_off;
  do {
    cut_off.clear();
    if (File file = find_listed(entry, cut_off)) {
      return file;
    }
  } while (must_list_again(lists, entry.position.path));
  return cut_off.empty() ? nullptr : read_again(cut_off, entry);
}

File FileSource::Impl::find_listed(const FileMemory::Entry& entry, std::string& cut_off) {
  const FilePosition& position = entry.position;
  std::vector<std::string> candidates{position.path};
  for (const Sibling& sibling : siblings_.of(position.path)) {
    candidates.push_back(sibling.path);
  }
  // The same file by number before the same contents: one of them may be a copy. One that begins
  // alike and has lost its end comes last.
  for (const bool by_number : {true, false}) {
    for (const std::string& candidate : candidates) {
      const std::string inode = inode_of(candidate);
      if (inode.empty() && candidate != position.path) {
        siblings_.tell_gone();
      }
      if (inode.empty() || files_.holds(inode) || (by_number && inode != position.inode)) {
        continue;
      }
      File file = open_sibling(candidate, position.path);
      if (file == nullptr) {
        continue;
      }
      const bool is_same =
          position.fingerprint.length == 0 ? by_number : file->head().is(position.fingerprint);
      if (is_same && file->seek(position)) {
        file->set_id(entry.id);
        return file;
      }
      if (is_same && position.fingerprint.length != 0 && cut_off.empty()) {
        cut_off = candidate;
      }
    }
  }
  return nullptr;
}

// From its place, or from the beginning where that is not there any more.
File FileSource::Impl::go_on(File file, const FileMemory::Entry& entry) {
  if (file->seek(entry.position)) {
    file->set_id(entry.id);
    return file;
  }
  return read_again(file->path(), entry);
}

// A power cut takes the end of a log that is not synchronised, and what is written since stands
// before our place, or across it. All that the file holds is taken once more: the store knows
// which events it has.
File FileSource::Impl::read_again(const std::string& path, const FileMemory::Entry& entry) {
  File file = reading_.open(path, entry.position.path);
  if (file != nullptr) {
    file->set_id(entry.id);
    base::log_warning("source '" + options_.name + "': " + path +
                      " was cut off at its end: what stood before byte " +
                      std::to_string(entry.position.offset) +
                      " is not what was read there; the file is read again from its beginning");
  }
  return file;
}

void FileSource::Impl::resume_one(const FileMemory::Entry& entry) {
  const FilePosition& position = entry.position;
  if (File file = find_again(entry)) {
    if (file->path() == position.path) {
      base::log_info("following " + position.path + " from byte " +
                     std::to_string(file->position().offset));
      files_.live[position.path] = std::move(file);
    } else {
      files_.add_rotated(std::move(file));
    }
    return;
  }
  if (position.fingerprint.length == 0) {
    (void)reading_.store({{entry.id, ""}});  // It was empty: nothing of it is missed.
    return;
  }
  reading_.tell_lost(position.path,
                     "as it was when the daemon ended is neither there nor among rotated files; "
                     "lines behind its byte " +
                         std::to_string(position.offset) + ", if there were any, are lost");
  (void)reading_.store(memory_.finish(entry.id, position));
}

// Files that were written and rotated away between two looks, or while nobody looked, and those
// that were written on after they had been let go.
void FileSource::Impl::take_up_siblings(const std::string& path) {
  if (!known_paths_.contains(path)) {
    return;
  }
  int lists = 0;
  do {
    if (!take_up_listed(path)) {
      return;
    }
  } while (must_list_again(lists));
  tell_of_unreadable(path);
}

// False where there was no room for all of them, or at stop.
bool FileSource::Impl::take_up_listed(const std::string& path) {
  // To know one again it is opened: once, as long as it does not change.
  ReadSiblings& before = read_siblings_[path];
  ReadSiblings now;
  for (const Sibling& sibling : siblings_.of(path)) {
    if (worker_.is_stopping()) {
      return false;
    }
    const std::tuple state{sibling.inode, sibling.size, sibling.modified};
    if (before.contains(state)) {
      now.insert(state);
      continue;
    }
    if (files_.holds(sibling.inode) || is_followed(sibling.path) ||
        memory_.is_forgotten(sibling.modified)) {
      continue;
    }
    File file = open_sibling(sibling.path, path);
    if (file == nullptr || file->known().length == 0 || files_.holds_copy_of(*file) ||
        rests_copy_of(*file)) {
      continue;
    }
    if (const FileMemory::Entry* entry = memory_.find(*file)) {
      if (file->is_packed() || entry->position.inode != file->inode() ||
          file->size() <= entry->position.offset) {
        now.insert(state);
        continue;
      }
      file = go_on(std::move(file), *entry);
      if (file == nullptr) {
        continue;
      }
    }
    if (!has_room_beside()) {
      now.insert(before.begin(), before.end());
      before = std::move(now);
      waiting_for_siblings_.insert(path);
      return false;
    }
    files_.add_rotated(std::move(file));
  }
  before = std::move(now);
  return true;
}

// Copied away and cut off: what was not read yet stands in the copy.
void FileSource::Impl::follow_the_copy(FollowedFile& file) {
  const FilePosition position = file.position();
  if (position.fingerprint.length == 0) {
    return;  // Not one line of it was read; a copy is taken up as any other sibling.
  }
  siblings_ = {};
  int lists = 0;
  do {
    if (File copy = find_copy(file, position)) {
      copy->set_id(file.id());
      files_.add_rotated(std::move(copy));
      return;
    }
  } while (must_list_again(lists, file.path()));
  tell_cut_off(file.path(), {file.id(), position});
}

File FileSource::Impl::find_copy(const FollowedFile& file, const FilePosition& position) {
  std::vector<Sibling> siblings = siblings_.of(file.path());
  // The newest first: it is the copy, unless an older file begins with the same bytes.
  std::reverse(siblings.begin(), siblings.end());
  for (const Sibling& sibling : siblings) {
    if (files_.holds(sibling.inode)) {
      continue;
    }
    File copy = open_sibling(sibling.path, file.followed_path());
    if (copy != nullptr && copy->head().is(position.fingerprint) && copy->seek(position)) {
      return copy;
    }
  }
  return nullptr;
}

void FileSource::Impl::tell_cut_off(const std::string& path, const FileMemory::Entry& entry) {
  reading_.tell_lost(path, "was cut off and no copy of it is beside it; lines behind its byte " +
                               std::to_string(entry.position.offset) +
                               ", if there were any, are lost");
  (void)reading_.store(memory_.finish(entry.id, entry.position));
}

}  // namespace tiercel::source
