#include "stand_in.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "tiercel/base/log.h"

namespace tiercel::output {

using base::MutexLock;

namespace {
constexpr std::chrono::seconds kPause{1};
}  // namespace

RunnerReport::Passed collect_letters(const store::Page& page, store::Position until,
                                     const Selection& selection, std::size_t& next,
                                     std::vector<DeadLetters::Letter>& letters) {
  RunnerReport::Passed passed;
  for (; next < page.alerts.size() && page.alerts[next].position <= until; ++next) {
    const store::StoredAlert& alert = page.alerts[next];
    switch (selection.choose(alert).fate) {
      case Choice::Fate::kFiltered:
        ++passed.filtered;
        break;
      case Choice::Fate::kSilenced:
        ++passed.silenced;
        break;
      case Choice::Fate::kGrouped:
      case Choice::Fate::kMessage:
        letters.push_back({kRoomReason, alert.body, 1});
        break;
    }
  }
  return passed;
}

StandIn::StandIn(Parts parts, Selection selection)
    : parts_(std::move(parts)), selection_(std::move(selection)) {
  parts_.feed->on_overdue([this] { ask(); });
}

StandIn::~StandIn() { (void)stop(std::chrono::steady_clock::time_point::max()); }

void StandIn::ask() {
  const MutexLock lock(mutex_);
  if (is_stopping_ || is_busy_) {
    return;
  }
  if (thread_.joinable()) {
    thread_.join();  // it has ended but for its last instructions
  }
  if (std::chrono::steady_clock::now() < next_try_) {
    return;
  }
  is_busy_ = true;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    is_busy_ = false;
    next_try_ = std::chrono::steady_clock::now() + kPause;
    base::log_error(std::string("no thread for what an output must pass, which is tried again: ") +
                    error.what());
  }
}

bool StandIn::stop(std::chrono::steady_clock::time_point until) {
  // Not nobody: the store would drop what only waits for the next start.
  parts_.feed->on_overdue([] {});
  const MutexLock lock(mutex_);
  is_stopping_ = true;
  while (is_busy_ && std::chrono::steady_clock::now() < until) {
    changed_.wait_until(mutex_, until);
  }
  if (thread_.joinable()) {
    is_busy_ ? thread_.detach() : thread_.join();
  }
  return !is_busy_;
}

bool StandIn::is_stopping() const {
  const MutexLock lock(mutex_);
  return is_stopping_;
}

void StandIn::run() {
  Pass pass = Pass::kMore;
  try {
    selection_.refresh();
    while (pass == Pass::kMore && !is_stopping()) {
      pass = pass_page();
    }
  } catch (const std::exception& error) {
    base::log(base::LogLevel::kCritical,
              std::string("what an output must pass cannot be passed: ") + error.what());
    std::terminate();
  }
  page_ = store::Page();
  parts_.feed->rest();  // an open segment keeps the disk's room when it is removed
  const MutexLock lock(mutex_);
  is_busy_ = false;
  if (pass == Pass::kFailed) {
    next_try_ = std::chrono::steady_clock::now() + kPause;
  }
  // Under the lock: whoever waits may destroy this.
  changed_.notify_all();
}

StandIn::Pass StandIn::pass_page() {
  const MutexLock lock(parts_.passing);
  const auto until = parts_.feed->must_pass();
  const store::Position cursor = parts_.feed->cursor();
  if (!until || *until <= cursor) {
    return Pass::kDone;
  }
  if (auto read = parts_.feed->read(cursor, {}, page_); !read) {
    parts_.report.read_failed(read.error());
    return Pass::kFailed;
  }
  std::vector<DeadLetters::Letter> letters;
  std::size_t next = 0;
  const RunnerReport::Passed passed = collect_letters(page_, *until, selection_, next, letters);
  if (!letters.empty()) {
    const auto outcome = parts_.dead_letters.add(letters, parts_.clock.now());
    if (!outcome) {
      parts_.report.bury_failed(outcome.error());
      return Pass::kFailed;
    }
    parts_.report.buried(*outcome, kRoomReason, parts_.dead_letters.path());
  }
  parts_.report.passed(passed);
  const store::Position to = std::min(*until, page_.end);
  parts_.feed->advance(to);
  return to > cursor ? Pass::kMore : Pass::kDone;
}

}  // namespace tiercel::output
