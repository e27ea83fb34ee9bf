#include "runner_loop.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace tiercel::output {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Within it a waiting thread sees that the store needs room, and that an injected clock moved.
constexpr milliseconds kPoll{50};
constexpr milliseconds kTick{1000};
constexpr milliseconds kReadPause{1000};
constexpr milliseconds kBuryPause{1000};
// So often a batch that waits for more alerts looks for them.
constexpr milliseconds kLeastGather{10};
constexpr int kGatherLooks = 8;
constexpr std::size_t kLeastPage = std::size_t{1} << 20U;

std::int64_t ns(milliseconds time) { return nanoseconds(time).count(); }

milliseconds as_milliseconds(std::int64_t time) {
  return std::chrono::ceil<milliseconds>(nanoseconds(std::max<std::int64_t>(time, 0)));
}

store::PageLimits page_limits(const DeliveryOptions& options) {
  store::PageLimits limits;
  limits.bytes = std::clamp(options.batch_bytes, kLeastPage, limits.bytes);
  return limits;
}

}  // namespace

RunnerLoop::RunnerLoop(const Parts& parts, const DeliveryOptions& options)
    : parts_(parts),
      options_(options),
      agreed_(parts.clock),
      limits_(page_limits(options)),
      selection_(parts.name, options.minimum_priority, parts.routing),
      grouper_(std::make_unique<Grouper>()),
      backoff_(
          options.retry_min, options.retry_max,
          std::hash<std::string>{}(parts.name) ^ static_cast<std::uint64_t>(parts.clock.now())),
      breaker_(options.breaker_failures, options.breaker_pause, options.retry_max * kBreakerGrowth),
      dead_letters_(parts.dead_letters),
      read_(parts.feed.cursor()),
      taken_(read_),
      cursor_(read_),
      batch_(std::min(options.batch_alerts, parts.most_messages), options.batch_bytes) {}

void RunnerLoop::run() {
  while (turn()) {
  }
  advance();
  parts_.report.set_lag(parts_.feed);
}

bool RunnerLoop::turn() {
  if (parts_.control.is_over()) {
    return false;
  }
  look_after_output();
  skip_passed();
  if (must_pass() && pass_what_must()) {
    return true;
  }
  if (batch_.is_empty()) {
    const bool was_something = fill();
    if (batch_.is_empty()) {
      advance();
      return was_something || idle();
    }
    was_idle_ = false;
  }
  // Where dead letters find no room nothing is lost: those alerts wait here.
  if (!bury_rejected()) {
    if (is_stop_seen_) {
      return false;  // nor would they before the deadline
    }
    pause(kBuryPause);
    return true;
  }
  if (is_failing_ && !bury_old() && !is_stop_seen_ && parts_.clock.steady() < next_try_) {
    pause(kBuryPause);
    return true;
  }
  if (batch_.is_empty()) {
    advance();
    return true;
  }
  if (parts_.clock.steady() < next_try_) {
    pause_until(next_try_);
    return true;
  }
  const bool goes_on = deliver();
  skip_passed();
  advance();
  return goes_on;
}

void RunnerLoop::look_after_output() {
  if (parts_.control.take_reopen()) {
    parts_.output.reopen();
    next_try_ = 0;  // whoever asks for it has just mended something
  }
  if (!is_stop_seen_ && parts_.control.is_stopping()) {
    begin_stop();
  }
  const std::int64_t now = parts_.clock.steady();
  if (now >= next_tick_) {
    next_tick_ = now + ns(kTick);
    parts_.output.tick();
    parts_.report.set_lag(parts_.feed);
    parts_.report.look();
  }
}

void RunnerLoop::begin_stop() {
  is_stop_seen_ = true;
  // A peer that was down before need not hold up the end of the process.
  is_last_try_ = is_failing_;
  next_try_ = 0;
}

bool RunnerLoop::fill() {
  if (selection_.is_stale()) {
    // The routes that made the groups go; what they hold is told of now.
    take_groups(true);
    grouper_ = std::make_unique<Grouper>();
    selection_.refresh();
  }
  is_retry_ = false;
  batch_.start(parts_.control.format());
  take_groups(is_stop_seen_);
  if (!add_groups()) {
    return true;
  }
  if (page_is_done() && !read_page()) {
    return !batch_.is_empty();
  }
  take_page();
  return true;
}

void RunnerLoop::take_groups(bool all) {
  std::vector<Grouper::Due> due = all ? grouper_->flush() : grouper_->due(parts_.clock.steady());
  RunnerReport::Passed passed;
  for (Grouper::Due& one : due) {
    passed.grouped += one.count - 1;
    due_.push_back(std::move(one));
  }
  parts_.report.passed(passed);
  parts_.report.set_open_groups(grouper_->pending());
}

// False: the batch has no room for all.
bool RunnerLoop::add_groups() {
  while (!due_.empty()) {
    Grouper::Due& due = due_.front();
    if (!batch_.add(due.alert, due.bytes, due.count)) {
      return false;
    }
    due_.pop_front();
  }
  return true;
}

// False: there is nothing to take.
bool RunnerLoop::read_page() {
  next_ = 0;
  if (auto read = parts_.feed.read(read_, limits_, page_); !read) {
    page_.alerts.clear();
    parts_.report.read_failed(read.error());
    pause(kReadPause);
    return false;
  }
  if (options_.batch_wait.count() > 0 && batch_.is_empty() && !is_stop_seen_) {
    gather();
  }
  read_ = std::max(read_, page_.end);
  if (page_.alerts.empty()) {
    taken_ = std::max(taken_, page_.end);
    return false;
  }
  return true;
}

// Reads the page anew, longer each time, until it fills a batch or the time is over: so a
// batch is never made of more than one page.
void RunnerLoop::gather() {
  const std::int64_t until = parts_.clock.steady() + ns(options_.batch_wait);
  const milliseconds step = std::max(options_.batch_wait / kGatherLooks, kLeastGather);
  while (!page_.more && page_.bytes.size() < options_.batch_bytes) {
    const std::size_t wanted = wanted_in_page();
    const std::int64_t now = parts_.clock.steady();
    if (wanted == 0 || wanted >= std::min(options_.batch_alerts, parts_.most_messages) ||
        now >= until || !pause_until(std::min(until, now + ns(step)))) {
      return;
    }
    if (auto read = parts_.feed.read(read_, limits_, page_); !read) {
      page_.alerts.clear();
      page_.end = read_;
      parts_.report.read_failed(read.error());
      return;
    }
  }
}

std::size_t RunnerLoop::wanted_in_page() const {
  return static_cast<std::size_t>(std::count_if(
      page_.alerts.begin(), page_.alerts.end(),
      [&](const auto& alert) { return selection_.choose(alert).fate == Choice::Fate::kMessage; }));
}

void RunnerLoop::take_page() {
  RunnerReport::Passed passed;
  while (!page_is_done() && !batch_.is_full() && take_alert(page_.alerts[next_], passed)) {
    taken_ = page_.alerts[next_].position;
    ++next_;
  }
  if (page_is_done()) {
    taken_ = std::max(taken_, page_.end);
  }
  parts_.report.passed(passed);
  parts_.report.set_open_groups(grouper_->pending());
}

// False: the batch has no room for it.
bool RunnerLoop::take_alert(const store::StoredAlert& alert, RunnerReport::Passed& passed) {
  const Choice choice = selection_.choose(alert);
  switch (choice.fate) {
    case Choice::Fate::kFiltered:
      ++passed.filtered;
      return true;
    case Choice::Fate::kSilenced:
      ++passed.silenced;
      return true;
    case Choice::Fate::kGrouped:
      grouper_->take(alert, *choice.action, parts_.clock.steady());
      return true;
    case Choice::Fate::kMessage:
      break;
  }
  std::unique_ptr<std::string> bytes;
  store::StoredAlert message = alert;
  if (choice.action != nullptr && !choice.action->message_template.empty()) {
    bytes = std::make_unique<std::string>(with_template(alert, choice.action->message_template));
    message.body = *bytes;
  }
  return batch_.add(message, bytes, 1);
}

// Nothing is to be done. False: and nothing will be, the thread ends.
bool RunnerLoop::idle() {
  const bool has_groups = grouper_->oldest_pending().has_value();
  if (is_stop_seen_) {
    return has_groups;
  }
  if (!std::exchange(was_idle_, true)) {
    parts_.report.set_lag(parts_.feed);
  }
  const std::int64_t now = parts_.clock.steady();
  std::int64_t until = next_tick_;
  milliseconds most = kTick;
  if (has_groups) {
    // The store may need the room of what the groups hold back.
    most = 2 * kPoll;
    until = std::min(until, grouper_->next_due().value_or(until));
  }
  const milliseconds timeout = std::clamp(as_milliseconds(until - now), milliseconds(1), most);
  parts_.feed.wait(read_, timeout);
  return true;
}

// False: the thread ends.
bool RunnerLoop::deliver() {
  const std::size_t count = breaker_.is_open() ? 1 : batch_.size();
  if (is_retry_) {
    parts_.report.retried();
  }
  parts_.report.delivery_begins();
  const Delivery delivery = parts_.output.deliver(batch_.messages(count));
  parts_.report.delivery_ends();
  const RunnerBatch::Applied applied = batch_.apply(delivery, count);
  parts_.report.delivered(applied.taken);
  if (applied.again != 0) {
    handle_failure(delivery, applied);
    return !is_last_try_;
  }
  is_failing_ = false;
  is_retry_ = false;
  is_last_try_ = false;
  next_try_ = 0;
  backoff_.reset();
  breaker_.succeeded();
  parts_.report.succeeded();
  return true;
}

void RunnerLoop::handle_failure(const Delivery& delivery, const RunnerBatch::Applied& applied) {
  is_failing_ = true;
  is_retry_ = true;
  // The peer answers, if not for all: one that takes so many a minute is not left alone longer
  // each time, or a backlog would never end.
  const bool is_progress = applied.taken.size() + applied.rejected != 0;
  if (is_progress) {
    breaker_.succeeded();
    backoff_.reset();
  }
  milliseconds delay = backoff_.next();
  if (delivery.retry_after) {
    delay = std::max(delay, std::min(*delivery.retry_after, kMostRetryAfter));
  }
  if (const auto breaker_pause = is_progress ? std::nullopt : breaker_.failed()) {
    delay = std::max(delay, *breaker_pause);
  }
  next_try_ = parts_.clock.steady() + ns(delay);
  RunnerReport::Failure failure;
  failure.error = delivery.error.value_or(
      base::Error{"not_taken", "the peer took only a part, and gave no reason", {}});
  failure.pause = delay;
  failure.is_breaker_open = breaker_.is_open();
  failure.lag = parts_.feed.lag();
  parts_.report.failed(failure);
}

void RunnerLoop::advance() {
  store::Position to = taken_;
  const auto stay_before = [&to](store::Position position) {
    to = std::min(to, position == 0 ? 0 : position - 1);
  };
  if (const auto lowest = batch_.lowest()) {
    stay_before(*lowest);
  }
  for (const Grouper::Due& due : due_) {
    stay_before(due.alert.position);
  }
  if (const auto pending = grouper_->oldest_pending()) {
    stay_before(*pending);
  }
  if (to > cursor_) {
    cursor_ = to;
    parts_.feed.advance(to);
  }
}

bool RunnerLoop::must_pass() const {
  if (parts_.clock.steady() < next_pass_) {
    return false;
  }
  const auto until = parts_.feed.must_pass();
  return until && *until > cursor_;
}

bool RunnerLoop::pause_until(std::int64_t until) {
  const std::int64_t end = std::min(until, next_tick_);
  while (true) {
    const std::int64_t now = parts_.clock.steady();
    if (now >= end) {
      return now >= until;
    }
    if (must_pass() || parts_.control.is_over() || parts_.control.wants_reopen() ||
        (!is_stop_seen_ && parts_.control.is_stopping())) {
      return false;
    }
    parts_.control.wait(std::min(kPoll, as_milliseconds(end - now)));
  }
}

// For trouble of our own, in the machine's time: the next turn tries again.
void RunnerLoop::pause(milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end && !parts_.control.is_over() &&
         !parts_.control.wants_reopen() && (is_stop_seen_ || !parts_.control.is_stopping())) {
    parts_.control.wait(kPoll);
  }
}

}  // namespace tiercel::output
