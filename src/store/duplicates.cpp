#include "duplicates.h"

#include <algorithm>
#include <utility>

namespace tiercel::store {

void Duplicates::choose(std::int64_t now, std::int64_t window) {
  recent_.clear();
  for (auto& segment : catalog_.segments()) {
    // A segment of the future (the clock was set back) counts as recent.
    if (segment->is_sealed && segment->rows != 0 && now - segment->last_stored <= window) {
      recent_.push_back(std::move(segment));
    }
  }
  std::erase_if(readers_, [this](const auto& reader) {
    return std::none_of(recent_.begin(), recent_.end(),
                        [&reader](const auto& segment) { return segment->number == reader.first; });
  });
}

Duplicates::Reader* Duplicates::reader(const Segment& segment) {
  const auto found = readers_.find(segment.number);
  if (found != readers_.end()) {
    return &found->second;
  }
  auto database = open_for_reading(place_, segment);
  if (!database) {
    return nullptr;
  }
  Reader reader{std::move(*database), {}};
  auto find = reader.database.prepare("SELECT 1 FROM alerts WHERE id=?1");
  if (!find) {
    return nullptr;
  }
  reader.find = std::move(*find);
  return &readers_.emplace(segment.number, std::move(reader)).first->second;
}

bool Duplicates::has(const AlertKey& id) {
  for (auto segment = recent_.begin(); segment != recent_.end();) {
    if (!(*segment)->ids.may_hold(id)) {
      ++segment;
      continue;
    }
    Reader* opened = reader(**segment);
    Statement::Step step = Statement::Step::kError;
    if (opened != nullptr) {
      opened->find.bind_blob(1, {reinterpret_cast<const char*>(id.data()), id.size()});
      step = opened->find.step();
      if (step == Statement::Step::kError) {
        catalog_.report(*segment, opened->database.error("looking for duplicates"));
      }
      opened->find.reset();
    } else {
      catalog_.report(*segment,
                      {std::string(fault::kMissing), "cannot be opened", (*segment)->file});
    }
    if (step == Statement::Step::kRow) {
      return true;
    }
    segment = step == Statement::Step::kError ? recent_.erase(segment) : segment + 1;
  }
  return false;
}

}  // namespace tiercel::store
