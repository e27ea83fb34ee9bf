#include "tiercel/output/dead_letters.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tiercel/base/json_text.h"
#include "tiercel/base/utc_time.h"

#include "alert_file.h"
#include "runner_text.h"

namespace tiercel::output {

namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

base::Error letter_error(int number, std::string_view path) {
  base::Error error = write_error(number, path);
  error.code = "dead_letters";
  error.message = "dead letters: " + error.message;
  return error;
}

// Made with its parents where there is none; one that is there keeps its mode.
base::Result<void> make_folder(const std::string& folder) {
  const std::filesystem::path path(folder);
  std::error_code error;
  if (path.empty() || std::filesystem::is_directory(path, error)) {
    return {};
  }
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
  }
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return letter_error(errno, folder);
  }
  sync_folder(path.parent_path().string());
  return {};
}

// What the store gives back is one JSON object on one line; anything else becomes a string.
bool is_object_line(std::string_view body) {
  return body.size() >= 2 && body.front() == '{' && body.back() == '}' &&
         body.find('\n') == std::string_view::npos;
}

void append_letter(std::string& out, std::string_view output, const DeadLetters::Letter& letter,
                   std::string_view time) {
  std::string_view body = letter.body;
  if (body.ends_with('\n')) {
    body.remove_suffix(1);
  }
  out += R"({"output":)";
  base::append_json_string(out, output);
  out += R"(,"reason":)";
  base::append_json_string(out, letter.reason);
  out += R"(,"failed_at":")";
  out += time;
  out += R"(","alert":)";
  if (is_object_line(body)) {
    out += body;
  } else {
    base::append_json_string(out, body);
  }
  out += "}\n";
}

}  // namespace

class DeadLetters::File {
 public:
  explicit File(const std::string& path)
      : path_(path), folder_(std::filesystem::path(path).parent_path().string()), file_(path) {}

  // The file that the path names now, made where there is none.
  base::Result<void> open() {
    if (file_.is_open() && file_.is_current()) {
      return {};
    }
    file_.close();
    if (auto made = make_folder(folder_); !made) {
      return made;
    }
    const Descriptor made(
        ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    if (!made.is_open() && errno != EEXIST) {
      return letter_error(errno, path_);
    }
    if (auto opened = file_.open(); !opened) {
      return opened;
    }
    if (made.is_open()) {
      sync_folder(folder_);
    }
    return {};
  }
  AlertFile& operator*() { return file_; }
  AlertFile* operator->() { return &file_; }

 private:
  const std::string path_;
  const std::string folder_;
  AlertFile file_;
};

DeadLetters::DeadLetters(std::string output, std::string path, std::uint64_t max_size)
    : output_(std::move(output)),
      path_(std::move(path)),
      max_size_(path_.empty() ? 0 : max_size),
      file_(std::make_unique<File>(path_)) {}

DeadLetters::~DeadLetters() = default;

base::Result<DeadLetters::Outcome> DeadLetters::add(std::span<const Letter> letters,
                                                    std::int64_t failed_at,
                                                    WithoutRoom without_room) {
  const base::MutexLock guard(mutex_);
  if (path_.empty()) {
    return write_lines(letters, failed_at, 0, without_room);
  }
  if (auto opened = file_->open(); !opened) {
    return opened.error();
  }
  // Held while a letter is written or the file is renamed: nothing is added to a file that was
  // set aside.
  const FileLock lock((*file_)->number(), FileLock::Wait::kNo);
  if (!lock.is_held() || !(*file_)->is_current()) {
    return base::Error{"dead_letters", "dead letters: another process holds the file; trying again",
                       path_};
  }
  const Outcome outcome = write_lines(letters, failed_at, (*file_)->size(), without_room);
  if (lines_.empty()) {
    return outcome;
  }
  const std::array<std::string_view, 1> chunks{lines_};
  if (auto appended = (*file_)->append(chunks); !appended) {
    return appended.error();
  }
  if (auto synced = (*file_)->sync(); !synced) {
    return synced.error();
  }
  return outcome;
}

DeadLetters::Outcome DeadLetters::write_lines(std::span<const Letter> letters,
                                              std::int64_t failed_at, std::uint64_t size,
                                              WithoutRoom without_room) {
  const std::string time = base::utc_text(failed_at, 3);
  Outcome outcome;
  lines_.clear();
  for (std::size_t at = 0; at < letters.size(); ++at) {
    const std::size_t before = lines_.size();
    append_letter(lines_, output_, letters[at], time);
    if (size + lines_.size() <= max_size_) {
      ++outcome.written;
      continue;
    }
    const bool is_too_large = lines_.size() - before > max_size_;
    lines_.resize(before);
    if (without_room == WithoutRoom::kDrop ||
        (without_room == WithoutRoom::kDropTooLarge && is_too_large)) {
      outcome.dropped += letters[at].alerts;
    } else {
      outcome.kept += letters[at].alerts;
      outcome.left.push_back(at);
    }
  }
  return outcome;
}

base::Result<std::string> set_aside_dead_letters(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return letter_error(errno, path);
  }
  const FileLock lock(file.number(), FileLock::Wait::kNo);
  if (!lock.is_held()) {
    return base::Error{std::string(kLettersBusy),
                       "dead letters: the file is being written; try again", path};
  }
  // Above the newest: the numbers tell their age.
  int number = kMostAside;
  std::error_code error;
  while (number > 1 && !std::filesystem::exists(path + "." + std::to_string(number - 1), error)) {
    --number;
  }
  if (number == kMostAside) {
    return base::Error{"dead_letters", "dead letters: remove some of the files set aside before",
                       path};
  }
  std::string aside = path + "." + std::to_string(number);
  // link() and not rename(): it never replaces what is there.
  if (::link(path.c_str(), aside.c_str()) != 0 || ::unlink(path.c_str()) != 0) {
    return letter_error(errno, path);
  }
  sync_folder(std::filesystem::path(path).parent_path().string());
  return {boost::system::in_place_value, std::move(aside)};
}

}  // namespace tiercel::output
