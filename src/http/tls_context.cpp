#include "tls_context.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include <boost/asio/ssl/context.hpp>

#include "tls_verify.h"

namespace tiercel::http {

namespace {

// AES with 128 bits first, as the apiserver's own server does: as safe for what TLS needs, and
// the 256-bit kind takes a third longer. A client that offers only others gets what it offers.
constexpr const char* kTls12Ciphers = "ECDHE+AES128+AESGCM:ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kTls13Ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
// So much is read from the socket at once: four records of the largest kind.
constexpr std::size_t kReadBytes = 66U << 10U;

base::Error error_of(std::string code, std::string message, const std::string& path) {
  return {.code = std::move(code), .message = std::move(message), .context = path};
}

/// The last reason OpenSSL gives, and an empty queue for the next call.
std::string openssl_reason() {
  const unsigned long last = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = last == 0 ? nullptr : ERR_reason_error_string(last);
  return reason == nullptr ? "unknown reason" : reason;
}

base::Result<void> check_readable(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  if (!file || file.peek() == std::ifstream::traits_type::eof()) {
    const int number = errno;
    return error_of("tls_file",
                    number == 0 ? "the TLS file is empty"
                                : std::string("cannot read the TLS file: ") + std::strerror(number),
                    path);
  }
  return {};
}

/// A daemon has nobody to ask; without this OpenSSL would read from the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return 0; }

int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*data*/) {
  constexpr std::string_view kOurs = "http/1.1";
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    const unsigned int size = offered[at];
    if (at + 1 + size > offered_size) {
      break;
    }
    if (size == kOurs.size() && std::memcmp(offered + at + 1, kOurs.data(), size) == 0) {
      *out = offered + at + 1;
      *out_size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

base::Result<void> load_certificate(SSL_CTX* context, const TlsOptions& options) {
  const std::string& certificate = options.certificate_file;
  const std::string& key = options.key_file.empty() ? certificate : options.key_file;
  for (const std::string& path : {certificate, key}) {
    if (auto readable = check_readable(path); !readable) {
      return readable.error();
    }
  }
  SSL_CTX_set_default_passwd_cb(context, &no_password);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return error_of("tls_certificate",
                    "the file holds no usable PEM certificate: " + openssl_reason(), certificate);
  }
  // A key of another type than the certificate is accepted here and found out below; one
  // of the same type is refused here.
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long last = ERR_peek_last_error();
    if (ERR_GET_REASON(last) == X509_R_KEY_VALUES_MISMATCH) {
      ERR_clear_error();
      return error_of("tls_key_mismatch",
                      "the private key does not belong to the certificate in " + certificate, key);
    }
    return error_of(
        "tls_key",
        "the file holds no usable PEM private key (it must not be encrypted): " + openssl_reason(),
        key);
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return error_of("tls_key_mismatch",
                    "the private key does not belong to the certificate in " + certificate, key);
  }
  return {};
}

/// A resumed session is not verified again: one whose certificate has expired since is not resumed,
/// so that the client has to show what it has now.
SSL_TICKET_RETURN choose_ticket(SSL* /*ssl*/, SSL_SESSION* session, const unsigned char* /*name*/,
                                std::size_t /*name_size*/, SSL_TICKET_STATUS status,
                                void* /*data*/) {
  if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  const X509* const certificate = SSL_SESSION_get0_peer(session);
  if (certificate != nullptr && X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

base::Result<void> ask_for_client_certificate(SSL_CTX* context, const TlsOptions& options) {
  const std::string& path = options.client_ca_file;
  if (auto readable = check_readable(path); !readable) {
    return readable.error();
  }
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(path.c_str());
  if (names == nullptr || SSL_CTX_load_verify_locations(context, path.c_str(), nullptr) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return error_of("tls_client_ca",
                    "the file holds no usable PEM certificates: " + openssl_reason(), path);
  }
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(
      context,
      SSL_VERIFY_PEER | (options.client_certificate_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
      nullptr);
  hide_reasons(context);
  // Sessions are in the tickets alone, so that each passes by choose_ticket().
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_ticket_cb(context, nullptr, &choose_ticket, nullptr);
  return {};
}

}  // namespace

base::Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(
    const TlsOptions& options) {
  ERR_clear_error();
  auto context = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, kTls12Ciphers);
  SSL_CTX_set_ciphersuites(native, kTls13Ciphers);
  SSL_CTX_set_options(
      native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Buffers of idle connections are given back; an apiserver keeps many.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(native, 1);
  SSL_CTX_set_default_read_buffer_len(native, kReadBytes);
  SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);
  // Needed for session resumption as soon as client certificates are asked for.
  constexpr unsigned char kSessionContext[] = "tiercel";
  SSL_CTX_set_session_id_context(native, kSessionContext, sizeof(kSessionContext) - 1);
  if (auto loaded = load_certificate(native, options); !loaded) {
    return loaded.error();
  }
  if (!options.client_ca_file.empty()) {
    if (auto asked = ask_for_client_certificate(native, options); !asked) {
      return asked.error();
    }
  }
  return context;
}

}  // namespace tiercel::http
