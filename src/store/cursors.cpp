#include "cursors.h"

#include <algorithm>

#include "schema.h"

namespace tiercel::store {

void Cursors::join(std::string_view output, std::uint32_t segment, std::uint32_t row) {
  const auto found = rows_.find(output);
  if (found == rows_.end()) {
    return;
  }
  std::uint32_t& known = found->second[segment];
  if (row > known) {
    known = row;
    changes_[found->first][segment] = row;
  }
}

std::uint32_t Cursors::row(std::string_view output, std::uint32_t segment) const {
  const auto found = rows_.find(output);
  if (found == rows_.end()) {
    return kWholeSegment;
  }
  const auto row = found->second.find(segment);
  return row == found->second.end() ? 0 : row->second;
}

std::uint32_t Cursors::least_row(std::uint32_t segment) const {
  std::uint32_t least = kWholeSegment;
  for (const auto& [output, rows] : rows_) {
    const auto row = rows.find(segment);
    least = std::min(least, row == rows.end() ? 0 : row->second);
  }
  return least;
}

std::vector<std::string> Cursors::outputs() const {
  std::vector<std::string> names;
  for (const auto& [output, rows] : rows_) {
    names.push_back(output);
  }
  return names;
}

void Cursors::begin_segment(std::uint32_t segment) {
  for (auto& [output, rows] : rows_) {
    rows.try_emplace(segment, 0);
  }
}

void Cursors::forget_segment(std::uint32_t segment) {
  for (auto& [output, rows] : rows_) {
    rows.erase(segment);
  }
  for (auto& [output, rows] : changes_) {
    rows.erase(segment);
  }
  std::erase_if(changes_, [](const auto& entry) { return entry.second.empty(); });
}

std::vector<CursorRow> Cursors::all() const {
  std::vector<CursorRow> result;
  for (const auto& [output, rows] : rows_) {
    for (const auto& [segment, row] : rows) {
      result.push_back({output, segment, row});
    }
  }
  return result;
}

std::vector<CursorRow> Cursors::take_changes() {
  std::vector<CursorRow> result;
  for (const auto& [output, rows] : changes_) {
    for (const auto& [segment, row] : rows) {
      result.push_back({output, segment, row});
    }
  }
  changes_.clear();
  return result;
}

void Cursors::put_back(const std::vector<CursorRow>& rows) {
  for (const CursorRow& row : rows) {
    std::uint32_t& changed = changes_[row.output][row.segment];
    changed = std::max(changed, row.row);
  }
}

}  // namespace tiercel::store
