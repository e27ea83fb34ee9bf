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
                 "environment of a container, or inside an object that is itself the value of "
                 "such a member.",
                 R"({"name":"DB_PASSWORD","value":"hunter2"})"},
    RedactionRow{"JSON patch",
                 "The value of a patch operation whose path ends with such a word, an index or "
                 "/value behind it; the value of a variable whose name the patch does not tell; "
                 "data of a Secret. Path and value in any order.",
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
                 "The rest of a line that begins with such a name and a colon, the block below "
                 "it where YAML has one, and the words between three quotes.",
                 "user: bob\npassword: correct horse\n"},
    RedactionRow{"flag",
                 "The word behind a flag with such a name, also when it is the next element of a "
                 "list or the next parameter command= of an exec.",
                 "login --token hunter2 --host db"},
    RedactionRow{"-p",
                 "The word behind -p or -pw, unless it is a path, a port or a mapping of ports, "
                 "or the program is one like mkdir, cp, ps or tar; for mysql, mariadb, sshpass and "
                 "7z also without a blank; -P of sqlcmd, ipmitool, mosquitto_pub, zip and unzip; "
                 "-a of redis-cli; -w of ldapsearch and its like.",
                 "mysql -u root -phunter2 db"},
    RedactionRow{"-u",
                 "What follows the colon in the word behind -u, --user or --proxy-user, also "
                 "without a blank or with an equals sign; the comma behind -u of lftp; the "
                 "percent sign behind -U of smbclient and rpcclient.",
                 "curl -u bob:hunter2 https://db"},
    RedactionRow{"word before it",
                 "The word behind requirepass, masterauth, aws_secret_access_key, "
                 "aws_session_token, AUTH of redis-cli and password of mysqladmin; the second word "
                 "behind add_user and change_password of rabbitmqctl; what stands in quotes "
                 "behind password, passphrase or IDENTIFIED BY.",
                 "ALTER USER bob WITH PASSWORD 'hunter2';"},
    RedactionRow{"pair",
                 "What follows the colon in a word that is given or piped to chpasswd, and the "
                 "slash in a word behind sqlplus.",
                 "echo root:hunter2 | chpasswd"},
    RedactionRow{"XML",
                 "The text of an element, or the attribute value, whose element or attribute "
                 "name, key or id has such a word.",
                 R"(<property name="db.password">hunter2</property>)"},
    RedactionRow{"from-literal", "The value in --from-literal=key=value.",
                 "kubectl create secret generic db --from-literal=who=hunter2"},
    RedactionRow{"URI parameter",
                 "The value of a query parameter whose name has such a word; others are decoded "
                 "and scanned.",
                 "/exec?command=login&command=--password%3Dhunter2&container=c"},
    RedactionRow{"URI password",
                 "The password in scheme://user:password@host, or a user name of twenty "
                 "characters or more without one; in user:password@tcp(host) and in "
                 "jdbc:oracle:thin:user/password@host.",
                 "postgres://bob:hunter2@db:5432/app"},
    RedactionRow{"Authorization header",
                 "The rest of a header Authorization, Proxy-Authorization, Cookie or Set-Cookie; "
                 "behind -H or --header that of any header with such a name.",
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
                 "glpat-, glptt-, gldt-, glrt-, glcbt-, glft-, glffct-, glimt-, gloas-, glsoat-, "
                 "glagent-, GR1348941 and what follows.",
                 "glpat-0123456789abcdefABCD"},
    RedactionRow{"chat",
                 "Slack's xoxa-, xoxb-, xoxe-, xoxp-, xoxr-, xoxs-, xapp- and what follows; what "
                 "follows hooks.slack.com/services/ and /workflows/, discord.com/api/webhooks/ "
                 "(or discordapp.com), webhook.office.com/webhookb2/ and api.telegram.org/bot.",
                 "xoxb-0123456789-abcdefABCDEF"},
    RedactionRow{"cloud and service tokens",
                 "Google AIza, GOCSPX- and ya29., Azure by its connection string, Stripe "
                 "sk_live_, sk_test_, rk_live_, rk_test_ and whsec_, SendGrid SG., Vault hvs. and "
                 "hvb., npm_, pypi-, rubygems_, Docker dckr_pat_, DigitalOcean dop_v1_, doo_v1_ "
                 "and dor_v1_, Grafana glc_ and glsa_, Hugging Face hf_, Linear lin_api_, New "
                 "Relic NRAK-, Shopify shpat_ and shpss_, SonarQube sqp_, Terraform atlasv1., "
                 "Atlassian ATATT3, Artifactory AKCp, Databricks dapi, Doppler dp.pt., Dynatrace "
                 "dt0c01., Figma figd_, Groq gsk_, Heroku HRKU-, Notion ntn_ and secret_, "
                 "PlanetScale pscale_, Postman PMAK-, Pulumi pul-, Sentry sntrys_ and sntryu_, "
                 "Square sq0atp- and sq0csp-, Supabase sbp_, Tailscale tskey-, xAI xai-, age "
                 "AGE-SECRET-KEY-1, sk- with 32 characters or more.",
                 "hvs.CAESIJ0123456789abcdefABCDEF"},
    RedactionRow{"hash of a password",
                 "As crypt(3) and htpasswd write it: $1$, $2y$, $5$, $6$, $7$, $y$, $apr1$, "
                 "$argon2id$, $scrypt$ and their like.",
                 "root:$6$hunter2salt$hunter2hashhunter2hash:19000:0:"},
    RedactionRow{"percent signs",
                 "All of this in a word whose colons, quotes or equals signs are percent-encoded.",
                 "state=%7B%22password%22%3A%22hunter2%22%7D"},
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
      "`tiercel run` and off in `tiercel replay`, where `--redact` turns it on.\n\n"
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
      "\nA byte that is no text does not end a token: what is damaged is masked as a whole. Store\n"
      "columns that alerts are found by (user, namespace, cluster) are treated as names are.\n\n"
      "## What is kept\n\n"
      "- Fields that hold names: users and groups, `ka.target.*`, images, roles and bindings,\n"
      "  reasons. Of these only what has the shape of a token, a private key, the hash of a\n"
      "  password, or of a password in a URI is masked.\n"
      "- Fields that no client chooses: verbs, stages, decisions, codes, times, addresses, "
      "`evt.*`\n"
      "  but `evt.plugininfo`. These are not looked at.\n"
      "- In JSON: the members `name`, `namespace`, `uid`, `username`, `image`, `resource`,\n"
      "  `secretName`, `serviceAccountName` and their like, as names.\n"
      "- Names about credentials that are none: what ends with name, ref, id, type, path, file,\n"
      "  ttl, policy, version and the like, such as `secretName` or `tokenExpirationSeconds`.\n"
      "- Empty values, `true` and `false`, `system:serviceaccount:…`, digests, certificates, the\n"
      "  path of a file below `/etc`, `/var`, `/run` and other usual folders.\n\n"
      "## What is not recognised\n\n"
      "A credential that neither looks like one nor stands where one is said to stand is text "
      "like\n"
      "any other: a password in prose (`the password is …`), as a bare argument (`vault login …`,\n"
      "`htpasswd -b file user …`, `echo … | passwd --stdin`, `net user bob …`), behind a flag of "
      "one\n"
      "letter of a program that is not named above (`-P`, `-W`, `-k`), before a `| chpasswd` that "
      "a\n"
      "cut has taken, a bootstrap token by itself,\n"
      "which looks like the name of an event, and what is compressed or encrypted inside a value.\n"
      "To mask these would mask names, digests and commit hashes too, and leave alerts that say\n"
      "nothing. Rules that print no more than they need are the better protection.\n\n"
      "## In the quarantine\n\n"
      "What is set aside may be cut or broken. There what cannot be told is masked: the `data` of\n"
      "an object that does not say its kind, a `value` whose name is missing, a token that the\n"
      "end cuts short, the values before the first bracket that closes what was opened before the\n"
      "cut. The bytes are looked at a second time as text, trusting neither quotes nor brackets.\n"
      "Of UTF-16 the zero bytes are dropped first; a compressed body, or one that is protocol\n"
      "buffers, is masked whole.\n\n"
      "Texts inside of texts are read up to eight levels deep and each byte a bounded number of\n"
      "times; what passes that is masked whole.\n";
  return out;
}

}  // namespace tiercel::alert
