#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/base/priority.h"
#include "tiercel/base/units.h"

namespace tiercel::config {

class Schema;

/// A kind of output, as far as reading its options needs to know it. Given from above: the
/// room of the outputs makes the list.
struct OutputKind {
  std::string name;
  std::string doc;
  std::string falco_section;  ///< Falco's section with the same options and `enabled`, or empty
  bool is_json = true;        ///< an entry of `outputs` without `format` writes JSON
  std::function<std::shared_ptr<void>()> new_options;
  /// Adds the options to the schema, below `section`.
  std::function<void(Schema& schema, const std::string& section, void* options)> describe;
};
using OutputKinds = std::vector<OutputKind>;

/// How one output's alerts are delivered; the same options for every kind.
struct DeliverySettings {
  enum class Format : std::uint8_t { kDefault, kJson, kText };
  Format format = Format::kDefault;
  base::Priority minimum_priority = base::Priority::kDebug;
  std::uint32_t batch_alerts = 1000;
  base::ByteSize batch_size{std::uint64_t{1} << 20U};
  std::chrono::milliseconds batch_wait{0};
  std::chrono::milliseconds retry_min{500};
  std::chrono::milliseconds retry_max{60'000};
  std::uint32_t breaker_failures = 5;
  std::chrono::milliseconds breaker_pause{30'000};
  std::chrono::milliseconds max_age{std::chrono::hours{72}};
};

/// One output: Falco's own section of its kind, or an entry of `outputs`.
struct NamedOutput {
  std::string name;     ///< "stdout", "file" … for Falco's sections
  std::string kind;     ///< name of its OutputKind; empty where that was a mistake
  std::string section;  ///< "file_output", "outputs.pager"
  bool enabled = false;
  std::shared_ptr<void> options;  ///< what the kind made
  DeliverySettings delivery;
  base::Location location;  ///< of the entry
};

struct OutputSettings {
  std::shared_ptr<const OutputKinds> kinds = std::make_shared<OutputKinds>();
  /// Falco's sections in the order of the kinds, then `outputs` in order of writing.
  std::vector<NamedOutput> list;
  std::chrono::milliseconds timeout{2000};

  /// With a disabled output for each section of Falco.
  void use_kinds(std::shared_ptr<const OutputKinds> given);
  [[nodiscard]] const OutputKind* find_kind(std::string_view name) const;
};

}  // namespace tiercel::config
