#pragma once

#include <string>

#include <openssl/types.h>

namespace tiercel::http {

/// Why a client's certificate is refused is for the operator alone: whoever tries certificates is
/// told nothing by which to try on. OpenSSL makes its alert of the reason (certificate_expired,
/// unknown_ca and so on), so the reason is kept here and every one looks the same to it.
struct Refusal {
  long reason = 0;  ///< X509_V_OK, or the X509_V_ERR_… of the certificate that was shown
};

/// Handshakes of this context verify so; each needs keep_refusal().
void hide_reasons(SSL_CTX* context);
/// `refusal` outlives the handshake.
void keep_refusal(SSL* ssl, Refusal& refusal);

/// What is wrong with the client's certificate and what to do, as the end of a sentence.
[[nodiscard]] std::string advice(const Refusal& refusal);

}  // namespace tiercel::http
