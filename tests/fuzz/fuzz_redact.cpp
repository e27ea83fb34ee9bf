// Any bytes as a text, a name and what is quarantined: redaction ends, says the same again,
// and nothing that stands before a token keeps it from being masked.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tiercel/alert/redactor.h"

namespace {

namespace alert = tiercel::alert;

constexpr std::string_view kHidden = "9QXJZVWB3QXJZVWB7QXJ";

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

template <typename Redact>
std::string checked(std::string text, Redact redact) {
  std::string again = text;
  redact(text);
  redact(again);
  require(text == again);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto redact_text = [](std::string& text) { alert::redact_text(text); };
  checked(bytes, redact_text);
  checked(bytes, alert::redact_name);
  checked(bytes, alert::mask_bytes);
  if (bytes.find(kHidden.substr(0, 8)) != std::string::npos) {
    return 0;  // what the bytes hold themselves may stand where no token begins
  }
  // Written in two parts: no file holds what looks like a token.
  const std::string planted = bytes + "\n gh" + "p_" + std::string(kHidden) + " ";
  require(checked(planted, redact_text).find(kHidden) == std::string::npos);
  require(checked(planted, alert::redact_name).find(kHidden) == std::string::npos);
  require(checked(planted, alert::mask_bytes).find(kHidden) == std::string::npos);
  return 0;
}
