#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/store/feed.h"

namespace tiercel::store {

/// Which alerts; all conditions given must hold. Times in nanoseconds since the epoch, of
/// the event, `since` inclusive and `until` exclusive.
struct Query {
  std::optional<std::int64_t> since;
  std::optional<std::int64_t> until;
  std::vector<std::string> rules;        ///< any of them; `*` stands for any run
  std::optional<std::uint8_t> priority;  ///< this one and worse
  std::vector<std::string> users;        ///< any of them; `*` stands for any run
  std::vector<std::string> namespaces;   ///< any of them; `*` stands for any run
  std::vector<std::string> tags;         ///< the alert carries all of them
  std::vector<std::string> ids;          ///< any of them, 32 hex digits
  std::uint64_t limit = 0;               ///< the newest that many; 0: all
};

/// Reads a store that may belong to a running daemon, without changing anything and without
/// holding a transaction for over 100 ms. Segments that are damaged or of a newer schema are
/// named in complaints() and left out.
///
/// Runs on: one thread.
class History {
 public:
  /// `path` as in StoreOptions, or a backup's folder.
  [[nodiscard]] static base::Result<std::unique_ptr<History>> open(const std::string& path);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  /// Calls `take` for each alert in order of event time, until it returns false.
  [[nodiscard]] base::Result<void> query(const Query& query,
                                         const std::function<bool(const StoredAlert&)>& take);
  /// Those that were stored after `after`, in order of storing; returns where to go on. Sees
  /// segments that the daemon has begun meanwhile.
  [[nodiscard]] base::Result<Position> follow(Position after, const Query& query,
                                              const std::function<bool(const StoredAlert&)>& take);
  /// Behind the last alert.
  [[nodiscard]] base::Result<Position> end();
  [[nodiscard]] const std::vector<std::string>& complaints() const;
  /// Copies everything to `folder`, which must be empty or not be there, while a daemon may be
  /// writing: the copy is a store that a daemon can be started on. Returns the number of alerts.
  [[nodiscard]] base::Result<std::uint64_t> backup(const std::string& folder);

 private:
  class Impl;
  explicit History(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::store
