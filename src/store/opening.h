#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tiercel/store/store.h"

#include "catalog.h"
#include "segment.h"
#include "writer.h"

namespace tiercel::store {

/// Reads what a folder holds at the start: which segments can be read, how far the outputs
/// are, and what must be told. Used once.
///
/// Runs on: the thread that opens the store.
class Opening {
 public:
  Opening(const SegmentPlace& place, Catalog& catalog, Writer& writer,
          const Store::OnEvent& on_event)
      : place_(place), catalog_(catalog), writer_(writer), on_event_(on_event) {}

  /// `was_unclean`: the daemon before was killed; the newest segment is looked at more closely.
  [[nodiscard]] base::Result<void> run(const std::vector<std::string>& outputs, bool was_unclean);

 private:
  struct Found {
    std::shared_ptr<Segment> segment;
    std::uint32_t version = 0;
    std::vector<CursorRow> cursors;
    Positions positions;
    /// The outputs that want this segment.
    [[nodiscard]] std::set<std::string> wanting() const;
  };

  [[nodiscard]] base::Result<void> scan(bool was_unclean);
  void clean_up(const std::vector<std::string>& names);
  void warn_of_modes(const std::vector<std::string>& names) const;
  [[nodiscard]] base::Result<void> look_at(const std::string& name, std::uint32_t number,
                                           bool check);
  [[nodiscard]] base::Result<Found> read_found(const std::string& file, bool check) const;
  /// The newest segment is written on where nothing stands behind it.
  [[nodiscard]] base::Result<void> adopt_newest();
  void join_cursors(const std::vector<std::string>& outputs);
  void tell_forgotten(const std::string& output, const Cursors& known) const;
  [[nodiscard]] base::Result<void> write_cursors();
  void tell(const StoreEvent& event) const;

  const SegmentPlace& place_;
  Catalog& catalog_;
  Writer& writer_;
  const Store::OnEvent& on_event_;
  std::vector<Found> found_;  ///< in order of their numbers
  std::uint32_t last_number_ = 0;
  std::uint32_t active_ = 0;  ///< 0: a new segment is begun
  std::vector<std::string> forgotten_;
};

}  // namespace tiercel::store
