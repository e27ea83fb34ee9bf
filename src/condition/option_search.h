#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tiercel::condition {

/// One option of a command line, as getopt() would find it.
struct FoundOption {
  char letter = '\0';
  std::string_view value;  ///< empty for an option that takes none
};

/// The options among `words` (the command's arguments without its name). `known`
/// lists the letters as for getopt(): "ab:" means that -b takes a value. Letters that
/// it does not list are skipped; words that are no options are passed over, and `--`
/// ends the search.
[[nodiscard]] std::vector<FoundOption> find_options(std::span<const std::string_view> words,
                                                    std::string_view known);

}  // namespace tiercel::condition
