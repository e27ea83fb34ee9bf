#include <algorithm>
#include <array>

#include "tiercel/alert/redactor.h"

namespace tiercel::alert {

namespace {

constexpr std::array kRows{
    RedactionRow{"Secret data",
                 "Every value in data and stringData of an object of kind Secret, of an item of a "
                 "SecretList, or of an object in a request about secrets, whatever it looks like. "
                 "Keys, names and labels stay.",
                 R"({"kind":"Secret","metadata":{"name":"db"},"data":{"who":"Zm9vYmFy"}})"},
    RedactionRow{"Secret as YAML", "The same in a manifest written as YAML.",
                 "kind: Secret\nmetadata:\n  name: db\nstringData:\n  who: foobar\n"},
    RedactionRow{"member",
                 "The value of a member whose name has a credential's word in it: password, "
                 "passwd, passphrase, secret, token, apiKey, accessKey, privateKey, client-key, "
                 "credential, authorization, cookie and the like, in any case, however joined.",
                 R"({"dbPassword":"hunter2","user":"bob"})"},
    RedactionRow{"named value",
                 "The member value beside a member name or key with such a word, as in the "
                 "environment of a container.",
                 R"({"name":"DB_PASSWORD","value":"hunter2"})"},
    RedactionRow{"JSON patch", "The value of a patch operation whose path ends with such a word.",
                 R"([{"op":"add","path":"/spec/password","value":"hunter2"}])"},
    RedactionRow{"JSON in text",
                 "All of this in JSON that is the value of a string, escaped once or more, such "
                 "as the annotation kubectl.kubernetes.io/last-applied-configuration.",
                 R"({"last":"{\"kind\":\"Secret\",\"data\":{\"who\":\"Zm9vYmFy\"}}"})"},
    RedactionRow{"assignment",
                 "The value behind a name with such a word and an equals sign, in command lines, "
                 "properties, connection strings and flags.",
                 "Server=db;User=bob;Password=hunter2;"},
    RedactionRow{"line",
                 "The rest of a line that begins with such a name and a colon, and the block "
                 "below it where YAML has one.",
                 "user: bob\npassword: correct horse\n"},
    RedactionRow{"flag",
                 "The word behind a flag with such a name, also when it is the next element of a "
                 "list or the next parameter command= of an exec.",
                 "login --token hunter2 --host db"},
    RedactionRow{"-p",
                 "The word behind -p or -pw, unless it is a path, a port or a mapping of ports; "
                 "for mysql, mariadb and sshpass also without a blank; -a of redis-cli.",
                 "mysql -u root -phunter2 db"},
    RedactionRow{"-u", "What follows the colon in the word behind -u, --user or --proxy-user.",
                 "curl -u bob:hunter2 https://db"},
    RedactionRow{"from-literal", "The value in --from-literal=key=value.",
                 "kubectl create secret generic db --from-literal=who=hunter2"},
    RedactionRow{"URI parameter",
                 "The value of a query parameter whose name has such a word; others are decoded "
                 "and scanned.",
                 "/exec?command=login&command=--password%3Dhunter2&container=c"},
    RedactionRow{"URI password",
                 "The password in scheme://user:password@host, or a user name of twenty "
                 "characters or more without one.",
                 "postgres://bob:hunter2@db:5432/app"},
    RedactionRow{"Authorization header",
                 "The rest of a header Authorization, Proxy-Authorization, Cookie or Set-Cookie.",
                 "curl -H 'Authorization: Bearer hunter2'"},
    RedactionRow{"Bearer, Basic", "The word behind Bearer or Basic outside of a header.",
                 "sent Bearer hunter2hunter2 to it"},
    RedactionRow{"JSON web token", "Three parts of base64 with dots between, the first begins eyJ.",
                 "got eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl"},
    RedactionRow{"private key",
                 "A PEM block with a private key; certificates and public keys stay.",
                 "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----"},
    RedactionRow{"AWS key", "AKIA, ASIA, ABIA or ACCA and at least twelve letters and digits.",
                 "key AKIAIOSFODNN7EXAMPLE"},
    RedactionRow{"GitHub token", "ghp_, gho_, ghu_, ghs_, ghr_, github_pat_ and what follows.",
                 "git clone with ghp_0123456789abcdefABCDEF0123456789abcd"},
    RedactionRow{"GitLab token",
                 "glpat-, glptt-, gldt-, glrt-, glcbt-, glft-, glsoat-, glagent-, GR1348941 and "
                 "what follows.",
                 "glpat-0123456789abcdefABCD"},
    RedactionRow{"Slack and Discord",
                 "xoxa-, xoxb-, xoxe-, xoxp-, xoxr-, xoxs-, xapp- and what follows; what follows "
                 "hooks.slack.com/services/ and discord.com/api/webhooks/.",
                 "xoxb-0123456789-abcdefABCDEF"},
    RedactionRow{"cloud and service tokens",
                 "Google AIza and ya29., Azure by its connection string, Stripe sk_live_, "
                 "sk_test_, rk_live_, rk_test_ and whsec_, SendGrid SG., Vault hvs. and hvb., "
                 "npm_, pypi-, Docker dckr_pat_, DigitalOcean dop_v1_ and doo_v1_, Grafana glc_ "
                 "and glsa_, Hugging Face hf_, Linear lin_api_, New Relic NRAK-, Shopify shpat_, "
                 "SonarQube sqp_, Terraform atlasv1., Atlassian ATATT3, age AGE-SECRET-KEY-1, "
                 "sk- with 32 characters or more.",
                 "hvs.CAESIJ0123456789abcdefABCDEF"},
    RedactionRow{"base64",
                 "A run of base64 of twenty characters or more whose text holds any of this.",
                 "echo cGFzc3dvcmQ9aHVudGVyMgo= to it"},
};

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '|') {
      out += "\\|";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::span<const RedactionRow> redaction_rows() { return kRows; }

std::string redaction_reference() {
  std::string out =
      "# Redaction\n\n"
      "What looks like a credential is replaced by `" +
      std::string(kMask) +
      "` when an alert is written, so that the store, the outputs,\n"
      "the quarantine and the logs never hold it. Conditions see the event as it is. It is on in\n"
      "`tiercel run` and off in `replay` and `test`, where `--redact` turns it on.\n\n"
      "## What is masked\n\n"
      "Pattern | What | Example | Shown as\n"
      ":-------|:-----|:--------|:--------\n";
  for (const RedactionRow& row : kRows) {
    std::string masked(row.example);
    redact_text(masked);
    out += std::string(row.name) + " | " + std::string(row.doc) + " | `" + one_line(row.example) +
           "` | `" + one_line(masked) + "`\n";
  }
  out +=
      "\n## What is never masked\n\n"
      "- Fields that hold names, whatever they say: users and groups, `ka.target.*`, verbs,\n"
      "  stages, decisions and reasons, addresses, images, roles and bindings, `evt.*` but\n"
      "  `evt.plugininfo`.\n"
      "- In JSON: the members `name`, `namespace`, `uid`, `username`, `image`, `resource`,\n"
      "  `secretName`, `serviceAccountName` and their like, unless the value has the shape of a\n"
      "  token.\n"
      "- Names about credentials that are none: what ends with name, ref, id, type, path, file,\n"
      "  ttl, policy, version and the like, such as `secretName` or `tokenExpirationSeconds`.\n"
      "- Empty values, `true` and `false`, `system:serviceaccount:…`, digests, certificates.\n\n"
      "## In the quarantine\n\n"
      "What is set aside may be cut or broken. There what cannot be told is masked: the `data` of\n"
      "an object that does not say its kind, a `value` whose name is missing, a token that the\n"
      "end cuts short. The bytes are looked at a second time as text, trusting neither quotes nor\n"
      "brackets.\n\n"
      "Texts inside of texts are read up to eight levels deep and each byte a bounded number of\n"
      "times; what passes that is masked whole.\n";
  return out;
}

}  // namespace tiercel::alert
