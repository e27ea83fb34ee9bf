#include "tls_verify.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace tiercel::http {

namespace {

// The alert of this one is handshake_failure, which TLS 1.2 also has for a client without a
// certificate. TLS 1.3 has certificate_required for that, and OpenSSL no way to send another.
constexpr int kTold = X509_V_ERR_APPLICATION_VERIFICATION;

int verify(X509_STORE_CTX* store, void* /*data*/) {
  if (X509_verify_cert(store) > 0) {
    return 1;
  }
  const auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (auto* const refusal = static_cast<Refusal*>(SSL_get_app_data(ssl)); refusal != nullptr) {
    refusal->reason = X509_STORE_CTX_get_error(store);
  }
  X509_STORE_CTX_set_error(store, kTold);
  return 0;
}

}  // namespace

void hide_reasons(SSL_CTX* context) { SSL_CTX_set_cert_verify_callback(context, &verify, nullptr); }

void keep_refusal(SSL* ssl, Refusal& refusal) { SSL_set_app_data(ssl, &refusal); }

std::string advice(const Refusal& refusal) {
  switch (refusal.reason) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "; the client's certificate, or one that signed it, has expired: renew it";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "; the client's certificate, or one that signed it, is not valid yet: look at the "
             "clocks of both hosts";
    case X509_V_ERR_INVALID_PURPOSE:
      return "; the client's certificate is not one for clients (extended key usage clientAuth)";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:  // by one of the same name
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "; the client's certificate is not signed by our client CA";
    default:
      return std::string("; the client's certificate is refused: ") +
             X509_verify_cert_error_string(refusal.reason);
  }
}

}  // namespace tiercel::http
