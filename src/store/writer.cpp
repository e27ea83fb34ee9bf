#include "writer.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <future>
#include <utility>

#include "tiercel/base/log.h"

namespace tiercel::store {

namespace {

/// Less is what a time daemon does in its daily work.
constexpr std::int64_t kJump = 10'000'000'000;
/// For readers at the end; what stays in the WAL the next start finds there.
constexpr std::chrono::milliseconds kLastPatience{500};

}  // namespace

StoreEvent cursor_removed_event(const std::string& output, std::uint64_t undelivered) {
  return {"store_cursor_removed",
          "output " + output +
              " is no longer configured: its cursor holds nothing back any more, " +
              std::to_string(undelivered) +
              " alerts had not been delivered to it; they stay in the store until its limits are "
              "reached",
          {{"output", output}, {"undelivered", std::to_string(undelivered)}}};
}

Writer::Writer(const Parts& parts)
    : options_(parts.options),
      place_(parts.place),
      catalog_(parts.catalog),
      checkpointer_(parts.checkpointer),
      lock_(parts.lock),
      clock_(parts.clock),
      agreed_(parts.clock),
      metrics_(parts.metrics),
      on_event_(parts.on_event),
      queue_(parts.options.max_queued),
      duplicates_(parts.place, parts.catalog),
      retention_({parts.options, parts.place, parts.catalog, parts.overdue, agreed_, parts.metrics,
                  [this](const StoreEvent& event) { tell(event); }}),
      reserve_(parts.place.folder),
      wall_ahead_(parts.clock.now() - parts.clock.steady()) {}

Writer::~Writer() {
  queue_.finish();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Writer::start() {
  reserve_.keep();
  last_turn_.store(std::chrono::steady_clock::now());
  thread_ = std::thread([this] {
    try {
      run();
    } catch (const std::exception& error) {
      base::log_error(std::string("the alert store's writer ends: ") + error.what());
      std::terminate();
    }
  });
}

void Writer::run() {
  auto next_tick = std::chrono::steady_clock::now();
  for (;;) {
    last_turn_.store(std::chrono::steady_clock::now());
    AppendQueue::Work next = queue_.take(last_commit_ + options_.commit_interval, next_tick);
    if (next.is_tick) {
      next_tick = std::chrono::steady_clock::now() + options_.tick;
    }
    work(next);
    queue_.done();
    if (next.is_last) {
      break;
    }
  }
  stop_cleanly();
}

std::chrono::milliseconds Writer::stalled_for() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               last_turn_.load());
}

void Writer::work(AppendQueue::Work& work) {
  for (AppendQueue::Refusal& refusal : work.refused) {
    if (refusal.result == AppendResult::kFull) {
      metrics_.add(base::Metric::kStoreRefusedFull);
    }
    refusal.completion(refusal.result);
  }
  for (const std::function<void()>& task : work.tasks) {
    task();
  }
  if (work.is_tick) {
    tick();
  }
  // Changed cursors ride along with the alerts; only when none come they get a commit of their
  // own, which the next alerts would have to wait for.
  const bool is_quiet = std::chrono::steady_clock::now() - last_commit_ >= options_.tick / 2;
  const bool are_cursors_due =
      ((work.is_tick && is_quiet) || work.is_last) && catalog_.has_cursor_changes();
  if (!work.group.empty() || are_cursors_due) {
    commit(std::move(work.group));
  }
}

void Writer::tick() {
  handle_reports();
  look_at_clock();
  retention_.look_at_disk();
  keep_limits();
  look_at_room();
  measure();
}

void Writer::look_at_clock() {
  const std::int64_t ahead = clock_.now() - clock_.steady();
  const std::int64_t jump = ahead - std::exchange(wall_ahead_, ahead);
  if (std::abs(jump) < kJump) {
    return;
  }
  const std::string seconds = std::to_string((std::abs(jump) + 500'000'000) / 1'000'000'000);
  tell({"clock_jumped",
        "the system's clock jumped " + seconds + (jump < 0 ? " s back" : " s forward") +
            ": nothing in the alert store is removed or repeated for that, and alerts keep the "
            "time of their events; silences, and the times at which alerts are stored, follow the "
            "clock. Check the time synchronisation of this host",
        {{"direction", jump < 0 ? "back" : "forward"}, {"seconds", seconds}}});
}

void Writer::measure() {
  std::uint64_t wal = 0;
  for (const auto& segment : catalog_.segments()) {
    wal += measure(*segment);
  }
  catalog_.set_wal_bytes(wal);
  metrics_.set(base::Metric::kStoreWalBytes, wal);
  metrics_.set(base::Metric::kStoreBytes, catalog_.bytes());
}

std::uint64_t Writer::measure(Segment& segment) {
  const bool is_active = active_ != nullptr && active_->segment().get() == &segment;
  if (place_.in_memory()) {
    segment.bytes = is_active ? active_->size() : segment.bytes.load();
    return 0;
  }
  // What the checkpointer has yet to move will make the file longer, after its end too.
  segment.size = is_active ? active_->size() : segment.size;
  const std::uint64_t wal = file_size(segment.file + "-wal");
  segment.bytes = std::max(file_size(segment.file), segment.size) + wal;
  return wal;
}

void Writer::keep_limits() {
  if (active_ != nullptr && active_->rows() != 0) {
    const std::int64_t age =
        std::max(clock_.now() - active_->segment()->begun, clock_.steady() - active_steady_);
    const std::int64_t limit = std::chrono::nanoseconds(options_.segment_age).count();
    if (active_->size() >= retention_.segment_size() || age >= limit) {
      static_cast<void>(roll());
    }
  }
  for (;;) {
    switch (retention_.step()) {
      case Retention::Step::kDone:
        return;
      case Retention::Step::kRemoved:
        continue;
      case Retention::Step::kRoll:
        if (!roll()) {
          return;
        }
        continue;
    }
  }
}

void Writer::handle_reports() {
  for (const Catalog::Report& report : catalog_.take_reports()) {
    const auto& segment = report.segment;
    if (segment->is_gone) {
      continue;
    }
    if (!place_.in_memory() && file_identity(segment->file) != segment->identity) {
      handle_removed();
    } else if (report.error.code == fault::kDamaged) {
      lose(segment, report.error);
    }
  }
}

bool Writer::ask(std::function<void()> task, std::chrono::milliseconds deadline) {
  const auto done = std::make_shared<std::promise<void>>();
  std::future<void> future = done->get_future();
  queue_.ask([task = std::move(task), done] {
    task();
    done->set_value();
  });
  return future.wait_for(deadline) == std::future_status::ready;
}

// In one task, so that whoever waits does so once, however many there are.
bool Writer::change_outputs(std::vector<std::string> added, std::vector<std::string> removed,
                            std::chrono::milliseconds deadline) {
  return ask(
      [this, added = std::move(added), removed = std::move(removed)] {
        for (const std::string& output : added) {
          catalog_.add_output(output);
        }
        // On the disk before the first alert that they want.
        if (catalog_.has_cursor_changes()) {
          commit({});
        }
        for (const std::string& output : removed) {
          forget(output);
        }
      },
      deadline);
}

void Writer::forget(const std::string& output) {
  const std::uint64_t undelivered = catalog_.remove_output(output);
  if (active_ != nullptr) {
    auto written = active_->begin();
    written = written ? active_->remove_output(output) : written;
    written = written ? active_->commit() : written;
    if (!written) {
      // The next start finds that it is not configured.
      active_->rollback();
    }
  }
  tell(cursor_removed_event(output, undelivered));
  keep_limits();
}

void Writer::stop_cleanly() {
  if (active_ == nullptr || place_.in_memory()) {
    return;
  }
  // Emptied, so that the next start has nothing to recover; as the last connection this one
  // removes the WAL too.
  checkpointer_.stop();
  static_cast<void>(active_->checkpoint(Database::Checkpoint::kTruncate, kLastPatience));
  active_.reset();
  lock_.mark_clean();
}

void Writer::tell(const StoreEvent& event) const {
  if (on_event_) {
    on_event_(event);
  }
}

}  // namespace tiercel::store
