#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tiercel::store {

/// What an operator can do about a failed call of SQLite; stands in base::Error::code.
namespace fault {
inline constexpr std::string_view kFull = "full";          ///< no room: disk, quota, file limit
inline constexpr std::string_view kDamaged = "damaged";    ///< not a database, or broken inside
inline constexpr std::string_view kReadOnly = "readonly";  ///< may not be written
inline constexpr std::string_view kMissing = "missing";    ///< cannot be opened
inline constexpr std::string_view kBusy = "busy";          ///< another process holds it
inline constexpr std::string_view kIo = "io";              ///< the disk does not work
}  // namespace fault

/// A prepared statement. Texts and blobs are bound without a copy: they must live until the
/// next reset().
///
/// Runs on: the thread of its database.
class Statement {
 public:
  enum class Step : std::uint8_t { kRow, kDone, kError };

  Statement() = default;
  [[nodiscard]] explicit operator bool() const { return statement_ != nullptr; }

  Statement& bind(int index, std::int64_t value);
  Statement& bind_text(int index, std::string_view value);
  Statement& bind_blob(int index, std::string_view value);
  [[nodiscard]] Step step();
  void reset();
  /// step() and reset(), for a statement that gives no rows; true where it went well.
  [[nodiscard]] bool run();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  /// Until the next step() or reset().
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection to one segment.
///
/// Runs on: one thread at a time; SQLite's own locks between connections are all there is.
class Database {
 public:
  enum class Access : std::uint8_t {
    kRead,   ///< writes are refused; may still make -shm and remove an empty -wal
    kWrite,  ///< must exist already
    /// Of a segment that nobody writes and that has no WAL: nothing is locked and no file is
    /// made, so that it can be read on a full or read-only disk too.
    kAlone,
  };

  Database() = default;
  /// `name` is a path, or a URI for the memory VFS. `vfs` empty: the system's.
  [[nodiscard]] static base::Result<Database> open(const std::string& name, const std::string& vfs,
                                                   Access access);

  [[nodiscard]] explicit operator bool() const { return connection_ != nullptr; }
  /// REQUIRES: the statements of this connection are gone.
  void close() { connection_.reset(); }
  [[nodiscard]] base::Result<Statement> prepare(std::string_view text);
  /// Any number of statements without parameters or rows.
  [[nodiscard]] base::Result<void> execute(const char* text);
  /// The first column of the first row; 0 where it is null or there is none.
  [[nodiscard]] base::Result<std::int64_t> number(std::string_view text);
  /// Of the last call that failed.
  [[nodiscard]] base::Error error(std::string_view doing) const;
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;
  void rollback();
  /// The last connection to a segment moves its WAL into it when it closes; not this one.
  void leave_wal_on_close();
  /// After each commit of this connection `frames` is the length of the WAL; nothing is moved
  /// into the database by itself any more.
  void watch_wal(int* frames);
  /// Commits go to a WAL beside the file from now on; an error where they do not.
  [[nodiscard]] base::Result<void> use_wal();
  enum class Checkpoint : std::uint8_t { kPassive, kRestart, kTruncate };
  struct WalState {
    int frames = 0;  ///< in the WAL
    int moved = 0;   ///< of them into the database
    bool busy = false;
  };
  /// `patience`: how long readers of older states are waited for; a passive one waits for none.
  [[nodiscard]] base::Result<WalState> checkpoint(Checkpoint kind,
                                                  std::chrono::milliseconds patience);

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  /// How long a call waits for a lock that another connection holds.
  void busy_timeout(std::chrono::milliseconds timeout);

  std::unique_ptr<sqlite3, Close> connection_;
  std::string name_;
};

}  // namespace tiercel::store
