#include "redact_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "redact_prefilter.h"

namespace tiercel::alert {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kMostName = 128;
constexpr std::size_t kMostWords = 16;

// Found anywhere inside a word of the name.
constexpr std::array kParts{"password"sv,         "passwd"sv,    "passphrase"sv, "passcode"sv,
                            "secret"sv,           "token"sv,     "apikey"sv,     "credential"sv,
                            "privatekey"sv,       "accesskey"sv, "authkey"sv,    "dockercfg"sv,
                            "dockerconfigjson"sv, "sessionid"sv, "privkey"sv,    "passwort"sv,
                            "passkey"sv,          "masterauth"sv};
// A word of the name by itself.
constexpr std::array kWords{"pwd"sv,    "authorization"sv, "cookie"sv,   "bearer"sv,  "jwt"sv,
                            "pw"sv,     "psk"sv,           "userpass"sv, "userpwd"sv, "rootpw"sv,
                            "pgpass"sv, "mysqlpwd"sv};
// Words that end like `dbpass` and are none.
constexpr std::array kOtherPasses{"bypass"sv,  "compass"sv,  "encompass"sv, "overpass"sv,
                                  "surpass"sv, "trespass"sv, "underpass"sv};
// The last word of the name.
constexpr std::array kLastWords{"pass"sv, "auth"sv, "sig"sv, "creds"sv, "cred"sv};
// Before the word `key`, also with `data` behind it.
constexpr std::array kBeforeKey{"api"sv,     "access"sv,  "secret"sv,  "private"sv,    "client"sv,
                                "signing"sv, "sign"sv,    "auth"sv,    "account"sv,    "master"sv,
                                "ssh"sv,     "tls"sv,     "server"sv,  "shared"sv,     "storage"sv,
                                "hmac"sv,    "deploy"sv,  "session"sv, "encryption"sv, "encrypt"sv,
                                "license"sv, "service"sv, "app"sv,     "decryption"sv, "ca"sv,
                                "fernet"sv,  "aes"sv,     "rsa"sv,     "unseal"sv,     "consumer"sv,
                                "cipher"sv,  "crypto"sv,  "gpg"sv,     "pgp"sv,        "admin"sv};
// The last word of a name that tells something about a credential and is none.
constexpr std::array kAboutWords{
    "name"sv,     "names"sv,     "ref"sv,        "refs"sv,      "id"sv,         "ids"sv,
    "type"sv,     "types"sv,     "path"sv,       "paths"sv,     "file"sv,       "files"sv,
    "filename"sv, "dir"sv,       "directory"sv,  "seconds"sv,   "expiration"sv, "expiry"sv,
    "expires"sv,  "ttl"sv,       "kind"sv,       "namespace"sv, "namespaces"sv, "decision"sv,
    "reason"sv,   "version"sv,   "count"sv,      "size"sv,      "enabled"sv,    "disabled"sv,
    "policy"sv,   "policies"sv,  "length"sv,     "audience"sv,  "audiences"sv,  "review"sv,
    "reviews"sv,  "request"sv,   "requests"sv,   "resource"sv,  "resources"sv,  "mount"sv,
    "volume"sv,   "account"sv,   "accounts"sv,   "algorithm"sv, "provider"sv,   "class"sv,
    "store"sv,    "group"sv,     "groups"sv,     "issuer"sv,    "endpoint"sv,   "method"sv,
    "limit"sv,    "mode"sv,      "owner"sv,      "labels"sv,    "url"sv,        "uri"sv,
    "host"sv,     "port"sv,      "controller"sv, "manager"sv,   "generator"sv,  "field"sv,
    "secrets"sv,  "webhook"sv,   "timestamp"sv,  "time"sv,      "age"sv,        "format"sv,
    "rotation"sv, "mechanism"sv, "required"sv,   "extra"sv,     "status"sv,     "list"sv};
// Before the word `secrets`.
constexpr std::array kOwners{"app"sv, "application"sv, "client"sv, "env"sv, "service"sv, "user"sv};
constexpr std::array kNoun{"max"sv, "min"sv, "num"sv, "total"sv, "n"sv};

struct Words {
  std::array<char, kMostName> text{};
  std::array<std::string_view, kMostWords> words;
  std::size_t count = 0;

  void push(std::size_t from, std::size_t to) {
    while (to > from && text[to - 1] >= '0' && text[to - 1] <= '9') {
      --to;
    }
    if (to > from && count < kMostWords) {
      words[count++] = {text.data() + from, to - from};
    }
  }
};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_part(char c) { return is_upper(c) || is_lower(c) || is_digit(c); }

// Lower-case words, cut at anything but letters and digits and before a capital that
// begins a word; digits at their ends are dropped. The end of a long name counts.
void split(std::string_view name, Words& out) {
  name = name.substr(name.size() - std::min(name.size(), kMostName));
  std::size_t from = 0;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    const bool after_lower = at > 0 && (is_lower(name[at - 1]) || is_digit(name[at - 1]));
    const bool before_lower =
        at > 0 && is_upper(name[at - 1]) && at + 1 < name.size() && is_lower(name[at + 1]);
    out.text[at] = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    if (!is_word_part(c)) {
      out.push(from, at);
      from = at + 1;
    } else if (is_upper(c) && (after_lower || before_lower)) {
      out.push(from, at);
      from = at;
    }
  }
  out.push(from, name.size());
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_telling(std::string_view word) {
  if (is_one_of(word, kWords)) {
    return true;
  }
  if (word.starts_with("tokeniz") || word.starts_with("tokenre") || word.starts_with("secretar")) {
    return false;
  }
  return (word.size() > 4 && word.ends_with("pass") && !is_one_of(word, kOtherPasses)) ||
         std::any_of(kParts.begin(), kParts.end(), [&](std::string_view part) {
           return word.find(part) != std::string_view::npos;
         });
}

// `client-key-data`, `API key`, `tls.key`.
bool is_key_pair(std::string_view before, std::string_view word) {
  return word == "key" && is_one_of(before, kBeforeKey);
}

// `imagePullSecrets` and `secrets` list the names of objects, `client_secrets` holds some.
bool are_secrets(std::span<const std::string_view> words) {
  return words.size() > 1 && words.back() == "secrets" &&
         is_one_of(words[words.size() - 2], kOwners);
}

bool is_about(std::span<const std::string_view> words) {
  return (is_one_of(words.back(), kAboutWords) && !are_secrets(words)) ||
         is_one_of(words.front(), kNoun);
}

}  // namespace

bool is_credential_name(std::string_view name) {
  if (name.size() < 2 || !may_hold_credential(name)) {
    return false;
  }
  Words split_words;
  split(name, split_words);
  const std::span words(split_words.words.data(), split_words.count);
  if (words.empty() || is_about(words)) {
    return false;
  }
  if (is_one_of(words.back(), kLastWords)) {
    return true;
  }
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view next = at + 1 < words.size() ? words[at + 1] : std::string_view{};
    if (is_telling(words[at]) || is_key_pair(words[at], next) ||
        (words[at] == "amz" && next == "signature") || (words[at] == "pass" && next == "word") ||
        (words[at] == "pass" && (next == "phrase" || next == "prod" || next == "dev"))) {
      return true;
    }
  }
  return false;
}

// A file that holds a credential is none: `--client-key=/etc/…/client.key`.
bool is_file_path(std::string_view value) {
  constexpr std::array kRoots{"/etc/"sv, "/var/"sv, "/run/"sv, "/home/"sv, "/root/"sv, "/opt/"sv,
                              "/srv/"sv, "/mnt/"sv, "/usr/"sv, "/tmp/"sv,  "/proc/"sv};
  return std::any_of(kRoots.begin(), kRoots.end(),
                     [&](std::string_view root) { return value.starts_with(root); }) &&
         value.find_first_of(" \t\n=;,&@") == std::string_view::npos;
}

bool is_worth_masking(std::string_view value) {
  return !value.empty() && value != "true" && value != "false" &&
         !value.starts_with("system:serviceaccount:") && !is_file_path(value);
}

bool is_credential_path(std::string_view path) {
  bool value = false;
  for (;;) {
    const std::size_t slash = path.rfind('/');
    const std::string_view part = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
    const bool index = part == "-" || std::all_of(part.begin(), part.end(), is_digit);
    if (slash == std::string_view::npos || (!index && part != "value")) {
      return (value && part == "env") || is_credential_name(part);
    }
    value = value || !index;
    path = path.substr(0, slash);
  }
}

KeyKind key_kind(std::string_view key) {
  struct Row {
    std::string_view key;
    KeyKind kind;
  };
  static constexpr std::array kRows{
      Row{"data", KeyKind::kData},
      Row{"stringData", KeyKind::kSecret},
      Row{"kind", KeyKind::kKind},
      Row{"resource", KeyKind::kResource},
      Row{"objectRef", KeyKind::kObjectRef},
      Row{"name", KeyKind::kName},
      Row{"key", KeyKind::kName},
      Row{"value", KeyKind::kValue},
      Row{"path", KeyKind::kPath},
      Row{"requestURI", KeyKind::kUri},
      Row{"apiGroup", KeyKind::kIdentity},
      Row{"apiVersion", KeyKind::kIdentity},
      Row{"auditID", KeyKind::kIdentity},
      Row{"container", KeyKind::kIdentity},
      Row{"containerID", KeyKind::kIdentity},
      Row{"generateName", KeyKind::kIdentity},
      Row{"image", KeyKind::kIdentity},
      Row{"imageID", KeyKind::kIdentity},
      Row{"namespace", KeyKind::kIdentity},
      Row{"nodeName", KeyKind::kIdentity},
      Row{"resourceVersion", KeyKind::kIdentity},
      Row{"secretName", KeyKind::kIdentity},
      Row{"serviceAccount", KeyKind::kIdentity},
      Row{"serviceAccountName", KeyKind::kIdentity},
      Row{"stage", KeyKind::kIdentity},
      Row{"subresource", KeyKind::kIdentity},
      Row{"uid", KeyKind::kIdentity},
      Row{"username", KeyKind::kIdentity},
      Row{"verb", KeyKind::kIdentity},
  };
  for (const Row& row : kRows) {
    if (row.key == key) {
      return row.kind;
    }
  }
  return is_credential_name(key) ? KeyKind::kCredential : KeyKind::kPlain;
}

}  // namespace tiercel::alert
