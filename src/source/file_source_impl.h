#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tiercel/base/log_limit.h"
#include "tiercel/source/file_source.h"

#include "file_finder.h"
#include "file_memory.h"
#include "file_reading.h"
#include "file_set.h"
#include "worker.h"

namespace tiercel::source {

/// The looks at the files (file_source.cpp), which of them are new (file_expectation.cpp), how
/// one is known again (file_recognition.cpp), what cannot be
/// (file_unreadable.cpp), and more files than may be open (file_resting.cpp).
///
/// Runs on: the source's thread, but for start() and stop().
class FileSource::Impl {
 public:
  Impl(FileSourceOptions options, Sinks sinks, const std::vector<Position>& stored,
       const base::Clock& clock, base::Metrics& metrics);

  [[nodiscard]] base::Result<void> start() {
    return worker_.start([this] { run(); });
  }
  void ask_to_stop() { worker_.ask_to_stop(); }
  bool stop(std::chrono::milliseconds deadline) { return worker_.stop(deadline); }

 private:
  void run();
  void resume();
  void resume_one(const FileMemory::Entry& entry);
  [[nodiscard]] std::unique_ptr<FollowedFile> open_sibling(const std::string& path,
                                                           const std::string& followed);
  // False where that was done often enough.
  [[nodiscard]] bool list_again(int& lists);
  // Whether files were renamed or removed while they were looked for: they are listed anew then.
  [[nodiscard]] bool must_list_again(int& lists);
  // The same before one counts as gone, or as not there: the file itself may have been renamed
  // since the list was made, which no other name tells.
  [[nodiscard]] bool must_list_again(int& lists, const std::string& path);
  [[nodiscard]] std::unique_ptr<FollowedFile> find_again(const FileMemory::Entry& entry);
  // In the present list; `cut_off` becomes one that begins alike and has lost its end.
  [[nodiscard]] std::unique_ptr<FollowedFile> find_listed(const FileMemory::Entry& entry,
                                                          std::string& cut_off);
  [[nodiscard]] std::unique_ptr<FollowedFile> go_on(std::unique_ptr<FollowedFile> file,
                                                    const FileMemory::Entry& entry);
  [[nodiscard]] std::unique_ptr<FollowedFile> read_again(const std::string& path,
                                                         const FileMemory::Entry& entry);
  void take_up_siblings(const std::string& path);
  [[nodiscard]] bool take_up_listed(const std::string& path);
  void take_up_siblings_of(const std::set<std::string>& paths);
  void tell_of_unreadable(const std::string& path);
  [[nodiscard]] std::vector<Position> count_as_read(const std::string& path,
                                                    const Sibling& sibling);
  void pass_over_listed(const std::string& path, std::set<std::string>& passed,
                        std::vector<Position>& positions);
  [[nodiscard]] std::vector<Position> pass_over_siblings(const std::string& path,
                                                         const std::string& own_inode);
  void adopt(const std::string& path, FollowedFile& file);
  // One look at everything; true where something was read.
  bool look();
  [[nodiscard]] std::set<std::string> present_paths();
  struct Opened {
    std::size_t opened = 0;
    std::size_t waiting = 0;        // could not be opened since too many are
    std::uint64_t lag = 0;          // of those that wait and were open before
    std::set<std::string> unknown;  // were not tried and never open before
  };
  [[nodiscard]] Opened open_present(const std::set<std::string>& present,
                                    std::set<std::string>& changed);
  // Folders that could not be looked into, of patterns that are looked at first, and those that
  // could not be before and can now.
  struct Closed {
    std::map<std::string, std::vector<std::string>> by_pattern;
    std::vector<std::string> opened;
  };
  [[nodiscard]] Closed look_for_closed() const;
  void learn_patterns(const Closed& closed, const std::set<std::string>& present,
                      const std::set<std::string>& unknown);
  // Of more files than may be open (file_resting.cpp).
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool make_room();
  // For one more that was rotated; one at least is always read.
  [[nodiscard]] bool has_room_beside() {
    return !is_full() || files_.rotated.empty() || make_room();
  }
  [[nodiscard]] bool rests_copy_of(const FollowedFile& file) const;
  [[nodiscard]] std::set<std::string> retire_resting();
  void rest(const std::string& path, const FollowedFile& file);
  [[nodiscard]] bool retire_one(const std::string& path);
  [[nodiscard]] bool is_at_rest(const std::string& path) const;
  [[nodiscard]] std::unique_ptr<FollowedFile> wake(const std::string& path);
  [[nodiscard]] std::unique_ptr<FollowedFile> wake_exchanged(const std::string& path);
  // Bytes that came to a closed file. That they came is remembered, for it may go unread.
  [[nodiscard]] std::uint64_t look_at_resting(const std::string& path);
  void tell_waiting(std::size_t files);
  bool read_rotated();
  bool read_live();
  [[nodiscard]] std::unique_ptr<FollowedFile> open_live(const std::string& path);
  void follow_the_copy(FollowedFile& file);
  [[nodiscard]] std::unique_ptr<FollowedFile> find_copy(const FollowedFile& file,
                                                        const FilePosition& position);
  void tell_cut_off(const std::string& path, const FileMemory::Entry& entry);
  [[nodiscard]] bool may_let_go(const FileSet::Rotated& rotated) const;
  [[nodiscard]] bool let_go(FollowedFile& file);
  [[nodiscard]] bool give_up(const FileSet::Rotated& rotated);
  // By a pattern that was looked at before.
  [[nodiscard]] bool is_expected(const std::string& path) const;
  // Not by a pattern alone.
  [[nodiscard]] bool is_named(const std::string& path) const;
  [[nodiscard]] bool is_followed(const std::string& path) const;

  const FileSourceOptions options_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  FileMemory memory_;
  std::set<std::string> known_paths_;  // were followed before, by this start or an earlier one
  // By path: inode, size and time of the files beside it that were found to be read.
  using ReadSiblings = std::set<std::tuple<std::string, std::uint64_t, std::int64_t>>;
  std::map<std::string, ReadSiblings> read_siblings_;
  Siblings siblings_;  // as they are found in one look
  struct Resting {
    FileMemory::Entry entry;
    std::uint64_t size = 0;  // an unfinished line may stand behind the entry's place
    FileHead head = {};      // empty where it was not opened since the start
    // Seen while it waits to be opened:
    bool has_more = false;       // came to it
    bool is_begun_anew = false;  // it was cut off, and has bytes again
  };
  std::map<std::string, Resting> resting_;      // by path: read to their end and closed
  std::set<std::string> waiting_for_siblings_;  // paths whose siblings are not all open
  std::uint64_t waiting_lag_ = 0;  // bytes that came to closed files which wait to be opened again
  // Whether it was told that files wait; one line may have to wait too.
  enum class Told : std::uint8_t { kNothingToTell, kNotYet, kYes };
  Told told_waiting_ = Told::kNothingToTell;
  base::LogLimit waiting_log_;
  std::string last_tried_;              // the path that was opened last, or could not be
  std::map<std::string, int> missing_;  // by pattern: looks in a row that found nothing
  FileSet files_;
  FileReading reading_;
  Worker worker_;  // last: its thread ends before the others do
};

}  // namespace tiercel::source
