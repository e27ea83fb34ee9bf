#include "forgetful_disk.h"

#include <iterator>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tiercel::support {

namespace {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

int open_real(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  return file >= 0 ? file : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
}

}  // namespace

ForgetfulDisk::Handle ForgetfulDisk::open(const std::string& path, bool may_make) {
  const std::lock_guard lock(mutex_);
  forget_unlinked();
  if (const auto found = nameless_.find(path); found != nameless_.end()) {
    return found->second;
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !is_removed(path)) {
    Handle& file = real_[{status.st_dev, status.st_ino}];
    if (file == nullptr) {
      file = std::make_shared<ForgetfulFile>(path, open_real(path));
    }
    return file;
  }
  if (!may_make) {
    return nullptr;
  }
  return nameless_[path] = std::make_shared<ForgetfulFile>(path);
}

void ForgetfulDisk::close(Handle file) {
  const std::lock_guard lock(mutex_);
  file.reset();
  // The map's own is the last handle. Before that the descriptor must stay open: closing any
  // would end the process's locks on the file.
  std::erase_if(real_, [](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->is_clean();
  });
}

// A descriptor that is held keeps the inode's number from being used for another file.
void ForgetfulDisk::forget_unlinked() {
  std::erase_if(real_, [](const auto& entry) {
    struct stat status {};
    return entry.second.use_count() == 1 && ::fstat(entry.second->descriptor(), &status) == 0 &&
           status.st_nlink == 0;
  });
}

bool ForgetfulDisk::is_removed(const std::string& path) {
  const auto found = removed_.find(path);
  if (found == removed_.end()) {
    return false;
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && status.st_ino == found->second) {
    return true;
  }
  removed_.erase(found);
  return false;
}

bool ForgetfulDisk::has_content(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const auto found = nameless_.find(path); found != nameless_.end()) {
    return found->second->size() > 0;
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || is_removed(path)) {
    return false;
  }
  const auto found = real_.find({status.st_dev, status.st_ino});
  return (found == real_.end() ? status.st_size : found->second->size()) > 0;
}

bool ForgetfulDisk::remove(const std::string& path, bool is_synced) {
  const std::lock_guard lock(mutex_);
  const bool was_nameless = nameless_.erase(path) != 0;
  struct stat status {};
  const bool is_there = ::stat(path.c_str(), &status) == 0 && !is_removed(path);
  if (is_there) {
    removed_[path] = status.st_ino;
  }
  if (is_synced) {
    sync_folder(folder_of(path));
  }
  return was_nameless || is_there;
}

ForgetfulDisk::Bytes ForgetfulDisk::read(const ForgetfulFile& file, char* to, Bytes count,
                                         Bytes offset) {
  const std::lock_guard lock(mutex_);
  return file.read(to, count, offset);
}

bool ForgetfulDisk::write(ForgetfulFile& file, const char* from, Bytes count, Bytes offset) {
  const std::lock_guard lock(mutex_);
  return file.write(from, count, offset);
}

void ForgetfulDisk::truncate(ForgetfulFile& file, Bytes size) {
  const std::lock_guard lock(mutex_);
  file.truncate(size);
}

ForgetfulDisk::Bytes ForgetfulDisk::size(const ForgetfulFile& file) {
  const std::lock_guard lock(mutex_);
  return file.size();
}

bool ForgetfulDisk::sync(ForgetfulFile& file) {
  {
    const std::lock_guard lock(mutex_);
    if (!file.is_real()) {
      if (!give_name(file)) {
        return false;
      }
      sync_folder(folder_of(file.path()));
    }
    if (!file.flush()) {
      return false;
    }
  }
  // Others read and write meanwhile, as they may while a disk works.
  return ::fdatasync(file.descriptor()) == 0;
}

bool ForgetfulDisk::give_name(ForgetfulFile& file) {
  if (is_removed(file.path())) {
    ::unlink(file.path().c_str());
    removed_.erase(file.path());
  }
  const int descriptor = ::open(file.path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    return false;
  }
  file.become_real(descriptor);
  // One that was removed while it had no name is known to its handles only.
  if (const auto found = nameless_.find(file.path());
      found != nameless_.end() && found->second.get() == &file) {
    real_[{status.st_dev, status.st_ino}] = found->second;
    nameless_.erase(found);
  } else {
    ::unlink(file.path().c_str());
  }
  return true;
}

void ForgetfulDisk::sync_folder(const std::string& folder) {
  std::erase_if(removed_, [&](const auto& entry) {
    if (folder_of(entry.first) != folder) {
      return false;
    }
    struct stat status {};
    if (::stat(entry.first.c_str(), &status) == 0 && status.st_ino == entry.second) {
      ::unlink(entry.first.c_str());
    }
    return true;
  });
}

void ForgetfulDisk::scatter(std::mt19937& random) {
  const std::lock_guard lock(mutex_);
  if (random() % 16 == 0 && !nameless_.empty()) {
    // The name alone, with nothing in the file.
    static_cast<void>(give_name(*nameless_.begin()->second));
  }
  if (random() % 16 == 0 && !removed_.empty()) {
    sync_folder(folder_of(removed_.begin()->first));
  }
  if (!real_.empty()) {
    const auto chosen =
        std::next(real_.begin(), static_cast<std::ptrdiff_t>(random() % real_.size()));
    chosen->second->scatter(random);
  }
}

}  // namespace tiercel::support
