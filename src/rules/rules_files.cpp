#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "tiercel/rules/codes.h"
#include "tiercel/rules/loader.h"

namespace tiercel::rules {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = std::uintmax_t{64} << 20U;

void report(base::Diagnostics& diagnostics, Code code, const std::string& path,
            std::string message) {
  base::Diagnostic diagnostic = diagnostic_of(code, std::move(message));
  diagnostic.location.file = path;
  diagnostics.add(std::move(diagnostic));
}

std::optional<std::string> read_file(const std::string& path, base::Diagnostics& diagnostics) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string content;
  std::string block(std::size_t{64} << 10U, '\0');
  while (in.good()) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    content.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (content.size() > kLargestFile) {
      report(diagnostics, Code::kFileTooLarge, path, "the rules file is larger than 64 MiB");
      return std::nullopt;
    }
  }
  if (!in.eof()) {
    report(diagnostics, Code::kUnreadableFile, path,
           std::string("cannot read the rules file: ") +
               std::generic_category().message(errno == 0 ? EIO : errno));
    return std::nullopt;
  }
  return content;
}

std::vector<std::string> files_in(const std::string& folder, base::Diagnostics& diagnostics) {
  std::vector<std::string> files;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    std::error_code ignored;  // a link that leads nowhere is no regular file
    if (entries->is_regular_file(ignored)) {
      files.push_back(entries->path().string());
    }
  }
  if (error) {
    report(diagnostics, Code::kUnreadableFile, folder,
           "cannot read the rules folder: " + error.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

bool is_rules_file_name(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

std::vector<RulesFile> read_rules_files(const std::vector<std::string>& paths,
                                        bool missing_is_error, base::Diagnostics& diagnostics) {
  std::vector<RulesFile> files;
  const auto take = [&](const std::string& path) {
    if (!is_rules_file_name(path)) {
      report(diagnostics, Code::kFileIgnored, path,
             "not read: the name of a rules file must end in .yaml or .yml");
      return;
    }
    if (auto content = read_file(path, diagnostics)) {
      files.push_back({path, std::move(*content)});
    }
  };
  for (const std::string& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
      report(diagnostics, missing_is_error ? Code::kMissingFile : Code::kFileSkipped, path,
             missing_is_error ? "there is no such file or folder"
                              : "there is no such file or folder; it is skipped");
    } else if (fs::is_directory(status)) {
      for (const std::string& file : files_in(path, diagnostics)) {
        take(file);
      }
    } else {
      // DIFFERS FROM FALCO: a file named like Falco's stock rules is read like any other.
      take(path);
    }
  }
  return files;
}

}  // namespace tiercel::rules
