#include "runner_report.h"

#include <algorithm>
#include <utility>

#include "tiercel/base/log.h"
#include "tiercel/base/one_line.h"
#include "tiercel/base/utc_time.h"

#include "runner_text.h"

namespace tiercel::output {

using base::Metric;
using base::MutexLock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

RunnerReport::RunnerReport(Parts parts) : parts_(std::move(parts)) {
  const MutexLock lock(mutex_);
  status_.name = parts_.name;
  status_.kind = parts_.kind;
}

std::string RunnerReport::subject() const {
  return "output '" + parts_.name + "' (" + parts_.kind + ")";
}

void RunnerReport::say(const Words& words) const {
  log(words);
  tell(words);
}

void RunnerReport::log(const Words& words) {
  if (!words.log.empty()) {
    base::log(words.level, words.log);
  }
}

void RunnerReport::tell(const Words& words) const {
  if (words.code != nullptr && parts_.on_event) {
    parts_.on_event(words.code, words.message);
  }
}

void RunnerReport::passed(const Passed& passed) {
  parts_.metrics.add(Metric::kOutputFiltered, passed.filtered);
  parts_.metrics.add(Metric::kOutputSilenced, passed.silenced);
  parts_.metrics.add(Metric::kOutputGrouped, passed.grouped);
  const MutexLock lock(mutex_);
  status_.filtered += passed.filtered;
  status_.silenced += passed.silenced;
  status_.grouped += passed.grouped;
}

void RunnerReport::delivered(std::span<const std::int64_t> times) {
  if (times.empty()) {
    return;
  }
  parts_.metrics.add(Metric::kOutputDelivered, times.size());
  const std::int64_t now = parts_.clock.now();
  const MutexLock lock(mutex_);
  status_.delivered += times.size();
  status_.last_success = now;
  for (const std::int64_t time : times) {
    if (time != kNoEvent) {
      status_.latency.add(now - time);
    }
  }
}

std::int64_t RunnerReport::longest_delivery() const {
  return std::max<nanoseconds>(kLasting, parts_.slow).count();
}

void RunnerReport::delivery_begins() {
  const MutexLock lock(mutex_);
  delivering_since_ = parts_.clock.steady();
  status_.delivering_since = parts_.clock.now();
  status_.next_try = 0;
  is_held_up_ = false;
}

void RunnerReport::delivery_ends() {
  Words words;
  {
    const MutexLock lock(mutex_);
    const nanoseconds time(parts_.clock.steady() - std::exchange(delivering_since_, 0));
    status_.delivering_since = 0;
    has_lasted_ = time.count() >= longest_delivery();
    const bool is_slow = time > parts_.slow;
    if (is_slow && !is_slow_) {
      words.log = subject() + ": a delivery took " +
                  duration_text(duration_cast<milliseconds>(time)) +
                  ", more than output_timeout; its alerts wait in the store meanwhile";
    }
    is_slow_ = is_slow;
  }
  say(words);
}

void RunnerReport::retried() {
  parts_.metrics.add(Metric::kOutputRetries);
  const MutexLock lock(mutex_);
  ++status_.retries;
}

void RunnerReport::failed(const Failure& failure) {
  const std::int64_t now = parts_.clock.steady();
  const std::string said = base::one_line(failure.error.text());
  parts_.metrics.add(Metric::kOutputWriteErrors);
  Words words;
  {
    const MutexLock lock(mutex_);
    if (failing_since_ == 0) {
      failing_since_ = now;
      // Its letters may have held it up before.
      status_.failing_since =
          status_.failing_since == 0 ? parts_.clock.now() : status_.failing_since;
      tries_ = 0;
      failure_limit_.reset();
    }
    ++tries_;
    ++status_.failures;
    status_.breaker_open = failure.is_breaker_open;
    peer_error_ = said;
    status_.last_error = said;
    status_.lag = failure.lag;
    status_.next_try = parts_.clock.now() + nanoseconds(failure.pause).count();
    if (failure_limit_.lets_through(now)) {
      words.log = subject() + " does not take alerts: " + said + "; failing since " +
                  base::utc_text(status_.failing_since, 3) + " (" + std::to_string(tries_) +
                  (tries_ == 1 ? " try), " : " tries), ") + std::to_string(failure.lag.alerts) +
                  " alerts wait in the store, next try in " + duration_text(failure.pause);
    }
  }
  say(words);
  look();
}

void RunnerReport::look() {
  Words words;
  {
    const MutexLock telling(telling_);
    words = what_lasts();
    tell(words);
  }
  log(words);
}

RunnerReport::Words RunnerReport::what_lasts() {
  Words words;
  const MutexLock lock(mutex_);
  const std::int64_t now = parts_.clock.steady();
  const nanoseconds held(delivering_since_ == 0 ? 0 : now - delivering_since_);
  const std::string lasts = " has been in one delivery for " +
                            duration_text(duration_cast<milliseconds>(held)) +
                            "; its alerts wait in the store meanwhile";
  if (held > parts_.slow && slow_limit_.lets_through(now)) {
    words.log = subject() + lasts + " (output_timeout)";
  }
  // While the output waits for its own letters nobody knows what the peer would say.
  held_up_at_ = is_held_up_ ? now : held_up_at_;
  const nanoseconds refused(now - std::max(failing_since_, held_up_at_));
  if (!is_failure_told_ && failing_since_ != 0 && (status_.breaker_open || refused >= kLasting)) {
    words.message = subject() + " does not take alerts since " +
                    base::utc_text(status_.failing_since, 3) + ": " + peer_error_ + "; " +
                    std::to_string(status_.lag.alerts) + " alerts wait in the store";
  } else if (!is_failure_told_ && held.count() >= longest_delivery()) {
    words.message = subject() + lasts;
  } else if (!is_failure_told_ && unburied_since_ != 0 &&
             now - unburied_since_ >= nanoseconds(kLasting).count()) {
    words.message = subject() + " waits, since its dead letters cannot be written: " + bury_error_;
  }
  if (!words.message.empty()) {
    is_failure_told_ = true;
    words.code = "output_failed";
  }
  return words;
}

void RunnerReport::succeeded() {
  Words words;
  {
    const MutexLock telling(telling_);
    words = what_is_over();
    tell(words);
  }
  log(words);
}

RunnerReport::Words RunnerReport::what_is_over() {
  Words words;
  words.level = base::LogLevel::kInfo;
  const MutexLock lock(mutex_);
  // One that took as long as that is no recovery.
  const bool is_told = is_failure_told_ && !has_lasted_;
  is_failure_told_ = is_failure_told_ && has_lasted_;
  if (failing_since_ != 0) {
    const nanoseconds lasted(parts_.clock.steady() - failing_since_);
    words.log = subject() + " takes alerts again after " +
                duration_text(duration_cast<milliseconds>(lasted)) + " and " +
                std::to_string(tries_) + (tries_ == 1 ? " failed try" : " failed tries");
  } else if (is_told) {
    words.log = subject() + " takes alerts again";
  }
  failing_since_ = 0;
  unburied_since_ = 0;
  status_.failing_since = 0;
  status_.next_try = 0;
  status_.breaker_open = false;
  status_.last_error.clear();
  peer_error_.clear();
  if (is_told) {
    words.code = "output_recovered";
    words.message = words.log;
  }
  return words;
}

RunnerReport::Words RunnerReport::written(const DeadLetters::Outcome& outcome,
                                          std::string_view reason, const std::string& path,
                                          std::int64_t now) {
  Words words;
  const std::string message = subject() + ": " + std::to_string(outcome.written) +
                              " alerts went to the dead letters in " + path + ": " +
                              base::one_line(reason);
  if (letter_limit_.lets_through(now)) {
    words.log = message;
  }
  if (last_letter_ == 0 || now - last_letter_ > nanoseconds(kLetterEpisode).count()) {
    words.code = "output_dead_letters";
    words.message = message;
  }
  last_letter_ = now;
  return words;
}

RunnerReport::Words RunnerReport::without_room(const DeadLetters::Outcome& outcome,
                                               const std::string& path, std::int64_t now) {
  Words words;
  words.level = base::LogLevel::kError;
  lost_ += outcome.dropped;
  const bool is_lost = outcome.dropped != 0;
  const bool is_due = full_limit_.lets_through(now);
  const bool is_new = !std::exchange(is_full_, true);
  if (!is_due && !is_new) {
    return words;
  }
  const std::string message =
      subject() + ": " + std::to_string(is_lost ? std::exchange(lost_, 0) : outcome.kept) +
      (is_lost ? " alerts are lost for it, since "
               : " alerts that would go there wait in the store instead, and what is behind them "
                 "with them, since ") +
      (path.empty() ? std::string("it has no dead-letter file")
                    : "the dead-letter file " + path +
                          " is full: deliver it again (tiercel outputs resend " + parts_.name +
                          "), remove it, or raise dead_letter.max_size");
  if (is_due) {
    words.log = message;
  }
  // A loss that goes on is told of with what was lost since.
  if (is_new || is_lost) {
    words.code = "dead_letters_full";
    words.message = message;
  }
  return words;
}

void RunnerReport::held_up(std::int64_t now) {
  held_up_at_ = now;
  is_held_up_ = true;
  status_.next_try = 0;
  if (status_.failing_since == 0) {
    status_.failing_since = parts_.clock.now();
  }
}

void RunnerReport::buried(const DeadLetters::Outcome& outcome, std::string_view reason,
                          const std::string& path, Meanwhile meanwhile) {
  const std::int64_t now = parts_.clock.steady();
  parts_.metrics.add(Metric::kOutputDeadLettered, outcome.written);
  Words of_written;
  Words of_rest;
  {
    const MutexLock lock(mutex_);
    unburied_since_ = 0;
    if (meanwhile == Meanwhile::kWaits && outcome.kept != 0) {
      held_up(now);
      status_.last_error = "the dead-letter file is full: nothing is delivered until it has room";
    } else {
      is_held_up_ = false;
      status_.failing_since = failing_since_ == 0 ? 0 : status_.failing_since;
      status_.last_error = peer_error_;
    }
    status_.dead_lettered += outcome.written;
    status_.dropped += outcome.dropped;
    if (outcome.written != 0) {
      of_written = written(outcome, reason, path, now);
    }
    if (outcome.dropped + outcome.kept != 0) {
      of_rest = without_room(outcome, path, now);
    } else {
      is_full_ = is_full_ && outcome.written == 0;
    }
  }
  say(of_written);
  say(of_rest);
  if (outcome.dropped != 0 && parts_.on_dropped) {
    parts_.on_dropped(outcome.dropped);
  }
}

void RunnerReport::bury_failed(const base::Error& error, Meanwhile meanwhile) {
  const std::int64_t now = parts_.clock.steady();
  parts_.metrics.add(Metric::kOutputDeadLetterErrors);
  Words words;
  words.level = base::LogLevel::kError;
  {
    const MutexLock lock(mutex_);
    bury_error_ = base::one_line(error.text());
    status_.last_error = bury_error_;
    if (meanwhile == Meanwhile::kWaits) {
      held_up(now);
    }
    if (unburied_since_ == 0) {
      unburied_since_ = now;
      status_.failing_since =
          status_.failing_since == 0 ? parts_.clock.now() : status_.failing_since;
    }
    if (bury_limit_.lets_through(now)) {
      words.log = subject() + " waits, since its dead letters cannot be written: " + bury_error_;
    }
  }
  say(words);
}

void RunnerReport::read_failed(const base::Error& error) {
  Words words;
  words.level = base::LogLevel::kError;
  {
    const MutexLock lock(mutex_);
    if (read_limit_.lets_through(parts_.clock.steady())) {
      words.log =
          subject() + " cannot read the store, and tries again each second: " + error.text();
    }
  }
  say(words);
}

void RunnerReport::set_lag(const store::Feed& feed) {
  const store::Lag lag = feed.lag();
  const MutexLock lock(mutex_);
  status_.lag = lag;
  status_.cursor = feed.cursor();
}

void RunnerReport::set_open_groups(std::uint64_t groups) {
  const MutexLock lock(mutex_);
  status_.open_groups = groups;
}

OutputStatus RunnerReport::status() const {
  const MutexLock lock(mutex_);
  return status_;
}

std::string RunnerReport::last_error() const {
  const MutexLock lock(mutex_);
  return peer_error_;
}

}  // namespace tiercel::output
