#include <algorithm>
#include <cstdio>

#include "tiercel/output/hash_chain.h"

#include "options.h"

namespace tiercel::app {

namespace {

// As a shell expands `alerts.log*`, the newest file, which has the bare name, comes first; behind
// its rotated parts it is in order.
std::vector<std::string> in_order(const std::vector<std::string>& files) {
  std::vector<std::string> ordered = files;
  std::stable_partition(ordered.begin(), ordered.end(), [&files](const std::string& file) {
    return std::none_of(files.begin(), files.end(), [&file](const std::string& other) {
      return other.starts_with(file + "-");
    });
  });
  return ordered;
}

}  // namespace

int alerts_verify_command(const VerifyOptions& options) {
  std::string key;
  if (!options.key_file.empty()) {
    auto read = output::read_chain_key(options.key_file);
    if (!read) {
      std::fprintf(stderr, "Error: %s\n", read.error().text().c_str());
      return kError;
    }
    key = std::move(*read);
  }
  const auto report = output::verify_chain(in_order(options.files), key);
  if (!report) {
    std::fprintf(stderr, "Error: %s\n", report.error().text().c_str());
    return kError;
  }
  if (!report->problem.empty()) {
    std::fprintf(stderr, "%s\n", report->problem.c_str());
    if (options.files.size() > 1) {
      std::fputs("Rotated parts must all be there, and stand in order, the oldest first.\n",
                 stderr);
    }
    if (key.empty()) {
      std::fputs("Where the chain was made with a key, give it with --key-file.\n", stderr);
    }
    return kError;
  }
  if (report->lines == 0) {
    std::fputs("Error: no line carries a hash: was hash_chain on when they were written?\n",
               stderr);
    return kError;
  }
  std::string text = std::to_string(report->lines) + (report->lines == 1 ? " line" : " lines") +
                     ", the chain holds";
  text += report->from_beginning ? " from its beginning"
                                 : "; it goes on from a line that is in none of these files";
  if (report->unchained != 0) {
    text += "; " + std::to_string(report->unchained) + " lines stand before it";
  }
  return print(text + "\nhash of the last line: " + report->last_hash + "\n");
}

}  // namespace tiercel::app
