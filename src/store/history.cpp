#include "tiercel/store/history.h"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <utility>

#include <unistd.h>

#include "tiercel/store/folder.h"

#include "backup.h"
#include "disk.h"
#include "history_segment.h"
#include "history_walk.h"
#include "query_filter.h"
#include "schema.h"

namespace tiercel::store {

namespace {

using Order = HistorySegment::Order;

constexpr std::uint64_t kMostKept = 1'000'000;

// An alert that outlives its page.
struct Kept {
  std::string bytes;
  StoredAlert alert;

  explicit Kept(const StoredAlert& from) : alert(from) {
    for (const std::string_view text :
         {from.rule, from.tags, from.user, from.name_space, from.cluster, from.body}) {
      bytes += text;
    }
  }
  // Views look into `bytes`, wherever this has been moved to.
  [[nodiscard]] StoredAlert view() const {
    StoredAlert out = alert;
    std::string_view rest = bytes;
    for (std::string_view* const text :
         {&out.rule, &out.tags, &out.user, &out.name_space, &out.cluster, &out.body}) {
      const std::size_t length = text->size();
      *text = rest.substr(0, length);
      rest.remove_prefix(length);
    }
    return out;
  }
};

}  // namespace

class History::Impl {
 public:
  explicit Impl(std::string folder) : folder_(std::move(folder)) {}

  // Those that have come since; where the store is another one, all of them anew.
  base::Result<void> look_for_segments();
  base::Result<void> query(const Query& query, const std::function<bool(const StoredAlert&)>& take);
  base::Result<Position> follow(Position after, const Query& query,
                                const std::function<bool(const StoredAlert&)>& take);
  base::Result<Position> end();
  base::Result<std::uint64_t> backup(const std::string& folder);
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  using Take = std::function<bool(const StoredAlert&)>;
  void consider(const std::string& name, std::uint32_t number);
  [[nodiscard]] bool is_another(const std::vector<std::string>& names) const;
  // Merges the segments by id; false where `take` has enough.
  base::Result<bool> merge(const Query& query, const IdRange& range, Order order, const Take& take);
  base::Result<void> query_newest(const Query& query, const Take& take);
  void complain(std::string what) {
    complaints_.push_back(std::move(what) + "; what it holds is missing here");
  }
  // A file that is gone is no mistake: retention removes them.
  [[nodiscard]] static bool is_gone(const HistorySegment& segment) {
    return ::access(segment.file().c_str(), F_OK) != 0;
  }

  std::string folder_;
  std::map<std::uint32_t, HistorySegment> segments_;
  std::map<std::uint32_t, bool> refused_;
  std::vector<std::string> complaints_;
  bool is_anew_ = false;  // follow() is to begin at the beginning
};

void History::Impl::consider(const std::string& name, std::uint32_t number) {
  const std::string file = folder_ + "/" + name;
  const auto header = read_segment_header(file);
  if (!header && ::access(file.c_str(), F_OK) != 0) {
    return;  // Removed since the folder was listed.
  }
  std::string complaint;
  if (!header || !header->is_ours) {
    complaint = file + " is damaged or no segment of the alert store";
  } else if (header->version > kSchemaVersion) {
    complaint = file + " was written by a newer version (schema " +
                std::to_string(header->version) + ", this one reads up to " +
                std::to_string(kSchemaVersion) + ")";
  }
  if (complaint.empty()) {
    HistorySegment segment(number, file);
    if (const auto row = segment.last_row(); !row && !is_gone(segment)) {
      complaint = file + " cannot be read: " + row.error().text();
    } else {
      segments_.emplace(number, std::move(segment));
    }
  }
  if (!complaint.empty()) {
    refused_[number] = true;
    complain(std::move(complaint));
  }
}

// Numbers are never used twice, so the highest one does not sink: not where retention removes
// segments, and not where one is set aside.
bool History::Impl::is_another(const std::vector<std::string>& names) const {
  if (segments_.empty()) {
    return false;
  }
  bool has_segment = false;
  std::uint32_t highest = 0;
  for (const std::string& name : names) {
    has_segment = has_segment || segment_number(name);
    highest = std::max(highest, number_in_name(name));
  }
  return (has_segment && highest < segments_.rbegin()->first) ||
         std::any_of(segments_.begin(), segments_.end(),
                     [](const auto& one) { return one.second.is_exchanged(); });
}

base::Result<void> History::Impl::look_for_segments() {
  const auto names = list_folder(folder_);
  if (!names && names.error().code == fault::kMissing) {
    return {};  // Removed; a daemon makes it anew.
  }
  if (!names) {
    return names.error();
  }
  if (is_another(*names)) {
    segments_.clear();
    refused_.clear();
    is_anew_ = true;
    complaints_.push_back("the alert store in " + folder_ +
                          " was removed and made anew; all that the new one holds follows");
  }
  for (const std::string& name : *names) {
    const auto number = segment_number(name);
    if (number && !segments_.contains(*number) && !refused_.contains(*number)) {
      consider(name, *number);
    }
  }
  return {};
}

base::Result<bool> History::Impl::merge(const Query& query, const IdRange& range, Order order,
                                        const Take& take) {
  std::list<HistoryWalk> walks;
  for (auto& [number, segment] : segments_) {
    walks.emplace_back(segment, range, order);
  }
  while (true) {
    HistoryWalk* best = nullptr;
    const StoredAlert* found = nullptr;
    for (auto at = walks.begin(); at != walks.end();) {
      const auto alert = at->look();
      if (!alert) {
        // Of a file that was removed under us no more comes.
        if (alert.error().code == fault::kDamaged || alert.error().code == fault::kIo) {
          complain(alert.error().text());
        }
        at = walks.erase(at);
        continue;
      }
      const bool is_better = *alert != nullptr &&
                             (found == nullptr || (order == Order::kUp ? (*alert)->id < found->id
                                                                       : found->id < (*alert)->id));
      if (is_better) {
        best = &*at;
        found = *alert;
      }
      ++at;
    }
    if (found == nullptr) {
      return true;
    }
    if (is_asked_for(query, *found) && !take(*found)) {
      return false;
    }
    best->next();
  }
}

base::Result<void> History::Impl::query(const Query& query, const Take& take) {
  if (auto looked = look_for_segments(); !looked) {
    return looked;
  }
  if (query.limit != 0) {
    return query_newest(query, take);
  }
  // Those of events without a time stand first.
  auto merged = merge(query, untimed(), Order::kUp, take);
  if (merged && *merged) {
    merged = merge(query, timed(query), Order::kUp, take);
  }
  return merged ? base::Result<void>{} : base::Result<void>(merged.error());
}

base::Result<void> History::Impl::query_newest(const Query& query, const Take& take) {
  if (query.limit > kMostKept) {
    return base::Error{"limit_too_large", "at most 1000000 alerts can be the newest ones", ""};
  }
  std::deque<Kept> newest;
  const Take keep = [&](const StoredAlert& alert) {
    newest.emplace_front(alert);
    return newest.size() < query.limit;
  };
  auto merged = merge(query, timed(query), Order::kDown, keep);
  if (merged && *merged) {
    merged = merge(query, untimed(), Order::kDown, keep);
  }
  if (!merged) {
    return merged.error();
  }
  for (const Kept& kept : newest) {
    if (!take(kept.view())) {
      break;
    }
  }
  return {};
}

base::Result<Position> History::Impl::follow(Position after, const Query& query, const Take& take) {
  if (auto looked = look_for_segments(); !looked) {
    return looked.error();
  }
  if (std::exchange(is_anew_, false)) {
    after = 0;
  }
  Page page;
  for (auto at = segments_.lower_bound(static_cast<std::uint32_t>(after >> 32U));
       at != segments_.end(); ++at) {
    page.more = true;
    while (page.more) {
      const bool is_here = at->first == static_cast<std::uint32_t>(after >> 32U);
      const std::uint32_t row = is_here ? static_cast<std::uint32_t>(after) : 0;
      if (auto read = at->second.read_rows(row, page); !read) {
        if (is_gone(at->second)) {
          break;
        }
        return read.error();
      }
      for (const StoredAlert& alert : page.alerts) {
        after = alert.position;
        if (is_asked_for(query, alert) && !take(alert)) {
          return after;
        }
      }
    }
    if (std::next(at) != segments_.end()) {
      at->second.close();  // Nothing is added to it any more.
    }
  }
  return after;
}

base::Result<Position> History::Impl::end() {
  if (auto looked = look_for_segments(); !looked) {
    return looked.error();
  }
  is_anew_ = false;
  Position last = 0;
  for (auto& [number, segment] : segments_) {
    if (const auto row = segment.last_row(); row) {
      last = Position{number} << 32U | *row;
    }
  }
  return last;
}

base::Result<std::uint64_t> History::Impl::backup(const std::string& folder) {
  if (auto looked = look_for_segments(); !looked) {
    return looked.error();
  }
  std::vector<HistorySegment*> segments;
  for (auto& [number, segment] : segments_) {
    segments.push_back(&segment);
  }
  return copy_segments(segments, folder_, folder);
}

History::History(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
History::~History() = default;

base::Result<std::unique_ptr<History>> History::open(const std::string& path) {
  const std::string folder = path + "/" + std::string(kFolderName);
  if (::access(folder.c_str(), R_OK | X_OK) != 0) {
    return base::Error{"no_store",
                       "there is no alert store here that I may read: run as root or as the "
                       "daemon's user, and name the folder that store.path names",
                       folder};
  }
  auto impl = std::make_unique<Impl>(folder);
  if (auto looked = impl->look_for_segments(); !looked) {
    return looked.error();
  }
  return std::unique_ptr<History>(new History(std::move(impl)));
}

base::Result<void> History::query(const Query& query,
                                  const std::function<bool(const StoredAlert&)>& take) {
  return impl_->query(query, take);
}
base::Result<Position> History::follow(Position after, const Query& query,
                                       const std::function<bool(const StoredAlert&)>& take) {
  return impl_->follow(after, query, take);
}
base::Result<Position> History::end() { return impl_->end(); }
const std::vector<std::string>& History::complaints() const { return impl_->complaints(); }
base::Result<std::uint64_t> History::backup(const std::string& folder) {
  return impl_->backup(folder);
}

}  // namespace tiercel::store
