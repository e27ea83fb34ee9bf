#include "runner_report.h"

#include <utility>

#include "tiercel/base/log.h"
#include "tiercel/base/one_line.h"

#include "runner_text.h"

namespace tiercel::output {

using base::Metric;
using base::MutexLock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

bool RunnerReport::Limit::lets_through(std::int64_t now) {
  if (next_ != 0 && now < next_) {
    return false;
  }
  next_ = now + nanoseconds(kLogPeriod).count();
  return true;
}

RunnerReport::RunnerReport(Parts parts) : parts_(std::move(parts)) {
  const MutexLock lock(mutex_);
  status_.name = parts_.name;
  status_.kind = parts_.kind;
}

std::string RunnerReport::subject() const {
  return "output '" + parts_.name + "' (" + parts_.kind + ")";
}

void RunnerReport::tell(const char* code, const std::string& message) const {
  if (parts_.on_event) {
    parts_.on_event(code, message);
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

void RunnerReport::delivered(std::uint64_t messages) {
  if (messages == 0) {
    return;
  }
  parts_.metrics.add(Metric::kOutputDelivered, messages);
  const MutexLock lock(mutex_);
  status_.delivered += messages;
  status_.last_success = parts_.clock.now();
}

void RunnerReport::took(milliseconds time, milliseconds slow) {
  const bool is_slow = time > slow;
  if (is_slow && !is_slow_) {
    base::log_warning(subject() + ": a delivery took " + duration_text(time) +
                      ", more than output_timeout; its alerts wait in the store meanwhile");
  }
  is_slow_ = is_slow;
}

void RunnerReport::retried() {
  parts_.metrics.add(Metric::kOutputRetries);
  const MutexLock lock(mutex_);
  ++status_.retries;
}

void RunnerReport::failed(const Failure& failure) {
  const std::int64_t now = parts_.clock.steady();
  const std::string said = base::one_line(failure.error.text());
  if (failing_since_ == 0) {
    failing_since_ = now;
    failing_since_time_ = parts_.clock.now();
    tries_ = 0;
    failure_limit_.reset();
  }
  ++tries_;
  parts_.metrics.add(Metric::kOutputWriteErrors);
  {
    const MutexLock lock(mutex_);
    ++status_.failures;
    status_.breaker_open = failure.is_breaker_open;
    status_.last_error = said;
    status_.lag = failure.lag;
  }
  if (failure_limit_.lets_through(now)) {
    base::log_warning(subject() + " does not take alerts: " + said + "; failing since " +
                      utc_text(failing_since_time_) + " (" + std::to_string(tries_) +
                      (tries_ == 1 ? " try), " : " tries), ") + std::to_string(failure.lag.alerts) +
                      " alerts wait in the store, next try in " + duration_text(failure.pause));
  }
  look();
}

void RunnerReport::look() {
  if (failing_since_ == 0 || is_failure_told_) {
    return;
  }
  std::string message;
  {
    const MutexLock lock(mutex_);
    const bool lasts = parts_.clock.steady() - failing_since_ >= nanoseconds(kLasting).count();
    if (!lasts && !status_.breaker_open) {
      return;
    }
    message = subject() + " does not take alerts since " + utc_text(failing_since_time_) + ": " +
              status_.last_error + "; " + std::to_string(status_.lag.alerts) +
              " alerts wait in the store";
  }
  is_failure_told_ = true;
  tell("output_failed", message);
}

void RunnerReport::succeeded() {
  if (failing_since_ == 0) {
    return;
  }
  const milliseconds lasted =
      duration_cast<milliseconds>(nanoseconds(parts_.clock.steady() - failing_since_));
  failing_since_ = 0;
  {
    const MutexLock lock(mutex_);
    status_.breaker_open = false;
    status_.last_error.clear();
  }
  const std::string message = subject() + " takes alerts again after " + duration_text(lasted) +
                              " and " + std::to_string(tries_) +
                              (tries_ == 1 ? " failed try" : " failed tries");
  base::log_info(message);
  if (std::exchange(is_failure_told_, false)) {
    tell("output_recovered", message);
  }
}

void RunnerReport::buried(const DeadLetters::Outcome& outcome, std::string_view reason,
                          const std::string& path) {
  const std::int64_t now = parts_.clock.steady();
  {
    const MutexLock lock(mutex_);
    status_.dead_lettered += outcome.written;
    status_.dropped += outcome.dropped;
    if (failing_since_ == 0) {
      status_.last_error.clear();
    }
  }
  if (outcome.written != 0) {
    parts_.metrics.add(Metric::kOutputDeadLettered, outcome.written);
    const std::string message = subject() + ": " + std::to_string(outcome.written) +
                                " alerts went to the dead letters in " + path + ": " +
                                base::one_line(reason);
    if (letter_limit_.lets_through(now)) {
      base::log_warning(message);
    }
    if (last_letter_ == 0 || now - last_letter_ > nanoseconds(kLetterEpisode).count()) {
      tell("output_dead_letters", message);
    }
    last_letter_ = now;
  }
  if (outcome.dropped + outcome.kept == 0) {
    is_full_ = is_full_ && outcome.written == 0;
    return;
  }
  const std::string what = outcome.dropped != 0
                               ? " alerts are lost for it, since "
                               : " alerts that would go there wait in the store instead, since ";
  const std::string message =
      subject() + ": " + std::to_string(outcome.dropped != 0 ? outcome.dropped : outcome.kept) +
      what +
      (path.empty() ? std::string("it has no dead-letter file")
                    : "the dead-letter file " + path +
                          " is full: deliver it again (tiercel outputs resend " + parts_.name +
                          "), remove it, or raise dead_letter.max_size");
  if (full_limit_.lets_through(now)) {
    base::log_error(message);
  }
  if (!std::exchange(is_full_, true)) {
    tell("dead_letters_full", message);
  }
  if (outcome.dropped != 0 && parts_.on_dropped) {
    parts_.on_dropped(outcome.dropped);
  }
}

void RunnerReport::bury_failed(const base::Error& error) {
  parts_.metrics.add(Metric::kOutputDeadLetterErrors);
  {
    const MutexLock lock(mutex_);
    status_.last_error = base::one_line(error.text());
  }
  if (bury_limit_.lets_through(parts_.clock.steady())) {
    base::log_error(subject() +
                    " waits, since its dead letters cannot be written: " + error.text());
  }
}

void RunnerReport::read_failed(const base::Error& error) {
  if (read_limit_.lets_through(parts_.clock.steady())) {
    base::log_error(subject() +
                    " cannot read the store, and tries again each second: " + error.text());
  }
}

void RunnerReport::set_lag(const store::Lag& lag) {
  const MutexLock lock(mutex_);
  status_.lag = lag;
}

OutputStatus RunnerReport::status() const {
  const MutexLock lock(mutex_);
  return status_;
}

std::string RunnerReport::last_error() const {
  const MutexLock lock(mutex_);
  return status_.last_error;
}

}  // namespace tiercel::output
