#include "segment.h"

#include <algorithm>
#include <string_view>

#include "schema.h"

namespace tiercel::store {

namespace {

bool is_untimed(const AlertKey& id) {
  return std::all_of(id.begin(), id.begin() + 6, [](std::uint8_t byte) { return byte == 0; });
}

AlertKey key_of(std::string_view bytes) {
  AlertKey key{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
  return key;
}

base::Result<void> write_start(Database& database, const SegmentPlace& place,
                               const SegmentStart& start) {
  const std::string begin = "BEGIN IMMEDIATE;" + std::string(table_statements()) +
                            "PRAGMA application_id=" + std::to_string(kApplicationId) +
                            ";PRAGMA user_version=" + std::to_string(place.version) +
                            ";INSERT INTO meta VALUES('segment'," + std::to_string(start.number) +
                            "),('begun'," + std::to_string(start.begun) + ");";
  if (auto made = database.execute(begin.c_str()); !made) {
    return made.error();
  }
  auto cursor = database.prepare("INSERT INTO cursors VALUES(?1,?2,?3)");
  auto position = database.prepare("INSERT INTO positions VALUES(?1,?2,?3)");
  if (!cursor || !position) {
    return database.error("beginning a segment");
  }
  for (const CursorRow& row : start.cursors) {
    if (!cursor->bind_text(1, row.output).bind(2, row.segment).bind(3, row.row).run()) {
      return database.error("beginning a segment");
    }
  }
  for (const auto& [key, value] : start.positions) {
    position->bind_text(1, key.first).bind_text(2, key.second).bind_text(3, value);
    if (!position->run()) {
      return database.error("beginning a segment");
    }
  }
  return database.execute("COMMIT");
}

base::Result<void> write_file(const SegmentPlace& place, const SegmentStart& start,
                              const std::string& path) {
  if (auto made = make_empty_file(path); !made) {
    return made.error();
  }
  auto database = Database::open(path, place.vfs, Database::Access::kWrite);
  if (!database) {
    return database.error();
  }
  // Not in WAL mode, so that all of it stands in the file itself. It counts for nothing under this
  // name, so that no journal on disk need save it.
  if (auto set = database->execute("PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF"); !set) {
    return set.error();
  }
  if (auto written = write_start(*database, place, start); !written) {
    return written.error();
  }
  // The change to WAL mode is a transaction too; its sync is the one of the whole file.
  if (auto set = database->execute("PRAGMA synchronous=FULL"); !set) {
    return set.error();
  }
  return database->use_wal();
}

}  // namespace

void IdRange::add(const AlertKey& id) {
  if (is_untimed(id)) {
    has_untimed = true;
    return;
  }
  least = has_timed ? std::min(least, id) : id;
  most = has_timed ? std::max(most, id) : id;
  has_timed = true;
}

bool IdRange::may_hold(const AlertKey& id) const {
  if (is_untimed(id)) {
    return has_untimed;
  }
  return has_timed && least <= id && id <= most;
}

std::string SegmentPlace::file(std::uint32_t number) const {
  if (in_memory()) {
    return "file:/" + memory_prefix + "-" + std::to_string(number) + "?vfs=memdb";
  }
  return folder + "/" + segment_name(number);
}

base::Result<Database> make_segment(const SegmentPlace& place, const SegmentStart& start) {
  const std::string file = place.file(start.number);
  if (place.in_memory()) {
    auto database = Database::open(file, {}, Database::Access::kWrite);
    if (!database) {
      return database.error();
    }
    if (auto written = write_start(*database, place, start); !written) {
      return written.error();
    }
    return std::move(*database);
  }
  const std::string fresh =
      place.folder + "/" + std::string(kNewPrefix) + segment_name(start.number);
  auto written = write_file(place, start, fresh);
  if (written) {
    written = rename_file(fresh, file);
  }
  if (written) {
    written = sync_folder(place.folder);
  }
  if (!written) {
    remove_segment(fresh);
    return written.error();
  }
  return Database::open(file, place.vfs, Database::Access::kWrite);
}

base::Result<Database> open_for_reading(const SegmentPlace& place, const Segment& segment) {
  return Database::open(segment.file, place.vfs,
                        segment.stands_alone ? Database::Access::kAlone : Database::Access::kRead);
}

base::Result<void> read_segment(Database& database, Segment& segment) {
  auto statement = database.prepare(
      "SELECT (SELECT max(row) FROM alerts),"
      " (SELECT stored FROM alerts ORDER BY row DESC LIMIT 1),"
      " (SELECT value FROM meta WHERE key='begun'),"
      " (SELECT min(id) FROM alerts),"
      " (SELECT min(id) FROM alerts WHERE id>=x'000000000001'),"
      " (SELECT max(id) FROM alerts)");
  if (!statement) {
    return statement.error();
  }
  if (statement->step() != Statement::Step::kRow) {
    return database.error("reading a segment");
  }
  segment.rows = static_cast<std::uint32_t>(statement->integer(0));
  segment.last_stored = statement->integer(1);
  segment.begun = statement->integer(2);
  for (int column = 3; column < 6; ++column) {
    if (!statement->is_null(column)) {
      segment.ids.add(key_of(statement->bytes(column)));
    }
  }
  return {};
}

base::Result<std::vector<CursorRow>> read_cursors(Database& database) {
  auto statement = database.prepare("SELECT output, segment, row FROM cursors");
  if (!statement) {
    return statement.error();
  }
  std::vector<CursorRow> rows;
  Statement::Step step = statement->step();
  for (; step == Statement::Step::kRow; step = statement->step()) {
    rows.push_back({std::string(statement->bytes(0)),
                    static_cast<std::uint32_t>(statement->integer(1)),
                    static_cast<std::uint32_t>(statement->integer(2))});
  }
  if (step == Statement::Step::kError) {
    return database.error("reading the cursors");
  }
  return rows;
}

base::Result<Positions> read_positions(Database& database) {
  auto statement = database.prepare("SELECT source, key, value FROM positions");
  if (!statement) {
    return statement.error();
  }
  Positions positions;
  Statement::Step step = statement->step();
  for (; step == Statement::Step::kRow; step = statement->step()) {
    positions[{std::string(statement->bytes(0)), std::string(statement->bytes(1))}] =
        statement->bytes(2);
  }
  if (step == Statement::Step::kError) {
    return database.error("reading the positions");
  }
  return positions;
}

}  // namespace tiercel::store
