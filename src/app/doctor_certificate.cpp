#include "doctor_certificate.h"

#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "doctor.h"

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

void examine_key(const std::string& certificate, const std::string& key, Findings& findings) {
  const Bio file(BIO_new_file(key.c_str(), "r"));
  const Key read(file == nullptr ? nullptr
                                 : PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  const auto all = read_all(certificate);
  if (read == nullptr) {
    findings.error(kTopic, "the key in " + key + " cannot be read",
                   "it must be PEM without a passphrase, readable by the user tiercel");
  } else if (!all.empty() && X509_check_private_key(all.front().get(), read.get()) != 1) {
    findings.error(kTopic, "the key in " + key + " is not that of " + certificate,
                   "set webserver.ssl_key to the key that the certificate was made with");
  }
  ERR_clear_error();
  struct stat status {};
  if (::stat(key.c_str(), &status) == 0 && (status.st_mode & S_IRWXO) != 0) {
    findings.warning(kTopic, "everybody on this host can read the key in " + key,
                     "chown root:adm, chmod 0640 (the unit's group)");
  }
}

void examine_listener(const config::Listener& listener, Findings& findings) {
  constexpr long kSoon = 30;
  const CertificateFacts facts = read_certificate(listener.certificate);
  if (!facts.problem.empty()) {
    findings.error(kTopic, facts.problem, "set webserver.ssl_certificate to a PEM file");
    return;
  }
  const std::string which = listener.certificate + " (" + facts.subject + ")";
  if (facts.is_not_yet_valid) {
    findings.error(kTopic, which + " is not valid yet", "look at this host's clock");
  } else if (facts.days_left < 0) {
    findings.error(kTopic, which + " has expired", "renew it, then `systemctl reload tiercel`");
  } else if (facts.days_left < kSoon) {
    findings.warning(kTopic, which + " expires in " + std::to_string(facts.days_left) + " days",
                     "renew it, then `systemctl reload tiercel`");
  } else {
    findings.good(kTopic, which + ", names " + joined(facts.names) + ", good for " +
                              std::to_string(facts.days_left) + " days");
  }
  if (facts.names.empty()) {
    findings.error(kTopic, which + " has no subject alternative name",
                   "kube-apiserver does not look at the common name: make one with a DNS: or IP: "
                   "name");
  }
  if (!facts.is_in_order) {
    findings.error(kTopic, "the certificates in " + listener.certificate + " are out of order",
                   "the server's first, then each the one that signed it");
  }
  examine_key(listener.certificate, listener.key.empty() ? listener.certificate : listener.key,
              findings);
}

}  // namespace

CertificateFacts read_certificate(const std::string& path) {
  CertificateFacts facts;
  const auto all = read_all(path);
  if (all.empty()) {
    facts.problem = path + " cannot be read, or holds no certificate";
    return facts;
  }
  X509* const first = all.front().get();
  facts.count = all.size();
  facts.subject = subject_of(first);
  facts.names = names_of(first);
  int days = 0;
  int seconds = 0;
  (void)ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(first));
  facts.days_left = days < 0 || seconds < 0 ? -1 : days;
  facts.is_not_yet_valid = X509_cmp_current_time(X509_get0_notBefore(first)) > 0;
  for (std::size_t at = 1; at < all.size(); ++at) {
    facts.is_in_order =
        facts.is_in_order && X509_check_issued(all[at].get(), all[at - 1].get()) == X509_V_OK;
  }
  return facts;
}

bool certificate_names(const std::string& path, const std::string& host) {
  const auto all = read_all(path);
  return !all.empty() &&
         (X509_check_ip_asc(all.front().get(), host.c_str(), 0) == 1 ||
          X509_check_host(all.front().get(), host.c_str(), host.size(), 0, nullptr) == 1);
}

void examine_certificates(const config::Settings& settings, Findings& findings) {
  for (const config::Listener& listener : config::listeners(settings)) {
    if (listener.tls) {
      examine_listener(listener, findings);
      continue;
    }
    for (const std::string& host : listener.hosts) {
      if (!host.starts_with("127.") && host != "::1" && !listener.audit_paths.empty()) {
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
