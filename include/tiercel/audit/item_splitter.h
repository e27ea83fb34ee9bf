#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tiercel::audit {

/// Cuts a body into its items as the bytes arrive, knowing strings, escapes and
/// depth, nothing else: what is wrong inside one item cannot move the borders of
/// the next, as long as its quotes and brackets balance.
///
/// Understands the three forms of a body: an object with an `items` array (the
/// items), an array (its elements), any other object (the whole is one item).
/// Memory: one item at the most, bounded by `max_item`; a longer item is skipped
/// and reported by on_oversize with its first bytes.
///
/// Runs on: io thread; one instance per body.
class ItemSplitter {
 public:
  class Sink {
   public:
    Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    virtual ~Sink() = default;
    /// A complete item. `from_list` is true for elements of `items`.
    virtual void on_item(std::string_view item, bool from_list) = 0;
    virtual void on_oversize(std::string_view head, std::uint64_t size) = 0;
  };
  enum class Status : std::uint8_t {
    kNeedMore,  ///< the body is not complete yet
    kComplete,  ///< a whole body was read; only white space may follow
    kBroken,    ///< this is no body: not an object or array, or something follows it
  };

  /// Where the bytes begin: at the body, or inside a list, at an item of it (used to
  /// find one's way again behind an item whose quotes do not balance).
  enum class Begin : std::uint8_t { kBody, kInsideItems };

  ItemSplitter(Sink& sink, std::uint64_t max_item, Begin begin = Begin::kBody);

  /// Takes the next bytes. After kBroken nothing more is cut.
  Status feed(std::string_view bytes);
  /// No more bytes will come: kComplete or kBroken (truncated).
  Status finish();
  /// What is wrong, after kBroken: "not_json", "truncated", "trailing_garbage".
  [[nodiscard]] std::string_view problem() const { return problem_; }
  /// Items cut so far, the oversized ones included.
  [[nodiscard]] std::uint64_t items() const { return items_; }
  /// Byte offset, in all that was fed, of the item that is not complete yet; where
  /// there is none, of the next byte.
  [[nodiscard]] std::uint64_t pending_offset() const { return item_start_; }

 private:
  enum class Phase : std::uint8_t { kStart, kHead, kBetween, kItem, kTail, kDone, kBroken };

  [[nodiscard]] std::size_t step(std::string_view bytes, std::size_t at);
  [[nodiscard]] std::size_t between(std::string_view bytes, std::size_t at);
  [[nodiscard]] std::size_t skip_string(std::string_view bytes, std::size_t at);
  [[nodiscard]] std::size_t skip_inside(std::string_view bytes, std::size_t at,
                                        std::uint64_t list_depth);
  void bracket(char c);
  void end_item(std::string_view piece);
  void keep(std::string_view piece);
  void fail(std::string_view problem);

  Sink& sink_;
  std::uint64_t max_item_;
  std::string_view problem_;
  std::uint64_t items_ = 0;

  Phase phase_ = Phase::kStart;
  bool in_string_ = false;
  bool escaped_ = false;  // the last byte of a string was an unpaired backslash
  bool top_is_array_ = false;
  bool from_list_ = false;    // items belong to an object's `items`
  bool key_due_ = false;      // in the head, at depth 1: the next string is a key
  bool items_due_ = false;    // the key was "items": an array may follow
  bool needs_comma_ = false;  // between items: an item was read, a comma must follow
  std::uint64_t depth_ = 0;
  std::string key_;      // the head's current key, as far as it can be "items"
  std::string pending_;  // the current item's bytes from earlier feeds
  std::uint64_t item_size_ = 0;
  std::uint64_t item_start_ = 0;
  std::uint64_t fed_ = 0;  // bytes fed before the current call
};

}  // namespace tiercel::audit
