#include "tiercel/pipeline/internal_alerts.h"

#include <algorithm>

#include "tiercel/alert/internal_alert.h"
#include "tiercel/base/log.h"

#include "unsent_alerts.h"

namespace tiercel::pipeline {

namespace {

constexpr std::int64_t kInterval = 60'000'000'000;  // nanoseconds
// A peer of which nothing was told for so long is forgotten where others need its place.
constexpr std::int64_t kQuiet = 10 * kInterval;
// How long what the store refused waits where no other alert of our own comes.
constexpr std::int64_t kRetry = 5'000'000'000;
constexpr const char* kShared = "*";

using base::Priority;

constexpr InternalCode of_apiserver(InternalCode code) {
  code.is_of_apiserver = true;
  return code;
}

constexpr std::array kCodes{
    of_apiserver({"not_json", Priority::kWarning, "A body or event is not JSON."}),
    of_apiserver({"not_audit_list", Priority::kWarning, "A body is JSON but no audit events."}),
    of_apiserver({"wrong_kind", Priority::kWarning, "An item of a batch is no audit event."}),
    of_apiserver({"truncated", Priority::kWarning, "A body ends before its JSON does."}),
    of_apiserver({"trailing_garbage", Priority::kWarning, "Something follows the JSON of a body."}),
    of_apiserver({"bad_gzip", Priority::kWarning, "A compressed body cannot be unpacked."}),
    of_apiserver(
        {"too_deep", Priority::kWarning, "An event is nested deeper than limits.max_depth."}),
    of_apiserver({"too_large", Priority::kWarning, "An event is larger than limits.max_event."}),
    of_apiserver({"many_bad_items", Priority::kWarning,
                  "A batch holds more unreadable events than are kept one by one."}),
    InternalCode{"quarantine_full", Priority::kNotice,
                 "The quarantine is at its limit; its oldest pieces are removed."},
    InternalCode{"output_failed", Priority::kError, "An output does not take alerts."},
    InternalCode{"output_recovered", Priority::kNotice, "An output takes alerts again.",
                 "output_failed"},
    InternalCode{"output_dead_letters", Priority::kError,
                 "Alerts were put among the dead letters of an output."},
    InternalCode{"dead_letters_full", Priority::kCritical,
                 "An output's dead-letter file is full: what the store must give up, the output "
                 "loses."},
    InternalCode{"store_full", Priority::kCritical,
                 "The store has no room; batches that alert are refused."},
    InternalCode{"store_has_room", Priority::kNotice, "The store takes alerts again.",
                 "store_full"},
    InternalCode{"store_low_disk", Priority::kCritical,
                 "The disk is nearly full; the store does not grow any more."},
    InternalCode{"store_disk_ok", Priority::kNotice, "The disk has room again.", "store_low_disk"},
    InternalCode{"store_unwritable", Priority::kCritical,
                 "The store cannot be written; batches that alert are refused."},
    InternalCode{"store_pinned", Priority::kNotice,
                 "A reader holds an old state of the store; a new file was begun for that."},
    InternalCode{"store_damaged", Priority::kCritical,
                 "A file of the store cannot be read and was set aside."},
    InternalCode{"store_removed", Priority::kCritical,
                 "The store was removed while the daemon ran; a new one was begun."},
    InternalCode{"store_newer_schema", Priority::kError,
                 "A file of the store was written by a newer version and is left alone."},
    InternalCode{"store_cursor_removed", Priority::kWarning,
                 "An output is not configured any more; its alerts do not wait for it."},
    InternalCode{"store_dropped", Priority::kCritical,
                 "Alerts were removed before an output had delivered them."},
    InternalCode{"clock_jumped", Priority::kWarning, "The system's clock was set."},
    of_apiserver({"source_lost", Priority::kError,
                  "A followed file is gone or was cut off before all of it was read for certain."}),
    of_apiserver({"silent", Priority::kCritical, "An apiserver sends no audit events any more."}),
    of_apiserver(
        {"heard_again", Priority::kNotice, "An apiserver sends audit events again.", "silent"}),
    of_apiserver(
        {"clock_skew", Priority::kWarning, "An apiserver's events are dated after their arrival."}),
    of_apiserver(
        {"clock_agrees", Priority::kNotice, "An apiserver's clock agrees again.", "clock_skew"}),
    of_apiserver({"late_events", Priority::kWarning, "An apiserver's events come late."}),
    of_apiserver({"events_on_time", Priority::kNotice, "An apiserver's events come in time again.",
                  "late_events"}),
    of_apiserver({"truncated_events", Priority::kWarning,
                  "An apiserver cuts events; rules cannot see what they asked for."}),
    of_apiserver({"truncated_events_ended", Priority::kNotice, "No event is cut any more.",
                  "truncated_events"}),
    of_apiserver(
        {"repeated_batches", Priority::kWarning, "Batches come again that were answered 200."}),
    of_apiserver({"repeated_batches_ended", Priority::kNotice, "No batch comes twice any more.",
                  "repeated_batches"}),
    of_apiserver({"audit_errors", Priority::kError,
                  "An apiserver counted audit events that it could not deliver."}),
    of_apiserver({"audit_errors_ended", Priority::kNotice,
                  "An apiserver counts no more audit errors.", "audit_errors"}),
    InternalCode{"events_missing", Priority::kError,
                 "The apiservers counted many more audit events than arrived."},
    InternalCode{"events_complete", Priority::kNotice,
                 "No other loss of audit events was seen since the one that was told.",
                 "events_missing"},
    InternalCode{"events_not_compared", Priority::kWarning,
                 "A loss of audit events is not shown any longer, though nothing could be compared "
                 "since: they may be missing all along.",
                 "events_missing"},
    of_apiserver({"scrape_failed", Priority::kWarning, "An apiserver's metrics cannot be read."}),
    of_apiserver({"scrape_recovered", Priority::kNotice, "An apiserver's metrics are read again.",
                  "scrape_failed"}),
    InternalCode{
        "unauthorized", Priority::kWarning,
        "Requests are refused, many within a minute or some for minutes on end: not from a "
        "client that may post."},
    InternalCode{"credentials_reload_failed", Priority::kError,
                 "A changed certificate or token cannot be used; the one from before stays."},
    InternalCode{"credentials_recovered", Priority::kNotice,
                 "A changed certificate or token that could not be used has been put right.",
                 "credentials_reload_failed"},
    InternalCode{"rule_disabled", Priority::kWarning,
                 "A rule was disabled for a while in the running daemon.", "", true},
    InternalCode{"rule_enabled", Priority::kNotice, "A rule is not disabled any more.",
                 "rule_disabled", true},
    InternalCode{"reload_failed", Priority::kCritical,
                 "Configuration and rules could not be loaded again; the old ones stay."},
    InternalCode{"reload_recovered", Priority::kNotice,
                 "Configuration and rules were loaded again after that had failed.",
                 "reload_failed"},
};

// The code of the trouble that this one is, or ends; empty where nothing tells of its end.
std::string_view trouble_of(std::string_view code) {
  for (const InternalCode& row : kCodes) {
    if (!row.ends.empty() && (row.code == code || row.ends == code)) {
      return row.ends;
    }
  }
  return {};
}

const InternalCode* row_of(std::string_view code) {
  const auto row = std::find_if(kCodes.begin(), kCodes.end(),
                                [code](const InternalCode& one) { return one.code == code; });
  return row == kCodes.end() ? nullptr : &*row;
}

}  // namespace

std::span<const InternalCode> internal_codes() { return kCodes; }

InternalAlerts::InternalAlerts(store::AlertStore& store, alert::AlertOptions options,
                               const base::Clock& clock, base::Metrics& metrics)
    : clock_(clock),
      metrics_(metrics),
      unsent_(std::make_shared<UnsentAlerts>(store)),
      options_(std::move(options)) {}

void InternalAlerts::set_options(alert::AlertOptions options) {
  const base::MutexLock lock(mutex_);
  options_ = std::move(options);
}

// Makes room from entries that hold nothing back any more, and from those of peers that have been
// quiet for long, whose number is lost then; at most once an interval, so that a flood of peers
// costs no walk each time.
void InternalAlerts::forget_old(PeersOf& of, std::int64_t now) {
  if (now - of.forgotten_at < kInterval) {
    return;
  }
  of.forgotten_at = now;
  std::erase_if(of.peers, [now](const auto& entry) {
    return now - entry.second.last >= (entry.second.suppressed == 0 ? kInterval : kQuiet);
  });
  std::erase_if(pairs_, [now](const auto& entry) {
    return !entry.second.pending && now - entry.second.began >= kInterval;
  });
}

InternalAlerts::Held* InternalAlerts::find(std::string_view code, const std::string& peer) {
  const auto of = held_.find(code);
  if (of == held_.end()) {
    return nullptr;
  }
  const auto found = of->second.peers.find(peer);
  return found == of->second.peers.end() ? nullptr : &found->second;
}

void InternalAlerts::release_opposites(std::string_view code, const std::string& peer) {
  for (const InternalCode& row : kCodes) {
    const std::string_view opposite = row.ends == code   ? row.code
                                      : row.code == code ? row.ends
                                                         : std::string_view();
    if (opposite.empty()) {
      continue;
    }
    if (Held* const found = find(opposite, peer)) {
      found->is_released = true;
    }
  }
}

InternalAlerts::Key InternalAlerts::key_of(std::string_view code, std::string_view peer,
                                           const Fields& fields, std::int64_t now) {
  Key key{std::string(code), std::string(peer)};
  for (const auto& [name, value] : fields) {
    if (name == "cluster") {
      key.second += '\n' + value;  // several may stand behind one address
    }
  }
  PeersOf& of = held_[key.first];
  if (of.peers.size() >= kMostPeers && !of.peers.contains(key.second)) {
    forget_old(of, now);
  }
  if (of.peers.size() >= kMostPeers && !of.peers.contains(key.second)) {
    key.second = kShared;
  }
  return key;
}

bool InternalAlerts::take_release(const Key& key, std::int64_t now) {
  Pair& pair = pairs_[{std::string(trouble_of(key.first)), key.second}];
  if (now - pair.began >= kInterval) {
    pair.began = now;
    pair.releases = 0;
  }
  if (pair.releases >= kMostReleases) {
    return false;
  }
  ++pair.releases;
  return true;
}

void InternalAlerts::drop_pending(const Key& key) {
  const auto pair = pairs_.find({std::string(trouble_of(key.first)), key.second});
  if (pair != pairs_.end()) {
    pair->second.pending.reset();
  }
}

// Peers that share an entry have no state of their own.
void InternalAlerts::hold(const Key& key, Pending state) {
  if (key.second != kShared) {
    pairs_[{std::string(trouble_of(key.first)), key.second}].pending = std::move(state);
  }
}

bool InternalAlerts::may_go(std::string_view code, std::string_view peer,
                            const std::string& message, Fields& fields) {
  const std::int64_t now = clock_.steady();
  const Key key = key_of(code, peer, fields, now);
  const auto [entry, is_new] = held_[key.first].peers.try_emplace(key.second);
  Held& held = entry->second;
  const InternalCode* const row = row_of(code);
  const bool is_act = row != nullptr && row->is_act;
  const bool is_soon = !is_new && !is_act && now - held.last < kInterval;
  const bool is_change = held.is_released;
  if (is_soon && !(is_change && take_release(key, now))) {
    ++held.suppressed;
    if (is_change) {
      hold(key, {std::string(code), std::string(peer), message, fields});
    } else {
      drop_pending(key);
    }
    return false;
  }
  drop_pending(key);
  if (!peer.empty()) {
    fields.emplace_back("peer", peer);
  }
  if (held.suppressed != 0) {
    fields.emplace_back("suppressed", std::to_string(held.suppressed));
  }
  held = {now, 0, false};
  release_opposites(code, key.second);
  return true;
}

std::optional<store::RecordBatch> InternalAlerts::make(std::string_view code, std::string_view peer,
                                                       std::string message, Fields fields) {
  if (!may_go(code, peer, message, fields)) {
    return std::nullopt;
  }
  const InternalCode* const row = row_of(code);
  alert::InternalAlert alert;
  alert.code = code;
  alert.priority = row == nullptr ? base::Priority::kWarning : row->priority;
  alert.message = std::move(message);
  alert.time = clock_.now();
  alert.fields = std::move(fields);
  const auto rule = std::make_shared<const std::string>(alert::own_rule(alert.code));
  const audit::EventKey key{{static_cast<std::uint64_t>(alert.time), ++number_}};
  alert.id = alert::make_alert_id(alert.time, false, key, *rule);
  store::RecordBatch batch;
  const bool names_apiserver = row != nullptr && row->is_of_apiserver;
  const alert::AlertOrigin origin{names_apiserver ? peer : std::string_view(), {}};
  alert::render_internal(alert, origin, options_, batch.bytes);
  batch.owner = rule;
  store::Record record;
  record.id = alert.id.bytes;
  record.time = alert.time;
  record.priority = static_cast<std::uint8_t>(alert.priority);
  record.length = batch.bytes.size();
  record.rule = *rule;
  batch.records.push_back(record);
  batch.is_own = true;
  return batch;
}

void InternalAlerts::raise(std::string_view code, std::string_view peer, std::string message,
                           Fields fields) {
  const base::MutexLock lock(mutex_);
  tell(code, peer, std::move(message), std::move(fields));
}

// Handed over under the lock too: it keeps the order, and takes no time.
void InternalAlerts::tell(std::string_view code, std::string_view peer, std::string message,
                          Fields fields) {
  if (auto batch = make(code, peer, std::move(message), std::move(fields))) {
    metrics_.add(base::Metric::kInternalAlerts);
    const std::size_t lost = unsent_->push(std::move(*batch), !trouble_of(code).empty());
    metrics_.add(base::Metric::kInternalAlertsLost, lost);
    lost_ += lost;
    unsent_->send();
  }
}

std::vector<InternalAlerts::Pending> InternalAlerts::take_pending(Which which, std::int64_t now) {
  std::vector<Pending> taken;
  for (auto& [key, pair] : pairs_) {
    if (!pair.pending || (which == Which::kDue && now - pair.began < kInterval)) {
      continue;
    }
    pair.releases = 0;  // it is to go
    if (Held* const held = find(pair.pending->code, key.second);
        held != nullptr && held->suppressed != 0) {
      --held->suppressed;  // it is told now
    }
    taken.push_back(std::move(*pair.pending));
    pair.pending.reset();
  }
  return taken;
}

// Taken and told under one lock: what is raised meanwhile is told after it.
void InternalAlerts::tell_pending(Which which, std::int64_t now) {
  for (Pending& state : take_pending(which, now)) {
    tell(state.code, state.peer, std::move(state.message), std::move(state.fields));
  }
}

void InternalAlerts::look() {
  const std::int64_t now = clock_.steady();
  {
    const base::MutexLock lock(mutex_);
    tell_pending(Which::kDue, now);
    if (now - last_retry_ >= kRetry) {
      last_retry_ = now;
      unsent_->send();
    }
  }
  log_lost(now);
}

void InternalAlerts::flush() {
  const std::int64_t now = clock_.steady();
  {
    const base::MutexLock lock(mutex_);
    tell_pending(Which::kAll, now);
    unsent_->send();
  }
  log_lost(now);
}

std::size_t InternalAlerts::unsent() const { return unsent_->waiting(); }

// Here and not where they are lost: whoever raises an alert does not wait for the log.
void InternalAlerts::log_lost(std::int64_t now) {
  std::uint64_t lost = 0;
  if (log_limit_.is_due(now)) {
    const base::MutexLock lock(mutex_);
    lost = std::exchange(lost_, 0);
  }
  if (lost != 0 && log_limit_.lets_through(now)) {
    base::log_error(std::to_string(lost) +
                    " alerts about tiercel itself are lost: the alert store has taken none for so "
                    "long that no more of them can wait");
  }
}

}  // namespace tiercel::pipeline
