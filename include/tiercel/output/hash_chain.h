#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"

namespace tiercel::output {

/// Ties the lines of an alert file together: each carries the SHA-256 of the line before it,
/// with a key the HMAC, so that no line can be taken out or changed without a trace. JSON
/// lines carry it as their first member `_previous`, text lines at their end.
///
/// Runs on: one thread.
class HashChain {
 public:
  /// `key`: empty for plain SHA-256, which shows mistakes and clumsy hands; whoever can write
  /// the file can also compute it anew, unless a key that he does not have is in it.
  explicit HashChain(std::string key = {}) : key_(std::move(key)) {}

  /// Appends `line` (newline included) to `out` with the hash of the one before.
  void append(std::string& out, std::string_view line);
  /// The file's last line as it stands, without its newline: what the next line ties to.
  void follow(std::string_view last_line);
  /// Nothing was before.
  void restart() { previous_ = std::string(kHashLength, '0'); }
  /// What the next line will carry; for taking lines back after a failed write.
  [[nodiscard]] const std::string& previous() const { return previous_; }
  void set_previous(std::string previous) { previous_ = std::move(previous); }

  static constexpr std::size_t kHashLength = 64;
  static constexpr std::size_t kMost = kHashLength + 16;  ///< what a line grows by at most

 private:
  std::string key_;
  std::string previous_ = std::string(kHashLength, '0');
};

/// The key in a file, without the line's end that editors put there; 16 to 4096 bytes.
[[nodiscard]] base::Result<std::string> read_chain_key(const std::string& path);

/// What a look at a chain gave.
struct ChainReport {
  std::uint64_t lines = 0;      ///< tied together without a gap
  std::uint64_t unchained = 0;  ///< before the chain begins
  bool from_beginning = false;  ///< the first line says that nothing was before it
  std::string last_hash;        ///< of the last line: note it elsewhere to prove the end
  std::string problem;          ///< "FILE:LINE: …" where the chain breaks; empty: it holds
};

/// Checks the chain through the files, the oldest first; gzip and zstd are read too.
[[nodiscard]] base::Result<ChainReport> verify_chain(std::span<const std::string> files,
                                                     const std::string& key);

}  // namespace tiercel::output
