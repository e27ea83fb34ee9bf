#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "tiercel/output/hash_chain.h"

#include "options.h"

namespace tiercel::app {

namespace {

// The key's file as the output reads it: one line's end does not count.
std::optional<std::string> read_key(const std::string& path) {
  if (path.empty()) {
    return std::string();
  }
  std::ifstream file(path, std::ios::binary);
  std::string key{std::istreambuf_iterator<char>(file), {}};
  if (!file && key.empty()) {
    return std::nullopt;
  }
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) {
    key.pop_back();
  }
  return key;
}

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
  const auto key = read_key(options.key_file);
  if (!key) {
    std::fprintf(stderr, "Error: cannot read the key file %s\n", options.key_file.c_str());
    return kError;
  }
  const auto report = output::verify_chain(in_order(options.files), *key);
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
    if (key->empty()) {
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
