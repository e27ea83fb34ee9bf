#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/document.h"
#include "tiercel/config/settings.h"

namespace tiercel::config {

/// Where an option's value comes from.
struct Origin {
  base::Location location;  ///< file and line, or "-o KEY=VALUE" without a line
  [[nodiscard]] std::string text() const;
};

/// By an option's path; an option that is not in it has its default.
using Origins = std::map<std::string, Origin, std::less<>>;

/// What will be done with the settings.
enum class Purpose : std::uint8_t {
  kRun,      ///< needs an output and a source
  kOffline,  ///< replay, tests, listings
};

struct Loaded {
  Settings settings;
  Origins origins;
  std::vector<std::string> files;  ///< read, in order
};

/// Reads, merges, checks. Usable only where `diagnostics` has no errors; every
/// mistake is reported in one run.
/// `kinds` are the outputs that there are; null: none.
[[nodiscard]] Loaded load_settings(const DocumentRequest& request, Purpose purpose,
                                   base::Diagnostics& diagnostics,
                                   std::shared_ptr<const OutputKinds> kinds = nullptr);

}  // namespace tiercel::config
