#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/item_splitter.h"
#include "tiercel/source/batch.h"

namespace tiercel::source {

/// Cuts a body that is too large to be read whole into windows, `[item,item]`, each a
/// Batch of its own. Memory: one window, one item and what feed() was given.
///
/// Runs on: io thread; one instance per body.
class WindowCutter final : private audit::ItemSplitter::Sink {
 public:
  /// Told of an item longer than max_event: its first bytes, its size.
  using Oversize = std::function<void(std::string_view head, std::uint64_t size)>;

  /// `room`: bytes that a window will have, about; made room for at once.
  WindowCutter(std::uint64_t max_event, Oversize oversize, std::size_t room = 0);

  /// False when the bytes are no body; nothing more is cut then.
  bool feed(std::string_view bytes);
  /// The body's end. False when it is cut short.
  bool finish();
  [[nodiscard]] std::string_view problem() const { return splitter_.problem(); }
  [[nodiscard]] std::uint64_t items() const { return items_; }

  /// Bytes of the window so far; 0 when it holds no item.
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  /// The window as a batch (bytes, size and form are set), and an empty window.
  [[nodiscard]] Batch take();

 private:
  void on_item(std::string_view item, bool from_list) override;
  void on_oversize(std::string_view head, std::uint64_t size) override;

  Oversize oversize_;
  const std::size_t room_;
  audit::ItemSplitter splitter_;
  base::Bytes bytes_;
  std::uint64_t items_ = 0;
  bool from_list_ = true;
};

}  // namespace tiercel::source
