#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tiercel/alert/line_format.h"
#include "tiercel/output/output.h"
#include "tiercel/store/feed.h"

namespace tiercel::output {

/// For the time of the event of an alert about tiercel itself, which has none.
inline constexpr std::int64_t kNoEvent = std::numeric_limits<std::int64_t>::min();

/// The messages in hand: those that the next delivery sends, and of those sent already the
/// ones that the peer did not take. Lines and lists are reused from batch to batch.
///
/// Lifetime: alerts look into the page they came from, but for those with bytes of their own.
/// Runs on: the output's thread.
class RunnerBatch {
 public:
  struct Item {
    store::StoredAlert alert;
    std::unique_ptr<std::string> bytes;  ///< what was made here: by a template, of a group
    std::size_t line = 0;                ///< where its line begins
    std::size_t line_size = 0;
    std::uint64_t alerts = 1;  ///< that it stands for
    bool is_rejected = false;
    std::string why;  ///< it was
  };
  struct Applied {
    /// Times of the events, kNoEvent for an alert about ourselves; valid until the next apply().
    std::span<const std::int64_t> taken;
    std::size_t rejected = 0;
    std::size_t again = 0;
  };

  RunnerBatch(std::size_t most_messages, std::size_t most_bytes);

  /// Begins anew. REQUIRES: empty.
  void start(const alert::LineFormat& format);
  /// `bytes`: what the alert's views look into, where it is not the page. False where there is
  /// no room; `bytes` is then untouched. One message always has room.
  [[nodiscard]] bool add(const store::StoredAlert& alert, std::unique_ptr<std::string>& bytes,
                         std::uint64_t alerts);
  [[nodiscard]] bool is_empty() const { return items_.empty(); }
  [[nodiscard]] bool is_full() const { return items_.size() >= most_messages_; }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  /// The first `count` of them. Valid until the batch changes.
  [[nodiscard]] std::span<const Message> messages(std::size_t count);
  /// Takes out what the peer took of the first `sent`, and marks what it refused.
  Applied apply(const Delivery& delivery, std::size_t sent);
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  template <class Is>
  void remove_if(Is is) {
    std::erase_if(items_, is);
  }
  /// Nothing below it is in the batch.
  [[nodiscard]] std::optional<store::Position> lowest() const;

 private:
  const std::size_t most_messages_;
  const std::size_t most_bytes_;
  alert::LineFormat format_;
  std::vector<Item> items_;
  std::string lines_;
  std::vector<Message> messages_;
  std::vector<char> again_;
  std::vector<std::int64_t> taken_;
};

}  // namespace tiercel::output
