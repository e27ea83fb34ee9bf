#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/base/file_watch.h"
#include "tiercel/base/mutex.h"
#include "tiercel/source/webhook_source.h"

namespace tiercel::source {

/// Bearer tokens, each in a file of its own under a name. A file that cannot be used any more
/// keeps its last token: a half-written file must not shut an apiserver out.
///
/// Runs on: any thread for find(); one for the rest.
class TokenFiles {
 public:
  /// A shorter one can be guessed.
  static constexpr std::size_t kShortest = 16;

  /// `files`: name and path of each.
  explicit TokenFiles(std::vector<std::pair<std::string, std::string>> files);

  /// Reads all of them for the first time. Errors: "token_file".
  [[nodiscard]] base::Result<void> open() TIERCEL_EXCLUDES(mutex_);
  /// Reads again what has changed since, and has come to rest.
  [[nodiscard]] RenewedTokens renew(Renew which) TIERCEL_EXCLUDES(mutex_);
  [[nodiscard]] bool empty() const { return files_.empty(); }
  /// The name of the token. Takes as long for a wrong one as for a right one: it is compared
  /// with all, and each comparison looks at all of it.
  [[nodiscard]] std::optional<std::string> find(std::string_view token) const
      TIERCEL_EXCLUDES(mutex_);

 private:
  [[nodiscard]] base::Result<std::string> read(std::size_t at) const;
  /// An error where one of the first `size` others has the same token.
  [[nodiscard]] base::Result<void> take(std::size_t at, std::string token, std::size_t size)
      TIERCEL_EXCLUDES(mutex_);

  const std::vector<std::pair<std::string, std::string>> files_;
  std::vector<base::FileWatch> watches_;  // of each; the one thread's
  mutable base::Mutex mutex_;
  std::vector<std::string> tokens_ TIERCEL_GUARDED_BY(mutex_);  // in the order of the files
};

}  // namespace tiercel::source
