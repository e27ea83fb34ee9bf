#include "backup.h"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "tiercel/store/folder.h"

#include "disk.h"
#include "schema.h"

namespace tiercel::store {

namespace {

namespace fs = std::filesystem;

/// Of the folder in which the copy is made; renamed when it is whole.
constexpr std::string_view kPartialSuffix = ".partial";

bool is_within(const fs::path& path, const fs::path& folder) {
  const auto [at, end] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return !folder.empty() && at == folder.end();
}

base::Result<void> check_target(const std::string& folder, const std::string& store) {
  std::error_code error;
  if (is_within(fs::weakly_canonical(fs::absolute(folder), error),
                fs::canonical(store, error).parent_path())) {
    return base::Error{"within_store",
                       "the folder for the backup is in the store's own; name one elsewhere, best "
                       "on another disk",
                       folder};
  }
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return base::Error{"not_empty",
                       "the folder for the backup is not empty: name a new one, so that nothing is "
                       "mixed with what is there",
                       folder};
  }
  return {};
}

// The folder of a copy that is not whole: gone at the end, unless it was finished.
class PartialCopy {
 public:
  explicit PartialCopy(const std::string& folder)
      : had_folder_(::access(folder.c_str(), F_OK) == 0),
        folder_(folder),
        whole_(folder + "/" + std::string(kFolderName)),
        partial_(whole_ + std::string(kPartialSuffix)) {}
  ~PartialCopy() {
    std::error_code error;
    if (!is_whole_) {
      fs::remove_all(partial_, error);
    }
    if (!is_whole_ && !had_folder_) {
      fs::remove(folder_, error);
    }
  }
  PartialCopy(const PartialCopy&) = delete;
  PartialCopy& operator=(const PartialCopy&) = delete;

  [[nodiscard]] const std::string& path() const { return partial_; }
  [[nodiscard]] base::Result<void> make() const { return make_folders(folder_, partial_); }
  [[nodiscard]] base::Result<void> finish() {
    auto done = sync_folder(partial_);
    if (done) {
      done = rename_file(partial_, whole_);
    }
    is_whole_ = done.has_value();
    return done ? sync_folder(folder_) : done;
  }

 private:
  bool had_folder_;
  std::string folder_;
  std::string whole_;
  std::string partial_;
  bool is_whole_ = false;
};

// Copies the rows of a small table in one short read.
base::Result<void> copy_table(Database& from, Database& to, const char* table, int columns) {
  std::string marks = "?1";
  for (int at = 2; at <= columns; ++at) {
    marks += ",?" + std::to_string(at);
  }
  auto read = from.prepare(std::string("SELECT * FROM ") + table);
  if (!read) {
    return read.error();
  }
  auto write =
      to.prepare(std::string("INSERT OR REPLACE INTO ") + table + " VALUES(" + marks + ")");
  if (!write) {
    return write.error();
  }
  Statement::Step step = read->step();
  for (; step == Statement::Step::kRow; step = read->step()) {
    for (int at = 0; at < columns; ++at) {
      // SQLite keeps numbers of INTEGER columns as numbers whatever they are bound as.
      write->bind_text(at + 1, read->bytes(at));
    }
    if (!write->run()) {
      return to.error("copying a table");
    }
  }
  if (step == Statement::Step::kError) {
    return from.error("reading a table");
  }
  return {};
}

base::Result<void> copy_tables(Database& from, Database& to) {
  for (const auto& [table, columns] : {std::pair{"meta", 2}, {"cursors", 3}, {"positions", 3}}) {
    if (auto copied = copy_table(from, to, table, columns); !copied) {
      return copied;
    }
  }
  return {};
}

base::Result<void> copy_page(const Page& page, Database& to) {
  auto write = to.prepare("INSERT INTO alerts VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)");
  if (!write) {
    return write.error();
  }
  if (auto begun = to.execute("BEGIN"); !begun) {
    return begun;
  }
  for (const StoredAlert& alert : page.alerts) {
    write->bind(1, static_cast<std::int64_t>(alert.position & 0xFFFFFFFFU))
        .bind_blob(2, {reinterpret_cast<const char*>(alert.id.data()), alert.id.size()})
        .bind(3, alert.time)
        .bind(4, alert.stored)
        .bind(5, alert.priority)
        .bind_text(6, alert.rule)
        .bind_text(7, alert.tags)
        .bind_text(8, alert.user)
        .bind_text(9, alert.name_space)
        .bind_text(10, alert.cluster)
        .bind_blob(11, alert.body);
    if (!write->run()) {
      return to.error("copying an alert");
    }
  }
  return to.execute("COMMIT");
}

base::Result<std::uint64_t> copy_segment(HistorySegment& from, const std::string& file) {
  if (auto made = make_empty_file(file); !made) {
    return made.error();
  }
  auto to = Database::open(file, {}, Database::Access::kWrite);
  if (!to) {
    return to.error();
  }
  auto done = to->execute("PRAGMA synchronous=OFF;");
  if (done) {
    done = to->execute(table_statements());
  }
  if (done) {
    done = to->execute(("PRAGMA application_id=" + std::to_string(kApplicationId) +
                        ";PRAGMA user_version=" + std::to_string(kSchemaVersion))
                           .c_str());
  }
  if (done) {
    done = from.read([&to](Database& source) { return copy_tables(source, *to); });
  }
  std::uint64_t count = 0;
  Page page;
  page.more = done.has_value();
  for (std::uint32_t row = 0; done && page.more;) {
    done = from.read_rows(row, page);
    if (done && !page.alerts.empty()) {
      row = static_cast<std::uint32_t>(page.alerts.back().position);
      done = copy_page(page, *to);
      count += page.alerts.size();
    }
  }
  if (done) {
    done = to->use_wal();  // As a daemon makes one.
  }
  if (!done) {
    return done.error();
  }
  return count;
}

base::Result<void> sync_file(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  const bool is_synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  if (!is_synced) {
    return base::Error{"write_failed", "the copy could not be brought to the disk", file};
  }
  return {};
}

// Of a full disk: the store's advice is of no use where the copy is.
base::Error told(base::Error error, const std::string& folder) {
  if (error.code == fault::kFull && error.context.starts_with(folder)) {
    error.message =
        "the backup does not fit on its disk: free space there, or name a folder on "
        "another one";
    error.context = folder;
  }
  error.message += "; no backup was made";
  return error;
}

}  // namespace

base::Result<std::uint64_t> copy_segments(const std::vector<HistorySegment*>& segments,
                                          const std::string& store, const std::string& folder) {
  if (auto checked = check_target(folder, store); !checked) {
    return checked.error();
  }
  PartialCopy copy(folder);
  if (auto made = copy.make(); !made) {
    return told(made.error(), folder);
  }
  std::uint64_t all = 0;
  // The newest first: its cursors and positions count, and must not be newer than the rest.
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    const std::string file = copy.path() + "/" + segment_name((*segment)->number());
    const auto copied = copy_segment(**segment, file);
    if (!copied) {
      if (::access((*segment)->file().c_str(), F_OK) != 0) {
        remove_segment(file);
        continue;  // removed by retention meanwhile
      }
      return told(copied.error(), folder);
    }
    if (auto synced = sync_file(file); !synced) {
      return told(synced.error(), folder);
    }
    all += *copied;
  }
  if (auto finished = copy.finish(); !finished) {
    return told(finished.error(), folder);
  }
  return all;
}

}  // namespace tiercel::store
