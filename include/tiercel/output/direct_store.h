#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/output/output.h"
#include "tiercel/store/alert_store.h"

namespace tiercel::output {

/// The alert store until there is one on disk: hands alerts straight to the outputs.
/// kStored means that every output's write() has returned.
///
/// One output that fails does not stop the others; but the batch is answered kFailed, so
/// its sender repeats it, and outputs that had taken it get its lines twice. The ids of
/// the alerts are the same both times.
///
/// Runs on: append() from any thread; a writer thread of its own does the rest, taking
/// everything that is queued with one write to each output.
class DirectStore final : public store::AlertStore {
 public:
  struct Limits {
    std::size_t batches = 4096;
    std::size_t bytes = std::size_t{256} << 20U;
    /// A write that takes longer is told of in the log (output_timeout).
    std::chrono::milliseconds slow{2000};
  };
  struct NamedOutput {
    std::string_view name;
    std::unique_ptr<Output> output;
  };
  /// Told of each failed write, at most once a second for each output.
  using OnError = std::function<void(std::string_view output, const base::Error& error)>;

  DirectStore(std::vector<NamedOutput> outputs, base::Metrics& metrics, Limits limits);
  ~DirectStore() override;

  /// Opens the outputs and starts the writer. The first output that cannot be opened
  /// ends the attempt with its error.
  [[nodiscard]] base::Result<void> start();
  void on_error(OnError callback) { on_error_ = std::move(callback); }
  void append(store::RecordBatch batch, Completion completion) override;
  /// Outputs are reopened before the next write, at once when nothing is queued.
  void reopen();
  /// Writes what is queued, then ends. Later appends are answered kStopping. False when an
  /// output still blocks after `deadline` (a pipe that nobody reads): the writer then still
  /// runs, and the process must be ended without destroying this.
  [[nodiscard]] bool stop(std::chrono::milliseconds deadline);
  /// Alerts handed over and not written yet.
  [[nodiscard]] std::uint64_t pending() const;

 private:
  struct Pending {
    store::RecordBatch batch;
    Completion completion;
  };
  void run();
  void write_all(std::deque<Pending>& taken);
  void reopen_outputs();
  [[nodiscard]] bool write(NamedOutput& output, std::span<const std::string_view> chunks);
  void report(NamedOutput& output, const base::Error& error);

  // Constant after start().
  std::vector<NamedOutput> outputs_;
  base::Metrics& metrics_;
  Limits limits_;
  OnError on_error_;
  std::thread thread_;

  // Only on the writer thread.
  std::vector<std::int64_t> last_report_;

  mutable base::Mutex mutex_;
  base::ConditionVariable wake_;
  base::ConditionVariable ended_wake_;
  std::deque<Pending> queue_ TIERCEL_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ TIERCEL_GUARDED_BY(mutex_) = 0;
  bool reopen_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool stopping_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool ended_ TIERCEL_GUARDED_BY(mutex_) = false;
  std::uint64_t pending_ TIERCEL_GUARDED_BY(mutex_) = 0;  // alerts, those being written too
};

}  // namespace tiercel::output
