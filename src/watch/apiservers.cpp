#include "tiercel/watch/apiservers.h"

#include <algorithm>
#include <functional>

#include "tiercel/base/units.h"

#include "apiserver.h"
#include "seen_keys.h"

namespace tiercel::watch {

namespace {

using base::Metric;

// A log and a webhook may bring the same events; that is no repetition. `key` is not 0.
std::uint64_t mixed(std::uint64_t key, std::string_view source) {
  return key ^ (std::hash<std::string_view>()(source) << 1U);
}

// Pipes and sockets are nobody's rhythm; that events come by them counts.
bool is_watched(std::string_view source) { return source == "webhook" || source == "file"; }

}  // namespace

class Apiservers::Impl {
 public:
  Impl(const WatchOptions& options, Tell tell, const base::Clock& clock, base::Metrics& metrics)
      : options_(options),
        tell_(std::move(tell)),
        clock_(clock),
        metrics_(metrics),
        start_(clock.steady()) {}

  void take(const BatchFacts& facts, std::string_view source, std::string_view address,
            std::int64_t arrival) {
    if (facts.is_selftest) {
      return;
    }
    if (source == "file") {
      // Rotated files are read once; the log goes on beside them.
      address = address.substr(0, address.rfind('/'));
    }
    const base::MutexLock lock(mutex_);
    const bool is_repeat =
        is_watched(source) && facts.first_key != 0 && seen_.has(mixed(facts.first_key, source));
    has_heard_ = has_heard_ || facts.events != 0;
    distinct_events_ += is_repeat ? 0 : facts.events;
    if (!is_watched(source)) {
      return;
    }
    metrics_.add(Metric::kTruncatedEvents, facts.truncated);
    metrics_.add(Metric::kRepeatedBatches, is_repeat && !facts.is_continued ? 1 : 0);
    Apiserver* const one = find(source, address, facts);
    if (one != nullptr) {
      one->take(facts, arrival, is_repeat, clock_.steady(), options_);
    }
    if (facts.newest != BatchFacts::kNever && !is_repeat) {
      const std::int64_t delay = std::max<std::int64_t>(arrival - facts.oldest, 0);
      metrics_.set(Metric::kEventDelay, static_cast<std::uint64_t>(delay / 1'000'000'000));
    }
  }

  void acknowledged(std::uint64_t first_key, std::string_view source) {
    if (first_key != 0) {
      const base::MutexLock lock(mutex_);
      seen_.add(mixed(first_key, source));
    }
  }

  void look() {
    std::vector<Finding> findings;
    {
      const base::MutexLock lock(mutex_);
      const std::int64_t now = clock_.steady();
      look_at_start(now, findings);
      for (auto one = list_.begin(); one != list_.end();) {
        one->server.look(now, options_, findings);
        one = one->server.is_gone(now, options_) ? forget(one) : std::next(one);
      }
      set_gauges(now);
    }
    for (Finding& finding : findings) {
      tell_(std::move(finding));
    }
  }

  [[nodiscard]] std::vector<ApiserverStatus> status() const {
    const base::MutexLock lock(mutex_);
    std::vector<ApiserverStatus> out;
    const std::int64_t now = clock_.steady();
    for (const Entry& one : list_) {
      out.push_back(one.server.status(now, options_));
    }
    return out;
  }

  [[nodiscard]] std::int64_t nothing_for() const {
    const base::MutexLock lock(mutex_);
    return is_start_told_ && !has_heard_ ? clock_.steady() - start_ : 0;
  }

  [[nodiscard]] std::uint64_t distinct_events() const {
    const base::MutexLock lock(mutex_);
    return distinct_events_;
  }

 private:
  struct Entry {
    std::string key;
    Apiserver server;
  };
  using List = std::list<Entry>;  // the one heard of last is the first

  // Nothing for one not heard of yet that sends nothing readable: garbage takes no place.
  Apiserver* find(std::string_view source, std::string_view address, const BatchFacts& facts)
      TIERCEL_REQUIRES(mutex_) {
    const std::string_view cluster = facts.cluster;
    key_.assign(source).append(1, '\n').append(address).append(1, '\n').append(cluster);
    const auto found = index_.find(key_);
    if (found != index_.end()) {
      if (facts.events != 0) {
        list_.splice(list_.begin(), list_, found->second);
      }
      return &found->second->server;
    }
    if (facts.events == 0) {
      return nullptr;
    }
    if (list_.size() >= kMost) {
      make_room();
    }
    list_.push_front(
        {key_, Apiserver(std::string(source), std::string(address), std::string(cluster))});
    index_.emplace(key_, list_.begin());
    return &list_.front().server;
  }

  // Whoever may post can name clusters at will: one that is hardly known goes first, so that such
  // names do not drive out apiservers.
  void make_room() TIERCEL_REQUIRES(mutex_) {
    const auto unknown = std::find_if(list_.rbegin(), list_.rend(),
                                      [](const Entry& one) { return !one.server.is_known(); });
    metrics_.add(Metric::kApiserversForgotten);
    forget(unknown == list_.rend() ? std::prev(list_.end()) : std::prev(unknown.base()));
  }

  List::iterator forget(List::iterator one) TIERCEL_REQUIRES(mutex_) {
    index_.erase(one->key);
    return list_.erase(one);
  }

  // The commonest blindness of all: a kubeconfig that leads elsewhere.
  void look_at_start(std::int64_t now, std::vector<Finding>& out) TIERCEL_REQUIRES(mutex_) {
    const std::int64_t limit = options_.silence.count();
    if (!has_heard_ && !is_start_told_ && options_.expects_events && limit != 0 &&
        now - start_ > limit) {
      is_start_told_ = true;
      out.push_back({"silent",
                     {},
                     "no batch of audit events has come from anywhere since the start " +
                         base::to_text(std::chrono::duration_cast<std::chrono::milliseconds>(
                             options_.silence)) +
                         " ago. Is kube-apiserver started with --audit-policy-file and "
                         "--audit-webhook-config-file, does that kubeconfig lead to this port? "
                         "`tiercel doctor --kubeconfig FILE --manifest FILE` looks",
                     {}});
    } else if (has_heard_ && is_start_told_) {
      is_start_told_ = false;
      out.push_back({"heard_again", {}, "audit events come now", {}});
    }
  }

  void set_gauges(std::int64_t now) TIERCEL_REQUIRES(mutex_) {
    std::uint64_t silent = is_start_told_ ? 1 : 0;
    std::uint64_t skewed = 0;
    std::uint64_t late = 0;
    for (const Entry& one : list_) {
      const ApiserverStatus status = one.server.status(now, options_);
      silent += status.is_silent ? 1U : 0U;
      skewed += status.has_clock_skew ? 1U : 0U;
      late += status.is_late ? 1U : 0U;
    }
    metrics_.set(Metric::kApiservers, list_.size());
    metrics_.set(Metric::kApiserversSilent, silent);
    metrics_.set(Metric::kApiserversClockSkew, skewed);
    metrics_.set(Metric::kApiserversLate, late);
  }

  const WatchOptions options_;
  const Tell tell_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  const std::int64_t start_;

  mutable base::Mutex mutex_;
  List list_ TIERCEL_GUARDED_BY(mutex_);
  std::map<std::string, List::iterator, std::less<>> index_ TIERCEL_GUARDED_BY(mutex_);
  SeenKeys seen_ TIERCEL_GUARDED_BY(mutex_);
  std::string key_ TIERCEL_GUARDED_BY(mutex_);  // scratch
  std::uint64_t distinct_events_ TIERCEL_GUARDED_BY(mutex_) = 0;
  bool has_heard_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool is_start_told_ TIERCEL_GUARDED_BY(mutex_) = false;
};

Apiservers::Apiservers(const WatchOptions& options, Tell tell, const base::Clock& clock,
                       base::Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, std::move(tell), clock, metrics)) {}
Apiservers::~Apiservers() = default;

void Apiservers::take(const BatchFacts& facts, std::string_view source, std::string_view address,
                      std::int64_t arrival) {
  impl_->take(facts, source, address, arrival);
}
void Apiservers::acknowledged(std::uint64_t first_key, std::string_view source) {
  impl_->acknowledged(first_key, source);
}
void Apiservers::look() { impl_->look(); }
std::vector<ApiserverStatus> Apiservers::status() const { return impl_->status(); }
std::int64_t Apiservers::nothing_for() const { return impl_->nothing_for(); }
std::uint64_t Apiservers::distinct_events() const { return impl_->distinct_events(); }

}  // namespace tiercel::watch
