#include "expand_lists.h"

#include <algorithm>
#include <array>
#include <utility>

#include "names.h"
#include "reporter.h"

namespace tiercel::rules {

namespace {

constexpr std::size_t kLargestText = std::size_t{2} << 20U;
constexpr std::size_t kMostResolved = std::size_t{64} << 20U;
constexpr std::string_view kBlanks = " \t\n\r";

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

PlacedText quoted(PlacedText item) {
  const bool quote = item.text.find(' ') != std::string::npos && !item.text.starts_with('"') &&
                     !item.text.starts_with('\'');
  if (quote) {
    item.text = '"' + item.text + '"';
  }
  return item;
}

// Follows text and knows whether its end lies in quotes.
class Quotes {
 public:
  void follow(std::string_view text) {
    for (const char c : text) {
      if (open_ == '\0') {
        open_ = c == '"' || c == '\'' ? c : '\0';
      } else if (c == open_ && last_ != '\\') {
        open_ = '\0';
      }
      last_ = c;
    }
  }
  [[nodiscard]] bool open() const { return open_ != '\0'; }

 private:
  char open_ = '\0';
  char last_ = '\0';
};

// Whether a list belongs after this text: in parentheses, or after a word that takes
// a list, or where a macro stands.
bool expects_list(std::string_view before) {
  const std::string_view text = trim(before);
  if (text.empty() || text.back() == '(' || text.back() == ',') {
    return true;
  }
  static constexpr std::array<std::string_view, 9> kWords{
      "in", "intersects", "pmatch", "oneof", "anyof", "allof", "and", "or", "not"};
  std::size_t start = text.size();
  while (start > 0 && !is_delimiter(text[start - 1])) {
    --start;
  }
  return std::find(kWords.begin(), kWords.end(), text.substr(start)) != kWords.end();
}

// Builds a text left to right with one list's name replaced.
class Substitution {
 public:
  Substitution(const TracedText& text, std::string_view name) : text_(text), name_(name) {}

  [[nodiscard]] bool found() const { return found_; }
  [[nodiscard]] TracedText take() && { return std::move(out_); }
  [[nodiscard]] const TracedText& out() const { return out_; }
  [[nodiscard]] bool in_quotes() const { return quotes_.open(); }

  // Copies up to the next place where the name stands as a word; false at the end.
  bool next() {
    const std::string& text = text_.text();
    std::size_t search = copied_;
    while (true) {
      const std::size_t at = text.find(name_, search);
      if (at == std::string::npos) {
        copy_to(text.size());
        return false;
      }
      const std::size_t end = at + name_.size();
      // What stands before may be what the last substitution left.
      const char before = at > copied_ ? text[at - 1] : out_.empty() ? '(' : out_.text().back();
      if (is_delimiter(before) && (end >= text.size() || is_delimiter(text[end]))) {
        copy_to(at);
        copied_ = end;
        found_ = true;
        return true;
      }
      search = at + 1;
    }
  }

  // White space around the name goes, and beside an empty list one comma.
  void eat_blanks() {
    while (!out_.empty() && is_blank(out_.text().back())) {
      out_.pop_back();
    }
    while (copied_ < text_.size() && is_blank(text_.text()[copied_])) {
      ++copied_;
    }
  }
  void eat_comma() {
    if (!out_.empty() && out_.text().back() == ',') {
      out_.pop_back();
    } else if (copied_ < text_.size() && text_.text()[copied_] == ',') {
      ++copied_;
    }
  }
  void insert(std::string_view text, TracedText::Spot spot, TracedText::Along along) {
    out_.append(text, spot, along);
    quotes_.follow(text);
  }
  // Of the name that next() found.
  [[nodiscard]] TracedText::Spot spot() const { return text_.spot(copied_ - name_.size()); }

 private:
  void copy_to(std::size_t end) {
    out_.append(text_, copied_, end - copied_);
    quotes_.follow(std::string_view(text_.text()).substr(copied_, end - copied_));
    copied_ = end;
  }

  const TracedText& text_;
  std::string_view name_;
  TracedText out_;
  Quotes quotes_;
  std::size_t copied_ = 0;
  bool found_ = false;
};

}  // namespace

ListExpander::ListExpander(const Registry<ListDefinition>& lists, Scopes& scopes)
    : scopes_(scopes) {
  for (const ListDefinition& definition : lists.all()) {
    by_name_.emplace(definition.name, lists_.size());
    if (std::any_of(definition.name.begin(), definition.name.end(), is_delimiter)) {
      odd_names_.push_back(lists_.size());
    }
    lists_.push_back({&definition, {}, false, false});
  }
  for (List& list : lists_) {
    resolve_items(list);
  }
}

void ListExpander::resolve_items(List& list) {
  for (const PlacedText& item : list.definition->items) {
    const auto named = by_name_.find(item.text);
    if (named == by_name_.end() ||
        lists_[named->second].definition->position >= list.definition->sees) {
      list.items.push_back(quoted(item));
      continue;
    }
    List& other = lists_[named->second];
    other.used = true;
    for (const PlacedText& inner : other.definition->items) {
      list.too_large = list.too_large || resolved_ > kMostResolved;
      if (list.too_large) {
        return;
      }
      list.items.push_back(quoted(inner));
      resolved_ += inner.text.size() + sizeof(PlacedText);
    }
  }
}

std::string ListExpander::text_of(std::size_t list) const {
  std::string text;
  for (const PlacedText& item : lists_[list].items) {
    text += (text.empty() ? "" : ", ") + item.text;
  }
  return text;
}

std::vector<std::size_t> ListExpander::candidates(std::string_view text, std::size_t first) const {
  std::vector<std::size_t> found = odd_names_;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && !is_delimiter(text[end])) {
      ++end;
    }
    const auto named = end > at ? by_name_.find(text.substr(at, end - at)) : by_name_.end();
    if (named != by_name_.end()) {
      found.push_back(named->second);
    }
    at = end + 1;
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  found.erase(found.begin(), std::lower_bound(found.begin(), found.end(), first));
  return found;
}

std::optional<TracedText> ListExpander::substitute(const TracedText& text, std::size_t number,
                                                   const OnSurprise& on_surprise) {
  List& list = lists_[number];
  Substitution work(text, list.definition->name);
  while (work.next()) {
    const TracedText::Spot use = work.spot();
    if (work.in_quotes()) {
      on_surprise({Surprise::Kind::kInQuotes, list.definition->name, use});
    } else if (!expects_list(work.out().text())) {
      on_surprise({Surprise::Kind::kAsValue, list.definition->name, use});
    }
    work.eat_blanks();
    const std::size_t size_before = work.out().size();
    const std::uint32_t scope =
        scopes_.intern({labelled("list", list.definition->name), use.scope, use.origin});
    for (const PlacedText& item : list.items) {
      if (work.out().size() > size_before) {
        work.insert(", ", use, TracedText::Along::kAdded);
      }
      work.insert(item.text, {item.origin, scope}, TracedText::Along::kWritten);
    }
    if (work.out().size() == size_before) {
      work.eat_comma();
    }
    if (list.too_large || work.out().size() > kLargestText) {
      return std::nullopt;
    }
  }
  list.used = list.used || work.found();
  return std::move(work).take();
}

std::optional<TracedText> ListExpander::expand(TracedText condition,
                                               const OnSurprise& on_surprise) {
  // In order of first definition; what a list brings in may name a later one.
  std::vector<std::size_t> todo = candidates(condition.text(), 0);
  while (!todo.empty()) {
    const std::size_t number = todo.front();
    std::optional<TracedText> next = substitute(condition, number, on_surprise);
    if (!next) {
      return std::nullopt;
    }
    condition = std::move(*next);
    todo = candidates(condition.text(), number + 1);
  }
  return condition;
}

}  // namespace tiercel::rules
