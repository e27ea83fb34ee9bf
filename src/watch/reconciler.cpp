#include "tiercel/watch/reconciler.h"

#include <algorithm>
#include <utility>

#include "tiercel/base/units.h"

namespace tiercel::watch {

namespace {

using base::Metric;

// A loss ends after so many times the time in which it was seen. One that goes on is seen again in
// as long of the same traffic, later where there is more of it just then.
constexpr std::int64_t kQuietTimes = 3;

std::uint64_t errors_of(const AuditCounters& counters) {
  std::uint64_t all = 0;
  for (const auto& [plugin, count] : counters.errors) {
    all += plugin == "log" ? 0 : count;  // what its own log file lost does not concern us
  }
  return all;
}

// Without the user and password that may stand in it: alerts and the status name it.
std::string shown(std::string url) {
  const std::size_t slashes = url.find("://");
  const std::size_t begin = slashes == std::string::npos ? 0 : slashes + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  return at == std::string::npos || at < begin ? url : url.erase(begin, at + 1 - begin);
}

// Another process counts: a larger number of another one is no growth.
bool is_another(const AuditCounters& before, const AuditCounters& now) {
  const bool is_known = before.started != 0 && now.started != 0;
  return now.events < before.events || (is_known && now.started != before.started);
}

// A counter that is smaller than before began anew.
std::uint64_t grown(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

}  // namespace

Reconciler::Reconciler(ReconcileOptions options, Tell tell, const base::Clock& clock,
                       base::Metrics& metrics)
    : options_(std::move(options)), tell_(std::move(tell)), clock_(clock), metrics_(metrics) {
  const base::MutexLock lock(mutex_);
  peers_.resize(options_.urls.size());
  for (const std::string& url : options_.urls) {
    status_.peers.push_back({.url = shown(url), .last_error = "not asked yet", .last = {}});
  }
}

// What is generated is compared from now on with what arrives from now on: `arrived` is of before
// this round's scrapes, so that events on their way count as arrivals only.
void Reconciler::begin(std::uint64_t arrived, std::uint64_t lost) {
  const std::int64_t now = clock_.steady();
  must_begin_ = false;
  generated_ = answers_ = 0;
  samples_.assign(1, {now, 0, 0});
  for (Comparison& one : comparisons_) {
    one.begin(now, {0, arrived}, lost);
  }
  leave_out_silent();
}

// An apiserver that did not answer in this round joins with its next answer: what it counted
// meanwhile may have arrived before a comparison that begins now.
void Reconciler::leave_out_silent() {
  for (Peer& peer : peers_) {
    peer.is_counted = peer.is_known && peer.failures == 0;
  }
}

// What an alert was about stays to be seen until it is over.
std::uint64_t Reconciler::lost() const {
  std::uint64_t most = 0;
  for (const Comparison& one : comparisons_) {
    most = std::max(most, one.lost());
  }
  return most;
}

void Reconciler::take(std::size_t peer, const AuditCounters& counters) {
  if (!counters.has_events) {
    failed(peer,
           "its answer has no apiserver_audit_event_total: is this kube-apiserver's /metrics, is "
           "auditing on?");
    return;
  }
  std::vector<Finding> findings;
  {
    const base::MutexLock lock(mutex_);
    Peer& state = peers_[peer];
    ReconcileStatus::Peer& shown = status_.peers[peer];
    const bool has_restarted = state.is_known && is_another(shown.last, counters);
    if (has_restarted) {
      ++shown.restarts;
      must_begin_ = true;
    } else if (state.is_counted) {
      generated_ += counters.events - shown.last.events;
      ++answers_;
    }
    if (state.is_known) {
      look_at_errors(peer, base_of_errors(state, shown.last, counters), counters, findings);
    }
    if (state.is_failure_told) {
      findings.push_back({"scrape_recovered", shown.url, shown.url + " is read again", {}});
    }
    state.is_known = state.is_counted = true;
    state.answered_at = clock_.now();
    state.failures = 0;
    state.is_failure_told = false;
    ++shown.scrapes;
    shown.last_error.clear();
    shown.last = counters;
  }
  tell(std::move(findings));
}

// Another apiserver behind the same address may have counted its errors long ago.
AuditCounters Reconciler::base_of_errors(const Peer& state, const AuditCounters& before,
                                         const AuditCounters& now) {
  if (!is_another(before, now)) {
    return before;
  }
  const bool is_older = now.started != 0 && now.started < state.answered_at;
  return is_older ? now : AuditCounters{};
}

void Reconciler::look_at_errors(std::size_t peer, const AuditCounters& before,
                                const AuditCounters& now, std::vector<Finding>& out) {
  Peer& state = peers_[peer];
  const std::string& url = status_.peers[peer].url;
  const std::uint64_t errors = grown(errors_of(before), errors_of(now));
  const std::uint64_t rejected = grown(before.rejected_requests, now.rejected_requests);
  metrics_.add(Metric::kApiserverAuditErrors, errors);
  status_.peers[peer].errors += errors;
  status_.peers[peer].rejected_requests += rejected;
  if (errors == 0 && rejected == 0) {
    if (state.has_errors && clock_.steady() - state.last_error_at >= options_.quiet.count()) {
      state.has_errors = false;
      out.push_back({"audit_errors_ended", url, url + " counts no more audit errors", {}});
    }
    return;
  }
  state.last_error_at = clock_.steady();
  if (state.has_errors) {
    return;  // told
  }
  state.has_errors = true;
  std::string message = "the apiserver of " + url + " lost audit events before they were sent: ";
  for (const auto& [plugin, count] : now.errors) {
    const auto old = before.errors.find(plugin);
    const std::uint64_t more = grown(old == before.errors.end() ? 0 : old->second, count);
    if (more != 0 && plugin != "log") {
      message += std::to_string(more) + " in plugin " + plugin + ", ";
    }
  }
  if (rejected != 0) {
    message +=
        std::to_string(rejected) + " requests of users refused for it (mode blocking-strict), ";
  }
  message +=
      "since the last look. Its log names the cause ('audit webhook', 'audit buffer queue "
      "blocked'): can it reach this port, does tiercel answer 429 or 503 (/status)? Raise "
      "--audit-webhook-batch-buffer-size where bursts are large";
  out.push_back({"audit_errors", url, std::move(message), {{"events", std::to_string(errors)}}});
}

void Reconciler::failed(std::size_t peer, const std::string& error) {
  std::vector<Finding> findings;
  {
    const base::MutexLock lock(mutex_);
    Peer& state = peers_[peer];
    status_.peers[peer].last_error = error;
    metrics_.add(Metric::kApiserverScrapeErrors);
    if (++state.failures >= kFailures && !state.is_failure_told) {
      state.is_failure_told = true;
      const std::string& url = status_.peers[peer].url;
      findings.push_back({"scrape_failed",
                          url,
                          url + " cannot be read, so that losses are not seen: " + error,
                          {}});
    }
  }
  tell(std::move(findings));
}

void Reconciler::compare(std::uint64_t arrived) {
  std::vector<Finding> findings;
  {
    const base::MutexLock lock(mutex_);
    const auto has_answered = [](const Peer& peer) { return peer.is_known && peer.failures == 0; };
    const std::int64_t now = clock_.steady();
    const std::int64_t since = now - std::exchange(compared_at_, now);
    if (std::none_of(peers_.begin(), peers_.end(), has_answered)) {
      lost_at_ += since;  // A time without any answer says nothing.
    }
    const bool has_answer =
        std::any_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.is_known; });
    if (must_begin_ && has_answer) {
      begin(arrived, lost());
    } else if (!must_begin_) {
      look_at_missing(arrived, findings);
    }
    if (is_missing_told_ && now - lost_at_ >= quiet_) {
      end_loss(arrived, findings);
    }
    show(arrived);
  }
  tell(std::move(findings));
}

void Reconciler::look_at_missing(std::uint64_t arrived, std::vector<Finding>& out) {
  const std::int64_t now = clock_.steady();
  samples_.push_back({now, generated_, answers_});
  // The last sample that is old enough for all of its events to have come.
  while (samples_.size() > 1 && now - samples_[1].time >= options_.grace.count()) {
    samples_.pop_front();
  }
  const Sample old = samples_.front();
  const std::int64_t age = now - old.time;
  const bool is_due = age >= options_.grace.count();
  has_compared_ = has_compared_ || (is_due && old.answers > 0);
  const Comparison::Counts due{is_due ? old.generated : 0, arrived};
  const Comparison* seen = nullptr;  // that has needed the least time for it
  for (Comparison& one : comparisons_) {
    if (one.look(now, due) && (seen == nullptr || one.seen_after() < seen->seen_after())) {
      seen = &one;
    }
  }
  if (seen != nullptr) {
    take_loss(*seen, arrived, out);
  }
  for (Comparison& one : comparisons_) {
    if (one.is_over(now, std::max(options_.grace.count(), age))) {
      one.begin(now, {generated_, arrived}, one.lost());
      leave_out_silent();
    }
  }
}

void Reconciler::take_loss(const Comparison& seen, std::uint64_t arrived,
                           std::vector<Finding>& out) {
  lost_at_ = clock_.steady();
  quiet_ = std::max(Comparison::kHour, kQuietTimes * seen.seen_after());
  has_compared_ = false;
  if (is_missing_told_) {
    return;
  }
  is_missing_told_ = true;
  out.push_back({"events_missing",
                 {},
                 "at least " + std::to_string(seen.missing()) + " of " +
                     std::to_string(seen.due()) +
                     " audit events that the apiservers counted have not arrived. Look at their "
                     "audit errors (/status), at --audit-webhook-batch-throttle-qps, and whether "
                     "all of them post to this daemon",
                 {{"events", std::to_string(seen.missing())}}});
  begin(arrived, lost());
}

void Reconciler::end_loss(std::uint64_t arrived, std::vector<Finding>& out) {
  is_missing_told_ = false;
  const std::string many = std::to_string(lost());
  const std::string quiet = base::to_text(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(quiet_)));
  const std::string what =
      has_compared_
          ? "no other loss of audit events was seen for " + quiet
          : "whether audit events are missing is not known: nothing could be compared for " +
                quiet +
                ", since each answer came from another apiserver or one that had restarted (name "
                "each by its own address, not a balancer's); the loss is not shown any longer";
  out.push_back({has_compared_ ? "events_complete" : "events_not_compared",
                 {},
                 what + "; at least " + many + " had not arrived",
                 {{"events", many}}});
  begin(arrived, 0);
}

void Reconciler::show(std::uint64_t arrived) {
  const Comparison::Counts base = comparisons_.back().base();
  status_.generated = generated_ - base.generated;
  status_.arrived = arrived - std::min(arrived, base.arrived);
  status_.missing = 0;
  for (const Comparison& one : comparisons_) {
    status_.missing = std::max(status_.missing, one.shown());
  }
  metrics_.set(Metric::kApiserverEventsMissing, status_.missing);
}

void Reconciler::tell(std::vector<Finding> findings) const {
  for (Finding& finding : findings) {
    tell_(std::move(finding));
  }
}

ReconcileStatus Reconciler::status() const {
  const base::MutexLock lock(mutex_);
  return status_;
}

}  // namespace tiercel::watch
