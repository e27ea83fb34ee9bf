#include "redact_prefilter.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "redact_commands.h"

namespace tiercel::alert {

namespace {

// Letters without their case are 1 to 26; a class for what else stands in a pattern.
constexpr std::uint8_t kDigit = 27;
constexpr std::uint8_t kDash = 28;
constexpr std::uint8_t kUnderscore = 29;
constexpr std::uint8_t kDot = 30;
constexpr std::uint8_t kColonOrSlash = 31;

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t letter = 0; letter < 26; ++letter) {
    classes['a' + letter] = static_cast<std::uint8_t>(letter + 1);
    classes['A' + letter] = static_cast<std::uint8_t>(letter + 1);
  }
  for (std::size_t digit = '0'; digit <= '9'; ++digit) {
    classes[digit] = kDigit;
  }
  classes['-'] = kDash;
  classes['_'] = kUnderscore;
  classes['.'] = kDot;
  classes[':'] = kColonOrSlash;
  classes['/'] = kColonOrSlash;
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

// What is known of each byte: its class, whether it is a capital, whether it may hide others.
// The sum over a text counts capitals and the latter; in a long one the classes spill into
// the capitals, which costs a second look and changes no answer.
constexpr std::uint64_t kClassBits = 31;
constexpr std::uint64_t kCapital = std::uint64_t{1} << 20U;
constexpr std::uint64_t kOdd = std::uint64_t{1} << 52U;

constexpr std::array<std::uint64_t, 256> make_traits() {
  std::array<std::uint64_t, 256> traits{};
  for (std::size_t c = 0; c < traits.size(); ++c) {
    traits[c] = kClasses[c];
    traits[c] += c >= 'A' && c <= 'Z' ? kCapital : 0;
    traits[c] += c == '%' || c == '\\' || c == '@' || c == '$' ? kOdd : 0;
  }
  return traits;
}
constexpr std::array<std::uint64_t, 256> kTraits = make_traits();

// One trigram of each pattern that is rare elsewhere. 0 is any digit, a colon any of colon
// and slash, a blank anything else.
constexpr std::string_view kNameTrigrams[] = {
    // names: password, pwd, secret, token, key, credential, auth, cookie, …
    "pas", "pwd", "pw ", "pw0", "pw-", "pw_", "pw.", "pw:", "ecr", "oke", "key", "red", "uth",
    "oki", "oks", "bea", "jwt", "psk", "sig", "cke", "nid", "sic",
    // flags and programs
    " -p", ":-p", "--p", " -u", ":-u", "--u", " -a", ":-a", "lit", "mys", "iad", "dis", "qlp",
    "mqc",
    // data: in YAML, /env/ and /stringData of a patch
    "ta:", "nv:", "gda"};
constexpr std::string_view kShapeTrigrams[] = {
    // tokens of providers, as they stand in the table of prefixes
    "kia", "sia", "bia", "cca", "iza", "tt0", "gr0", "rak", "sg.", "asv", "ckr", "_v0", "hp_",
    "ho_", "hu_", "hs_", "hr_", "_pa", "lpa", "ptt", "ldt", "lrt", "cbt", "lft", "soa", "lag",
    "lc_", "lsa", "hvs", "hvb", "hf_", "_ap", "npm", "pyp", "k_l", "k_t", "hpa", "sk-", "sqp",
    "hse", "kcp", "csp", "hrk", "pma", "dap", ".pt", "dt0", "igd", "ffc", "imt", "oas", "gsk",
    "ntn", "psc", "ul-", "uby", "sbp", "hps", "rys", "ryu", "sq0", "xai", "kb0", "tel", "xox",
    "xap", "ya0", "eyj", "ewo", "ey-", "et_", "ks.", "sco",
    // PEM, ://
    "---", ":::"};

constexpr std::size_t class_of(char c) {
  return c == '0' ? kDigit : kClasses[static_cast<unsigned char>(c)];
}

constexpr std::size_t kBits = 15;
constexpr std::size_t kMask = (std::size_t{1} << kBits) - 1;

using Table = std::array<std::uint64_t, (kMask + 1) / 64>;

constexpr Table with(Table table, std::span<const std::string_view> trigrams) {
  for (const std::string_view trigram : trigrams) {
    const std::size_t index =
        class_of(trigram[0]) << 10U | class_of(trigram[1]) << 5U | class_of(trigram[2]);
    table[index / 64] |= std::uint64_t{1} << (index % 64);
  }
  return table;
}
constexpr Table kShapeTable = with(Table{}, kShapeTrigrams);
constexpr Table kTable = with(kShapeTable, kNameTrigrams);

// In the lowest bit; the others are of no matter.
std::uint64_t is_known(const Table& table, std::size_t index) {
  return table[index / 64] >> (index % 64);
}

// A letter that need not have been encoded hides a name: %70assword, and %25 what
// is encoded twice; a flag may stand behind an encoded blank.
bool hides_in_percent(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    const std::string_view code = text.substr(at + 1, 2);
    const bool blank = code == "20" || code.starts_with('0');
    if (code.size() == 2 && ((code[0] >= '4' && code[0] <= '7') || code == "25" ||
                             (blank && text.substr(at + 3).starts_with('-')))) {
      return true;
    }
  }
  return false;
}

bool hides_in_escape(std::string_view text) { return text.find("\\u00") != std::string_view::npos; }

// user:password@tcp(host), scott/tiger@host, 'user'@'host' identified by …, $6$…
bool hides_in_sign(std::string_view text) {
  for (std::size_t at = text.find_first_of("@$"); at != std::string_view::npos;
       at = text.find_first_of("@$", at + 1)) {
    const std::string_view rest = text.substr(at);
    if (rest.front() == '$'
            ? password_hash(rest) != 0
            : rest.starts_with("@tcp(") || rest.starts_with("@unix(") || rest.starts_with("@(") ||
                  rest.starts_with("@'") || rest.starts_with("@`")) {
      return true;
    }
  }
  return text.starts_with("jdbc:oracle:") || text.find("=jdbc:oracle:") != std::string_view::npos;
}

bool hides_hash(std::string_view text) {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (password_hash(text.substr(at)) != 0) {
      return true;
    }
  }
  return false;
}

// A run long enough to be base64 of an assignment; such a text has capitals in it.
bool may_be_base64(std::string_view text) {
  constexpr std::size_t kLeastRun = 14;
  std::size_t run = 0;
  std::size_t capitals = 0;
  for (const char c : text) {
    const std::uint8_t kind = kClasses[static_cast<unsigned char>(c)];
    const bool part = kind != 0 && kind <= kDigit;
    run = part ? run + 1 : 0;
    capitals = part ? capitals + (c >= 'A' && c <= 'Z' ? 1U : 0U) : 0;
    if (run >= kLeastRun && capitals >= 2) {
      return true;
    }
  }
  return false;
}

/// Whether a trigram of the table stands in the text, and the sum of the traits.
struct Found {
  bool trigram = false;
  std::uint64_t marks = 0;
};

template <const Table& table>
Found find_in(std::string_view text) {
  // Classes apart from one another, not one index that each byte waits for.
  std::size_t first = 0;
  std::size_t second = 0;
  std::uint64_t found = 0;
  std::uint64_t marks = 0;
  for (const char c : text) {
    const std::uint64_t traits = kTraits[static_cast<unsigned char>(c)];
    const std::size_t third = traits & kClassBits;
    found |= is_known(table, first << 10U | second << 5U | third);
    marks += traits;
    first = second;
    second = third;
  }
  found |= is_known(table, first << 10U | second << 5U);
  return {(found & 1U) != 0, marks};
}

}  // namespace

bool may_hold_credential(std::string_view text) {
  const Found found = find_in<kTable>(text);
  const bool odd = found.marks >= kOdd;
  const std::uint64_t capitals = (found.marks & (kOdd - 1)) / kCapital;
  return found.trigram ||
         (odd && (hides_in_percent(text) || hides_in_escape(text) || hides_in_sign(text))) ||
         (capitals >= 3 && may_be_base64(text));
}

bool may_hold_shape(std::string_view text) {
  const Found found = find_in<kShapeTable>(text);
  return found.trigram || (found.marks >= kOdd && hides_hash(text));
}

}  // namespace tiercel::alert
