#pragma once

#include <cstdint>

namespace tiercel::support {

/// What becomes of bytes that were written and not yet synced.
enum class Unsynced : std::uint8_t {
  kForgotten,  ///< none of them reaches the disk
  /// Now and then some of their sectors do, in any order, as a system writes back when it likes.
  kScattered,
};

/// Makes a VFS the default of SQLite in this process that forgets what was not synced when the
/// process is killed, as a disk does when the power fails. Call it before SQLite is used.
///
/// What a file's handles write and truncate stays in this process's memory and goes to the real
/// file with xSync. A kill in the middle of a sync leaves its first sectors. Files are known by
/// their inode: a file that the program renames keeps what has not been synced, and so do closed
/// files. Not modelled is damage to neighbours of a sector that is being written (SQLite's
/// "powersafe overwrite", which the system's VFS claims too).
///
/// Names: a journal or log that SQLite makes has its name on the disk from its first sync on, which
/// is when SQLite syncs the folder. A removal without syncDir comes undone unless the folder is
/// synced later by such a sync or removal. What the program itself makes, renames and removes
/// beside SQLite is on the disk at once. -shm is the system's: SQLite makes it anew.
void use_forgetful_vfs(Unsynced unsynced, unsigned seed);

}  // namespace tiercel::support
