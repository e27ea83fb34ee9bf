// The part of the runner that puts alerts among the dead letters.
#include <algorithm>
#include <chrono>
#include <utility>

#include "runner_loop.h"
#include "runner_text.h"
#include "stand_in.h"

namespace tiercel::output {

namespace {
using Meanwhile = RunnerReport::Meanwhile;
constexpr std::chrono::seconds kPassPause{1};
}  // namespace

// What is in letters_; those that were kept are in left_ afterwards.
bool RunnerLoop::bury(std::string_view reason, WithoutRoom without_room) {
  left_.clear();
  if (letters_.empty()) {
    return true;
  }
  // Only what the peer will never take holds up the others behind it.
  const auto meanwhile =
      without_room == WithoutRoom::kDropTooLarge ? Meanwhile::kWaits : Meanwhile::kGoesOn;
  const auto outcome = dead_letters_.add(letters_, parts_.clock.now(), without_room);
  letters_.clear();
  if (!outcome) {
    // Delivering goes on meanwhile, which makes room too.
    next_pass_ = parts_.clock.steady() + std::chrono::nanoseconds(kPassPause).count();
    parts_.report.bury_failed(outcome.error(), meanwhile);
    return false;
  }
  parts_.report.buried(*outcome, reason, dead_letters_.path(), meanwhile);
  left_ = outcome->left;
  return true;
}

template <class Is>
bool RunnerLoop::bury_items(Is is, std::string_view reason, WithoutRoom without_room) {
  letters_.clear();
  std::string_view first_reason = reason;
  for (const RunnerBatch::Item& item : batch_.items()) {
    if (is(item)) {
      const std::string_view why = item.is_rejected ? std::string_view(item.why) : reason;
      if (letters_.empty()) {
        first_reason = why;
      }
      letters_.push_back({why, item.alert.body, item.alerts});
    }
  }
  if (!bury(first_reason, without_room)) {
    return false;
  }
  std::size_t letter = 0;
  auto left = left_.begin();
  batch_.remove_if([&](const RunnerBatch::Item& item) {
    if (!is(item)) {
      return false;
    }
    const bool is_left = left != left_.end() && *left == letter;
    left += is_left ? 1 : 0;
    ++letter;
    return !is_left;
  });
  return true;
}

// False too where the file is full: the peer will never take them, and only the store's need of
// room gives them up.
bool RunnerLoop::bury_rejected() {
  return bury_items([](const RunnerBatch::Item& item) { return item.is_rejected; },
                    "the peer refused it", WithoutRoom::kDropTooLarge) &&
         left_.empty();
}

// While the output fails: alerts that are too old are not tried, so that a long backlog is
// not walked through one pause after another. Those for which the file has no room stay, and
// are tried. False: they cannot be written, and are tried when it is time: the disk may be full of
// what this output has not delivered.
bool RunnerLoop::bury_old() {
  if (options_.max_age.count() <= 0) {
    return true;
  }
  const std::int64_t oldest = agreed_.now() - std::chrono::nanoseconds(options_.max_age).count();
  const auto is_old = [oldest](const RunnerBatch::Item& item) {
    return item.alert.stored < oldest;
  };
  if (std::none_of(batch_.items().begin(), batch_.items().end(), is_old)) {
    return true;
  }
  return bury_items(
      is_old,
      "not delivered within " + duration_text(options_.max_age) + ": " + parts_.report.last_error(),
      WithoutRoom::kKeep);
}

void RunnerLoop::skip_passed() {
  const store::Position passed = parts_.feed.cursor();
  if (passed <= cursor_) {
    return;
  }
  cursor_ = passed;
  // A message that stands for several alerts may stand for later ones too.
  batch_.remove_if([passed](const RunnerBatch::Item& item) {
    return item.alerts == 1 && item.alert.position <= passed;
  });
  while (!page_is_done() && page_.alerts[next_].position <= passed) {
    ++next_;
  }
  taken_ = std::max(taken_, passed);
  read_ = std::max(read_, passed);
}

// True: something was passed, and there may be more.
bool RunnerLoop::pass_what_must() {
  const base::MutexLock lock(parts_.passing);
  skip_passed();
  const auto must = parts_.feed.must_pass();
  if (!must || *must <= cursor_) {
    return false;
  }
  const store::Position until = *must;
  // Whatever pass_in_hand() leaves in the batch and the groups lies behind `until`, and so does
  // then all that has not been taken yet.
  const bool is_written = pass_in_hand(until) && (taken_ >= until || pass_page(until));
  const store::Position before = cursor_;
  advance();
  return is_written && cursor_ != before;
}

bool RunnerLoop::pass_in_hand(store::Position until) {
  const auto pending = grouper_->oldest_pending();
  if (pending && *pending <= until) {
    take_groups(true);
  }
  if (!bury_items([until](const auto& item) { return item.alert.position <= until; }, kRoomReason,
                  WithoutRoom::kDrop)) {
    return false;
  }
  const auto must = [until](const Grouper::Due& due) { return due.alert.position <= until; };
  for (const Grouper::Due& due : due_) {
    if (must(due)) {
      letters_.push_back({kRoomReason, due.alert.body, due.count});
    }
  }
  if (!bury(kRoomReason, WithoutRoom::kDrop)) {
    return false;
  }
  std::erase_if(due_, must);
  return true;
}

// The rest of the page in hand, or of the next one. False: there was nothing to pass.
bool RunnerLoop::pass_page(store::Position until) {
  if (page_is_done() && !read_page()) {
    return false;
  }
  letters_.clear();
  std::size_t end = next_;
  const RunnerReport::Passed passed = collect_letters(page_, until, selection_, end, letters_);
  if (!bury(kRoomReason, WithoutRoom::kDrop)) {
    return false;
  }
  parts_.report.passed(passed);
  next_ = end;
  taken_ = page_is_done() ? std::max(taken_, page_.end)
                          : std::max(taken_, std::min(until, page_.alerts[next_].position - 1));
  return true;
}

}  // namespace tiercel::output
