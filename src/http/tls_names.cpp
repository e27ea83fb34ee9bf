#include "tls_names.h"

#include <algorithm>
#include <memory>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace tiercel::http {

namespace {

constexpr std::size_t kMostNames = 64;
constexpr std::size_t kLongestName = 256;

void add(const ASN1_STRING* text, std::vector<std::string>& names) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) {
    return;
  }
  std::string name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  const bool is_plain = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (is_plain && !name.empty() && name.size() <= kLongestName && names.size() < kMostNames &&
      std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(std::move(name));
  }
}

void add_common_names(X509* certificate, std::vector<std::string>& names) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  for (int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0;
       at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) {
    add(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), names);
  }
}

void add_alternative_names(X509* certificate, std::vector<std::string>& names) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int at = 0; all != nullptr && at < sk_GENERAL_NAME_num(all.get()); ++at) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(all.get(), at);
    if (name->type == GEN_DNS) {
      add(name->d.dNSName, names);
    } else if (name->type == GEN_URI) {
      add(name->d.uniformResourceIdentifier, names);
    }
  }
}

}  // namespace

PeerCertificate peer_certificate(const SSL* ssl) {
  PeerCertificate peer;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl),
                                                                &X509_free);
  int days = 0;
  int seconds = 0;
  if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK ||
      ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())) != 1) {
    return peer;
  }
  peer.good_for = std::chrono::hours(24) * days + std::chrono::seconds(seconds);
  add_common_names(certificate.get(), peer.names);
  add_alternative_names(certificate.get(), peer.names);
  return peer;
}

}  // namespace tiercel::http
