#include <algorithm>
#include <array>
#include <iterator>

#include "tiercel/base/nearest.h"

#include "merge.h"

namespace tiercel::config {

namespace {

constexpr std::array<std::string_view, 3> kStrategies{"append", "override", "add-only"};

// A map that is replaced whole takes its other keys with it: worth a note.
void note_lost_keys(const Member& before, const Member& after, Reporter& reporter) {
  if (!before.value.is_map()) {
    return;
  }
  std::string lost;
  for (const Member& member : before.value.members) {
    if (after.value.find(member.key) == nullptr) {
      lost += lost.empty() ? "" : ", ";
      lost += member.key;
    }
  }
  if (!lost.empty()) {
    reporter.note(Code::kSectionReplaced, after.place,
                  "replaces all of '" + after.key + "'; back to defaults: " + lost);
  }
}

void merge_member(Node& root, Member member, std::string_view strategy, Reporter& reporter) {
  const auto known =
      std::find_if(root.members.begin(), root.members.end(),
                   [&member](const Member& candidate) { return candidate.key == member.key; });
  if (known == root.members.end()) {
    root.members.push_back(std::move(member));
    return;
  }
  if (strategy == "add-only") {
    return;
  }
  Node& old = known->value;
  const bool appends = strategy == "append" && member.value.is_sequence() && !old.is_null();
  if (!appends) {
    note_lost_keys(*known, member, reporter);
    *known = std::move(member);
    return;
  }
  if (!old.is_sequence()) {
    reporter.error(Code::kBadInclude, member.place,
                   "a list cannot be appended to '" + member.key + "', which is " +
                       std::string(kind_text(old)) + " so far");
    return;
  }
  old.items.insert(old.items.end(), std::make_move_iterator(member.value.items.begin()),
                   std::make_move_iterator(member.value.items.end()));
}

}  // namespace

std::string known_strategy(const std::string& strategy, Place place, Reporter& reporter) {
  if (std::find(kStrategies.begin(), kStrategies.end(), strategy) != kStrategies.end()) {
    return strategy;
  }
  Reporter::Notes notes;
  if (const std::string_view near = base::nearest_name(strategy, kStrategies); !near.empty()) {
    notes.push_back("did you mean '" + std::string(near) + "'?");
  }
  reporter.warning(Code::kUnknownStrategy, place,
                   "there is no strategy '" + strategy + "'; 'append' is used", std::move(notes));
  return "append";
}

void merge_include(Node& root, Node included, std::string_view strategy, Reporter& reporter) {
  if (included.is_null()) {
    return;
  }
  if (!included.is_map()) {
    reporter.error(Code::kNotAMap, included.place,
                   "a configuration file must hold a map, not " + std::string(kind_text(included)));
    return;
  }
  for (Member& member : included.members) {
    if (member.key == "config_files") {
      reporter.error(Code::kBadInclude, member.place,
                     "an included file may not include others: move this to the main file");
      continue;
    }
    merge_member(root, std::move(member), strategy, reporter);
  }
}

}  // namespace tiercel::config
