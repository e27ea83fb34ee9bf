#include "rule_split.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tiercel::engine {

void keep_once(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

namespace {

// Each probe reads a field of every event that comes here.
constexpr std::size_t kMostProbes = 8;
// Prefixes of each length are looked up by themselves.
constexpr std::size_t kMostPrefixLengths = 32;
// A demand of more texts than this would cost more memory than it saves time.
constexpr std::size_t kMostTexts = 1024;

// How many rules name a text, for each field: of the list, or of all where it is a part.
class Frequencies {
 public:
  Frequencies(std::span<const std::uint32_t> rules, const std::vector<RuleDemands>& demands,
              const PartIndexes& parts)
      : parts_(parts) {
    for (const std::uint32_t rule : rules) {
      for (const FieldDemand& one : demands[rule]) {
        for (const auto* texts : {&one.demand.exact, &one.demand.prefixes}) {
          for (const std::string& text : *texts) {
            ++counts_[one.field][text];
          }
        }
      }
    }
  }
  // The rules that are candidates together where the event has the demand's most frequent text.
  [[nodiscard]] std::size_t worst(const FieldDemand& one) const {
    std::size_t most = 0;
    for (const std::string& part : one.demand.parts) {
      most = std::max(most, parts_.count(one.field, part));
    }
    const auto found = counts_.find(one.field);
    if (found == counts_.end()) {
      return most;  // Where no rule names a text of it, what is demanded can never be.
    }
    for (const auto* texts : {&one.demand.exact, &one.demand.prefixes}) {
      for (const std::string& text : *texts) {
        most = std::max(most, found->second.at(text));
      }
    }
    return most;
  }

 private:
  const PartIndexes& parts_;
  // The texts are the demands'.
  std::map<audit::FieldId, std::unordered_map<std::string_view, std::size_t>> counts_;
};

// The demand that the fewest rules share; nothing where most do, or none is `allowed`. One for
// which all of a text is read only where the others leave more rules than are tried one by one.
template <class Allowed>
const FieldDemand* rarest(const RuleDemands& demands, const Frequencies& frequencies,
                          std::size_t rule_count, const Allowed& allowed) {
  struct Best {
    const FieldDemand* demand = nullptr;
    std::size_t worst;
  };
  Best whole{nullptr, rule_count / 2};
  Best of_parts = whole;
  for (const FieldDemand& one : demands) {
    if (one.demand.size() > kMostTexts || !allowed(one.field)) {
      continue;
    }
    Best& best = one.demand.parts.empty() ? whole : of_parts;
    if (const std::size_t worst = frequencies.worst(one); worst < best.worst) {
      best = {&one, worst};
    }
  }
  const bool is_enough = whole.demand != nullptr &&
                         (whole.worst < RuleSplit::kFewest || whole.worst <= of_parts.worst);
  return is_enough || of_parts.demand == nullptr ? whole.demand : of_parts.demand;
}

}  // namespace

void RuleSplit::Postings::add(const std::string& text, std::uint32_t rule) {
  const std::uint32_t number = texts.add(text);
  rules.resize(texts.size());
  rules[number].push_back(rule);
}

void RuleSplit::Probe::find(std::string_view text, Scratch& scratch) const {
  std::vector<std::uint32_t>& texts = scratch.texts;
  if (const std::uint32_t number = exact.texts.find(text); number != base::TextTable::kNone) {
    texts.push_back(number);
  }
  for (const std::size_t length : prefix_lengths) {
    if (length > text.size()) {
      break;
    }
    const std::uint32_t number = prefixes.texts.find(text.substr(0, length));
    if (number != base::TextTable::kNone) {
      texts.push_back(static_cast<std::uint32_t>(exact.texts.size()) + number);
    }
  }
  if (parts != nullptr) {
    const std::size_t before = exact.texts.size() + prefixes.texts.size();
    parts->search().find(text, static_cast<std::uint32_t>(before), scratch.parts, texts);
  }
}

const std::vector<std::uint32_t>& RuleSplit::Probe::rules_of(std::uint32_t text) const {
  std::size_t at = text;
  for (const Postings* const kind : {&exact, &prefixes}) {
    if (at < kind->rules.size()) {
      return kind->rules[at];
    }
    at -= kind->rules.size();
  }
  return parts->rules_of(static_cast<std::uint32_t>(at));
}

std::unique_ptr<const RuleSplit> RuleSplit::make(std::span<const std::uint32_t> rules,
                                                 const std::vector<RuleDemands>& demands,
                                                 PartIndexes& parts, std::size_t& budget) {
  if (rules.size() < kFewest) {
    return nullptr;
  }
  const Frequencies frequencies(rules, demands, parts);
  std::map<audit::FieldId, std::size_t> uses;
  for (const std::uint32_t rule : rules) {
    const FieldDemand* const best = rarest(demands[rule], frequencies, rules.size(),
                                           [](audit::FieldId /*field*/) { return true; });
    if (best != nullptr) {
      ++uses[best->field];
    }
  }
  std::vector<std::pair<std::size_t, audit::FieldId>> most_used;
  most_used.reserve(uses.size());
  for (const auto& [field, count] : uses) {
    most_used.emplace_back(count, field);
  }
  std::sort(most_used.rbegin(), most_used.rend());
  most_used.resize(std::min(most_used.size(), kMostProbes));

  auto split = std::make_unique<RuleSplit>();
  for (const auto& [count, field] : most_used) {
    split->probes_.emplace_back().field = field;
  }
  const auto probe_of = [&split](audit::FieldId field) {
    return std::find_if(split->probes_.begin(), split->probes_.end(),
                        [field](const Probe& probe) { return probe.field == field; });
  };
  std::size_t places = 0;
  std::vector<std::pair<std::uint32_t, const FieldDemand*>> by_parts;
  for (const std::uint32_t rule : rules) {
    const FieldDemand* const best =
        rarest(demands[rule], frequencies, rules.size(),
               [&](audit::FieldId field) { return probe_of(field) != split->probes_.end(); });
    if (best == nullptr) {
      split->always_.push_back(rule);
      continue;
    }
    places += best->demand.exact.size() + best->demand.prefixes.size();
    if (places > budget) {
      return nullptr;
    }
    Probe& probe = *probe_of(best->field);
    for (const std::string& text : best->demand.exact) {
      probe.exact.add(text, rule);
    }
    for (const std::string& text : best->demand.prefixes) {
      probe.prefixes.add(text, rule);
    }
    if (!best->demand.parts.empty()) {
      by_parts.emplace_back(rule, best);
    }
  }
  for (Probe& probe : split->probes_) {
    split->limit_prefix_lengths(probe);
  }
  if (split->always_.size() + kFewest > rules.size()) {
    return nullptr;
  }
  budget -= places;
  for (const auto& [rule, demand] : by_parts) {
    probe_of(demand->field)->parts = parts.add(*demand, rule);
  }
  return split;
}

void RuleSplit::limit_prefix_lengths(Probe& probe) {
  const std::vector<std::string>& prefixes = probe.prefixes.texts.texts();
  std::set<std::size_t> lengths;
  for (const std::string& prefix : prefixes) {
    lengths.insert(prefix.size());
  }
  while (lengths.size() > kMostPrefixLengths) {
    lengths.erase(std::prev(lengths.end()));
  }
  probe.prefix_lengths.assign(lengths.begin(), lengths.end());
  for (std::size_t at = 0; at < prefixes.size(); ++at) {
    if (!lengths.contains(prefixes[at].size())) {
      const std::vector<std::uint32_t>& rules = probe.prefixes.rules[at];
      always_.insert(always_.end(), rules.begin(), rules.end());
    }
  }
}

void RuleSplit::find(audit::FieldMap& map, Scratch& scratch) const {
  scratch.rules.insert(scratch.rules.end(), always_.begin(), always_.end());
  for (const Probe& probe : probes_) {
    scratch.texts.clear();
    if (probe.parts != nullptr) {
      probe.parts->search().begin(scratch.parts);
    }
    const base::Value& value = map.get(probe.field);
    if (value.is_text()) {
      probe.find(value.as_text(), scratch);
    } else if (value.is_list()) {
      // A request can name one image a hundred thousand times.
      const std::size_t most = 2 * probe.size() + kFewest;
      for (const std::string_view element : value.as_list()) {
        probe.find(element, scratch);
        if (scratch.texts.size() > most) {
          keep_once(scratch.texts);
        }
      }
      keep_once(scratch.texts);
    }
    for (const std::uint32_t text : scratch.texts) {
      const std::vector<std::uint32_t>& rules = probe.rules_of(text);
      scratch.rules.insert(scratch.rules.end(), rules.begin(), rules.end());
    }
  }
}

}  // namespace tiercel::engine
