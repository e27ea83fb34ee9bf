#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/base/mutex.h"

namespace tiercel::output {

/// The file of what one output did not take: JSON lines
/// {"output":"siem","reason":"…","failed_at":"2026-01-02T03:04:05.678Z","alert":{…}}, 0600 in a
/// folder of 0700. The file and its folder are made with the first letter. The operator may
/// move or remove the file at any time; the next letter begins a new one.
///
/// Runs on: any thread.
class DeadLetters {
 public:
  struct Letter {
    std::string_view reason;
    std::string_view body;     ///< the alert as JSON, newline included or not
    std::uint64_t alerts = 1;  ///< that it stands for: a group's message has more
  };
  /// What becomes of letters that would make the file larger than its bound.
  enum class WithoutRoom : std::uint8_t {
    kDrop,
    kDropTooLarge,  ///< those that no file could hold; the others stay with the caller
    kKeep,          ///< all stay with the caller
  };
  struct Outcome {
    std::uint64_t written = 0;        ///< letters
    std::uint64_t dropped = 0;        ///< alerts for which there was no room
    std::uint64_t kept = 0;           ///< alerts that stay with the caller
    std::vector<std::size_t> left{};  ///< the letters of those, in order
  };

  /// An empty `path` has room for nothing.
  DeadLetters(std::string output, std::string path, std::uint64_t max_size);
  ~DeadLetters();
  DeadLetters(const DeadLetters&) = delete;
  DeadLetters& operator=(const DeadLetters&) = delete;

  /// Appends the letters and returns when they are on the disk. After an error none counts as
  /// written. `failed_at` in nanoseconds since the epoch.
  [[nodiscard]] base::Result<Outcome> add(std::span<const Letter> letters, std::int64_t failed_at,
                                          WithoutRoom without_room = WithoutRoom::kDrop);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  class File;
  [[nodiscard]] Outcome write_lines(std::span<const Letter> letters, std::int64_t failed_at,
                                    std::uint64_t size, WithoutRoom without_room)
      TIERCEL_REQUIRES(mutex_);

  const std::string output_;
  const std::string path_;
  const std::uint64_t max_size_;
  base::Mutex mutex_;
  std::unique_ptr<File> file_ TIERCEL_GUARDED_BY(mutex_);
  std::string lines_ TIERCEL_GUARDED_BY(mutex_);  // reused
};

/// One letter, as read back.
struct DeadLetter {
  std::string output;
  std::string reason;
  std::string failed_at;  ///< RFC 3339, UTC
  std::string alert;      ///< the body as it was stored, newline included
};

/// One line of the file; nothing where it is no letter.
[[nodiscard]] std::optional<DeadLetter> parse_dead_letter(std::string_view line);

struct DeadLetterCount {
  std::uint64_t read = 0;
  std::uint64_t unreadable = 0;  ///< lines that are no letters: torn by a crash, or edited
};

/// Calls `take` for each letter in the file, the oldest first, until it returns false. A line
/// that is no letter is counted and passed over.
[[nodiscard]] base::Result<DeadLetterCount> read_dead_letters(
    const std::string& path, const std::function<bool(const DeadLetter&)>& take);

/// Files set aside are numbered from 1 to below this.
inline constexpr int kMostAside = 1000;
/// The error of set_aside_dead_letters() that time cures: a letter is being written.
inline constexpr std::string_view kLettersBusy = "dead_letters_busy";

/// Renames the file, so that a running daemon begins a new one and nothing is added to this one
/// any more: what to do before delivering its letters again. The new path, numbered above all
/// that are there.
[[nodiscard]] base::Result<std::string> set_aside_dead_letters(const std::string& path);

}  // namespace tiercel::output
