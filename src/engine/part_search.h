#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::engine {

/// Which of many texts occur in one: all of them looked for together (Aho and Corasick's
/// automaton), in time linear in the text whatever the two are.
///
/// A state is a beginning of a part. States are numbered breadth first, so that the children of
/// each stand one behind the other, and those of the next state follow: a state's edges need no
/// targets.
///
/// Runs on: made on the main thread; immutable afterwards, any thread.
class PartSearch {
 public:
  PartSearch() = default;
  /// The parts by their numbers: each once, none empty. Not kept.
  explicit PartSearch(std::span<const std::string> parts);

  /// Memory of one thread, reused from text to text.
  struct Scratch {
    std::vector<std::uint64_t> seen;  // of each part: the last search that found it
    std::uint64_t search = 0;
  };
  /// Between two calls of this a part is found once, however many texts hold it.
  void begin(Scratch& scratch) const;
  /// Adds the numbers of the parts in `text`, with `base` added to each.
  void find(std::string_view text, std::uint32_t base, Scratch& scratch,
            std::vector<std::uint32_t>& found) const;

  [[nodiscard]] bool empty() const { return states_.empty(); }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  struct State {
    std::uint32_t first_child = 0;
    std::uint32_t fallback = 0;      // the longest other state that this one's text ends with
    std::uint32_t part = kNone;      // that ends here
    std::uint32_t next_end = kNone;  // along the fallbacks the next state where a part ends
  };
  void grow(std::span<const std::string> parts);
  void link();
  [[nodiscard]] std::uint32_t child(std::uint32_t state, char byte) const;
  [[nodiscard]] std::uint32_t after(std::uint32_t state, char byte) const;

  std::vector<State> states_;  // one more than there are, for the end of the last one's children
  std::vector<char> bytes_;    // by which a state is reached from its parent
  std::array<std::uint32_t, 256> from_root_{};
  std::size_t parts_ = 0;
};

}  // namespace tiercel::engine
