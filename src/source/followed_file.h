#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"

#include "line_cutter.h"
#include "packed_file.h"

struct stat;

namespace tiercel::source {

/// A hash of some of a file's bytes: of the first ones, by which it is known again under another
/// name, number or compression, or of those before a place.
struct Fingerprint {
  static constexpr std::uint32_t kMost = 1024;
  std::uint32_t length = 0;
  std::uint64_t hash = 0;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// A file's first bytes, uncompressed, behind the zeros that a writer leaves which goes on at its
/// old offset after its file was cut off.
class FileHead {
 public:
  FileHead() = default;
  explicit FileHead(std::string bytes)
      : bytes_(std::move(bytes)), whole_(fingerprint(Fingerprint::kMost)) {}
  /// Of whole lines alone while the file is short: all audit logs begin alike until the first
  /// event's ID.
  [[nodiscard]] Fingerprint identity() const;
  /// True when a file with this head can be the one that was known by `known`, or one that grew
  /// from it. Nothing is known by an empty fingerprint.
  [[nodiscard]] bool is(const Fingerprint& known) const;
  [[nodiscard]] bool begins_with(const FileHead& other) const {
    return bytes_.starts_with(other.bytes_);
  }
  /// True when one of both begins as the other, which has a line at least: a copy, or one that is
  /// still being made.
  [[nodiscard]] bool is_copy_of(const FileHead& other) const {
    return is(other.identity()) || (identity().length != 0 && other.begins_with(*this));
  }
  /// Whether content that was read from the beginning can be this file's.
  [[nodiscard]] bool agrees_with(std::string_view content) const;
  [[nodiscard]] bool is_complete() const { return bytes_.size() == Fingerprint::kMost; }

 private:
  [[nodiscard]] Fingerprint fingerprint(std::uint32_t most) const;

  std::string bytes_;
  Fingerprint whole_;  // of all of them
};

/// What is stored about a file: how far it was read, and how to know it again.
struct FilePosition {
  std::uint64_t offset = 0;  ///< behind the last line that was taken, uncompressed
  Fingerprint fingerprint;
  Fingerprint tail;           ///< of the bytes before offset; empty where they are not known
  std::int64_t modified = 0;  ///< of the file when that line was read, ns since the epoch
  bool is_finished = false;   ///< read to its end after it was rotated
  std::string inode;          ///< "device:inode"
  std::string path;           ///< under which it was followed

  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<FilePosition> parse(std::string_view text);
};

/// A name for a file in the store: a number of the file system is given to other files in time.
[[nodiscard]] std::string random_file_id();
/// "device:inode"
[[nodiscard]] std::string inode_text(const struct stat& status);
/// ns since the epoch
[[nodiscard]] std::int64_t modified_at(const struct stat& status);
/// Both as modified_at(); one of them may have been kept to the second alone.
[[nodiscard]] bool is_same_time(std::int64_t one, std::int64_t other);

/// One file that is read line by line: plain, or compressed by a rotation.
///
/// INVARIANT: the cutter holds bytes of one content only. What a read returned is fed after
/// the file's head was found unchanged behind that read: had the file been cut off and written
/// anew before, the bytes could be the middle of other lines.
/// Runs on: one thread.
class FollowedFile {
 public:
  ~FollowedFile();
  FollowedFile(const FollowedFile&) = delete;
  FollowedFile& operator=(const FollowedFile&) = delete;

  /// The error of a file that is not there.
  static constexpr const char* kGone = "file_gone";
  /// `path` is where it is now, `followed` the path that it was written under.
  [[nodiscard]] static base::Result<std::unique_ptr<FollowedFile>> open(const std::string& path,
                                                                        const std::string& followed,
                                                                        const LineLimits& limits);
  /// Goes on there; before anything was read. False where the file ends before, or other bytes
  /// stand before the place: a power cut takes from a log what was read already. Then nothing more
  /// can be read through this object.
  [[nodiscard]] bool seek(const FilePosition& place);
  /// The same behind the last whole line of a plain file, or within it where what follows it is
  /// longer than max_line already, and is still too long then.
  [[nodiscard]] base::Result<void> skip_to_end(std::uint64_t max_line);

  /// Names it in the store; a number of the file system is given to other files in time.
  [[nodiscard]] const std::string& id() const { return id_; }
  void set_id(std::string id) { id_ = std::move(id); }
  [[nodiscard]] const std::string& inode() const { return inode_; }  ///< "device:inode"
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& followed_path() const { return followed_; }
  [[nodiscard]] bool is_packed() const { return packed_ != nullptr; }
  [[nodiscard]] std::uint64_t size() const;  ///< now, compressed or not
  /// All bytes that are there now were read from a plain file, those of an unfinished line too.
  [[nodiscard]] bool is_read() const { return packed_ == nullptr && size() == read_; }
  [[nodiscard]] std::uint64_t read_bytes() const { return read_; }  ///< of a plain file
  /// Bytes that are there and not taken; of a compressed file the compressed ones that are not
  /// read.
  [[nodiscard]] std::uint64_t lag() const;
  [[nodiscard]] std::int64_t modified() const;
  /// Of the content that was read, or that was there when it was opened.
  [[nodiscard]] const FileHead& head() const { return head_; }
  [[nodiscard]] Fingerprint known() const { return head_.identity(); }
  /// Of what stands there now: other content where the file was cut off and begun anew, which the
  /// next read will find.
  [[nodiscard]] FileHead head_now();
  /// Takes in what has come to a short head since the last read.
  void refresh_head() { (void)is_still_the_same(); }
  [[nodiscard]] std::uint64_t taken() const { return begin_ + cutter_.taken(); }
  [[nodiscard]] bool has_lines() const { return taken() > 0; }
  /// How far whole lines have been taken, with what the file is known by.
  [[nodiscard]] FilePosition position() const;

  enum class Read : std::uint8_t {
    kSome,
    kEnd,        ///< the present end
    kExchanged,  ///< its contents are no longer those that were read: cut off and begun anew
  };
  /// More bytes for the cutter.
  [[nodiscard]] base::Result<Read> read_more(std::string& scratch);
  [[nodiscard]] LineCutter& cutter() { return cutter_; }
  /// A compressed file whose end has not come: cut off, or still being written.
  [[nodiscard]] bool ends_early() const { return ends_early_; }

  /// Reads from the beginning again, as another file.
  void restart();

 private:
  explicit FollowedFile(const LineLimits& limits) : cutter_(limits) {}
  [[nodiscard]] FileHead read_head();
  [[nodiscard]] FileHead read_packed_head() const;
  [[nodiscard]] std::uint64_t find_data() const;
  [[nodiscard]] std::optional<std::uint64_t> find_last_line_end(std::uint64_t max_line) const;
  [[nodiscard]] bool read_before(std::uint64_t offset, std::string& last) const;
  [[nodiscard]] Fingerprint tail_before(std::uint64_t offset) const;
  [[nodiscard]] bool skip_packed(std::uint64_t offset, std::string& last);
  [[nodiscard]] bool is_still_the_same();
  [[nodiscard]] base::Result<Read> read_packed(std::string& scratch);

  std::string path_;
  std::string followed_;
  std::string id_;
  std::string inode_;
  int file_ = -1;
  std::unique_ptr<PackedFile> packed_;
  LineCutter cutter_;
  std::uint64_t begin_ = 0;  // offset where the cutter began
  Fingerprint before_begin_;
  std::uint64_t read_ = 0;
  std::uint64_t head_at_ = 0;  // zeros stand before
  FileHead head_;
  bool ends_early_ = false;
};

}  // namespace tiercel::source
