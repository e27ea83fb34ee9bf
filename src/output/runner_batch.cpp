#include "runner_batch.h"

#include <algorithm>
#include <utility>

#include "tiercel/alert/rule_output.h"

namespace tiercel::output {

namespace {
// One alert of many megabytes must not be paid for with memory ever after.
constexpr std::size_t kKeptLines = std::size_t{2} << 20U;
// Peers choose how much they say.
constexpr std::size_t kLongestReason = 2000;
}  // namespace

RunnerBatch::RunnerBatch(std::size_t most_messages, std::size_t most_bytes)
    : most_messages_(std::max<std::size_t>(most_messages, 1)), most_bytes_(most_bytes) {}

void RunnerBatch::start(const alert::LineFormat& format) {
  format_ = format;
  lines_.clear();
  if (lines_.capacity() > kKeptLines) {
    lines_.shrink_to_fit();
  }
}

bool RunnerBatch::add(const store::StoredAlert& alert, std::unique_ptr<std::string>& bytes,
                      std::uint64_t alerts) {
  if (is_full()) {
    return false;
  }
  const std::size_t line = lines_.size();
  alert::append_line(lines_, alert.body, format_);
  if (!items_.empty() && lines_.size() > most_bytes_) {
    lines_.resize(line);
    return false;
  }
  Item& item = items_.emplace_back();
  item.alert = alert;
  item.bytes = std::move(bytes);
  item.line = line;
  item.line_size = lines_.size() - line;
  item.alerts = alerts;
  return true;
}

std::span<const Message> RunnerBatch::messages(std::size_t count) {
  messages_.clear();
  for (std::size_t at = 0; at < std::min(count, items_.size()); ++at) {
    const Item& item = items_[at];
    messages_.push_back({&item.alert, std::string_view(lines_).substr(item.line, item.line_size)});
  }
  return messages_;
}

RunnerBatch::Applied RunnerBatch::apply(const Delivery& delivery, std::size_t sent) {
  enum : char { kTaken, kAgain, kRejected, kNotSent };
  again_.assign(items_.size(), kNotSent);
  std::fill_n(again_.begin(), static_cast<std::ptrdiff_t>(std::min(sent, items_.size())), kTaken);
  // An output that names a message it was not given names nothing.
  for (const std::size_t at : delivery.again) {
    if (at < std::min(sent, again_.size())) {
      again_[at] = kAgain;
    }
  }
  for (const Delivery::Rejected& one : delivery.rejected) {
    if (one.message < std::min(sent, again_.size())) {
      again_[one.message] = kRejected;
      items_[one.message].is_rejected = true;
      items_[one.message].why = one.why.substr(0, kLongestReason);
    }
  }
  Applied applied;
  taken_.clear();
  std::size_t kept = 0;
  for (std::size_t at = 0; at < items_.size(); ++at) {
    applied.again += again_[at] == kAgain ? 1U : 0U;
    applied.rejected += again_[at] == kRejected ? 1U : 0U;
    if (again_[at] != kTaken) {
      if (kept != at) {
        items_[kept] = std::move(items_[at]);
      }
      ++kept;
    } else {
      const store::StoredAlert& alert = items_[at].alert;
      taken_.push_back(alert::is_own_rule(alert.rule) ? kNoEvent : alert.time);
    }
  }
  items_.resize(kept);
  applied.taken = taken_;
  return applied;
}

std::optional<store::Position> RunnerBatch::lowest() const {
  std::optional<store::Position> lowest;
  for (const Item& item : items_) {
    lowest = std::min(lowest.value_or(item.alert.position), item.alert.position);
  }
  return lowest;
}

}  // namespace tiercel::output
