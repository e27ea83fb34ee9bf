#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tiercel::alert {

/// What is known of the place that a text stands at, and what scanning it may cost.
/// Texts hold texts (JSON in a string, base64, percent signs); each inner one is scanned
/// with `inner()`.
struct RedactScope {
  bool secret = false;   ///< inside a Secret: the members of its `data` are masked
  bool data = false;     ///< inside the data of a Secret: every value is masked
  bool lenient = false;  ///< bytes that may be cut: what cannot be told is masked
  unsigned depth = 0;
  std::size_t* budget = nullptr;  ///< bytes that may still be scanned; shared by all depths

  static constexpr unsigned kMostDepth = 8;
  /// Each byte may be scanned this many times, in all readings of it together, and looked
  /// ahead over in vain; what one look may cost besides has a bound of its own.
  static constexpr std::size_t kBudgetFactor = 48;
  static constexpr std::size_t kBudgetLeast = std::size_t{64} << 10U;

  [[nodiscard]] static std::size_t budget_for(std::size_t bytes) {
    return kBudgetLeast + bytes * kBudgetFactor;
  }
  [[nodiscard]] RedactScope inner() const {
    RedactScope scope = *this;
    scope.data = false;
    ++scope.depth;
    return scope;
  }
  /// False when nesting or cost pass what is allowed; then the text is masked whole.
  [[nodiscard]] bool take(std::size_t bytes) const { return depth <= kMostDepth && spend(bytes); }
  /// The same for a second look at a text that was taken.
  [[nodiscard]] bool spend(std::size_t bytes) const {
    if (*budget < bytes) {
      return false;
    }
    *budget -= bytes;
    return true;
  }
};

/// How a program is given its password.
enum Habit : std::uint32_t {
  kGluedP = 1,          ///< behind -p without a blank
  kFlagA = 2,           ///< behind -a, or AUTH
  kFlagW = 4,           ///< behind -w
  kUpperP = 8,          ///< behind -P
  kPercentUser = 16,    ///< behind the percent sign of -U
  kCommaUser = 32,      ///< behind the comma of -u
  kColonPairs = 64,     ///< behind the colon of any word
  kSlashPair = 128,     ///< behind the slash of a word
  kPasswordWord = 256,  ///< behind the word password
  kUserCommands = 512,  ///< behind the name of a user, behind add_user and its like
};

/// What the words of a command so far say about the next one: carried from one element
/// of a list, or parameter of a URI, to the next.
struct ArgumentState {
  enum class Next : std::uint8_t {
    kPlain,
    kCredential,
    kMaybe,
    kUser,
    kPercentUser,  ///< user%password
    kCommaUser,    ///< user,password
    kLiteral,
    kThenCredential  ///< a name, and the credential behind it
  };
  Next next = Next::kPlain;
  bool is_word = false;      ///< the text is one word of a command, blanks included
  std::uint32_t habits = 0;  ///< of the programs named so far; see Habit
  bool plain_p = false;      ///< a program whose -p is no password
};

// Each returns false and leaves `out` alone when nothing was masked, else sets `out` to the
// masked text.

/// What reading a text as JSON found out about it.
struct JsonVerdict {
  bool well_formed = true;
  /// Something is masked only if the surroundings turn out to be a Secret.
  bool unresolved = false;
};
[[nodiscard]] bool redact_json(std::string_view text, const RedactScope& scope,
                               JsonVerdict& verdict, std::string& out);
/// Any text: JSON, YAML, prose, a word of the command that `state` tells about.
[[nodiscard]] bool redact_any(std::string_view text, const RedactScope& scope, ArgumentState& state,
                              JsonVerdict& verdict, std::string& out);
/// The same without a context.
[[nodiscard]] bool redact_value(std::string_view text, const RedactScope& scope, std::string& out);
/// Patterns in text, not looking for JSON.
[[nodiscard]] bool redact_plain(std::string_view text, const RedactScope& scope,
                                ArgumentState& state, std::string& out);
/// What has the shape of a credential by itself, for texts that are names.
[[nodiscard]] bool redact_shapes(std::string_view text, const RedactScope& scope, std::string& out);
/// A URI or the query of one, percent-encoded. `query_only`: `text` begins behind the
/// question mark.
[[nodiscard]] bool redact_uri(std::string_view text, bool query_only, const RedactScope& scope,
                              std::string& out);
/// Percent-encoded text without blanks that is no URI.
[[nodiscard]] bool redact_percent_encoded(std::string_view text, const RedactScope& scope,
                                          std::string& out);
/// The words of a text in which a colon, a quote or an equals sign is percent-encoded.
[[nodiscard]] bool redact_percent_words(std::string_view text, const RedactScope& scope,
                                        std::string& out);
/// The values under data: and stringData: of a Secret written as YAML.
[[nodiscard]] bool redact_yaml_secret(std::string_view text, const RedactScope& scope,
                                      std::string& out);

}  // namespace tiercel::alert
