#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace tiercel::condition {

/// A fixed set of texts. Looked up without allocation: a few are compared one by
/// one, many through a hash; either way only when one of that length exists.
/// Immutable; any thread. Moved, never copied: the hash holds views of the texts.
class TextSet {
 public:
  explicit TextSet(std::span<const std::string> texts)
      : texts_(std::make_unique<std::vector<std::string>>(texts.begin(), texts.end())) {
    std::sort(texts_->begin(), texts_->end());
    texts_->erase(std::unique(texts_->begin(), texts_->end()), texts_->end());
    for (const std::string& text : *texts_) {
      lengths_ |= length_bit(text);
    }
    if (texts_->size() > kFew) {
      hashed_.insert(texts_->begin(), texts_->end());
    }
  }

  [[nodiscard]] bool contains(std::string_view text) const {
    if ((lengths_ & length_bit(text)) == 0) {
      return false;
    }
    if (!hashed_.empty()) {
      return hashed_.contains(text);
    }
    return std::any_of(texts_->begin(), texts_->end(),
                       [text](const std::string& known) { return known == text; });
  }
  [[nodiscard]] std::size_t size() const { return texts_->size(); }

  static constexpr std::size_t kFew = 8;

 private:
  // One bit for each length; all from 63 on share the last.
  static std::uint64_t length_bit(std::string_view text) {
    return std::uint64_t{1} << std::min<std::size_t>(text.size(), 63);
  }

  std::unique_ptr<std::vector<std::string>> texts_;  // its address is stable
  std::unordered_set<std::string_view> hashed_;      // empty when there are few
  std::uint64_t lengths_ = 0;
};

}  // namespace tiercel::condition
