#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/base/file_watch.h"
#include "tiercel/base/snapshot.h"
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
  static constexpr std::size_t kLongest = 4096;

  /// `files`: name and path of each.
  explicit TokenFiles(std::vector<std::pair<std::string, std::string>> files);

  /// Reads all of them for the first time. Errors: "token_file".
  [[nodiscard]] base::Result<void> open();
  /// Reads again what has changed since, and has come to rest. What was refused is looked at again
  /// whenever something has changed.
  [[nodiscard]] RenewedTokens renew(Renew which);
  [[nodiscard]] bool empty() const { return files_.empty(); }
  /// The name of the token. Takes as long for a wrong one as for a right one: it is compared
  /// with all, and each comparison looks at all of it.
  [[nodiscard]] std::optional<std::string> find(std::string_view token) const;

 private:
  [[nodiscard]] base::Result<std::string> read(std::size_t at) const;
  using Tokens = std::vector<std::string>;  // in the order of the files
  [[nodiscard]] std::string twin_of(const Tokens& tokens, std::size_t at) const;
  [[nodiscard]] base::Error same(const std::string& name, std::size_t at) const;
  /// Refuses those of `read_ones` that have the token of another, and takes them out of it.
  void put_back_twins(const Tokens& old, Tokens& next, std::vector<std::size_t>& read_ones,
                      const std::function<void(std::size_t, base::Error)>& refuse) const;

  const std::vector<std::pair<std::string, std::string>> files_;
  std::vector<base::FileWatch> watches_;  // of each; the one thread's, as failed_ is
  std::vector<bool> failed_;              // whether what its file holds now was refused
  base::Snapshot<Tokens> tokens_;
};

}  // namespace tiercel::source
