#include "forgetful_vfs.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include <sqlite3.h>

#include "forgetful_disk.h"

namespace tiercel::support {

namespace {

constexpr const char* kName = "forgetful";
/// What SQLite means to outlive the process; everything else is the system's.
constexpr int kLasting = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;

// Both outlive every connection, whichever thread closes it last.
ForgetfulDisk& disk() {
  static auto* const the_disk = new ForgetfulDisk;
  return *the_disk;
}
sqlite3_vfs* system_vfs() {
  static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
  return found;
}

// What SQLite holds; behind it the system's own file, which has a database's locks and -shm.
struct File {
  sqlite3_file base;
  ForgetfulDisk::Handle* bytes;
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* system_file(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
}
bool is_database(sqlite3_file* file) { return system_file(file)->pMethods != nullptr; }

int close_file(sqlite3_file* file) {
  int code = SQLITE_OK;
  if (is_database(file)) {
    code = system_file(file)->pMethods->xClose(system_file(file));
  }
  disk().close(std::move(*file_of(file).bytes));
  delete file_of(file).bytes;
  return code;
}

int read_file(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
  auto* const bytes = static_cast<char*>(to);
  const std::int64_t got = disk().read(**file_of(file).bytes, bytes, count, offset);
  if (got < 0) {
    return SQLITE_IOERR_READ;
  }
  std::memset(bytes + got, 0, static_cast<std::size_t>(count - got));
  return got == count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  const bool is_good =
      disk().write(**file_of(file).bytes, static_cast<const char*>(from), count, offset);
  return is_good ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  disk().truncate(**file_of(file).bytes, size);
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int /*flags*/) {
  return disk().sync(**file_of(file).bytes) ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  *size = disk().size(**file_of(file).bytes);
  return SQLITE_OK;
}

int lock_file(sqlite3_file* file, int level) {
  return is_database(file) ? system_file(file)->pMethods->xLock(system_file(file), level)
                           : SQLITE_OK;
}

int unlock_file(sqlite3_file* file, int level) {
  return is_database(file) ? system_file(file)->pMethods->xUnlock(system_file(file), level)
                           : SQLITE_OK;
}

int check_lock(sqlite3_file* file, int* is_locked) {
  *is_locked = 0;
  return is_database(file)
             ? system_file(file)->pMethods->xCheckReservedLock(system_file(file), is_locked)
             : SQLITE_OK;
}

int control_file(sqlite3_file* file, int what, void* argument) {
  // The system's file must not grow for what has not been written to it.
  if (!is_database(file) || what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE) {
    return SQLITE_NOTFOUND;
  }
  return system_file(file)->pMethods->xFileControl(system_file(file), what, argument);
}

int sector_size(sqlite3_file* /*file*/) { return 4096; }
int characteristics(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_shared(sqlite3_file* file, int page, int size, int may_extend, void volatile** to) {
  return system_file(file)->pMethods->xShmMap(system_file(file), page, size, may_extend, to);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return system_file(file)->pMethods->xShmLock(system_file(file), offset, count, flags);
}
void order_shared(sqlite3_file* file) {
  system_file(file)->pMethods->xShmBarrier(system_file(file));
}
int unmap_shared(sqlite3_file* file, int is_last) {
  return system_file(file)->pMethods->xShmUnmap(system_file(file), is_last);
}

// Version 2: nothing is mapped into memory behind our back.
constexpr sqlite3_io_methods kMethods{2,
                                      &close_file,
                                      &read_file,
                                      &write_file,
                                      &truncate_file,
                                      &sync_file,
                                      &size_of_file,
                                      &lock_file,
                                      &unlock_file,
                                      &check_lock,
                                      &control_file,
                                      &sector_size,
                                      &characteristics,
                                      &map_shared,
                                      &lock_shared,
                                      &order_shared,
                                      &unmap_shared,
                                      nullptr,
                                      nullptr};

int open_file(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
              int* out_flags) {
  if (name == nullptr || (flags & kLasting) == 0) {
    return system_vfs()->xOpen(system_vfs(), name, file, flags, out_flags);
  }
  file->pMethods = nullptr;
  sqlite3_file* const system = system_file(file);
  system->pMethods = nullptr;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    if (const int code = system_vfs()->xOpen(system_vfs(), name, system, flags, out_flags);
        code != SQLITE_OK) {
      return code;
    }
  } else if (out_flags != nullptr) {
    *out_flags = flags;
  }
  ForgetfulDisk::Handle bytes = disk().open(name, (flags & SQLITE_OPEN_CREATE) != 0);
  if (bytes == nullptr) {
    if (system->pMethods != nullptr) {
      system->pMethods->xClose(system);
    }
    return SQLITE_CANTOPEN;
  }
  file_of(file).bytes = new ForgetfulDisk::Handle(std::move(bytes));
  file->pMethods = &kMethods;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs* /*vfs*/, const char* name, int is_synced) {
  return disk().remove(name, is_synced != 0) ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

int look_at_file(sqlite3_vfs* /*vfs*/, const char* name, int what, int* result) {
  if (what != SQLITE_ACCESS_EXISTS) {
    return system_vfs()->xAccess(system_vfs(), name, what, result);
  }
  *result = disk().has_content(name) ? 1 : 0;
  return SQLITE_OK;
}

}  // namespace

void use_forgetful_vfs(Unsynced unsynced, unsigned seed) {
  static sqlite3_vfs vfs = *system_vfs();
  vfs.zName = kName;
  vfs.szOsFile += static_cast<int>(sizeof(File));
  vfs.pNext = nullptr;
  vfs.xOpen = &open_file;
  vfs.xDelete = &remove_file;
  vfs.xAccess = &look_at_file;
  sqlite3_vfs_register(&vfs, 1);
  if (unsynced == Unsynced::kScattered) {
    // The program's signals are for its own threads.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    std::thread([seed] {
      for (std::mt19937 random(seed);;) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
        disk().scatter(random);
      }
    }).detach();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
}

}  // namespace tiercel::support
