#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tiercel::config {

/// What becomes of a key of falco.yaml that is no option of ours.
enum class Treatment : std::uint8_t {
  kNoEffect,          ///< accepted with everything below it; named in one warning
  kSilent,            ///< accepted; belongs to something that another row decides about
  kRefused,           ///< an error
  kRefusedWhenSet,    ///< an error where the text is not empty
  kNotYetWhenTrue,    ///< an error where true: start-up would lose alerts
  kNoEffectWhenTrue,  ///< a warning where true
  kRefusedReplay,     ///< an error where the text is "replay"; otherwise as kNoEffect
};

struct FalcoKey {
  std::string_view path;
  Treatment treatment;
  std::string_view hint;  ///< a sentence for the operator; may be empty for kNoEffect
};

/// In the order of the manual. Private to the room.
[[nodiscard]] std::span<const FalcoKey> falco_keys();
[[nodiscard]] const FalcoKey* find_falco_key(std::string_view path);
/// Whether `path` is above a row, so that it must be a map.
[[nodiscard]] bool is_above_falco_key(std::string_view path);

}  // namespace tiercel::config
