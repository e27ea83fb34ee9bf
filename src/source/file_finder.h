#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::source {

/// The files that the pattern matches now; compressed ones only by their very name.
[[nodiscard]] std::vector<std::string> expand_pattern(const std::string& pattern);
[[nodiscard]] bool matches_pattern(const std::string& pattern, const std::string& path);
/// Absolute and without `.`, `..` and double slashes, so that texts can be compared.
[[nodiscard]] std::string normal_path(const std::string& path);
[[nodiscard]] bool has_wildcard(std::string_view pattern);
/// Folders in which files of the pattern would not be found since they may not be entered, or not
/// be listed where names are matched; each with a slash behind.
[[nodiscard]] std::vector<std::string> closed_folders(const std::string& pattern);
/// Whether it may be entered and, with `is_listed`, listed; one that is not there hides nothing.
[[nodiscard]] bool is_open_folder(const std::string& folder, bool is_listed);
/// Why the pattern matches nothing, in words for an operator.
[[nodiscard]] std::string why_nothing(const std::string& pattern);
/// "device:inode"; empty where there is no such file.
[[nodiscard]] std::string inode_of(const std::string& path);

/// A file beside a followed one that rotation may have made of it.
struct Sibling {
  std::string path;
  std::string inode;          ///< "device:inode"
  std::int64_t modified = 0;  ///< ns since the epoch
  std::uint64_t size = 0;
};
enum class SiblingKind : std::uint8_t {
  kReadable,
  kUnreadable,  ///< compressed in a format that is not read here
};
/// Files in the folder of `path`, and in that of the file it links to, that are called as rotation
/// calls them, the oldest first:
/// lumberjack's audit-2026….log, logrotate's audit.log.1 and audit.log-20260102, each as it is
/// or compressed. One that is just being compressed is found by its plain name alone.
///
/// Each folder is listed once, as long as the object lives: what was in it when it was asked for
/// first. A rotation renames and compresses meanwhile: what is not found then may be there under
/// another name. Runs on: one thread.
class Siblings {
 public:
  [[nodiscard]] std::vector<Sibling> of(const std::string& path,
                                        SiblingKind kind = SiblingKind::kReadable);
  /// Something was made, renamed or removed in the folders of `path` since they were listed, or so
  /// shortly before that the folder's time of change would not tell.
  [[nodiscard]] bool has_changed(const std::string& path) const;
  /// One that was listed is no longer there under its name.
  [[nodiscard]] bool is_stale() const { return is_stale_; }
  void tell_gone() { is_stale_ = true; }

 private:
  struct Listing {
    std::vector<std::string> names;   // sorted
    std::int64_t changed = 0;         // the folder, before it was listed; ns since the epoch
    bool has_changed_lately = false;  // it may change again within the same step of the clock
  };
  [[nodiscard]] static Listing list(const std::string& folder);

  std::map<std::string, Listing> listings_;  // by folder
  bool is_stale_ = false;
};

}  // namespace tiercel::source
