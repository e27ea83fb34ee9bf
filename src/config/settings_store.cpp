#include "families.h"

namespace tiercel::config {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

std::string must_not_be_empty(std::string_view text) {
  return text.empty() ? "must not be empty" : "";
}

void describe_room(Section<StoreSettings>& s) {
  s.option("max_size", &StoreSettings::max_size,
           "Most bytes of the store. Beyond it the oldest alerts go: those that every output has "
           "delivered, then those of an output that lags, to its dead letters.")
      .between(base::ByteSize{std::uint64_t{16} << 20U}, base::ByteSize{std::uint64_t{1} << 42U});
  s.option("max_age", &StoreSettings::max_age, "Alerts older than this go, as for max_size.")
      .between(minutes(1), hours(24 * 3650));
  s.option("segment_size", &StoreSettings::segment_size,
           "Size at which a new file is begun; a day is the other limit. Alerts are removed by "
           "whole files.")
      .between(base::ByteSize{std::uint64_t{1} << 20U}, base::ByteSize{std::uint64_t{16} << 30U});
  s.option("min_free", &StoreSettings::min_free,
           "Below so much free disk the store stops growing, and batches that alert are answered "
           "429 once it has nothing left to remove: etcd may live on the same disk. 0: not looked "
           "at.")
      .between(base::ByteSize{0}, base::ByteSize{std::uint64_t{1} << 42U});
  s.option("min_free_percent", &StoreSettings::min_free_percent,
           "The same as a part of the disk; 0: not looked at.")
      .between(0, 90);
}

std::string must_be_absolute(std::string_view path) {
  return path.starts_with('/') ? "" : "must be an absolute path";
}

}  // namespace

void describe_store(Schema& schema, Settings& settings) {
  Section<StoreSettings> s(schema, "store", settings.store,
                           "Every alert, on disk before its batch is acknowledged; what outputs "
                           "deliver from and `tiercel alerts` reads.");
  s.option("path", &StoreSettings::path, "Folder of the store; its files are in `alerts` there.")
      .check(must_not_be_empty);
  using Durability = StoreSettings::Durability;
  s.choice<Durability>("durability", &StoreSettings::durability,
                       {{"full", Durability::kFull},
                        {"normal", Durability::kNormal},
                        {"memory", Durability::kMemory}},
                       "What an acknowledged alert survives: full the loss of power, normal the "
                       "end of the process, memory nothing.");
  s.option("commit_interval", &StoreSettings::commit_interval,
           "Least time between two commits; a commit starts at once when the last one is older.")
      .between(milliseconds(0), milliseconds(500));
  s.option("append_timeout", &StoreSettings::append_timeout,
           "A batch whose alerts have not been committed after this is answered 503; it comes "
           "again and is recognised.")
      .between(milliseconds(100), minutes(5));
  describe_room(s);
  Section<DeadLetterSettings> letters(
      schema, "dead_letter", settings.dead_letter,
      "What an output did not take and is not tried any more, a file for each output.");
  letters
      .option("path", &DeadLetterSettings::path,
              "Folder of the files; empty: dead-letter in store.path.")
      .live();
  letters
      .option(
          "max_size", &DeadLetterSettings::max_size,
          "Most bytes of one output's file, beside what `tiercel outputs resend` set aside. What "
          "finds no room there waits in the store; it is lost for that output, counted and "
          "reported, once the store must have the room. 0: no file; what the peer refuses is "
          "lost.")
      .live()
      .between(base::ByteSize{0}, base::ByteSize{std::uint64_t{1} << 40U});
}

void describe_sources(Schema& schema, Settings& settings) {
  Section<FileSourceSettings> file(
      schema, "file_source", settings.file_source,
      "kube-apiserver's own audit log (--audit-log-path), followed; for clusters where the webhook "
      "cannot be set.");
  file.option("enabled", &FileSourceSettings::enabled, "Follow the files.");
  file.option("paths", &FileSourceSettings::paths,
              "The files; `*`, `?` and `[…]` match names. Rotated files beside them are found by "
              "themselves, those compressed with gzip or zstd too; any other format is reported "
              "(tiercel: source_lost).")
      .mostly_one()
      .check(must_be_absolute);
  file.option("from_beginning", &FileSourceSettings::from_beginning,
              "Where an entry of paths is new, read what its files hold by then too, but not what "
              "was rotated before.");
  file.option("poll_interval", &FileSourceSettings::poll_interval,
              "How often to look for new lines and rotated files.")
      .between(milliseconds(10), minutes(1));
  file.option("max_open_files", &FileSourceSettings::max_open_files,
              "Files that are open at once. Of more than these, those that are read to their end "
              "are closed and opened again when they change. Files named without a pattern are "
              "always open, beside these; a compressed one takes two descriptors.")
      .between(8, 4096);
  Section<PipeSourceSettings> standard_input(schema, "stdin_source", settings.pipe_sources,
                                             "Events from the standard input, one JSON a line.");
  standard_input.option("enabled", &PipeSourceSettings::stdin_enabled,
                        "Read standard input. Without another source (`webserver.enabled: false`) "
                        "the daemon ends with the input, once all alerts are stored.");
  Section<PipeSourceSettings> socket(schema, "socket_source", settings.pipe_sources,
                                     "Events through a Unix socket, one JSON a line.");
  socket.option("enabled", &PipeSourceSettings::socket_enabled,
                "Listen on the socket. Nothing is answered: what was read and not stored when the "
                "daemon is killed is lost.");
  socket.option("path", &PipeSourceSettings::socket_path, "Where the socket is made, mode 0660.")
      .check(must_not_be_empty);
  socket
      .option("max_connections", &PipeSourceSettings::socket_connections,
              "Connections at once. For a further one that which was idle longest, for a second at "
              "least, is closed; what it had sent is read.")
      .between(1, 1024);
}

}  // namespace tiercel::config
