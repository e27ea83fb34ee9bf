#include "doctor_certificate.h"

#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tiercel/base/secret_file.h"

#include "doctor.h"
#include "doctor_access.h"

namespace tiercel::app {

namespace {

constexpr const char* kTopic = "certificate";
constexpr std::size_t kMostCertificates = 16;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<&BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Deleter<&X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<&EVP_PKEY_free>>;

std::vector<Certificate> read_all(const std::string& path) {
  std::vector<Certificate> all;
  const Bio file(BIO_new_file(path.c_str(), "r"));
  while (file != nullptr && all.size() < kMostCertificates) {
    Certificate one(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
    if (one == nullptr) {
      break;
    }
    all.push_back(std::move(one));
  }
  ERR_clear_error();
  return all;
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  auto* const list = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int at = 0; list != nullptr && at < sk_GENERAL_NAME_num(list); ++at) {
    const Bio text(BIO_new(BIO_s_mem()));
    GENERAL_NAME_print(text.get(), sk_GENERAL_NAME_value(list, at));
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    names.emplace_back(bytes, static_cast<std::size_t>(size));
  }
  GENERAL_NAMES_free(list);
  return names;
}

std::string subject_of(X509* certificate) {
  const Bio text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out.empty() ? "none" : out;
}

constexpr const char* kRenewServer = "renew it, then `systemctl reload tiercel`";
constexpr const char* kRenewClient = "renew it; kube-apiserver reads the file again by itself";

std::string named(const std::string& path, X509* certificate) {
  return path + " (" + subject_of(certificate) + ")";
}

long days_left(X509* certificate) {
  int days = 0;
  int seconds = 0;
  (void)ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate));
  return days < 0 || seconds < 0 ? -1 : days;
}

// True where nothing is to be complained of.
bool examine_term(const std::string& which, X509* certificate, const char* advice,
                  Findings& findings) {
  constexpr long kSoon = 30;
  const long left = days_left(certificate);
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    findings.error(kTopic, which + " is not valid yet", "look at this host's clock");
  } else if (left < 0) {
    findings.error(kTopic, which + " has expired", advice);
  } else if (left < kSoon) {
    findings.warning(kTopic, which + " expires in " + std::to_string(left) + " days", advice);
  } else {
    return true;
  }
  return false;
}

// Those behind the first, which signed it.
void examine_chain(const std::string& path, const std::vector<Certificate>& all, const char* advice,
                   Findings& findings) {
  for (std::size_t at = 1; at < all.size(); ++at) {
    (void)examine_term(named(path, all[at].get()), all[at].get(), advice, findings);
    if (X509_check_issued(all[at].get(), all[at - 1].get()) != X509_V_OK) {
      findings.error(kTopic, "the certificates in " + path + " are out of order",
                     "the one that is shown first, then each the one that signed it");
      return;
    }
  }
}

void examine_key(const std::string& certificate, const std::string& key, const char* option,
                 Findings& findings) {
  const Bio file(BIO_new_file(key.c_str(), "r"));
  const Key read(file == nullptr ? nullptr
                                 : PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  const auto all = read_all(certificate);
  if (read == nullptr) {
    findings.error(kTopic, "the key in " + key + " cannot be read",
                   "it must be PEM without a passphrase, readable by whom it is for");
  } else if (!all.empty() && X509_check_private_key(all.front().get(), read.get()) != 1) {
    findings.error(kTopic, "the key in " + key + " is not that of " + certificate,
                   std::string("set ") + option + " to the key that the certificate was made with");
  }
  ERR_clear_error();
}

// An authority that is over is nothing to be afraid of where another stands beside it, as while
// one takes the other's place.
void examine_authorities(const std::string& path, Findings& findings) {
  const auto all = read_all(path);
  if (all.empty()) {
    findings.error(kTopic, path + " cannot be read, or holds no certificate",
                   "set webserver.ssl_client_ca to the PEM file of the authority that signed the "
                   "clients' certificates");
    return;
  }
  std::size_t good = 0;
  for (const Certificate& one : all) {
    good += days_left(one.get()) >= 0 ? 1U : 0U;
  }
  for (const Certificate& one : all) {
    const char* const advice = "sign the clients' certificates anew, and add the new authority";
    if (days_left(one.get()) < 0 && good != 0) {
      findings.warning(kTopic,
                       named(path, one.get()) +
                           " has expired: who was signed by it is "
                           "refused",
                       advice);
    } else {
      (void)examine_term(named(path, one.get()), one.get(), advice, findings);
    }
  }
}

// Why a server with this authority refuses the first of these certificates; empty where it does
// not.
std::string refusal_of(const std::vector<Certificate>& all, const std::string& authority) {
  const std::unique_ptr<X509_STORE, Deleter<&X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, Deleter<&X509_STORE_CTX_free>> context(
      X509_STORE_CTX_new());
  struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
  };
  const std::unique_ptr<STACK_OF(X509), FreeStack> others(sk_X509_new_null());
  for (std::size_t at = 1; at < all.size(); ++at) {
    sk_X509_push(others.get(), all[at].get());
  }
  std::string why;
  if (X509_STORE_load_locations(store.get(), authority.c_str(), nullptr) == 1 &&
      X509_STORE_CTX_init(context.get(), store.get(), all.front().get(), others.get()) == 1) {
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
    if (X509_verify_cert(context.get()) != 1) {
      why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
    }
  }
  ERR_clear_error();
  return why;
}

void examine_listener(const config::Listener& listener, Findings& findings) {
  const auto all = read_all(listener.certificate);
  if (all.empty()) {
    findings.error(kTopic, listener.certificate + " cannot be read, or holds no certificate",
                   "set webserver.ssl_certificate to a PEM file");
    return;
  }
  X509* const first = all.front().get();
  const std::string which = named(listener.certificate, first);
  const std::vector<std::string> names = names_of(first);
  if (examine_term(which, first, kRenewServer, findings)) {
    findings.good(kTopic, which + ", names " + joined(names) + ", good for " +
                              std::to_string(days_left(first)) + " days");
  }
  if (names.empty()) {
    findings.error(kTopic, which + " has no subject alternative name",
                   "kube-apiserver does not look at the common name: make one with a DNS: or IP: "
                   "name");
  }
  examine_chain(listener.certificate, all, kRenewServer, findings);
  const std::string& key = listener.key.empty() ? listener.certificate : listener.key;
  examine_key(listener.certificate, key, "webserver.ssl_key", findings);
  examine_secret(kTopic, key, daemon_user(), findings);
  if (!listener.client_ca.empty()) {
    examine_authorities(listener.client_ca, findings);
  }
}

void examine_token(const std::string& name, const std::string& path, Findings& findings) {
  if (!base::read_secret(path)) {
    findings.error("token", "the token '" + name + "' in " + path + " cannot be read",
                   "it must be one line in a file that the daemon's user can read "
                   "(webserver.tokens)");
    return;
  }
  examine_secret("token", path, daemon_user(), findings);
}

}  // namespace

void examine_client_certificate(const std::string& path, const std::string& key,
                                const std::string& authority, Findings& findings) {
  const auto all = read_all(path);
  if (all.empty()) {
    findings.error(kTopic, "client-certificate " + path + " holds no certificate",
                   "name a PEM file in users[].user.client-certificate");
    return;
  }
  X509* const first = all.front().get();
  const std::string which = "client-certificate " + named(path, first);
  const bool is_lasting = examine_term(which, first, kRenewClient, findings);
  const bool is_over = days_left(first) < 0;
  const std::string why = authority.empty() || is_over ? std::string() : refusal_of(all, authority);
  if (!why.empty()) {
    findings.error(kTopic, which + " is refused under " + authority + ": " + why,
                   "sign it with an authority of webserver.ssl_client_ca, for the use clientAuth, "
                   "or add its authority there");
  } else if (is_lasting) {
    findings.good(kTopic, which + ", good for " + std::to_string(days_left(first)) + " days");
  }
  examine_chain(path, all, kRenewClient, findings);
  if (!key.empty()) {
    examine_key(path, key, "users[].user.client-key", findings);
  }
}

bool certificate_names(const std::string& path, const std::string& host) {
  const auto all = read_all(path);
  return !all.empty() &&
         (X509_check_ip_asc(all.front().get(), host.c_str(), 0) == 1 ||
          X509_check_host(all.front().get(), host.c_str(), host.size(), 0, nullptr) == 1);
}

void examine_certificates(const config::Settings& settings, Findings& findings) {
  for (const auto& [name, path] : settings.webserver.tokens) {
    examine_token(name, path, findings);
  }
  for (const config::Listener& listener : config::listeners(settings)) {
    if (listener.tls) {
      examine_listener(listener, findings);
      continue;
    }
    for (const std::string& host : listener.hosts) {
      if (!config::is_loopback(host) && !listener.audit_paths.empty()) {
        findings.warning("port",
                         "batches come in the clear on " + (host.empty() ? "*" : host) + ":" +
                             std::to_string(listener.port) +
                             ": whoever reaches it can read along and post events",
                         "listen on 127.0.0.1, or set webserver.ssl_enabled and ssl_client_ca");
      }
    }
  }
}

}  // namespace tiercel::app
