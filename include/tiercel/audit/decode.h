#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tiercel/audit/event.h"

namespace tiercel::audit {

/// Bytes past the end that the parser may read (not interpret).
inline constexpr std::size_t kPadding = 64;

struct DecodeLimits {
  std::uint32_t max_depth = 512;
  std::uint64_t max_event = std::uint64_t{16} << 20U;
};

/// How to read the bytes of a batch.
enum class BatchForm : std::uint8_t {
  kBody,   ///< a request body or file line: EventList, Event, or an array of them
  kItems,  ///< a window cut by ItemSplitter: an array of items of an EventList (kind not needed)
  kLines,  ///< lines, each a body of its own; blanks and zeros around one mean nothing
};

/// A piece that could not be taken, with the reason ("not_json", "not_audit_list",
/// "wrong_kind", "too_deep", "too_large", "truncated").
struct BadInput {
  std::string_view bytes;
  std::string_view code;
  std::string message;
  /// True when the whole body is bad, false for one item of it.
  bool whole = false;
  std::uint64_t item = 0;
  /// Of BatchForm::kLines the line's number, from 1.
  std::uint64_t line = 0;
};

/// Receives what is decoded, in the order of the input.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;
  /// `event` is the decoder's own, reused for the next one; the sink may set its number.
  virtual void on_event(AuditEvent& event) = 0;
  virtual void on_bad(const BadInput& bad) = 0;
};

struct DecodeCounts {
  std::uint64_t events = 0;
  std::uint64_t bad_items = 0;
  std::uint64_t repaired_items = 0;
  std::uint64_t without_time = 0;
  std::uint64_t lines = 0;  ///< of BatchForm::kLines, blank ones included
  bool whole_bad = false;

  DecodeCounts& operator+=(const DecodeCounts& more);
};

/// Reads batches. Keeps its memory from batch to batch; memory that has grown past
/// `shrink_above` bytes is given back by `shrink()`.
///
/// Guarantee: whatever is wrong with one item costs no other item. The whole body
/// is parsed at once; where that fails, ItemSplitter cuts it at item boundaries and
/// each item is decoded alone, repaired where Falco would have accepted it. Of lines many
/// are indexed at once; where that fails, or one of them is no value, each is a body alone.
///
/// Runs on: io thread; one instance per thread; not shared.
class BatchDecoder {
 public:
  explicit BatchDecoder(DecodeLimits limits = {});
  ~BatchDecoder();
  BatchDecoder(const BatchDecoder&) = delete;
  BatchDecoder& operator=(const BatchDecoder&) = delete;

  /// `bytes` must be followed by kPadding readable bytes. `arrival` in nanoseconds
  /// since the epoch. Events passed to the sink are valid during the call only.
  DecodeCounts decode(std::string_view bytes, BatchForm form, std::int64_t arrival,
                      EventSink& sink);
  /// Gives back memory that grew for a large batch.
  void shrink();
  [[nodiscard]] std::size_t memory() const;
  /// The SIMD kernel in use, for reports: "haswell", "icelake", "westmere", "fallback".
  [[nodiscard]] static std::string_view kernel();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::audit
