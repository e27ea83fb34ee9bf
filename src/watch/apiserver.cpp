#include "apiserver.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "tiercel/base/units.h"

namespace tiercel::watch {

namespace {

// A long pause counts half as much a week later: the next night, or Sunday, is as long.
constexpr double kHalfLife = 7.0 * 24 * 3600 * 1e9;
constexpr std::int64_t kGoneAfter = std::int64_t{24} * 3600 * 1'000'000'000;

// To a second, or a millisecond where it is less.
std::string text_of(std::int64_t nanoseconds) {
  using std::chrono::milliseconds;
  const std::int64_t rounded =
      nanoseconds >= 1'000'000'000 ? nanoseconds / 1'000'000'000 * 1'000 : nanoseconds / 1'000'000;
  return base::to_text(milliseconds(rounded));
}

std::string seconds_of(std::int64_t nanoseconds) {
  return std::to_string(nanoseconds / 1'000'000'000);
}

}  // namespace

Apiserver::Apiserver(std::string source, std::string address, std::string cluster) {
  totals_.source = std::move(source);
  totals_.address = std::move(address);
  totals_.cluster = std::move(cluster);
}

void Apiserver::take(const BatchFacts& facts, std::int64_t arrival, bool is_repeat,
                     std::int64_t now, const WatchOptions& options) {
  totals_.quarantined += facts.bad;
  if (facts.events == 0) {
    return;  // whoever posts garbage has no rhythm
  }
  // A large body comes for as long as it is read: its windows say nothing of the rhythm.
  if (!facts.is_continued && totals_.batches != 0) {
    learn_gap(now - last_, now, options);
  }
  last_ = std::max(now, last_);
  totals_.batches += facts.is_continued ? 0 : 1;
  totals_.events += facts.events;
  totals_.truncated += facts.truncated;
  if (facts.truncated != 0) {
    truncated_.last = now;
    truncated_.count += facts.truncated;
  }
  if (is_repeat) {
    totals_.repeated_batches += facts.is_continued ? 0 : 1;
    repeated_.last = now;
    repeated_.count += facts.is_continued ? 0 : 1;
    return;  // late for that alone
  }
  if (facts.newest != BatchFacts::kNever) {
    learn_delay(facts, arrival);
  }
}

// One entry for each batch, by its newest event in whatever window.
void Apiserver::learn_delay(const BatchFacts& facts, std::int64_t arrival) {
  const std::int64_t oldest = arrival - facts.oldest;
  const std::int64_t newest = arrival - facts.newest;
  if (facts.is_continued && delay_count_ != 0) {
    std::int64_t& last = delays_[(delay_count_ - 1) % kDelays];
    last = std::min(last, newest);
    totals_.delay = std::max(totals_.delay, oldest);
    return;
  }
  totals_.delay = oldest;
  delays_[delay_count_++ % kDelays] = newest;
}

std::int64_t Apiserver::longest_gap(std::int64_t now) const {
  const double share = std::exp2(-static_cast<double>(now - longest_at_) / kHalfLife);
  return static_cast<std::int64_t>(static_cast<double>(longest_) * share);
}

std::int64_t Apiserver::expected(const WatchOptions& options) const {
  return is_known() ? std::max(options.silence.count(), Apiservers::kPatience * longest_gap(last_))
                    : 0;
}

// What was told as a silence may have been an outage: it is learned by steps, so that one of an
// hour does not make us deaf for three, and a rhythm that is slow is known after a few.
void Apiserver::learn_gap(std::int64_t gap, std::int64_t now, const WatchOptions& options) {
  if (totals_.is_silent) {
    gap = std::min(gap, expected(options) * 2 / Apiservers::kPatience);
  }
  if (gap >= longest_gap(now)) {
    longest_ = gap;
    longest_at_ = now;
  }
}

std::int64_t Apiserver::least_delay() const {
  const std::size_t known = std::min(delay_count_, kDelays);
  return known == 0 ? 0 : *std::min_element(delays_.begin(), delays_.begin() + known);
}

void Apiserver::look(std::int64_t now, const WatchOptions& options, std::vector<Finding>& out) {
  look_at_silence(now, options, out);
  look_at_times(options, out);
  look_at_episodes(now, options, out);
}

void Apiserver::look_at_silence(std::int64_t now, const WatchOptions& options,
                                std::vector<Finding>& out) {
  const std::int64_t limit = options.silence.count() == 0 ? 0 : expected(options);
  const std::int64_t silent = now - last_;
  if (totals_.is_silent) {
    if (silent < options.silence.count()) {
      totals_.is_silent = false;
      out.push_back(finding("heard_again", name() + " sends batches again"));
    }
  } else if (limit != 0 && silent > limit) {
    totals_.is_silent = true;
    std::string message =
        "no batch has come from " + name() + " for " + text_of(silent) +
        "; its longest pause of late was " + text_of(longest_gap(last_)) +
        ". Is it up, does it reach this port, is --audit-webhook-config-file as it was? "
        "`tiercel doctor` looks at this side; its log says 'audit webhook' where it cannot "
        "deliver. Raise watch.silence where such a pause is ordinary";
    if (totals_.source == "file") {
      message = name() + " has not grown for " + text_of(silent) +
                "; its longest pause of late was " + text_of(longest_gap(last_)) +
                ". Is the apiserver up, is --audit-log-path as it was?";
    }
    out.push_back(finding("silent", std::move(message)));
    out.back().fields.emplace_back("seconds", seconds_of(silent));
  }
}

void Apiserver::look_at_times(const WatchOptions& options, std::vector<Finding>& out) {
  const std::int64_t least = least_delay();
  const std::int64_t skew = options.clock_skew.count();
  const bool has_skew = skew != 0 && delay_count_ != 0 && least < -skew;
  if (has_skew != totals_.has_clock_skew) {
    totals_.has_clock_skew = has_skew;
    out.push_back(
        has_skew
            ? finding("clock_skew", "events of " + name() + " are dated up to " + text_of(-least) +
                                        " after their arrival: its clock is ahead of this host's, "
                                        "or this one is behind. Look at the time synchronisation "
                                        "of both (chronyc tracking, timedatectl)")
            : finding("clock_agrees", "the clock of " + name() + " agrees with this host's again"));
    if (has_skew) {
      out.back().fields.emplace_back("seconds", seconds_of(-least));
    }
  }
  const bool is_late =
      options.late.count() != 0 && delay_count_ >= kDelays && least > options.late.count();
  if (is_late != totals_.is_late && totals_.source != "file") {
    totals_.is_late = is_late;
    out.push_back(
        is_late
            ? finding("late_events", "even the newest event of each batch of " + name() + " is " +
                                         text_of(least) +
                                         " old: the apiserver has a backlog (does tiercel answer "
                                         "429 or 503? see /status), its clock is behind, or "
                                         "recorded events are sent")
            : finding("events_on_time", "events of " + name() + " come in time again"));
    if (is_late) {
      out.back().fields.emplace_back("seconds", seconds_of(least));
    }
  }
}

int Apiserver::turn_of(Episode& episode, std::int64_t now, const WatchOptions& options) {
  if (!episode.is_told && episode.count != 0) {
    episode.is_told = true;
    return 1;
  }
  if (episode.is_told && now - episode.last >= options.quiet.count()) {
    episode.is_told = false;
    return -1;
  }
  return 0;
}

void Apiserver::look_at_episodes(std::int64_t now, const WatchOptions& options,
                                 std::vector<Finding>& out) {
  const auto add = [&](Episode& episode, const char* code, std::string message, const char* over,
                       std::string over_message, const char* counted) {
    const int turn = turn_of(episode, now, options);
    if (turn != 0) {
      out.push_back(turn > 0 ? finding(code, std::move(message))
                             : finding(over, std::move(over_message)));
      out.back().fields.emplace_back(counted, std::to_string(episode.count));
      episode.count = turn > 0 ? episode.count : 0;
    }
  };
  add(truncated_, "truncated_events",
      name() +
          " cuts events (audit.k8s.io/truncated): rules see neither request nor response of them. "
          "Raise --audit-webhook-truncate-max-event-size, or leave out "
          "--audit-webhook-truncate-enabled",
      "truncated_events_ended",
      "no truncated event has come from " + name() + " for " + text_of(options.quiet.count()),
      "events");
  add(repeated_, "repeated_batches",
      name() +
          " sends batches again that were answered 200: it did not get the answer in time. Look at "
          "the load of this host and its disk, at proxies between, and at its client timeout of "
          "30 s. Alerts are not doubled",
      "repeated_batches_ended",
      "no batch has come twice from " + name() + " for " + text_of(options.quiet.count()),
      "batches");
}

bool Apiserver::is_known() const { return totals_.batches >= Apiservers::kKnown; }

// One that something is expected of stays, silent, until it is heard again.
bool Apiserver::is_gone(std::int64_t now, const WatchOptions& options) const {
  const bool is_expected = options.silence.count() != 0 && is_known();
  return now - last_ > kGoneAfter && !is_expected;
}

std::string Apiserver::name() const {
  const std::string who = totals_.source == "file" ? "the log followed in " + totals_.address
                                                   : "the apiserver " + totals_.address;
  return totals_.cluster.empty() ? who : who + " (cluster " + totals_.cluster + ")";
}

Finding Apiserver::finding(std::string code, std::string message) const {
  Finding out{std::move(code), totals_.address, std::move(message), {}};
  if (!totals_.cluster.empty()) {
    out.fields.emplace_back("cluster", totals_.cluster);
  }
  return out;
}

ApiserverStatus Apiserver::status(std::int64_t now, const WatchOptions& options) const {
  ApiserverStatus out = totals_;
  out.silent_for = now - last_;
  out.silence_expected = options.silence.count() == 0 ? 0 : expected(options);
  out.least_delay = least_delay();
  out.clock_ahead = std::max<std::int64_t>(-out.least_delay, 0);
  return out;
}

}  // namespace tiercel::watch
