#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "definitions.h"
#include "scopes.h"
#include "traced_text.h"

namespace tiercel::rules {

/// Lists as text substitution, in Falco's two stages: first each item that names a
/// visible list is replaced by that list's own items (one level only), then the
/// names of lists in conditions are replaced by their items. See falco's behaviour
/// in src/rules/README.md.
class ListExpander {
 public:
  /// A substitution that the author may not expect.
  struct Surprise {
    enum class Kind : std::uint8_t { kInQuotes, kAsValue };
    Kind kind = Kind::kInQuotes;
    std::string list;
    TracedText::Spot spot;
  };
  using OnSurprise = std::function<void(const Surprise&)>;

  ListExpander(const Registry<ListDefinition>& lists, Scopes& scopes);

  /// The condition with every list written out; nothing when it grows too large.
  [[nodiscard]] std::optional<TracedText> expand(TracedText condition,
                                                 const OnSurprise& on_surprise);
  /// Whether the list was put into a condition or another list so far.
  [[nodiscard]] bool is_used(std::size_t list) const { return lists_[list].used; }
  /// The items of a list after the first stage, joined.
  [[nodiscard]] std::string text_of(std::size_t list) const;

 private:
  struct List {
    const ListDefinition* definition = nullptr;
    std::vector<PlacedText> items;  // quoted where they hold a blank
    bool used = false;
    bool too_large = false;
  };

  /// The first stage.
  void resolve_items(List& list);
  /// The numbers, from `first` on, of the lists that may occur in the text.
  [[nodiscard]] std::vector<std::size_t> candidates(std::string_view text, std::size_t first) const;
  /// One list's name replaced everywhere; nothing when it grows too large.
  [[nodiscard]] std::optional<TracedText> substitute(const TracedText& text, std::size_t number,
                                                     const OnSurprise& on_surprise);

  std::vector<List> lists_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::vector<std::size_t> odd_names_;  // lists whose names hold delimiters
  std::size_t resolved_ = 0;            // bytes that the first stage has copied
  Scopes& scopes_;
};

}  // namespace tiercel::rules
