#include "view_index.h"

#include <algorithm>
#include <iterator>

namespace tiercel::analyse {

ViewIndex::ViewIndex(const std::vector<RuleView>& views) {
  for (const RuleView& view : views) {
    const std::vector<std::string> named = view.texts_of(RuleView::Attribute::kResource);
    Facts elsewhere;
    elsewhere.resource.excluded = Texts({named.begin(), named.end()});
    if (view.can_match(elsewhere)) {
      anywhere_.push_back(&view);
      continue;
    }
    for (const std::string& resource : named) {
      Views& views_of_it = by_resource_[resource];
      if (views_of_it.empty() || views_of_it.back() != &view) {
        views_of_it.push_back(&view);
      }
    }
  }
}

const Views& ViewIndex::naming(const Facts& facts) const {
  static const Views kNone;
  const auto found = by_resource_.find(facts.resource.text);
  return facts.resource.is_known() && found != by_resource_.end() ? found->second : kNone;
}

Views ViewIndex::possible(const Facts& facts) const {
  Views out;
  const auto can_match = [&](const RuleView* view) { return view->can_match(facts); };
  std::copy_if(anywhere_.begin(), anywhere_.end(), std::back_inserter(out), can_match);
  const Views& named = naming(facts);
  const auto middle = static_cast<std::ptrdiff_t>(out.size());
  std::copy_if(named.begin(), named.end(), std::back_inserter(out), can_match);
  std::inplace_merge(out.begin(), out.begin() + middle, out.end());  // views lie in their order
  return out;
}

}  // namespace tiercel::analyse
