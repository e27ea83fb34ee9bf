#include "redact_commands.h"

#include <algorithm>
#include <array>
#include <span>

#include "redact_chars.h"

namespace tiercel::alert {

namespace {

using std::string_view_literals::operator""sv;

bool is_one_of(std::string_view word, std::span<const std::string_view> lower) {
  return std::any_of(lower.begin(), lower.end(),
                     [&](std::string_view known) { return equal_ignoring_case(word, known); });
}

// Programs whose -p says to keep, to make parents, which process or which port.
constexpr std::array kPlainP{"mkdir"sv, "cp"sv,    "ps"sv,      "install"sv, "tar"sv,
                             "touch"sv, "read"sv,  "lsof"sv,    "pmap"sv,    "strace"sv,
                             "gdb"sv,   "perf"sv,  "declare"sv, "export"sv,  "grep"sv,
                             "scp"sv,   "rsync"sv, "pidof"sv,   "taskset"sv, "renice"sv};

struct Program {
  std::string_view name;
  std::uint32_t habits;
  bool is_family = false;  ///< the same for all whose names begin so
};

// Side by side where their names begin alike.
constexpr std::array kPrograms{Program{"7z"sv, kGluedP},
                               Program{"7za"sv, kGluedP},
                               Program{"7zr"sv, kGluedP},
                               Program{"7zz"sv, kGluedP},
                               Program{"chpasswd"sv, kColonPairs},
                               Program{"ipmitool"sv, kUpperP},
                               Program{"ldap"sv, kFlagW, true},
                               Program{"lftp"sv, kCommaUser},
                               Program{"mariadb"sv, kGluedP, true},
                               Program{"mariadb-admin"sv, kPasswordWord},
                               Program{"mosquitto_"sv, kUpperP, true},
                               Program{"mysql"sv, kGluedP, true},
                               Program{"mysqladmin"sv, kPasswordWord},
                               Program{"rabbitmqctl"sv, kUserCommands},
                               Program{"redis-cli"sv, kFlagA, true},
                               Program{"rpcclient"sv, kPercentUser},
                               Program{"smb"sv, kPercentUser, true},
                               Program{"sqlcmd"sv, kUpperP},
                               Program{"sqlplus"sv, kSlashPair},
                               Program{"sshpass"sv, kGluedP, true},
                               Program{"unzip"sv, kUpperP},
                               Program{"winexe"sv, kPercentUser},
                               Program{"zip"sv, kUpperP}};

// By a name's first letter: where its rows begin, counted from one.
constexpr std::array<std::uint8_t, 256> make_rows_from() {
  std::array<std::uint8_t, 256> from{};
  for (std::size_t at = kPrograms.size(); at > 0; --at) {
    from[static_cast<unsigned char>(kPrograms[at - 1].name.front())] =
        static_cast<std::uint8_t>(at);
  }
  return from;
}
constexpr std::array<std::uint8_t, 256> kRowsFrom = make_rows_from();

constexpr CharSet kCommandBegins(";|&\n\"'`(");
constexpr CharSet kBlanks(" \t\r");

// A damaged byte does not end a hash.
bool is_hash_char(char c) {
  return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("$./=,+-_").find(c) != std::string_view::npos;
}

std::string_view base_name(std::string_view word) { return word.substr(word.rfind('/') + 1); }

}  // namespace

void note_program(std::string_view word, ArgumentState& state) {
  const std::uint8_t first = word.empty() ? 0 : kRowsFrom[static_cast<unsigned char>(word.front())];
  for (std::size_t at = first; at != 0 && at <= kPrograms.size(); ++at) {
    const Program& program = kPrograms[at - 1];
    if (program.name.front() != word.front()) {
      return;
    }
    if (word.starts_with(program.name) &&
        (program.is_family || word.size() == program.name.size() ||
         !is_name_char(word[program.name.size()]))) {
      state.habits |= program.habits;
    }
  }
}

void note_first_word(std::string_view word, ArgumentState& state) {
  if (state.is_word && word.size() < kMostName) {
    state.plain_p = state.plain_p || is_one_of(base_name(word), kPlainP);
    note_program(base_name(word), state);
  }
}

bool is_plain_p(std::string_view before) {
  before = before.substr(before.size() - std::min(before.size(), kMostName));
  std::size_t first = before.size();
  while (first > 0 && !kCommandBegins.has(before[first - 1])) {
    --first;
  }
  before.remove_prefix(first);
  constexpr int kMostWords = 4;  // sudo, env and their like before the program
  for (int words = 0; words < kMostWords && !before.empty(); ++words) {
    const std::size_t begin = std::min(before.find_first_not_of(" \t\r"), before.size());
    const std::size_t end = kBlanks.find(before, begin);
    if (is_one_of(base_name(before.substr(begin, end - begin)), kPlainP)) {
      return true;
    }
    before.remove_prefix(end);
  }
  return false;
}

bool announces_credential(std::string_view word, const ArgumentState& state) {
  constexpr std::array kWords{"requirepass"sv, "masterauth"sv, "aws_secret_access_key"sv,
                              "aws_session_token"sv, "_authtoken"sv};
  return is_one_of(word, kWords) || ((state.habits & kFlagA) != 0 && word == "AUTH") ||
         ((state.habits & kPasswordWord) != 0 && word == "password");
}

bool announces_user(std::string_view word, const ArgumentState& state) {
  constexpr std::array kWords{"add_user"sv, "change_password"sv, "authenticate_user"sv};
  return (state.habits & kUserCommands) != 0 && is_one_of(word, kWords);
}

bool announces_quoted(std::string_view word) {
  constexpr std::array kWords{"password"sv, "passwd"sv, "passphrase"sv, "pwd"sv};
  return is_one_of(word, kWords);
}

bool is_password_argument(std::string_view word) {
  constexpr std::size_t kMostPort = 5;
  const bool number = word.find_first_not_of("0123456789:") == std::string_view::npos;
  return !word.empty() && word.front() != '/' && word.front() != '.' && word.front() != '~' &&
         !(number && (word.size() <= kMostPort || word.find(':') != std::string_view::npos));
}

std::size_t password_hash(std::string_view text) {
  constexpr std::array kMethods{"$1$"sv,
                                "$2a$"sv,
                                "$2b$"sv,
                                "$2y$"sv,
                                "$5$"sv,
                                "$6$"sv,
                                "$7$"sv,
                                "$y$"sv,
                                "$apr1$"sv,
                                "$argon2i$"sv,
                                "$gy$"sv,
                                "$argon2id$"sv,
                                "$pbkdf2-sha256$"sv,
                                "$scrypt$"sv};
  constexpr std::size_t kLeast = 20;
  for (const std::string_view method : kMethods) {
    if (!text.starts_with(method)) {
      continue;
    }
    std::size_t end = method.size();
    while (end < text.size() && is_hash_char(text[end])) {
      ++end;
    }
    return end >= kLeast ? end : 0;
  }
  return 0;
}

}  // namespace tiercel::alert
