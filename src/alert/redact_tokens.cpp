#include "redact_tokens.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "redact_chars.h"

namespace tiercel::alert {

namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kLeastCut = 4;

struct Prefix {
  std::string_view text;
  std::size_t least;        // characters after the prefix
  bool dots = false;        // dots belong to the token
  bool distinctive = true;  // also believed when cut short
};

// Grouped by their first character, which selects few.
constexpr std::array kPrefixes{
    Prefix{"ABIA", 12},
    Prefix{"ACCA", 12},
    Prefix{"AGE-SECRET-KEY-1", 20},
    Prefix{"AIza", 30},
    Prefix{"AKIA", 12},
    Prefix{"ASIA", 12},
    Prefix{"ATATT3", 20},
    Prefix{"AKCp", 40},
    Prefix{"GR1348941", 12},
    Prefix{"GOCSPX-", 12},
    Prefix{"HRKU-", 20},
    Prefix{"NRAK-", 20},
    Prefix{"PMAK-", 20},
    Prefix{"SG.", 20, true, false},
    Prefix{"api.telegram.org/bot", 16},
    Prefix{"atlasv1.", 20},
    Prefix{"dckr_pat_", 12},
    Prefix{"dop_v1_", 20},
    Prefix{"doo_v1_", 20},
    Prefix{"discord.com/api/webhooks/", 8},
    Prefix{"dapi", 32, false, false},
    Prefix{"discordapp.com/api/webhooks/", 8},
    Prefix{"dor_v1_", 20},
    Prefix{"dp.pt.", 20},
    Prefix{"dt0c01.", 20, true},
    Prefix{"figd_", 20},
    Prefix{"ghp_", 16},
    Prefix{"gho_", 16},
    Prefix{"ghu_", 16},
    Prefix{"ghs_", 16},
    Prefix{"ghr_", 16},
    Prefix{"github_pat_", 16},
    Prefix{"glpat-", 8, true},
    Prefix{"glptt-", 8},
    Prefix{"gldt-", 8},
    Prefix{"glrt-", 8, true},
    Prefix{"glcbt-", 8},
    Prefix{"glft-", 8},
    Prefix{"glsoat-", 8},
    Prefix{"glagent-", 8},
    Prefix{"glc_", 20},
    Prefix{"glsa_", 20},
    Prefix{"glffct-", 8},
    Prefix{"glimt-", 8},
    Prefix{"gloas-", 8},
    Prefix{"gsk_", 20, false, false},
    Prefix{"hvs.", 16},
    Prefix{"hvb.", 16},
    Prefix{"hf_", 20, false, false},
    Prefix{"hooks.slack.com/services/", 8},
    Prefix{"hooks.slack.com/workflows/", 8},
    Prefix{"lin_api_", 20},
    Prefix{"npm_", 30, false, false},
    Prefix{"ntn_", 30, false, false},
    Prefix{"pypi-", 40, false, false},
    Prefix{"pscale_", 20},
    Prefix{"pul-", 40, false, false},
    Prefix{"rk_live_", 16},
    Prefix{"rk_test_", 16},
    Prefix{"rubygems_", 20},
    Prefix{"shpat_", 16},
    Prefix{"sk_live_", 16},
    Prefix{"sk_test_", 16},
    Prefix{"sk-", 32, false, false},
    Prefix{"sqp_", 20},
    Prefix{"sbp_", 30, false, false},
    Prefix{"secret_", 40, false, false},
    Prefix{"shpss_", 16},
    Prefix{"sntrys_", 20},
    Prefix{"sntryu_", 20},
    Prefix{"sq0atp-", 16},
    Prefix{"sq0csp-", 16},
    Prefix{"tskey-", 16},
    Prefix{"webhook.office.com/webhookb2/", 8},
    Prefix{"whsec_", 16},
    Prefix{"xapp-", 10},
    Prefix{"xoxa-", 10},
    Prefix{"xoxb-", 10},
    Prefix{"xoxe.", 10},
    Prefix{"xoxe-", 10},
    Prefix{"xoxp-", 10},
    Prefix{"xoxr-", 10},
    Prefix{"xoxs-", 10},
    Prefix{"xai-", 30, false, false},
    Prefix{"ya29.", 10},
};

/// The rows that begin with a character.
struct Group {
  std::uint8_t begin = 0;
  std::uint8_t end = 0;
};

constexpr std::array<Group, 256> make_groups() {
  std::array<Group, 256> groups{};
  for (std::size_t at = 0; at < kPrefixes.size(); ++at) {
    Group& group = groups[static_cast<unsigned char>(kPrefixes[at].text.front())];
    group.begin = group.end == 0 ? static_cast<std::uint8_t>(at) : group.begin;
    group.end = static_cast<std::uint8_t>(at + 1);
  }
  return groups;
}
constexpr std::array<Group, 256> kGroups = make_groups();
static_assert(std::is_sorted(kPrefixes.begin(), kPrefixes.end(),
                             [](const Prefix& a, const Prefix& b) {
                               return a.text.front() < b.text.front();
                             }));

// A byte that is no ASCII text does not end a token: a damaged one is masked whole.
bool is_damage(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x7F || (byte < ' ' && c != '\n' && c != '\r' && c != '\t');
}
bool is_token_char(char c) { return is_alnum(c) || c == '_' || c == '-' || is_damage(c); }

std::size_t run_of(std::string_view text, std::size_t from, bool dots, bool slashes) {
  std::size_t at = from;
  while (at < text.size() && (is_token_char(text[at]) || (dots && text[at] == '.') ||
                              (slashes && std::string_view("/:@").find(text[at]) != kNone))) {
    ++at;
  }
  return at;
}

std::uint8_t base64_value(char c) {
  constexpr std::uint8_t kBad = 64;
  if (c >= 'A' && c <= 'Z') {
    return static_cast<std::uint8_t>(c - 'A');
  }
  if (c >= 'a' && c <= 'z') {
    return static_cast<std::uint8_t>(c - 'a' + 26);
  }
  if (c >= '0' && c <= '9') {
    return static_cast<std::uint8_t>(c - '0' + 52);
  }
  if (c == '+' || c == '-') {
    return 62;
  }
  return c == '/' || c == '_' ? 63 : kBad;
}

bool is_printable(char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t'; }

// False at the first three bytes that are no text: most runs end there.
bool decode(std::string_view run, std::string& out) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t odd = 0;
  for (const char c : run) {
    if (c == '=') {
      break;
    }
    bits = (bits << 6U) | base64_value(c);
    held += 6;
    if (held >= 8) {
      held -= 8;
      const char byte = static_cast<char>((bits >> held) & 0xFFU);
      odd += is_printable(byte) ? 0U : 1U;
      // A few bytes of UTF-8 or binary are bearable in a long text, not at its head.
      if (odd * 16 > out.size() + 1) {
        return false;
      }
      out += byte;
    }
  }
  return true;
}

}  // namespace

std::vector<std::string_view> token_prefixes() {
  std::vector<std::string_view> texts;
  texts.reserve(std::size(kPrefixes));
  for (const Prefix& prefix : kPrefixes) {
    texts.push_back(prefix.text);
  }
  return texts;
}

std::size_t credential_token(std::string_view text, bool cut) {
  const char second = text.size() > 1 ? text[1] : '\0';
  const Group group = kGroups[static_cast<unsigned char>(text.front())];
  for (std::size_t at = group.begin; at < group.end; ++at) {
    const Prefix& prefix = kPrefixes[at];
    if (second != prefix.text[1] || !text.starts_with(prefix.text)) {
      continue;
    }
    const bool is_hook = prefix.text.find('/') != kNone;
    const std::size_t end = run_of(text, prefix.text.size(), prefix.dots, is_hook);
    const std::size_t after = end - prefix.text.size();
    const bool ends = cut && prefix.distinctive && end == text.size() && after >= 1;
    if (after >= prefix.least || ends) {
      return end;
    }
  }
  return 0;
}

// Three parts of base64url with dots between; the last may be empty or missing.
std::size_t web_token(std::string_view text, bool cut, std::size_t& fruitless) {
  constexpr std::size_t kLeastHead = 8;
  fruitless = 0;
  if (!text.starts_with("eyJ") && !text.starts_with("ewog")) {
    return 0;
  }
  const std::size_t head = run_of(text, 0, false, false);
  // Whatever begins in the head has an end of it as its own.
  fruitless = head;
  if (head == text.size()) {
    return cut && head >= kLeastHead ? head : 0;
  }
  if (text[head] != '.' || head < kLeastHead) {
    return 0;
  }
  const std::size_t body = run_of(text, head + 1, false, false);
  if (body - head < kLeastCut) {
    return cut && body == text.size() ? body : 0;
  }
  return run_of(text, body, true, false);
}

std::size_t private_key_block(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "-----END ";
  constexpr std::size_t kMostLabel = 64;
  if (!text.starts_with(kBegin)) {
    return 0;
  }
  const std::string_view label = text.substr(kBegin.size(), kMostLabel);
  const std::size_t dashes = label.find("-----");
  if (dashes == kNone || label.substr(0, dashes).find("PRIVATE KEY") == kNone) {
    return 0;
  }
  const std::size_t end = text.find(kEnd, kBegin.size());
  if (end == kNone) {
    return text.size();
  }
  const std::size_t last =
      text.substr(0, end + kEnd.size() + kMostLabel).find("-----", end + kEnd.size());
  return last == kNone ? end + kEnd.size() : last + 5;
}

std::optional<std::string> decoded_base64(std::string_view run) {
  std::string text;
  if (!decode(run, text) || text.empty()) {
    return std::nullopt;
  }
  return text;
}

}  // namespace tiercel::alert
