#include "tiercel/store/store.h"

#include <atomic>
#include <utility>

#include <unistd.h>

#include "tiercel/store/folder.h"

#include "catalog.h"
#include "checkpointer.h"
#include "disk.h"
#include "lock_file.h"
#include "opening.h"
#include "overdue.h"
#include "schema.h"
#include "segment.h"
#include "store_feed.h"
#include "writer.h"

namespace tiercel::store {

namespace {

/// For a store that is destroyed without stop().
constexpr std::chrono::seconds kLastDeadline{10};
/// For the writer to get to what is asked of it.
constexpr std::chrono::seconds kAskDeadline{5};

base::Error no_answer(const std::string& outputs) {
  return {"store_busy",
          "the alert store did not take note in time of what outputs have come and gone (" +
              outputs + "): look at the disk under store.path",
          {}};
}

std::string joined(const std::vector<std::string>& added, const std::vector<std::string>& removed) {
  std::string names;
  for (const std::vector<std::string>* const some : {&added, &removed}) {
    for (const std::string& name : *some) {
      names += (names.empty() ? "" : ", ") + name;
    }
  }
  return names;
}

SegmentPlace make_place(const StoreOptions& options) {
  static std::atomic<unsigned> instances{0};
  SegmentPlace place;
  place.vfs = options.vfs;
  place.version = options.schema_version != 0 ? options.schema_version : kSchemaVersion;
  place.sync_commits = options.durability == Durability::kFull;
  if (options.durability == Durability::kMemory) {
    place.memory_prefix =
        "tiercel-" + std::to_string(::getpid()) + "-" + std::to_string(++instances);
  } else {
    place.folder = options.path + "/" + std::string(kFolderName);
  }
  return place;
}

}  // namespace

class Store::Impl {
 public:
  Impl(StoreOptions options, const base::Clock& clock, base::Metrics& metrics, OnEvent on_event)
      : options_(std::move(options)),
        clock_(clock),
        metrics_(metrics),
        on_event_(std::move(on_event)),
        place_(make_place(options_)),
        checkpointer_(place_),
        writer_({options_, place_, catalog_, overdue_, checkpointer_, lock_, clock, metrics,
                 on_event_}) {}

  base::Result<void> open(const std::vector<std::string>& outputs) {
    if (!place_.in_memory()) {
      if (auto made = make_folders(options_.path, place_.folder); !made) {
        return made.error();
      }
      if (auto locked = lock_.take(place_.folder + "/" + std::string(kLockName)); !locked) {
        return locked.error();
      }
      checkpointer_.start();
    }
    Opening opening(place_, catalog_, writer_, on_event_);
    if (auto opened = opening.run(outputs, lock_.was_unclean()); !opened) {
      return opened.error();
    }
    writer_.start();
    return {};
  }

  void count_dropped(std::uint64_t alerts) {
    metrics_.add(base::Metric::kDropsStoreFull, alerts);
    catalog_.set_dropped(clock_.steady());
  }

  const StoreOptions options_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  const OnEvent on_event_;
  const SegmentPlace place_;
  Catalog catalog_;
  Overdue overdue_;
  LockFile lock_;
  Checkpointer checkpointer_;
  Writer writer_;
};

base::Result<std::unique_ptr<Store>> Store::open(StoreOptions options,
                                                 const std::vector<std::string>& outputs,
                                                 const base::Clock& clock, base::Metrics& metrics,
                                                 OnEvent on_event) {
  auto impl = std::make_unique<Impl>(std::move(options), clock, metrics, std::move(on_event));
  if (auto opened = impl->open(outputs); !opened) {
    return opened.error();
  }
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() { static_cast<void>(stop(kLastDeadline)); }

void Store::append(RecordBatch batch, Completion completion) {
  impl_->writer_.queue().push(std::move(batch), std::move(completion));
}

std::unique_ptr<Feed> Store::feed(std::string_view output) {
  return std::make_unique<StoreFeed>(std::string(output), impl_->place_, impl_->catalog_,
                                     impl_->overdue_);
}

base::Result<void> Store::change_outputs(std::vector<std::string> added,
                                         std::vector<std::string> removed) {
  if (added.empty() && removed.empty()) {
    return {};
  }
  const std::string names = joined(added, removed);
  if (!impl_->writer_.change_outputs(std::move(added), std::move(removed), kAskDeadline)) {
    return no_answer(names);
  }
  return {};
}

std::chrono::milliseconds Store::stalled_for() const { return impl_->writer_.stalled_for(); }

std::vector<SourcePosition> Store::positions(std::string_view source) const {
  return impl_->catalog_.positions(source);
}

StoreStatus Store::status() const { return impl_->catalog_.status(); }

void Store::count_dropped(std::uint64_t alerts) { impl_->count_dropped(alerts); }

bool Store::settle(std::chrono::milliseconds deadline) {
  return impl_->writer_.queue().wait_empty(deadline);
}

bool Store::stop(std::chrono::milliseconds deadline) {
  impl_->writer_.queue().close();
  return impl_->writer_.queue().wait_empty(deadline);
}

}  // namespace tiercel::store
