#include "opening.h"

#include <algorithm>
#include <utility>

#include "tiercel/base/log.h"

#include "schema.h"

namespace tiercel::store {

namespace {

/// A whole check reads the whole segment, at 1 to 2 ms a MiB; beyond this it would hold the start
/// up.
constexpr std::uint64_t kMaxChecked = std::uint64_t{32} << 20U;

}  // namespace

std::set<std::string> Opening::Found::wanting() const {
  std::set<std::string> names;
  for (const CursorRow& row : cursors) {
    if (row.segment == segment->number) {
      names.insert(row.output);
    }
  }
  return names;
}

base::Result<void> Opening::run(const std::vector<std::string>& outputs, bool was_unclean) {
  if (!place_.in_memory()) {
    if (auto scanned = scan(was_unclean); !scanned) {
      return scanned.error();
    }
    if (auto adopted = adopt_newest(); !adopted) {
      return adopted.error();
    }
  }
  writer_.set_last_number(last_number_);
  for (const Found& found : found_) {
    catalog_.add(found.segment);
  }
  join_cursors(outputs);
  return write_cursors();
}

base::Result<void> Opening::scan(bool was_unclean) {
  auto names = list_folder(place_.folder);
  if (!names) {
    return names.error();
  }
  clean_up(*names);
  warn_of_modes(*names);
  std::uint32_t newest = 0;
  for (const std::string& name : *names) {
    last_number_ = std::max(last_number_, number_in_name(name));
    newest = std::max(newest, segment_number(name).value_or(0));
  }
  for (const std::string& name : *names) {
    const auto number = segment_number(name);
    if (!number) {
      continue;
    }
    if (auto looked = look_at(name, *number, was_unclean && *number == newest); !looked) {
      return looked.error();
    }
  }
  for (const Found& found : found_) {
    for (const CursorRow& row : found.cursors) {
      last_number_ = std::max(last_number_, row.segment);
    }
  }
  return {};
}

void Opening::clean_up(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name.rfind(kNewPrefix, 0) == 0) {
      ::remove((place_.folder + "/" + name).c_str());  // Half made when a daemon was killed.
      continue;
    }
    const std::size_t end = name.rfind('-');
    const std::string_view base = std::string_view(name).substr(0, end);
    if (end == std::string::npos || !segment_number(base) ||
        std::binary_search(names.begin(), names.end(), base)) {
      continue;
    }
    const std::string path = place_.folder + "/" + name;
    if (name.compare(end, std::string::npos, "-wal") == 0 && file_size(path) != 0) {
      writer_.put_aside(path, number_in_name(name),
                        {std::string(fault::kDamaged), "the database of a log is missing", path});
    } else {
      ::remove(path.c_str());
    }
  }
}

// What was restored or was there before may have any mode; whether that was meant is not known.
void Opening::warn_of_modes(const std::vector<std::string>& names) const {
  std::string open = is_open_to_others(place_.folder) ? place_.folder : std::string();
  for (auto name = names.begin(); open.empty() && name != names.end(); ++name) {
    const std::string file = place_.folder + "/" + *name;
    open = segment_number(*name) && is_open_to_others(file) ? file : std::string();
  }
  if (!open.empty()) {
    base::log_warning("others than the daemon's user may get at the alert store (" + open +
                      "): `chmod -R go= " + place_.folder + "` shuts them out");
  }
}

base::Result<void> Opening::look_at(const std::string& name, std::uint32_t number, bool check) {
  const std::string file = place_.folder + "/" + name;
  auto header = read_segment_header(file);
  if (!header) {
    return header.error();
  }
  if (header->is_ours && header->version > place_.version) {
    tell({"store_newer_schema",
          "the segment " + file + " of the alert store was written by a newer version (schema " +
              std::to_string(header->version) + ", this one knows " +
              std::to_string(place_.version) +
              "): it is left alone, and what is undelivered in it waits; run the newer version "
              "again to deliver it",
          {{"file", file}, {"schema", std::to_string(header->version)}}});
    return {};
  }
  if (!header->is_ours || header->version == 0) {
    writer_.put_aside(file, number,
                      {std::string(fault::kDamaged), "it does not begin as a segment does", file});
    return {};
  }
  auto found = read_found(file, check);
  if (!found && found.error().code == fault::kFull && writer_.reserve().release()) {
    found = read_found(file, check);  // A WAL cannot be read without room for its -shm.
  }
  if (!found) {
    if (found.error().code != fault::kDamaged) {
      return found.error();
    }
    writer_.put_aside(file, number, found.error());
    return {};
  }
  found->segment->number = number;
  found->segment->stands_alone = file_size(file + "-wal") == 0;
  found->version = header->version;
  found_.push_back(std::move(*found));
  return {};
}

base::Result<Opening::Found> Opening::read_found(const std::string& file, bool check) const {
  Found found;
  found.segment = std::make_shared<Segment>();
  found.segment->file = file;
  found.segment->identity = file_identity(file).value_or(FileIdentity{});
  found.segment->stands_alone = file_size(file + "-wal") == 0;
  auto database = open_for_reading(place_, *found.segment);
  if (!database) {
    return database.error();
  }
  // A WAL as a killed daemon left it is read here, and moved into the segment on closing.
  if (auto read = read_segment(*database, *found.segment); !read) {
    return read.error();
  }
  const bool is_small = segment_bytes(file) <= kMaxChecked;
  if (check && !is_small) {
    base::log_info("the last daemon did not end cleanly; " + file +
                   " is too large to be checked at a start: pages that a failing disk damaged are "
                   "found when they are read");
  }
  if (check && is_small) {
    auto good = database->number("SELECT quick_check='ok' FROM pragma_quick_check(1)");
    if (!good) {
      return good.error();
    }
    if (*good == 0) {
      return base::Error{std::string(fault::kDamaged), "PRAGMA quick_check found it broken", file};
    }
  }
  auto cursors = read_cursors(*database);
  auto positions = read_positions(*database);
  if (!cursors || !positions) {
    return cursors ? positions.error() : cursors.error();
  }
  found.cursors = std::move(*cursors);
  found.positions = std::move(*positions);
  found.segment->bytes = segment_bytes(file);
  found.segment->is_sealed = true;
  return found;
}

base::Result<void> Opening::adopt_newest() {
  if (found_.empty() || found_.back().segment->number != last_number_ ||
      found_.back().version != place_.version) {
    return {};
  }
  auto adopted = writer_.adopt(found_.back().segment);
  if (!adopted && adopted.error().code == fault::kFull && writer_.reserve().release()) {
    adopted = writer_.adopt(found_.back().segment);
  }
  if (!adopted && (adopted.error().code == fault::kFull || adopted.error().code == fault::kBusy)) {
    return {};  // It can be read; a new one is begun, once there is room.
  }
  if (!adopted && adopted.error().code != fault::kDamaged) {
    return adopted;
  }
  if (!adopted) {
    writer_.put_aside(found_.back().segment->file, last_number_, adopted.error());
    found_.pop_back();
    return {};
  }
  active_ = last_number_;
  return {};
}

void Opening::join_cursors(const std::vector<std::string>& outputs) {
  Cursors known;  // As the newest segment that can be read has them.
  if (!found_.empty()) {
    for (const CursorRow& row : found_.back().cursors) {
      known.add_output(row.output);
    }
  }
  Cursors cursors;
  for (const std::string& output : outputs) {
    cursors.add_output(output);
  }
  const std::vector<std::string> before = known.outputs();
  for (const Found& found : found_) {
    const std::uint32_t number = found.segment->number;
    const std::set<std::string> wanting = found.wanting();
    for (const CursorRow& row : found.cursors) {
      known.join(row.output, row.segment, row.row);
      if (std::binary_search(before.begin(), before.end(), row.output)) {
        cursors.join(row.output, row.segment, row.row);
      }
    }
    for (const std::string& output : before) {
      if (wanting.count(output) == 0) {
        known.join(output, number, kWholeSegment);
        cursors.join(output, number, kWholeSegment);
      }
    }
    for (const std::string& output : outputs) {
      // A new output begins behind everything.
      if (!std::binary_search(before.begin(), before.end(), output)) {
        cursors.join(output, number,
                     number == active_ ? found.segment->rows.load() : kWholeSegment);
      }
    }
  }
  for (const std::string& output : before) {
    if (std::find(outputs.begin(), outputs.end(), output) == outputs.end()) {
      forgotten_.push_back(output);
      tell_forgotten(output, known);
    }
  }
  catalog_.start(std::move(cursors), found_.empty() ? Positions{} : found_.back().positions);
}

void Opening::tell_forgotten(const std::string& output, const Cursors& known) const {
  std::uint64_t undelivered = 0;
  for (const Found& found : found_) {
    const std::uint32_t rows = found.segment->rows;
    const std::uint32_t row = known.row(output, found.segment->number);
    undelivered += row < rows ? rows - row : 0;
  }
  tell(cursor_removed_event(output, undelivered));
}

base::Result<void> Opening::write_cursors() {
  auto written = writer_.write_cursors(forgotten_);
  if (written) {
    static_cast<void>(catalog_.take_cursor_changes());
    return {};
  }
  if (written.error().code != fault::kFull) {
    return written;
  }
  // What is stored can be delivered all the same; the first commit that finds room writes them.
  catalog_.put_back_cursors(catalog_.segment_start(std::max(active_, 1U), 0).cursors);
  tell({"store_full",
        "the alert store has no room: what it holds is delivered, batches with alerts are refused "
        "until there is room: " +
            written.error().text(),
        {{"path", place_.folder}}});
  return {};
}

void Opening::tell(const StoreEvent& event) const {
  if (on_event_) {
    on_event_(event);
  }
}

}  // namespace tiercel::store
