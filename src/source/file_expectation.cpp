// Which files came after the first look, and are read from their beginning.
#include <algorithm>

#include "file_finder.h"
#include "file_source_impl.h"

namespace tiercel::source {

bool FileSource::Impl::is_followed(const std::string& path) const {
  return std::any_of(options_.paths.begin(), options_.paths.end(),
                     [&path](const std::string& one) { return matches_pattern(one, path); });
}

bool FileSource::Impl::is_named(const std::string& path) const {
  return std::find(options_.paths.begin(), options_.paths.end(), path) != options_.paths.end();
}

bool FileSource::Impl::is_expected(const std::string& path) const {
  return !memory_.is_unread(path) && std::any_of(options_.paths.begin(), options_.paths.end(),
                                                 [this, &path](const std::string& one) {
                                                   return memory_.knows_pattern(one) &&
                                                          matches_pattern(one, path);
                                                 });
}

// Before the files are opened: a folder that is opened meanwhile counts as closed once more, and
// what stands in it is not taken for new.
FileSource::Impl::Closed FileSource::Impl::look_for_closed() const {
  Closed closed;
  const bool is_listed = std::any_of(options_.paths.begin(), options_.paths.end(), has_wildcard);
  for (const std::string& one : memory_.unread()) {
    if (one.ends_with('/') && is_open_folder(one, is_listed)) {
      closed.opened.push_back(one);
    }
  }
  for (const std::string& pattern : options_.paths) {
    if (!memory_.knows_pattern(pattern) || !closed.opened.empty()) {
      closed.by_pattern[pattern] = closed_folders(pattern);
    }
  }
  return closed;
}

// What could not be read at the first look is remembered: a log that may not be read yet must not
// be read from its beginning on the day that it may, nor may it keep new ones from being read so.
// One that waits to be opened is as old as the others.
void FileSource::Impl::learn_patterns(const Closed& closed, const std::set<std::string>& present,
                                      const std::set<std::string>& unknown) {
  std::vector<Position> learnt;
  const auto mark = [&](const std::string& pattern, const std::string& folder) {
    for (const std::string& path : present) {
      if (path.starts_with(folder) && (reading_.has_complaint(path) || unknown.contains(path)) &&
          matches_pattern(pattern, path)) {
        learnt.push_back(memory_.mark_unread(path));
      }
    }
    for (const std::string& one : closed.by_pattern.at(pattern)) {
      if (one.starts_with(folder)) {
        learnt.push_back(memory_.mark_unread(one));
      }
    }
  };
  for (const std::string& folder : closed.opened) {
    learnt.push_back(memory_.forget_unread(folder));
    for (const std::string& pattern : options_.paths) {
      mark(pattern, folder);
    }
  }
  for (const std::string& pattern : options_.paths) {
    if (memory_.learn_pattern(pattern)) {
      mark(pattern, "/");
      // Old logs may lie where the live one is still to come.
      if (!has_wildcard(pattern) && !present.contains(pattern)) {
        for (Position& one : pass_over_siblings(pattern, "")) {
          learnt.push_back(std::move(one));
        }
      }
      learnt.push_back(FileMemory::position_of(pattern));
    }
  }
  if (!learnt.empty()) {
    (void)reading_.store(std::move(learnt));
  }
}

}  // namespace tiercel::source
