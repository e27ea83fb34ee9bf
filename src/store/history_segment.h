#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tiercel/store/feed.h"

#include "database.h"
#include "disk.h"

namespace tiercel::store {

/// How many rows are read in one transaction: a few milliseconds with bodies of a few KiB.
inline constexpr std::size_t kHistoryRows = 200;

/// One segment as a reader outside of the daemon sees it. Without a WAL nobody writes it, and it
/// is read without locks; when a daemon comes and writes on, it is opened anew.
///
/// Runs on: one thread.
class HistorySegment {
 public:
  HistorySegment(std::uint32_t number, std::string file)
      : number_(number), file_(std::move(file)), identity_(file_identity(file_)) {}

  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  /// Another file has taken its name.
  [[nodiscard]] bool is_exchanged() const;

  /// Rows behind `row`, in order of storing. A file that retention has removed gives none.
  [[nodiscard]] base::Result<void> read_rows(std::uint32_t row, Page& page);
  /// Which way ids are gone through.
  enum class Order : std::uint8_t { kUp, kDown };
  /// Those with ids strictly between `low` and `high` (16 bytes each), the first in `order`.
  [[nodiscard]] base::Result<void> read_ids(const std::string& low, const std::string& high,
                                            Order order, Page& page);
  [[nodiscard]] base::Result<std::uint32_t> last_row();
  /// Calls `reading`, and once more where a daemon began to write meanwhile: what was read
  /// without locks may then be half of the old and half of the new.
  using Reading = std::function<base::Result<void>(Database&)>;
  [[nodiscard]] base::Result<void> read(const Reading& reading);
  /// Nothing more is wanted of it at present: the file is held open no longer.
  void close();

 private:
  enum class Kind : std::uint8_t { kRows, kIdsUp, kIdsDown };
  [[nodiscard]] base::Result<void> open();
  /// It was opened without locks, and is written now.
  [[nodiscard]] bool is_stale() const;
  [[nodiscard]] base::Result<Statement*> statement(Kind kind);
  [[nodiscard]] base::Result<void> fill(Statement& statement, Page& page) const;

  std::uint32_t number_;
  std::string file_;
  std::optional<FileIdentity> identity_;
  std::optional<FileState> alone_;  ///< when it was opened without locks; else empty
  Database database_;
  Statement rows_;
  Statement ids_up_;
  Statement ids_down_;
};

}  // namespace tiercel::store
