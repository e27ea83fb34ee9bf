#include "tiercel/analyse/policy_generate.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "grouping.h"
#include "policy_needs.h"

namespace tiercel::analyse {

namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kMostNames = 4;
constexpr std::array kOmittable{Stage::kRequestReceived, Stage::kResponseStarted,
                                Stage::kResponseComplete};

Stages omitted(Stages needed) {
  Stages out = 0;
  for (const Stage stage : kOmittable) {
    out = (needed & bit(stage)) == 0 ? static_cast<Stages>(out | bit(stage)) : out;
  }
  return out;
}

std::string stages_text(Stages stages) {
  std::string out;
  for (const Stage stage : kOmittable) {
    if ((stages & bit(stage)) != 0) {
      out += (out.empty() ? "" : ", ") + std::string(to_text(stage));
    }
  }
  return out;
}

// "head[a, b, c]" broken at blanks, further lines indented.
std::string wrapped(const std::string& head, const std::string& list, std::size_t indent) {
  std::string out = head;
  std::size_t column = head.size();
  std::size_t from = 0;
  while (from < list.size()) {
    const std::size_t end = std::min(list.find(' ', from), list.size());
    const std::string word = list.substr(from, end - from);
    if (from != 0 && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (from != 0) {
      out += " ";
      ++column;
    }
    out += word;
    column += word.size();
    from = end + 1;
  }
  return out + "\n";
}

std::string comment(const std::string& text, std::size_t indent) {
  const std::string start = std::string(indent, ' ') + "# ";
  std::string out = wrapped(start, text, indent);
  for (std::size_t at = out.find('\n'); at + 1 < out.size(); at = out.find('\n', at + 1)) {
    out.replace(at + 1, indent, start);
  }
  return out;
}

// Rules of the policy that stand for the same level and stages.
struct Entry {
  explicit Entry(const Universe& universe) : requests(universe) {}
  RequestSet requests;
  std::set<std::string> rules;
};
enum class Block : std::uint8_t { kEveryone, kPeople };
using Key = std::tuple<Block, Level, Stages>;  // the stages that are left out

class Generator {
 public:
  Generator(const std::vector<RuleView>& views, const Universe& universe)
      : views_(views),
        universe_(universe),
        index_(views),
        needs_(needs_of(index_, universe)),
        quiet_(quiet_subjects(index_, universe)) {}

  std::string make() {
    collect_rest();
    collect_entries();
    std::string out = head();
    write_entries(Block::kEveryone, out);
    write_quiet(out);
    write_entries(Block::kPeople, out);
    write_rest(out);
    return out;
  }

 private:
  // What is left to the last rule: targets and verbs that have no name of their own.
  void collect_rest() {
    for (std::size_t target = 0; target < needs_.size(); ++target) {
      for (std::size_t verb = 0; verb < needs_[target].size(); ++verb) {
        const Need& need = needs_[target][verb];
        all_stages_ = static_cast<Stages>(all_stages_ | need.stages);
        const bool is_general =
            !universe_.targets[target].is_named || verb + 1 == needs_[target].size();
        if (is_general) {
          rest_.level = std::max(rest_.level, need.level);
          rest_.stages = static_cast<Stages>(rest_.stages | need.stages);
          const Known& known = universe_.verbs_of(universe_.targets[target])[verb];
          if (need.level != Level::kNone && known.kind == Known::Kind::kExact) {
            used_verbs_.insert(known.text);
          }
          for (const RuleView* const rule : need.rules) {
            rest_rules_.insert(rule->rule().meta.name);
          }
        }
      }
    }
  }

  // Of `possible`, the rules that can match requests for the target.
  [[nodiscard]] Key key_of(const Views& possible, std::size_t target, std::size_t verb) const {
    Facts facts = universe_.targets[target].facts;
    facts.verb = universe_.verbs_of(universe_.targets[target])[verb];
    const Need& need = needs_[target][verb];
    const Block block = need.level != Level::kNone && concerns(possible, quiet_, facts)
                            ? Block::kEveryone
                            : Block::kPeople;
    return {block, need.level, need.level == Level::kNone ? Stages{0} : omitted(need.stages)};
  }

  // A rule of its own says no more than the last one would.
  [[nodiscard]] bool is_rest(const Key& key) const {
    const auto& [block, level, stages] = key;
    return level == rest_.level && (level == Level::kNone || stages == omitted(rest_.stages)) &&
           (block == Block::kPeople || quiet_.empty());
  }

  void collect_entries() {
    for (std::size_t target = 0; target < needs_.size(); ++target) {
      if (!universe_.targets[target].is_named) {
        continue;
      }
      const std::size_t last = needs_[target].size() - 1;  // any other verb
      const Views possible = index_.possible(universe_.targets[target].facts);
      std::set<Key> keys;
      for (std::size_t verb = 0; verb < last; ++verb) {
        const Key key = key_of(possible, target, verb);
        keys.insert(key);
        if (!is_rest(key)) {
          add(key, target, verb);
        } else if (rest_.level != Level::kNone) {
          used_verbs_.insert(universe_.verbs_of(universe_.targets[target])[verb].text);
        }
      }
      if (keys.size() == 1 && !is_rest(*keys.begin()) &&
          std::get<Level>(*keys.begin()) >= needs_[target][last].level) {
        add(*keys.begin(), target, last);
      }
    }
  }

  void add(const Key& key, std::size_t target, std::size_t verb) {
    Entry& entry = entries_.try_emplace(key, universe_).first->second;
    entry.requests.add(target, verb);
    for (const RuleView* const rule : needs_[target][verb].rules) {
      entry.rules.insert(rule->rule().meta.name);
    }
  }

  [[nodiscard]] std::string head() const {
    const auto size = [](Level level) { return mean_size(level); };
    std::string out = comment("The smallest policy under which " + std::to_string(views_.size()) +
                                  " loaded rules see all that they look for. The first rule that "
                                  "fits a request decides. Made by `tiercel policy generate`; make "
                                  "it again when the rules change.",
                              0);
    out += "#\n" + comment(
                       "What an event costs, an estimate: the mean of events that Kubernetes 1.32 "
                       "wrote. `--events FILE` measures your own log.",
                       0);
    const auto row = [&](Level level) {
      std::string name(to_text(level));
      name.resize(16, ' ');
      return "#   " + name + std::to_string(size(level).write) + " bytes a write" +
             (level == Level::kMetadata ? ", " + std::to_string(size(level).read) + " a read"
                                        : "") +
             "\n";
    };
    out += row(Level::kMetadata) + row(Level::kRequest) + row(Level::kRequestResponse);
    // A list of all secrets is one read: no mean of a recording says anything of another cluster's.
    out += comment(
        "Responses of reads are not measured: at RequestResponse a list holds all it lists.", 0);
    out += "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
    const Stages never = omitted(all_stages_);
    if (never != 0) {
      out += comment("No rule looks at these.", 0) + "omitStages: [" + stages_text(never) + "]\n";
    }
    const bool managed = std::any_of(views_.begin(), views_.end(), [](const RuleView& rule) {
      return rule.reads_managed_fields();
    });
    return out + (managed ? "" : "omitManagedFields: true\n") + "rules:\n";
  }

  [[nodiscard]] static std::string names(const std::set<std::string>& rules) {
    std::string out;
    std::size_t count = 0;
    for (const std::string& name : rules) {
      if (count++ == kMostNames) {
        return out + " and " + std::to_string(rules.size() - kMostNames) + " more rules";
      }
      out += (out.empty() ? "" : ", ") + name;
    }
    return out;
  }

  [[nodiscard]] std::string omit_line(Stages stages) const {
    const auto own = static_cast<Stages>(stages & ~omitted(all_stages_));
    return own == 0 ? "" : "    omitStages: [" + stages_text(own) + "]\n";
  }

  static std::string resources_text(const Requests& requests) {
    std::map<std::string, std::vector<std::string>> by_group;
    for (const Requests::Resource& one : requests.resources) {
      by_group[one.group].push_back(one.resource);
    }
    std::string out = "    resources:\n";
    for (const auto& [group, resources] : by_group) {
      out += "      - group: " + yaml_text(group) + "\n" +
             wrapped("        resources: ", yaml_list(resources), 20);
    }
    return out;
  }

  static bool holds_credentials(const Requests& requests) {
    static const std::set<std::string> kHolders{"secrets", "serviceaccounts/token", "tokenreviews",
                                                "configmaps"};
    return std::any_of(requests.resources.begin(), requests.resources.end(),
                       [](const auto& one) { return kHolders.contains(one.resource); });
  }

  void write_entries(Block wanted, std::string& out) const {
    for (auto each = entries_.rbegin(); each != entries_.rend(); ++each) {
      const auto& [block, level, stages] = each->first;
      if (block != wanted) {
        continue;
      }
      const std::vector<Requests> grouped = each->second.requests.grouped();
      out += comment(level == Level::kNone
                         ? "No rule looks at these."
                         : std::string(to_text(level)) + ": " + names(each->second.rules) + ".",
                     2);
      for (const Requests& requests : grouped) {
        if (level > Level::kMetadata && holds_credentials(requests)) {
          out += comment(
              "These bodies can hold credentials: whoever can read the audit log can read them.",
              2);
        }
        out += "  - level: " + std::string(to_text(level)) + "\n";
        if (!requests.verbs.empty()) {
          out += "    verbs: " + yaml_list(requests.verbs) + "\n";
        }
        out += resources_text(requests) + (level == Level::kNone ? "" : omit_line(stages));
      }
    }
  }

  // Only where something would be recorded after it.
  void write_quiet(std::string& out) const {
    const bool has_people = std::any_of(entries_.begin(), entries_.end(), [](const auto& entry) {
      return std::get<Block>(entry.first) == Block::kPeople &&
             std::get<Level>(entry.first) != Level::kNone;
    });
    if (quiet_.empty() || (!has_people && rest_.level == Level::kNone)) {
      return;
    }
    out += comment(
        "The cluster's own users, who send most requests: no rule looks at what is left of them.",
        2);
    for (const bool is_group : {false, true}) {
      std::vector<std::string> found;
      for (const Subject& subject : quiet_) {
        if (subject.is_group == is_group) {
          found.emplace_back(subject.name);
        }
      }
      if (!found.empty()) {
        out += std::string("  - level: None\n") +
               wrapped(is_group ? "    userGroups: " : "    users: ", yaml_list(found), 12);
      }
    }
  }

  void write_rest(std::string& out) const {
    if (rest_.level == Level::kNone) {
      out += comment("No rule looks at anything else.", 2) + "  - level: None\n";
      return;
    }
    std::vector<std::string> unused;
    for (const Known& verb : universe_.resource_verbs) {
      if (verb.kind == Known::Kind::kExact && !used_verbs_.contains(verb.text)) {
        unused.push_back(verb.text);
      }
    }
    if (!unused.empty()) {
      out += comment("No rule looks at these.", 2) +
             "  - level: None\n    verbs: " + yaml_list(unused) + "\n";
    }
    out += comment("Everything else, for " + names(rest_rules_) + ".", 2) +
           "  - level: " + std::string(to_text(rest_.level)) + "\n" +
           omit_line(omitted(rest_.stages));
  }

  const std::vector<RuleView>& views_;
  const Universe& universe_;
  ViewIndex index_;
  Needs needs_;
  std::vector<Subject> quiet_;
  Need rest_;
  Stages all_stages_ = 0;
  std::set<std::string> rest_rules_;
  std::set<std::string> used_verbs_;  // by requests that are left to the last rule
  std::map<Key, Entry> entries_;
};

}  // namespace

EventSize mean_size(Level level) {
  // Measured by tests/unit/analyse/policy_cost_test.cpp.
  constexpr std::array<EventSize, 4> kSizes{{{0, 0}, {838, 1083}, {838, 1982}, {838, 4019}}};
  return kSizes[static_cast<std::size_t>(level)];
}

base::Result<std::string> generate_policy(const engine::RuleSet& rules) {
  const std::vector<RuleView> views = views_of(rules);
  const std::optional<Universe> universe = make_universe(views, nullptr);
  if (!universe) {
    return base::Error{"rules_too_many",
                       "the " + std::to_string(views.size()) +
                           " loaded rules name too many resources and API groups for one policy; "
                           "load fewer (-r FILE, -t TAG)",
                       ""};
  }
  return {boost::system::in_place_value, Generator(views, *universe).make()};
}

}  // namespace tiercel::analyse
