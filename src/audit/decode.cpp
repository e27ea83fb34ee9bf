#include "tiercel/audit/decode.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <simdjson.h>

#include "tiercel/audit/document.h"
#include "tiercel/audit/item_splitter.h"

#include "bad_input.h"
#include "repair.h"

namespace tiercel::audit {

namespace {

// An EventList wraps its items in an object and an array.
constexpr std::uint32_t kWrapping = 2;
// How often decoding finds its way again behind items whose quotes do not balance; each
// time scans the rest of the body, so the number is bounded.
constexpr int kMostRecoveries = 16;
// So many bytes of lines are indexed at once: they and their index stay in a core's cache.
constexpr std::size_t kBlockOfLines = std::size_t{256} << 10U;

// Whether an item as kube-apiserver begins each event stands behind the comma at `at`.
bool begins_item(std::string_view bytes, std::size_t at) {
  const std::string_view rest = bytes.substr(at);
  return rest.starts_with(",{\"level\":\"") || rest.starts_with(",{\"kind\":\"Event\"");
}

// Where the next item begins that this one has swallowed, because a string or an object in it
// has no end: a comma and an item behind it where, by what was opened before, a string goes on
// or the next thing must be a member's name. In an array the same bytes can be an object that
// a client nested there, which must never become an event of its own; in a well-formed string
// their quotes would be escaped. One pass over the bytes.
std::size_t find_swallowed_item(std::string_view bytes) {
  constexpr std::size_t kMostOpen = 4096;
  std::string open;  // brackets
  bool is_inside = false;
  for (std::size_t at = 0; at < bytes.size() && open.size() < kMostOpen; ++at) {
    const char c = bytes[at];
    if (c == ',' && (is_inside || open.ends_with('{')) && begins_item(bytes, at)) {
      return at;
    }
    if (is_inside) {
      at += c == '\\' ? 1U : 0U;
      is_inside = c != '"';
    } else if (c == '"') {
      is_inside = true;
    } else if (c == '{' || c == '[') {
      open += c;
    } else if ((c == '}' || c == ']') && !open.empty()) {
      open.pop_back();
    }
  }
  return std::string_view::npos;
}

// What stands behind the last item: the ends of the list and of the body, no item.
bool is_list_end(std::string_view bytes) {
  return bytes.find_first_not_of("]}, \r\n\t") == std::string_view::npos;
}

// Zeros too: a writer leaves them that goes on at its old offset after its file was cut off.
std::string_view without_blanks(std::string_view line) {
  constexpr std::string_view kBlank{" \t\r\0", 4};
  const std::size_t from = std::min(line.find_first_not_of(kBlank), line.size());
  return line.substr(from, line.find_last_not_of(kBlank) + 1 - from);
}

// Whole lines, or what there is of one that is longer.
std::size_t block_of_lines(std::string_view bytes) {
  if (bytes.size() <= kBlockOfLines) {
    return bytes.size();
  }
  const void* const last = ::memrchr(bytes.data(), '\n', kBlockOfLines);
  if (last != nullptr) {
    return static_cast<std::size_t>(static_cast<const char*>(last) - bytes.data()) + 1;
  }
  const std::size_t end = bytes.find('\n', kBlockOfLines);
  return std::min(end, bytes.size() - 1) + 1;
}

}  // namespace

DecodeCounts& DecodeCounts::operator+=(const DecodeCounts& more) {
  events += more.events;
  bad_items += more.bad_items;
  repaired_items += more.repaired_items;
  without_time += more.without_time;
  lines += more.lines;
  whole_bad = whole_bad || more.whole_bad;
  return *this;
}

class BatchDecoder::Impl final : public ItemSplitter::Sink {
 public:
  explicit Impl(DecodeLimits limits) : limits_(limits) {}

  DecodeCounts decode(std::string_view bytes, BatchForm form, std::int64_t arrival,
                      EventSink& sink) {
    sink_ = &sink;
    arrival_ = arrival;
    return form == BatchForm::kLines ? decode_lines(bytes) : decode_body(bytes, form);
  }

  void shrink() {
    lines_.shrink();
    body_.shrink();
    single_.shrink();
    mended_.clear();
    mended_.shrink_to_fit();
  }
  [[nodiscard]] std::size_t memory() const {
    return lines_.memory() + body_.memory() + single_.memory() + mended_.capacity();
  }

  // ItemSplitter::Sink: the slow path, one item at a time.
  void on_item(std::string_view item, bool from_list) override {
    decode_single(item, from_list || form_ == BatchForm::kItems);
  }
  void on_oversize(std::string_view head, std::uint64_t /*size*/) override {
    report(head, "too_large");
    ++item_;
  }

 private:
  DecodeCounts decode_lines(std::string_view bytes) {
    DecodeCounts counts;
    while (!bytes.empty()) {
      const std::string_view block = bytes.substr(0, block_of_lines(bytes));
      bytes.remove_prefix(block.size());
      const std::size_t done = decode_indexed(block, counts);
      decode_each(block.substr(done), counts);
    }
    counts.lines = std::exchange(line_, 0);
    return counts;
  }

  // The lines of a block by one index of them all. Gives how many bytes are done with: all up to
  // the first line that is not one value, since from there on a walk over the tokens could go
  // over line ends, and nothing where a string does.
  std::size_t decode_indexed(std::string_view block, DecodeCounts& counts) {
    if (lines_.index(block) != ParseStatus::kOk) {
      return 0;
    }
    std::size_t from = 0;
    for (std::uint32_t at = 0; at < lines_.token_count(); at = lines_.next()) {
      const std::size_t begin = lines_.offset(at);
      if (lines_.check(at, limits_.max_depth + kWrapping) != ParseStatus::kOk) {
        return from;
      }
      const std::uint32_t next = lines_.next();
      const std::size_t end = std::min(block.find('\n', begin), block.size());
      if (lines_.offset(next - 1) > end || lines_.offset(next) < end) {
        return from;
      }
      const std::string_view blank = block.substr(from, begin - from);
      line_ += 1 + static_cast<std::uint64_t>(std::count(blank.begin(), blank.end(), '\n'));
      begin_body(BatchForm::kBody);
      const Json root(lines_, at);
      const std::string_view line = root.raw();
      if (!decode_whole(root, lines_.depth(), line)) {
        decode_items(line);
      }
      counts += counts_;
      from = std::min(end + 1, block.size());
    }
    return from;
  }

  void decode_each(std::string_view bytes, DecodeCounts& counts) {
    while (!bytes.empty()) {
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      const std::string_view line = without_blanks(bytes.substr(0, end));
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
      ++line_;
      if (!line.empty()) {
        counts += decode_body(line, BatchForm::kBody);
      }
    }
  }

  void begin_body(BatchForm form) {
    counts_ = {};
    form_ = form;
    item_ = 0;
    recoveries_ = 0;
  }

  const DecodeCounts& decode_body(std::string_view bytes, BatchForm form) {
    begin_body(form);
    const ParseStatus status = body_.parse(bytes, limits_.max_depth + kWrapping);
    if (status != ParseStatus::kOk || !decode_whole(Json(body_, 0), body_.depth(), bytes)) {
      decode_items(bytes);
    }
    return counts_;
  }

  // The fast path. False when the items must be looked at one by one after all.
  bool decode_whole(Json root, std::uint32_t depth, std::string_view bytes) {
    if (root.is_array()) {
      if (depth > limits_.max_depth + 1) {
        return false;
      }
      root.for_each_element([&](Json item) { take(item, form_ == BatchForm::kItems, item.raw()); });
      return true;
    }
    if (root.is_object()) {
      base::Arena arena;
      const Json kind = root.member("kind");
      const std::string_view name = kind.is_string() ? kind.text(arena) : std::string_view{};
      if (name == "Event") {
        if (depth > limits_.max_depth) {
          report_whole(bytes, "too_deep");
        } else {
          take(root, false, root.raw());
        }
        return true;
      }
      const Json items = root.member("items");
      if (name == "EventList" && items.is_array()) {
        items.for_each_element([&](Json item) { take(item, true, item.raw()); });
        return true;
      }
    }
    report_whole(bytes, "not_audit_list");
    return true;
  }

  // `received` is the item before any repair: what limits count and reports show.
  void take(Json item, bool from_list, std::string_view received) {
    if (!item.is_object() || !bind_event(item, from_list)) {
      report(received, "wrong_kind");
    } else if (received.size() > limits_.max_event) {
      report(received, "too_large");
    } else {
      counts_.without_time += event_.time_is_arrival() ? 1U : 0U;
      ++counts_.events;
      sink_->on_event(event_);
    }
    ++item_;
  }

  // Items of an EventList need no kind; elsewhere it must say Event.
  bool bind_event(Json item, bool from_list) {
    event_.bind(item, arrival_);
    const Json kind = event_.member(Member::kKind);
    if (!kind.exists()) {
      return from_list;
    }
    if (!kind.is_string()) {
      return false;
    }
    const std::string_view raw = kind.raw_string();
    if (raw.find('\\') == std::string_view::npos) {
      return raw == "Event";
    }
    base::Arena arena;
    return kind.text(arena) == "Event";
  }

  // The slow path: the body does not parse as a whole.
  void decode_items(std::string_view bytes) {
    std::string_view rest = bytes;
    ItemSplitter::Begin begin = ItemSplitter::Begin::kBody;
    while (true) {
      ItemSplitter splitter(*this, limits_.max_event, begin);
      (void)splitter.feed(rest);
      if (splitter.finish() == ItemSplitter::Status::kComplete) {
        return;
      }
      const auto at =
          static_cast<std::size_t>(std::min<std::uint64_t>(splitter.pending_offset(), rest.size()));
      const std::string_view left = rest.substr(at);
      const std::size_t next =
          recoveries_ < kMostRecoveries ? find_swallowed_item(left) : std::string_view::npos;
      if (next == std::string_view::npos || splitter.problem() == "trailing_garbage") {
        if (item_ == 0 && counts_.events == 0) {
          report_whole(bytes, splitter.problem());
        } else if (counts_.bad_items == 0 || !is_list_end(left)) {
          report(left, splitter.problem());
        }
        return;
      }
      ++recoveries_;
      report(left.substr(0, next), "not_json");
      ++item_;
      rest = left.substr(next + 1);
      begin = ItemSplitter::Begin::kInsideItems;
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): at most kMostRecoveries deep, counted by recoveries_.
  void decode_single(std::string_view item, bool from_list) {
    ParseStatus status = single_.parse(item, limits_.max_depth);
    if (status == ParseStatus::kUnreadable && escape_control_characters(item, mended_)) {
      status = single_.parse(std::string_view(mended_).substr(0, mended_.size() - kPadding),
                             limits_.max_depth);
      counts_.repaired_items += status == ParseStatus::kOk ? 1U : 0U;
    }
    if (status == ParseStatus::kOk) {
      take(Json(single_, 0), from_list, item);
      return;
    }
    // Unbalanced quotes can swallow the items that follow: cut where one of them begins. Of an
    // item that is merely too deep nothing was swallowed.
    const bool may_have_swallowed =
        status != ParseStatus::kTooDeep && recoveries_ < kMostRecoveries;
    const std::size_t next =
        may_have_swallowed ? find_swallowed_item(item) : std::string_view::npos;
    if (next == std::string_view::npos) {
      report(item, problem_of(status));
      ++item_;
      return;
    }
    ++recoveries_;
    report(item.substr(0, next), problem_of(status));
    ++item_;
    decode_items_inside(item.substr(next + 1));
  }

  // NOLINTNEXTLINE(misc-no-recursion): at most kMostRecoveries deep, counted by recoveries_.
  void decode_items_inside(std::string_view rest) {
    ItemSplitter splitter(*this, limits_.max_event, ItemSplitter::Begin::kInsideItems);
    (void)splitter.feed(rest);
    const auto at =
        static_cast<std::size_t>(std::min<std::uint64_t>(splitter.pending_offset(), rest.size()));
    // The last one has no list end behind it: what is left is an item if it parses.
    if (!is_list_end(rest.substr(at)) && splitter.finish() == ItemSplitter::Status::kBroken) {
      decode_single(rest.substr(at), true);
    }
  }

  void report(std::string_view bytes, std::string_view code) {
    ++counts_.bad_items;
    sink_->on_bad({bytes, code, std::string(describe_problem(code)), false, item_, line_});
  }
  void report_whole(std::string_view bytes, std::string_view code) {
    counts_.whole_bad = true;
    sink_->on_bad({bytes, code, std::string(describe_problem(code)), true, 0, line_});
  }

  DecodeLimits limits_;
  Document lines_;   // many lines, walked one after the other
  Document body_;    // one body
  Document single_;  // one item of a body that is not sound as a whole
  std::string mended_;
  AuditEvent event_;
  DecodeCounts counts_;
  EventSink* sink_ = nullptr;
  std::int64_t arrival_ = 0;
  BatchForm form_ = BatchForm::kBody;
  std::uint64_t item_ = 0;
  std::uint64_t line_ = 0;
  int recoveries_ = 0;
};

BatchDecoder::BatchDecoder(DecodeLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
BatchDecoder::~BatchDecoder() = default;

DecodeCounts BatchDecoder::decode(std::string_view bytes, BatchForm form, std::int64_t arrival,
                                  EventSink& sink) {
  return impl_->decode(bytes, form, arrival, sink);
}
void BatchDecoder::shrink() { impl_->shrink(); }
std::size_t BatchDecoder::memory() const { return impl_->memory(); }

std::string_view BatchDecoder::kernel() {
  static const std::string kName = simdjson::get_active_implementation()->name();
  return kName;
}

}  // namespace tiercel::audit
