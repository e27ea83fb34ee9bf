#include "window_cutter.h"

#include <utility>

namespace tiercel::source {

WindowCutter::WindowCutter(std::uint64_t max_event, Oversize oversize, std::size_t room)
    : oversize_(std::move(oversize)), room_(room), splitter_(*this, max_event) {}

bool WindowCutter::feed(std::string_view bytes) {
  return splitter_.feed(bytes) != audit::ItemSplitter::Status::kBroken;
}

bool WindowCutter::finish() { return splitter_.finish() != audit::ItemSplitter::Status::kBroken; }

void WindowCutter::on_item(std::string_view item, bool from_list) {
  if (bytes_.empty()) {
    bytes_.reserve(room_);
  }
  bytes_.push_back(bytes_.empty() ? '[' : ',');
  base::append(bytes_, item);
  from_list_ = from_list;
  ++items_;
}

void WindowCutter::on_oversize(std::string_view head, std::uint64_t size) { oversize_(head, size); }

Batch WindowCutter::take() {
  Batch batch;
  bytes_.push_back(']');
  batch.size = bytes_.size();
  bytes_.resize(bytes_.size() + audit::kPadding, '\0');
  batch.bytes = std::exchange(bytes_, {});
  // Elements of `items` carry no kind; those of an array, and a lone event, do.
  batch.form = from_list_ ? audit::BatchForm::kItems : audit::BatchForm::kBody;
  return batch;
}

}  // namespace tiercel::source
