#include "backup.h"

#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "disk.h"
#include "schema.h"

namespace tiercel::store {

namespace {

namespace fs = std::filesystem;

base::Result<void> make_target(const std::string& folder, const std::string& alerts) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return base::Error{"not_empty",
                       "the folder for the backup is not empty: name a new one, so that nothing is "
                       "mixed with what is there",
                       folder};
  }
  return make_folders(folder, alerts);
}

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

}  // namespace

base::Result<std::uint64_t> copy_segments(const std::vector<HistorySegment*>& segments,
                                          const std::string& folder) {
  const std::string alerts = folder + "/" + std::string(kFolderName);
  if (auto made = make_target(folder, alerts); !made) {
    return made.error();
  }
  std::uint64_t all = 0;
  // The newest first: its cursors and positions count, and must not be newer than the rest.
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    const std::string file = alerts + "/" + segment_name((*segment)->number());
    const auto copied = copy_segment(**segment, file);
    if (!copied) {
      if (::access((*segment)->file().c_str(), F_OK) != 0) {
        ::unlink(file.c_str());
        continue;  // removed by retention meanwhile
      }
      return copied.error();
    }
    if (auto synced = sync_file(file); !synced) {
      return synced.error();
    }
    all += *copied;
  }
  if (auto synced = sync_folder(alerts); !synced) {
    return synced.error();
  }
  return all;
}

}  // namespace tiercel::store
