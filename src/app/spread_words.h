#pragma once

#include <string>
#include <vector>

namespace tiercel::app {

/// Falco's -r and -o take one value each. Where several follow one letter
/// (`-r a.yaml b.yaml`, `-o x=1 y=2`) this puts the letter before each of them: words that
/// can only belong to it, a rules file's name or KEY=VALUE.
///
/// DIFFERS FROM FALCO: there the second word is ignored without a word.
[[nodiscard]] std::vector<std::string> spread_words(const std::vector<std::string>& words);

}  // namespace tiercel::app
