// A configuration and, after a line "%%", words of -o, one a line.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/load.h"
#include "tiercel/config/print.h"
#include "tiercel/config/schema.h"
#include "tiercel/output/kinds.h"

namespace {

using namespace tiercel;

constexpr std::size_t kMostWords = 64;

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find("config_files") != std::string_view::npos) {
    return 0;  // would read this machine's files
  }
  config::DocumentRequest request;
  request.path = "fuzz.yaml";
  constexpr std::string_view kBorder = "\n%%\n";
  const std::size_t border = text.find(kBorder);
  request.content = std::string(text.substr(0, border));
  text = border == std::string_view::npos ? "" : text.substr(border + kBorder.size());
  while (!text.empty() && request.overrides.size() < kMostWords) {
    const std::size_t end = text.find('\n');
    request.overrides.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  request.environment = [](const std::string& name) {
    return std::optional<std::string>(name + "${X}");
  };
  base::Diagnostics diagnostics;
  static const auto kinds = output::config_kinds();
  const config::Loaded loaded =
      config::load_settings(request, config::Purpose::kRun, diagnostics, kinds);
  check(!base::to_text(diagnostics).empty());
  check(!config::config_effective(loaded).empty());
  if (!diagnostics.has_errors()) {
    check(!config::listeners(loaded.settings).empty());
    config::Settings settings = loaded.settings;
    const config::Schema schema = config::describe(settings);
    for (const config::Option& option : schema.options()) {
      check(!option.value_text().empty());
    }
  }
  return 0;
}
