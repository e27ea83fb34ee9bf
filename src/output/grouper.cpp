#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "tiercel/alert/alert_view.h"
#include "tiercel/base/cut_utf8.h"
#include "tiercel/base/fnv.h"
#include "tiercel/output/routing.h"

#include "alert_facts.h"
#include "group_message.h"

namespace tiercel::output {

namespace {

using Due = Grouper::Due;

// Bodies and keys of all groups together; beyond it the oldest are told early.
constexpr std::size_t kMostBytes = std::size_t{32} << 20U;
// A longer value is told apart by its hash.
constexpr std::size_t kLongestValue = 256;
constexpr std::size_t kGroupCost = 512;

std::string shortened(std::string value) {
  if (value.size() <= kLongestValue) {
    return value;
  }
  const std::uint64_t hash = base::fnv1a(value);
  value.resize(base::cut_utf8(value, kLongestValue).size());
  return value + "…#" + std::to_string(hash);
}

// A route's say on grouping, by itself: a Routing may go while its groups wait.
struct Plan {
  explicit Plan(const RouteAction& given) : action(given) {
    for (const std::string& name : action.grouping.by) {
      facts.push_back(names.add(name));
    }
  }
  [[nodiscard]] bool is_for(const RouteAction& other) const {
    return action.message_template == other.message_template &&
           action.grouping.by == other.grouping.by && action.grouping.wait == other.grouping.wait &&
           action.grouping.interval == other.grouping.interval;
  }

  RouteAction action;
  FieldNames names;
  std::vector<Fact> facts;
};

struct Key {
  std::string exact;  // lengths before values, so that no value can look like two
  std::string text;   // for people
};

Key key_of(const store::StoredAlert& alert, const Plan& plan) {
  AlertFacts facts(alert, plan.names);
  Key key{plan.action.name, {}};
  for (std::size_t at = 0; at < plan.facts.size(); ++at) {
    const std::string value = shortened(facts.text(plan.facts[at]).value_or(""));
    const std::string& name = plan.action.grouping.by[at];
    key.exact.append("\n").append(name).append("=").append(std::to_string(value.size()));
    key.exact.append(":").append(value);
    key.text.append(at == 0 ? "" : ", ").append(name).append("=").append(value);
  }
  return key;
}

// The alert with another body, its views into bytes of its own.
Due own(const store::StoredAlert& alert, std::string_view body) {
  Due due;
  due.alert = alert;
  due.bytes = std::make_unique<std::string>();
  const std::array<std::string_view store::StoredAlert::*, 5> columns{
      &store::StoredAlert::rule, &store::StoredAlert::tags, &store::StoredAlert::user,
      &store::StoredAlert::name_space, &store::StoredAlert::cluster};
  for (const auto column : columns) {
    *due.bytes += alert.*column;
  }
  *due.bytes += body;
  std::string_view rest = *due.bytes;
  for (const auto column : columns) {
    due.alert.*column = rest.substr(0, (alert.*column).size());
    rest.remove_prefix((alert.*column).size());
  }
  due.alert.body = rest;
  due.count = 1;
  return due;
}

struct Group {
  const std::string* exact = nullptr;  // its key in the map
  std::shared_ptr<const Plan> plan;
  std::int64_t due = 0;
  std::uint64_t number = 0;  // in order of beginning
  Due first;                 // of the alerts that no message has told of
  GroupFacts facts;          // the same; count 0: there are none
  std::size_t bytes = 0;
};

}  // namespace

class Grouper::Impl {
 public:
  void take(const store::StoredAlert& alert, const RouteAction& action, std::int64_t now) {
    const std::shared_ptr<const Plan> plan = plan_of(action);
    Key key = key_of(alert, *plan);
    const auto [found, is_new] = groups_.try_emplace(std::move(key.exact));
    Group& group = found->second;
    if (is_new) {
      group.exact = &found->first;
      bytes_ += key_cost(group);
      begin(group, *plan, now);
    } else if (group.facts.count == 0) {
      idle_.erase({group.due, group.number, &group});
      if (group.due <= now) {
        begin(group, *plan, now);  // an interval without any: forgotten
      }
    }
    group.plan = plan;
    if (group.facts.count == 0) {
      if (!alert::AlertView::parse(alert.body)) {
        // No message can be made of it: told as it is.
        forget(group);
        make_ready(own(alert, alert.body), now);
        return;
      }
      start_collecting(group, alert, std::move(key.text));
    }
    count(group.facts, alert);
    relieve(now);
  }

  std::vector<Due> due(std::int64_t now) {
    std::vector<Due> out = std::move(ready_);
    ready_.clear();
    while (!pending_.empty() && std::get<0>(*pending_.begin()) <= now) {
      Group& group = *std::get<2>(*pending_.begin());
      out.push_back(tell(group));
      const std::int64_t interval = nanoseconds(group.plan->action.grouping.interval);
      if (interval <= 0) {
        forget(group);
        continue;
      }
      group.due = now + interval;
      idle_.insert({group.due, group.number, &group});
    }
    while (!idle_.empty() && std::get<0>(*idle_.begin()) <= now) {
      forget_idle(*std::get<2>(*idle_.begin()));
    }
    return out;
  }

  std::vector<Due> flush() {
    std::vector<Due> out = std::move(ready_);
    ready_.clear();
    while (!pending_.empty()) {
      Group& group = *std::get<2>(*pending_.begin());
      out.push_back(tell(group));
      forget(group);
    }
    while (!idle_.empty()) {
      forget_idle(*std::get<2>(*idle_.begin()));
    }
    return out;
  }

  [[nodiscard]] std::optional<std::int64_t> next_due() const {
    if (!ready_.empty()) {
      return ready_since_;
    }
    return pending_.empty() ? std::nullopt
                            : std::optional<std::int64_t>(std::get<0>(*pending_.begin()));
  }

  [[nodiscard]] std::optional<store::Position> oldest_pending() const {
    std::optional<store::Position> oldest;
    if (!positions_.empty()) {
      oldest = positions_.begin()->first;
    }
    for (const Due& due : ready_) {
      oldest = std::min(oldest.value_or(due.alert.position), due.alert.position);
    }
    return oldest;
  }

  [[nodiscard]] std::size_t pending() const { return pending_.size() + ready_.size(); }

 private:
  using ByTime = std::set<std::tuple<std::int64_t, std::uint64_t, Group*>>;

  static std::size_t key_cost(const Group& group) { return group.exact->size() + kGroupCost; }

  static std::int64_t nanoseconds(std::chrono::milliseconds duration) {
    return std::chrono::nanoseconds(duration).count();
  }

  std::shared_ptr<const Plan> plan_of(const RouteAction& action) {
    std::shared_ptr<const Plan>& plan = plans_[action.name];
    if (plan == nullptr || !plan->is_for(action)) {
      plan = std::make_shared<const Plan>(action);
    }
    return plan;
  }

  void begin(Group& group, const Plan& plan, std::int64_t now) {
    group.due = now + nanoseconds(plan.action.grouping.wait);
    group.number = next_number_++;
  }

  void start_collecting(Group& group, const store::StoredAlert& alert, std::string key) {
    group.first = own(alert, alert.body);
    group.bytes = group.first.bytes->size() + key.size();
    bytes_ += group.bytes;
    group.facts.key = std::move(key);
    group.facts.first = alert.time;
    group.facts.last = alert.time;
    group.facts.worst = alert.priority;
    pending_.insert({group.due, group.number, &group});
    positions_.insert({alert.position, &group});
  }

  static void count(GroupFacts& facts, const store::StoredAlert& alert) {
    ++facts.count;
    facts.first = std::min(facts.first, alert.time);
    facts.last = std::max(facts.last, alert.time);
    facts.last_id = alert.id;
    facts.worst = std::min(facts.worst, alert.priority);
    if (facts.samples.size() < kMostSamples) {
      facts.samples.push_back(alert.id);
    }
  }

  // The message for what has been collected; the group is in none of the sets afterwards.
  Due tell(Group& group) {
    pending_.erase({group.due, group.number, &group});
    positions_.erase({group.first.alert.position, &group});
    bytes_ -= group.bytes;
    const GroupFacts facts = std::exchange(group.facts, {});
    Due first = std::exchange(group.first, {});
    const std::string& text = group.plan->action.message_template;
    if (facts.count == 1) {
      return text.empty() ? std::move(first) : own(first.alert, with_template(first.alert, text));
    }
    Due due = own(first.alert, group_body(first.alert, facts, text));
    due.alert.id = group_id(first.alert, facts);
    due.count = facts.count;
    return due;
  }

  // REQUIRES: it is in none of the sets.
  void forget(Group& group) {
    bytes_ -= key_cost(group);
    groups_.erase(groups_.find(*group.exact));
  }

  void forget_idle(Group& group) {
    idle_.erase({group.due, group.number, &group});
    forget(group);
  }

  void make_ready(Due due, std::int64_t now) {
    if (ready_.empty()) {
      ready_since_ = now;
    }
    ready_.push_back(std::move(due));
  }

  // Keeps groups and bytes within their bounds; an idle group goes first, nothing is lost
  // with it.
  void relieve(std::int64_t now) {
    while (groups_.size() > kMostGroups || bytes_ > kMostBytes) {
      if (!idle_.empty()) {
        forget_idle(*std::get<2>(*idle_.begin()));
        continue;
      }
      Group& oldest = *positions_.begin()->second;
      make_ready(tell(oldest), now);
      forget(oldest);
    }
  }

  std::map<std::string, std::shared_ptr<const Plan>> plans_;  // by the route's name
  std::unordered_map<std::string, Group> groups_;
  // A group is in pending_ and positions_ while it has something to tell, else in idle_.
  ByTime pending_;
  ByTime idle_;
  std::set<std::pair<store::Position, Group*>> positions_;
  std::vector<Due> ready_;  // told early
  std::int64_t ready_since_ = 0;
  std::uint64_t next_number_ = 0;
  std::size_t bytes_ = 0;  // of all groups: keys, and bodies of those in pending_
};

Grouper::Grouper() : impl_(std::make_unique<Impl>()) {}
Grouper::~Grouper() = default;

void Grouper::take(const store::StoredAlert& alert, const RouteAction& action, std::int64_t now) {
  impl_->take(alert, action, now);
}

std::vector<Grouper::Due> Grouper::due(std::int64_t now) { return impl_->due(now); }

std::vector<Grouper::Due> Grouper::flush() { return impl_->flush(); }

std::optional<std::int64_t> Grouper::next_due() const { return impl_->next_due(); }

std::optional<store::Position> Grouper::oldest_pending() const { return impl_->oldest_pending(); }

std::size_t Grouper::pending() const { return impl_->pending(); }

}  // namespace tiercel::output
