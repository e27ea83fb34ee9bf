#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::support {

/// One line of Prometheus' text format 0.0.4.
struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct ScrapedFamily {
  std::string help;
  std::string type;
  std::vector<Sample> samples;
};

/// What a strict reader makes of such a text: names, escapes and numbers as the format has them,
/// HELP and TYPE in front of a family's samples, families in one piece, no series twice,
/// counters that end with _total, histograms whose buckets add up.
struct Scrape {
  std::map<std::string, ScrapedFamily> families;
  std::vector<std::string> mistakes;  ///< "line 3: …"

  /// The value of the series with these labels; NaN where there is none.
  [[nodiscard]] double value(const std::string& name,
                             const std::map<std::string, std::string>& labels = {}) const;
};
[[nodiscard]] Scrape read_exposition(std::string_view text);

}  // namespace tiercel::support
