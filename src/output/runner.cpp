#include "tiercel/output/runner.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <thread>
#include <utility>

#include "tiercel/base/log.h"
#include "tiercel/output/resend.h"

#include "runner_control.h"
#include "runner_loop.h"
#include "runner_report.h"
#include "stand_in.h"

namespace tiercel::output {

namespace {
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// After the deadline an output that was interrupted gets so long to return.
constexpr milliseconds kGrace{1000};
// An interruption may come just before a delivery begins, so it is repeated.
constexpr milliseconds kInterruptPeriod{50};

std::uint64_t file_bytes(const std::string& path) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}
}  // namespace

class OutputRunner::Impl {
 public:
  Impl(Parts parts, DeliveryOptions options, const base::Snapshot<Routing>& routing,
       const base::Clock& clock, base::Metrics& metrics, OnEvent on_event, OnDropped on_dropped)
      : parts_(std::move(parts)),
        options_(std::move(options)),
        routing_(routing),
        clock_(clock),
        control_(options_.format),
        report_({parts_.name, parts_.kind, clock, metrics, std::move(on_event),
                 std::move(on_dropped), options_.slow}),
        dead_letters_(parts_.name, options_.dead_letter_path, options_.dead_letter_max_size) {
    if (parts_.stand_in_feed != nullptr) {
      // Until start(), and after stop(), nothing is passed; nor is it dropped.
      parts_.stand_in_feed->on_overdue([] {});
    }
  }

  base::Result<void> start() {
    if (auto opened = parts_.output->open(); !opened) {
      return opened;
    }
    if (parts_.stand_in_feed != nullptr) {
      stand_in_ = std::make_unique<StandIn>(
          StandIn::Parts{std::move(parts_.stand_in_feed), dead_letters_, passing_, report_, clock_},
          Selection(parts_.name, options_.minimum_priority, routing_));
    }
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void reopen() {
    control_.reopen();
    parts_.feed->wake();
  }

  bool stop(milliseconds deadline) {
    const auto until = Steady::now() + deadline;
    return end(until, until);
  }

  bool hand_over(milliseconds patience) { return end(Steady::now(), Steady::now() + patience); }

  // Deliveries begin until `last`; the one in hand is interrupted at `until`.
  bool end(Steady::time_point last, Steady::time_point until) {
    if (!thread_.joinable()) {
      return !is_blocked_ || control_.wait_finished(Steady::now());
    }
    control_.stop(last);
    parts_.feed->wake();
    bool is_finished = control_.wait_finished(until);
    const auto grace = Steady::now() + kGrace;
    while (!is_finished && Steady::now() < grace) {
      parts_.output->interrupt();
      parts_.feed->wake();
      is_finished = control_.wait_finished(std::min(grace, Steady::now() + kInterruptPeriod));
    }
    const bool is_alone = stand_in_ == nullptr || stand_in_->stop(std::max(until, grace));
    is_finished = is_finished && is_alone;
    if (is_finished) {
      thread_.join();
    } else {
      base::log_error("output '" + parts_.name + "' (" + parts_.kind +
                      ") still blocks; ending without it, its alerts stay in the store");
      is_blocked_ = true;
      thread_.detach();
    }
    return is_finished;
  }

  // Its thread still uses this.
  [[nodiscard]] bool is_blocked() const { return is_blocked_; }
  [[nodiscard]] OutputStatus status() const {
    OutputStatus status = report_.status();
    status.dead_letter_limit = options_.dead_letter_max_size;
    status.dead_letter_bytes = file_bytes(options_.dead_letter_path);
    for (const std::string& file : dead_letters_set_aside(options_.dead_letter_path)) {
      status.set_aside_bytes += file_bytes(file);
    }
    return status;
  }
  void look() { report_.look(); }
  void set_format(const alert::LineFormat& format) { control_.set_format(format); }

 private:
  void run() {
    try {
      RunnerLoop loop({parts_.name, *parts_.output, *parts_.feed, routing_, clock_, control_,
                       report_, dead_letters_, passing_, parts_.most_messages},
                      options_);
      loop.run();
    } catch (const std::exception& error) {
      base::log(base::LogLevel::kCritical,
                "the thread of output '" + parts_.name + "' cannot go on: " + error.what());
      std::terminate();
    }
    control_.finish();
  }

  Parts parts_;
  const DeliveryOptions options_;
  const base::Snapshot<Routing>& routing_;
  const base::Clock& clock_;
  RunnerControl control_;
  RunnerReport report_;
  DeadLetters dead_letters_;
  base::Mutex passing_;
  std::unique_ptr<StandIn> stand_in_;
  bool is_blocked_ = false;
  std::thread thread_;
};

OutputRunner::OutputRunner(Parts parts, DeliveryOptions options,
                           const base::Snapshot<Routing>& routing, const base::Clock& clock,
                           base::Metrics& metrics, OnEvent on_event, OnDropped on_dropped)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(options), routing, clock, metrics,
                                   std::move(on_event), std::move(on_dropped))) {}

OutputRunner::~OutputRunner() {
  (void)impl_->stop(milliseconds(0));
  if (impl_->is_blocked()) {
    // Left behind with the thread that still uses it.
    (void)impl_.release();
  }
}

base::Result<void> OutputRunner::start() { return impl_->start(); }
void OutputRunner::reopen() { impl_->reopen(); }
bool OutputRunner::stop(milliseconds deadline) { return impl_->stop(deadline); }
bool OutputRunner::hand_over(milliseconds patience) { return impl_->hand_over(patience); }
OutputStatus OutputRunner::status() const { return impl_->status(); }
void OutputRunner::look() { impl_->look(); }
void OutputRunner::set_format(const alert::LineFormat& format) { impl_->set_format(format); }

}  // namespace tiercel::output
